// Package kubeadminremoved checks that the administrator that the installation made is gone.
package kubeadminremoved

import (
	"embed"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "kubeadmin-removed",
	Version:  1,
	Clauses:  []string{"MCS.IAM.P1"},
	Scope:    control.OfCluster,
	Severity: control.High,
	Needs:    []inventory.Input{kinds.Secrets},
	Wants:    []inventory.Input{kinds.Objects},
	Reasons: []control.Reason{
		{Key: "still-there", Verdict: control.Fail},
		{Key: "no-cluster", Verdict: control.Unknown, Running: true},
	},
	Docs: docs,
	Run:  run,
}

// run asks for one Secret of one namespace: the evaluation, with the gaps that it may have, is that namespace's. That
// the Secret is not there proves something where the namespace was read from a cluster; no tree of manifests holds it.
func run(e *control.Eval) {
	space := inventory.Space{Namespace: kinds.BootstrapNamespace}
	e.View = e.Elsewhere(space)
	for _, it := range kinds.Secrets.In(e.View) {
		if it.Object.Name == kinds.BootstrapSecret {
			control.On(e, it).Fail("still-there", nil)
			return
		}
	}
	if e.Platform != control.OpenShift {
		return // no other platform makes one
	}
	s := e.OnRef(inventory.Ref{Kind: "Secret", Namespace: space.Namespace, Name: kinds.BootstrapSecret})
	switch {
	case !e.Whole(kinds.Secrets): // the engine says so
	case running(e):
		s.Pass()
	default:
		s.Unknown("no-cluster", nil)
	}
}

// running reports that something was read from a running cluster, or from its namespace of the system.
func running(e *control.Eval) bool {
	if len(kinds.Objects.In(e.View)) > 0 {
		return true
	}
	for _, it := range kinds.Objects.In(e.Elsewhere(inventory.Cluster)) {
		if it.Object.Origin == kinds.FromLive || it.Object.Origin == kinds.FromMustGather {
			return true
		}
	}
	return false
}
