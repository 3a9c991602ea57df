package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// keep holds a cluster up: it starts the first process of its namespaces, forwards loopback into them, and ends with it.
// Where it is killed, the kernel kills that process, and with it everything of the cluster.
func keep(c Cluster, p Programs, o options) (err error) {
	// The kernel's word to kill the child holds for the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	if err := c.remember(os.Getpid()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.forget()) }()
	if o.owner != 0 {
		defer func() { err = errors.Join(err, os.RemoveAll(c.State)) }()
	}
	if err := os.Remove(c.in("ready")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := c.makePKI(); err != nil {
		return fmt.Errorf("make the keys: %w", err)
	}
	if err := c.writeKubeconfigs(o); err != nil {
		return fmt.Errorf("write the kubeconfigs: %w", err)
	}
	if err := c.configure(p); err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	verb, attr := "pid1", syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if o.controlPlane {
		verb = "node"
	} else {
		attr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS
		// What a killed one has left goes first: the kubelet takes 3 s for each container that it finds without a process.
		if err := await(context.Background(), "the end of the cluster before this", c.dropCgroups); err != nil {
			return err
		}
		if err := c.makeCgroups(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.dropCgroups()) }()
	}
	// Before anything runs: a port that another program has is said at once.
	l, err := c.listen()
	if err != nil {
		return err
	}
	defer l.Close()
	first := exec.Command(self, append([]string{verb}, os.Args[2:]...)...)
	first.Stdout, first.Stderr, first.SysProcAttr = os.Stdout, os.Stderr, &attr
	if err := first.Start(); err != nil {
		if errors.Is(err, syscall.EPERM) {
			return fmt.Errorf("start the namespaces: %w: the kernel forbids them here; up -control-plane starts a cluster without a node", err)
		}
		return fmt.Errorf("start the namespaces: %w", err)
	}
	ended := wait(first)
	namespace := "" // none of its own
	if !o.controlPlane {
		if err := os.WriteFile(c.in("pid1"), fmt.Appendln(nil, first.Process.Pid), 0o644); err != nil {
			return err
		}
		namespace = fmt.Sprintf("/proc/%d/ns/net", first.Process.Pid)
	}
	f, err := newForwarder(namespace)
	if err != nil {
		_ = first.Process.Kill()
		return errors.Join(err, <-ended)
	}
	g := newGate(c, f, o.api(c))
	go g.serve(l)
	forget, err := keepFaults(c, g)
	if err != nil {
		_ = first.Process.Kill()
		return errors.Join(err, <-ended)
	}
	defer forget()
	select {
	case err := <-ended:
		return fmt.Errorf("the cluster ended by itself: %w", err)
	case <-stop:
	case <-c.forsaken(o):
	}
	_ = first.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-ended:
		return err
	case <-time.After(2 * goodbye):
		_ = first.Process.Kill()
		return errors.Join(errors.New("the cluster had to be killed"), <-ended)
	}
}

// wait gives what a process ended with.
func wait(p *exec.Cmd) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	return ended
}

// forsaken is closed when the cluster's owner has ended, or who waits for it has before it was up.
func (c Cluster) forsaken(o options) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		owner, launcher := startOf(o.owner), startOf(o.launcher)
		ended := func(pid int, begun string) bool { return begun == "" || startOf(pid) != begun }
		for {
			_, err := os.Stat(c.in("ready"))
			if o.owner != 0 && ended(o.owner, owner) || err != nil && ended(o.launcher, launcher) {
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
	}()
	return gone
}

// start starts a cluster and waits until it is ready.
func start(ctx context.Context, c Cluster, args []string) error {
	if err := errors.Join(os.MkdirAll(c.in("log"), 0o755), os.RemoveAll(c.in("ready"))); err != nil {
		return err
	}
	log, err := os.Create(c.in("log", "node.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// The keeper runs from a file of the cluster's own: that of go run is gone when up has ended.
	own := c.in("sandbox")
	if err := copyFile(self, own); err != nil {
		return err
	}
	keeper := exec.Command(own, append([]string{"keep"}, args...)...)
	keeper.Stdout, keeper.Stderr, keeper.Dir = log, log, "/"
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := keeper.Start(); err != nil {
		return fmt.Errorf("start the keeper: %w", err)
	}
	ended := wait(keeper)
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("the cluster did not start (%w): %s says why:\n%s", err, log.Name(), tail(log))
		case <-ctx.Done():
			_ = keeper.Process.Signal(syscall.SIGTERM)
			return errors.Join(ctx.Err(), <-ended)
		case <-time.After(50 * time.Millisecond):
		}
		if _, err := os.Stat(c.in("ready")); err == nil {
			return nil
		}
	}
}

// down ends a cluster, and takes away what one that was killed has left. With wipe its data goes too.
func down(c Cluster, wipe bool) error {
	if pid := c.keeper(); pid != 0 {
		begun := startOf(pid)
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			return fmt.Errorf("end the keeper: %w", err)
		}
		for range 200 {
			if startOf(pid) != begun {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if startOf(pid) == begun {
			return fmt.Errorf("the keeper (process %d) does not end: %s", pid, c.in("log", "node.log"))
		}
	}
	if err := c.dropCgroups(); err != nil {
		return err
	}
	if err := c.forget(); err != nil {
		return err
	}
	if wipe {
		return os.RemoveAll(c.State)
	}
	return nil
}

// forget removes what says that the cluster is up.
func (c Cluster) forget() error {
	var all []error
	for _, file := range []string{"ready", "pid1", "sandbox", "keeper"} {
		all = append(all, os.RemoveAll(c.in(file)))
	}
	return errors.Join(all...)
}
