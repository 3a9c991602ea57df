package control

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"vigie/internal/inventory"
)

// lookAhead is how many jobs per worker may be evaluated before the first of them was emitted: enough that a slow one
// does not hold the others up, few enough that findings do not pile up behind a slow report.
const lookAhead = 32

// Run evaluates controls over inv at now and hands each finding to emit, in an order that is the same at every
// run: by space, then control, then subject. Evaluations run in parallel, emit is called from one goroutine. A finding
// is emit's until it returns: who keeps one keeps a copy. Run ends at the first error of emit, or when ctx ends.
func Run(ctx context.Context, inv *inventory.Inventory, controls []*Control, set Settings, now time.Time, emit func(*Finding) error) error {
	ctx, stop := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	type asked struct {
		job
		to chan<- chunks
	}
	work := make(chan asked)
	order := make(chan (<-chan chunks), lookAhead*workers)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(order)
		defer close(work)
		// One more waits to be put in order and one is being emitted: a place is free again when its turn comes.
		ring := make([]chan chunks, cap(order)+2)
		for i, j := range plan(inv, controls) {
			at := i % len(ring)
			if ring[at] == nil {
				ring[at] = make(chan chunks, 1)
			}
			select {
			case order <- ring[at]:
			case <-ctx.Done():
				return
			}
			select {
			case work <- asked{j, ring[at]}:
			case <-ctx.Done():
				return
			}
		}
	})
	for range workers {
		wg.Go(func() {
			for a := range work {
				a.to <- a.run(inv, set, now)
			}
		})
	}
	defer wg.Wait()
	defer stop()
	for next := range order {
		select {
		case fs := <-next:
			if err := fs.emit(emit); err != nil {
				return err
			}
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// A job is one control in one space.
type job struct {
	control *Control
	allowed map[inventory.Input]bool
	space   inventory.Space
}

// plan gives the jobs in their order.
func plan(inv *inventory.Inventory, controls []*Control) iter.Seq2[int, job] {
	allowed := make([]map[inventory.Input]bool, len(controls))
	for i, c := range controls {
		allowed[i] = map[inventory.Input]bool{}
		for _, in := range c.Inputs() {
			allowed[i][in] = true
		}
	}
	return func(yield func(int, job) bool) {
		n := 0
		give := func(i int, s inventory.Space) bool {
			n++
			return yield(n-1, job{controls[i], allowed[i], s})
		}
		for _, s := range inv.Spaces() {
			for i, c := range controls {
				if c.Scope == Namespace && (!s.IsCluster() || anySeen(inv, c, s)) && !give(i, s) {
					return
				}
			}
		}
		for i, c := range controls {
			if c.Scope != Namespace && !give(i, inventory.Cluster) {
				return
			}
		}
	}
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
			e.out.drop()
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
