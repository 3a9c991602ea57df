// Package directusergrant checks that roles are bound to groups rather than to users.
package directusergrant

import (
	"embed"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check. A binding of the cluster is judged once, in the cluster's own space.
var Control = &control.Control{
	ID:       "direct-user-grant",
	Version:  1,
	Clauses:  []string{"MCS.IAM.T3"},
	Scope:    control.Namespace,
	Severity: control.Low,
	Needs:    []inventory.Input{kinds.RoleBindings, kinds.ClusterRoleBindings},
	Wants:    []inventory.Input{kinds.OriginRoleBindings, kinds.OriginClusterRoleBindings},
	Reasons:  []control.Reason{{Key: "names-user", Verdict: control.Fail}},
	Docs:     docs,
	Run:      run,
}

func run(e *control.Eval) {
	s := e.Space()
	if kinds.PlatformNamespace(s.Namespace) {
		return
	}
	bindings := kinds.ClusterBindings.In(e.View)
	if !s.IsCluster() {
		bindings = kinds.BindingsOf.In(e.View)
	}
	for _, b := range bindings {
		if !b.Platform {
			judge(control.On(e, b.Item()), b)
		}
	}
}

// judge names every user of the binding. The platform's own identities and service accounts are no people, however they
// are written; the star is a plain name, which nobody has.
func judge(s control.Subject, b *kinds.Binding) {
	var users []string
	var first []any
	for _, sub := range b.Subjects {
		if sub.Kind != rbacv1.UserKind || sub.System() || sub.Name == "*" {
			continue
		}
		if len(users) == 0 {
			first = sub.Path
		}
		users = append(users, sub.Name)
	}
	if len(users) == 0 {
		s.Pass()
		return
	}
	s.At(first...).Fail("names-user", control.Values{"users": strings.Join(users, ", "), "n": len(users), "role": b.RoleName()})
}
