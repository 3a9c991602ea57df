package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigie/sandbox/sandboxtest"
)

// A stand is a cluster that a test starts, ends and kills by the command, as people do.
type stand struct {
	program string
	number  string
	cluster Cluster
}

// newStand starts a cluster of a free number; with no option it stays until it is told to end.
func newStand(t *testing.T, options ...string) stand {
	t.Helper()
	program, err := sandboxtest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := stand{program: program}
	path, err := s.run(t, append([]string{"up", "-n", "auto", "-build=false"}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	state := filepath.Dir(filepath.Dir(path[strings.LastIndex(path, "\n")+1:]))
	s.number = filepath.Base(state)
	n, err := strconv.Atoi(s.number)
	if err != nil {
		t.Fatal(err)
	}
	s.cluster = Cluster{N: n, State: state}
	t.Cleanup(func() { s.must(t, "down", "-n", s.number, "-wipe") })
	return s
}

func (s stand) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	said, err := exec.Command(s.program, args...).CombinedOutput() // not ended with the test: it cleans up, too
	if err != nil {
		return string(said), fmt.Errorf("sandbox %s: %w: %s", strings.Join(args, " "), err, said)
	}
	return strings.TrimSpace(string(said)), nil
}

func (s stand) must(t *testing.T, args ...string) string {
	t.Helper()
	said, err := s.run(t, args...)
	if err != nil {
		t.Error(err)
	}
	return said
}

func (s stand) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return s.must(t, append([]string{"kubectl", "-n", s.number, "--"}, args...)...)
}

// pidNamespace is the namespace of the cluster's processes, by the kernel's name.
func (s stand) pidNamespace(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(s.cluster.in("pid1"))
	if err != nil {
		t.Fatal(err)
	}
	ns, err := os.Readlink("/proc/" + strings.TrimSpace(string(raw)) + "/ns/pid")
	if err != nil {
		t.Fatal(err)
	}
	return ns
}

// processes are those of a namespace.
func processes(t *testing.T, namespace string) []string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range all {
		if ns, err := os.Readlink(p + "/ns/pid"); err == nil && ns == namespace {
			out = append(out, filepath.Base(p))
		}
	}
	return out
}

// machine is what a cluster might leave behind on this machine: links, routes, mounts, and files where daemons put theirs.
func machine(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, args := range [][]string{{"ip", "-o", "link"}, {"ip", "route"}, {"ip", "-6", "route"}, {"cat", "/proc/self/mounts"}} {
		said, err := exec.Command(args[0], args[1:]...).Output()
		if err != nil {
			t.Fatal(args, err)
		}
		for l := bufio.NewScanner(bytes.NewReader(said)); l.Scan(); {
			out[strings.Join(args, " ")+": "+l.Text()] = true
		}
	}
	for _, root := range []string{"/etc", "/opt", "/run", "/usr/libexec", "/var/lib", "/var/log", "/var/run", os.TempDir()} {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // what another one removes meanwhile is not ours
			}
			if root == os.TempDir() && path != root && !regexp.MustCompile("containerd|kube|cni|vigie-sandbox|csi|runc|nft").MatchString(path) {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil // other programs' own
			}
			out["file: "+path] = true
			if d.IsDir() && strings.Count(path, "/") >= strings.Count(root, "/")+3 {
				return fs.SkipDir
			}
			return nil
		})
	}
	return out
}

// gone holds that nothing of a cluster is left on the machine.
func (s stand) gone(t *testing.T, namespace string, before map[string]bool) {
	t.Helper()
	sandboxtest.Eventually(t, "the end of each process", 10*time.Second, func() error { // the kernel takes a moment
		if left := processes(t, namespace); len(left) > 0 {
			return fmt.Errorf("processes %v are left", left)
		}
		return nil
	})
	for what := range machine(t) {
		if !before[what] {
			t.Errorf("left behind: %s", what)
		}
	}
	hs, err := hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hs {
		if _, err := os.Stat(filepath.Join(h, s.cluster.cgroup())); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a cgroup is left in %s: %v", h, err)
		}
	}
	sandboxtest.Eventually(t, "the end of each loop device", 10*time.Second, func() error {
		said, err := exec.Command("losetup", "--list", "--noheadings", "--output", "BACK-FILE").Output()
		if strings.Contains(string(said), s.cluster.State+"/") {
			return fmt.Errorf("left: %s", said)
		}
		return err
	})
	if c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", s.cluster.port())); err == nil {
		c.Close()
		t.Error("somebody still answers on the cluster's port")
	}
}

// use puts a claim and a pod of each kind into a cluster, so that there is something to leave behind.
func (s stand) use(t *testing.T, word string) {
	t.Helper()
	s.kubectl(t, "create", "namespace", "used")
	s.kubectl(t, "-n", "used", "create", "configmap", "word", "--from-literal=word="+word)
	sandboxtest.Eventually(t, "the service account", 20*time.Second, func() error {
		_, err := s.run(t, "kubectl", "-n", s.number, "--", "-n", "used", "get", "serviceaccount", "default")
		return err
	})
	s.kubectl(t, "-n", "used", "apply", "-f", "testdata/volume.yaml", "-f", "testdata/pods.yaml")
	s.kubectl(t, "-n", "used", "wait", "--for=condition=Ready", "pod/vol", "--timeout=60s")
	s.kubectl(t, "-n", "used", "exec", "vol", "--", "/workload", "write", "/data/word", word)
}

