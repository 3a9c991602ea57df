package kinds

import (
	ocpauth "github.com/openshift/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Bindings in OpenShift's own group: a cluster serves them as another form of the RBAC bindings of the same names,
// manifests may still hold them.
var (
	OriginRoleBindings        = register("authorization.openshift.io", "rolebindings", "RoleBinding", namespaced, func(o *ocpauth.RoleBinding) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "")
	OriginClusterRoleBindings = register("authorization.openshift.io", "clusterrolebindings", "ClusterRoleBinding", byCluster, func(o *ocpauth.ClusterRoleBinding) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "")
)

// ControllerKind is the kind and name of the object that controls this one; both empty where nobody does.
func ControllerKind(m *metav1.ObjectMeta) (kind, name string) {
	if o := controllerOf(m); o != nil {
		return o.Kind, o.Name
	}
	return "", ""
}
