// Command workload is what the pods of the sandbox run: it does what it is told, so that tests see each state that a
// program can be in.
package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var commands = map[string]struct {
	takes string
	run   func(args []string) error
}{
	"app":    {"[PORT...] [-- ARGS...]: stands in for a tenant's program: serves on the ports, or without one ends well", app},
	"serve":  {"[-http ADDR] [-tls ADDR -cert FILE -key FILE [-client-ca FILE]] [-ready FILE] [-refuse]", serve},
	"get":    {"[-ca FILE] [-cert FILE -key FILE] [-token FILE] [-within 5s] URL", get},
	"exit":   {"CODE [SECONDS]", exit},
	"cat":    {"FILE...", cat},
	"write":  {"FILE TEXT...", write},
	"fill":   {"DIR FILES BYTES: files of chance content, with their checksums in DIR/SHA256SUMS", fill},
	"verify": {"DIR: the files against DIR/SHA256SUMS", verify},
	"log":    {"LINES [EVERY-MS]", logLines},
	"cpu":    {"MILLICORES SECONDS", burn},
	"memory": {"MIB: takes it and keeps it", memory},
	"env":    {"", func([]string) error { fmt.Println(strings.Join(os.Environ(), "\n")); return nil }},
	"full":   {"DIR FILE: fills the file system of DIR to its end, then makes FILE and stays", full},
	"peer":   {"URL EVERY-MS [TIMES]: asks a peer again and again, and says what it answered", peer},
	"ready":  {"FILE: exit 0 where it is there, a readiness probe by command", ready},
	"sleep":  {"", func([]string) error { <-ending(); return nil }},
}

func main() {
	// As sh it is what images of a tenant may be told to run.
	if filepath.Base(os.Args[0]) == "sh" {
		shell(os.Args[1:])
		return
	}
	if len(os.Args) < 2 {
		usage()
	}
	c, ok := commands[os.Args[1]]
	if !ok {
		usage()
	}
	if err := c.run(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "workload:", err)
		os.Exit(1)
	}
}

func usage() {
	for name, c := range commands {
		fmt.Fprintln(os.Stderr, "workload", name, c.takes)
	}
	os.Exit(2)
}

func ending() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGINT)
	return c
}

func need(args []string, n int) error {
	if len(args) < n {
		return fmt.Errorf("want %d arguments, got %d", n, len(args))
	}
	return nil
}

// shell stands in for a shell: it says what it was told to run, does nothing of it, and ends well. What a tenant's script
// would do to the kernel it would do to the machine's.
func shell(args []string) {
	fmt.Printf("sh %q: this stand-in runs no command\n", args)
}

// app stands in for a program of a tenant: it answers on each port whatever is asked by HTTP, takes a connection that asks
// nothing, and disregards the program's own arguments.
func app(args []string) error {
	ports := args
	if i := slices.Index(args, "--"); i >= 0 {
		ports = args[:i]
	}
	if len(ports) == 0 {
		fmt.Println("nothing to serve: done")
		return nil
	}
	h := &handler{}
	failed := make(chan error, len(ports))
	for _, port := range ports {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return fmt.Errorf("a port: %w", err)
		}
		fmt.Println("listening on", port)
		go func() { failed <- http.ListenAndServe(":"+port, h.mux()) }()
	}
	return untilEnd(failed)
}

func untilEnd(failed <-chan error) error {
	select {
	case err := <-failed:
		return err
	case s := <-ending():
		fmt.Println("told to end:", s)
		return nil
	}
}

// A handler answers each request with who asked; /healthz and /ready are well once its file is there, if it has one, and
// until /unready was asked for; /slow?ms=N, /cpu?ms=N and /memory?mib=N do what they say.
type handler struct {
	file    string
	unready atomic.Bool
	mu      sync.Mutex
	kept    [][]byte
}

