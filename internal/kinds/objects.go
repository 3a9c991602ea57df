package kinds

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// An Origin says what kind of source an object came from: a manifest is judged where it lives, a live object as
// it is served.
type Origin string

// The origins.
const (
	FromFiles      Origin = "files"
	FromGit        Origin = "git"
	FromLive       Origin = "live"
	FromMustGather Origin = "mustgather"
)

// Observed reports that the objects are as a cluster held them: what is not in it by kind has its namespace.
func (o Origin) Observed() bool { return o == FromLive || o == FromMustGather }

// An Object is what can be said of every object whatever its kind, types of custom resources included.
type Object struct {
	APIVersion string
	Origin     Origin
	Controller string          // kind of the controller that owns it; empty: nobody
	Platform   bool            // made by the platform itself, not by the tenant
	HintsOld   []string        // other API versions in last-applied and managedFields: hints, never a use
	Sightings  []Sighting      // secrets that stand in clear in it
	Releases   []ManifestEntry // of a Helm release: what its stored manifest holds
}

// Group and Version are the two halves of APIVersion.
func (o *Object) GroupVersion() (group, version string) { return SplitAPIVersion(o.APIVersion) }

// SplitAPIVersion gives the group ("" for core) and the version.
func SplitAPIVersion(apiVersion string) (group, version string) {
	if g, v, ok := strings.Cut(apiVersion, "/"); ok {
		return g, v
	}
	return "", apiVersion
}

// A Sighting is a secret that stands in clear: where, and by which rule it was known. Never its value.
type Sighting struct {
	Path   []any          // from the object's root: map keys and list indexes
	Place  string         // env, args, command, configmap, annotation, last-applied, helm-values, helm-manifest, custom, ...
	Part   inventory.Part // env NAME, key NAME, ...
	Rule   string
	Length int    // of the value, in bytes
	Digest string // keyed: equal for equal values of one run, and of nothing else
}

// A ManifestEntry is one object of a Helm release's stored manifest.
type ManifestEntry struct{ APIVersion, Kind, Namespace, Name string }

// Inputs about every object.
var (
	// Objects has one item for each object seen, also of kinds without a type of their own.
	Objects = &inventory.Kind[Object]{Resource: "*", Kind: "Object"}
	// HelmReleases has one item for each stored revision.
	HelmReleases = &inventory.Kind[HelmRelease]{Group: "helm.sh", Resource: "helmreleases", Kind: "HelmRelease"}
)

// A HelmRelease is one stored revision of a release (a Secret of type helm.sh/release.v1).
type HelmRelease struct {
	Name     string
	Revision int
	Status   string // deployed, superseded, failed, pending-upgrade, ... as Helm names them
	Manifest []ManifestEntry
}

// meta is the part of any object that an intake reads.
type meta struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
}

func controllerOf(m *metav1.ObjectMeta) *metav1.OwnerReference {
	for i := range m.OwnerReferences {
		if c := m.OwnerReferences[i].Controller; c != nil && *c {
			return &m.OwnerReferences[i]
		}
	}
	return nil
}

// hints lists the API versions other than own that the object's history names.
func hints(own string, m *metav1.ObjectMeta) (out []string) {
	add := func(v string) {
		if v != "" && v != own {
			for _, o := range out {
				if o == v {
					return
				}
			}
			out = append(out, v)
		}
	}
	if text := m.Annotations[lastApplied]; text != "" {
		var last struct {
			APIVersion string `json:"apiVersion"`
		}
		if Decode([]byte(text), &last) == nil {
			add(last.APIVersion)
		}
	}
	for _, f := range m.ManagedFields {
		add(f.APIVersion)
	}
	return out
}
