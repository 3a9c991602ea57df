package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A gate is the way from loopback to the API server. Without a fault it is the forwarder alone. While requests are to be
// slow or refused, a proxy that speaks HTTP stands in it; when that begins and ends, connections are cut, for a client
// keeps one for as long as it can.
type gate struct {
	c      Cluster
	f      *forwarder
	to     string // where the API server is, as the forwarder reaches it
	mu     sync.Mutex
	faults map[string]*apiFault
	live   map[*tracked]struct{}
	proxy  *proxy // while a fault needs one
}

// An apiFault strikes a share of what comes, evenly: of every four, two in turn where it is a half.
type apiFault struct {
	share, sum float64
	delay      time.Duration
}

func (f *apiFault) strikes() bool {
	if f == nil {
		return false
	}
	f.sum += f.share
	if f.sum < 1 {
		return false
	}
	f.sum--
	return true
}

// newGate makes the gate to an API server of an address.
func newGate(c Cluster, f *forwarder, to string) *gate {
	return &gate{c: c, f: f, to: to, faults: map[string]*apiFault{}, live: map[*tracked]struct{}{}}
}

// tracked is a client's connection, known to the gate for as long as it is open.
type tracked struct {
	*net.TCPConn
	g *gate
}

// Close closes the connection.
func (t *tracked) Close() error {
	t.g.mu.Lock()
	delete(t.g.live, t)
	t.g.mu.Unlock()
	return t.TCPConn.Close()
}

// serve takes connections until the listener is closed.
func (g *gate) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		t := &tracked{conn.(*net.TCPConn), g}
		g.mu.Lock()
		cut, p := g.faults[apiCut].strikes(), g.proxy
		if !cut {
			g.live[t] = struct{}{}
		}
		g.mu.Unlock()
		switch {
		case cut:
			reset(t.TCPConn)
		case p != nil:
			p.take(t)
		default:
			go func() {
				g.f.forward(t.TCPConn, g.to)
				_ = t.Close() // forward has: it is no longer live
			}()
		}
	}
}

// reset ends a connection as one whose other end is gone.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close() // it may be closed already
}

// begin lets a fault strike from now on, until end.
func (g *gate) begin(name string, f apiFault) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if name != apiCut && g.proxy == nil {
		p, err := newProxy(g)
		if err != nil {
			return err
		}
		g.proxy = p
		g.cutAll() // to come again, through the proxy
	}
	g.faults[name] = &f
	if name == apiCut {
		g.cutAll()
	}
	return nil
}

// end ends a fault; with the last one that needed it the proxy goes.
func (g *gate) end(name string) {
	g.mu.Lock()
	delete(g.faults, name)
	needed := len(g.faults) > 1 || len(g.faults) == 1 && g.faults[apiCut] == nil
	p := g.proxy
	if needed || p == nil {
		g.mu.Unlock()
		return
	}
	g.proxy = nil
	g.mu.Unlock()
	p.end()
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.live { // upgraded ones, of which the proxy's server no longer knows
		_ = c.TCPConn.Close()
		delete(g.live, c)
	}
}

func (g *gate) cutAll() {
	for t := range g.live {
		reset(t.TCPConn)
		delete(g.live, t)
	}
}

// strikes says whether a fault strikes a request.
func (g *gate) strikes(name string) (time.Duration, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.faults[name]
	if !f.strikes() {
		return 0, false
	}
	return f.delay, true
}

// proxy passes requests on to the API server, with the identity of who asked: a client's certificate ends here, so that
// the server is told its name and groups in headers, which it believes of the certificate called front-proxy
// (k8s.io/apiserver, pkg/authentication/request/headerrequest). A token is passed as it is.
type proxy struct {
	g      *gate
	server *http.Server
	conns  chan net.Conn
	over   chan struct{}
	known  [2]*http.Transport // for whom the headers speak: by HTTP/2, and by HTTP/1.1 for what is upgraded
	plain  [2]*http.Transport
}

