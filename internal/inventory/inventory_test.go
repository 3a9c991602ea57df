package inventory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vigie/internal/inventory"
)

type thing struct{ n int }

var (
	t0     = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	things = &inventory.Kind[thing]{Resource: "things", Kind: "Thing"}
	others = &inventory.Kind[thing]{Group: "x.test", Resource: "others", Kind: "Other"}
	global = &inventory.Kind[thing]{Resource: "globals", Kind: "Global", ByCluster: true}
	age    = &inventory.Fact[int]{Key: "age", MaxAge: time.Hour}
	shop   = inventory.Space{Namespace: "shop"}
	bank   = inventory.Space{Namespace: "bank"}
	all    = map[inventory.Input]bool{things: true, others: true, global: true, age: true}
)

func item(ns, name string, n int) inventory.Item[thing] {
	return inventory.Item[thing]{Ref: inventory.Ref{Kind: "Thing", Namespace: ns, Name: name}, Object: &thing{n}}
}

func names(items []inventory.Item[thing]) (out []string) {
	for _, it := range items {
		out = append(out, it.Ref.Name)
	}
	return out
}

func TestStates(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	things.Add(b, item("shop", "b", 1))
	things.Add(b, item("shop", "a", 2))
	b.SetState(others, shop, inventory.Denied, "list others: forbidden")
	b.Touch(bank)
	b.SetState(others, bank, inventory.NotServed, "")
	b.Degrade(bank, "1 document was not understood")
	inv := b.Freeze()
	for _, c := range []struct {
		in    inventory.Input
		space inventory.Space
		want  inventory.State
		gap   bool
	}{
		{things, shop, inventory.Complete, false},
		{others, shop, inventory.Denied, true},
		{others, bank, inventory.NotServed, false}, // proven absent: a document that was not read cannot hold one
		{things, bank, inventory.Partial, true},
		{global, shop, inventory.Complete, false},
		{age, shop, inventory.NotCollected, true}, // a fact is never complete because a tree was read whole
	} {
		g, gap := inv.Gap(c.in, c.space, t0)
		if gap != c.gap || gap && g.State != c.want {
			t.Errorf("%s in %v: gap %v %s, want %v %s", c.in.Name(), c.space, gap, g.State, c.gap, c.want)
		}
	}
	v := inv.View(shop, all, t0)
	if got := names(things.In(v)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("things in shop: %v, want them in order of name", got)
	}
	if got := others.In(v); len(got) != 0 {
		t.Errorf("a denied list gives %d objects", len(got))
	}
	if v.Whole(things, others) || !v.Whole(things) {
		t.Error("the absence test: things is whole, others is not")
	}
}

func TestUnsetNotCollected(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.NotCollected)
	things.Add(b, item("shop", "a", 1))
	inv := b.Freeze()
	if g, ok := inv.Gap(things, shop, t0); !ok || g.State != inventory.Partial {
		t.Errorf("objects seen of a list that nobody vouches for: %v %v, want partial", g, ok)
	}
	if g, ok := inv.Gap(others, shop, t0); !ok || g.State != inventory.NotCollected {
		t.Errorf("a list nobody asked for: %v %v, want not-collected", g, ok)
	}
}

func TestFactAges(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	age.Put(b, shop, t0, 7)
	inv := b.Freeze()
	for _, c := range []struct {
		at    time.Duration
		fresh bool
	}{{0, true}, {time.Hour - 1, true}, {time.Hour, false}, {2 * time.Hour, false}} {
		v := inv.View(shop, all, t0.Add(c.at))
		if _, ok := age.In(v); ok != c.fresh || v.Whole(age) != c.fresh {
			t.Errorf("after %s: fresh %v, want %v", c.at, ok, c.fresh)
		}
	}
	if got := inv.View(shop, all, t0).Until(age, things); !got.Equal(t0.Add(time.Hour)) {
		t.Errorf("until %s, want an hour after it was seen", got)
	}
}

func TestUndeclaredReadPanics(t *testing.T) {
	inv := inventory.NewBuilder("", t0, inventory.Complete).Freeze()
	defer func() {
		if recover() == nil {
			t.Error("a read of an undeclared input went through")
		}
	}()
	things.In(inv.View(shop, map[inventory.Input]bool{others: true}, t0))
}

