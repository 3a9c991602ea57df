package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// keep holds a cluster up: it starts the first process of its namespaces, forwards loopback into them, and ends with it.
// Where it is killed, the kernel kills that process, and with it everything of the cluster.
func keep(c Cluster, p Programs) (err error) {
	// The kernel's word to kill the child holds for the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	if err := c.remember(os.Getpid()); err != nil {
		return err
	}
	defer os.Remove(c.in("keeper"))
	if err := os.Remove(c.in("ready")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	// One that was cut off has left those of its pods, and the kubelet takes 3 s for each that it finds without a process.
	if err := await(context.Background(), "the end of the cluster before this", c.dropCgroups); err != nil {
		return err
	}
	if err := c.makeCgroups(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.dropCgroups()) }()
	if err := c.makePKI(); err != nil {
		return fmt.Errorf("make the keys: %w", err)
	}
	if err := c.configure(p); err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	// Before anything runs: a port that another program has is said at once.
	l, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(c.port()))
	if err != nil {
		return fmt.Errorf("listen for the cluster: %w", err)
	}
	defer l.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	first := exec.Command(self, append([]string{"pid1"}, os.Args[2:]...)...)
	first.Stdout, first.Stderr = os.Stdout, os.Stderr
	first.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS, Pdeathsig: syscall.SIGKILL,
	}
	if err := first.Start(); err != nil {
		return fmt.Errorf("start the namespaces: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- first.Wait() }()
	f, err := enter(first.Process.Pid)
	if err != nil {
		_ = first.Process.Kill()
		return errors.Join(err, <-ended)
	}
	g := newGate(c, f)
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
	}
	_ = first.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(2 * goodbye):
		_ = first.Process.Kill()
		<-ended
	}
	return nil
}

// up starts a cluster and waits until it is ready.
func up(ctx context.Context, c Cluster, args []string) error {
	if pid := c.keeper(); pid != 0 {
		return fmt.Errorf("cluster %d is up already (process %d): sandbox down ends it", c.N, pid)
	}
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
	ended := make(chan error, 1)
	go func() { ended <- keeper.Wait() }()
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("the cluster did not start (%w): %s says why:\n%s", err, log.Name(), tail(log.Name()))
		case <-ctx.Done():
			_ = keeper.Process.Signal(syscall.SIGTERM)
			<-ended
			return ctx.Err()
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
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			return fmt.Errorf("end the keeper: %w", err)
		}
		for range 200 {
			if c.keeper() == 0 {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if c.keeper() != 0 {
			return fmt.Errorf("the keeper (process %d) does not end: %s", pid, c.in("log", "node.log"))
		}
	}
	if err := c.dropCgroups(); err != nil {
		return err
	}
	for _, file := range []string{"ready", "keeper", "sandbox"} {
		if err := os.RemoveAll(c.in(file)); err != nil {
			return err
		}
	}
	if wipe {
		return os.RemoveAll(c.State)
	}
	return nil
}
