package kinds

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PlatformNamespace reports a namespace of the platform's own: what stands there is none of the tenant's.
func PlatformNamespace(name string) bool {
	return name == "openshift" || strings.HasPrefix(name, "openshift-") || strings.HasPrefix(name, "kube-")
}

// PlatformOwned reports that the platform, or an operator that it installed, made the object: the tenant neither wrote
// it nor can mend it. A cluster gives each of its objects a UID: one with a UID stood in the platform's namespace, one
// without is a manifest that somebody means to put there, and is answered for by who wrote it.
func PlatformOwned(kind string, m *metav1.ObjectMeta) bool {
	return m.UID != "" && PlatformNamespace(m.Namespace) || OperatorOwned(kind, m)
}

// OperatorOwned is PlatformOwned but for the namespace: for objects by which tenants drive an operator in its own
// namespace, as backups of OADP in openshift-adp are.
func OperatorOwned(kind string, m *metav1.ObjectMeta) bool {
	if m.Labels["olm.owner"] != "" || m.Labels["olm.managed"] == "true" || m.Labels["kubernetes.io/bootstrapping"] == "rbac-defaults" {
		return true
	}
	for _, o := range m.OwnerReferences {
		if o.Kind == "ClusterServiceVersion" {
			return true
		}
	}
	switch kind {
	case "RoleBinding":
		return strings.HasPrefix(m.Name, "system:")
	case "ClusterRoleBinding", "ClusterRole":
		return strings.HasPrefix(m.Name, "system:")
	case "ConfigMap":
		return m.Name == "kube-root-ca.crt" || m.Name == "openshift-service-ca.crt"
	}
	return false
}
