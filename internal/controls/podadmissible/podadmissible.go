// Package podadmissible checks that the platform would admit a workload's pods for a tenant who holds no special
// right: on OpenShift as the SecurityContextConstraints restricted-v2, elsewhere as Pod Security Admission at its
// restricted level.
package podadmissible

import (
	"embed"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "pod-admissible",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1", "MCO.UPD.T3"},
	Scope:    control.Namespace,
	Severity: control.High,
	Needs:    kinds.WorkloadInputs,
	Wants:    []inventory.Input{kinds.Namespaces, kinds.Projects},
	Reasons: []control.Reason{
		{Key: "privileged", Verdict: control.Fail},
		{Key: "privilege-escalation", Verdict: control.Fail},
		{Key: "capabilities", Verdict: control.Fail},
		{Key: "seccomp", Verdict: control.Fail},
		{Key: "host-access", Verdict: control.Fail},
		{Key: "uid-range", Verdict: control.Fail},
		{Key: "run-as-root", Verdict: control.Fail},
		{Key: "volume-type", Verdict: control.Fail},
		{Key: "other", Verdict: control.Fail},
		{Key: notSeen, Verdict: control.Unknown},
		{Key: "relies-on-scc", Verdict: control.Pass},
		{Key: "wider-scc", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

// notSeen is the one reason that says unknown.
const notSeen = "range-not-seen"

// A judge holds the rules of one platform.
type judge interface {
	// container gives what is refused of a container, and what admission fills in where nothing is.
	container(kinds.ContainerForm) (faults []fault, filled []string)
	// pod gives what is refused of the pod beside its containers. An inherited setting that some container was
	// blamed for (seen) is not said again.
	pod(v kinds.PodView, seen map[string]bool) []fault
}

// A fault is one thing that admission refuses, or about which it cannot be told.
type fault struct {
	reason  string
	rule    string // which of the platform's rules; several may share a reason
	setting string // as it stands in the manifest
	volume  string // the volume that it is about
	path    []any  // from the container, else from the pod spec
	inPod   bool   // path counts from the pod spec though the fault is a container's
	values  control.Values
}

func run(e *control.Eval) {
	var j judge = plain{version: levelOf(e.Cluster)}
	if e.Platform == control.OpenShift {
		j = scc{allocated: kinds.AllocatedTo(e.View), plain: plain{version: levelOf(e.Cluster)}}
	}
	for _, w := range kinds.Workloads.In(e.View) {
		if !w.Platform {
			workload(e, w, j)
		}
	}
}

func workload(e *control.Eval, w *kinds.Workload, j judge) {
	spec := append(w.TemplatePath[:len(w.TemplatePath):len(w.TemplatePath)], "spec")
	seen := map[string]bool{} // rules broken by a container
	for _, forms := range w.ContainerForms() {
		c := forms[0]
		s := control.On(e, w.Item()).Part("container", c.Name).At(c.Path...)
		var faults []fault
		var filled []string
		for _, form := range forms {
			f, fill := j.container(form)
			faults, filled = append(faults, f...), append(filled, fill...)
		}
		for _, f := range faults {
			seen[f.rule] = true
		}
		if len(faults) == 0 {
			pass(s, c, filled)
			continue
		}
		say(place{s, spec, c.Path != nil}, c.List+"["+c.Name+"]", faults)
	}
	var faults []fault
	for _, v := range w.PodViews() {
		faults = append(faults, j.pod(v, seen)...)
	}
	whole := control.On(e, w.Item()).At(spec...)
	for _, name := range volumes(faults) {
		of := slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return f.volume != name })
		part, where := whole.Part("volume", name), "volumes["+name+"]"
		if name == "" {
			part, where = whole, "spec"
		}
		say(place{part, spec, true}, where, of)
	}
}

func pass(s control.Subject, c kinds.ContainerForm, filled []string) {
	by := kinds.AdmittedBy(c.Pod)
	where := c.List + "[" + c.Name + "]"
	switch {
	case by != "" && !kinds.RestrictedSCC(by):
		s.PassAs("wider-scc", control.Values{"where": where, "scc": by})
	case len(filled) > 0:
		s.PassAs("relies-on-scc", control.Values{"where": where, "fields": joined(filled)})
	default:
		s.Pass()
	}
}

// A place is where faults are said: a subject that points at a container or at the pod spec.
type place struct {
	control.Subject
	spec  []any // of the pod, in the workload's document
	known bool  // the subject's own piece stands in that document
}

// of points at the field that a fault is about.
func (p place) of(f fault) control.Subject {
	switch {
	case f.inPod:
		return p.At(p.spec...).Below(f.path...)
	case p.known:
		return p.Below(f.path...)
	}
	return p.Subject
}

// say gives one finding a reason, with every setting that it rests on.
func say(p place, where string, faults []fault) {
	var order []string
	by := map[string][]fault{}
	for _, f := range faults {
		if by[f.reason] == nil {
			order = append(order, f.reason)
		}
		by[f.reason] = append(by[f.reason], f)
	}
	for _, reason := range order {
		first := by[reason][0]
		var settings []string
		for _, f := range by[reason] {
			settings = append(settings, f.setting)
		}
		v := control.Values{"where": where, "settings": joined(settings)}
		for k, x := range first.values {
			v[k] = x
		}
		if reason == notSeen {
			p.of(first).Unknown(reason, v)
			continue
		}
		p.of(first).Fail(reason, v)
	}
}

// joined lists each entry once, in the order of their first appearance.
func joined(list []string) string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

// volumes lists the volumes that faults are about, the pod itself ("") first.
func volumes(faults []fault) (names []string) {
	for _, f := range faults {
		names = append(names, f.volume)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
