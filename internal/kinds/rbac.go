package kinds

import (
	"strings"

	ocpauth "github.com/openshift/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// Roles, in Kubernetes' group and in OpenShift's own (another form of the same objects, as for bindings), and the
// accounts that pods run as. Of an account only its name counts.
var (
	Roles              = register("rbac.authorization.k8s.io", "roles", "Role", namespaced, func(o *rbacv1.Role) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	ClusterRoles       = register("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", byCluster, func(o *rbacv1.ClusterRole) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	OriginRoles        = register("authorization.openshift.io", "roles", "Role", namespaced, func(o *ocpauth.Role) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "")
	OriginClusterRoles = register("authorization.openshift.io", "clusterroles", "ClusterRole", byCluster, func(o *ocpauth.ClusterRole) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "")
	ServiceAccounts    = register("", "serviceaccounts", "ServiceAccount", namespaced, func(o *ServiceAccount) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// A ServiceAccount is an account that pods run as.
type ServiceAccount struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
}

// The lists of bindings: of a namespace, and of the cluster.
var (
	BindingInputs        = []inventory.Input{RoleBindings, OriginRoleBindings}
	ClusterBindingInputs = []inventory.Input{ClusterRoleBindings, OriginClusterRoleBindings}
)

// WholeLists reports whether an absence from both forms of a list proves something: of Kubernetes' group, and of
// OpenShift's, where nobody asked for that one the first is enough: a cluster serves the same objects in both.
func WholeLists(v inventory.View, kubernetes, openshift inventory.Input) bool {
	if !v.Whole(kubernetes) {
		return false
	}
	for _, g := range v.Gaps(openshift) {
		return g.State == inventory.NotCollected
	}
	return true
}

// A Binding is a RoleBinding or a ClusterRoleBinding of either group, in RBAC's terms.
type Binding struct {
	Ref      inventory.Ref
	Place    inventory.Place
	Meta     *metav1.ObjectMeta
	Role     rbacv1.RoleRef
	Subjects []BoundSubject
	Platform bool // made by the platform, or by an operator: no fault of the tenant's
}

// A BoundSubject is one subject of a binding.
type BoundSubject struct {
	Grantee
	Path []any // where it stands in the binding
}

// Item lets a control speak of the binding.
func (b *Binding) Item() inventory.Item[Binding] {
	return inventory.Item[Binding]{Ref: b.Ref, Place: b.Place, Labels: b.Meta.Labels, Object: b}
}

// String is the binding as a sentence names it: its kind and name.
func (b *Binding) String() string { return b.Ref.Kind + " " + b.Ref.Name }

// RoleName is the role as a sentence names it: its kind and name.
func (b *Binding) RoleName() string { return b.Role.Kind + " " + b.Role.Name }

// BindingsOf is the join of a namespace's own bindings, in order of name. One that stands in both groups counts once.
var BindingsOf = inventory.NewJoin(BindingInputs, func(v inventory.View) (out []*Binding) {
	seen := map[string]bool{}
	for _, it := range RoleBindings.In(v) {
		seen[it.Object.Name] = true
		out = append(out, newBinding(it.Ref, it.Place, &it.Object.ObjectMeta, it.Object.RoleRef, it.Object.Subjects))
	}
	for _, it := range OriginRoleBindings.In(v) {
		if o := it.Object; !seen[o.Name] {
			out = append(out, originBinding(it.Ref, it.Place, &o.ObjectMeta, o.RoleRef, o.Subjects, o.UserNames, o.GroupNames))
		}
	}
	return out
})

// ClusterBindings is the join of the cluster's bindings, in order of name.
var ClusterBindings = inventory.NewJoin(ClusterBindingInputs, func(v inventory.View) (out []*Binding) {
	seen := map[string]bool{}
	for _, it := range ClusterRoleBindings.In(v) {
		seen[it.Object.Name] = true
		out = append(out, newBinding(it.Ref, it.Place, &it.Object.ObjectMeta, it.Object.RoleRef, it.Object.Subjects))
	}
	for _, it := range OriginClusterRoleBindings.In(v) {
		if o := it.Object; !seen[o.Name] {
			out = append(out, originBinding(it.Ref, it.Place, &o.ObjectMeta, o.RoleRef, o.Subjects, o.UserNames, o.GroupNames))
		}
	}
	return out
})

func newBinding(ref inventory.Ref, place inventory.Place, m *metav1.ObjectMeta, role rbacv1.RoleRef, subjects []rbacv1.Subject) *Binding {
	b := &Binding{Ref: ref, Place: place, Meta: m, Role: role}
	for i, s := range subjects {
		if g, ok := GranteeOf(s, ref.Space()); ok {
			b.Subjects = append(b.Subjects, BoundSubject{g, []any{"subjects", i}})
		}
	}
	b.Platform = madeByPlatform(b)
	return b
}

// originBinding reads a binding of OpenShift's group. userNames and groupNames win over subjects where both stand, as
// its server has it; a role without a namespace is a ClusterRole (openshift/openshift-apiserver,
// pkg/authorization/apis/authorization/rbacconversion).
func originBinding(ref inventory.Ref, place inventory.Place, m *metav1.ObjectMeta, role corev1.ObjectReference, subjects []corev1.ObjectReference, users, groups []string) *Binding {
	b := &Binding{Ref: ref, Place: place, Meta: m, Role: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name}}
	if role.Namespace == "" {
		b.Role.Kind = "ClusterRole"
	}
	add := func(kind, namespace, name string, path ...any) {
		if g, ok := GranteeOf(rbacv1.Subject{Kind: kind, Namespace: namespace, Name: name}, ref.Space()); ok {
			b.Subjects = append(b.Subjects, BoundSubject{g, path})
		}
	}
	for i, n := range users {
		add(rbacv1.UserKind, "", n, "userNames", i)
	}
	for i, n := range groups {
		add(rbacv1.GroupKind, "", n, "groupNames", i)
	}
	if len(users)+len(groups) == 0 {
		for i, s := range subjects {
			add(strings.TrimPrefix(s.Kind, "System"), s.Namespace, s.Name, "subjects", i)
		}
	}
	b.Platform = madeByPlatform(b)
	return b
}

// projectDefaults are the bindings that OpenShift makes in every project (openshift/openshift-controller-manager,
// pkg/authorization/defaultrolebindings, and OpenShift Pipelines for its account), by name: role, and account where it
// is one account. In a namespace a tenant may give any name to a binding of its own, so that all three must agree.
var projectDefaults = map[string][2]string{
	"system:image-pullers":      {"system:image-puller", ""},
	"system:image-builders":     {"system:image-builder", "builder"},
	"system:deployers":          {"system:deployer", "deployer"},
	"openshift-pipelines-edit":  {"edit", "pipeline"},
	"pipelines-scc-rolebinding": {"pipelines-scc-clusterrole", "pipeline"},
}

// madeByPlatform reports a binding that the platform or an operator makes: one that a controller owns, that the
// platform's own releases or OLM install, or a default of a project. The cluster's own default bindings grant to the
// platform's identities (Grantee.System); whoever else stands in one was added to it.
func madeByPlatform(b *Binding) bool {
	for _, o := range b.Meta.OwnerReferences {
		if o.Kind == "ClusterVersion" || o.Kind == "ClusterServiceVersion" || o.Controller != nil && *o.Controller {
			return true
		}
	}
	if b.Meta.Labels["olm.owner"] != "" || b.Meta.Labels["olm.managed"] == "true" {
		return true
	}
	if b.Ref.Kind == "RoleBinding" {
		return projectDefault(b)
	}
	for k := range b.Meta.Annotations {
		if strings.HasPrefix(k, "include.release.openshift.io/") {
			return true
		}
	}
	return false
}

func projectDefault(b *Binding) bool {
	want, known := projectDefaults[b.Ref.Name]
	if !known || b.Role.Kind != "ClusterRole" || b.Role.Name != want[0] || len(b.Subjects) != 1 {
		return false
	}
	g := b.Subjects[0].Grantee
	if want[1] == "" {
		return g.Kind == rbacv1.GroupKind && g.Name == accountsGroup+b.Ref.Namespace
	}
	return g == Grantee{Kind: rbacv1.ServiceAccountKind, Namespace: b.Ref.Namespace, Root: b.Ref.Root, Name: want[1]}
}
