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
	Keep             bool // the whole object too, masked: see Raws
}

// Add puts an object into the inventory under construction: as itself where its kind has a type, and as one of all
// Objects. An error (*TypeError) says that the document is not of its kind's shape; nothing was added then.
func Add(b *inventory.Builder, m Manifest) (inventory.Ref, error) {
	group, _ := SplitAPIVersion(m.APIVersion)
	entry, typed := Lookup(group, m.Kind)
	var obj any
	var om *metav1.ObjectMeta
	var err error
	if typed {
		obj, om, err = entry.decode(m.JSON)
	} else {
		var head meta
		err = Decode(m.JSON, &head)
		om = &head.Metadata
	}
	if err != nil {
		return identify(m), err
	}
	ref := reference(b.Cluster(), group, m, entry, typed, om)
	if ref.Name == "" {
		return ref, &TypeError{Path: "metadata.name", Want: "a name"}
	}
	o := &Object{
		APIVersion: m.APIVersion, Origin: m.Origin, Platform: PlatformOwned(m.Kind, om),
		HintsOld: hints(m.APIVersion, om), Sightings: m.Sightings,
	}
	if s, ok := obj.(*Secret); ok {
		s.Origin = m.Origin // what may stand in a cluster may not stand in a manifest
	}
	if typed {
		entry.store(b, ref, m.Place, obj)
	}
	if m.Keep {
		if whole := raw(m, o.Platform); whole != nil {
			Raws.Add(b, inventory.Item[Raw]{Ref: ref, Place: m.Place, Labels: om.Labels, Object: whole})
		}
	}
	if c := controllerOf(om); c != nil {
		o.Controller = c.Kind
	}
	Objects.Add(b, inventory.Item[Object]{Ref: ref, Place: m.Place, Labels: om.Labels, Object: o})
	return ref, nil
}

// identify reads who an object of the wrong shape says it is, as far as it does.
func identify(m Manifest) inventory.Ref {
	head := headOf(m)
	group, _ := SplitAPIVersion(m.APIVersion)
	return inventory.Ref{Group: group, Kind: m.Kind, Namespace: head.Namespace, Name: head.Name}
}

func headOf(m Manifest) *metav1.ObjectMeta {
	var head struct {
		Metadata struct {
			Name         string `json:"name"`
			GenerateName string `json:"generateName"`
			Namespace    string `json:"namespace"`
		} `json:"metadata"`
	}
	if Decode(m.JSON, &head) != nil {
		return &metav1.ObjectMeta{}
	}
	return &metav1.ObjectMeta{Name: head.Metadata.Name, GenerateName: head.Metadata.GenerateName, Namespace: head.Metadata.Namespace}
}

// Identify gives the reference that an object would have in an inventory, without taking it in.
func Identify(m Manifest) inventory.Ref {
	group, _ := SplitAPIVersion(m.APIVersion)
	entry, typed := Lookup(group, m.Kind)
	return reference("", group, m, entry, typed, headOf(m))
}

func reference(cluster, group string, m Manifest, e Entry, typed bool, om *metav1.ObjectMeta) inventory.Ref {
	name := om.Name
	if name == "" {
		name = om.GenerateName
	}
	ref := inventory.Ref{Cluster: cluster, Group: group, Kind: m.Kind, Namespace: om.Namespace, Name: name}
	switch {
	case typed && e.ByCluster, !typed && clusterKinds[groupKind{group, m.Kind}]:
		ref.Namespace = ""
	case ref.Namespace == "" && !typed && m.Origin.Observed(): // a cluster gives every other object its namespace
	case ref.Namespace == "" && m.Target != "":
		ref.Namespace = m.Target
	case ref.Namespace == "":
		ref.Root = m.Root
	}
	return ref
}
