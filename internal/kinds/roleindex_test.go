package kinds

import (
	"testing"
	"time"

	"vigie/internal/inventory"
)

// TestStockRolesStandIn holds when a role that was not seen is assumed, absent or unknown.
func TestStockRolesStandIn(t *testing.T) {
	const labelled = `{"metadata":{"name":"added","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["list"]}]}`
	const admin = `{"metadata":{"name":"cluster-admin"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}`
	reads := Access{Verb: "list", Resource: "secrets"}
	for _, c := range []struct {
		name, role string
		seen       []string
		state      inventory.State
		want       RoleState
		reads      bool
	}{
		{"a tree holds no stock role", "view", nil, inventory.Complete, RoleAssumed, false},
		{"edit reads secrets", "edit", nil, inventory.Complete, RoleAssumed, true},
		{"what a tree adds to a stock role", "view", []string{labelled}, inventory.Complete, RoleAssumed, true},
		{"and to what aggregates that", "edit", []string{labelled}, inventory.Complete, RoleAssumed, true},
		{"a denied list", "view", nil, inventory.Denied, RoleAssumed, false},
		{"a role of one's own, denied", "own", nil, inventory.Denied, RoleUnseen, false},
		{"a role of one's own, nowhere", "own", nil, inventory.Complete, RoleAbsent, false},
		{"a reserved role, in no tree", "system:node-admin", nil, inventory.Complete, RoleUnseen, false},
		{"a role of a security context constraint", "system:openshift:scc:anyuid", nil, inventory.Denied, RoleAssumed, false},
		{"a stock role that a cluster has not", "view", []string{admin}, inventory.Complete, RoleAbsent, false},
		{"the same, in a list seen in part", "view", []string{admin}, inventory.Partial, RoleAssumed, false},
		{"as it was seen", "cluster-admin", []string{admin}, inventory.Complete, RoleSeen, true},
	} {
		b := rbacBuilder(t, "ClusterRole", c.seen)
		b.SetState(ClusterRoles, inventory.Cluster, c.state, "")
		allowed := map[inventory.Input]bool{}
		for _, in := range GrantInputs {
			allowed[in] = true
		}
		role := Resolve(b.Freeze().View(inventory.Space{Namespace: "shop"}, allowed, time.Time{}), "ClusterRole", c.role)
		got := false
		for i := range role.Rules {
			got = got || RuleAllows(&role.Rules[i], reads)
		}
		if role.State != c.want || got != c.reads {
			t.Errorf("%s: state %d, reads secrets %v: want %d, %v", c.name, role.State, got, c.want, c.reads)
		}
	}
}

// rbacBuilder begins an inventory with objects of one kind of RBAC's group.
func rbacBuilder(t *testing.T, kind string, objects []string) *inventory.Builder {
	t.Helper()
	b := inventory.NewBuilder("", time.Time{}, inventory.Complete)
	for _, o := range objects {
		if _, err := Add(b, Manifest{APIVersion: "rbac.authorization.k8s.io/v1", Kind: kind, JSON: []byte(o)}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}
