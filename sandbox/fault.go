package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// The faults between loopback and the API server, and of the control plane.
const (
	apiSlow    = "api-slow"
	api429     = "api-429"
	api500     = "api-500"
	apiCut     = "api-cut"
	apiRestart = "api-restart"
	etcdGone   = "etcd-gone"
)

// menu are the faults, and what each does.
var menu = []struct{ name, does string }{
	{"crash-loop", "a Deployment whose program refuses to start"},
	{"oom", "a Deployment whose program takes more memory than its limit"},
	{"full-volume", "a Deployment with a volume that is written full"},
	{"expired-certificate", "a Deployment that serves TLS with a certificate that has ended, its Secret, its Service, and a Route, or an Ingress where Routes are not known"},
	{"drain", "the node is cordoned and its pods are evicted, but for those that a PodDisruptionBudget protects"},
	{apiSlow, "the API server answers after -delay"},
	{api429, "it answers 429, with Retry-After"},
	{api500, "it answers 500"},
	{apiCut, "connections to it are cut, and new ones reset"},
	{apiRestart, "its process is killed, and comes back (with -for: after that time)"},
	{etcdGone, "etcd is killed, and stays away"},
}

const faultUsage = `Fault breaks something in a cluster that is up, or on the way to it.

  go run ./sandbox fault NAME  begin a fault (fault list names them)
  go run ./sandbox fault none  end all of them

-n N names the cluster; -for 30s ends the fault by itself, else fault none does; -share 0.5 strikes half of the requests,
of api-cut half of the connections; -delay 1s is api-slow's; -namespace is where pods are made (boutique-prod). The
command returns when the fault is there to be seen. On the way to the API server means from this machine: the cluster's
own daemons see nothing of slow, 429, 500 and cut.

`

// A wish is what the command asks the keeper for: a fault of the menu, list or none.
type wish struct {
	Name, Namespace string
	For, Delay      time.Duration
	Share           float64
}

// An outcome is what came of it.
type outcome struct {
	Lines []string // for people
	Error string
}

// faultCommand is the command.
func faultCommand(cache string, args []string, out io.Writer) error {
	var w wish
	fs := flag.NewFlagSet("fault", flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(fs.Output(), faultUsage) }
	n := fs.Int("n", 0, "")
	fs.DurationVar(&w.For, "for", 0, "")
	fs.DurationVar(&w.Delay, "delay", time.Second, "")
	fs.Float64Var(&w.Share, "share", 1, "")
	fs.StringVar(&w.Namespace, "namespace", "boutique-prod", "")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		w.Name, args = args[0], args[1:]
	}
	if err := fs.Parse(args); err != nil {
		return err
	}
	switch {
	case fs.NArg() > 0:
		return fmt.Errorf("%q is not taken: the fault's name comes first, see sandbox fault -h", fs.Arg(0))
	case w.Name == "":
		fs.Usage()
		return flag.ErrHelp
	case w.Name == "list":
		for _, f := range menu {
			fmt.Fprintf(out, "%-20s %s\n", f.name, f.does)
		}
		return nil
	case w.Name != "none" && !slices.ContainsFunc(menu, func(f struct{ name, does string }) bool { return f.name == w.Name }):
		return fmt.Errorf("no fault %q: sandbox fault list names them", w.Name)
	case w.Share <= 0 || w.Share > 1:
		return fmt.Errorf("-share %v: want more than 0, 1 at most", w.Share)
	case w.For < 0 || w.Delay < 0:
		return errors.New("-for and -delay: want no time before now")
	}
	c, err := open(cache, *n)
	if err != nil {
		return err
	}
	if c.keeper() == 0 {
		return c.isDown()
	}
	o, err := ask[outcome](c, keeperSocket, w)
	if err != nil {
		return err
	}
	for _, line := range o.Lines {
		fmt.Fprintln(out, line)
	}
	if o.Error != "" {
		return errors.New(o.Error)
	}
	return nil
}

// faultsOf says which faults are active, for status.
func faultsOf(c Cluster) ([]string, error) {
	o, err := ask[outcome](c, keeperSocket, wish{Name: "list"})
	return o.Lines, err
}

