package drainblocked

import (
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// counted is what a budget's workloads are meant to have, at the least.
type counted struct {
	names     []string // every workload with pods
	pods      int32    // that the budget selects
	scale     int32    // that the owners ask for, as far as they have a scale
	whole     int32    // pods of the workloads, those that the budget does not select too
	scaleless []string // owners without a scale
	unknown   []string // owners of which nobody saw whether they have one
	bare      []string // pods without an owner
	uncounted []string // workloads of which nothing says how many pods they have
	scaled    bool     // the minimum of each autoscaler was seen, for each workload that can have one
}

// absent reports that there is no pod at all.
func (c counted) absent() bool { return len(c.names) == 0 }

// rests are the lists on whose absences a number of pods rests.
func (c counted) rests() []inventory.Input {
	if c.scaled {
		return kinds.WorkloadInputs
	}
	return append(kinds.WorkloadInputs[:len(kinds.WorkloadInputs):len(kinds.WorkloadInputs)], kinds.HPAs)
}

// count adds up the workloads of a budget. Two documents of one name are one workload, of which the smaller counts.
// What runs to its end counts only where nothing else stands behind the budget: it is not always there.
func count(v inventory.View, p *policyv1.PodDisruptionBudget, ws []*kinds.Workload) counted {
	sel, _ := kinds.Selector(p.Spec.Selector)
	steady, ending, left := counted{scaled: true}, counted{scaled: true}, counted{}
	for _, w := range smallest(v, ws) {
		scale := kinds.ScaleOf(v, w)
		switch {
		case w.Platform:
		case scale.Pods == 0 && len(w.Pods) > 0 && w.OneShot:
			left.add(w, scale, sel)
		case scale.Pods == 0:
		case w.OneShot:
			ending.add(w, scale, sel)
		default:
			steady.add(w, scale, sel)
		}
	}
	if steady.absent() {
		return ending
	}
	// Kubernetes reckons no scale at all while one pod of an owner without a scale is there, also one that has ended.
	for _, o := range []counted{ending, left} {
		steady.scaleless = append(steady.scaleless, o.scaleless...)
		steady.unknown = append(steady.unknown, o.unknown...)
	}
	return steady
}

// smallest keeps one workload of each name: the one with the fewest pods that is not parked.
func smallest(v inventory.View, ws []*kinds.Workload) (out []*kinds.Workload) {
	at := map[inventory.Ref]int{}
	for _, w := range ws {
		i, seen := at[w.Ref]
		if !seen {
			at[w.Ref] = len(out)
			out = append(out, w)
			continue
		}
		old, n := kinds.ScaleOf(v, out[i]).Pods, kinds.ScaleOf(v, w).Pods
		if old == 0 || n > 0 && n < old {
			out[i] = w
		}
	}
	return out
}

func (c *counted) add(w *kinds.Workload, s kinds.Scale, sel labels.Selector) {
	name := w.Ref.Kind + " " + w.Ref.Name
	c.names = append(c.names, name)
	switch {
	case s.Bare:
		c.bare = append(c.bare, name)
	case s.Subresource == kinds.ServedNo:
		c.scaleless = append(c.scaleless, name)
	case s.Subresource == kinds.ServedUnknown:
		c.unknown = append(c.unknown, name)
	}
	c.scaled = c.scaled && (s.Autoscaler != "" || !w.Scales)
	if s.Pods == kinds.NotSeen {
		c.uncounted = append(c.uncounted, name)
		return
	}
	c.whole += s.Pods
	c.pods += selected(w, sel, s.Pods)
	if s.Subresource == kinds.ServedYes {
		c.scale += s.Pods
	}
}

// selected is how many of the workload's pods the selector selects: all where it matches the template, else those
// that their controller or somebody else has labelled apart.
func selected(w *kinds.Workload, sel labels.Selector, pods int32) int32 {
	if sel.Matches(labels.Set(w.PodLabels())) {
		return pods
	}
	seen, n := map[string]bool{}, int32(0)
	for _, set := range w.PodLabelSets() {
		pod := set["statefulset.kubernetes.io/pod-name"]
		if !sel.Matches(set) || pod != "" && seen[pod] {
			continue // a pod that runs stands beside the one that its StatefulSet will make
		}
		seen[pod] = true
		n++
	}
	if w.Kind == "Job" || w.Kind == "DeploymentConfig" {
		return pods // their controllers label every pod alike
	}
	return min(n, pods)
}