func (h *handler) mux() *http.ServeMux {
	host, _ := os.Hostname()
	number := func(r *http.Request, name string) int {
		n, _ := strconv.Atoi(r.URL.Query().Get(name)) // none is 0
		return n
	}
	mux := http.NewServeMux()
	for _, path := range []string{"/healthz", "/ready"} {
		mux.HandleFunc(path, h.ready)
	}
	mux.HandleFunc("/unready", func(http.ResponseWriter, *http.Request) { h.unready.Store(true) })
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Duration(number(r, "ms")) * time.Millisecond)
	})
	mux.HandleFunc("/cpu", func(_ http.ResponseWriter, r *http.Request) {
		for end := time.Now().Add(time.Duration(number(r, "ms")) * time.Millisecond); time.Now().Before(end); {
		}
	})
	mux.HandleFunc("/memory", func(_ http.ResponseWriter, r *http.Request) {
		b := take(number(r, "mib"))
		h.mu.Lock()
		defer h.mu.Unlock()
		h.kept = append(h.kept, b)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(time.Now().Format(time.RFC3339), r.RemoteAddr, r.URL.Path)
		client := ""
		if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
			client = " as " + r.TLS.PeerCertificates[0].Subject.CommonName
		}
		fmt.Fprintf(w, "hello from %s to %s%s\n", host, r.RemoteAddr, client)
	})
	return mux
}

func (h *handler) ready(w http.ResponseWriter, _ *http.Request) {
	if h.file != "" {
		if _, err := os.Stat(h.file); err != nil {
			http.Error(w, "not ready: its file is not there", http.StatusServiceUnavailable)
			return
		}
	}
	if h.unready.Load() {
		http.Error(w, "not ready: told so", http.StatusServiceUnavailable)
	}
}

// serve answers by HTTP, by TLS, or by both.
func serve(args []string) error {
	fs := flag.NewFlagSet("serve", flag.ExitOnError)
	plain, secure := fs.String("http", ":8080", ""), fs.String("tls", "", "")
	cert, key, clientCA := fs.String("cert", "", ""), fs.String("key", "", ""), fs.String("client-ca", "", "")
	readyFile, refuse := fs.String("ready", "", ""), fs.Bool("refuse", false, "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *refuse {
		return errors.New("told to refuse to start")
	}
	h := &handler{file: *readyFile}
	failed := make(chan error, 2)
	if *plain != "" {
		fmt.Println("listening on", *plain)
		go func() { failed <- http.ListenAndServe(*plain, h.mux()) }()
	}
	if *secure != "" {
		s := &http.Server{Addr: *secure, Handler: h.mux(), TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
		if *clientCA != "" {
			pool, err := pool(*clientCA)
			if err != nil {
				return err
			}
			s.TLSConfig.ClientCAs, s.TLSConfig.ClientAuth = pool, tls.RequireAndVerifyClientCert
		}
		fmt.Println("listening on", *secure, "with TLS")
		go func() { failed <- s.ListenAndServeTLS(*cert, *key) }()
	}
	return untilEnd(failed)
}

func pool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", file)
	}
	return p, nil
}

// get speaks to a peer.
func get(args []string) error {
	fs := flag.NewFlagSet("get", flag.ExitOnError)
	ca, cert, key, token := fs.String("ca", "", ""), fs.String("cert", "", ""), fs.String("key", "", ""), fs.String("token", "", "")
	within := fs.Duration("within", 5*time.Second, "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if err := need(fs.Args(), 1); err != nil {
		return err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	var err error
	if *ca != "" {
		if conf.RootCAs, err = pool(*ca); err != nil {
			return err
		}
	}
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		if err != nil {
			return err
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	req, err := http.NewRequest(http.MethodGet, fs.Arg(0), nil)
	if err != nil {
		return err
	}
	if *token != "" {
		t, err := os.ReadFile(*token)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(t)))
	}
	r, err := (&http.Client{Timeout: *within, Transport: &http.Transport{TLSClientConfig: conf}}).Do(req)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	fmt.Println(r.Status)
	_, err = io.Copy(os.Stdout, io.LimitReader(r.Body, 4096))
	return err
}

func exit(args []string) error {
	if err := need(args, 1); err != nil {
		return err
	}
	code, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if len(args) > 1 {
		s, err := strconv.ParseFloat(args[1], 64)
		if err != nil {
			return err
		}
		time.Sleep(time.Duration(s * float64(time.Second)))
	}
	fmt.Println("exiting with", code)
	fmt.Fprintln(os.Stderr, "this went to stderr")
	_ = os.WriteFile("/dev/termination-log", []byte("termination message\n"), 0o644) // where there is one
	os.Exit(code)
	return nil
}

