package kinds

import (
	"slices"
	"strings"

	ocpauth "github.com/openshift/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"vigie/internal/inventory"
)

// An Access is a request as RBAC judges it, without who asks. Path is that of a request for no resource; else the rest
// names the resource.
type Access struct {
	Verb, Group, Resource, Subresource, Name string
	Path                                     string
}

// RuleAllows reports whether one rule allows the request (kubernetes plugin/pkg/auth/authorizer/rbac, RuleAllows). A
// star stands for all in verbs, groups and resources (subresources too), "*/scale" for that subresource of all
// resources; "pods/*" and a star among resourceNames are plain names. Rules with resourceNames allow no request that
// has no name, as the creation of an object has none.
func RuleAllows(r *rbacv1.PolicyRule, a Access) bool {
	if !slices.Contains(r.Verbs, "*") && !slices.Contains(r.Verbs, a.Verb) {
		return false
	}
	if a.Path != "" {
		return slices.ContainsFunc(r.NonResourceURLs, func(url string) bool { return urlMatches(url, a.Path) })
	}
	return RuleCovers(r, a.Group, a.Resource, a.Subresource) &&
		(len(r.ResourceNames) == 0 || slices.Contains(r.ResourceNames, a.Name))
}

// RuleCovers reports whether the rule is about that resource, whatever its verbs and names.
func RuleCovers(r *rbacv1.PolicyRule, group, resource, subresource string) bool {
	if !slices.Contains(r.APIGroups, "*") && !slices.Contains(r.APIGroups, group) {
		return false
	}
	full, every := resource, ""
	if subresource != "" {
		full, every = resource+"/"+subresource, "*/"+subresource
	}
	return slices.ContainsFunc(r.Resources, func(s string) bool { return s == "*" || s == full || every != "" && s == every })
}

func urlMatches(url, path string) bool {
	return url == "*" || url == path || strings.HasSuffix(url, "*") && strings.HasPrefix(path, strings.TrimRight(url, "*"))
}

// originRules reads the rules of OpenShift's own group: one with attributeRestrictions was never respected and is
// dropped; one without a group is about the core group, or about all groups where it stars verbs and resources
// (openshift/origin pkg/authorization/apis/authorization/v1/defaults.go, openshift/openshift-apiserver
// pkg/authorization/apis/authorization/rbacconversion).
func originRules(in []ocpauth.PolicyRule) (out []rbacv1.PolicyRule) {
	for _, r := range in {
		if len(r.AttributeRestrictions.Raw) > 0 && string(r.AttributeRestrictions.Raw) != "null" {
			continue
		}
		if len(r.NonResourceURLsSlice) > 0 {
			out = append(out, rbacv1.PolicyRule{Verbs: r.Verbs, NonResourceURLs: r.NonResourceURLsSlice})
		}
		if len(r.Resources) == 0 {
			continue
		}
		groups := r.APIGroups
		switch {
		case len(groups) > 0:
		case slices.Equal(r.Verbs, []string{"*"}) && slices.Equal(r.Resources, []string{"*"}) && len(r.ResourceNames) == 0:
			groups = []string{"*"}
		default:
			groups = []string{""}
		}
		out = append(out, rbacv1.PolicyRule{Verbs: r.Verbs, APIGroups: groups, Resources: r.Resources, ResourceNames: r.ResourceNames})
	}
	return out
}

// A Grant is one subject of one binding, with what its role allows where the binding counts: in the binding's
// namespace, everywhere for a binding of the cluster.
type Grant struct {
	Binding *Binding
	Subject BoundSubject
	Role    *ResolvedRole
}

// GrantInputs are all the lists that grants are made of.
var GrantInputs = slices.Concat(BindingInputs, ClusterBindingInputs, []inventory.Input{Roles, OriginRoles, ClusterRoles, OriginClusterRoles})

// Grants is the join of what the bindings of a space grant: of a namespace its RoleBindings alone, of the cluster its
// ClusterRoleBindings.
var Grants = inventory.NewJoin(GrantInputs, func(v inventory.View) (out []Grant) {
	bindings := ClusterBindings.In(v)
	if !v.Space().IsCluster() {
		bindings = BindingsOf.In(v)
	}
	for _, b := range bindings {
		role := RoleOf(v, b)
		for _, s := range b.Subjects {
			out = append(out, Grant{b, s, role})
		}
	}
	return out
})

// Allowed reports whether RBAC, as far as it was seen, allows a request of user and groups in the view's namespace; in
// the cluster's space the request is about what has no namespace, or about all of them.
func Allowed(v inventory.View, user string, groups []string, a Access) bool {
	allows := func(g Grant) bool {
		return g.Subject.Covers(user, groups) && slices.ContainsFunc(g.Role.Rules, func(r rbacv1.PolicyRule) bool { return RuleAllows(&r, a) })
	}
	if slices.ContainsFunc(Grants.In(v.Elsewhere(inventory.Cluster)), allows) {
		return true
	}
	return !v.Space().IsCluster() && slices.ContainsFunc(Grants.In(v), allows)
}
