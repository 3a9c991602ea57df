// Package danglingsubject checks that the roles and service accounts that bindings name exist.
package danglingsubject

import (
	"embed"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check. A binding of the cluster is judged once, in the cluster's own space. Users and groups are not
// looked for: identity providers know them, the cluster need not.
var Control = &control.Control{
	ID:       "dangling-subject",
	Version:  1,
	Clauses:  []string{"MCS.IAM.T1", "MCS.IAM.T3"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    []inventory.Input{kinds.RoleBindings, kinds.ClusterRoleBindings, kinds.Roles, kinds.ServiceAccounts},
	Wants:    []inventory.Input{kinds.ClusterRoles, kinds.OriginRoleBindings, kinds.OriginClusterRoleBindings, kinds.OriginRoles, kinds.OriginClusterRoles},
	Reasons: []control.Reason{
		{Key: "no-such-account", Verdict: control.Fail},
		{Key: "no-such-role", Verdict: control.Fail},
		{Key: "not-seen", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
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
			judge(e, b)
		}
	}
}

func judge(e *control.Eval, b *kinds.Binding) {
	s := control.On(e, b.Item())
	var missing, unseen []string
	var first []any
	for _, sub := range b.Subjects {
		if !sub.Account() || sub.System() {
			continue
		}
		switch there, known := exists(e, sub.Grantee); {
		case there:
		case known:
			if len(missing) == 0 {
				first = sub.Path
			}
			missing = append(missing, sub.String())
		default:
			unseen = append(unseen, sub.String())
		}
	}
	role := kinds.RoleOf(e.View, b)
	if role.State == kinds.RoleUnseen && !reserved(role) {
		unseen = append(unseen, b.RoleName())
	}
	if len(missing) > 0 {
		s.At(first...).Fail("no-such-account", control.Values{"accounts": missing, "n": len(missing)})
	}
	if role.State == kinds.RoleAbsent {
		s.At("roleRef").Fail("no-such-role", control.Values{"role": b.RoleName()})
	}
	switch {
	case len(unseen) > 0:
		s.Unknown("not-seen", control.Values{"names": unseen, "n": len(unseen)}, gapsOf(e)...)
	case len(missing) == 0 && role.State != kinds.RoleAbsent:
		s.Pass()
	}
}

// reserved reports a role of the platform's own: a tenant cannot make one of that name, nor always read it.
func reserved(r *kinds.ResolvedRole) bool {
	return r.Kind == "ClusterRole" && strings.HasPrefix(r.Name, "system:")
}

// gapsOf are the inputs on which an absence rests in the space.
func gapsOf(e *control.Eval) []inventory.Input {
	if e.Space().IsCluster() {
		return []inventory.Input{kinds.ClusterRoles}
	}
	return []inventory.Input{kinds.Roles, kinds.ClusterRoles, kinds.ServiceAccounts}
}

// made are the accounts that the platform makes in every namespace: Kubernetes one, OpenShift and its pipelines three
// more. No manifest holds them.
func made(e *control.Eval, name string) bool {
	switch name {
	case "default":
		return true
	case "builder", "deployer", "pipeline":
		return e.Platform == control.OpenShift
	}
	return false
}

// exists looks for an account in its own namespace, then in the trees that name no namespace: charts and overlays leave
// it to who applies them, and only write it where a binding must name it. known is false where that namespace's
// accounts were not all seen.
func exists(e *control.Eval, g kinds.Grantee) (there, known bool) {
	home := e.Elsewhere(inventory.Space{Namespace: g.Namespace, Root: g.Root})
	if made(e, g.Name) || accounts.In(home)[g.Name] {
		return true, true
	}
	for _, s := range e.Spaces() {
		if g.Root == "" && !s.Named() && !s.IsCluster() && accounts.In(e.Elsewhere(s))[g.Name] {
			return true, true
		}
	}
	return false, home.Whole(kinds.ServiceAccounts)
}

// accounts is the join of the names of a namespace's accounts.
var accounts = inventory.NewJoin([]inventory.Input{kinds.ServiceAccounts}, func(v inventory.View) map[string]bool {
	out := map[string]bool{}
	for _, it := range kinds.ServiceAccounts.In(v) {
		out[it.Object.Name] = true
	}
	return out
})
