// Package kinds is the vocabulary of inputs: one variable for each kind of object and each fact that a control may
// read, with its Go type, and the joins over them. No verdict is given here.
package kinds

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// An Entry is what a source needs to know of a kind: where it lives and how its JSON becomes an object.
type Entry struct {
	Input     inventory.Input
	Group     string
	Resource  string
	Kind      string
	ByCluster bool
	decode    func([]byte) (any, *metav1.ObjectMeta, error)
	store     func(*inventory.Builder, inventory.Ref, inventory.Place, any)
}

// Own reports the kinds whose one object stands in the namespace that it is: Namespace and Project.
func (e Entry) Own() bool { return e.ByCluster != e.Input.PerCluster() }

type groupKind struct{ group, kind string }

var (
	registry = map[groupKind]Entry{}
	entries  []Entry
)

// Lookup finds the entry of a kind by the group that an object names (Ingress of extensions is the Ingress of
// networking.k8s.io).
func Lookup(group, kind string) (Entry, bool) {
	e, ok := registry[groupKind{group, kind}]
	return e, ok
}

// Entries lists every kind of object that has a type of its own.
func Entries() []Entry { return entries }

// ByResource finds an entry as RBAC and coverage name it: "deployments.apps", "pods".
func ByResource(name string) (Entry, bool) {
	for _, e := range entries {
		full := e.Resource
		if e.Group != "" {
			full += "." + e.Group
		}
		if full == name {
			return e, true
		}
	}
	return Entry{}, false
}

// register makes a Kind and its entry. also are further groups that served the same kind; trim lets go of what no
// control reads.
func register[T any](group, resource, kind string, byCluster bool, meta func(*T) *metav1.ObjectMeta, trim func(*T), also ...string) *inventory.Kind[T] {
	// A namespace's own object stands in that namespace's space: a tenant may get it there, and list none.
	own := group == "" && kind == "Namespace" || group == "project.openshift.io" && kind == "Project"
	k := &inventory.Kind[T]{Group: group, Resource: resource, Kind: kind, ByCluster: byCluster && !own}
	e := Entry{Input: k, Group: group, Resource: resource, Kind: kind, ByCluster: byCluster}
	e.decode = func(data []byte) (any, *metav1.ObjectMeta, error) {
		obj := new(T)
		if err := Decode(data, obj); err != nil {
			return nil, nil, err
		}
		return obj, meta(obj), nil
	}
	e.store = func(b *inventory.Builder, ref inventory.Ref, place inventory.Place, v any) {
		obj := v.(*T)
		m := meta(obj)
		m.ManagedFields = nil
		m.Annotations = without(m.Annotations, func(key string) bool { return key == lastApplied })
		if trim != nil {
			trim(obj)
		}
		it := inventory.Item[T]{Ref: ref, Place: place, Labels: m.Labels, Object: obj}
		if own {
			k.AddIn(b, inventory.Space{Namespace: ref.Name}, it)
		} else {
			k.Add(b, it)
		}
	}
	entries = append(entries, e)
	for _, g := range append(also, group) {
		registry[groupKind{g, kind}] = e
	}
	return k
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// A TypeError is a document whose shape is not its kind's: the API server would refuse it.
type TypeError struct {
	Path string // dotted, such as spec.replicas
	Want string // the type that stands there, in the API's words
}

func (e *TypeError) Error() string { return fmt.Sprintf("%s: want %s", e.Path, e.Want) }

// Decode reads JSON into a Kubernetes type as the API server does: names are case-sensitive, unknown fields are
// dropped. The error is a *TypeError, which never holds what the document holds.
func Decode(data []byte, into any) error {
	err := json.Unmarshal(data, into, decodeOptions)
	if err == nil {
		return nil
	}
	if err = json.Unmarshal(data, into, plainly); err == nil { // whose errors say where
		return nil
	}
	var sem *json.SemanticError
	te := &TypeError{Path: "document", Want: "a valid value"}
	if errors.As(err, &sem) {
		if p := dotted(string(sem.JSONPointer)); p != "" {
			te.Path = p
		}
		if sem.GoType != nil {
			te.Want = apiType(sem.GoType.String())
		}
	}
	return te
}

// apiType names a Go type as the API's documents do.
func apiType(goType string) string {
	t := strings.TrimLeft(goType, "*")
	switch {
	case strings.HasPrefix(t, "int"), strings.HasPrefix(t, "uint"):
		return "an integer"
	case t == "bool":
		return "a boolean"
	case t == "string":
		return "a string"
	case strings.HasPrefix(t, "[]byte"), strings.HasPrefix(t, "[]uint8"):
		return "base64"
	case strings.HasPrefix(t, "[]"):
		return "a list"
	case strings.HasPrefix(t, "map["):
		return "a map"
	case strings.HasSuffix(t, "Quantity"):
		return "a quantity"
	case strings.HasSuffix(t, "Time"):
		return "a time (RFC 3339)"
	case strings.HasSuffix(t, "IntOrString"):
		return "an integer or a string"
	}
	return "an object"
}

func dotted(pointer string) string {
	if len(pointer) > 200 {
		pointer = pointer[:200]
	}
	p := strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
}

// Steps is the path as a Locator takes it: names and list indexes.
func (e *TypeError) Steps() (steps []any) {
	for _, s := range strings.Split(e.Path, ".") {
		if n, err := strconv.Atoi(s); err == nil {
			steps = append(steps, n)
			continue
		}
		steps = append(steps, s)
	}
	return steps
}
