package kinds

import (
	"slices"

	"vigie/internal/inventory"
)

// PodLists are the lists through which the pods of a workload are found: its pods, and what stands between them and it.
// They are among WorkloadInputs.
func PodLists(w *Workload) []inventory.Input {
	switch w.Kind {
	case "Deployment":
		return []inventory.Input{Pods, ReplicaSets}
	case "DeploymentConfig":
		return []inventory.Input{Pods, ReplicationControllers}
	case "CronJob":
		return []inventory.Input{Pods, Jobs}
	}
	return []inventory.Input{Pods}
}

// Blind reports that one of the inputs could not be read at all: what it holds may say otherwise than what was seen.
func Blind(v inventory.View, inputs ...inventory.Input) bool {
	return slices.ContainsFunc(v.Gaps(inputs...), func(g inventory.Gap) bool { return g.State.IsGap() })
}
