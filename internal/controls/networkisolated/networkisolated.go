// Package networkisolated checks that a NetworkPolicy decides who may reach a workload.
package networkisolated

import (
	"embed"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "network-isolated",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    append(slices.Clone(kinds.WorkloadInputs), kinds.NetworkPolicies),
	Reasons: []control.Reason{
		{Key: "ingress", Verdict: control.Fail},
		{Key: "ingress-of-some-pods", Verdict: control.Fail},
		{Key: "host-network", Verdict: control.Unknown},
		{Key: "egress-open", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	isolations := kinds.Isolations.In(e.View)
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		s := control.On(e, w.Item())
		if w.TemplatePath != nil {
			s = s.At(append(w.TemplatePath[:len(w.TemplatePath):len(w.TemplatePath)], "metadata", "labels")...)
		}
		if ended(w) {
			s.NotApplicable()
			continue
		}
		judge(e, s, w, isolations[w])
	}
}

func judge(e *control.Eval, s control.Subject, w *kinds.Workload, iso kinds.WorkloadIsolation) {
	v := control.Values{"policies": names(iso.Ingress)}
	switch {
	case len(iso.Ingress.Policies) == 0:
		s.FailIfWhole("ingress", nil, kinds.NetworkPolicies)
	case !iso.Ingress.Whole:
		s.FailIfWhole("ingress-of-some-pods", v, kinds.NetworkPolicies)
	case w.Template.Spec.HostNetwork:
		s.Unknown("host-network", v)
	case kinds.Blind(e.View, kinds.PodLists(w)...):
		s.Unknown(control.ReasonGap, nil, kinds.PodLists(w)...) // a pod that runs may carry other labels
	case !iso.Egress.Whole:
		s.PassAs("egress-open", v)
	default:
		s.Pass()
	}
}

// ended reports a workload of which nothing runs any more, nor will.
func ended(w *kinds.Workload) bool {
	if j, ok := w.Object.(*batchv1.Job); ok {
		return kinds.JobEnd(j) != ""
	}
	if w.TemplatePath != nil {
		return false
	}
	return !slices.ContainsFunc(w.Pods, func(p inventory.Item[corev1.Pod]) bool { return kinds.Runs(p.Object) })
}

func names(i kinds.Isolation) (out []string) {
	for _, p := range i.Policies {
		out = append(out, p.Ref.Name)
	}
	return out
}
