package rbacproof

import (
	"encoding/json"
	"time"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// inventory reads the world as any source does: as documents, whole.
func (w *world) inventory() *inventory.Inventory {
	b := inventory.NewBuilder("", time.Time{}, inventory.Complete)
	for _, ns := range namespaces {
		b.Touch(inventory.Space{Namespace: ns})
	}
	add := func(kind string, o any) {
		raw, err := json.Marshal(o)
		if err != nil {
			panic(err)
		}
		if _, err := kinds.Add(b, kinds.Manifest{APIVersion: "rbac.authorization.k8s.io/v1", Kind: kind, JSON: raw}); err != nil {
			panic(err)
		}
	}
	for i := range w.roles {
		add("Role", &w.roles[i])
	}
	for i := range w.clusterRoles {
		add("ClusterRole", &w.clusterRoles[i])
	}
	for i := range w.bindings {
		add("RoleBinding", &w.bindings[i])
	}
	for i := range w.clusterBindings {
		add("ClusterRoleBinding", &w.clusterBindings[i])
	}
	return b.Freeze()
}

// String is the world as JSON, for the message of a test that fails.
func (w *world) String() string {
	raw, err := json.MarshalIndent(map[string]any{
		"roles": w.roles, "clusterRoles": w.clusterRoles, "bindings": w.bindings, "clusterBindings": w.clusterBindings,
	}, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
