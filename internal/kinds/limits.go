package kinds

import (
	"maps"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/inventory"
)

// ContainerDefaults are the requests and limits that the namespace's LimitRanges give a container that names none.
// The join rests on LimitRanges.
var ContainerDefaults = inventory.NewJoin([]inventory.Input{LimitRanges}, func(v inventory.View) corev1.ResourceRequirements {
	out := corev1.ResourceRequirements{Limits: corev1.ResourceList{}, Requests: corev1.ResourceList{}}
	for _, it := range LimitRanges.In(v) {
		for _, item := range it.Object.Spec.Limits {
			if item.Type != corev1.LimitTypeContainer {
				continue // a pod's and a claim's have no defaults
			}
			item := completeItem(item)
			fill(out.Limits, item.Default)
			fill(out.Requests, item.DefaultRequest)
		}
	}
	return out
})

// completeItem fills an item in as the API server does when it is written: the limit defaults to the maximum, the
// request to the limit, else to the minimum (kubernetes pkg/apis/core/v1, SetDefaults_LimitRangeItem).
func completeItem(item corev1.LimitRangeItem) corev1.LimitRangeItem {
	limit, request := corev1.ResourceList{}, corev1.ResourceList{}
	maps.Copy(limit, item.Default)
	maps.Copy(request, item.DefaultRequest)
	fill(limit, item.Max)
	fill(request, limit)
	fill(request, item.Min)
	item.Default, item.DefaultRequest = limit, request
	return item
}

// Completed fills requests and limits in as admission does: a limit without a request gives the request, then what
// is still absent comes from defaults. What is written stays, zero too.
func Completed(r, defaults corev1.ResourceRequirements) corev1.ResourceRequirements {
	limits, requests := corev1.ResourceList{}, corev1.ResourceList{}
	maps.Copy(limits, r.Limits)
	maps.Copy(requests, r.Requests)
	fill(requests, limits)
	fill(limits, defaults.Limits)
	fill(requests, defaults.Requests)
	return corev1.ResourceRequirements{Limits: limits, Requests: requests}
}

func fill(into, from corev1.ResourceList) {
	for name, q := range from {
		if _, set := into[name]; !set {
			into[name] = q
		}
	}
}
