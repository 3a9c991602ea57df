package inventory

import (
	"cmp"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Builder makes an Inventory. Its methods, and the Add, Put and Delete of a Kind, may be called by several
// goroutines at once.
type Builder struct {
	mu     sync.Mutex
	inv    *Inventory
	drafts map[cellKey]draft // cells being written
	states map[cellKey]*cell // states set, without data
	base   *Inventory        // what an Edit began from; nil for a new one
}

type cellKey struct {
	in    Input
	space Space
}

// A draft is a cell being filled; seal makes it a cell.
type draft interface{ seal() cell }

// NewBuilder starts an empty inventory of one cluster ("" for files), read at at. unset is the state of every input
// that nobody adds to or sets: Complete where whole trees are read, NotCollected where lists are asked one by one.
func NewBuilder(cluster string, at time.Time, unset State) *Builder {
	return &Builder{
		inv:    &Inventory{At: at, cluster: cluster, spaces: map[Space]*space{}, def: unset, wide: newWideJoins()},
		drafts: map[cellKey]draft{}, states: map[cellKey]*cell{},
	}
}

// Edit starts a new inventory from inv: what is not written is shared, with the joins that rest on it.
func (inv *Inventory) Edit(at time.Time) *Builder {
	b := NewBuilder(inv.cluster, at, inv.def)
	b.base = inv
	b.inv.overall = maps.Clone(inv.overall)
	b.inv.Unread = slices.Clip(inv.Unread)
	return b
}

// At says when what is read was seen, where the source knows better than who called NewBuilder.
func (b *Builder) At(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inv.At = t
}

// Cluster is the name that references of this inventory carry.
func (b *Builder) Cluster() string { return b.inv.cluster }

// Touch makes s known though nothing may be seen in it: a namespace that was asked for.
func (b *Builder) Touch(s Space) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.touch(s)
}

func (b *Builder) touch(s Space) {
	if b.inv.spaces[s] == nil {
		b.inv.spaces[s] = &space{cells: map[Input]*cell{}, joins: map[any]*joined{}}
	}
}

// SetState says how far in was read in s. A later call overrides an earlier one.
func (b *Builder) SetState(in Input, s Space, st State, detail string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if in.PerCluster() {
		s = Cluster
	}
	b.touch(s)
	b.states[cellKey{in, s}] = &cell{state: st, detail: detail}
}

// SetOverall says how far in was read where the whole cluster was asked at once: it is the state of in in each space
// that has none of its own, also in spaces of which nothing else is known.
func (b *Builder) SetOverall(in Input, st State, detail string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inv.overall == nil {
		b.inv.overall = map[Input]cell{}
	}
	b.inv.overall[in] = cell{state: st, detail: detail}
}

// Degrade makes every complete list of s partial: something of s was not understood. detail says what.
func (b *Builder) Degrade(s Space, detail string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.touch(s)
	b.inv.spaces[s].degraded = detail
}

// AddUnread records a document that was not understood.
func (b *Builder) AddUnread(u Unread) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inv.Unread = append(b.inv.Unread, u)
}

// SeenSpaces lists the spaces known so far.
func (b *Builder) SeenSpaces() []Space {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Keys(b.inv.spaces), Space.Compare)
}

// Freeze ends the building. The Builder must not be used afterwards.
func (b *Builder) Freeze() *Inventory {
	inv := b.inv
	changed := map[Space]map[Input]bool{}
	write := func(k cellKey, c cell) {
		b.touch(k.space)
		inv.spaces[k.space].cells[k.in] = &c
		if changed[k.space] == nil {
			changed[k.space] = map[Input]bool{}
		}
		changed[k.space][k.in] = true
	}
	for k, c := range b.sealed() {
		c.state = b.def(k)
		write(k, c)
	}
	for k, s := range b.states {
		c := b.cellNow(k)
		c.state, c.detail = s.state, s.detail
		write(k, c)
	}
	if b.base != nil {
		b.share(changed)
	}
	inv.order = slices.SortedFunc(maps.Keys(inv.spaces), Space.Compare)
	inv.holding = map[Input][]Space{}
	for _, s := range inv.order {
		for in, c := range inv.spaces[s].cells {
			if c.count > 0 {
				inv.holding[in] = append(inv.holding[in], s)
			}
		}
	}
	slices.SortFunc(inv.Unread, func(a, c Unread) int {
		return cmp.Or(cmp.Compare(a.Place.File, c.Place.File), a.Place.Line-c.Place.Line, cmp.Compare(a.Reason, c.Reason))
	})
	return inv
}

