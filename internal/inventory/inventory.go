package inventory

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// An Input is what a control can read: a kind of object or a fact. Inputs are compared by identity: each is one
// package-level variable.
type Input interface {
	// Name is how gaps cite the input: "list deployments.apps", or a fact's key.
	Name() string
	// PerCluster reports that the input stands once, in the cluster's space, whichever space asks.
	PerCluster() bool
	maxAge() time.Duration
	empty() any // what a read of nothing gives: an empty list for a kind, nil for a fact
}

// Inventory is the read-only picture that controls are given.
type Inventory struct {
	At     time.Time // when it was read
	Unread []Unread  // documents that were not understood, in order of file and line

	cluster string
	spaces  map[Space]*space
	order   []Space
	def     State             // of a cell that nobody wrote, in a space that is known
	overall map[Input]cell    // state of an input that was asked of the whole cluster, where a space has no cell of its own
	holding map[Input][]Space // the spaces in which objects of an input were seen, in order
	wide    wideJoins
}

type space struct {
	cells map[Input]*cell
	// degraded says why no list of this space can be whole; empty where nothing stands against it.
	degraded string
	mu       sync.Mutex
	joins    map[any]*joined
}

type cell struct {
	state  State
	detail string
	at     time.Time // zero: the inventory's
	data   any       // []Item[T] of a Kind, T of a Fact
	count  int
}

type joined struct {
	once  sync.Once
	needs []Input
	val   any
}

// Spaces lists every space that holds something, in order: the cluster first.
func (inv *Inventory) Spaces() []Space { return inv.order }

// Namespaces counts the spaces other than the cluster.
func (inv *Inventory) Namespaces() int {
	n := len(inv.order)
	if n > 0 && inv.order[0].IsCluster() {
		n--
	}
	return n
}

// cell gives the cell of in as asked from s; a missing one has the inventory's default state.
func (inv *Inventory) cell(in Input, s Space) cell {
	if in.PerCluster() {
		s = Cluster
	}
	c := cell{state: inv.def, at: inv.At}
	if in.empty() == nil {
		c.state = NotCollected // a fact that nobody put is never complete, whatever trees were read whole
	}
	if asked, ok := inv.overall[in]; ok {
		c.state, c.detail = asked.state, asked.detail
	}
	sp := inv.spaces[s]
	if sp == nil {
		return c
	}
	if own := sp.cells[in]; own != nil {
		c = *own
	}
	if sp.degraded != "" && c.state == Complete && in.empty() != nil {
		c.state, c.detail = Partial, sp.degraded
	}
	return c
}

// state is the cell's state at now, and the moment at which time alone makes it stale (zero: never).
func (inv *Inventory) state(in Input, s Space, now time.Time) (State, string, time.Time) {
	c := inv.cell(in, s)
	age := in.maxAge()
	if age == 0 || c.state.IsGap() {
		return c.state, c.detail, time.Time{}
	}
	at := c.at
	if at.IsZero() {
		at = inv.At
	}
	until := at.Add(age)
	if !now.Before(until) {
		return Stale, c.detail, time.Time{}
	}
	return c.state, c.detail, until
}

// Gap reports why in cannot be used whole in s at now; ok is false where it can.
func (inv *Inventory) Gap(in Input, s Space, now time.Time) (g Gap, ok bool) {
	st, detail, _ := inv.state(in, s, now)
	if st.Whole() {
		return Gap{}, false
	}
	return Gap{Input: in.Name(), Space: s, State: st, Detail: detail}, true
}

// Degraded says why no list of s is whole; empty where nothing stands against it.
func (inv *Inventory) Degraded(s Space) string {
	if sp := inv.spaces[s]; sp != nil {
		return sp.degraded
	}
	return ""
}

// Count is the number of objects of in seen in s.
func (inv *Inventory) Count(in Input, s Space) int { return inv.cell(in, s).count }

// A View is an Inventory as one control may see it: one space, the declared inputs, one moment.
type View struct {
	inv     *Inventory
	space   Space
	allowed map[Input]bool
	now     time.Time
}

// View narrows inv to the inputs allowed, in space s, at now.
func (inv *Inventory) View(s Space, allowed map[Input]bool, now time.Time) View {
	return View{inv: inv, space: s, allowed: allowed, now: now}
}

// Space is the view's own.
func (v View) Space() Space { return v.space }

// Now is the moment of the evaluation.
func (v View) Now() time.Time { return v.now }

// Elsewhere is the same view from another space, for the scopes that are wider than one namespace.
func (v View) Elsewhere(s Space) View { v.space = s; return v }

// Spaces lists every space of the inventory.
func (v View) Spaces() []Space { return v.inv.order }

// SpacesWith lists the spaces in which objects of the input were seen, in order: what is looked for across the tenant
// is looked for there alone. An object that was seen is listed though its list is a gap.
func (v View) SpacesWith(in Input) []Space {
	v.check(in)
	return v.inv.holding[in]
}

// Whole reports that each of the inputs was read whole: only then does an absence prove anything.
func (v View) Whole(inputs ...Input) bool {
	for _, in := range inputs {
		v.check(in)
		if st, _, _ := v.inv.state(in, v.space, v.now); !st.Whole() {
			return false
		}
	}
	return true
}

// Gaps lists the inputs that are not whole, with what would mend them.
func (v View) Gaps(inputs ...Input) (gaps []Gap) {
	for _, in := range inputs {
		v.check(in)
		if g, ok := v.inv.Gap(in, v.space, v.now); ok {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

// Until is the first moment at which time alone makes one of the inputs stale; zero: never.
func (v View) Until(inputs ...Input) (first time.Time) {
	for _, in := range inputs {
		if _, _, u := v.inv.state(in, v.space, v.now); !u.IsZero() && (first.IsZero() || u.Before(first)) {
			first = u
		}
	}
	return first
}

func (v View) check(in Input) {
	if !v.allowed[in] {
		panic(fmt.Sprintf("read of undeclared input %q", in.Name()))
	}
}

func (v View) read(in Input) any {
	v.check(in)
	if st, _, _ := v.inv.state(in, v.space, v.now); st.IsGap() {
		return in.empty()
	}
	if d := v.inv.cell(in, v.space).data; d != nil {
		return d
	}
	return in.empty()
}

// A Join is something that is computed from the inputs of one space, once, and shared by every control: an index
// of selectors, of owners, of mounts.
type Join[T any] struct {
	needs []Input
	build func(View) T
	wide  bool // over every space
}

// NewJoin makes a join over needs. build sees no other input, and must not keep its View.
func NewJoin[T any](needs []Input, build func(View) T) *Join[T] {
	return &Join[T]{needs: slices.Clip(needs), build: build}
}

// Needs are the inputs that a control must declare to read the join.
func (j *Join[T]) Needs() []Input { return j.needs }

// In gives the join for the view's space, building it at the first call.
func (j *Join[T]) In(v View) T {
	for _, in := range j.needs {
		v.check(in)
	}
	if j.wide {
		return j.everywhere(v)
	}
	sp := v.inv.spaces[v.space]
	if sp == nil {
		return j.build(v)
	}
	sp.mu.Lock()
	m := sp.joins[j]
	if m == nil {
		m = &joined{needs: j.needs}
		sp.joins[j] = m
	}
	sp.mu.Unlock()
	m.once.Do(func() { m.val = j.build(v) })
	if m.val == nil { // an earlier build panicked: say so again rather than hand out nothing
		panic("join could not be built")
	}
	return m.val.(T)
}

// ClusterName is the name of the cluster in the configuration; empty for files.
func (inv *Inventory) ClusterName() string { return inv.cluster }
