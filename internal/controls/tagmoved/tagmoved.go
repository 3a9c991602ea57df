// Package tagmoved checks that the pods of a workload run the one image that their reference stood for at the rollout.
package tagmoved

import (
	"embed"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "tag-moved",
	Version:  1,
	Clauses:  []string{"MCS.VUL.R1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    append(slices.Clone(kinds.WorkloadInputs), kinds.ImageStreams),
	Reasons: []control.Reason{
		{Key: "digests-differ", Verdict: control.Fail},
		{Key: "moved-since-rollout", Verdict: control.Fail},
		{Key: "not-running", Verdict: control.Unknown, Running: true},
		{Key: "tag-not-recorded", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	r := &rollouts{view: e.View}
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		running := usesOf(w)
		for _, c := range containers(w) {
			judge(e, r, w, c, running[c.name])
		}
	}
}

// A container is one part of a workload: of its template, or of its pods alone.
type container struct {
	name  string
	path  []any
	image string // of the template
	debug bool
}

func containers(w *kinds.Workload) (out []container) {
	for _, c := range w.Containers() {
		out = append(out, container{c.Name, c.Path, c.Image, c.Ephemeral()})
	}
	for _, forms := range w.ContainerForms() {
		f := forms[0]
		if !slices.ContainsFunc(out, func(c container) bool { return c.name == f.Name }) {
			out = append(out, container{f.Name, f.Path, f.Image, f.Ephemeral()})
		}
	}
	return out
}

// A use is one container of one pod that runs, or ran before the pod's others.
type use struct {
	pod      *corev1.Pod
	image    string // the reference
	digest   string
	manifest bool // digest names a manifest, not the image's own id
}

// usesOf gives what the workload's pods run, by container. Pods that have ended run nothing, a container that has not
// started has no digest.
func usesOf(w *kinds.Workload) map[string][]use {
	out := map[string][]use{}
	for _, p := range w.Pods {
		o := p.Object
		if !kinds.Runs(o) {
			continue
		}
		images := map[string]string{}
		for _, c := range kinds.ContainersOf(&o.Spec, nil) {
			images[c.Name] = c.Image
		}
		for _, st := range slices.Concat(o.Status.InitContainerStatuses, o.Status.ContainerStatuses) {
			if d, manifest := kinds.RunningDigest(st.ImageID); d != "" {
				out[st.Name] = append(out[st.Name], use{o, images[st.Name], d, manifest})
			}
		}
	}
	return out
}

func judge(e *control.Eval, r *rollouts, w *kinds.Workload, c container, uses []use) {
	s := control.On(e, w.Item()).Part("container", c.name)
	if c.path != nil {
		s = s.At(c.path...).Below("image")
	}
	lists := kinds.PodLists(w)
	switch {
	case c.debug:
		s.NotApplicable() // stands in one pod alone
	case len(uses) == 0 && kinds.Blind(e.View, lists...):
		s.Unknown(control.ReasonGap, nil, lists...)
	case len(uses) == 0 && kinds.ParseImage(c.image).Digest != "":
		s.Pass() // a digest cannot move
	case len(uses) == 0 && idle(w):
		s.NotApplicable()
	case len(uses) == 0:
		s.Unknown("not-running", nil)
	default:
		judgeRunning(e, s, r, w, uses)
	}
}

// idle reports a workload of which no pod is to run now.
func idle(w *kinds.Workload) bool {
	if w.OneShot || w.Scales && w.DesiredReplicas() == 0 {
		return true
	}
	return w.TemplatePath == nil && !slices.ContainsFunc(w.Pods, func(p inventory.Item[corev1.Pod]) bool { return kinds.Runs(p.Object) })
}

func judgeRunning(e *control.Eval, s control.Subject, r *rollouts, w *kinds.Workload, uses []use) {
	tags := movable(uses)
	if len(tags) == 0 {
		s.Pass() // each runs by digest
		return
	}
	for _, image := range slices.Sorted(maps.Keys(tags)) {
		if ds := differing(tags[image]); len(ds) > 1 {
			s.Fail("digests-differ", control.Values{"image": kinds.ShownImage(image), "n": len(ds), "digests": ds})
			return
		}
	}
	if kinds.Blind(e.View, kinds.ImageStreams) {
		s.Unknown(control.ReasonGap, nil, kinds.ImageStreams) // a stream may say what the tag stood for
		return
	}
	recorded := true
	for _, image := range slices.Sorted(maps.Keys(tags)) {
		switch then, known := r.digests(w, image, tags[image]); {
		case !known:
			recorded = false
		case !slices.Contains(then, tags[image][0].digest):
			s.Fail("moved-since-rollout", control.Values{
				"image": kinds.ShownImage(image), "digest": short(tags[image][0].digest), "then": short(then[0]),
			})
			return
		}
	}
	if !recorded {
		s.PassAs("tag-not-recorded", control.Values{"n": len(uses)})
		return
	}
	s.Pass()
}

// movable groups the uses by a reference that can move: one without a digest.
func movable(uses []use) map[string][]use {
	out := map[string][]use{}
	for _, u := range uses {
		if kinds.ParseImage(u.image).Digest == "" {
			out[u.image] = append(out[u.image], u)
		}
	}
	return out
}

// differing gives the digests that the uses run, shortened, in order. Digests of manifests and ids of images are not
// compared with each other: two nodes may give one image in the two forms.
func differing(uses []use) []string {
	for _, manifest := range []bool{true, false} {
		seen := map[string]bool{}
		for _, u := range uses {
			if u.manifest == manifest {
				seen[short(u.digest)] = true
			}
		}
		if len(seen) > 1 {
			return slices.Sorted(maps.Keys(seen))
		}
	}
	return nil
}

const shownDigits = 12

// short is the beginning of a digest, enough to tell two apart.
func short(digest string) string {
	algorithm, hex, ok := strings.Cut(digest, ":")
	if !ok {
		algorithm, hex = "sha256", digest
	}
	return algorithm + ":" + hex[:min(len(hex), shownDigits)]
}
