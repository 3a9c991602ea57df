// Package machineconfigpoolshealthy checks that the pools of nodes take the configuration that they are given, in time.
package machineconfigpoolshealthy

import (
	"cmp"
	"embed"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const progressing = "cluster-progressing"

// Control is the check.
var Control = &control.Control{
	ID:       "machine-config-pools-healthy",
	Version:  1,
	Clauses:  []string{"MCO.UPD.P1"},
	Scope:    control.OfCluster,
	Severity: control.Medium,
	Params:   []string{progressing},
	Needs:    []inventory.Input{kinds.MachineConfigPools},
	Wants:    []inventory.Input{kinds.Objects},
	Reasons: []control.Reason{
		{Key: "degraded", Verdict: control.Fail},
		{Key: "update-too-long", Verdict: control.Fail},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "not-seen", Verdict: control.Unknown, Running: true},
		{Key: "condition-unknown", Verdict: control.Unknown},
		{Key: control.ReasonSince, Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	all := kinds.MachineConfigPools.In(e.View)
	for _, it := range all {
		s, conditions := control.On(e, it), it.Object.Status.Conditions
		if len(conditions) == 0 {
			s.Unknown("no-status", nil)
			continue
		}
		degraded(s.Part("condition", "Degraded"), conditions)
		updating(e, s.Part("condition", "Updating"), conditions)
	}
	if len(all) == 0 && e.Platform == control.OpenShift && e.Whole(kinds.MachineConfigPools) && kinds.FromTree(e.View) {
		e.OnRef(inventory.Ref{Kind: "Cluster"}).Unknown("not-seen", nil)
	}
}

// causes are the conditions that Degraded sums up (github.com/openshift/api, machineconfiguration/v1). They say why,
// and stand for the sum where it was not written yet.
var causes = []string{"NodeDegraded", "RenderDegraded"}

func degraded(s control.Subject, conditions []metav1.Condition) {
	var why []string
	at := -1
	for i, c := range conditions {
		if c.Status == metav1.ConditionTrue && slices.Contains(causes, c.Type) {
			why, at = append(why, c.Type), i
		}
	}
	sum := kinds.ConditionAt(conditions, "Degraded")
	if sum >= 0 && (conditions[sum].Status == metav1.ConditionTrue || len(why) == 0) {
		at = sum
	}
	if at >= 0 {
		s = s.At("status", "conditions", at)
	}
	switch {
	case len(why) > 0:
		s.Fail("degraded", control.Values{"why": why})
	case at >= 0 && conditions[at].Status == metav1.ConditionTrue:
		s.Fail("degraded", control.Values{"why": []string{cmp.Or(conditions[at].Reason, "Degraded")}})
	case at >= 0 && conditions[at].Status == metav1.ConditionFalse:
		s.Pass()
	default:
		s.Unknown("condition-unknown", control.Values{"condition": "Degraded"})
	}
}

// updating judges how long the pool's nodes have been changing over.
func updating(e *control.Eval, s control.Subject, conditions []metav1.Condition) {
	var c metav1.Condition
	if i := kinds.ConditionAt(conditions, "Updating"); i >= 0 {
		s, c = s.At("status", "conditions", i), conditions[i]
	}
	switch c.Status {
	case metav1.ConditionFalse:
		s.Pass()
	case metav1.ConditionTrue:
		s.Lasts(c.LastTransitionTime.Time, e.Param(progressing).Duration(), "update-too-long", control.Values{})
	default:
		s.Unknown("condition-unknown", control.Values{"condition": "Updating"})
	}
}
