// Package rollouthealthy checks that what was deployed runs: rollouts end, images are pulled, jobs succeed.
package rollouthealthy

import (
	"embed"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const (
	unavailable   = "rollout-unavailable"
	missedPeriods = "cronjob-missed-periods"
)

// Control is the check.
var Control = &control.Control{
	ID:       "rollout-healthy",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1"},
	Scope:    control.Namespace,
	Severity: control.High,
	Params:   []string{unavailable, missedPeriods},
	Needs:    kinds.WorkloadInputs,
	Reasons: []control.Reason{
		{Key: "not-progressing", Verdict: control.Fail},
		{Key: "unavailable", Verdict: control.Fail},
		{Key: "image-not-pulled", Verdict: control.Fail},
		{Key: "job-failed", Verdict: control.Fail},
		{Key: "job-overdue", Verdict: control.Fail},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "status-old", Verdict: control.Unknown},
		{Key: control.ReasonSince, Verdict: control.Unknown},
		{Key: "bad-schedule", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		s := control.On(e, w.Item())
		if imagesNotPulled(s, w) {
			continue // whatever else is wrong comes from it
		}
		switch o := w.Object.(type) {
		case *batchv1.Job:
			job(s, o)
		case *batchv1.CronJob:
			cronJob(e, s, o)
		case *corev1.Pod:
			pod(e, s, o)
		case nil:
			unread(e, s, w)
		default:
			rollout(e, s, w)
		}
	}
}

// noImage are the reasons for which a container waits for its image (kubernetes pkg/kubelet/images).
var noImage = []string{
	"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
	"RegistryUnavailable", "SignatureValidationFailed",
}

// imagesNotPulled fails each container that waits for its image in a pod, once however many pods wait.
func imagesNotPulled(s control.Subject, w *kinds.Workload) bool {
	var said []string
	for _, p := range w.Pods {
		if !kinds.Runs(p.Object) {
			continue
		}
		st := &p.Object.Status
		for _, c := range slices.Concat(st.InitContainerStatuses, st.ContainerStatuses) {
			wait := c.State.Waiting
			if wait == nil || !slices.Contains(noImage, wait.Reason) || slices.Contains(said, c.Name) {
				continue
			}
			said = append(said, c.Name)
			s.Part("container", c.Name).At(pathOf(w, c.Name)...).Fail("image-not-pulled", control.Values{
				"image": c.Image, "state": wait.Reason, "pod": p.Ref.Name,
			})
		}
	}
	return len(said) > 0
}

func pathOf(w *kinds.Workload, container string) []any {
	for _, c := range w.Containers() {
		if c.Name == container {
			return append(c.Path, "image")
		}
	}
	return nil
}

// outage judges replicas that are not available: a fault once it has lasted for the parameter.
func outage(e *control.Eval, s control.Subject, available, desired int32, since time.Time) {
	s.Lasts(since, e.Param(unavailable).Duration(), "unavailable", control.Values{"available": int(available), "desired": int(desired)})
}
