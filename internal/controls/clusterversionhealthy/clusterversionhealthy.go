// Package clusterversionhealthy checks that the cluster runs the version that it is meant to, and is not stuck in an update.
package clusterversionhealthy

import (
	"cmp"
	"embed"
	"time"

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
	ID:       "cluster-version-healthy",
	Version:  1,
	Clauses:  []string{"MCO.UPD.P1"},
	Scope:    control.OfCluster,
	Severity: control.Critical,
	Params:   []string{progressing},
	Needs:    []inventory.Input{kinds.ClusterVersions},
	Wants:    []inventory.Input{kinds.Objects},
	Reasons: []control.Reason{
		{Key: "not-available", Verdict: control.Fail},
		{Key: "failing", Verdict: control.Fail},
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
	all := kinds.ClusterVersions.In(e.View)
	for _, it := range all {
		s := control.On(e, it)
		if len(it.Object.Status.Conditions) == 0 {
			s.Unknown("no-status", nil)
			continue
		}
		state(s, it.Object, "Available", metav1.ConditionTrue, "not-available")
		state(s, it.Object, "Failing", metav1.ConditionFalse, "failing")
		progress(e, s, it.Object)
	}
	if len(all) == 0 && e.Platform == control.OpenShift && e.Whole(kinds.ClusterVersions) && kinds.FromTree(e.View) {
		e.OnRef(inventory.Ref{Kind: "Cluster"}).Unknown("not-seen", nil)
	}
}

// state judges a condition that has a right status.
func state(s control.Subject, v *kinds.ClusterVersion, name string, right metav1.ConditionStatus, wrong string) {
	s, c, ok := told(s, v, name)
	switch {
	case !ok:
	case c.Status == right:
		s.Pass()
	default:
		s.Fail(wrong, control.Values{"version": v.Status.Desired.Version, "why": cmp.Or(c.Reason, name)})
	}
}

// told finds a condition and narrows the subject to it. ok is false where it tells nothing, which is then said: an
// operator that does not know sets Unknown, one that never got so far sets none.
func told(s control.Subject, v *kinds.ClusterVersion, name string) (part control.Subject, c metav1.Condition, ok bool) {
	s = s.Part("condition", name)
	i := kinds.ConditionAt(v.Status.Conditions, name)
	if i >= 0 {
		s, c = s.At("status", "conditions", i), v.Status.Conditions[i]
	}
	if c.Status != metav1.ConditionTrue && c.Status != metav1.ConditionFalse {
		s.Unknown("condition-unknown", control.Values{"condition": name})
		return s, c, false
	}
	return s, c, true
}

// progress judges how long an update has been under way.
func progress(e *control.Eval, s control.Subject, v *kinds.ClusterVersion) {
	s, c, ok := told(s, v, "Progressing")
	if !ok {
		return
	}
	if c.Status == metav1.ConditionFalse {
		s.Pass()
		return
	}
	s.Lasts(begun(v, c), e.Param(progressing).Duration(), "update-too-long", control.Values{"version": v.Status.Desired.Version})
}

// begun is since when the version progresses: since its condition changed, else since the update under way started.
func begun(v *kinds.ClusterVersion, c metav1.Condition) time.Time {
	if h := v.Status.History; c.LastTransitionTime.IsZero() && len(h) > 0 && h[0].State == "Partial" {
		return h[0].StartedTime.Time
	}
	return c.LastTransitionTime.Time
}