// TestLifecycle holds what listens while a cluster is up, that one whose machine was cut off in the middle starts again
// with its data, and that a killed one leaves nothing once it is told to end.
func TestLifecycle(t *testing.T) {
	sandboxtest.NeedsNode(t)
	t.Parallel()
	before := machine(t)
	s := newStand(t)
	s.use(t, "kept")
	ns := s.pidNamespace(t)
	kill := func(t *testing.T) {
		t.Helper()
		if err := syscall.Kill(s.cluster.keeper(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		sandboxtest.Eventually(t, "the end of each process", 10*time.Second, func() error {
			if left := processes(t, ns); len(left) > 0 || s.cluster.keeper() != 0 {
				return fmt.Errorf("processes %v and %d are left", left, s.cluster.keeper())
			}
			return nil
		})
	}
	t.Run("listens on loopback alone", func(t *testing.T) {
		host, err := os.Readlink("/proc/self/ns/net")
		if err != nil {
			t.Fatal(err)
		}
		inside := processes(t, ns)
		if len(inside) < 12 {
			t.Fatalf("processes %v: more were expected", inside)
		}
		for _, p := range inside {
			if net, err := os.Readlink("/proc/" + p + "/ns/net"); err == nil && net == host {
				t.Errorf("process %s is in the machine's network", p)
			}
		}
		want := []string{fmt.Sprintf("127.0.0.1:%d", s.cluster.port())}
		if got := listening(t, s.cluster.keeper()); !slices.Equal(got, want) {
			t.Errorf("the keeper listens on %v, want %v", got, want)
		}
	})
	t.Run("cut off", func(t *testing.T) {
		kill(t)
		s.must(t, "up", "-n", s.number, "-build=false") // without a down between: nobody came to tidy up
		ns = s.pidNamespace(t)
		if said := s.kubectl(t, "-n", "used", "get", "configmap", "word", "-o", "jsonpath={.data.word}"); said != "kept" {
			t.Errorf("the object: %s", said)
		}
		sandboxtest.Eventually(t, "what the volume holds", 90*time.Second, func() error {
			said, err := s.run(t, "kubectl", "-n", s.number, "--", "-n", "used", "exec", "vol", "--", "/workload", "cat", "/data/word")
			if err == nil && said != "kept" {
				err = fmt.Errorf("it holds %q", said)
			}
			return err
		})
		s.kubectl(t, "-n", "used", "wait", "--for=condition=Available", "deployment/dep", "--timeout=90s")
	})
	t.Run("killed", func(t *testing.T) {
		kill(t)
		s.must(t, "down", "-n", s.number)
		s.gone(t, ns, before)
		if _, err := os.Stat(s.cluster.in("etcd")); err != nil {
			t.Errorf("its data is kept: %v", err)
		}
	})
	t.Run("nothing is asked of a private address when it is down", func(t *testing.T) {
		_, err := s.run(t, "kubectl", "-n", s.number, "--", "get", "nodes")
		if err == nil || !strings.Contains(err.Error(), "is down: sandbox up") {
			t.Errorf("%v", err)
		}
		if c, err := net.DialTimeout("tcp4", fmt.Sprintf("127.0.0.1:%d", s.cluster.port()), time.Second); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%v, %v", c, err)
		}
	})
	t.Run("wiped", func(t *testing.T) {
		s.must(t, "down", "-n", s.number, "-wipe")
		if _, err := os.Stat(s.cluster.State); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("its folder is left: %v", err)
		}
	})
}

// listening are the addresses on which a process listens, by the kernel's tables of its network.
func listening(t *testing.T, pid int) []string {
	t.Helper()
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(fds) == 0 {
		t.Fatal(fds, err)
	}
	own := map[string]bool{}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil {
			own[to] = true
		}
	}
	var out []string
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(raw), "\n")[1:] {
			f := strings.Fields(line)
			// 0A is TCP's LISTEN; a bound UDP socket is 07.
			if len(f) < 10 || f[3] != "0A" && f[3] != "07" || !own["socket:["+f[9]+"]"] {
				continue
			}
			ip, port, _ := strings.Cut(f[1], ":")
			n, err := strconv.ParseUint(port, 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			if ip == "0100007F" {
				ip = "127.0.0.1"
			}
			out = append(out, fmt.Sprintf("%s:%d", ip, n))
		}
	}
	return out
}

