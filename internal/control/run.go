package control

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"vigie/internal/inventory"
)

// Run evaluates controls over inv at now and hands each finding to emit, in an order that is the same at every
// run: by space, then control, then subject. Evaluations run in parallel, emit is called from one goroutine.
// Run ends at the first error of emit, or when ctx ends.
func Run(ctx context.Context, inv *inventory.Inventory, controls []*Control, set Settings, now time.Time, emit func(*Finding) error) error {
	jobs := plan(inv, controls)
	results := make([]chan chunks, len(jobs))
	for i := range results {
		results[i] = make(chan chunks, 1)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := runtime.GOMAXPROCS(0)
	// Bounded look-ahead: a worker does not run far before what was emitted, so that findings do not pile up.
	ahead := make(chan int, 4*workers)
	go func() {
		defer close(ahead)
		for i := range jobs {
			select {
			case ahead <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range ahead {
				results[i] <- jobs[i].run(inv, set, now)
			}
		})
	}
	defer wg.Wait()
	defer stop()
	for i := range jobs {
		select {
		case fs := <-results[i]:
			results[i] = nil
			if err := fs.emit(emit); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// emit hands on each finding, and lets go of each piece that was.
func (c chunks) emit(to func(*Finding) error) error {
	for i, fs := range c {
		c[i] = nil
		for k := range fs {
			if err := to(&fs[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// A job is one control in one space.
type job struct {
	control *Control
	allowed map[inventory.Input]bool
	space   inventory.Space
}

func plan(inv *inventory.Inventory, controls []*Control) (jobs []job) {
	allowed := make([]map[inventory.Input]bool, len(controls))
	for i, c := range controls {
		allowed[i] = map[inventory.Input]bool{}
		for _, in := range c.Inputs() {
			allowed[i][in] = true
		}
	}
	add := func(i int, s inventory.Space) { jobs = append(jobs, job{controls[i], allowed[i], s}) }
	for _, s := range inv.Spaces() {
		for i, c := range controls {
			if c.Scope == Namespace && (!s.IsCluster() || anySeen(inv, c, s)) {
				add(i, s)
			}
		}
	}
	for i, c := range controls {
		if c.Scope != Namespace {
			add(i, inventory.Cluster)
		}
	}
	return jobs
}

// anySeen reports whether the cluster's own space holds something for a control of namespaces: a ClusterRole has
// an API version as every object has.
func anySeen(inv *inventory.Inventory, c *Control, s inventory.Space) bool {
	return slices.ContainsFunc(c.Inputs(), func(in inventory.Input) bool {
		return inv.Count(in, s) > 0
	})
}

func (j job) whole(inv *inventory.Inventory) inventory.Ref {
	switch {
	case j.control.Scope == Tenant:
		return inventory.Ref{Kind: "Tenant", Cluster: inv.ClusterName()}
	case j.space.IsCluster():
		return inventory.Ref{Kind: "Cluster", Cluster: inv.ClusterName()}
	}
	return inventory.Ref{Kind: "Namespace", Name: j.space.Namespace, Root: j.space.Root, Cluster: inv.ClusterName()}
}

func (j job) run(inv *inventory.Inventory, set Settings, now time.Time) (fs chunks) {
	e := &Eval{View: inv.View(j.space, j.allowed, now), Settings: set, control: j.control, seenAt: inv.At}
	whole := e.OnRef(j.whole(inv))
	defer func() {
		if r := recover(); r != nil {
			// Half an evaluation proves nothing: what was said so far is dropped.
			e.out = nil
			whole.say(Unknown, ReasonBroken, Values{"control": j.control.ID, "panic": panicText(r)}, nil)
			fs = e.out
		}
	}()
	e.until = e.View.Until(j.control.Inputs()...)
	j.control.Run(e)
	if gaps := e.Gaps(j.control.Needs...); len(gaps) > 0 {
		if !j.space.IsCluster() || j.control.Scope != Namespace {
			whole.say(Unknown, ReasonGap, nil, gaps)
		}
	} else if len(e.out) == 0 && (!j.space.IsCluster() || j.control.Scope != Namespace) {
		whole.NotApplicable()
	}
	return e.out
}

// panicText is the panic's own words, cut: a panic of ours names inputs and indexes, never what an object holds.
func panicText(r any) string {
	if err, ok := r.(runtime.Error); ok {
		return err.Error()
	}
	if s, ok := r.(string); ok {
		return s
	}
	return fmt.Sprintf("%T", r)
}

// Keeps says of which kinds any of the controls reads whole objects; nil where none does.
func Keeps(all []*Control) func(group, kind string) bool {
	var asked []func(group, kind string) bool
	for _, c := range all {
		if c.Keeps != nil {
			asked = append(asked, c.Keeps)
		}
	}
	if asked == nil {
		return nil
	}
	return func(group, kind string) bool {
		return slices.ContainsFunc(asked, func(keeps func(string, string) bool) bool { return keeps(group, kind) })
	}
}
