package kinds

import (
	"fmt"
	"slices"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"vigie/internal/inventory"
)

// A Matcher answers which of many label selectors match a set of labels without trying them all: each selector is
// indexed under the rarest of the labels that it requires.
type Matcher[T any] struct {
	byLabel map[[2]string][]matchEntry[T]
	rest    []matchEntry[T] // selectors that require no exact value
}

type matchEntry[T any] struct {
	sel labels.Selector
	val T
}

// NewMatcher indexes vals by the selector and the exact labels it requires, as of gives them. A nil selector
// matches nothing.
func NewMatcher[T any](vals []T, of func(T) (sel labels.Selector, exact map[string]string)) *Matcher[T] {
	count := map[[2]string]int{}
	type one struct {
		matchEntry[T]
		exact map[string]string
	}
	all := make([]one, 0, len(vals))
	for _, v := range vals {
		sel, exact := of(v)
		if sel == nil {
			continue
		}
		all = append(all, one{matchEntry[T]{sel, v}, exact})
		for k, x := range exact {
			count[[2]string{k, x}]++
		}
	}
	m := &Matcher[T]{byLabel: make(map[[2]string][]matchEntry[T], len(all))}
	for _, o := range all {
		rarest, least := [2]string{}, 0
		for k, x := range o.exact {
			if key := [2]string{k, x}; least == 0 || count[key] < least || count[key] == least && key[0] < rarest[0] {
				rarest, least = key, count[key]
			}
		}
		if least == 0 {
			m.rest = append(m.rest, o.matchEntry)
			continue
		}
		m.byLabel[rarest] = append(m.byLabel[rarest], o.matchEntry)
	}
	return m
}

// Match gives the values whose selector matches set, in the order in which they were indexed for one label.
func (m *Matcher[T]) Match(set map[string]string) (out []T) {
	try := func(es []matchEntry[T]) {
		for _, e := range es {
			if e.sel.Matches(labels.Set(set)) {
				out = append(out, e.val)
			}
		}
	}
	for k, v := range set {
		try(m.byLabel[[2]string{k, v}])
	}
	try(m.rest)
	return out
}

// Selector turns an API selector into one that matches, with the exact labels that it requires. nil gives nil,
// which matches nothing; an invalid selector too.
func Selector(ls *metav1.LabelSelector) (labels.Selector, map[string]string) {
	if ls == nil {
		return nil, nil
	}
	sel, err := metav1.LabelSelectorAsSelector(ls)
	if err != nil {
		return nil, nil
	}
	return sel, ls.MatchLabels
}

// ExactSelector is the selector of a Service: a map of labels. Empty gives nil.
func ExactSelector(m map[string]string) (labels.Selector, map[string]string) {
	if len(m) == 0 {
		return nil, nil
	}
	return labels.SelectorFromSet(m), m
}

// An Index finds the workloads whose pods a selector selects. It groups workloads by label, so that a selector
// tries only those that carry the rarest of its labels.
type Index struct {
	all     []*Workload
	byLabel map[[2]string][]*Workload
}

// Select gives the workloads whose pods sel selects; exact are labels that it requires.
func (x *Index) Select(sel labels.Selector, exact map[string]string) (out []*Workload) {
	if sel == nil {
		return nil
	}
	try, found := x.all, false
	for k, v := range exact {
		if controllerLabels[k] {
			continue // no template carries it
		}
		if ws := x.byLabel[[2]string{k, v}]; !found || len(ws) < len(try) {
			try, found = ws, true
		}
	}
	for _, w := range try {
		if w.selected(sel) {
			out = append(out, w)
		}
	}
	return out
}

// controllerLabels are the labels that controllers put on pods beyond the template's (the well-known labels of
// Kubernetes, and those of OpenShift's DeploymentConfig controller).
var controllerLabels = map[string]bool{
	"statefulset.kubernetes.io/pod-name": true, "apps.kubernetes.io/pod-index": true,
	"job-name": true, "batch.kubernetes.io/job-name": true, "deploymentconfig": true,
}

// selected looks at the template, at the pods that run (a label added since the rollout is in one of them only),
// and at the labels that the controller will add.
func (w *Workload) selected(sel labels.Selector) bool {
	if sel.Matches(labels.Set(w.PodLabels())) {
		return true
	}
	if slices.ContainsFunc(w.Pods, func(p inventory.Item[corev1.Pod]) bool { return sel.Matches(labels.Set(p.Object.Labels)) }) {
		return true
	}
	return w.selectedByController(sel)
}

