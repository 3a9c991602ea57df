// Package defaultrbac checks that the bindings that the platform makes by default grant what they should, and that not
// everybody can make projects.
package defaultrbac

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

// Control is the check. Only bindings of the cluster are looked at, of the names that the platform gives; who else was
// given what is the matter of the controls of grants.
var Control = &control.Control{
	ID:       "default-rbac",
	Version:  1,
	Clauses:  []string{"MCS.IAM.P3"},
	Scope:    control.OfCluster,
	Severity: control.High,
	Needs:    []inventory.Input{kinds.ClusterRoleBindings},
	Wants:    []inventory.Input{kinds.OriginClusterRoleBindings},
	Reasons: []control.Reason{
		{Key: "other-role", Verdict: control.Fail},
		{Key: "more-subjects", Verdict: control.Fail},
		{Key: "self-provisioner-open", Verdict: control.Fail},
		{Key: "narrowed", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	for _, b := range kinds.ClusterBindings.In(e.View) {
		judge(control.On(e, b.Item()), b)
	}
}

// everybody are the groups to which a right to make projects is open to all.
var everybody = []string{signedIn, byOAuth, anonymous, "system:serviceaccounts"}

func judge(s control.Subject, b *kinds.Binding) {
	st, standing := standardOf(b.Ref.Name)
	open := openTo(b)
	if !standing && open == nil {
		return // not one of the defaults
	}
	failed := false
	if open != nil {
		failed = true
		s.At(open.Path...).Fail("self-provisioner-open", control.Values{"group": open.Name})
	}
	if !standing {
		return
	}
	if b.Role.Kind != "ClusterRole" || b.Role.Name != st.role {
		failed = true
		s.At("roleRef").Fail("other-role", control.Values{"role": b.RoleName(), "standard": "ClusterRole " + st.role})
	}
	if more, first := added(b, st); len(more) > 0 {
		failed = true
		s.At(first...).Fail("more-subjects", control.Values{"subjects": more, "role": b.RoleName()})
	}
	missing := removed(b, st)
	switch {
	case failed:
	case len(missing) > 0:
		s.PassAs("narrowed", control.Values{"subjects": missing})
	default:
		s.Pass()
	}
}

// openTo gives the group of everybody to whom the binding opens the making of projects; nil: none.
func openTo(b *kinds.Binding) *kinds.BoundSubject {
	if b.Role.Kind != "ClusterRole" || b.Role.Name != "self-provisioner" {
		return nil
	}
	for i, sub := range b.Subjects {
		if sub.Kind == rbacv1.GroupKind && slices.Contains(everybody, sub.Name) {
			return &b.Subjects[i]
		}
	}
	return nil
}

// added lists the subjects beside the standard ones. The making of projects is meant to be given to fewer than the
// default has it: whoever it names instead is no addition.
func added(b *kinds.Binding, st standard) (more []string, first []any) {
	for _, sub := range b.Subjects {
		if slices.Contains(st.allowed, sub.Grantee) || st.role == "self-provisioner" {
			continue
		}
		if len(more) == 0 {
			first = sub.Path
		}
		more = append(more, sub.String())
	}
	return more, first
}

// removed lists the standard subjects that are not there: a binding may be narrowed. Those who did not sign in are no
// longer standard.
func removed(b *kinds.Binding, st standard) (missing []string) {
	for _, g := range st.allowed {
		there := slices.ContainsFunc(b.Subjects, func(s kinds.BoundSubject) bool { return s.Grantee == g })
		if !there && g.Name != anonymous && g.Namespace == "" {
			missing = append(missing, g.String())
		}
	}
	return missing
}
