// Package inventory holds what was seen of one tenant at one moment: objects, facts, and the gaps, that is what
// could not be seen and why.
//
// An Inventory is read-only. It is made of cells, one for each pair of input and space, and a change makes a new
// Inventory that shares every cell it does not touch. No knowledge of any kind of object may enter here: that is
// the room of package kinds.
package inventory

import "strings"

// A Space is where names are unique: a namespace, the cluster, or the unnamed namespace of one tree of files.
// The zero Space is the cluster.
type Space struct {
	Namespace string // a namespace's name
	Root      string // only without Namespace: the tree, relative to what was read, whose objects name no namespace
}

// Cluster is the space of objects that have no namespace by their kind.
var Cluster = Space{}

// IsCluster reports whether s is the cluster's space.
func (s Space) IsCluster() bool { return s == Cluster }

// Named reports whether s is a namespace that has a name.
func (s Space) Named() bool { return s.Namespace != "" }

// Compare orders spaces: the cluster first, then namespaces by name, then unnamed ones by their tree.
func (s Space) Compare(t Space) int {
	rank := func(s Space) int {
		switch {
		case s.IsCluster():
			return 0
		case s.Named():
			return 1
		}
		return 2
	}
	if d := rank(s) - rank(t); d != 0 {
		return d
	}
	if d := strings.Compare(s.Namespace, t.Namespace); d != 0 {
		return d
	}
	return strings.Compare(s.Root, t.Root)
}

// A Ref names one object. Root is set only for an object whose kind lives in a namespace and that names none.
type Ref struct {
	Cluster   string // the cluster's name in the configuration; empty for files
	Group     string // API group as the object names it; empty for the core group
	Kind      string
	Namespace string
	Root      string
	Name      string
}

// Space is where r lives.
func (r Ref) Space() Space { return Space{Namespace: r.Namespace, Root: r.Root} }

// String is Kind[.group] [namespace/]name, whole: equal strings name equal objects of one cluster.
func (r Ref) String() string {
	kind := r.Kind
	if r.Group != "" {
		kind += "." + r.Group
	}
	return kind + " " + r.Path()
}

// Short is String without the group where the kind is plainly Kubernetes' or OpenShift's own: what people write in
// waivers and read in reports.
func (r Ref) Short() string {
	if plainGroups[r.Group] {
		r.Group = ""
	}
	return r.String()
}

// plainGroups are the groups that people leave out when they name a kind.
var plainGroups = map[string]bool{
	"apps": true, "batch": true, "policy": true, "autoscaling": true, "networking.k8s.io": true,
	"rbac.authorization.k8s.io": true, "apps.openshift.io": true, "route.openshift.io": true,
	"image.openshift.io": true, "storage.k8s.io": true, "monitoring.coreos.com": true,
}

// Path is [namespace/]name. The unnamed namespace of a tree, which has no name, is the tree's in brackets.
func (r Ref) Path() string {
	if r.Name == "" && r.Root != "" {
		return "(" + r.Root + ")"
	}
	if r.Namespace != "" {
		return r.Namespace + "/" + r.Name
	}
	return r.Name
}

// Compare orders references by space, then group, kind and name.
func (r Ref) Compare(o Ref) int {
	if d := r.Space().Compare(o.Space()); d != 0 {
		return d
	}
	if d := strings.Compare(r.Group, o.Group); d != 0 {
		return d
	}
	if d := strings.Compare(r.Kind, o.Kind); d != 0 {
		return d
	}
	return strings.Compare(r.Name, o.Name)
}

// A Part is a piece of an object: a container, an env, a port, a host, a volume, a vulnerability, a document. The
// zero Part is the whole.
type Part struct{ Kind, Name string }

// String is "kind name", or nothing.
func (p Part) String() string {
	if p.Kind == "" {
		return ""
	}
	return p.Kind + " " + p.Name
}

// A Locator finds the line of a field, counted from the first line of its document (0-based). Sources of text give
// one; a live object has none.
type Locator interface {
	Locate(path ...any) int
}

// A Place is where an object was read. The zero Place is nowhere (a live object).
type Place struct {
	File string  // as the user named it; "-" is standard input
	Line int     // first line of the document, from 1
	Doc  int     // number of the document in its file, from 1
	Text Locator // finds the line of a field; may be nil
}

// LineOf is the line in File of the field at path, or of the nearest field above it that stands there.
func (p Place) LineOf(path ...any) int {
	if p.Text == nil || len(path) == 0 {
		return p.Line
	}
	return p.Line + p.Text.Locate(path...)
}