func newProxy(g *gate) (*proxy, error) {
	own, err := tls.LoadX509KeyPair(g.c.in("pki", "apiserver.crt"), g.c.in("pki", "apiserver.key"))
	if err != nil {
		return nil, err
	}
	front, err := tls.LoadX509KeyPair(g.c.in("pki", "front-proxy.crt"), g.c.in("pki", "front-proxy.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(g.c.in("pki", "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, errors.New("ca.crt of the cluster holds no certificate: sandbox down -wipe makes the keys anew")
	}
	p := &proxy{g: g, conns: make(chan net.Conn), over: make(chan struct{})}
	for i, h2 := range []bool{true, false} {
		p.known[i] = p.transport(&tls.Config{RootCAs: pool, Certificates: []tls.Certificate{front}}, h2)
		p.plain[i] = p.transport(&tls.Config{RootCAs: pool}, h2)
	}
	target := &url.URL{Scheme: "https", Host: g.to}
	pass := &httputil.ReverseProxy{
		Transport:     p,
		FlushInterval: -1, // a watch is told at once
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			identify(r.Out.Header, r.In.TLS)
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			panic(http.ErrAbortHandler) // the client sees what it would see without a proxy: its connection is cut
		},
	}
	p.server = &http.Server{
		Handler:           p.afflict(pass),
		ReadHeaderTimeout: time.Minute,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool},
	}
	go func() { _ = p.server.ServeTLS(p, "", "") }() // it ends by end
	return p, nil
}

func (p *proxy) transport(conf *tls.Config, h2 bool) *http.Transport {
	return &http.Transport{
		DialContext:     p.g.dial,
		TLSClientConfig: conf, ForceAttemptHTTP2: h2, DisableCompression: true,
	}
}

// identify puts the client's certificate into the headers that stand for it. Such headers of the client's own go.
func identify(h http.Header, state *tls.ConnectionState) {
	for name := range h {
		if strings.HasPrefix(strings.ToLower(name), "x-remote-") {
			delete(h, name)
		}
	}
	if state == nil || len(state.VerifiedChains) == 0 {
		return
	}
	cert := state.VerifiedChains[0][0]
	h.Set("X-Remote-User", cert.Subject.CommonName)
	h["X-Remote-Group"] = cert.Subject.Organization
	// As the server says it of a certificate itself, for its audit log (pkg/authentication/request/x509).
	h["X-Remote-Extra-authentication.kubernetes.io%2fcredential-id"] = []string{fmt.Sprintf("X509SHA256=%x", sha256.Sum256(cert.Raw))}
}

// RoundTrip chooses the connection by who asks for what.
func (p *proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	by, way := p.plain, 0
	if r.Header.Get("X-Remote-User") != "" {
		by = p.known
	}
	if r.Header.Get("Upgrade") != "" {
		way = 1
	}
	return by[way].RoundTrip(r)
}

// afflict makes requests slow, or answers them as a server in trouble does.
func (p *proxy) afflict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if delay, ok := p.g.strikes(apiSlow); ok {
			select {
			case <-time.After(delay):
			case <-r.Context().Done():
				return
			}
		}
		if _, ok := p.g.strikes(api429); ok {
			w.Header().Set("Retry-After", "1")
			answer(w, http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, "sandbox: too many requests, please try again later", 1)
			return
		}
		if _, ok := p.g.strikes(api500); ok {
			answer(w, http.StatusInternalServerError, metav1.StatusReasonInternalError, "sandbox: Internal error occurred", 0)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, code int32, reason metav1.StatusReason, message string, retry int32) {
	s := metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message,
	}
	if retry > 0 {
		s.Details = &metav1.StatusDetails{RetryAfterSeconds: retry}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(int(code))
	_ = json.NewEncoder(w).Encode(s) // the client may be gone
}

// take gives the proxy a connection.
func (p *proxy) take(c net.Conn) {
	select {
	case p.conns <- c:
	case <-p.over:
		_ = c.Close() // its client comes again
	}
}

// Accept, Close and Addr make the proxy the listener of its own server.
func (p *proxy) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

// Close is called by end alone, through the server.
func (p *proxy) Close() error {
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	select {
	case <-p.over:
	default:
		close(p.over)
	}
	return nil
}

// Addr is for the server's log.
func (*proxy) Addr() net.Addr { return &net.TCPAddr{} }

// end lets requests end that are short, and cuts the others.
func (p *proxy) end() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := p.server.Shutdown(ctx); err != nil {
		_ = p.server.Close() // watches
	}
	for i := range p.known {
		p.known[i].CloseIdleConnections()
		p.plain[i].CloseIdleConnections()
	}
}

// dial connects to the API server past all faults of the gate.
func (g *gate) dial(context.Context, string, string) (net.Conn, error) { return g.f.open(g.to) }
