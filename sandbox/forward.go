package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

// sysSetns is the number of setns(2), which package syscall does not have.
var sysSetns = map[string]uintptr{"amd64": 308, "arm64": 268}[runtime.GOARCH]

// A forwarder takes connections on this machine's loopback and makes them again inside a network namespace. So no
// interface and no route joins the two.
type forwarder struct {
	jobs chan dialling
}

type dialling struct {
	addr string
	got  chan<- dialled
}

type dialled struct {
	conn *net.TCPConn
	err  error
}

// dialers is how many connections may be made at once.
const dialers = 4

// newForwarder makes a forwarder into the network namespace of a path; where that is empty, into this process's own.
func newForwarder(path string) (*forwarder, error) {
	if sysSetns == 0 && path != "" {
		return nil, fmt.Errorf("no number of setns is known for %s", runtime.GOARCH)
	}
	f := &forwarder{jobs: make(chan dialling)}
	ready := make(chan error)
	for range dialers {
		go f.dial(path, ready)
	}
	for range dialers {
		if err := <-ready; err != nil {
			return nil, fmt.Errorf("enter the cluster's network: %w", err)
		}
	}
	return f, nil
}

// dial keeps one thread in the namespace for good: a socket stays in the namespace that it was made in.
func (f *forwarder) dial(path string, ready chan<- error) {
	runtime.LockOSThread() // never given back: the thread ends with this function
	err := join(path)
	ready <- err
	if err != nil {
		return
	}
	d := net.Dialer{Timeout: 3 * time.Second, FallbackDelay: -1} // a second attempt would run on another thread
	for j := range f.jobs {
		conn, err := d.Dial("tcp4", j.addr)
		if err != nil {
			j.got <- dialled{err: err}
			continue
		}
		j.got <- dialled{conn: conn.(*net.TCPConn)}
	}
}

// open makes a connection to an address of the namespace.
func (f *forwarder) open(to string) (*net.TCPConn, error) {
	got := make(chan dialled, 1)
	f.jobs <- dialling{to, got}
	d := <-got
	return d.conn, d.err
}

// join takes this thread into a network namespace.
func join(path string) error {
	if path == "" {
		return nil
	}
	ns, err := os.Open(path)
	if err != nil {
		return err
	}
	defer ns.Close()
	if _, _, no := syscall.RawSyscall(sysSetns, ns.Fd(), syscall.CLONE_NEWNET, 0); no != 0 {
		return no
	}
	return nil
}

// serve forwards what comes to a listener to an address of the namespace, until the listener is closed.
func (f *forwarder) serve(l net.Listener, to string) {
	for {
		from, err := l.Accept()
		if err != nil {
			return
		}
		go f.forward(from.(*net.TCPConn), to)
	}
}

// forward joins a connection with one to an address of the namespace.
func (f *forwarder) forward(from *net.TCPConn, to string) {
	conn, err := f.open(to)
	if err != nil {
		from.Close() // a client sees a connection that is cut, as from a server that is down
		return
	}
	splice(from, conn)
}

// splice copies both ways until both ends have said all.
func splice(a, b *net.TCPConn) {
	defer a.Close()
	defer b.Close()
	done := make(chan struct{}, 2)
	half := func(to, from *net.TCPConn) {
		_, _ = io.Copy(to, from) // either end may go away: the other is told by the close
		_ = to.CloseWrite()
		done <- struct{}{}
	}
	go half(a, b)
	go half(b, a)
	<-done
	<-done
}
