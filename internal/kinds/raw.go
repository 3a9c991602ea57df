package kinds

import (
	"k8s.io/apimachinery/pkg/util/json"

	"vigie/internal/inventory"
)

// Raws holds whole objects, for checks of one's own that read any field. An intake keeps only what it is asked to.
var Raws = &inventory.Kind[Raw]{Resource: "*", Kind: "Raw"}

// A Raw is an object as JSON gives it (maps, lists, int64, float64, strings), every value of a secret masked.
type Raw struct {
	Object   map[string]any
	Platform bool // made by the platform itself, not by the tenant
}

// Masked stands where a value was that nobody may see.
const Masked = "(masked)"

// RawIndex finds whole objects by who they are.
type RawIndex struct {
	ByKind map[groupKind][]inventory.Item[Raw]
	ByRef  map[inventory.Ref]*Raw
}

// RawsOf is the join over the whole objects of a space.
var RawsOf = inventory.NewJoin([]inventory.Input{Raws}, func(v inventory.View) *RawIndex {
	x := &RawIndex{ByKind: map[groupKind][]inventory.Item[Raw]{}, ByRef: map[inventory.Ref]*Raw{}}
	for _, it := range Raws.In(v) {
		k := groupKind{it.Ref.Group, it.Ref.Kind}
		x.ByKind[k] = append(x.ByKind[k], it)
		if x.ByRef[it.Ref] == nil {
			x.ByRef[it.Ref] = it.Object
		}
	}
	return x
})

// Of lists the objects of a kind, whichever of its groups they name.
func (x *RawIndex) Of(group, kind string) (out []inventory.Item[Raw]) {
	for k, items := range x.ByKind {
		if SameKind(k.group, k.kind, group, kind) {
			out = append(out, items...)
		}
	}
	return out
}

// SameKind reports that two kinds are one, served by two groups or named alike.
func SameKind(group, kind, otherGroup, otherKind string) bool {
	if kind != otherKind {
		return false
	}
	if group == otherGroup {
		return true
	}
	a, ok := Lookup(group, kind)
	b, also := Lookup(otherGroup, otherKind)
	return ok && also && a.Input == b.Input
}

// raw makes the whole object, masked: nothing that the scanner knew as a secret and nothing that a Secret holds.
func raw(m Manifest, platform bool) *Raw {
	var o map[string]any
	if json.Unmarshal(m.JSON, &o) != nil {
		return nil // its head was read: what cannot be read whole is no object to judge
	}
	if m.Kind == "Secret" {
		maskAll(o["data"])
		maskAll(o["stringData"])
	}
	for _, s := range m.Sightings {
		mask(o, s.Path)
	}
	if meta, ok := o["metadata"].(map[string]any); ok {
		delete(meta, "managedFields")
		if notes, ok := meta["annotations"].(map[string]any); ok {
			delete(notes, lastApplied)
		}
	}
	return &Raw{Object: o, Platform: platform}
}

func maskAll(v any) {
	m, _ := v.(map[string]any)
	for k := range m {
		m[k] = Masked
	}
}

// mask blanks what stands at path, or what is nearest above it where the path leads into a text.
func mask(at any, path []any) {
	for i, step := range path {
		last := i == len(path)-1
		switch node := at.(type) {
		case map[string]any:
			key, ok := step.(string)
			if _, there := node[key]; !ok || !there {
				return
			}
			if inner := node[key]; last || !nests(inner) {
				node[key] = Masked
				return
			}
			at = node[key]
		case []any:
			n, ok := step.(int)
			if !ok || n < 0 || n >= len(node) {
				return
			}
			if last || !nests(node[n]) {
				node[n] = Masked
				return
			}
			at = node[n]
		default:
			return
		}
	}
}

func nests(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}
