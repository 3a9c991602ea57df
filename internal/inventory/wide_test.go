package inventory_test

import (
	"testing"

	"vigie/internal/inventory"
)

// A join over every space is built once, read the same from each, and built anew only when what it rests on changed.
func TestWideJoin(t *testing.T) {
	built := 0
	total := inventory.NewWideJoin([]inventory.Input{things}, func(v inventory.View) int {
		built++
		n := 0
		for _, s := range v.Spaces() {
			n += len(things.In(v.Elsewhere(s)))
		}
		return n
	})
	b := inventory.NewBuilder("", t0, inventory.Complete)
	things.Add(b, item("shop", "a", 1))
	things.Add(b, item("bank", "b", 1))
	inv := b.Freeze()
	want := func(inv *inventory.Inventory, n, builds int) {
		t.Helper()
		for _, s := range []inventory.Space{shop, bank, inventory.Cluster, {Namespace: "absent"}} {
			if got := total.In(inv.View(s, all, t0)); got != n {
				t.Errorf("from %v: %d, want %d", s, got, n)
			}
		}
		if built != builds {
			t.Errorf("built %d times, want %d", built, builds)
		}
	}
	want(inv, 2, 1)

	e := inv.Edit(t0)
	others.Put(e, item("shop", "o", 1))
	inv = e.Freeze()
	want(inv, 2, 1) // something else changed

	e = inv.Edit(t0)
	things.Put(e, item("bank", "c", 1))
	changed := e.Freeze()
	want(changed, 3, 2)
	want(inv, 2, 2) // the old inventory keeps its own

	e = changed.Edit(t0)
	e.Touch(inventory.Space{Namespace: "new"})
	want(e.Freeze(), 3, 3)
}
