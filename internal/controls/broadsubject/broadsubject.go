// Package broadsubject checks that no binding grants a role to everybody.
package broadsubject

import (
	"embed"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "broad-subject",
	Version:  1,
	Clauses:  []string{"MCS.IAM.T3"},
	Scope:    control.Namespace,
	Severity: control.Critical,
	Needs:    []inventory.Input{kinds.RoleBindings, kinds.ClusterRoleBindings},
	Wants:    []inventory.Input{kinds.OriginRoleBindings, kinds.OriginClusterRoleBindings},
	Reasons: []control.Reason{
		{Key: "anonymous", Verdict: control.Fail},
		{Key: "all-users", Verdict: control.Fail},
		{Key: "all-service-accounts", Verdict: control.Fail},
		{Key: "star-is-nobody", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

// A binding is one binding of any of the kinds, in RBAC's terms.
type binding struct {
	meta     *metav1.ObjectMeta
	kind     string
	role     rbacv1.RoleRef
	subjects []rbacv1.Subject
	listed   string // the field that holds the subjects
	old      bool   // of v1alpha1, where the user * is everybody who signed in
}

func run(e *control.Eval) {
	s := e.Space()
	if s.IsCluster() {
		// What has no namespace is judged once, in the cluster's own space, though every space can read it.
		cluster(e)
		return
	}
	if !kinds.PlatformNamespace(s.Namespace) {
		namespace(e)
	}
}

func cluster(e *control.Eval) {
	seen := map[string]bool{}
	for _, it := range kinds.ClusterRoleBindings.In(e.View) {
		o := it.Object
		seen[o.Name] = true
		judge(control.On(e, it), binding{
			meta: &o.ObjectMeta, kind: "ClusterRoleBinding", role: o.RoleRef, subjects: o.Subjects, listed: "subjects",
			old: strings.HasSuffix(o.APIVersion, "/v1alpha1"),
		})
	}
	for _, it := range kinds.OriginClusterRoleBindings.In(e.View) {
		if o := it.Object; !seen[o.Name] { // else the same binding in its other form
			judge(control.On(e, it), origin("ClusterRoleBinding", &o.ObjectMeta, o.RoleRef, o.Subjects, o.UserNames, o.GroupNames))
		}
	}
}

func namespace(e *control.Eval) {
	seen := map[string]bool{}
	for _, it := range kinds.RoleBindings.In(e.View) {
		o := it.Object
		seen[o.Name] = true
		judge(control.On(e, it), binding{
			meta: &o.ObjectMeta, kind: "RoleBinding", role: o.RoleRef, subjects: o.Subjects, listed: "subjects",
			old: strings.HasSuffix(o.APIVersion, "/v1alpha1"),
		})
	}
	for _, it := range kinds.OriginRoleBindings.In(e.View) {
		if o := it.Object; !seen[o.Name] {
			judge(control.On(e, it), origin("RoleBinding", &o.ObjectMeta, o.RoleRef, o.Subjects, o.UserNames, o.GroupNames))
		}
	}
}

// origin reads a binding of OpenShift's own group: userNames and groupNames win over subjects where both stand, as its
// server has it.
func origin(kind string, m *metav1.ObjectMeta, role corev1.ObjectReference, subjects []corev1.ObjectReference, users, groups []string) binding {
	b := binding{meta: m, kind: kind, role: rbacv1.RoleRef{Kind: "Role", Name: role.Name}, listed: "subjects"}
	if role.Namespace == "" {
		b.role.Kind = "ClusterRole"
	}
	for _, n := range users {
		b.listed, b.subjects = "userNames", append(b.subjects, rbacv1.Subject{Kind: rbacv1.UserKind, Name: n})
	}
	for _, n := range groups {
		b.listed, b.subjects = "groupNames", append(b.subjects, rbacv1.Subject{Kind: rbacv1.GroupKind, Name: n})
	}
	if len(b.subjects) == 0 {
		for _, s := range subjects {
			b.subjects = append(b.subjects, rbacv1.Subject{Kind: strings.TrimPrefix(s.Kind, "System"), Name: s.Name})
		}
	}
	return b
}

// broad are the groups and users that stand for everybody, with the reason of each (Kubernetes, "Authenticating" and
// "Using RBAC Authorization"; system:authenticated:oauth is OpenShift's, for all who signed in through its server).
var broad = map[[2]string]string{
	{rbacv1.UserKind, "system:anonymous"}:            "anonymous",
	{rbacv1.GroupKind, "system:unauthenticated"}:     "anonymous",
	{rbacv1.GroupKind, "system:authenticated"}:       "all-users",
	{rbacv1.GroupKind, "system:authenticated:oauth"}: "all-users",
	{rbacv1.GroupKind, "system:serviceaccounts"}:     "all-service-accounts",
}

func judge(s control.Subject, b binding) {
	if madeByPlatform(b) {
		return
	}
	names, first, star := map[string][]string{}, map[string]int{}, false
	for i, sub := range b.subjects {
		reason := broad[[2]string{sub.Kind, sub.Name}]
		if sub.Name == "*" && (sub.Kind == rbacv1.UserKind || sub.Kind == rbacv1.GroupKind) {
			star = true
			if b.old && sub.Kind == rbacv1.UserKind {
				reason = "all-users"
			}
		}
		if reason == "" {
			continue
		}
		if _, known := first[reason]; !known {
			first[reason] = i
		}
		names[reason] = append(names[reason], sub.Name)
	}
	for _, reason := range []string{"anonymous", "all-users", "all-service-accounts"} {
		if len(names[reason]) > 0 {
			at := s.At(b.listed)
			if b.listed == "subjects" {
				at = at.Below(first[reason])
			}
			at.Fail(reason, control.Values{"subjects": strings.Join(names[reason], ", "), "role": b.role.Kind + " " + b.role.Name})
		}
	}
	switch {
	case len(names) > 0:
	case star:
		s.PassAs("star-is-nobody", control.Values{"role": b.role.Kind + " " + b.role.Name})
	default:
		s.Pass()
	}
}

// defaults are the bindings to everybody that OpenShift makes under names that are not reserved, with their role: one
// that was bent to another role is none of them.
var defaults = map[string]string{
	"self-provisioners": "self-provisioner", "basic-users": "basic-user", "cluster-status-binding": "cluster-status",
	"self-access-reviewers": "self-access-reviewer",
}

// madeByPlatform reports a binding that the platform or one of its operators makes. Names that begin with system: are
// reserved for cluster-wide ones, which bind roles of such names; in a namespace a tenant may choose any name, and none
// of the default bindings of a project names everybody.
func madeByPlatform(b binding) bool {
	if slices.ContainsFunc(b.meta.OwnerReferences, func(o metav1.OwnerReference) bool {
		return o.Kind == "ClusterVersion" || o.Kind == "ClusterServiceVersion"
	}) || b.meta.Labels["olm.owner"] != "" || b.meta.Labels["olm.managed"] == "true" {
		return true
	}
	if b.kind != "ClusterRoleBinding" {
		return false
	}
	for k := range b.meta.Annotations {
		if strings.HasPrefix(k, "include.release.openshift.io/") {
			return true
		}
	}
	reserved := strings.HasPrefix(b.meta.Name, "system:") || b.meta.Labels["kubernetes.io/bootstrapping"] == "rbac-defaults"
	return reserved && strings.HasPrefix(b.role.Name, "system:") || defaults[b.meta.Name] == b.role.Name && b.role.Name != ""
}