// TestEdit holds copy-on-write: an event changes its cell alone, what rests on other cells is not built again.
func TestEdit(t *testing.T) {
	built := map[string]int{}
	count := inventory.NewJoin([]inventory.Input{things}, func(v inventory.View) int {
		built[v.Space().Namespace]++
		return len(things.In(v))
	})
	b := inventory.NewBuilder("", t0, inventory.Complete)
	things.Add(b, item("shop", "a", 1))
	things.Add(b, item("bank", "a", 1))
	others.Add(b, item("shop", "o", 1))
	old := b.Freeze()
	read := func(inv *inventory.Inventory, s inventory.Space) int { return count.In(inv.View(s, all, t0)) }
	read(old, shop)
	read(old, shop)
	read(old, bank)

	e := old.Edit(t0.Add(time.Second))
	others.Put(e, item("shop", "o", 2))
	mid := e.Freeze()
	if read(mid, shop) != 1 || built["shop"] != 1 {
		t.Errorf("a change of others built the join of things again: %v", built)
	}
	e = mid.Edit(t0.Add(2 * time.Second))
	things.Put(e, item("shop", "b", 2))
	things.Put(e, item("shop", "a", 9))
	things.Delete(e, item("bank", "a", 0).Ref)
	now := e.Freeze()
	if got := read(now, shop); got != 2 || built["shop"] != 2 {
		t.Errorf("join of shop: %d objects, built %d times", got, built["shop"])
	}
	if got := read(now, bank); got != 0 {
		t.Errorf("join of bank after the delete: %d", got)
	}
	if got := read(old, shop); got != 1 {
		t.Errorf("the old inventory changed: %d", got)
	}
	if got := things.In(now.View(shop, all, t0))[0].Object.n; got != 9 {
		t.Errorf("the put object is %d, want 9", got)
	}
	if got := others.In(now.View(shop, all, t0))[0].Object.n; got != 2 {
		t.Errorf("an untouched cell was lost: %d", got)
	}
}

func TestSpacesInOrder(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	for _, s := range []inventory.Space{{Root: "b"}, {Namespace: "z"}, {Root: "."}, {Namespace: "a"}, inventory.Cluster} {
		b.Touch(s)
	}
	inv := b.Freeze()
	if got := fmt.Sprint(inv.Spaces()); got != "[{ } {a } {z } { .} { b}]" {
		t.Error(got)
	}
	if inv.Namespaces() != 4 {
		t.Errorf("%d namespaces, want 4: the cluster is none", inv.Namespaces())
	}
}

// TestOverall holds what was asked of the whole cluster at once: it is true of each space that was not asked by itself,
// also of one of which nothing else is known.
func TestOverall(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.NotCollected)
	b.SetOverall(things, inventory.NotServed, "list things: 404")
	b.SetState(things, bank, inventory.Denied, "list things: 403")
	b.Touch(shop)
	inv := b.Freeze().Edit(t0).Freeze()
	for space, whole := range map[inventory.Space]bool{shop: true, {Namespace: "nobody"}: true, bank: false} {
		if got := inv.View(space, all, t0).Whole(things); got != whole {
			t.Errorf("things of %v: whole %t, want %t", space, got, whole)
		}
	}
	if inv.View(shop, all, t0).Whole(others) {
		t.Error("others were asked of nobody")
	}
}

// TestSpacesWith lists the spaces that hold objects of an input, also after an edit.
func TestSpacesWith(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	things.Add(b, item("shop", "a", 1))
	things.Add(b, item("bank", "a", 1))
	b.SetState(things, bank, inventory.Denied, "list things: 403")
	b.Touch(inventory.Space{Namespace: "empty"})
	old := b.Freeze()
	if got := fmt.Sprint(old.View(shop, all, t0).SpacesWith(things)); got != "[{bank } {shop }]" {
		t.Error(got)
	}
	e := old.Edit(t0)
	things.Delete(e, item("bank", "a", 0).Ref)
	if got := fmt.Sprint(e.Freeze().View(shop, all, t0).SpacesWith(things)); got != "[{shop }]" {
		t.Error(got)
	}
}

func BenchmarkEditOneOf(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		bl := inventory.NewBuilder("", t0, inventory.Complete)
		for i := range n {
			things.Add(bl, item("shop", fmt.Sprintf("t%06d", i), i))
		}
		inv := bl.Freeze()
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				e := inv.Edit(t0)
				things.Put(e, item("shop", "t000050", 1))
				e.Freeze()
			}
		})
	}
}
