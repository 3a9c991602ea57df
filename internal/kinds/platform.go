package kinds

import (
	"fmt"
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

// RunningMinor is the minor version of Kubernetes 1 that the cluster runs, as its ClusterVersion says: that of the last
// update that ended. OpenShift 4.N runs Kubernetes 1.(N+13), from 4.6 on. 0: it was not seen.
func RunningMinor(inv *inventory.Inventory) int {
	only := map[inventory.Input]bool{ClusterVersions: true}
	for _, it := range ClusterVersions.In(inv.View(inventory.Cluster, only, time.Time{})) {
		for _, u := range it.Object.Status.History {
			var major, minor int
			if n, _ := fmt.Sscanf(u.Version, "%d.%d.", &major, &minor); u.State == "Completed" && n == 2 && major == 4 && minor >= 6 {
				return minor + 13
			}
		}
	}
	return 0
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
