package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// daemons are the programs that run as long as the node does. One that ends is started again: an API server or an etcd
// that was killed comes back, as it would under a supervisor.
type daemons struct {
	cluster Cluster
	env     []string
	attr    *syscall.SysProcAttr
	mu      sync.Mutex
	ending  bool
	running []*daemon
}

type daemon struct {
	name string
	argv []string
	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// start starts a daemon, whose output goes to log/NAME.log.
func (n *daemons) start(name string, argv []string) {
	d := &daemon{name: name, argv: argv, done: make(chan struct{})}
	n.mu.Lock()
	n.running = append(n.running, d)
	n.mu.Unlock()
	go n.keep(d)
}

// keep runs a daemon again and again until the node ends.
func (n *daemons) keep(d *daemon) {
	runtime.LockOSThread() // the kernel's word to kill the child holds for the thread that started it
	defer close(d.done)
	for {
		log, err := os.OpenFile(n.cluster.in("log", d.name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			fmt.Fprintln(os.Stderr, "sandbox:", err)
			return
		}
		cmd := exec.Command(d.argv[0], d.argv[1:]...)
		cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = n.env, log, log, n.attr
		n.mu.Lock()
		if n.ending {
			n.mu.Unlock()
			log.Close()
			return
		}
		err = cmd.Start()
		d.mu.Lock()
		d.cmd = cmd
		d.mu.Unlock()
		n.mu.Unlock()
		if err == nil {
			err = cmd.Wait()
		}
		log.Close()
		n.mu.Lock()
		ending := n.ending
		n.mu.Unlock()
		if ending {
			return
		}
		fmt.Printf("%s ended (%v): it is started again\n", d.name, err)
		time.Sleep(time.Second)
	}
}

// goodbye is how long a daemon may take to end.
const goodbye = 3 * time.Second

// end ends the daemons, the last that was started first.
func (n *daemons) end() {
	n.mu.Lock()
	n.ending = true
	all := slices.Clone(n.running)
	n.mu.Unlock()
	slices.Reverse(all)
	for _, d := range all {
		d.mu.Lock()
		if d.cmd != nil && d.cmd.Process != nil {
			_ = d.cmd.Process.Signal(syscall.SIGTERM)
		}
		d.mu.Unlock()
	}
	limit := time.After(goodbye)
	for _, d := range all {
		select {
		case <-d.done:
		case <-limit:
			return // the end of the first process ends the rest
		}
	}
}

func decode(body []byte, into any) error {
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

func encode(v any) ([]byte, error) { return json.Marshal(v) }

// nodeReady is nil once the node says that it is.
func (a *apiClient) nodeReady() error {
	var n struct {
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	if err := a.get("/api/v1/nodes/"+node, &n); err != nil {
		return err
	}
	for _, c := range n.Status.Conditions {
		if c.Type == "Ready" {
			if c.Status == "True" {
				return nil
			}
			return errors.New(c.Message)
		}
	}
	return errors.New("it has no condition Ready yet")
}

// driverKnown is nil once the node has registered a driver of volumes.
func (a *apiClient) driverKnown(name string) error {
	var n struct {
		Spec struct{ Drivers []struct{ Name string } }
	}
	if err := a.get("/apis/storage.k8s.io/v1/csinodes/"+node, &n); err != nil {
		return err
	}
	for _, d := range n.Spec.Drivers {
		if d.Name == name {
			return nil
		}
	}
	return fmt.Errorf("the node does not know the driver %s yet", name)
}

// namesServed is nil once the name server is one of its service's.
func (a *apiClient) namesServed() error {
	var list struct {
		Items []struct {
			Endpoints []struct{ Conditions struct{ Ready *bool } }
		}
	}
	if err := a.get("/apis/discovery.k8s.io/v1/namespaces/openshift-dns/endpointslices", &list); err != nil {
		return err
	}
	for _, s := range list.Items {
		for _, e := range s.Endpoints {
			if e.Conditions.Ready != nil && *e.Conditions.Ready {
				return nil
			}
		}
	}
	return errors.New("it is not ready yet")
}
