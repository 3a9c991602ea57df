package storageencrypted

import (
	"cmp"
	"path"
	"slices"

	storagev1 "k8s.io/api/storage/v1"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// A state is what is known of a class.
type state uint8

const (
	unknown state = iota
	encrypted
	clear
)

// classes are what was declared of the storage classes, and what they show themselves.
type classes struct {
	by               map[string]*storagev1.StorageClass
	marked           []*storagev1.StorageClass // as default, the one that Kubernetes takes first
	declared, denied []string                  // patterns of those declared encrypted, and not
}

func classesOf(e *control.Eval) *classes {
	cs := &classes{
		by:       map[string]*storagev1.StorageClass{},
		declared: e.Param(encryptedClasses).List(), denied: e.Param(unencryptedClasses).List(),
	}
	for _, it := range kinds.StorageClasses.In(e.View) {
		cs.by[it.Ref.Name] = it.Object
		if kinds.DefaultClass(it.Object) {
			cs.marked = append(cs.marked, it.Object)
		}
	}
	// The newest counts, and of those of one moment the first by name (kubernetes, pkg/volume/util/storageclass.go).
	slices.SortFunc(cs.marked, func(a, b *storagev1.StorageClass) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return cs
}

// of is what is known of the class: what was declared counts before what it says itself, and a declaration that it is
// not encrypted first. A flag that is not there says nothing: the provider may encrypt all that lies below.
func (cs *classes) of(name string) state {
	switch {
	case matches(cs.denied, name):
		return clear
	case matches(cs.declared, name):
		return encrypted
	}
	c := cs.by[name]
	if c == nil {
		return unknown
	}
	on, said := kinds.Encrypted(c.Parameters)
	switch {
	case !said:
		return unknown
	case on:
		return encrypted
	}
	return clear
}

// defaults are the classes that a claim without one may get: one, or several where their order is not known, because
// manifests do not say when they were made. ok is false where Kubernetes refuses such a claim: before 1.26, with two
// defaults.
func (cs *classes) defaults(e *control.Eval) (names []string, ok bool) {
	for _, c := range cs.marked {
		names = append(names, c.Name)
	}
	if len(names) < 2 {
		return names, true
	}
	if e.Cluster.Known() && !e.Cluster.AtLeast(1, 26) {
		return names, false
	}
	for _, c := range cs.marked {
		if c.CreationTimestamp.IsZero() {
			return names, true
		}
	}
	return names[:1], true
}

// isDefault reports whether the class is the one that the cluster takes by default.
func (cs *classes) isDefault(name string) bool {
	return len(cs.marked) > 0 && cs.marked[0].Name == name
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return p == name || ok && err == nil
	})
}
