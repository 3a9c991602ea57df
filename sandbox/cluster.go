package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A Cluster is one of those that may stand side by side on this machine. Its addresses are never used from the machine
// itself: outside of the cluster's namespace they would leave by the default gateway. What is reached from here is
// 127.0.0.1, where a forwarder listens.
type Cluster struct {
	N     int    // 0 to 250
	State string // folder of what it keeps
}

// The numbers of clusters; those from lowestAuto on are given to who asks for any.
const (
	highest    = 250
	lowestAuto = 100
)

// listen takes the cluster's port on loopback.
func (c Cluster) listen() (net.Listener, error) {
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port())))
	if err != nil {
		return nil, fmt.Errorf("listen for the cluster: %w", err)
	}
	return l, nil
}

// node is the name of the only node.
const node = "node1"

func (c Cluster) nodeIP() string   { return fmt.Sprintf("10.250.%d.2", c.N) }
func (c Cluster) pods() string     { return fmt.Sprintf("10.244.%d.0/24", c.N) }
func (c Cluster) services() string { return fmt.Sprintf("10.96.%d.0/24", c.N) }
func (c Cluster) apiIP() string    { return fmt.Sprintf("10.96.%d.1", c.N) }
func (c Cluster) dnsIP() string    { return fmt.Sprintf("10.96.%d.10", c.N) }
func (c Cluster) port() int        { return 16443 + c.N }
func (c Cluster) cgroup() string   { return fmt.Sprintf("vigie-sandbox-%d", c.N) }
func (c Cluster) in(p ...string) string {
	return filepath.Join(append([]string{c.State}, p...)...)
}

// Kubeconfig is the path of the administrator's, with the server on loopback.
func (c Cluster) Kubeconfig() string { return c.in("pki", "host.kubeconfig") }

// open gives cluster n of a cache.
func open(cache string, n int) (Cluster, error) {
	if n < 0 || n > highest {
		return Cluster{}, fmt.Errorf("-n %d: want a number of 0 to %d", n, highest)
	}
	return Cluster{N: n, State: filepath.Join(cache, "state", strconv.Itoa(n))}, nil
}

// keeper is the process that holds the cluster up; 0: it is down. A number that another process has taken since is none.
func (c Cluster) keeper() int {
	raw, err := os.ReadFile(c.in("keeper"))
	if err != nil {
		return 0
	}
	pid, begun, _ := strings.Cut(strings.TrimSpace(string(raw)), " ")
	id, err := strconv.Atoi(pid)
	if err != nil || begun == "" || startOf(id) != begun {
		return 0
	}
	return id
}

// isDown is the error of who wants something of a cluster that is down.
func (c Cluster) isDown() error {
	return fmt.Errorf("cluster %d is down: sandbox up -n %d starts it", c.N, c.N)
}

// remember writes down which process holds the cluster up.
func (c Cluster) remember(pid int) error {
	return os.WriteFile(c.in("keeper"), fmt.Appendf(nil, "%d %s\n", pid, startOf(pid)), 0o644)
}

// startOf is the moment at which a process began, in the kernel's ticks; empty: there is none, or it has ended.
func startOf(pid int) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(raw), ") ") // a name may hold spaces, and nothing after it does
	fields := strings.Fields(rest)
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return fields[19]
}

// hierarchies are the cgroup hierarchies of this machine: those of version 1, or the one of version 2.
func hierarchies() ([]string, error) {
	const root = "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err == nil {
		return []string{root}, nil
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("look for cgroups: %w", err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, filepath.Join(root, e.Name()))
		}
	}
	return out, nil
}

// makeCgroups makes the cluster's own subtree in each hierarchy. A cpuset is empty until it is filled from its parent.
func (c Cluster) makeCgroups() error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	for _, h := range all {
		own := filepath.Join(h, c.cgroup())
		if err := os.MkdirAll(own, 0o755); err != nil {
			if errors.Is(err, syscall.EROFS) {
				continue // a hierarchy that nobody may change, such as that of systemd's name alone
			}
			return fmt.Errorf("make the cluster's cgroup: %w", err)
		}
		for _, f := range []string{"cpuset.cpus", "cpuset.mems"} {
			set, err := os.ReadFile(filepath.Join(h, f))
			if err != nil {
				continue // not the hierarchy of cpusets
			}
			if err := os.WriteFile(filepath.Join(own, f), set, 0o644); err != nil {
				return fmt.Errorf("fill the cluster's cpuset: %w", err)
			}
		}
	}
	return nil
}

// dropCgroups removes the subtree, which is empty once every process has ended.
func (c Cluster) dropCgroups() error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	var left []error
	for _, h := range all {
		left = append(left, dropTree(filepath.Join(h, c.cgroup())))
	}
	return errors.Join(left...)
}

// dropTree removes folders from below: what stands in a cgroup folder are the kernel's files, which go with it.
func dropTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := dropTree(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return syscall.Rmdir(dir)
}
