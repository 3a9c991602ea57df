package kinds

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"vigie/internal/inventory"
)

// A RoleState says how a role's rules are known.
type RoleState uint8

// The states of a role.
const (
	RoleSeen    RoleState = iota + 1 // as it was read
	RoleAssumed                      // not seen: its rules, or part of what it aggregates, are those of a stock role
	RoleAbsent                       // it does not exist, in a list that was read whole: it grants nothing
	RoleUnseen                       // not seen, in a list that was not read whole
)

// A ResolvedRole is what a role grants, aggregation included.
type ResolvedRole struct {
	Kind, Name string
	Rules      []rbacv1.PolicyRule
	State      RoleState
	Partial    bool // it aggregates, and the roles that it gathers were not all seen
}

// RoleOf resolves the role of a binding of the view's space.
func RoleOf(v inventory.View, b *Binding) *ResolvedRole { return Resolve(v, b.Role.Kind, b.Role.Name) }

// Resolve gives a role by its kind: a Role of the view's namespace, or a ClusterRole. A Role that a cluster's binding
// names does not exist, nor does one of another kind. The inputs of Grants must be declared.
func Resolve(v inventory.View, kind, name string) *ResolvedRole {
	switch {
	case kind == "ClusterRole":
		return clusterRoles.In(v.Elsewhere(inventory.Cluster)).resolve(name)
	case kind == "Role" && !v.Space().IsCluster():
		if r := namespaceRoles.In(v)[name]; r != nil {
			return r
		}
		r := &ResolvedRole{Kind: kind, Name: name, State: RoleUnseen}
		if WholeLists(v, Roles, OriginRoles) {
			r.State = RoleAbsent
		}
		return r
	}
	return &ResolvedRole{Kind: kind, Name: name, State: RoleAbsent}
}

var namespaceRoles = inventory.NewJoin([]inventory.Input{Roles, OriginRoles}, func(v inventory.View) map[string]*ResolvedRole {
	out := map[string]*ResolvedRole{}
	for _, it := range OriginRoles.In(v) {
		out[it.Object.Name] = &ResolvedRole{Kind: "Role", Name: it.Object.Name, Rules: originRules(it.Object.Rules), State: RoleSeen}
	}
	for _, it := range Roles.In(v) {
		out[it.Object.Name] = &ResolvedRole{Kind: "Role", Name: it.Object.Name, Rules: it.Object.Rules, State: RoleSeen}
	}
	return out
})

// A clusterRole is a role as it was read, or a stock role.
type clusterRole struct {
	name       string
	labels     labels.Set
	rules      []rbacv1.PolicyRule
	aggregates *rbacv1.AggregationRule
	stock      bool
}

// A roleIndex holds every ClusterRole that was seen, with the stock roles that were not.
type roleIndex struct {
	all      []*clusterRole
	byName   map[string]*clusterRole
	resolved map[string]*ResolvedRole
	whole    bool // every role of the source was read
	cluster  bool // and the source is a cluster's list: what is not there does not exist
}

// clusterRoles is the join of the cluster's roles, resolved. Stock roles stand in for those that were not seen, but
// where the list is that of a cluster, whole: one that is not there was taken away. A cluster always has cluster-admin;
// a tree of manifests never holds the roles whose names are reserved, and their absence from it says nothing.
var clusterRoles = inventory.NewJoin([]inventory.Input{ClusterRoles, OriginClusterRoles}, func(v inventory.View) *roleIndex {
	x := &roleIndex{byName: map[string]*clusterRole{}, resolved: map[string]*ResolvedRole{}, whole: WholeLists(v, ClusterRoles, OriginClusterRoles)}
	for _, it := range ClusterRoles.In(v) {
		x.add(&clusterRole{name: it.Object.Name, labels: it.Object.Labels, rules: it.Object.Rules, aggregates: it.Object.AggregationRule})
	}
	for _, it := range OriginClusterRoles.In(v) {
		x.add(&clusterRole{name: it.Object.Name, labels: it.Object.Labels, rules: originRules(it.Object.Rules), aggregates: it.Object.AggregationRule})
	}
	x.cluster = x.whole && x.byName["cluster-admin"] != nil
	if !x.cluster {
		for i := range stockRoles {
			x.add(&stockRoles[i])
		}
	}
	for _, r := range x.all {
		x.resolved[r.name] = x.build(r)
	}
	return x
})

// add takes the first of a name: RBAC's own group before OpenShift's form of it, what was seen before what is assumed.
func (x *roleIndex) add(r *clusterRole) {
	if x.byName[r.name] == nil {
		x.byName[r.name] = r
		x.all = append(x.all, r)
	}
}

func (x *roleIndex) resolve(name string) *ResolvedRole {
	if r := x.resolved[name]; r != nil {
		return r
	}
	r := &ResolvedRole{Kind: "ClusterRole", Name: name, State: RoleUnseen}
	rules, stock := stockByPrefix(name)
	switch {
	case x.cluster:
		r.State = RoleAbsent
	case stock:
		r.State, r.Rules = RoleAssumed, rules
	case x.whole && !strings.HasPrefix(name, "system:"):
		r.State = RoleAbsent
	}
	return r
}

// build gathers the rules of a role. Those of one that aggregates are overwritten by the cluster's controller with what
// its selectors gather (kubernetes pkg/controller/clusterroleaggregation); where not all roles were seen, the rules that
// stand in it are taken too: a live role holds the controller's result.
func (x *roleIndex) build(r *clusterRole) *ResolvedRole {
	out := &ResolvedRole{Kind: "ClusterRole", Name: r.name, State: RoleSeen}
	if r.aggregates == nil || !x.whole {
		out.Rules = append(out.Rules, r.rules...)
	}
	assumed := r.stock
	if r.aggregates != nil {
		out.Partial = !x.whole && !r.stock
		for _, leaf := range x.gathered(r) {
			out.Rules = append(out.Rules, leaf.rules...)
			assumed = assumed || leaf.stock
		}
	}
	if assumed {
		out.State = RoleAssumed
	}
	return out
}

// gathered gives the roles whose own rules end in r: those that its selectors match, through any number of roles that
// aggregate themselves. A role never gathers itself.
func (x *roleIndex) gathered(r *clusterRole) (leaves []*clusterRole) {
	seen := map[*clusterRole]bool{r: true}
	open := []*clusterRole{r}
	for len(open) > 0 {
		at := open[0]
		open = open[1:]
		for i := range at.aggregates.ClusterRoleSelectors {
			sel, err := metav1.LabelSelectorAsSelector(&at.aggregates.ClusterRoleSelectors[i])
			if err != nil {
				continue // the API server refuses it
			}
			for _, other := range x.all {
				if seen[other] || !sel.Matches(other.labels) {
					continue
				}
				seen[other] = true
				if other.aggregates != nil {
					open = append(open, other)
				} else {
					leaves = append(leaves, other)
				}
			}
		}
	}
	return leaves
}
