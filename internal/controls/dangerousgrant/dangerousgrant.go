// Package dangerousgrant checks that nobody holds a right by which he can take more than what he was given.
package dangerousgrant

import (
	"embed"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const allowed = "allowed-grantees"

// Control is the check. What the bindings of a namespace grant is judged there; what those of the cluster grant, once,
// in the cluster's own space. The lists in OpenShift's own group are another form of the same objects.
var Control = &control.Control{
	ID:       "dangerous-grant",
	Version:  1,
	Clauses:  []string{"MCS.IAM.T3"},
	Scope:    control.Namespace,
	Severity: control.High,
	Params:   []string{allowed},
	Needs:    []inventory.Input{kinds.RoleBindings, kinds.ClusterRoleBindings, kinds.Roles},
	Wants:    []inventory.Input{kinds.ClusterRoles, kinds.OriginRoleBindings, kinds.OriginClusterRoleBindings, kinds.OriginRoles, kinds.OriginClusterRoles},
	Reasons:  reasons(),
	Docs:     docs,
	Run:      run,
}

// dangers are the reasons of failure, in the order in which they are said.
var dangers = []string{
	"wildcard", "escalate", "bind", "impersonate", "reads-secrets", "exec", "ephemeral-containers", "creates-pods", "mints-tokens",
}

func reasons() (out []control.Reason) {
	for _, key := range dangers {
		out = append(out, control.Reason{Key: key, Verdict: control.Fail})
	}
	return append(out,
		control.Reason{Key: "role-not-seen", Verdict: control.Unknown},
		control.Reason{Key: "allowed", Verdict: control.Pass},
		control.Reason{Key: "named-only", Verdict: control.Pass},
		control.Reason{Key: "assumed", Verdict: control.Pass},
	)
}

func run(e *control.Eval) {
	if kinds.PlatformNamespace(e.Space().Namespace) {
		return
	}
	j := &judge{e: e, wide: e.Space().IsCluster(), held: map[string]*holding{}, named: map[*kinds.ResolvedRole]*powers{}}
	for _, h := range j.gather() {
		j.judge(h)
	}
}

// A holding is what one grantee holds in the space.
type holding struct {
	grantee  kinds.Grantee
	first    kinds.Grant
	by       map[string][]kinds.Grant // reason -> the grants that give it
	bounded  []string                 // reasons that only concern objects named in the rules
	accounts map[string][]kinds.Grant // reason -> grants that give it over accounts named in the rules
	names    []string                 // those accounts
	unseen   []string                 // roles that are not known
	unsure   bool                     // what those accounts hold was not all seen
	partial  bool                     // a role that aggregates, not all of whose parts were seen
	assumed  []string                 // roles whose rules are assumed
}

// A judge is one evaluation: of a namespace's own bindings, or of the cluster's (wide).
type judge struct {
	e     *control.Eval
	wide  bool
	held  map[string]*holding
	named map[*kinds.ResolvedRole]*powers
}

// gather puts together what each grantee holds, in order of first grant. What the platform makes, and its own
// identities, are left out; the groups that stand for everybody are the matter of another control.
func (j *judge) gather() (order []*holding) {
	for _, g := range kinds.Grants.In(j.e.View) {
		if g.Binding.Platform || g.Subject.System() {
			continue
		}
		h := j.held[g.Subject.Grantee.String()]
		if h == nil {
			h = &holding{grantee: g.Subject.Grantee, first: g, by: map[string][]kinds.Grant{}, accounts: map[string][]kinds.Grant{}}
			j.held[g.Subject.Grantee.String()] = h
			order = append(order, h)
		}
		h.add(g, j.powersOf(g.Role))
	}
	for _, h := range order {
		h.resolveAccounts(j)
	}
	return order
}

func (h *holding) add(g kinds.Grant, p *powers) {
	switch g.Role.State {
	case kinds.RoleUnseen:
		h.unseen = appendOnce(h.unseen, g.Binding.RoleName())
	case kinds.RoleAssumed:
		h.assumed = appendOnce(h.assumed, g.Binding.RoleName())
	}
	h.partial = h.partial || g.Role.Partial
	for _, r := range p.free {
		h.by[r] = append(h.by[r], g)
	}
	for _, r := range p.bounded {
		h.bounded = appendOnce(h.bounded, r)
	}
	for _, r := range p.unseen {
		h.unseen = appendOnce(h.unseen, r)
	}
	for reason, names := range p.accounts {
		h.accounts[reason] = append(h.accounts[reason], g)
		for _, n := range names {
			h.names = appendOnce(h.names, n)
		}
	}
}

// resolveAccounts judges rights over accounts that the rules name: to act as one that holds a dangerous right itself is
// as dangerous.
func (h *holding) resolveAccounts(j *judge) {
	if len(h.accounts) == 0 {
		return
	}
	dangerous, known := false, true
	for _, name := range h.names {
		d, k := j.account(name)
		dangerous, known = dangerous || d, known && k
	}
	h.unsure = !dangerous && !known
	for reason, grants := range h.accounts {
		if dangerous {
			h.by[reason] = append(h.by[reason], grants...)
		} else {
			h.bounded = appendOnce(h.bounded, reason)
		}
	}
}

// account reports whether an account of that name holds a dangerous right: one of the namespace, there or everywhere;
// one of any namespace where the right is over all of them. known is false where not all that it may hold was seen.
func (j *judge) account(name string) (dangerous, known bool) {
	s := j.e.Space()
	is := func(g kinds.Grantee) bool {
		return g.Account() && g.Name == name && (j.wide || g.Namespace == s.Namespace && g.Root == s.Root)
	}
	known = kinds.WholeLists(j.e.View, kinds.ClusterRoleBindings, kinds.OriginClusterRoleBindings) &&
		(j.wide || kinds.WholeLists(j.e.View, kinds.RoleBindings, kinds.OriginRoleBindings))
	for _, h := range j.held {
		if is(h.grantee) {
			dangerous = dangerous || len(h.by) > 0
			known = known && len(h.unseen) == 0 && !h.partial
		}
	}
	if j.wide {
		return dangerous, known
	}
	cluster := &judge{e: j.e, wide: true, named: map[*kinds.ResolvedRole]*powers{}}
	for _, g := range kinds.Grants.In(j.e.Elsewhere(inventory.Cluster)) {
		if is(g.Subject.Grantee) {
			dangerous = dangerous || len(cluster.powersOf(g.Role).free) > 0
			known = known && g.Role.State != kinds.RoleUnseen && !g.Role.Partial
		}
	}
	return dangerous, known
}

// part is where the grants count: one grantee may hold the same right in several namespaces.
func (j *judge) part() (kind, name string) {
	switch s := j.e.Space(); {
	case j.wide:
		return "namespace", "*"
	case s.Named():
		return "namespace", s.Namespace
	}
	return "", ""
}

func (j *judge) judge(h *holding) {
	ref := h.grantee.Ref(h.first.Binding.Ref.Cluster)
	if !h.grantee.Account() {
		ref.Root = j.e.Space().Root
	}
	s := control.On(j.e, inventory.Item[holding]{Ref: ref, Place: h.first.Binding.Place, Object: h}).At(h.first.Subject.Path...).Part(j.part())
	if len(h.by) > 0 && j.accepted(h.grantee) {
		s.PassAs("allowed", control.Values{"rights": h.dangers()})
		return
	}
	for _, reason := range h.dangers() {
		g := h.by[reason][0]
		at := control.On(j.e, inventory.Item[holding]{Ref: ref, Place: g.Binding.Place, Object: h}).At(g.Subject.Path...).Part(j.part())
		at.Fail(reason, values(h.by[reason]))
	}
	if len(h.by) == 0 {
		j.harmless(s, h)
	}
}

// harmless speaks of a grantee against whom nothing is held: what was not seen may still hold something.
func (j *judge) harmless(s control.Subject, h *holding) {
	own, other := inventory.Input(kinds.RoleBindings), inventory.Input(kinds.OriginRoleBindings)
	if j.wide {
		own, other = kinds.ClusterRoleBindings, kinds.OriginClusterRoleBindings
	}
	switch {
	case len(h.unseen) > 0:
		s.Unknown("role-not-seen", control.Values{"roles": h.unseen}, kinds.Roles, kinds.ClusterRoles)
	case h.partial:
		s.Unknown(control.ReasonGap, nil, kinds.ClusterRoles, kinds.OriginClusterRoles)
	case h.unsure:
		s.Unknown(control.ReasonGap, nil, kinds.RoleBindings, kinds.ClusterRoleBindings, kinds.ClusterRoles)
	case !kinds.WholeLists(j.e.View, own, other):
		s.Unknown(control.ReasonGap, nil, own, other)
	case len(h.bounded) > 0:
		s.PassAs("named-only", control.Values{"rights": h.bounded})
	case len(h.assumed) > 0:
		s.PassAs("assumed", control.Values{"roles": h.assumed})
	default:
		s.Pass()
	}
}

// accepted reports a grantee that the tenant declared. A star stands for any text.
func (j *judge) accepted(g kinds.Grantee) bool {
	return slices.ContainsFunc(j.e.Param(allowed).List(), func(pattern string) bool { return matches(pattern, g.String()) })
}

func matches(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return text == pattern
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	pieces := strings.Split(rest, "*")
	last := pieces[len(pieces)-1]
	for _, piece := range pieces[:len(pieces)-1] {
		_, after, found := strings.Cut(text, piece)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, last)
}

// dangers lists what is held, in the order of all dangers.
func (h *holding) dangers() (out []string) {
	for _, reason := range dangers {
		if len(h.by[reason]) > 0 {
			out = append(out, reason)
		}
	}
	return out
}

// values names the bindings and roles of grants. assumed is 1 where a role's rules are assumed, else 2: the sentences
// choose their words by it.
func values(grants []kinds.Grant) control.Values {
	var bindings, roles []string
	assumed := 2
	for _, g := range grants {
		bindings = appendOnce(bindings, g.Binding.String())
		roles = appendOnce(roles, g.Binding.RoleName())
		if g.Role.State == kinds.RoleAssumed {
			assumed = 1
		}
	}
	return control.Values{"bindings": bindings, "roles": roles, "assumed": assumed}
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
