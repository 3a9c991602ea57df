package rollouthealthy

import (
	"cmp"
	"time"

	ocpapps "github.com/openshift/api/apps/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// A state is what a workload's controller says of it, in one form for all kinds.
type state struct {
	observed, generation int64
	replicas             int32 // pods that there are
	desired, available   int32
	conditions           []condition
}

type condition struct {
	kind, reason string
	status       corev1.ConditionStatus
	since        time.Time
}

// reported tells a status that a controller wrote from the empty one of a manifest.
func (s state) reported() bool {
	return s.observed > 0 || s.replicas > 0 || s.available > 0 || len(s.conditions) > 0
}

// outdated reports a status that was written for an older generation than the object's.
func (s state) outdated() bool { return s.observed > 0 && s.observed < s.generation }

func (s state) is(kind string, status corev1.ConditionStatus) (condition, bool) {
	for _, c := range s.conditions {
		if c.kind == kind && c.status == status {
			return c, true
		}
	}
	return condition{}, false
}

// enough reports that every replica is available. Where no number was reported at all, the condition is believed.
func (s state) enough() bool {
	if _, down := s.is("Available", corev1.ConditionFalse); down {
		return false
	}
	_, up := s.is("Available", corev1.ConditionTrue)
	return s.available >= s.desired || up && s.replicas == 0 && s.available == 0
}

// rollout judges a workload that is to run for good, by its own status.
func rollout(e *control.Eval, s control.Subject, w *kinds.Workload) {
	st := stateOf(w)
	stuck, isStuck := st.is("Progressing", corev1.ConditionFalse)
	switch {
	case w.Scales && w.DesiredReplicas() == 0:
		s.NotApplicable() // parked: nothing is to run
	case !st.reported():
		s.Unknown("no-status", nil)
	case st.outdated():
		s.Unknown("status-old", nil)
	case isStuck:
		s.Fail("not-progressing", control.Values{"why": cmp.Or(stuck.reason, "Progressing=False")})
	case w.Kind == "DaemonSet" && st.desired == 0:
		s.NotApplicable() // no node takes it
	case st.enough():
		s.Pass()
	default:
		down, _ := st.is("Available", corev1.ConditionFalse)
		outage(e, s, st.available, st.desired, earlier(down.since, unreadySince(w)))
	}
}

// stateOf reads the status. A replica that is ready and not yet available (minReadySeconds) is on its way and
// counts.
func stateOf(w *kinds.Workload) (st state) {
	st.desired = w.DesiredReplicas()
	switch o := w.Object.(type) {
	case *appsv1.Deployment:
		st.observed, st.generation, st.replicas = o.Status.ObservedGeneration, o.Generation, o.Status.Replicas
		st.available = max(o.Status.AvailableReplicas, o.Status.ReadyReplicas)
		for _, c := range o.Status.Conditions {
			st.conditions = append(st.conditions, condition{string(c.Type), c.Reason, c.Status, c.LastTransitionTime.Time})
		}
	case *ocpapps.DeploymentConfig:
		st.observed, st.generation, st.replicas = o.Status.ObservedGeneration, o.Generation, o.Status.Replicas
		st.available = max(o.Status.AvailableReplicas, o.Status.ReadyReplicas)
		for _, c := range o.Status.Conditions {
			st.conditions = append(st.conditions, condition{string(c.Type), c.Reason, c.Status, c.LastTransitionTime.Time})
		}
	case *appsv1.StatefulSet:
		st.observed, st.generation, st.replicas = o.Status.ObservedGeneration, o.Generation, o.Status.Replicas
		st.available = max(o.Status.AvailableReplicas, o.Status.ReadyReplicas)
	case *appsv1.DaemonSet:
		st.observed, st.generation, st.replicas = o.Status.ObservedGeneration, o.Generation, o.Status.CurrentNumberScheduled
		st.desired, st.available = o.Status.DesiredNumberScheduled, max(o.Status.NumberAvailable, o.Status.NumberReady)
		st.replicas = max(st.replicas, st.desired)
	case *appsv1.ReplicaSet:
		st.observed, st.generation, st.replicas = o.Status.ObservedGeneration, o.Generation, o.Status.Replicas
		st.available = max(o.Status.AvailableReplicas, o.Status.ReadyReplicas)
	case *corev1.ReplicationController:
		st.observed, st.generation, st.replicas = o.Status.ObservedGeneration, o.Generation, o.Status.Replicas
		st.available = max(o.Status.AvailableReplicas, o.Status.ReadyReplicas)
	}
	return st // of a kind whose status is not read (Knative): not reported
}
