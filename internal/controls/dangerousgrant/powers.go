package dangerousgrant

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"vigie/internal/kinds"
)

// powers are the dangerous rights that one role gives where it is bound.
type powers struct {
	free     []string            // reasons, whatever the object
	bounded  []string            // over objects that the rules name
	accounts map[string][]string // reason -> the accounts that the rules name
	unseen   []string            // roles that a right to bind names, and that are not known
}

// A right is one way to take more than what was given, as the API server asks RBAC for it.
type right struct {
	reason   string
	verbs    []string
	group    string
	resource string
	sub      string
	wide     bool // asked without a namespace: a RoleBinding never gives it
	names    naming
}

// A naming says what a rule with resourceNames makes of a right.
type naming uint8

const (
	givesNothing naming = iota // what is created has no name that a rule could allow
	asBad                      // one object is as bad as all of them
	ofObjects                  // only the objects named
	ofAccounts                 // as bad as what the accounts named hold
	ofRoles                    // as bad as what the roles named give
)

const rbacGroup = rbacv1.GroupName

// rights are the dangerous ones (Kubernetes, "RBAC good practices", privilege escalation risks).
//
//   - escalate and bind are asked for a role that is written, or bound, beyond what its writer holds; of a ClusterRole
//     the first without a namespace, the second in the namespace of the RoleBinding (kubernetes
//     pkg/registry/rbac/escalation_check.go). Writing role bindings gives neither.
//   - Users and groups are impersonated without a namespace, accounts in theirs (k8s.io/apiserver
//     pkg/endpoints/filters/impersonation).
//   - exec and attach are opened by a POST (create) or, by web socket, a GET.
//   - What is created has no name yet, so that names allow no creation; a subresource is created of an object that has.
var rights = []right{
	{"escalate", []string{"escalate"}, rbacGroup, "roles", "", false, asBad},
	{"escalate", []string{"escalate"}, rbacGroup, "clusterroles", "", true, asBad},
	{"bind", []string{"bind"}, rbacGroup, "roles", "", false, ofRoles},
	{"bind", []string{"bind"}, rbacGroup, "clusterroles", "", false, ofRoles},
	{"impersonate", []string{"impersonate"}, "", "users", "", true, asBad},
	{"impersonate", []string{"impersonate"}, "", "groups", "", true, asBad},
	{"impersonate", []string{"impersonate"}, "", "serviceaccounts", "", false, ofAccounts},
	{"reads-secrets", []string{"get", "list", "watch"}, "", "secrets", "", false, ofObjects},
	{"exec", []string{"create", "get"}, "", "pods", "exec", false, ofObjects},
	{"exec", []string{"create", "get"}, "", "pods", "attach", false, ofObjects},
	{"ephemeral-containers", []string{"update", "patch"}, "", "pods", "ephemeralcontainers", false, ofObjects},
	{"creates-pods", []string{"create"}, "", "pods", "", false, givesNothing},
	{"mints-tokens", []string{"create"}, "", "serviceaccounts", "token", false, ofAccounts},
}

// powersOf gives what a role gives, computed once.
func (j *judge) powersOf(role *kinds.ResolvedRole) *powers {
	if p := j.named[role]; p != nil {
		return p
	}
	p := &powers{accounts: map[string][]string{}}
	j.named[role] = p // a role whose right to bind names itself adds nothing by it
	for i := range role.Rules {
		rule := &role.Rules[i]
		if wildcard(rule) {
			p.free = appendOnce(p.free, "wildcard")
		}
		for k := range rights {
			if r := &rights[k]; (j.wide || !r.wide) && r.given(rule) {
				r.take(j, p, rule)
			}
		}
	}
	return p
}

func (r *right) given(rule *rbacv1.PolicyRule) bool {
	verb := slices.Contains(rule.Verbs, "*") || slices.ContainsFunc(r.verbs, func(v string) bool { return slices.Contains(rule.Verbs, v) })
	return verb && kinds.RuleCovers(rule, r.group, r.resource, r.sub)
}

// take adds what the rule gives of the right. A role that may be escalated can be made to hold anything, and a user or
// a group may be an administrator whose bindings nobody sees: naming them bounds nothing.
func (r *right) take(j *judge, p *powers, rule *rbacv1.PolicyRule) {
	switch {
	case len(rule.ResourceNames) == 0 || r.names == asBad:
		p.free = appendOnce(p.free, r.reason)
	case r.names == ofObjects:
		p.bounded = appendOnce(p.bounded, r.reason)
	case r.names == ofAccounts:
		p.accounts[r.reason] = append(p.accounts[r.reason], rule.ResourceNames...)
	case r.names == ofRoles:
		kind := "Role"
		if r.resource == "clusterroles" {
			kind = "ClusterRole"
		}
		for _, name := range rule.ResourceNames {
			j.takeRole(p, r, kind, name)
		}
	}
}

// takeRole judges the right to bind one role: as that role is.
func (j *judge) takeRole(p *powers, r *right, kind, name string) {
	role := kinds.Resolve(j.e.View, kind, name)
	switch {
	case role.State == kinds.RoleUnseen, role.Partial, kind == "Role" && j.wide: // of every namespace
		p.unseen = appendOnce(p.unseen, kind+" "+name)
	case len(j.powersOf(role).free) > 0:
		p.free = appendOnce(p.free, r.reason)
	default:
		p.bounded = appendOnce(p.bounded, r.reason)
	}
}

// wildcard reports a rule over every kind, those that are still to come too: of any group to do more than read, of the
// core group or of all groups to do anything. Stars among verbs alone give no more than the verbs that are judged one by
// one; "pods/*" is a plain name, "*/scale" one subresource.
func wildcard(rule *rbacv1.PolicyRule) bool {
	if !slices.Contains(rule.Resources, "*") || len(rule.ResourceNames) > 0 || len(rule.Verbs) == 0 || len(rule.APIGroups) == 0 {
		return false
	}
	writes := slices.ContainsFunc(rule.Verbs, func(v string) bool { return v != "get" && v != "list" && v != "watch" })
	return writes || slices.Contains(rule.APIGroups, "*") || slices.Contains(rule.APIGroups, "")
}
