package kinds

import (
	"testing"
	"time"

	"vigie/internal/inventory"
)

// TestFromTree holds what manifests are: files and Git, not what a cluster or a dump shows.
func TestFromTree(t *testing.T) {
	for origin, want := range map[Origin]bool{FromFiles: true, FromGit: true, FromLive: false, FromMustGather: false, "": false} {
		b := inventory.NewBuilder("", time.Time{}, inventory.Complete)
		b.Touch(inventory.Cluster)
		if origin != "" {
			m := Manifest{APIVersion: "v1", Kind: "ConfigMap", JSON: []byte(`{"metadata":{"name":"a","namespace":"shop"}}`), Origin: origin}
			if _, err := Add(b, m); err != nil {
				t.Fatal(err)
			}
		}
		v := b.Freeze().View(inventory.Cluster, map[inventory.Input]bool{Objects: true}, time.Time{})
		if got := FromTree(v); got != want {
			t.Errorf("origin %q: %t, want %t", origin, got, want)
		}
	}
}

// TestMessagesDropped holds that the prose of conditions is not kept.
func TestMessagesDropped(t *testing.T) {
	b := inventory.NewBuilder("", time.Time{}, inventory.Complete)
	m := Manifest{
		APIVersion: "config.openshift.io/v1", Kind: "ClusterOperator", Origin: FromLive,
		JSON: []byte(`{"metadata":{"name":"dns"},"status":{"conditions":[{"type":"Degraded","status":"True","message":"prose","lastTransitionTime":null}]}}`),
	}
	if _, err := Add(b, m); err != nil {
		t.Fatal(err)
	}
	v := b.Freeze().View(inventory.Cluster, map[inventory.Input]bool{ClusterOperators: true}, time.Time{})
	seen := ClusterOperators.In(v)
	if len(seen) != 1 {
		t.Fatalf("%d operators, want the one", len(seen))
	}
	c := seen[0].Object.Status.Conditions
	if i := ConditionAt(c, "Degraded"); i != 0 || c[i].Status != "True" || c[i].Message != "" {
		t.Errorf("%+v", c)
	}
	if ConditionAt(c, "Available") != -1 {
		t.Error("found a condition that is absent")
	}
}
