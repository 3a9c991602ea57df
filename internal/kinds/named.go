package kinds

import "vigie/internal/inventory"

// A KindName is a kind and a name, whatever the group: what a reference by name is looked up under.
type KindName struct{ Kind, Name string }

// ByKindName is the join that finds every object of a space, custom resources included, by kind and name.
var ByKindName = inventory.NewJoin([]inventory.Input{Objects}, func(v inventory.View) map[KindName][]inventory.Item[Object] {
	all := Objects.In(v)
	out := make(map[KindName][]inventory.Item[Object], len(all))
	for _, it := range all {
		k := KindName{it.Ref.Kind, it.Ref.Name}
		out[k] = append(out[k], it)
	}
	return out
})
