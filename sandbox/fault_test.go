package main

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHold holds that a daemon that is held is away until it is released, and one that is not comes back by itself.
func TestHold(t *testing.T) {
	c := cluster(t, 8)
	if err := os.MkdirAll(c.in("log"), 0o755); err != nil {
		t.Fatal(err)
	}
	n := &daemons{cluster: c, env: os.Environ()}
	n.start("sleep", []string{"/bin/sleep", "60"})
	defer n.end()
	d := n.running[0]
	runs := func() int {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.cmd == nil || d.cmd.Process == nil || syscall.Kill(d.cmd.Process.Pid, 0) != nil {
			return 0
		}
		return d.cmd.Process.Pid
	}
	until := func(what string, ok func() bool) {
		t.Helper()
		for range 500 {
			if ok() {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal(what)
	}
	until("it does not start", func() bool { return runs() != 0 })
	first := runs()
	if err := n.hold("sleep"); err != nil {
		t.Fatal(err)
	}
	if err := n.hold("sleep"); err != nil {
		t.Error("held twice:", err)
	}
	for range 15 { // it is started again after a second
		if runs() != 0 {
			t.Fatal("it runs though it is held")
		}
		time.Sleep(100 * time.Millisecond)
	}
	n.release("sleep")
	until("it does not come back", func() bool { return runs() != 0 && runs() != first })
	if err := n.hold("other"); err == nil {
		t.Error("there is no other")
	}
	// What is held must not keep the node from ending.
	if err := n.hold("sleep"); err != nil {
		t.Fatal(err)
	}
	n.end()
	select {
	case <-d.done:
	case <-time.After(5 * time.Second):
		t.Error("it is still kept")
	}
}

// TestSocket holds that a cluster is asked on a socket whose path is longer than the kernel takes.
func TestSocket(t *testing.T) {
	c := Cluster{N: 1, State: filepath.Join(t.TempDir(), strings.Repeat("long", 30))}
	if err := os.MkdirAll(c.State, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := ask[outcome](c, nodeSocket, hold{}); err == nil || !strings.Contains(err.Error(), "sandbox status") {
		t.Errorf("nobody listens: %v", err)
	}
	for range 2 { // the second finds the file of the first
		if _, err := listenFor(c, nodeSocket, func(h hold) outcome { return outcome{Error: "asked for " + h.Daemon} }); err != nil {
			t.Fatal(err)
		}
	}
	if o, err := ask[outcome](c, nodeSocket, hold{Daemon: "etcd"}); err != nil || o.Error != "asked for etcd" {
		t.Errorf("%+v, %v", o, err)
	}
	if info, err := os.Stat(c.in(nodeSocket)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may ask: %v, %v", info, err)
	}
}

func TestShare(t *testing.T) {
	for share, want := range map[float64]int{1: 100, 0.5: 50, 0.25: 25, 0.01: 1} {
		f, struck := &apiFault{share: share}, 0
		for range 100 {
			if f.strikes() {
				struck++
			}
		}
		if struck < want-1 || struck > want { // a hundredth is not a sum of halves
			t.Errorf("share %v struck %d of 100", share, struck)
		}
	}
	if (*apiFault)(nil).strikes() {
		t.Error("no fault strikes")
	}
}

// TestFaultObjects holds that each fault of pods is in the menu, is made of whole objects, and that they can be found again.
func TestFaultObjects(t *testing.T) {
	for name, f := range podFaults {
		if !slices.ContainsFunc(menu, func(m struct{ name, does string }) bool { return m.name == name }) {
			t.Errorf("%s is not in the menu", name)
		}
		for _, known := range []bool{true, false} {
			all, err := f.objects(name, "shop", "1234", known)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			kinds := []string{}
			for _, o := range all {
				kinds = append(kinds, o.GetKind())
				if o.GetLabels()[faultLabel] != name || o.GetNamespace() != "shop" || !slices.Contains(faultKinds, o.GroupVersionKind()) {
					t.Errorf("%s cannot be found again", called(o))
				}
				if p, ok, err := pod(o); err != nil || ok && (*p.spec.SecurityContext.RunAsUser != 1234 || len(p.spec.Containers[0].Args) < 2) {
					t.Errorf("%s: %v %+v", called(o), err, p.spec)
				}
			}
			want := map[string]string{"full-volume": "PersistentVolumeClaim Deployment", "expired-certificate": "Secret Service Ingress Deployment"}[name]
			if want == "" {
				want = "Deployment"
			}
			if known {
				want = strings.Replace(want, "Ingress", "Route", 1)
			}
			if got := strings.Join(kinds, " "); got != want {
				t.Errorf("%s makes %s, want %s", name, got, want)
			}
		}
	}
}

func TestExpired(t *testing.T) {
	text, _, err := expired("a.example.test")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := pem.Decode([]byte(text))
	cert, err := x509.ParseCertificate(b.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	verify := func(at time.Time) error {
		_, err := cert.Verify(x509.VerifyOptions{Roots: pool, DNSName: "a.example.test", CurrentTime: at})
		return err
	}
	if err := verify(time.Now().AddDate(0, 0, -2)); err != nil {
		t.Errorf("the day before yesterday: %v", err)
	}
	if err := verify(time.Now()); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("today: %v", err)
	}
}

// TestWrongWishes holds that each wrong word is told, and what is right.
func TestWrongWishes(t *testing.T) {
	t.Setenv("VIGIE_SANDBOX_DIR", t.TempDir())
	for args, want := range map[string]string{
		"fault meteor":       `no fault "meteor": sandbox fault list`,
		"fault oom -share 2": "want more than 0, 1 at most",
		"fault oom now":      `"now" is not taken`,
		"fault oom -for -1s": "no time before now",
		"fault oom":          "cluster 0 is down: sandbox up -n 0",
		"fault oom -n 999":   "want a number of 0 to 250",
		"load":               "cluster 0 is down: sandbox up -n 0",
		"load here":          `"here" is not taken`,
	} {
		if err := command(strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
	var out strings.Builder
	if err := command([]string{"fault", "list"}, &out); err != nil || strings.Count(out.String(), "\n") != len(menu) {
		t.Errorf("%v\n%s", err, out.String())
	}
}
