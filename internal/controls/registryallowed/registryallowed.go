// Package registryallowed checks that images come from the registries that the tenant allows.
package registryallowed

import (
	"embed"
	"maps"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const allowedRegistries = "allowed-registries"

// Control is the check.
var Control = &control.Control{
	ID:       "registry-allowed",
	Version:  1,
	Clauses:  []string{"MCS.VUL.R1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Params:   []string{allowedRegistries},
	Needs:    kinds.WorkloadInputs,
	Wants:    []inventory.Input{kinds.ImageStreams},
	Reasons: []control.Reason{
		{Key: "other-registry", Verdict: control.Fail},
		{Key: "not-declared", Verdict: control.Unknown},
		{Key: "placeholder", Verdict: control.Unknown},
		{Key: "stream-tag-not-seen", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	j := &judge{e: e, declared: e.Param(allowedRegistries).Declared(), registries: map[string]bool{}}
	for _, word := range e.Param(allowedRegistries).List() {
		j.allowed = append(j.allowed, parsePattern(word))
	}
	for _, w := range kinds.Workloads.In(e.View) {
		if !w.Platform {
			j.workload(w)
		}
	}
	if !j.declared && j.images > 0 {
		whole := e.OnRef(inventory.Ref{Kind: "Namespace", Name: e.Space().Namespace, Root: e.Space().Root})
		whole.Unknown("not-declared", control.Values{"registries": slices.Sorted(maps.Keys(j.registries))})
	}
}

type judge struct {
	e          *control.Eval
	declared   bool
	allowed    []pattern
	images     int             // that there is something to say of
	registries map[string]bool // that images come from: what a tenant would declare
}

// workload judges each container by every image that it has: the template's, and those of the pods as they run.
func (j *judge) workload(w *kinds.Workload) {
	triggers := kinds.ImageTriggers(w)
	var names []string
	images, paths := map[string][]string{}, map[string][]any{}
	add := func(c kinds.Container) {
		if _, known := images[c.Name]; !known {
			names = append(names, c.Name)
		}
		if paths[c.Name] == nil {
			paths[c.Name] = c.Path
		}
		if !slices.Contains(images[c.Name], c.Image) {
			images[c.Name] = append(images[c.Name], c.Image)
		}
	}
	for _, c := range w.Containers() {
		add(c)
	}
	for _, forms := range w.ContainerForms() {
		for _, f := range forms {
			add(f.Container)
		}
	}
	for _, name := range names {
		worst := outcome{verdict: control.NotApplicable}
		for _, image := range images[name] {
			worst = worst.or(j.image(w, image, triggers[name]))
		}
		s := control.On(j.e, w.Item()).Part("container", name)
		if paths[name] != nil {
			s = s.At(paths[name]...).Below("image")
		}
		worst.say(j, s, w)
	}
}

// An outcome is what is known of one image.
type outcome struct {
	verdict control.Verdict
	reason  string
	values  control.Values
	inputs  []inventory.Input // for an unknown
}

// or is the worse of two outcomes.
func (o outcome) or(p outcome) outcome {
	rank := control.Verdicts()
	if slices.Index(rank, p.verdict) < slices.Index(rank, o.verdict) {
		return p
	}
	return o
}

func (o outcome) say(j *judge, s control.Subject, w *kinds.Workload) {
	if o.verdict != control.NotApplicable {
		j.images++
	}
	if !j.declared {
		return // one answer for the namespace
	}
	switch o.verdict {
	case control.Fail:
		s.Fail(o.reason, o.values)
	case control.Unknown:
		s.Unknown(o.reason, o.values, o.inputs...)
	case control.NotApplicable:
		s.NotApplicable()
	case control.Pass:
		if lists := kinds.PodLists(w); kinds.Blind(j.e.View, lists...) {
			s.Unknown(control.ReasonGap, nil, lists...) // what runs may be another image than the template's
			return
		}
		s.Pass()
	}
}

func (j *judge) image(w *kinds.Workload, image string, tr kinds.ImageTrigger) outcome {
	ref := kinds.ParseImage(image)
	if tr.Tag != "" && ref.Digest == "" {
		return j.triggered(tr)
	}
	written, _, _ := strings.Cut(image, "@")
	switch {
	case strings.TrimSpace(image) == "":
		return outcome{verdict: control.NotApplicable}
	case kinds.HasPlaceholder(ref.Repository()) || strings.HasPrefix(strings.TrimSpace(written), "$"):
		return outcome{verdict: control.Unknown, reason: "placeholder", values: control.Values{"image": kinds.ShownImage(image)}}
	case ref.Short && !strings.Contains(written, "/"):
		return j.short(w, image, ref)
	}
	return j.reference(image, ref)
}

// triggered judges the image that OpenShift puts into the container.
func (j *judge) triggered(tr kinds.ImageTrigger) outcome {
	image, ok := tr.Last, kinds.ParseImage(tr.Last).Digest != ""
	if !ok {
		image, ok = kinds.TaggedImage(j.e.View, tr.Namespace, tr.Tag)
	}
	if !ok || image == "" {
		return outcome{verdict: control.Unknown, reason: "stream-tag-not-seen", values: control.Values{"tag": tr.Tag}, inputs: []inventory.Input{kinds.ImageStreams}}
	}
	return j.reference(image, kinds.ParseImage(image))
}

// resolveNames is the annotation that makes OpenShift look an image's name up among the namespace's streams.
const resolveNames = "alpha.image.policy.openshift.io/resolve-names"

// short judges a name of one word: on OpenShift it may be an image stream of the namespace (spec.lookupPolicy.local).
func (j *judge) short(w *kinds.Workload, image string, ref kinds.ImageRef) outcome {
	if kinds.Blind(j.e.View, kinds.ImageStreams) {
		return outcome{verdict: control.Unknown, reason: control.ReasonGap, inputs: []inventory.Input{kinds.ImageStreams}}
	}
	name := ref.Path[strings.LastIndex(ref.Path, "/")+1:]
	is, seen := kinds.StreamOf(j.e.View, "", name)
	if seen && ref.Digest == "" && (is.Spec.LookupPolicy.Local || w.Template.Annotations[resolveNames] == "*") {
		tag := ref.Tag
		if tag == "" {
			tag = "latest"
		}
		return j.triggered(kinds.ImageTrigger{Tag: name + ":" + tag})
	}
	return j.reference(image, ref)
}

func (j *judge) reference(image string, ref kinds.ImageRef) outcome {
	j.registries[ref.Registry] = true
	if slices.ContainsFunc(j.allowed, func(p pattern) bool { return p.allows(ref) }) {
		return outcome{verdict: control.Pass}
	}
	return outcome{verdict: control.Fail, reason: "other-registry", values: control.Values{
		"image": kinds.ShownImage(image), "repository": ref.Repository(),
	}}
}
