package inventory

import (
	"slices"
	"sync"
)

// wideJoins are the joins of an inventory that look at every space.
type wideJoins struct {
	mu    *sync.Mutex
	joins map[any]*joined
}

func newWideJoins() wideJoins { return wideJoins{mu: &sync.Mutex{}, joins: map[any]*joined{}} }

// NewWideJoin makes a join over needs in every space: what lives in one namespace and acts on others. It is built once
// for the inventory, from the cluster's space, and every space reads the same. build reaches the spaces by View.Spaces
// and View.Elsewhere, and must not keep its View.
func NewWideJoin[T any](needs []Input, build func(View) T) *Join[T] {
	j := NewJoin(needs, build)
	j.wide = true
	return j
}

func (j *Join[T]) everywhere(v View) T {
	w := &v.inv.wide
	w.mu.Lock()
	m := w.joins[j]
	if m == nil {
		m = &joined{needs: j.needs}
		w.joins[j] = m
	}
	w.mu.Unlock()
	m.once.Do(func() { m.val = j.build(v.Elsewhere(Cluster)) })
	if m.val == nil {
		panic("join could not be built") // an earlier build panicked
	}
	return m.val.(T)
}

// shareWide takes over the joins of the base that look at every space and rest on nothing that changed in any. Where a
// space is new none is taken over: a join may say which spaces it could not see.
func (b *Builder) shareWide(changed map[Space]map[Input]bool) {
	for s := range b.inv.spaces {
		if b.base.spaces[s] == nil {
			return
		}
	}
	old := &b.base.wide
	old.mu.Lock()
	defer old.mu.Unlock()
	for key, j := range old.joins {
		if !slices.ContainsFunc(j.needs, func(in Input) bool { return changedAnywhere(changed, in) }) {
			b.inv.wide.joins[key] = j
		}
	}
}

func changedAnywhere(changed map[Space]map[Input]bool, in Input) bool {
	for _, inputs := range changed {
		if inputs[in] {
			return true
		}
	}
	return false
}
