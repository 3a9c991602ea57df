// Package operatorhealthy checks the operators that a tenant installs: that they are installed, that no update of them
// waits for a person, and that they support the version of OpenShift that was announced.
package operatorhealthy

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
	ID:       "operator-healthy",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1", "MCO.UPD.T3"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    []inventory.Input{kinds.ClusterServiceVersions, kinds.InstallPlans},
	Wants:    []inventory.Input{kinds.Subscriptions},
	Reasons: []control.Reason{
		{Key: "not-succeeded", Verdict: control.Fail},
		{Key: "waits-for-approval", Verdict: control.Fail},
		{Key: "version-too-new", Verdict: control.Fail, Clauses: []string{"MCO.UPD.T3"}},
		{Key: "limit-not-read", Verdict: control.Unknown, Clauses: []string{"MCO.UPD.T3"}},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "supported-up-to", Verdict: control.Pass, Clauses: []string{"MCO.UPD.T3"}},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	all := kinds.ClusterServiceVersions.In(e.View)
	replaced := map[string]bool{}
	for _, it := range all {
		replaced[it.Object.Spec.Replaces] = true
	}
	for _, it := range all {
		if it.Object.Copied() {
			continue // the platform's copy of one that is judged where it was installed
		}
		s := control.On(e, it)
		installed(s, it.Object, replaced[it.Ref.Name])
		supported(e, s, it.Object)
	}
	plans(e)
}

// installed judges the phase of an operator (operator-framework/api, pkg/operators/v1alpha1, ClusterServiceVersionPhase).
// One that is being replaced or deleted is left to the one that takes its place.
func installed(s control.Subject, c *kinds.ClusterServiceVersion, replaced bool) {
	phase := c.Status.Phase
	switch {
	case phase == "Succeeded":
		s.Pass()
	case phase == "":
		s.Unknown("no-status", nil)
	case c.DeletionTimestamp != nil, phase == "Deleting", phase == "Replacing" && replaced:
		s.NotApplicable()
	default:
		why := phase
		if c.Status.Reason != "" {
			why += ", " + c.Status.Reason
		}
		s.At("status", "phase").Fail("not-succeeded", control.Values{"phase": why})
	}
}

// plans judges the plans of installation. One that no subscription of those that it belongs to follows any more waits
// for nobody: a newer one took its place.
func plans(e *control.Eval) {
	follows := map[string]string{} // subscription -> the plan that counts
	for _, it := range kinds.Subscriptions.In(e.View) {
		if r := it.Object.Status.InstallPlanRef; r != nil {
			follows[it.Ref.Name] = r.Name
		}
	}
	for _, it := range kinds.InstallPlans.In(e.View) {
		s, p := control.On(e, it), it.Object
		switch {
		case p.Status.Phase == "":
			s.Unknown("no-status", nil)
		case p.Status.Phase == "Failed":
			s.NotApplicable() // its operator's own version tells
		case p.Status.Phase != "RequiresApproval" || p.Spec.Approved:
			s.Pass()
		case superseded(p, follows):
			s.NotApplicable()
		default:
			s.At("spec", "approved").Fail("waits-for-approval", control.Values{"operators": p.Spec.ClusterServiceVersionNames})
		}
	}
}

// superseded reports a plan whose subscriptions were all seen to follow another.
func superseded(p *kinds.InstallPlan, follows map[string]string) bool {
	owners := 0
	for _, o := range p.OwnerReferences {
		if o.Kind != "Subscription" {
			continue
		}
		owners++
		if plan := follows[o.Name]; plan == "" || plan == p.Name {
			return false
		}
	}
	return owners > 0
}
