package inventory

import "time"

// A Kind is a kind of object whose Go type is T. Make one package-level variable a kind: identity is the pointer.
type Kind[T any] struct {
	Group     string // API group; empty for core
	Resource  string // plural, lower case, as in RBAC rules
	Kind      string
	ByCluster bool // not namespaced
}

// An Item is one object that was seen.
type Item[T any] struct {
	Ref    Ref
	Place  Place
	Labels map[string]string // the object's own; shared, not to be changed
	Object *T
}

// Name implements Input.
func (k *Kind[T]) Name() string {
	if k.Group == "" {
		return "list " + k.Resource
	}
	return "list " + k.Resource + "." + k.Group
}

// PerCluster implements Input.
func (k *Kind[T]) PerCluster() bool      { return k.ByCluster }
func (k *Kind[T]) maxAge() time.Duration { return 0 }
func (k *Kind[T]) empty() any            { return []Item[T](nil) }

// In gives the objects that were seen, in order of name; none where the input is a gap. Controls reach only inputs
// that they declared.
func (k *Kind[T]) In(v View) []Item[T] { return v.read(k).([]Item[T]) }

// A Fact is a measured, fetched or configured value of type T, good for MaxAge (0: for ever).
type Fact[T any] struct {
	Key       string
	MaxAge    time.Duration
	ByCluster bool // one for the whole tenant rather than one a namespace
}

// Name implements Input.
func (f *Fact[T]) Name() string { return f.Key }

// PerCluster implements Input.
func (f *Fact[T]) PerCluster() bool      { return f.ByCluster }
func (f *Fact[T]) maxAge() time.Duration { return f.MaxAge }
func (f *Fact[T]) empty() any            { return nil }

// In gives the fact; ok is false where it was not seen or is too old.
func (f *Fact[T]) In(v View) (val T, ok bool) {
	val, ok = v.read(f).(T)
	return val, ok
}
