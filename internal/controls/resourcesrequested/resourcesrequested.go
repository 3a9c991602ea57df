// Package resourcesrequested checks that every container asks for CPU and memory, and that its memory is bounded.
package resourcesrequested

import (
	"embed"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "resources-requested",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1", "GEN.1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    append(slices.Clone(kinds.WorkloadInputs), inventory.Input(kinds.LimitRanges)),
	Reasons: []control.Reason{
		{Key: "no-cpu-request", Verdict: control.Fail},
		{Key: "no-memory-request", Verdict: control.Fail},
		{Key: "no-memory-limit", Verdict: control.Fail},
	},
	Docs: docs,
	Run:  run,
}

// wants are the amounts that a container must have, with the reason for the absence of each.
var wants = []struct {
	reason   string
	resource corev1.ResourceName
	list     string // requests or limits
}{
	{"no-cpu-request", corev1.ResourceCPU, "requests"},
	{"no-memory-request", corev1.ResourceMemory, "requests"},
	{"no-memory-limit", corev1.ResourceMemory, "limits"},
}

func run(e *control.Eval) {
	defaults := kinds.ContainerDefaults.In(e.View)
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		for _, forms := range w.ContainerForms() {
			container(e, w, forms, defaults)
		}
	}
}

func container(e *control.Eval, w *kinds.Workload, forms []kinds.ContainerForm, defaults corev1.ResourceRequirements) {
	c := forms[0]
	s := control.On(e, w.Item()).Part("container", c.Name)
	if c.Ephemeral() {
		s.NotApplicable() // the API gives it no resources
		return
	}
	missing := map[string]state{}
	for _, form := range forms {
		of := bounds(e, form, defaults)
		for _, want := range wants {
			missing[want.reason] = max(missing[want.reason], of.state(want.list, want.resource))
		}
	}
	said, gap := false, false
	for _, want := range wants {
		at := s
		if c.Path != nil {
			at = s.At(c.Path...).Below("resources", want.list, string(want.resource))
		}
		v := control.Values{"container": c.Name}
		switch missing[want.reason] {
		case refused:
			at.Fail(want.reason, v)
		case absent: // a LimitRange that was not seen may give it: said once
			if !gap {
				at.FailIfWhole(want.reason, v, kinds.LimitRanges)
			}
			gap = !e.Whole(kinds.LimitRanges)
		default:
			continue
		}
		said = true
	}
	if !said {
		s.At(c.Path...).Pass()
	}
}

// A state says how an amount stands.
type state uint8

const (
	given   state = iota
	absent        // not written, and nothing seen gives it
	refused       // written as zero, or absent from a pod that admission has filled in: no default comes to help
)

// A bound is what holds for one container: its own amounts, completed, and the pod's.
type bound struct {
	own, pod corev1.ResourceRequirements
	final    bool // admission has been and gone
}

func bounds(e *control.Eval, c kinds.ContainerForm, defaults corev1.ResourceRequirements) bound {
	b := bound{final: c.Pod.Admitted}
	if c.Pod.Admitted {
		defaults = corev1.ResourceRequirements{}
	}
	b.own = kinds.Completed(c.Resources, defaults)
	if r := c.Pod.Spec.Resources; r != nil && keepsPodResources(e) {
		b.pod = kinds.Completed(*r, corev1.ResourceRequirements{})
	}
	return b
}

// keepsPodResources reports whether the cluster keeps spec.resources of a pod: on by default from Kubernetes 1.34,
// dropped before. A version that is not known keeps it: the manifest says so, and every supported server does.
func keepsPodResources(e *control.Eval) bool {
	return !e.Cluster.Known() || e.Cluster.AtLeast(1, 34)
}

func (b bound) state(list string, name corev1.ResourceName) state {
	own, pod := b.own.Requests, b.pod.Requests
	if list == "limits" {
		own, pod = b.own.Limits, b.pod.Limits
	}
	if positive(own, name) || positive(pod, name) {
		return given
	}
	if _, zero := own[name]; zero || b.final {
		return refused
	}
	return absent
}

// positive reports an amount above zero: zero asks for nothing, and as a limit it bounds nothing.
func positive(list corev1.ResourceList, name corev1.ResourceName) bool {
	q, ok := list[name]
	return ok && q.Sign() > 0
}
