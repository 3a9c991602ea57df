// Package drainblocked checks that a node can be drained: that every disruption budget lets some pod go.
package drainblocked

import (
	"embed"
	"slices"

	policyv1 "k8s.io/api/policy/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:        "drain-blocked",
	Version:   1,
	Clauses:   []string{"MCO.UPD.T3", "INC.T2"},
	Scope:     control.Namespace,
	Severity:  control.High,
	Needs:     append(slices.Clone(kinds.WorkloadInputs), inventory.Input(kinds.PDBs), kinds.HPAs),
	Overrules: append(slices.Clone(kinds.WorkloadInputs), inventory.Input(kinds.HPAs)), // who owns the pods, and how few there may be
	Reasons: []control.Reason{
		{Key: "no-eviction", Verdict: control.Fail},
		{Key: "too-many-needed", Verdict: control.Fail},
		{Key: "no-bound", Verdict: control.Fail},
		{Key: "no-scale", Verdict: control.Fail},
		{Key: "part-of-a-scale", Verdict: control.Fail},
		{Key: "two-budgets", Verdict: control.Fail},
		{Key: "refused", Verdict: control.Unknown},
		{Key: "owner-not-known", Verdict: control.Unknown, Running: true},
		{Key: "pods-not-counted", Verdict: control.Unknown, Running: true},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	budgets := kinds.Budgets.In(e.View)
	for _, it := range kinds.PDBs.In(e.View) {
		if kinds.PlatformOwned(it.Ref.Kind, &it.Object.ObjectMeta) {
			continue
		}
		judge(e, it, budgets.By[it.Object])
	}
	for _, w := range kinds.Workloads.In(e.View) {
		if !w.Platform {
			overlaps(e, w, budgets.Of[w])
		}
	}
}

// judge does for one budget what the disruption controller does (Kubernetes, pkg/controller/disruption), at the
// number of pods that the workloads are meant to have rather than at the number that run now.
func judge(e *control.Eval, it inventory.Item[policyv1.PodDisruptionBudget], ws []*kinds.Workload) {
	s := control.On(e, it).At("spec")
	b, wrong := boundOf(&it.Object.Spec)
	if wrong != "" {
		s.Unknown("refused", control.Values{"field": wrong})
		return
	}
	c := count(e.View, it.Object, ws)
	values := control.Values{"bound": b.text, "workloads": c.names, "replicas": int(c.scale), "pods": int(c.pods)}
	at := s.Below(b.field)
	switch {
	case c.absent() && !e.Whole(kinds.WorkloadInputs...):
		s.Unknown(control.ReasonGap, nil, kinds.WorkloadInputs...)
	case c.absent():
		s.NotApplicable() // nothing to evict: parked, ended, or nothing selected
	case b.field == "":
		s.Fail("no-bound", values)
	case b.never():
		at.Fail("no-eviction", values)
	case b.needsScale() && len(c.scaleless) > 0:
		values["workloads"] = c.scaleless
		at.Fail("no-scale", values)
	case b.needsScale() && len(c.unknown) > 0:
		values["workloads"] = c.unknown
		at.Unknown("owner-not-known", values)
	case b.needsScale() && c.scale == 0 && len(c.uncounted) == 0:
		values["workloads"] = c.bare
		at.FailIfWhole("no-scale", values, kinds.WorkloadInputs...)
	default:
		weigh(at, b, c, values)
	}
}

// weigh compares the pods with those that must stay. A failure rests on the absence of more pods: of another
// workload that the budget selects, or of an autoscaler with a higher minimum.
func weigh(s control.Subject, b bound, c counted, values control.Values) {
	needed := b.needed(c.scale)
	values["needed"] = int(needed)
	switch {
	case c.pods > needed:
		s.Pass()
	case len(c.uncounted) > 0:
		values["workloads"] = c.uncounted
		s.Unknown("pods-not-counted", values)
	case b.needsScale() && c.pods < c.whole && c.whole > needed:
		s.FailIfWhole("part-of-a-scale", values, c.rests()...)
	default:
		s.FailIfWhole("too-many-needed", values, c.rests()...)
	}
}

// overlaps fails a workload of which one pod is in two budgets: the eviction of such a pod is refused whatever they
// allow (Kubernetes, "Specifying a Disruption Budget").
func overlaps(e *control.Eval, w *kinds.Workload, of []inventory.Item[policyv1.PodDisruptionBudget]) {
	if len(of) < 2 || kinds.ScaleOf(e.View, w).Pods == 0 {
		return
	}
	for _, set := range w.PodLabelSets() {
		var names []string
		for _, p := range of {
			sel, _ := kinds.Selector(p.Object.Spec.Selector)
			// One name twice is one budget, which two overlays of a tree write down.
			if sel.Matches(set) && !slices.Contains(names, p.Ref.Name) {
				names = append(names, p.Ref.Name)
			}
		}
		if len(names) > 1 {
			control.On(e, w.Item()).Fail("two-budgets", control.Values{"budgets": names})
			return
		}
	}
}