func cat(args []string) error {
	for _, file := range args {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if _, err := os.Stdout.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func write(args []string) error {
	if err := need(args, 2); err != nil {
		return err
	}
	return os.WriteFile(args[0], []byte(strings.Join(args[1:], " ")+"\n"), 0o644)
}

const sums = "SHA256SUMS"

func fill(args []string) error {
	if err := need(args, 3); err != nil {
		return err
	}
	files, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	size, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	list, err := os.Create(filepath.Join(args[0], sums))
	if err != nil {
		return err
	}
	defer list.Close()
	chance := rand.NewChaCha8([32]byte{1})
	for i := range files {
		data := make([]byte, size)
		_, _ = chance.Read(data) // it never fails
		name := fmt.Sprintf("file-%04d", i)
		if err := os.WriteFile(filepath.Join(args[0], name), data, 0o644); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(list, "%x  %s\n", sha256.Sum256(data), name); err != nil {
			return err
		}
	}
	return list.Sync()
}

func verify(args []string) error {
	if err := need(args, 1); err != nil {
		return err
	}
	list, err := os.Open(filepath.Join(args[0], sums))
	if err != nil {
		return err
	}
	defer list.Close()
	n := 0
	for s := bufio.NewScanner(list); s.Scan(); n++ {
		sum, name, _ := strings.Cut(s.Text(), "  ")
		data, err := os.ReadFile(filepath.Join(args[0], name))
		if err != nil {
			return err
		}
		if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != sum {
			return fmt.Errorf("%s is not what was written", name)
		}
	}
	if n == 0 {
		return errors.New("no file is listed")
	}
	fmt.Println(n, "files are as they were written")
	return nil
}

func logLines(args []string) error {
	if err := need(args, 1); err != nil {
		return err
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	every := 0
	if len(args) > 1 {
		if every, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	for i := range n {
		fmt.Printf("%s line %d of %d\n", time.Now().Format(time.RFC3339Nano), i+1, n)
		time.Sleep(time.Duration(every) * time.Millisecond)
	}
	return nil
}

// burn uses so many thousandths of a processor, a tenth of a second at a time.
func burn(args []string) error {
	if err := need(args, 2); err != nil {
		return err
	}
	milli, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	seconds, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	const slice = 100 * time.Millisecond
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
		busy := time.Now().Add(slice * time.Duration(min(milli, 1000)) / 1000)
		for time.Now().Before(busy) {
		}
		time.Sleep(max(0, slice-slice*time.Duration(milli)/1000))
	}
	return nil
}

func memory(args []string) error {
	if err := need(args, 1); err != nil {
		return err
	}
	mib, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	b := take(mib)
	fmt.Println("holds", mib, "MiB")
	<-ending()
	runtime.KeepAlive(b)
	return nil
}

// take makes so much memory the program's own: each page of it is written to.
func take(mib int) []byte {
	b := make([]byte, mib<<20)
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	return b
}

// full writes until nothing more can be written: in large pieces first, in small ones at the end.
func full(args []string) error {
	if err := need(args, 2); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(args[0], "filling"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil && !errors.Is(err, syscall.ENOSPC) { // full already, from before a restart
		return err
	}
	if err == nil {
		defer f.Close()
		if err := fillUp(f); err != nil {
			return err
		}
	}
	fmt.Println(args[0], "is full")
	if err := os.WriteFile(args[1], nil, 0o644); err != nil {
		return err
	}
	<-ending()
	return nil
}

func fillUp(f *os.File) error {
	for size := 4 << 20; size >= 512; {
		_, err := f.Write(make([]byte, size))
		if err == nil {
			err = f.Sync() // what is only promised is not on the disk
		}
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 8
		case err != nil:
			return err
		}
	}
	return nil
}

// peer asks a peer again and again; one that does not answer is said, and asked again.
func peer(args []string) error {
	if err := need(args, 2); err != nil {
		return err
	}
	every, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	times := math.MaxInt
	if len(args) > 2 {
		if times, err = strconv.Atoi(args[2]); err != nil {
			return err
		}
	}
	end, tick := ending(), time.NewTicker(time.Duration(max(1, every))*time.Millisecond)
	defer tick.Stop()
	for range times {
		if err := get(args[:1]); err != nil {
			fmt.Println("no answer:", err)
		}
		select {
		case <-end:
			return nil
		case <-tick.C:
		}
	}
	return nil
}

func ready(args []string) error {
	if err := need(args, 1); err != nil {
		return err
	}
	_, err := os.Stat(args[0])
	return err
}
