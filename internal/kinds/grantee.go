package kinds

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vigie/internal/inventory"
)

const (
	accountUser   = "system:serviceaccount:"  // and NAMESPACE:NAME: the user that a service account is
	accountsGroup = "system:serviceaccounts:" // and NAMESPACE: the group of all accounts of a namespace
)

// A Grantee is who a binding grants to, in one spelling: a user system:serviceaccount:NAMESPACE:NAME is that service
// account. Root is set only for an account of an unnamed namespace.
type Grantee struct{ Kind, Namespace, Root, Name string }

// GranteeOf reads a subject of a binding that stands in in. A service account without a namespace is one of the
// binding's own; in a binding of the cluster it is nobody, and so is a subject of a kind that RBAC does not know: ok is
// false then (kubernetes pkg/registry/rbac/validation, appliesToUser).
func GranteeOf(s rbacv1.Subject, in inventory.Space) (g Grantee, ok bool) {
	switch {
	case s.Name == "":
		return Grantee{}, false
	case s.Kind == rbacv1.ServiceAccountKind && s.Namespace != "":
		return Grantee{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name}, true
	case s.Kind == rbacv1.ServiceAccountKind:
		return Grantee{Kind: s.Kind, Namespace: in.Namespace, Root: in.Root, Name: s.Name}, !in.IsCluster()
	case s.Kind == rbacv1.UserKind:
		if rest, is := strings.CutPrefix(s.Name, accountUser); is {
			if ns, name, two := strings.Cut(rest, ":"); two && ns != "" && name != "" && !strings.Contains(name, ":") {
				return Grantee{Kind: rbacv1.ServiceAccountKind, Namespace: ns, Name: name}, true
			}
		}
		return Grantee{Kind: s.Kind, Name: s.Name}, true
	case s.Kind == rbacv1.GroupKind:
		return Grantee{Kind: s.Kind, Name: s.Name}, true
	}
	return Grantee{}, false
}

// String is "ServiceAccount namespace/name", "User name" or "Group name", as the parameter allowed-grantees has it.
func (g Grantee) String() string {
	if g.Namespace != "" {
		return g.Kind + " " + g.Namespace + "/" + g.Name
	}
	return g.Kind + " " + g.Name
}

// Account reports a service account.
func (g Grantee) Account() bool { return g.Kind == rbacv1.ServiceAccountKind }

// AccountsOf gives the namespace whose accounts, all together, the grantee is; empty: it is no such group.
func (g Grantee) AccountsOf() string {
	if ns, ok := strings.CutPrefix(g.Name, accountsGroup); ok && g.Kind == rbacv1.GroupKind {
		return ns
	}
	return ""
}

// System reports an identity of the platform's own: a reserved user or group (those that stand for everybody too), or
// an account in one of the platform's namespaces.
func (g Grantee) System() bool {
	switch {
	case g.Account():
		return PlatformNamespace(g.Namespace)
	case g.AccountsOf() != "":
		return PlatformNamespace(g.AccountsOf())
	}
	return strings.HasPrefix(g.Name, "system:")
}

// Ref is the reference that findings about the grantee carry.
func (g Grantee) Ref(cluster string) inventory.Ref {
	r := inventory.Ref{Cluster: cluster, Kind: g.Kind, Namespace: g.Namespace, Root: g.Root, Name: g.Name}
	if !g.Account() {
		r.Group = rbacv1.GroupName
	}
	return r
}

// Covers reports whether a request of that user, in those groups, is the grantee's.
func (g Grantee) Covers(user string, groups []string) bool {
	switch g.Kind {
	case rbacv1.UserKind:
		return g.Name == user
	case rbacv1.GroupKind:
		return slices.Contains(groups, g.Name)
	}
	return user == accountUser+g.Namespace+":"+g.Name
}
