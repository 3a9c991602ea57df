package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func cluster(t *testing.T, n int) Cluster {
	t.Helper()
	c, err := open(t.TempDir(), n)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(c.State, 0o755); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestKeys holds that the API server's certificate is good on loopback and inside, that each identity is known to the
// same authority, and that a second start makes nothing anew.
func TestKeys(t *testing.T) {
	c := cluster(t, 3)
	if err := c.makePKI(); err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(c.in("pki", "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	for file, names := range map[string][]string{
		"apiserver": {"127.0.0.1", "10.250.3.2", "10.96.3.1", "kubernetes.default.svc"}, "kubelet": {node, "10.250.3.2"}, "admin": nil,
		"controller-manager": nil, "scheduler": nil, "proxy": nil,
	} {
		pair, err := tls.LoadX509KeyPair(c.in("pki", file+".crt"), c.in("pki", file+".key"))
		if err != nil {
			t.Fatal(err)
		}
		use := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: use}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, name := range names {
			if err := pair.Leaf.VerifyHostname(name); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if err := c.makePKI(); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(c.in("pki", "ca.crt")); err != nil || !bytes.Equal(again, pem) {
		t.Errorf("the authority was made anew: %v", err)
	}
	if err := c.writeKubeconfigs(options{}); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"ca.key", "sa.key", "host.kubeconfig"} {
		if info, err := os.Stat(c.in("pki", file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others: %v", file, err)
		}
	}
}

// TestNoPrivateAddress holds that what this machine is told to speak to lies on loopback: outside of the namespace the
// cluster's addresses are somebody else's.
func TestNoPrivateAddress(t *testing.T) {
	c := cluster(t, 7)
	if err := c.makePKI(); err != nil {
		t.Fatal(err)
	}
	if err := c.writeKubeconfigs(options{}); err != nil {
		t.Fatal(err)
	}
	server := regexp.MustCompile(`server: "https://([^:"]+)`)
	files, err := filepath.Glob(c.in("pki", "*.kubeconfig"))
	if err != nil || len(files) != len(identities)+len(people) {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if m := server.FindSubmatch(text); m == nil || string(m[1]) != "127.0.0.1" {
			t.Errorf("%s: server %s", filepath.Base(file), m)
		}
	}
}

func TestSettingsAreFilled(t *testing.T) {
	c := cluster(t, 5)
	if err := c.configure(Programs{dirs: map[string]string{"runtime": "/r"}}); err != nil {
		t.Fatal(err)
	}
	hole := regexp.MustCompile(`@[A-Z]+@`)
	found := 0
	err := filepath.WalkDir(c.in("etc"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found++
		text, err := os.ReadFile(path)
		if hole.Match(text) {
			t.Errorf("%s: %s is left", path, hole.Find(text))
		}
		return err
	})
	if err != nil || found < 8 {
		t.Errorf("%d files, %v", found, err)
	}
}

// unpack gives the files of an archive.
func unpack(t *testing.T, path string) map[string][]byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestImages(t *testing.T) {
	dir := t.TempDir()
	program, out := filepath.Join(dir, "pause"), filepath.Join(dir, "out", "pause.tar")
	if err := os.WriteFile(program, []byte("binary"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := pack(program, "sandbox.local/pause:1", out); err != nil {
		t.Fatal(err)
	}
	files := unpack(t, out)
	var manifest []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil || len(manifest) != 1 {
		t.Fatalf("%v: %s", err, files["manifest.json"])
	}
	if files[manifest[0].Config] == nil || files[manifest[0].Layers[0]] == nil || manifest[0].RepoTags[0] != "sandbox.local/pause:1" {
		t.Errorf("%+v", manifest)
	}
}

// TestKeeper holds that a process is known by its number and its beginning: a number is given out again.
func TestKeeper(t *testing.T) {
	c := cluster(t, 0)
	if c.keeper() != 0 {
		t.Error("nobody holds it up")
	}
	sleep := exec.Command("sleep", "60")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	if err := c.remember(sleep.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if c.keeper() != sleep.Process.Pid {
		t.Errorf("keeper %d, want %d", c.keeper(), sleep.Process.Pid)
	}
	if err := os.WriteFile(c.in("keeper"), []byte("1 7\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := c.keeper(); got != 0 {
		t.Errorf("process %d has another beginning", got)
	}
	if err := c.remember(sleep.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if err := sleep.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = sleep.Wait()
	if c.keeper() != 0 {
		t.Error("it has ended")
	}
}

// TestLock holds that two builders wait for each other.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	file := func() *os.File {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			t.Error(err)
		}
		return f
	}
	unlock, err := lock(file(), func() { t.Error("nobody has it") })
	if err != nil {
		t.Fatal(err)
	}
	waits, got := make(chan bool, 1), make(chan error, 1)
	go func() {
		second, err := lock(file(), func() { waits <- true })
		if err == nil {
			err = second()
		}
		got <- err
	}()
	<-waits
	select {
	case err := <-got:
		t.Fatalf("both have it: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestHashFollowsTheSource(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.sum", "a")
	first, err := hashTree(dir, parts[0])
	if err != nil {
		t.Fatal(err)
	}
	write("x_test.go", "package x")
	if same, err := hashTree(dir, parts[0]); err != nil || same != first {
		t.Errorf("a test builds nothing: %v", err)
	}
	write("go.sum", "b")
	if other, err := hashTree(dir, parts[0]); err != nil || other == first {
		t.Errorf("go.sum changed: %v", err)
	}
}

// TestForwarder forwards through this process's own network namespace.
func TestForwarder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("setns needs root, as the sandbox does")
	}
	f, err := newForwarder("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	far, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	go func() {
		for {
			c, err := far.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				said, _ := io.ReadAll(c)
				_, _ = c.Write(append([]byte("heard "), said...))
			}()
		}
	}()
	near, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	go f.serve(near, far.Addr().String())
	c, err := net.Dial("tcp4", near.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("a word")); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); err != nil || string(got) != "heard a word" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestWrongUse holds that each wrong word is told, and what is right.
func TestWrongUse(t *testing.T) {
	t.Setenv("VIGIE_SANDBOX_DIR", t.TempDir())
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"fly"}, `no command "fly": see sandbox help`},
		{[]string{"up", "now"}, `"now" is not taken`},
		{[]string{"status", "-n", "251"}, "want a number of 0 to 250"},
	} {
		if err := command(c.args, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
	if err := command(nil, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("nothing said: %v", err)
	}
	var out bytes.Buffer
	if err := command([]string{"help"}, &out); err != nil || !strings.Contains(out.String(), "go run ./sandbox up") {
		t.Errorf("help: %v\n%s", err, out.String())
	}
	out.Reset()
	if err := command([]string{"status"}, &out); err != nil || out.String() != "cluster 0 is down\n" {
		t.Errorf("status: %v %q", err, out.String())
	}
	if err := command([]string{"down"}, &out); err != nil {
		t.Errorf("down of what is down: %v", err)
	}
}

func TestAwaitEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	tries := 0
	err := await(ctx, "it", func() error { tries++; return errors.New("not yet") })
	if err == nil || !strings.Contains(err.Error(), "it did not come up: not yet") || tries < 2 {
		t.Errorf("%d tries, %v", tries, err)
	}
}
