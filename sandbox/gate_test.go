package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// gated is a gate to an API server that says who it was asked by: in the place of the cluster's namespace is this
// process's own.
func gated(t *testing.T) (g *gate, url string, client func(identity string) *http.Client) {
	t.Helper()
	c := cluster(t, 9)
	if err := c.makePKI(); err != nil {
		t.Fatal(err)
	}
	a, err := openAuthority(c.in("pki"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	own, err := tls.LoadX509KeyPair(c.in("pki", "apiserver.crt"), c.in("pki", "apiserver.key"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cert := "none"
		if len(r.TLS.PeerCertificates) > 0 {
			cert = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		if r.Header.Get("Upgrade") != "" {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\nupgraded for %s\n", r.Header.Get("X-Remote-User"))
			rw.Flush()
			return
		}
		fmt.Fprintf(w, "%s by %s: user %q groups %q token %q\n", r.Proto, cert, r.Header.Values("X-Remote-User"), r.Header.Values("X-Remote-Group"), r.Header.Get("Authorization"))
		if r.URL.Path == "/watch" {
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.CloseClientConnections)
	f, err := newForwarder("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	g = newGate(c, f, server.Listener.Addr().String())
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Close()
		for _, name := range []string{apiSlow, api429, api500, apiCut} {
			g.end(name)
		}
	})
	go g.serve(l)
	return g, "https://" + l.Addr().String(), func(identity string) *http.Client {
		conf := &tls.Config{RootCAs: pool}
		if identity != "" {
			pair, err := tls.LoadX509KeyPair(c.in("pki", identity+".crt"), c.in("pki", identity+".key"))
			if err != nil {
				t.Fatal(err)
			}
			conf.Certificates = []tls.Certificate{pair}
		}
		// A connection for each request: one that is kept is cut when a fault begins or ends, as it must be.
		tr := &http.Transport{TLSClientConfig: conf, ForceAttemptHTTP2: true, DisableKeepAlives: true}
		return &http.Client{Transport: tr, Timeout: 10 * time.Second}
	}
}

// A reply is what a request was answered, whole.
type reply struct {
	code int
	http.Header
	body string
}

func read(t *testing.T, c *http.Client, url string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	r, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{r.StatusCode, r.Header, string(body)}
}

// TestGateIdentity holds that a client is the same through the proxy as without it, and that nobody is somebody else by
// saying so.
func TestGateIdentity(t *testing.T) {
	g, url, client := gated(t)
	admin, nobody := client("admin"), client("")
	if got := read(t, admin, url).body; !strings.HasPrefix(got, "HTTP/2.0 by admin: user []") {
		t.Errorf("without a fault: %s", got)
	}
	if err := g.begin(apiSlow, apiFault{share: 1}); err != nil {
		t.Fatal(err)
	}
	// Clients of their own: the connection that admin keeps has been cut.
	spoof := []string{"X-Remote-User", "root", "x-remote-group", "system:masters"}
	for _, c := range []struct {
		client  *http.Client
		headers []string
		want    string
	}{
		{client("admin"), nil, `HTTP/2.0 by front-proxy: user ["admin"] groups ["system:masters"] token ""`},
		{client("admin"), spoof, `HTTP/2.0 by front-proxy: user ["admin"] groups ["system:masters"] token ""`},
		{client("kubelet"), nil, `user ["system:node:node1"] groups ["system:nodes"]`},
		{client("scheduler"), nil, `user ["system:kube-scheduler"] groups []`},
		{nobody, nil, `HTTP/2.0 by none: user [] groups [] token ""`},
		{nobody, append(spoof, "Authorization", "Bearer abc"), `HTTP/2.0 by none: user [] groups [] token "Bearer abc"`},
	} {
		if got := read(t, c.client, url, c.headers...).body; !strings.Contains(got, c.want) {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	g.end(apiSlow)
	if got := read(t, admin, url).body; !strings.HasPrefix(got, "HTTP/2.0 by admin: user []") {
		t.Errorf("after the fault: %s", got)
	}
	if g.proxy != nil {
		t.Error("the proxy is still there")
	}
}

func TestGateUpgrade(t *testing.T) {
	g, url, client := gated(t)
	if err := g.begin(apiSlow, apiFault{share: 1}); err != nil {
		t.Fatal(err)
	}
	conf := client("admin").Transport.(*http.Transport).TLSClientConfig.Clone()
	conn, err := tls.Dial("tcp4", strings.TrimPrefix(url, "https://"), conf)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST /exec HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(conn)
	r, err := http.ReadResponse(said, nil)
	if err != nil || r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", r, err)
	}
	r.Body.Close()
	if got, err := said.ReadString('\n'); got != "upgraded for admin\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestGateAnswers holds that a share of the requests is refused as the API server refuses, and the others are not.
func TestGateAnswers(t *testing.T) {
	g, url, client := gated(t)
	c := client("admin")
	for _, want := range []struct {
		fault, retry string
		code         int
		reason       metav1.StatusReason
	}{{api429, "1", 429, metav1.StatusReasonTooManyRequests}, {api500, "", 500, metav1.StatusReasonInternalError}} {
		if err := g.begin(want.fault, apiFault{share: 0.25}); err != nil {
			t.Fatal(err)
		}
		struck := 0
		for range 12 {
			r := read(t, c, url)
			if r.code == http.StatusOK {
				continue
			}
			struck++
			var s metav1.Status
			if err := json.Unmarshal([]byte(r.body), &s); err != nil || s.Reason != want.reason || int(s.Code) != want.code || r.code != want.code || r.Get("Retry-After") != want.retry {
				t.Errorf("%s: %d %s %v: %s", want.fault, r.code, r.Header, err, r.body)
			}
		}
		if struck != 3 {
			t.Errorf("%s struck %d of 12 requests, want 3", want.fault, struck)
		}
		g.end(want.fault)
	}
	if err := g.begin(apiSlow, apiFault{share: 1, delay: 50 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	read(t, c, url)
	if took := time.Since(begin); took < 50*time.Millisecond {
		t.Errorf("slow took %v", took)
	}
}

// TestGateCuts holds that a watch breaks, with a proxy and without one, that nothing new comes through, and that all is
// well after.
func TestGateCuts(t *testing.T) {
	g, url, client := gated(t)
	for _, proxied := range []bool{false, true} {
		if proxied {
			if err := g.begin(apiSlow, apiFault{share: 1}); err != nil {
				t.Fatal(err)
			}
		}
		c := client("admin")
		r, err := c.Get(url + "/watch")
		if err != nil {
			t.Fatal(err)
		}
		watch := bufio.NewReader(r.Body)
		if line, err := watch.ReadString('\n'); err != nil {
			t.Fatal(line, err)
		}
		if err := g.begin(apiCut, apiFault{share: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := watch.ReadByte(); err == nil {
			t.Error("the watch goes on")
		}
		r.Body.Close()
		for range 3 {
			r, err := c.Get(url)
			if err == nil {
				r.Body.Close()
				t.Error("a request came through")
			}
		}
		g.end(apiCut)
		if r := read(t, c, url); r.code != http.StatusOK {
			t.Error(r.code)
		}
	}
}

// TestGateServerGone holds that a client of the proxy sees a cut connection, not an answer, where there is no server.
func TestGateServerGone(t *testing.T) {
	g, url, client := gated(t)
	if err := g.begin(apiSlow, apiFault{share: 1}); err != nil {
		t.Fatal(err)
	}
	g.to = "127.0.0.1:1"
	r, err := client("admin").Get(url)
	if err == nil {
		r.Body.Close()
		t.Fatal(r.Status)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}
