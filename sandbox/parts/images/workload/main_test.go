package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the workload: what it does as a process is tested as one.
func TestMain(m *testing.M) {
	if os.Getenv("WORKLOAD") == "" {
		os.Exit(m.Run())
	}
	main()
}

// workload gives a process of the workload, which ends with the test.
func workload(t *testing.T, args ...string) (*exec.Cmd, *strings.Builder) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	var said strings.Builder
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), "WORKLOAD=1"), &said, &said
	return cmd, &said
}

func TestEnds(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("some text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"", 2, "workload serve"},
		{"fly", 2, "workload serve"},
		{"exit 7", 7, "exiting with 7"},
		{"exit 0 0.01", 0, "exiting with 0"},
		{"exit", 1, "want 1 arguments"},
		{"serve -refuse", 1, "told to refuse to start"},
		{"ready " + there, 0, ""},
		{"ready " + there + "-not", 1, "no such file"},
		{"cat " + there, 0, "some text"},
		{"write " + dir + "/w a word", 0, ""},
		{"cat " + dir + "/w", 0, "a word\n"},
		{"log 3", 0, "line 3 of 3"},
		{"cpu 500 0", 0, ""},
		{"env", 0, "WORKLOAD=1"},
		{"app", 0, "nothing to serve"},
		{"app -- --password=x 1", 0, "nothing to serve"},
		{"app many", 1, "a port"},
		{"full " + dir, 1, "want 2 arguments"},
	} {
		cmd, said := workload(t, strings.Fields(c.args)...)
		_ = cmd.Run() // the code says it
		if got := cmd.ProcessState.ExitCode(); got != c.code || !strings.Contains(said.String(), c.says) {
			t.Errorf("%s: exit %d, want %d; it said %q, want %q", c.args, got, c.code, said, c.says)
		}
	}
}

// TestShellDoesNothing holds that what a script would do is not done.
func TestShellDoesNothing(t *testing.T) {
	made := filepath.Join(t.TempDir(), "made")
	cmd, said := workload(t, "-c", "echo x > "+made)
	cmd.Args[0] = "sh"
	if err := cmd.Run(); err != nil || !strings.Contains(said.String(), "runs no command") {
		t.Errorf("%v: %s", err, said)
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("the script ran")
	}
}

func TestFilesAreVerified(t *testing.T) {
	dir := t.TempDir()
	if err := verify([]string{dir}); err == nil {
		t.Error("nothing was written")
	}
	if err := fill([]string{dir, "3", "1000"}); err != nil {
		t.Fatal(err)
	}
	if err := verify([]string{dir}); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file-0001"), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verify([]string{dir}); err == nil || !strings.Contains(err.Error(), "file-0001 is not what was written") {
		t.Errorf("a changed file: %v", err)
	}
}

// TestFull fills a small file system that the kernel makes for the test, where it may.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	if said, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mount needs root, as the sandbox does: %v: %s", err, said)
	}
	t.Cleanup(func() {
		if said, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, said)
		}
	})
	mark := filepath.Join(t.TempDir(), "mark")
	cmd, said := workload(t, "full", dir, mark)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, func() error { _, err := os.Stat(mark); return err })
	if err := os.WriteFile(filepath.Join(dir, "more"), make([]byte, 8192), 0o600); err == nil {
		t.Error("there was room left")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

func TestMemoryIsTaken(t *testing.T) {
	cmd, _ := workload(t, "memory", "64")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, func() error {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", cmd.Process.Pid))
		if err != nil {
			return err
		}
		var size, resident int
		if _, err := fmt.Sscan(string(raw), &size, &resident); err != nil {
			return err
		}
		if mib := resident * os.Getpagesize() >> 20; mib < 64 {
			return fmt.Errorf("%d MiB are resident", mib)
		}
		return nil
	})
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func TestHandler(t *testing.T) {
	h := &handler{file: filepath.Join(t.TempDir(), "ready")}
	s := httptest.NewServer(h.mux())
	defer s.Close()
	want := func(path string, code int) {
		t.Helper()
		r, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != code {
			t.Errorf("%s: %d, want %d", path, r.StatusCode, code)
		}
	}
	want("/ready", 503)
	if err := os.WriteFile(h.file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/ready", "/healthz", "/alive", "/any/other", "/cpu?ms=5", "/memory?mib=1"} {
		want(path, 200)
	}
	if len(h.kept) != 1 || len(h.kept[0]) != 1<<20 {
		t.Errorf("%d pieces are kept", len(h.kept))
	}
	begin := time.Now()
	want("/slow?ms=30", 200)
	if took := time.Since(begin); took < 30*time.Millisecond {
		t.Errorf("/slow took %v", took)
	}
	want("/unready", 200)
	want("/healthz", 503)
	want("/alive", 200)
}

// TestAppServesEachPort holds that a tenant's program is stood in for on all its ports, whatever its arguments are.
func TestAppServesEachPort(t *testing.T) {
	a, b := freePort(t), freePort(t)
	cmd, said := workload(t, "app", a, b, "--", "--smtp-host=mail", "extra")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{a, b} {
		await(t, func() error { return get([]string{"http://127.0.0.1:" + port + "/ready"}) })
	}
	if err := peer([]string{"http://127.0.0.1:" + a, "1", "3"}); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(said.String(), "told to end") {
		t.Errorf("%v: %s", err, said)
	}
}

// TestClientCertificate holds that a client without a certificate is refused where one is asked for, and one with it is
// known by its name.
func TestClientCertificate(t *testing.T) {
	dir, port := t.TempDir(), freePort(t)
	cert, key := certificate(t, dir)
	cmd, said := workload(t, "serve", "-http", "", "-tls", ":"+port, "-cert", cert, "-key", key, "-client-ca", cert)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url := "https://127.0.0.1:" + port
	await(t, func() error { return get([]string{"-ca", cert, "-cert", cert, "-key", key, url}) })
	ask, answer := workload(t, "get", "-ca", cert, "-cert", cert, "-key", key, url)
	if err := ask.Run(); err != nil || !strings.Contains(answer.String(), " as workload") {
		t.Errorf("%v: %s; the server: %s", err, answer, said)
	}
	if err := get([]string{"-ca", cert, url}); err == nil {
		t.Error("a client without a certificate was let in")
	}
	if err := get([]string{"-cert", cert, "-key", key, url}); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("a server that nobody vouches for: %v", err)
	}
}

func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "workload"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "crt"), filepath.Join(dir, "key")
	for file, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func await(t *testing.T, ask func() error) {
	t.Helper()
	var err error
	for range 400 {
		if err = ask(); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(err)
}
