package kinds

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/inventory"
)

// NotSeen is the number of pods of a workload of which nothing says how many it has.
const NotSeen int32 = -1

// A Scale says how many pods a workload is meant to have, at the least.
type Scale struct {
	// Pods is the minimum of the HorizontalPodAutoscaler where one scales the workload, else what the object asks
	// for; 0: parked or ended, nothing runs; NotSeen. Of an owner that was not read: the pods that run.
	Pods int32
	// Autoscaler names that HorizontalPodAutoscaler; empty: none was seen, which rests on HPAs.
	Autoscaler string
	// Subresource reports whether the owner of the pods has the scale subresource, which is where Kubernetes'
	// disruption controller reads how many pods there should be.
	Subresource Served
	// Bare reports pods without a controller.
	Bare bool
}

// Served is whether an API has something: yes, no, or nobody saw the API.
type Served uint8

// The three answers.
const (
	ServedUnknown Served = iota
	ServedNo
	ServedYes
)

// scaled are the kinds that have the scale subresource, or have none, by their APIs.
var scaled = map[string]Served{
	"Deployment": ServedYes, "StatefulSet": ServedYes, "ReplicaSet": ServedYes, "ReplicationController": ServedYes,
	"DeploymentConfig": ServedYes, "DaemonSet": ServedNo, "Job": ServedNo, "CronJob": ServedNo, "Node": ServedNo,
}

// ScaleOf reads the scale of a workload. The view must declare WorkloadInputs and HPAs.
func ScaleOf(v inventory.View, w *Workload) Scale {
	s := Scale{Pods: w.pods(), Subresource: scaled[w.Kind], Bare: !w.Controlled}
	if w.Knative() {
		s.Subresource = ServedYes // its pods are a Deployment's
	}
	h, ok := Autoscalers.In(v)[w]
	if !ok {
		return s
	}
	s.Autoscaler, s.Subresource = h.Ref.Name, ServedYes // an autoscaler works on nothing else
	if w.Replicas != nil && *w.Replicas == 0 {
		return s // set to 0, the autoscaler is off too
	}
	s.Pods = 1
	if m := h.Object.Spec.MinReplicas; m != nil {
		s.Pods = max(1, *m) // at 0 there is nothing to judge, at 1 there is
	}
	return s
}

// Knative reports a Knative Service, or what Knative makes of one.
func (w *Workload) Knative() bool { return w.Ref.Group == KnativeServices.Group }

func (w *Workload) pods() int32 {
	switch o := w.Object.(type) {
	case nil:
		return w.counted()
	case *appsv1.DaemonSet:
		if n := o.Status.DesiredNumberScheduled; n > 0 {
			return n
		}
		return w.counted()
	case *batchv1.Job:
		return jobPods(&o.Spec, JobEnd(o) != "")
	case *batchv1.CronJob:
		return jobPods(&o.Spec.JobTemplate.Spec, o.Spec.Suspend != nil && *o.Spec.Suspend)
	case *corev1.Pod:
		if running(o) {
			return 1
		}
		return 0
	case *KnativeService:
		return knativePods(o)
	}
	return w.DesiredReplicas()
}

// counted is the number of pods that run, for an owner that does not say how many it wants.
func (w *Workload) counted() (n int32) {
	for _, p := range w.Pods {
		if running(p.Object) {
			n++
		}
	}
	if n == 0 {
		return NotSeen
	}
	return n
}

func jobPods(s *batchv1.JobSpec, off bool) int32 {
	if off || s.Suspend != nil && *s.Suspend {
		return 0
	}
	n := int32(1)
	if s.Parallelism != nil {
		n = *s.Parallelism
	}
	if c := s.Completions; c != nil {
		n = min(n, *c)
	}
	return n
}

// knativePods reads the lower bound of a Knative Service, in its two spellings; without one it scales to zero.
func knativePods(o *KnativeService) int32 {
	for _, key := range []string{"autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/minScale"} {
		if n, err := strconv.ParseInt(o.Spec.Template.Annotations[key], 10, 32); err == nil {
			return int32(n)
		}
	}
	return 0
}

// JobEnd is the type of the condition that ended a Job, Complete or Failed; empty while it runs.
func JobEnd(o *batchv1.Job) batchv1.JobConditionType {
	for _, c := range o.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return c.Type
		}
	}
	return ""
}

// Runs reports a pod that has not ended and is not being deleted.
func Runs(p *corev1.Pod) bool { return running(p) }