func (w *Workload) selectedByController(sel labels.Selector) bool {
	reqs, _ := sel.Requirements()
	if !slices.ContainsFunc(reqs, func(r labels.Requirement) bool { return controllerLabels[r.Key()] }) {
		return false
	}
	set := labels.Set{}
	for k, v := range w.PodLabels() {
		set[k] = v
	}
	switch w.Kind {
	case "Job":
		set["job-name"], set["batch.kubernetes.io/job-name"] = w.Ref.Name, w.Ref.Name
	case "DeploymentConfig":
		set["deploymentconfig"] = w.Ref.Name
	case "StatefulSet":
		for i := range min(max(w.DesiredReplicas(), 1), 1000) {
			set["apps.kubernetes.io/pod-index"] = strconv.Itoa(int(i))
			set["statefulset.kubernetes.io/pod-name"] = fmt.Sprintf("%s-%d", w.Ref.Name, i)
			if sel.Matches(set) {
				return true
			}
		}
		return false
	}
	return sel.Matches(set)
}

// PodIndex is the join that finds workloads by the labels of their pods.
var PodIndex = inventory.NewJoin(WorkloadInputs, func(v inventory.View) *Index {
	x := &Index{all: Workloads.In(v), byLabel: map[[2]string][]*Workload{}}
	for _, w := range x.all {
		seen := map[[2]string]bool{}
		add := func(set map[string]string) {
			for k, val := range set {
				if key := [2]string{k, val}; !seen[key] {
					seen[key] = true
					x.byLabel[key] = append(x.byLabel[key], w)
				}
			}
		}
		add(w.PodLabels())
		for _, p := range w.Pods {
			add(p.Object.Labels)
		}
	}
	return x
})

// BehindService is the join of the Services that select each workload's pods.
var BehindService = inventory.NewJoin(append(slices.Clone(WorkloadInputs), Services), func(v inventory.View) map[*Workload][]inventory.Item[corev1.Service] {
	out, x := map[*Workload][]inventory.Item[corev1.Service]{}, PodIndex.In(v)
	for _, s := range Services.In(v) {
		if s.Object.Spec.Type == corev1.ServiceTypeExternalName {
			continue
		}
		for _, w := range x.Select(ExactSelector(s.Object.Spec.Selector)) {
			out[w] = append(out[w], s)
		}
	}
	return out
})

// Budgets is the join of the PodDisruptionBudgets that select each workload's pods, and back. An empty selector
// selects every pod in policy/v1 and none in policy/v1beta1.
var Budgets = inventory.NewJoin(append(slices.Clone(WorkloadInputs), PDBs), func(v inventory.View) *BudgetIndex {
	b, x := &BudgetIndex{Of: map[*Workload][]inventory.Item[policyv1.PodDisruptionBudget]{}, By: map[*policyv1.PodDisruptionBudget][]*Workload{}}, PodIndex.In(v)
	for _, p := range PDBs.In(v) {
		sel := p.Object.Spec.Selector
		if sel != nil && len(sel.MatchLabels) == 0 && len(sel.MatchExpressions) == 0 && p.Object.APIVersion == "policy/v1beta1" {
			continue
		}
		for _, w := range x.Select(Selector(sel)) {
			b.Of[w] = append(b.Of[w], p)
			b.By[p.Object] = append(b.By[p.Object], w)
		}
	}
	return b
})

// A BudgetIndex joins workloads and their disruption budgets.
type BudgetIndex struct {
	Of map[*Workload][]inventory.Item[policyv1.PodDisruptionBudget]
	By map[*policyv1.PodDisruptionBudget][]*Workload
}

// Autoscalers is the join of the HorizontalPodAutoscaler that scales each workload. Its target is matched by kind,
// name and group; the version does not count.
var Autoscalers = inventory.NewJoin(append(slices.Clone(WorkloadInputs), HPAs), func(v inventory.View) map[*Workload]inventory.Item[autoscalingv2.HorizontalPodAutoscaler] {
	byTarget := map[[3]string]inventory.Item[autoscalingv2.HorizontalPodAutoscaler]{}
	for _, h := range HPAs.In(v) {
		t := h.Object.Spec.ScaleTargetRef
		group, _ := SplitAPIVersion(t.APIVersion)
		byTarget[[3]string{group, t.Kind, t.Name}] = h
	}
	out := map[*Workload]inventory.Item[autoscalingv2.HorizontalPodAutoscaler]{}
	for _, w := range Workloads.In(v) {
		if h, ok := byTarget[[3]string{w.Ref.Group, w.Ref.Kind, w.Ref.Name}]; ok {
			out[w] = h
		}
	}
	return out
})