// troubles are the faults of a cluster, which its keeper makes and ends: a command may be killed.
type troubles struct {
	c      Cluster
	g      *gate
	kube   func() (*kube, error)
	mu     sync.Mutex // one change at a time
	show   sync.Mutex // of what is active
	active map[string]*trouble
}

// A trouble is a fault that is active.
type trouble struct {
	wish
	until time.Time // zero: until fault none
	timer *time.Timer
	stop  context.CancelFunc // ends what still waits for it to be seen
}

// keepFaults takes wishes until stop is called. A cluster that begins has no fault: what one that ended has left in its
// pods is taken away once it is ready.
func keepFaults(c Cluster, g *gate) (stop func(), err error) {
	t := &troubles{c: c, g: g, active: map[string]*trouble{}, kube: sync.OnceValues(func() (*kube, error) { return c.kubeBeside(g) })}
	ctx, cancel := context.WithCancel(context.Background())
	unlisten, err := listenFor(c, keeperSocket, func(w wish) outcome { return t.grant(ctx, w) })
	if err != nil {
		cancel()
		return nil, err
	}
	t.mu.Lock() // wishes wait for it
	go func() {
		defer t.mu.Unlock()
		if err := t.clearOld(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "sandbox: take away old faults:", err)
		}
	}()
	return func() { cancel(); unlisten() }, nil
}

// kubeBeside speaks to the API server on a way that no fault of the gate is on.
func (c Cluster) kubeBeside(g *gate) (*kube, error) {
	conf, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		return nil, err
	}
	if g != nil {
		conf.Dial = g.dial
	}
	return newKube(rest.CopyConfig(conf))
}

func (t *troubles) grant(ctx context.Context, w wish) outcome {
	if w.Name == "list" {
		return outcome{Lines: t.list()}
	}
	var lines []string
	var err error
	if w.Name == "none" {
		lines, err = t.none(ctx)
	} else {
		lines, err = t.begin(ctx, w)
	}
	o := outcome{Lines: lines}
	if err != nil {
		o.Error = err.Error()
	}
	return o
}

func (t *troubles) list() (out []string) {
	t.show.Lock()
	defer t.show.Unlock()
	for _, key := range slices.Sorted(maps.Keys(t.active)) {
		line := "fault " + key
		if until := t.active[key].until; !until.IsZero() {
			line += ", for another " + time.Until(until).Round(time.Second).String()
		}
		out = append(out, line)
	}
	return out
}

// key names a fault that is active: one of pods may be in several namespaces.
func (w wish) key() string {
	if _, ok := podFaults[w.Name]; ok {
		return w.Name + " in " + w.Namespace
	}
	return w.Name
}

// begin makes a fault, and waits until it is to be seen.
func (t *troubles) begin(ctx context.Context, w wish) ([]string, error) {
	t.mu.Lock()
	ctx, stop := context.WithCancel(ctx)
	see, lines, err := t.make(ctx, w)
	if err != nil {
		t.mu.Unlock()
		stop()
		return lines, err
	}
	now := &trouble{wish: w, stop: stop}
	t.show.Lock()
	if old := t.active[w.key()]; old != nil {
		old.forget()
	}
	if w.Name != apiRestart || w.For > 0 {
		t.active[w.key()] = now
	}
	t.show.Unlock()
	t.mu.Unlock()
	if see != nil { // others may be made meanwhile
		err = see(ctx)
	}
	t.show.Lock()
	defer t.show.Unlock()
	if t.active[w.key()] == now && w.For > 0 { // the time is that in which it is to be seen
		now.until = time.Now().Add(w.For)
		now.timer = time.AfterFunc(w.For, func() { t.endOne(now) })
	}
	if err != nil {
		return lines, fmt.Errorf("%s is made, but not to be seen: %w", w.Name, err)
	}
	return lines, nil
}

func (t *trouble) forget() {
	t.stop()
	if t.timer != nil {
		t.timer.Stop()
	}
}

