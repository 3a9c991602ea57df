package kinds

import (
	"fmt"
	"maps"
	"strconv"

	"k8s.io/apimachinery/pkg/labels"
)

// manyPods bounds the pods of a StatefulSet that are looked at one by one.
const manyPods = 1000

// PodLabelSets gives the labels of each kind of pod that the workload makes, with those that its controller adds,
// and of each pod that runs. Two selectors meet on a pod where both match one of the sets.
func (w *Workload) PodLabelSets() []labels.Set {
	out := w.templateSets()
	for _, p := range w.Pods {
		if running(p.Object) {
			out = append(out, p.Object.Labels)
		}
	}
	return out
}

// templateSets are the labels of each kind of pod that the template makes.
func (w *Workload) templateSets() (out []labels.Set) {
	with := func(more map[string]string) {
		set := labels.Set{}
		maps.Copy(set, w.PodLabels())
		maps.Copy(set, more)
		out = append(out, set)
	}
	switch w.Kind {
	case "StatefulSet":
		for i := range min(max(w.DesiredReplicas(), 1), manyPods) {
			with(map[string]string{
				"apps.kubernetes.io/pod-index":       strconv.Itoa(int(i)),
				"statefulset.kubernetes.io/pod-name": fmt.Sprintf("%s-%d", w.Ref.Name, i),
			})
		}
	case "Job":
		with(map[string]string{"job-name": w.Ref.Name, "batch.kubernetes.io/job-name": w.Ref.Name})
	case "DeploymentConfig":
		with(map[string]string{"deploymentconfig": w.Ref.Name})
	default:
		with(nil)
	}
	return out
}
