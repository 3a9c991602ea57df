package tagmoved

import (
	"slices"
	"strings"
	"time"

	ocpimage "github.com/openshift/api/image/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// rollouts finds what a tag stood for when a workload was rolled out: an ImageStream remembers it, for images of the
// cluster's own registry. Of a tag elsewhere nothing is on record.
type rollouts struct {
	view inventory.View
	made map[string]time.Time // creation of ReplicaSets and ReplicationControllers by "Kind/name"
}

// digests gives what the reference may have stood for between the beginning and the end of the rollout, the first at its
// beginning; known is false where nothing is on record.
func (r *rollouts) digests(w *kinds.Workload, image string, uses []use) (out []string, known bool) {
	ref := kinds.ParseImage(image)
	is, ok := r.stream(ref)
	if !ok || slices.ContainsFunc(uses, func(u use) bool { return !u.manifest }) {
		return nil, false
	}
	tag := ref.Tag
	if tag == "" {
		tag = "latest"
	}
	history := kinds.TagHistory(is, tag)
	begun, ended := r.span(w, uses)
	for _, ev := range history { // newest first
		if ev.Since.After(ended) {
			continue
		}
		out = slices.Insert(out, 0, ev.Digest)
		if !ev.Since.After(begun) {
			return out, !keepsLists(is, tag) || slices.ContainsFunc(history, func(h kinds.TagEvent) bool { return h.Digest == uses[0].digest })
		}
	}
	return nil, false // the history does not reach back
}

// keepsLists reports a tag that keeps the list of an image for several architectures: the digest of what a node runs may
// be of one of its members, which the stream does not name.
func keepsLists(is *ocpimage.ImageStream, tag string) bool {
	return slices.ContainsFunc(is.Spec.Tags, func(t ocpimage.TagReference) bool {
		return t.Name == tag && t.ImportPolicy.ImportMode == ocpimage.ImportModePreserveOriginal
	})
}

// stream finds the ImageStream whose repository the reference names.
func (r *rollouts) stream(ref kinds.ImageRef) (*ocpimage.ImageStream, bool) {
	namespace, name, ok := strings.Cut(ref.Path, "/")
	if !ok || strings.Contains(name, "/") {
		return nil, false
	}
	is, ok := kinds.StreamOf(r.view, namespace, name)
	if !ok {
		return nil, false
	}
	for _, repository := range []string{is.Status.DockerImageRepository, is.Status.PublicDockerImageRepository} {
		if repository != "" && kinds.ParseImage(repository).Repository() == ref.Repository() {
			return is, true
		}
	}
	return nil, false
}

// span is when the rollout of these pods began, and when it had ended at the latest. A ReplicaSet that a rollback took up
// again is older than its rollout: the Deployment's condition says when that was done.
func (r *rollouts) span(w *kinds.Workload, uses []use) (begun, ended time.Time) {
	for _, u := range uses {
		at := r.begun(u.pod)
		if begun.IsZero() || !at.IsZero() && at.Before(begun) {
			begun = at
		}
	}
	ended = begun
	if d, ok := w.Object.(*appsv1.Deployment); ok {
		for _, c := range d.Status.Conditions {
			if c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionTrue && c.LastUpdateTime.After(ended) {
				ended = c.LastUpdateTime.Time
			}
		}
	}
	return begun, ended
}

// begun is when the revision that made the pod was made, else the pod; zero where that revision was not read.
func (r *rollouts) begun(p *corev1.Pod) time.Time {
	if r.made == nil {
		r.made = map[string]time.Time{}
		for _, it := range kinds.ReplicaSets.In(r.view) {
			r.made["ReplicaSet/"+it.Ref.Name] = it.Object.CreationTimestamp.Time
		}
		for _, it := range kinds.ReplicationControllers.In(r.view) {
			r.made["ReplicationController/"+it.Ref.Name] = it.Object.CreationTimestamp.Time
		}
	}
	kind, name := kinds.ControllerKind(&p.ObjectMeta)
	if kind == "ReplicaSet" || kind == "ReplicationController" {
		return r.made[kind+"/"+name]
	}
	return p.CreationTimestamp.Time
}
