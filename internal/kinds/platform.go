package kinds

import (
	"time"

	"vigie/internal/inventory"
	"vigie/internal/kinds/apis"
)

// SeenOpenShift reports whether something that only OpenShift serves was seen: a Route, or the cluster's version.
func SeenOpenShift(inv *inventory.Inventory) bool {
	only := map[inventory.Input]bool{Objects: true}
	for _, s := range inv.Spaces() {
		for _, it := range Objects.In(inv.View(s, only, time.Time{})) {
			if g := it.Ref.Group; g == "route.openshift.io" || g == "config.openshift.io" && it.Ref.Kind == "ClusterVersion" {
				return true
			}
		}
	}
	return false
}

// NamespaceMeta gives the labels and annotations of the view's own namespace, from its Namespace or Project object;
// ok is false where neither was seen. Both kinds must be declared.
func NamespaceMeta(v inventory.View) (labels, annotations map[string]string, ok bool) {
	for _, it := range Namespaces.In(v) {
		return it.Object.Labels, it.Object.Annotations, true
	}
	for _, it := range Projects.In(v) {
		return it.Object.Labels, it.Object.Annotations, true
	}
	return nil, nil, false
}

// NewestMinor is the newest minor version of Kubernetes 1 whose API the product knows.
func NewestMinor() int { return int(apis.Newest) }
