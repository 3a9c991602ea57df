// Package draininterrupts checks that a drain of a node leaves every service answering.
package draininterrupts

import (
	"embed"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "drain-interrupts",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T3", "INC.T2"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    append(slices.Clone(kinds.WorkloadInputs), inventory.Input(kinds.Services), kinds.PDBs, kinds.HPAs),
	Reasons: []control.Reason{
		{Key: "single-replica", Verdict: control.Fail},
		{Key: "no-budget", Verdict: control.Fail},
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
	case scale.Pods == 0 || stays(w):
		s.NotApplicable() // nothing runs, or a drain is nothing to it
	case scale.Bare:
		s.Fail("bare-pod", nil) // with a Service or without: nothing brings it back
	case !served:
		s.NotApplicableIfWhole(kinds.Services) // one that was not seen may select it
	case scale.Pods == kinds.NotSeen:
		s.NotApplicableIfWhole(kinds.WorkloadInputs...) // only objects below it show it, none of which runs
	case scale.Pods == 1:
		at(s, w).FailIfWhole("single-replica", nil, rests(w, scale)...)
	case len(kinds.Budgets.In(e.View).Of[w]) == 0:
		s.FailIfWhole("no-budget", control.Values{"replicas": int(scale.Pods)}, kinds.PDBs)
	case !e.Whole(rests(w, scale)...):
		s.Unknown(control.ReasonGap, nil, rests(w, scale)...)
	default:
		s.Pass()
	}
}

// stays reports what a drain leaves alone or ends for good: the pods of a DaemonSet and of the node itself, which need
// no other node; what runs to its end and is run again; what Knative scales with the traffic; the tests of a Helm chart.
func stays(w *kinds.Workload) bool {
	if w.Kind == "DaemonSet" || w.Kind == "Node" || w.OneShot || w.Knative() {
		return true
	}
	return w.Kind == "Pod" && kinds.AnnotationsOf(w)["helm.sh/hook"] != ""
}

// rests are the lists on which the number of replicas rests: an autoscaler that was not seen may ask for more, or let it
// fall to one; where pods alone were counted, their owner may ask for another number.
func rests(w *kinds.Workload, scale kinds.Scale) (lists []inventory.Input) {
	if w.Object == nil {
		lists = slices.Clone(kinds.WorkloadInputs)
	}
	if scale.Autoscaler == "" && (w.Scales || w.Object == nil) {
		lists = append(lists, kinds.HPAs)
	}
	return lists
}

// at points at the number of replicas, which stands in what scales; an autoscaler's minimum stands elsewhere.
func at(s control.Subject, w *kinds.Workload) control.Subject {
	if w.Object == nil {
		return s
	}
	return s.At("spec", "replicas")
}
