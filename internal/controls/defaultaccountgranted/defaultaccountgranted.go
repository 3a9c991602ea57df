// Package defaultaccountgranted checks that the default service account of a namespace was given nothing.
package defaultaccountgranted

import (
	"embed"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check. What the bindings of a namespace give is judged there, what those of the cluster give once, in
// the cluster's own space; the part of a finding says which.
var Control = &control.Control{
	ID:       "default-account-granted",
	Version:  1,
	Clauses:  []string{"MCS.IAM.T3"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    []inventory.Input{kinds.RoleBindings, kinds.ClusterRoleBindings},
	Wants:    []inventory.Input{kinds.ServiceAccounts, kinds.OriginRoleBindings, kinds.OriginClusterRoleBindings},
	Reasons: []control.Reason{
		{Key: "granted", Verdict: control.Fail},
		{Key: "through-group", Verdict: control.Fail},
		{Key: "only-pulls", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

// account is the name of the account of pods that name none.
const account = "default"

// puller is the role that lets images be pulled from a namespace, and nothing else: OpenShift's documentation gives it
// to the default account of another namespace.
const puller = "system:image-puller"

func run(e *control.Eval) {
	s := e.Space()
	if kinds.PlatformNamespace(s.Namespace) {
		return
	}
	if s.IsCluster() {
		judge(e, kinds.ClusterBindings.In(e.View), "*")
		return
	}
	bindings := kinds.BindingsOf.In(e.View)
	seen := judge(e, bindings, s.Namespace)
	own := kinds.Grantee{Kind: rbacv1.ServiceAccountKind, Namespace: s.Namespace, Root: s.Root, Name: account}
	if !seen[own] && (len(bindings) > 0 || slices.ContainsFunc(kinds.ServiceAccounts.In(e.View), isDefault)) {
		clean(e, own)
	}
}

func isDefault(it inventory.Item[kinds.ServiceAccount]) bool { return it.Object.Name == account }

// clean says that no binding of the namespace gives its default account anything.
func clean(e *control.Eval, own kinds.Grantee) {
	s := part(e.OnRef(own.Ref(clusterOf(e))), own.Namespace)
	if !kinds.WholeLists(e.View, kinds.RoleBindings, kinds.OriginRoleBindings) {
		s.Unknown(control.ReasonGap, nil, kinds.RoleBindings, kinds.OriginRoleBindings)
		return
	}
	s.Pass()
}

// clusterOf is the cluster that the findings name, as the objects of the space do.
func clusterOf(e *control.Eval) string {
	for _, b := range kinds.BindingsOf.In(e.View) {
		return b.Ref.Cluster
	}
	for _, it := range kinds.ServiceAccounts.In(e.View) {
		return it.Ref.Cluster
	}
	return ""
}

func part(s control.Subject, namespace string) control.Subject {
	if namespace == "" {
		return s
	}
	return s.Part("namespace", namespace)
}

// A grant is what one default account was given.
type grant struct {
	account         kinds.Grantee
	worst           weight
	first           *kinds.Binding // the first of the worst
	path            []any
	bindings, roles []string
}

// A weight says how an account was given something.
type weight uint8

const (
	pulls  weight = iota + 1 // to pull images, and nothing else
	group                    // with all accounts of its namespace
	direct                   // by its name
)

// judge speaks of every default account that a binding names, once each, and gives those that it spoke of.
func judge(e *control.Eval, bindings []*kinds.Binding, namespace string) map[kinds.Grantee]bool {
	var order []*grant
	byAccount := map[kinds.Grantee]*grant{}
	for _, b := range bindings {
		for _, sub := range b.Subjects {
			acc, w := given(b, sub.Grantee)
			if w == 0 {
				continue
			}
			g := byAccount[acc]
			if g == nil {
				g = &grant{account: acc}
				byAccount[acc], order = g, append(order, g)
			}
			if w > g.worst {
				g.worst, g.first, g.path = w, b, sub.Path
			}
			g.add(b)
		}
	}
	said := map[kinds.Grantee]bool{}
	for _, g := range order {
		said[g.account] = true
		it := inventory.Item[grant]{Ref: g.account.Ref(g.first.Ref.Cluster), Place: g.first.Place, Object: g}
		g.say(part(control.On(e, it).At(g.path...), namespace))
	}
	return said
}

func (g *grant) add(b *kinds.Binding) {
	if name := b.String(); !slices.Contains(g.bindings, name) {
		g.bindings = append(g.bindings, name)
	}
	if name := b.RoleName(); !slices.Contains(g.roles, name) {
		g.roles = append(g.roles, name)
	}
}

// say speaks of the worst that the account was given.
func (g *grant) say(s control.Subject) {
	v := control.Values{"bindings": g.bindings, "roles": g.roles}
	switch g.worst {
	case direct:
		s.Fail("granted", v)
	case group:
		s.Fail("through-group", v)
	case pulls:
		s.PassAs("only-pulls", v)
	}
}

// given gives the default account that a grantee is, or that it holds (the group of all accounts of one namespace), and
// how; 0: it is none, or what the platform itself gives. The groups of all accounts of the cluster, and of everybody,
// are the matter of another control.
func given(b *kinds.Binding, g kinds.Grantee) (acc kinds.Grantee, w weight) {
	switch ns := g.AccountsOf(); {
	case b.Platform || g.System():
		return acc, 0
	case ns != "":
		acc, w = kinds.Grantee{Kind: rbacv1.ServiceAccountKind, Namespace: ns, Name: account}, group
	case g.Account() && g.Name == account:
		acc, w = g, direct
	default:
		return acc, 0
	}
	if b.Role.Kind == "ClusterRole" && b.Role.Name == puller {
		w = pulls
	}
	return acc, w
}
