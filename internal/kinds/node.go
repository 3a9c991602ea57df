package kinds

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Nodes are the machines of the cluster: their labels, whether pods may be placed on them, and their conditions. A
// tenant seldom may list them.
var Nodes = register("", "nodes", "Node", byCluster, func(o *corev1.Node) *metav1.ObjectMeta { return &o.ObjectMeta }, trimNode)

// trimNode lets go of what no control reads: the images and volumes of a node are long lists.
func trimNode(n *corev1.Node) {
	n.Annotations = nil
	n.Status = corev1.NodeStatus{Conditions: n.Status.Conditions}
}

// zoneLabels are the labels that name an object's zone, today's and the one before Kubernetes 1.17.
var zoneLabels = []string{"topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"}

// ZoneOf is the zone that the labels of a node or of a volume name; empty: none.
func ZoneOf(labels map[string]string) string {
	for _, k := range zoneLabels {
		if z := labels[k]; z != "" {
			return z
		}
	}
	return ""
}
