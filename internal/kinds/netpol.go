package kinds

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"vigie/internal/inventory"
)

// An Isolation says which NetworkPolicies select the pods of a workload in one direction.
type Isolation struct {
	Policies []inventory.Item[networkingv1.NetworkPolicy] // that select some of its pods, in order of name
	Whole    bool                                         // each kind of its pods is selected by one
}

// A WorkloadIsolation is both directions.
type WorkloadIsolation struct{ Ingress, Egress Isolation }

// Isolations is the join of the NetworkPolicies that select each workload's pods. An empty podSelector selects every pod
// of the namespace. A policy without policyTypes concerns ingress, and egress where it has rules for it
// (kubernetes pkg/apis/networking/v1, SetDefaults_NetworkPolicy). Who is named in a policy's rules is not isolated by it.
var Isolations = inventory.NewJoin(append(slices.Clone(WorkloadInputs), NetworkPolicies), func(v inventory.View) map[*Workload]WorkloadIsolation {
	all := NetworkPolicies.In(v)
	matcher := NewMatcher(all, func(it inventory.Item[networkingv1.NetworkPolicy]) (labels.Selector, map[string]string) {
		return Selector(&it.Object.Spec.PodSelector)
	})
	out := map[*Workload]WorkloadIsolation{}
	for _, w := range Workloads.In(v) {
		iso := WorkloadIsolation{Ingress: Isolation{Whole: true}, Egress: Isolation{Whole: true}}
		for _, set := range isolationSets(w) {
			found := matcher.Match(set)
			iso.Ingress.add(found, networkingv1.PolicyTypeIngress)
			iso.Egress.add(found, networkingv1.PolicyTypeEgress)
		}
		iso.Ingress.sort()
		iso.Egress.sort()
		out[w] = iso
	}
	return out
})

// PolicyTypes are the directions that a policy concerns, the default filled in.
func PolicyTypes(p *networkingv1.NetworkPolicy) []networkingv1.PolicyType {
	switch {
	case len(p.Spec.PolicyTypes) > 0:
		return p.Spec.PolicyTypes
	case len(p.Spec.Egress) > 0:
		return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	}
	return []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
}

// add takes in what selects one kind of pod.
func (i *Isolation) add(found []inventory.Item[networkingv1.NetworkPolicy], direction networkingv1.PolicyType) {
	selected := false
	for _, p := range found {
		if !slices.Contains(PolicyTypes(p.Object), direction) {
			continue
		}
		selected = true
		if !slices.ContainsFunc(i.Policies, func(q inventory.Item[networkingv1.NetworkPolicy]) bool { return q.Object == p.Object }) {
			i.Policies = append(i.Policies, p)
		}
	}
	i.Whole = i.Whole && selected
}

func (i *Isolation) sort() {
	slices.SortFunc(i.Policies, func(a, b inventory.Item[networkingv1.NetworkPolicy]) int { return a.Ref.Compare(b.Ref) })
}

// deployerPod marks the pod that carries out a rollout of a DeploymentConfig: it serves nothing, and ends with it.
const deployerPod = "openshift.io/deployer-pod-for.name"

// knativeService is the label that Knative puts on the pods of a service.
const knativeService = "serving.knative.dev/service"

// isolationSets are the labels of each kind of pod of the workload: of those that run, and of those to come where none of
// the running ones is made from the template as it stands now. What is added on the way to a pod may be what a policy
// selects.
func isolationSets(w *Workload) (out []labels.Set) {
	current := false
	for _, p := range w.Pods {
		if !running(p.Object) || p.Object.Labels[deployerPod] != "" {
			continue
		}
		current = current || carries(p.Object.Labels, w.PodLabels())
		out = append(out, p.Object.Labels)
	}
	if current {
		return out
	}
	for _, set := range w.templateSets() {
		if w.Knative() {
			set[knativeService] = w.Ref.Name
		}
		out = append(out, set)
	}
	return out
}

func carries(set, all map[string]string) bool {
	for k, v := range all {
		if set[k] != v {
			return false
		}
	}
	return true
}
