package kinds

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// Quotas of a namespace: its own, and the part that a namespace sees of a quota over several (openshift/api, quota/v1).
// The API gives the second kind without a namespace: a source puts it where it was asked for.
var (
	ResourceQuotas = register("", "resourcequotas", "ResourceQuota", namespaced, func(o *corev1.ResourceQuota) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	AppliedQuotas  = register("quota.openshift.io", "appliedclusterresourcequotas", "AppliedClusterResourceQuota", namespaced, func(o *AppliedClusterResourceQuota) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// QuotaInputs are the lists that quotas are found in.
var QuotaInputs = []inventory.Input{ResourceQuotas, AppliedQuotas}

// An AppliedClusterResourceQuota is a quota over several namespaces; its use is that of all of them together.
type AppliedClusterResourceQuota struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Quota corev1.ResourceQuotaSpec `json:"quota"`
	} `json:"spec"`
	Status struct {
		Total corev1.ResourceQuotaStatus `json:"total"`
	} `json:"status,omitempty"`
}

// A Quota is a quota of either kind in one form.
type Quota struct {
	inventory.Item[corev1.ResourceQuotaSpec]
	Status corev1.ResourceQuotaStatus
	Path   []any // of the spec's hard limits, from the object's root
}

// Quotas is the join of the quotas of a space, in order of name.
var Quotas = inventory.NewJoin(QuotaInputs, func(v inventory.View) []*Quota {
	out := []*Quota{}
	for _, it := range ResourceQuotas.In(v) {
		out = append(out, &Quota{
			Item:   inventory.Item[corev1.ResourceQuotaSpec]{Ref: it.Ref, Place: it.Place, Labels: it.Labels, Object: &it.Object.Spec},
			Status: it.Object.Status, Path: []any{"spec", "hard"},
		})
	}
	for _, it := range AppliedQuotas.In(v) {
		out = append(out, &Quota{
			Item:   inventory.Item[corev1.ResourceQuotaSpec]{Ref: it.Ref, Place: it.Place, Labels: it.Labels, Object: &it.Object.Spec.Quota},
			Status: it.Object.Status.Total, Path: []any{"spec", "quota", "hard"},
		})
	}
	return out
})

// Resources lists what the quota limits, in order.
func (q *Quota) Resources() (names []corev1.ResourceName) {
	for n := range q.Object.Hard {
		names = append(names, n)
	}
	for n := range q.Status.Hard {
		if _, too := q.Object.Hard[n]; !too {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// Hard is the limit that is in force: the status' own, which admission goes by, else the one that is asked for.
func (q *Quota) Hard(n corev1.ResourceName) resource.Quantity {
	if h, ok := q.Status.Hard[n]; ok {
		return h
	}
	return q.Object.Hard[n]
}

// Used is what of the limit is taken; ok is false where nobody has counted yet.
func (q *Quota) Used(n corev1.ResourceName) (used resource.Quantity, ok bool) {
	used, ok = q.Status.Used[n]
	return used, ok
}

// A PodNeed is what one pod takes of a quota's resource.
type PodNeed struct {
	Quantity resource.Quantity
	Counted  bool // the resource is one that pods take
	Missing  bool // the quota makes it mandatory, and a container of the pod does not say it
}

// NeedOf reads what a pod takes of a resource of a quota, its requests and limits completed by defaults (kubernetes
// pkg/quota/v1/evaluator/core/pods.go).
func NeedOf(s *corev1.PodSpec, defaults corev1.ResourceRequirements, n corev1.ResourceName) PodNeed {
	if n == corev1.ResourcePods || n == "count/pods" {
		return PodNeed{Quantity: *resource.NewQuantity(1, resource.DecimalSI), Counted: true}
	}
	name, limits := string(n), false
	if rest, ok := strings.CutPrefix(name, "limits."); ok {
		name, limits = rest, true
	} else if rest, ok := strings.CutPrefix(name, "requests."); ok {
		name = rest
	}
	of := corev1.ResourceName(name)
	basic := of == corev1.ResourceCPU || of == corev1.ResourceMemory
	device := strings.Contains(name, "/") && strings.HasPrefix(string(n), "requests.") && !strings.Contains(name, "storageclass.storage.k8s.io/")
	if !basic && of != corev1.ResourceEphemeralStorage && !strings.HasPrefix(name, corev1.ResourceHugePagesPrefix) && !device {
		return PodNeed{} // claims, services, counts of other objects
	}
	sum, missing := podSum(s, defaults, of, limits)
	return PodNeed{Quantity: sum, Counted: true, Missing: basic && missing}
}

// podSum is what the scheduler reckons a pod takes: the ordinary containers and the sidecars together, or one of the init
// containers with the sidecars before it where that is more; what is written for the whole pod comes first; the
// overhead of the runtime class on top (kubernetes component-helpers/resource).
func podSum(s *corev1.PodSpec, defaults corev1.ResourceRequirements, n corev1.ResourceName, limits bool) (sum resource.Quantity, missing bool) {
	of := func(r corev1.ResourceRequirements) (resource.Quantity, bool) {
		list := r.Requests
		if limits {
			list = r.Limits
		}
		q, ok := list[n]
		return q.DeepCopy(), ok // a large quantity is shared by its copies
	}
	var sidecars, most resource.Quantity
	for _, c := range ContainersOf(s, nil) {
		if c.Ephemeral() {
			continue
		}
		q, ok := of(Completed(c.Resources, defaults))
		missing = missing || !ok
		switch {
		case c.Restartable():
			sidecars.Add(q)
			sum.Add(q)
			q = sidecars.DeepCopy()
		case c.Init():
			q.Add(sidecars)
		default:
			sum.Add(q)
			continue
		}
		if q.Cmp(most) > 0 {
			most = q
		}
	}
	if most.Cmp(sum) > 0 {
		sum = most
	}
	if s.Resources != nil {
		whole := Completed(*s.Resources, corev1.ResourceRequirements{})
		if q, ok := of(whole); ok {
			sum, missing = q, false
		}
	}
	if q, ok := s.Overhead[n]; ok && (!limits || !sum.IsZero()) {
		sum.Add(q)
	}
	return sum, missing
}

// Scoped reports whether the quota counts a pod; known is false for a scope that is not understood.
func (q *Quota) Scoped(s *corev1.PodSpec, defaults corev1.ResourceRequirements) (counts, known bool) {
	var all []corev1.ScopedResourceSelectorRequirement
	for _, scope := range q.Object.Scopes {
		all = append(all, corev1.ScopedResourceSelectorRequirement{ScopeName: scope, Operator: corev1.ScopeSelectorOpExists})
	}
	if sel := q.Object.ScopeSelector; sel != nil {
		all = append(all, sel.MatchExpressions...)
	}
	for _, r := range all {
		fits, ok := scopes[r.ScopeName]
		if !ok {
			return false, false
		}
		if !fits(s, defaults, r) {
			return false, true
		}
	}
	return true, true
}

// scopes say which pods each scope of a quota counts (kubernetes pkg/quota/v1/evaluator/core/pods.go).
var scopes = map[corev1.ResourceQuotaScope]func(*corev1.PodSpec, corev1.ResourceRequirements, corev1.ScopedResourceSelectorRequirement) bool{
	corev1.ResourceQuotaScopeTerminating: func(s *corev1.PodSpec, _ corev1.ResourceRequirements, _ corev1.ScopedResourceSelectorRequirement) bool {
		return terminates(s)
	},
	corev1.ResourceQuotaScopeNotTerminating: func(s *corev1.PodSpec, _ corev1.ResourceRequirements, _ corev1.ScopedResourceSelectorRequirement) bool {
		return !terminates(s)
	},
	corev1.ResourceQuotaScopeBestEffort: func(s *corev1.PodSpec, d corev1.ResourceRequirements, _ corev1.ScopedResourceSelectorRequirement) bool {
		return bestEffort(s, d)
	},
	corev1.ResourceQuotaScopeNotBestEffort: func(s *corev1.PodSpec, d corev1.ResourceRequirements, _ corev1.ScopedResourceSelectorRequirement) bool {
		return !bestEffort(s, d)
	},
	corev1.ResourceQuotaScopePriorityClass: func(s *corev1.PodSpec, _ corev1.ResourceRequirements, r corev1.ScopedResourceSelectorRequirement) bool {
		return hasPriority(s, r)
	},
	corev1.ResourceQuotaScopeCrossNamespacePodAffinity: func(s *corev1.PodSpec, _ corev1.ResourceRequirements, _ corev1.ScopedResourceSelectorRequirement) bool {
		return crossesNamespaces(s.Affinity)
	},
}

func terminates(s *corev1.PodSpec) bool {
	return s.ActiveDeadlineSeconds != nil && *s.ActiveDeadlineSeconds >= 0
}

func bestEffort(s *corev1.PodSpec, defaults corev1.ResourceRequirements) bool {
	asks := func(r corev1.ResourceRequirements) bool {
		for _, list := range []corev1.ResourceList{r.Requests, r.Limits} {
			for _, n := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				if q, ok := list[n]; ok && !q.IsZero() {
					return true
				}
			}
		}
		return false
	}
	if s.Resources != nil && asks(*s.Resources) {
		return false
	}
	return !slices.ContainsFunc(ContainersOf(s, nil), func(c Container) bool { return !c.Ephemeral() && asks(Completed(c.Resources, defaults)) })
}

func hasPriority(s *corev1.PodSpec, r corev1.ScopedResourceSelectorRequirement) bool {
	switch r.Operator {
	case corev1.ScopeSelectorOpIn:
		return slices.Contains(r.Values, s.PriorityClassName)
	case corev1.ScopeSelectorOpNotIn:
		return !slices.Contains(r.Values, s.PriorityClassName)
	case corev1.ScopeSelectorOpDoesNotExist:
		return s.PriorityClassName == ""
	case corev1.ScopeSelectorOpExists:
	}
	return s.PriorityClassName != ""
}

func crossesNamespaces(a *corev1.Affinity) bool {
	if a == nil {
		return false
	}
	var terms []corev1.PodAffinityTerm
	add := func(required []corev1.PodAffinityTerm, preferred []corev1.WeightedPodAffinityTerm) {
		terms = append(terms, required...)
		for _, p := range preferred {
			terms = append(terms, p.PodAffinityTerm)
		}
	}
	if p := a.PodAffinity; p != nil {
		add(p.RequiredDuringSchedulingIgnoredDuringExecution, p.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	if p := a.PodAntiAffinity; p != nil {
		add(p.RequiredDuringSchedulingIgnoredDuringExecution, p.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	return slices.ContainsFunc(terms, func(t corev1.PodAffinityTerm) bool { return len(t.Namespaces) > 0 || t.NamespaceSelector != nil })
}
