package kinds

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// The state of the cluster itself, which its operators report (github.com/openshift/api, config/v1 and
// machineconfiguration/v1). Few tenants may read it.
var (
	ClusterVersions    = register("config.openshift.io", "clusterversions", "ClusterVersion", byCluster, func(o *ClusterVersion) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *ClusterVersion) { dropMessages(o.Status.Conditions) })
	ClusterOperators   = register("config.openshift.io", "clusteroperators", "ClusterOperator", byCluster, func(o *ClusterOperator) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *ClusterOperator) { dropMessages(o.Status.Conditions) })
	MachineConfigPools = register("machineconfiguration.openshift.io", "machineconfigpools", "MachineConfigPool", byCluster, func(o *MachineConfigPool) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *MachineConfigPool) { dropMessages(o.Status.Conditions) })
)

// A ClusterVersion says which version of OpenShift the cluster runs and whether it is well. There is one, named version.
type ClusterVersion struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Status            struct {
		Desired struct {
			Version string `json:"version,omitempty"`
		} `json:"desired"`
		History    []VersionUpdate    `json:"history,omitempty"` // the newest first, cut by the operator
		Conditions []metav1.Condition `json:"conditions,omitempty"`
	} `json:"status,omitempty"`
}

// A VersionUpdate is one update of a ClusterVersion.
type VersionUpdate struct {
	State       string      `json:"state"` // Completed; Partial: under way, or another update took its place
	StartedTime metav1.Time `json:"startedTime"`
	Version     string      `json:"version"`
}

// A ClusterOperator says how one part of the platform is.
type ClusterOperator struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Status            struct {
		Conditions []metav1.Condition `json:"conditions,omitempty"`
	} `json:"status,omitempty"`
}

// A MachineConfigPool is a group of nodes that are configured and updated together.
type MachineConfigPool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Status            struct {
		Conditions []metav1.Condition `json:"conditions,omitempty"`
	} `json:"status,omitempty"`
}

// ConditionAt is the index of the condition of that type, -1 where there is none.
func ConditionAt(conditions []metav1.Condition, conditionType string) int {
	for i := range conditions {
		if conditions[i].Type == conditionType {
			return i
		}
	}
	return -1
}

// dropMessages lets go of the prose of conditions, which no control reads and which may hold anything.
func dropMessages(conditions []metav1.Condition) {
	for i := range conditions {
		conditions[i].Message = ""
	}
}

// FromTree reports that the view's objects are manifests of files or Git: what a cluster holds beside them is not in
// them, however whole they were read. The view must declare Objects.
func FromTree(v inventory.View) bool {
	for _, s := range v.Spaces() {
		if seen := Objects.In(v.Elsewhere(s)); len(seen) > 0 {
			return seen[0].Object.Origin == FromFiles || seen[0].Object.Origin == FromGit
		}
	}
	return false
}
