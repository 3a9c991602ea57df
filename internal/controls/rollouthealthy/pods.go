package rollouthealthy

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// pod judges a pod without an owner: its own status is all there is.
func pod(e *control.Eval, s control.Subject, p *corev1.Pod) {
	isReady, since := readiness(p)
	switch {
	case p.Status.Phase == "" && len(p.Status.Conditions) == 0:
		s.Unknown("no-status", nil)
	case p.DeletionTimestamp != nil:
		s.NotApplicable() // on its way out
	case isReady, p.Status.Phase == corev1.PodSucceeded:
		s.Pass()
	default:
		outage(e, s, 0, 1, since)
	}
}

// unread judges pods whose owner was not read, or is of a kind that is not: what they miss is seen, but not how many
// there should be, nor whether what has ended was to succeed.
func unread(e *control.Eval, s control.Subject, w *kinds.Workload) {
	if w.OneShot && w.Kind != "Job" && w.Kind != "CronJob" {
		s.NotApplicable() // a build, a task of a pipeline: its owner judges it
		return
	}
	var up, all int32
	for _, p := range w.Pods {
		if kinds.Runs(p.Object) {
			all++
			if ok, _ := readiness(p.Object); ok {
				up++
			}
		}
	}
	limit := e.Param(unavailable).Duration()
	since := unreadySince(w)
	switch {
	case w.OneShot || since.IsZero():
		s.Unknown("no-status", nil)
	case e.Now().Before(since.Add(limit)):
		s.Until(since.Add(limit)).Unknown("no-status", nil)
	default:
		outage(e, s, up, all, since)
	}
}

// readiness reports whether a pod is ready, and if not since when: since its condition changed, else since it was
// made (a pod that was never placed has no such condition).
func readiness(p *corev1.Pod) (ready bool, since time.Time) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			if c.Status == corev1.ConditionTrue {
				return true, time.Time{}
			}
			if !c.LastTransitionTime.IsZero() {
				return false, c.LastTransitionTime.Time
			}
		}
	}
	return false, p.CreationTimestamp.Time
}

// unreadySince is the earliest moment since which one of the workload's pods is not ready; zero: none is known. Pods
// that have ended are left out: an evicted one stays to be seen for days after another took its place.
func unreadySince(w *kinds.Workload) (first time.Time) {
	for _, p := range w.Pods {
		if !kinds.Runs(p.Object) || p.Object.Status.Phase == "" && len(p.Object.Status.Conditions) == 0 {
			continue
		}
		if ready, since := readiness(p.Object); !ready {
			first = earlier(first, since)
		}
	}
	return first
}

// earlier is the earlier of two moments; a zero one is not known.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