// sealed makes every draft a cell, on all cores: the lists of one large namespace take their time to sort.
func (b *Builder) sealed() map[cellKey]cell {
	keys := slices.Collect(maps.Keys(b.drafts))
	cells := make([]cell, len(keys))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(keys); i = int(next.Add(1)) - 1 {
				cells[i] = b.drafts[keys[i]].seal()
			}
		})
	}
	wg.Wait()
	out := make(map[cellKey]cell, len(keys))
	for i, k := range keys {
		out[k] = cells[i]
	}
	return out
}

// def is the state of a cell that holds objects and whose state nobody set.
func (b *Builder) def(k cellKey) State {
	if b.base != nil {
		if sp := b.base.spaces[k.space]; sp != nil && sp.cells[k.in] != nil {
			return sp.cells[k.in].state
		}
	}
	if b.inv.def.Whole() {
		return b.inv.def
	}
	return Partial // objects were seen, yet nobody said that this is all
}

// cellNow is what is written or shared so far at k.
func (b *Builder) cellNow(k cellKey) cell {
	if sp := b.inv.spaces[k.space]; sp != nil && sp.cells[k.in] != nil {
		return *sp.cells[k.in]
	}
	if b.base != nil {
		if sp := b.base.spaces[k.space]; sp != nil && sp.cells[k.in] != nil {
			return *sp.cells[k.in]
		}
	}
	return cell{}
}

// share takes over the untouched cells of the base, and the joins that rest on untouched cells alone.
func (b *Builder) share(changed map[Space]map[Input]bool) {
	clusterChanged := changed[Cluster]
	b.shareWide(changed)
	for s, old := range b.base.spaces {
		if len(changed[s]) == 0 && len(clusterChanged) == 0 {
			b.inv.spaces[s] = old
			continue
		}
		b.touch(s)
		sp := b.inv.spaces[s]
		sp.degraded = old.degraded
		for in, c := range old.cells {
			if sp.cells[in] == nil {
				sp.cells[in] = c
			}
		}
		old.mu.Lock()
		for key, j := range old.joins {
			stale := slices.ContainsFunc(j.needs, func(in Input) bool {
				return changed[s][in] || in.PerCluster() && clusterChanged[in]
			})
			if !stale {
				sp.joins[key] = j
			}
		}
		old.mu.Unlock()
	}
}

type list[T any] struct {
	items []Item[T]
}

func (l *list[T]) seal() cell {
	slices.SortStableFunc(l.items, func(a, b Item[T]) int {
		return cmp.Or(cmp.Compare(a.Ref.Name, b.Ref.Name), cmp.Compare(a.Ref.Group, b.Ref.Group),
			cmp.Compare(a.Ref.Kind, b.Ref.Kind), cmp.Compare(a.Place.File, b.Place.File), a.Place.Line-b.Place.Line)
	})
	items := slices.Clip(l.items)
	return cell{data: items, count: len(items)}
}

// draftOf is the list being written for k in s, begun from a copy of the base's.
func (k *Kind[T]) draftOf(b *Builder, s Space) *list[T] {
	if k.ByCluster {
		s = Cluster
	}
	key := cellKey{k, s}
	if d := b.drafts[key]; d != nil {
		return d.(*list[T])
	}
	l := &list[T]{}
	if b.base != nil {
		old, _ := b.base.cell(k, s).data.([]Item[T])
		l.items = slices.Clone(old)
	}
	b.touch(s)
	b.drafts[key] = l
	return l
}

// Add stores one more object of k in its space.
func (k *Kind[T]) Add(b *Builder, it Item[T]) { k.AddIn(b, it.Ref.Space(), it) }

// AddIn stores an object in a space that is not its own: a Namespace in the namespace it is.
func (k *Kind[T]) AddIn(b *Builder, s Space, it Item[T]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := k.draftOf(b, s)
	l.items = append(l.items, it)
}

// Put stores an object in place of the one of the same reference, as a live event brings it.
func (k *Kind[T]) Put(b *Builder, it Item[T]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := k.draftOf(b, it.Ref.Space())
	if i := l.index(it.Ref); i >= 0 {
		l.items[i] = it
		return
	}
	l.items = append(l.items, it)
}

// Delete takes an object away.
func (k *Kind[T]) Delete(b *Builder, r Ref) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := k.draftOf(b, r.Space())
	if i := l.index(r); i >= 0 {
		l.items = slices.Delete(l.items, i, i+1)
	}
}

func (l *list[T]) index(r Ref) int {
	return slices.IndexFunc(l.items, func(it Item[T]) bool { return it.Ref == r })
}

type value struct {
	at time.Time
	v  any
}

func (v value) seal() cell { return cell{data: v.v, at: v.at, count: 1} }

// Put stores the fact for a space as it stood at at.
func (f *Fact[T]) Put(b *Builder, s Space, at time.Time, v T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.ByCluster {
		s = Cluster
	}
	b.touch(s)
	b.drafts[cellKey{f, s}] = value{at: at, v: v}
	b.states[cellKey{f, s}] = &cell{state: Complete}
}