// make makes a fault; see waits until it shows.
func (t *troubles) make(ctx context.Context, w wish) (see func(context.Context) error, lines []string, err error) {
	switch w.Name {
	case apiSlow, api429, api500, apiCut:
		if t.g == nil {
			return nil, nil, fmt.Errorf("%s needs a cluster with namespaces: this one's API server listens on loopback itself", w.Name)
		}
		return nil, nil, t.g.begin(w.Name, apiFault{share: w.Share, delay: w.Delay})
	case etcdGone:
		return nil, nil, t.daemon("etcd", true)
	case apiRestart:
		if err := t.daemon("kube-apiserver", true); err != nil || w.For > 0 {
			return nil, nil, err
		}
		return nil, nil, t.daemon("kube-apiserver", false)
	case "drain":
		lines, err := t.drain(ctx)
		return nil, lines, err
	}
	see, err = t.makePods(ctx, w)
	return see, nil, err
}

// endOne ends a fault whose time is over.
func (t *troubles) endOne(old *trouble) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.show.Lock()
	still := t.active[old.key()] == old
	t.show.Unlock()
	if !still {
		return // ended, or begun anew
	}
	if err := t.undo(context.Background(), old); err != nil {
		fmt.Fprintf(os.Stderr, "sandbox: end %s: %v\n", old.key(), err)
		return // status goes on to show it, and fault none tries again
	}
}

func (t *troubles) undo(ctx context.Context, old *trouble) error {
	t.show.Lock()
	old.forget()
	t.show.Unlock()
	var err error
	switch old.Name {
	case apiSlow, api429, api500, apiCut:
		t.g.end(old.Name)
	case etcdGone:
		err = errors.Join(t.daemon("etcd", false), t.awaitAPI(ctx))
	case apiRestart:
		err = errors.Join(t.daemon("kube-apiserver", false), t.awaitAPI(ctx))
	case "drain":
		err = t.uncordon(ctx)
	default:
		err = t.removePods(ctx, old.Name, old.Namespace)
	}
	if err == nil {
		t.show.Lock()
		delete(t.active, old.key())
		t.show.Unlock()
	}
	return err
}

// awaitAPI waits until the API server reads from etcd again.
func (t *troubles) awaitAPI(ctx context.Context) error {
	k, err := t.kube()
	if err != nil {
		return err
	}
	return await(ctx, "the API server", func() error {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // what was asked while etcd was away may hang for a minute
		defer cancel()
		_, err := k.has(ctx, kindOf("", "v1", "Namespace"), "", "default")
		return err
	})
}

// none ends all faults: those on the way to the API server first, then those in its cluster.
func (t *troubles) none(ctx context.Context) (lines []string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.show.Lock()
	all := slices.Collect(maps.Values(t.active))
	t.show.Unlock()
	inPods := func(a *trouble) int {
		if _, ok := podFaults[a.Name]; ok || a.Name == "drain" {
			return 1
		}
		return 0
	}
	slices.SortFunc(all, func(a, b *trouble) int { return 2*(inPods(a)-inPods(b)) + strings.Compare(a.key(), b.key()) })
	var errs []error
	for _, a := range all {
		if err := t.undo(ctx, a); err != nil {
			errs = append(errs, fmt.Errorf("end %s: %w", a.key(), err))
			continue
		}
		lines = append(lines, "ended: "+a.key())
	}
	if len(errs) == 0 {
		if err := os.Remove(t.c.in("faults")); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return lines, errors.Join(errs...)
}

// A hold is what the keeper asks the node's process for: that a daemon is killed and stays away, or comes back.
type hold struct {
	Daemon string
	Held   bool
}

func (t *troubles) daemon(name string, held bool) error {
	o, err := ask[outcome](t.c, nodeSocket, hold{name, held})
	if err == nil && o.Error != "" {
		err = errors.New(o.Error)
	}
	return err
}

// listen takes holds, in the node's process.
func (n *daemons) listen() (stop func(), err error) {
	return listenFor(n.cluster, nodeSocket, func(h hold) outcome {
		if !h.Held {
			n.release(h.Daemon)
			return outcome{}
		}
		if err := n.hold(h.Daemon); err != nil {
			return outcome{Error: err.Error()}
		}
		return outcome{}
	})
}
