package kinds

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// A Manifest is one object as a source read it.
type Manifest struct {
	APIVersion, Kind string
	JSON             []byte
	Place            inventory.Place
	Origin           Origin
	Root             string // the unnamed namespace's tree, for an object that names no namespace
	Target           string // where objects without a namespace are applied; empty: not known
	Sightings        []Sighting
}

// Add puts an object into the inventory under construction: as itself where its kind has a type, and as one of all
// Objects. An error (*TypeError) says that the document is not of its kind's shape; nothing was added then.
func Add(b *inventory.Builder, m Manifest) (inventory.Ref, error) {
	group, _ := SplitAPIVersion(m.APIVersion)
	entry, typed := Lookup(group, m.Kind)
	var head meta
	if err := Decode(m.JSON, &head); err != nil {
		return inventory.Ref{}, err
	}
	om := &head.Metadata
	ref := reference(b, group, m, entry, typed, om)
	if ref.Name == "" {
		return ref, &TypeError{Path: "metadata.name", Want: "a name"}
	}
	if typed {
		full, err := entry.add(b, ref, m.Place, m.JSON)
		if err != nil {
			return ref, err
		}
		om = full
	}
	o := &Object{
		APIVersion: m.APIVersion, Origin: m.Origin, Platform: platformOwned(m.Kind, om),
		HintsOld: hints(m.APIVersion, om), Sightings: m.Sightings,
	}
	if c := controllerOf(om); c != nil {
		o.Controller = c.Kind
	}
	Objects.Add(b, inventory.Item[Object]{Ref: ref, Place: m.Place, Labels: om.Labels, Object: o})
	return ref, nil
}

func reference(b *inventory.Builder, group string, m Manifest, e Entry, typed bool, om *metav1.ObjectMeta) inventory.Ref {
	name := om.Name
	if name == "" {
		name = om.GenerateName
	}
	ref := inventory.Ref{Cluster: b.Cluster(), Group: group, Kind: m.Kind, Namespace: om.Namespace, Name: name}
	switch {
	case typed && e.ByCluster, !typed && clusterKinds[groupKind{group, m.Kind}]:
		ref.Namespace = ""
	case ref.Namespace == "" && m.Target != "":
		ref.Namespace = m.Target
	case ref.Namespace == "":
		ref.Root = m.Root
	}
	return ref
}
