// Package replicasresilient checks that what serves in production has a replica to spare.
package replicasresilient

import (
	"embed"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const minimum = "replicas-minimum"

// Control is the check.
var Control = &control.Control{
	ID:        "replicas-resilient",
	Version:   1,
	Clauses:   []string{"INC.T2", "MCS.ENC.T1b"},
	Scope:     control.Namespace,
	Severity:  control.High,
	Params:    []string{minimum},
	Needs:     append(slices.Clone(kinds.WorkloadInputs), inventory.Input(kinds.Services), kinds.HPAs),
	Overrules: []inventory.Input{kinds.HPAs}, // whose minimum counts
	Reasons: []control.Reason{
		{Key: "too-few", Verdict: control.Fail},
		{Key: "autoscaler-too-low", Verdict: control.Fail},
		{Key: "bare-pod", Verdict: control.Fail},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	behind := kinds.BehindService.In(e.View)
	for _, w := range kinds.Workloads.In(e.View) {
		if !w.Platform {
			judge(e, w, len(behind[w]) > 0)
		}
	}
}

func judge(e *control.Eval, w *kinds.Workload, served bool) {
	s, scale := control.On(e, w.Item()), kinds.ScaleOf(e.View, w)
	switch {
	case !e.Production(w.Labels) || !scales(w) || scale.Pods == 0:
		s.NotApplicable() // nothing to ask, or set to 0: nothing serves
	case !served:
		s.NotApplicableIfWhole(kinds.Services) // one that was not seen may select it
	case scale.Bare:
		s.Fail("bare-pod", nil)
	case scale.Pods == kinds.NotSeen:
		s.NotApplicableIfWhole(kinds.WorkloadInputs...) // only objects below it show it, none of which runs
	default:
		compare(e, s, w, scale)
	}
}

// scales reports a workload whose number of pods its owner chooses: a DaemonSet has one on each node, Jobs end, and
// Knative follows the traffic.
func scales(w *kinds.Workload) bool {
	return w.Kind != "DaemonSet" && !w.OneShot && !w.Knative()
}

// compare holds the number of pods against the parameter. Too few rests on the absence of an autoscaler that asks
// for more, and of more pods where they alone were counted.
func compare(e *control.Eval, s control.Subject, w *kinds.Workload, scale kinds.Scale) {
	least := e.Param(minimum).Int()
	v := control.Values{"replicas": int(scale.Pods), "minimum": least, "autoscaler": scale.Autoscaler}
	switch {
	case int(scale.Pods) >= least:
		s.Pass()
	case scale.Autoscaler != "":
		s.Fail("autoscaler-too-low", v)
	case w.Object == nil:
		s.FailIfWhole("too-few", v, append(slices.Clone(kinds.WorkloadInputs), inventory.Input(kinds.HPAs))...)
	default:
		s.At("spec", "replicas").FailIfWhole("too-few", v, kinds.HPAs)
	}
}
