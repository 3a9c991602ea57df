// Package clusteroperatorshealthy checks that every operator of the platform reports itself available and not degraded.
package clusteroperatorshealthy

import (
	"cmp"
	"embed"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "cluster-operators-healthy",
	Version:  1,
	Clauses:  []string{"MCO.UPD.P1", "MCO.MON.P1"},
	Scope:    control.OfCluster,
	Severity: control.High,
	Needs:    []inventory.Input{kinds.ClusterOperators},
	Wants:    []inventory.Input{kinds.Objects},
	Reasons: []control.Reason{
		{Key: "not-available", Verdict: control.Fail},
		{Key: "degraded", Verdict: control.Fail},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "not-seen", Verdict: control.Unknown, Running: true},
		{Key: "condition-unknown", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

// right are the statuses that the conditions of a sound operator have (github.com/openshift/api, config/v1,
// types_cluster_operator.go), and the reason that another status gives.
var right = []struct {
	condition string
	status    metav1.ConditionStatus
	wrong     string
}{
	{"Available", metav1.ConditionTrue, "not-available"},
	{"Degraded", metav1.ConditionFalse, "degraded"},
}

func run(e *control.Eval) {
	all := kinds.ClusterOperators.In(e.View)
	for _, it := range all {
		judge(control.On(e, it), it.Object.Status.Conditions)
	}
	if len(all) == 0 && e.Platform == control.OpenShift && e.Whole(kinds.ClusterOperators) && kinds.FromTree(e.View) {
		e.OnRef(inventory.Ref{Kind: "Cluster"}).Unknown("not-seen", nil)
	}
}

func judge(s control.Subject, conditions []metav1.Condition) {
	if len(conditions) == 0 {
		s.Unknown("no-status", nil)
		return
	}
	for _, want := range right {
		part, status, why := s.Part("condition", want.condition), metav1.ConditionUnknown, want.condition
		if i := kinds.ConditionAt(conditions, want.condition); i >= 0 {
			part, status, why = part.At("status", "conditions", i), conditions[i].Status, cmp.Or(conditions[i].Reason, why)
		}
		switch status {
		case want.status:
			part.Pass()
		case metav1.ConditionTrue, metav1.ConditionFalse:
			part.Fail(want.wrong, control.Values{"why": why})
		default:
			part.Unknown("condition-unknown", control.Values{"condition": want.condition})
		}
	}
}
