package quotaheadroom

import (
	"maps"
	"slices"

	ocpapps "github.com/openshift/api/apps/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

type autoscaler = inventory.Item[autoscalingv2.HorizontalPodAutoscaler]

// autoscalers judges whether the maximum of each HorizontalPodAutoscaler fits into the quotas.
func autoscalers(e *control.Eval, quotas []*kinds.Quota) {
	target := map[*autoscalingv2.HorizontalPodAutoscaler]*kinds.Workload{}
	for w, h := range kinds.Autoscalers.In(e.View) {
		target[h.Object] = w
	}
	for _, h := range kinds.HPAs.In(e.View) {
		if kinds.PlatformOwned(h.Ref.Kind, &h.Object.ObjectMeta) {
			continue
		}
		s := control.On(e, h).At("spec", "maxReplicas")
		if w := target[h.Object]; w != nil {
			maximum(e, s, h, w, quotas)
			continue
		}
		t := h.Object.Spec.ScaleTargetRef
		s.Unknown("target-not-seen", control.Values{"target": t.Kind + " " + t.Name}, kinds.WorkloadInputs...)
	}
}

// maximum judges each resource that the pods take and that a quota limits, by the quota that leaves the least.
func maximum(e *control.Eval, s control.Subject, h autoscaler, w *kinds.Workload, quotas []*kinds.Quota) {
	peak := growth{h: h, pod: &w.Template.Spec, defaults: kinds.ContainerDefaults.In(e.View), max: int64(h.Object.Spec.MaxReplicas)}
	peak.now, peak.reported = replicas(h, w)
	worst := map[corev1.ResourceName]said{}
	for _, q := range quotas {
		for _, n := range q.Resources() {
			if o, applies := peak.against(q, n); applies {
				if old, known := worst[n]; !known || o.rank > old.rank {
					worst[n] = o
				}
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(worst)) {
		o, p := worst[n], s.Part("resource", string(n))
		switch o.rank {
		case doesNotFit:
			p.FailIfWhole(o.reason, o.values, o.whole...)
		case cannotTell:
			p.Unknown(o.reason, o.values, o.inputs...)
		default:
			p.Pass()
		}
	}
}

// growth is what an autoscaler may still add.
type growth struct {
	h        autoscaler
	pod      *corev1.PodSpec
	defaults corev1.ResourceRequirements
	max      int64
	now      int64
	reported bool // now is a controller's word, not a count of the pods that were seen
}

// against sets the pods that the autoscaler may still add against what the quota leaves of a resource. Pods that run are
// used already. Without a status, only a maximum that exceeds the whole limit is sure not to fit.
func (g *growth) against(q *kinds.Quota, n corev1.ResourceName) (o said, applies bool) {
	v := control.Values{"quota": q.Ref.Name, "resource": string(n), "max": int(g.max)}
	counts, known := q.Scoped(g.pod, g.defaults)
	need := kinds.NeedOf(g.pod, g.defaults, n)
	switch {
	case !need.Counted, known && !counts:
		return o, false
	case !known:
		return said{reason: "scope-not-known", values: v, rank: cannotTell}, true
	case need.Missing:
		return said{reason: "no-request", values: v, inputs: []inventory.Input{kinds.LimitRanges}, rank: cannotTell}, true
	}
	used, counted := q.Used(n)
	room, more, whole := q.Hard(n).DeepCopy(), g.max, []inventory.Input(nil)
	if counted {
		room.Sub(used)
		more -= g.now
		if !g.reported {
			whole = []inventory.Input{kinds.Pods} // the pods that were not seen are used too
		}
	}
	needed := need.Quantity.DeepCopy()
	needed.Mul(max(more, 0))
	v["needed"], v["room"], v["more"] = needed.String(), room.String(), int(max(more, 0))
	switch {
	case !needed.IsZero() && needed.Cmp(room) > 0:
		return said{reason: "hpa-does-not-fit", values: v, whole: whole, rank: doesNotFit}, true
	case !counted:
		return said{reason: "no-status", values: v, rank: cannotTell}, true
	}
	return said{rank: fits}, true
}

// replicas is the number of pods that there are: what the controllers report, else those that were seen running.
func replicas(h autoscaler, w *kinds.Workload) (n int64, reported bool) {
	n = int64(h.Object.Status.CurrentReplicas)
	switch o := w.Object.(type) {
	case *appsv1.Deployment:
		n = max(n, int64(o.Status.Replicas))
	case *appsv1.StatefulSet:
		n = max(n, int64(o.Status.Replicas))
	case *appsv1.ReplicaSet:
		n = max(n, int64(o.Status.Replicas))
	case *corev1.ReplicationController:
		n = max(n, int64(o.Status.Replicas))
	case *ocpapps.DeploymentConfig:
		n = max(n, int64(o.Status.Replicas))
	}
	reported = n > 0
	seen := int64(0)
	for _, p := range w.Pods {
		if kinds.Runs(p.Object) {
			seen++
		}
	}
	return max(n, seen), reported
}
