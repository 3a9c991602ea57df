// Package imagepinned checks that a container's image cannot change behind its reference.
package imagepinned

import (
	"embed"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	ocpapps "github.com/openshift/api/apps/v1"
	ocpimage "github.com/openshift/api/image/v1"

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
		triggers := triggersOf(w)
		for _, c := range w.Containers() {
			judge(e, w, c, triggers[c.Name])
		}
	}
}

func judge(e *control.Eval, w *kinds.Workload, c kinds.Container, tr trigger) {
	s := control.On(e, w.Item()).Part("container", c.Name).At(c.Path...).Below("image")
	v := control.Values{"image": shown(c.Image), "container": c.Name}
	if tr.tag != "" {
		judgeTrigger(e, s, tr)
		return
	}
	ref := parse(c.Image)
	switch {
	case strings.TrimSpace(c.Image) == "":
		s.Fail("no-image", v)
	case ref.digest != "":
		s.Pass()
	case strings.Contains(c.Image, "${") || strings.Contains(c.Image, "$(") || strings.Contains(c.Image, "{{"):
		s.Unknown("placeholder", v)
	case ref.tag == "":
		s.Fail("no-tag", v)
	case ref.tag == "latest":
		s.Fail("latest", v)
	case e.Production(w.Labels):
		s.Fail("no-digest", v)
	default:
		s.Pass()
	}
}

// judgeTrigger judges the image that OpenShift puts into the container from an ImageStreamTag: what is written in
// the template is only a place holder then.
func judgeTrigger(e *control.Eval, s control.Subject, tr trigger) {
	if parse(tr.last).digest != "" {
		s.Pass()
		return
	}
	view := e.View
	if tr.namespace != "" && tr.namespace != e.Space().Namespace {
		view = view.Elsewhere(inventory.Space{Namespace: tr.namespace})
	}
	if resolves(view, tr.tag) {
		s.Pass()
		return
	}
	s.Unknown("stream-tag-not-seen", control.Values{"tag": tr.tag})
}

// resolves reports whether an ImageStream that was seen resolves the tag ("name:tag") to a digest.
func resolves(v inventory.View, istag string) bool {
	name, tag, _ := strings.Cut(istag, ":")
	for _, is := range kinds.ImageStreams.In(v) {
		if is.Ref.Name != name {
			continue
		}
		inStatus := slices.ContainsFunc(is.Object.Status.Tags, func(t ocpimage.NamedTagEventList) bool {
			return t.Tag == tag && len(t.Items) > 0 && strings.HasPrefix(t.Items[0].Image, "sha256:")
		})
		inSpec := slices.ContainsFunc(is.Object.Spec.Tags, func(t ocpimage.TagReference) bool {
			return t.Name == tag && t.From != nil && parse(t.From.Name).digest != ""
		})
		if inStatus || inSpec {
			return true
		}
	}
	return false
}

// A trigger replaces a container's image from an ImageStreamTag.
type trigger struct {
	tag, namespace string
	last           string // the image that it last put in
}

// triggersOf reads the triggers of a DeploymentConfig, and the annotation image.openshift.io/triggers of other
// workloads (OpenShift, "Triggering updates on image stream changes"), by container.
func triggersOf(w *kinds.Workload) map[string]trigger {
	out := map[string]trigger{}
	if dc, ok := w.Object.(*ocpapps.DeploymentConfig); ok {
		for _, t := range dc.Spec.Triggers {
			if p := t.ImageChangeParams; p != nil && p.From.Kind == "ImageStreamTag" {
				for _, c := range p.ContainerNames {
					out[c] = trigger{tag: p.From.Name, namespace: p.From.Namespace, last: p.LastTriggeredImage}
				}
			}
		}
	}
	var notes []struct {
		From struct{ Kind, Name, Namespace string }
		// FieldPath is spec.template.spec.containers[?(@.name=="web")].image, or with an index.
		FieldPath string
	}
	text := kinds.AnnotationsOf(w)["image.openshift.io/triggers"]
	if text == "" || json.Unmarshal([]byte(text), &notes) != nil {
		return out
	}
	for _, n := range notes {
		if c := containerAt(w, n.FieldPath); c != "" && n.From.Kind == "ImageStreamTag" {
			out[c] = trigger{tag: n.From.Name, namespace: n.From.Namespace}
		}
	}
	return out
}

func containerAt(w *kinds.Workload, fieldPath string) string {
	fieldPath = strings.ReplaceAll(fieldPath, "'", `"`)
	for _, c := range w.Containers() {
		if strings.Contains(fieldPath, `@.name=="`+c.Name+`"`) || strings.Contains(fieldPath, c.List+"["+strconv.Itoa(c.Index)+"]") {
			return c.Name
		}
	}
	return ""
}

// shown is the image without what stands before an @ that begins no digest: people have put passwords there.
func shown(image string) string {
	if i := strings.LastIndex(image, "@"); i >= 0 && !strings.HasPrefix(image[i+1:], "sha") {
		return image[i+1:]
	}
	return image
}

// A reference is an image reference in its parts. A colon before the last slash belongs to a port.
type reference struct{ tag, digest string }

func parse(image string) (r reference) {
	image, r.digest, _ = strings.Cut(image, "@")
	if !strings.Contains(r.digest, ":") {
		r.digest = ""
	}
	last := image[strings.LastIndex(image, "/")+1:]
	_, r.tag, _ = strings.Cut(last, ":")
	return r
}
