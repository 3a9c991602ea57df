// Package imagepinned checks that a container's image cannot change behind its reference.
package imagepinned

import (
	"embed"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "image-pinned",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    kinds.WorkloadInputs,
	Wants:    []inventory.Input{kinds.ImageStreams},
	Reasons: []control.Reason{
		{Key: "no-tag", Verdict: control.Fail},
		{Key: "latest", Verdict: control.Fail},
		{Key: "no-digest", Verdict: control.Fail},
		{Key: "no-image", Verdict: control.Fail},
		{Key: "stream-tag-not-seen", Verdict: control.Unknown},
		{Key: "placeholder", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		triggers := kinds.ImageTriggers(w)
		for _, c := range w.Containers() {
			judge(e, w, c, triggers[c.Name])
		}
	}
}

func judge(e *control.Eval, w *kinds.Workload, c kinds.Container, tr kinds.ImageTrigger) {
	s := control.On(e, w.Item()).Part("container", c.Name).At(c.Path...).Below("image")
	v := control.Values{"image": kinds.ShownImage(c.Image), "container": c.Name}
	if tr.Tag != "" {
		judgeTrigger(e, s, tr)
		return
	}
	ref := kinds.ParseImage(c.Image)
	switch {
	case strings.TrimSpace(c.Image) == "":
		s.Fail("no-image", v)
	case ref.Digest != "":
		s.Pass()
	case kinds.HasPlaceholder(c.Image):
		s.Unknown("placeholder", v)
	case ref.Tag == "":
		s.Fail("no-tag", v)
	case ref.Tag == "latest":
		s.Fail("latest", v)
	case e.Production(w.Labels):
		s.Fail("no-digest", v)
	default:
		s.Pass()
	}
}

// judgeTrigger judges the image that OpenShift puts into the container from an ImageStreamTag: what is written in
// the template is only a place holder then.
func judgeTrigger(e *control.Eval, s control.Subject, tr kinds.ImageTrigger) {
	if kinds.ParseImage(tr.Last).Digest != "" {
		s.Pass()
		return
	}
	if _, ok := kinds.TaggedImage(e.View, tr.Namespace, tr.Tag); ok {
		s.Pass()
		return
	}
	s.Unknown("stream-tag-not-seen", control.Values{"tag": tr.Tag})
}