// TestTwoClusters holds that two stand side by side and know nothing of each other, and that one that is told to end
// leaves nothing.
func TestTwoClusters(t *testing.T) {
	sandboxtest.NeedsNode(t)
	t.Parallel()
	shared := sandboxtest.Get(t)
	before := machine(t)
	a, b := stand{shared.Program, strconv.Itoa(shared.Number), Cluster{N: shared.Number, State: shared.State()}}, newStand(t)
	if a.number == b.number {
		t.Fatalf("both are number %s", a.number)
	}
	b.use(t, "of b")
	ns := b.pidNamespace(t)
	t.Cleanup(func() { a.kubectl(t, "delete", "namespace", "used", "--timeout=60s") })
	a.use(t, "of a")
	for s, word := range map[stand]string{a: "of a", b: "of b"} {
		if said := s.kubectl(t, "-n", "used", "exec", "vol", "--", "/workload", "cat", "/data/word"); said != word {
			t.Errorf("cluster %s: %q, want %q", s.number, said, word)
		}
	}
	// The address of the one leads nowhere from within the other.
	ip := a.kubectl(t, "-n", "used", "get", "pod", "srv", "-o", "jsonpath={.status.podIP}")
	if said, err := b.run(t, "kubectl", "-n", b.number, "--", "-n", "used", "exec", "cli", "--", "/workload", "get", "http://"+ip+":8080/"); err == nil {
		t.Errorf("a pod of b reaches a pod of a: %s", said)
	}
	b.must(t, "down", "-n", b.number)
	b.gone(t, ns, before)
	if said := a.kubectl(t, "-n", "used", "exec", "vol", "--", "/workload", "cat", "/data/word"); said != "of a" {
		t.Errorf("the end of b: a says %q", said)
	}
}

// modeOptions start what this run of the tests may start.
func modeOptions() []string {
	if os.Getenv("VIGIE_SANDBOX") == "control-plane" {
		return []string{"-control-plane"}
	}
	return nil
}

// TestLauncherKilled holds that what was starting ends where nobody waits for it any longer.
func TestLauncherKilled(t *testing.T) {
	program, err := sandboxtest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const number = "99" // below those that are given to who asks for any
	s := stand{program, number, Cluster{}}
	cache, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if s.cluster, err = open(cache, 99); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.must(t, "down", "-n", number, "-wipe") })
	up := exec.Command(program, append([]string{"up", "-n", number, "-build=false"}, modeOptions()...)...)
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	sandboxtest.Eventually(t, "the keeper", 20*time.Second, func() error {
		if s.cluster.keeper() == 0 {
			return errors.New("it is not there yet")
		}
		return nil
	})
	pid := s.cluster.keeper()
	if err := up.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = up.Wait()
	sandboxtest.Eventually(t, "the end of the keeper", 20*time.Second, func() error {
		if startOf(pid) != "" {
			return errors.New("it is still there")
		}
		return nil
	})
}

// TestControlPlaneAlone holds that without a node the API server serves, and that no node is said to be there; and that a
// cluster goes with the process that it was started for, and with its data, also where that one is killed.
func TestControlPlaneAlone(t *testing.T) {
	t.Parallel()
	before := machine(t)
	owner := exec.Command("sleep", "600")
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = owner.Process.Kill()
		_ = owner.Wait()
	}()
	s := newStand(t, "-control-plane", "-owner", strconv.Itoa(owner.Process.Pid))
	if said := s.kubectl(t, "get", "nodes"); said != "No resources found" {
		t.Errorf("nodes: %s", said)
	}
	s.kubectl(t, "create", "namespace", "used")
	s.kubectl(t, "-n", "used", "create", "deployment", "d", "--image="+sandboxtest.Image)
	sandboxtest.Eventually(t, "the controllers' work", 20*time.Second, func() error {
		if said := s.kubectl(t, "-n", "used", "get", "replicasets", "-o", "name"); !strings.HasPrefix(said, "replicaset") {
			return fmt.Errorf("got %q", said)
		}
		return nil
	})
	want := []string{fmt.Sprintf("127.0.0.1:%d", s.cluster.port())}
	keeper := s.cluster.keeper()
	if got := listening(t, keeper); !slices.Equal(got, want) {
		t.Errorf("the keeper listens on %v, want %v", got, want)
	}
	daemons := children(t, keeper)
	if len(daemons) < 4 {
		t.Fatalf("processes %v: more were expected", daemons)
	}
	for _, pid := range daemons {
		for _, addr := range listening(t, pid) {
			if !strings.HasPrefix(addr, "127.0.0.1:") {
				t.Errorf("process %d listens on %s", pid, addr)
			}
		}
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	sandboxtest.Eventually(t, "the end of the cluster", 20*time.Second, func() error {
		if _, err := os.Stat(s.cluster.State); err == nil {
			return errors.New("its folder is still there")
		}
		for _, pid := range append(daemons, keeper) {
			if startOf(pid) != "" {
				return fmt.Errorf("process %d is still there", pid)
			}
		}
		return nil
	})
	for what := range machine(t) {
		if !before[what] {
			t.Errorf("left behind: %s", what)
		}
	}
}

// children are the processes that a process started, and theirs.
func children(t *testing.T, pid int) []int {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		for _, f := range strings.Fields(string(raw)) {
			child, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(append(out, child), children(t, child)...)
		}
	}
	return out
}
