package kinds

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	ocpapps "github.com/openshift/api/apps/v1"
	ocpimage "github.com/openshift/api/image/v1"

	"vigie/internal/inventory"
)

// An ImageTrigger says that OpenShift puts the image of an ImageStreamTag into a container: what the template holds is
// only a place holder then.
type ImageTrigger struct {
	Tag       string // name:tag
	Namespace string // of the stream; empty: the workload's own
	Last      string // the image that it last put in, where that is recorded
}

// ImageTriggers reads the triggers of a DeploymentConfig, and the annotation image.openshift.io/triggers of other
// workloads (OpenShift, "Triggering updates on image stream changes"), by container.
func ImageTriggers(w *Workload) map[string]ImageTrigger {
	out := map[string]ImageTrigger{}
	if dc, ok := w.Object.(*ocpapps.DeploymentConfig); ok {
		for _, t := range dc.Spec.Triggers {
			if p := t.ImageChangeParams; p != nil && p.From.Kind == "ImageStreamTag" {
				for _, c := range p.ContainerNames {
					out[c] = ImageTrigger{Tag: p.From.Name, Namespace: p.From.Namespace, Last: p.LastTriggeredImage}
				}
			}
		}
	}
	var notes []struct {
		From struct{ Kind, Name, Namespace string }
		// FieldPath is spec.template.spec.containers[?(@.name=="web")].image, or with an index.
		FieldPath string
	}
	text := AnnotationsOf(w)["image.openshift.io/triggers"]
	if text == "" || json.Unmarshal([]byte(text), &notes) != nil {
		return out
	}
	for _, n := range notes {
		if c := containerAt(w, n.FieldPath); c != "" && n.From.Kind == "ImageStreamTag" {
			out[c] = ImageTrigger{Tag: n.From.Name, Namespace: n.From.Namespace}
		}
	}
	return out
}

func containerAt(w *Workload, fieldPath string) string {
	fieldPath = strings.ReplaceAll(fieldPath, "'", `"`)
	for _, c := range w.Containers() {
		if strings.Contains(fieldPath, `@.name=="`+c.Name+`"`) || strings.Contains(fieldPath, c.List+"["+strconv.Itoa(c.Index)+"]") {
			return c.Name
		}
	}
	return ""
}

// StreamOf finds an ImageStream that was seen, in a namespace (empty: the view's own). ImageStreams must be declared.
func StreamOf(v inventory.View, namespace, name string) (*ocpimage.ImageStream, bool) {
	if namespace != "" && namespace != v.Space().Namespace {
		v = v.Elsewhere(inventory.Space{Namespace: namespace})
	}
	all := ImageStreams.In(v) // in order of name
	i, ok := slices.BinarySearchFunc(all, name, func(it inventory.Item[ocpimage.ImageStream], name string) int {
		return strings.Compare(it.Ref.Name, name)
	})
	if !ok {
		return nil, false
	}
	return all[i].Object, true
}

// TaggedImage gives the image that an ImageStreamTag ("name:tag") stands for now: a reference by digest. ok is false
// where no stream that was seen resolves the tag to a digest.
func TaggedImage(v inventory.View, namespace, tag string) (reference string, ok bool) {
	name, tag, _ := strings.Cut(tag, ":")
	is, ok := StreamOf(v, namespace, name)
	if !ok {
		return "", false
	}
	if h := TagHistory(is, tag); len(h) > 0 && strings.HasPrefix(h[0].Digest, "sha256:") {
		return h[0].Reference, true
	}
	for _, t := range is.Spec.Tags {
		if t.Name == tag && t.From != nil && ParseImage(t.From.Name).Digest != "" {
			return t.From.Name, true
		}
	}
	return "", false
}

// A TagEvent is one image that a tag of a stream stood for.
type TagEvent struct {
	Since     time.Time
	Digest    string
	Reference string // by digest, with the registry that the image comes from; may be empty
}

// TagHistory lists what the tag stood for, newest first, as far as the stream's status remembers.
func TagHistory(is *ocpimage.ImageStream, tag string) (out []TagEvent) {
	for _, t := range is.Status.Tags {
		if t.Tag != tag {
			continue
		}
		for _, i := range t.Items {
			out = append(out, TagEvent{Since: i.Created.Time, Digest: i.Image, Reference: i.DockerImageReference})
		}
	}
	return out
}
