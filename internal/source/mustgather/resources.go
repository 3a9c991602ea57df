package mustgather

import (
	"sync"

	"vigie/internal/kinds"
)

// A resource is a kind of object as a path names it.
type resource struct {
	group, version, kind string
	cluster              bool // it has no namespace
}

func (r resource) apiVersion() string {
	if r.group == "" {
		return r.version
	}
	return r.group + "/" + r.version
}

// A plural is a resource as the API's paths name it: "pods" of "", "clusterroles" of "rbac.authorization.k8s.io".
type plural struct{ group, resource string }

// known are the resources that dumps hold without their kind, beside those of the vocabulary. The versions are those
// that OpenShift 4 serves (openshift/api and kubernetes/api, the types of each group).
var known = map[plural]resource{
	{"", "nodes"}: {"", "v1", "Node", true}, {"", "persistentvolumes"}: {"", "v1", "PersistentVolume", true},
	{"", "persistentvolumeclaims"}: {"", "v1", "PersistentVolumeClaim", false}, {"", "configmaps"}: {"", "v1", "ConfigMap", false},
	{"", "serviceaccounts"}: {"", "v1", "ServiceAccount", false}, {"", "resourcequotas"}: {"", "v1", "ResourceQuota", false},
	{"", "endpoints"}: {"", "v1", "Endpoints", false},
	{"rbac.authorization.k8s.io", "clusterroles"}:                       {"rbac.authorization.k8s.io", "v1", "ClusterRole", true},
	{"rbac.authorization.k8s.io", "roles"}:                              {"rbac.authorization.k8s.io", "v1", "Role", false},
	{"authorization.openshift.io", "clusterrolebindings"}:               {"authorization.openshift.io", "v1", "ClusterRoleBinding", true},
	{"storage.k8s.io", "storageclasses"}:                                {"storage.k8s.io", "v1", "StorageClass", true},
	{"security.openshift.io", "securitycontextconstraints"}:             {"security.openshift.io", "v1", "SecurityContextConstraints", true},
	{"admissionregistration.k8s.io", "mutatingwebhookconfigurations"}:   {"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", true},
	{"admissionregistration.k8s.io", "validatingwebhookconfigurations"}: {"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", true},
	{"certificates.k8s.io", "certificatesigningrequests"}:               {"certificates.k8s.io", "v1", "CertificateSigningRequest", true},
	{"config.openshift.io", "apiservers"}:                               {"config.openshift.io", "v1", "APIServer", true},
	{"config.openshift.io", "authentications"}:                          {"config.openshift.io", "v1", "Authentication", true},
	{"config.openshift.io", "clusteroperators"}:                         {"config.openshift.io", "v1", "ClusterOperator", true},
	{"config.openshift.io", "clusterversions"}:                          {"config.openshift.io", "v1", "ClusterVersion", true},
	{"config.openshift.io", "featuregates"}:                             {"config.openshift.io", "v1", "FeatureGate", true},
	{"config.openshift.io", "images"}:                                   {"config.openshift.io", "v1", "Image", true},
	{"config.openshift.io", "infrastructures"}:                          {"config.openshift.io", "v1", "Infrastructure", true},
	{"config.openshift.io", "ingresses"}:                                {"config.openshift.io", "v1", "Ingress", true},
	{"config.openshift.io", "networks"}:                                 {"config.openshift.io", "v1", "Network", true},
	{"config.openshift.io", "oauths"}:                                   {"config.openshift.io", "v1", "OAuth", true},
	{"config.openshift.io", "proxies"}:                                  {"config.openshift.io", "v1", "Proxy", true},
	{"config.openshift.io", "schedulers"}:                               {"config.openshift.io", "v1", "Scheduler", true},
	{"machineconfiguration.openshift.io", "machineconfigpools"}:         {"machineconfiguration.openshift.io", "v1", "MachineConfigPool", true},
	{"machineconfiguration.openshift.io", "machineconfigs"}:             {"machineconfiguration.openshift.io", "v1", "MachineConfig", true},
	{"machineconfiguration.openshift.io", "kubeletconfigs"}:             {"machineconfiguration.openshift.io", "v1", "KubeletConfig", true},
	{"machineconfiguration.openshift.io", "containerruntimeconfigs"}:    {"machineconfiguration.openshift.io", "v1", "ContainerRuntimeConfig", true},
	{"machine.openshift.io", "machinesets"}:                             {"machine.openshift.io", "v1beta1", "MachineSet", false},
	{"machine.openshift.io", "machines"}:                                {"machine.openshift.io", "v1beta1", "Machine", false},
	{"machine.openshift.io", "machinehealthchecks"}:                     {"machine.openshift.io", "v1beta1", "MachineHealthCheck", false},
	{"machine.openshift.io", "controlplanemachinesets"}:                 {"machine.openshift.io", "v1", "ControlPlaneMachineSet", false},
	{"autoscaling.openshift.io", "machineautoscalers"}:                  {"autoscaling.openshift.io", "v1beta1", "MachineAutoscaler", false},
	{"network.openshift.io", "hostsubnets"}:                             {"network.openshift.io", "v1", "HostSubnet", true},
	{"network.openshift.io", "netnamespaces"}:                           {"network.openshift.io", "v1", "NetNamespace", true},
	{"imageregistry.operator.openshift.io", "configs"}:                  {"imageregistry.operator.openshift.io", "v1", "Config", true},
	{"imageregistry.operator.openshift.io", "imagepruners"}:             {"imageregistry.operator.openshift.io", "v1", "ImagePruner", true},
	{"samples.operator.openshift.io", "configs"}:                        {"samples.operator.openshift.io", "v1", "Config", true},
	{"ceph.rook.io", "cephclusters"}:                                    {"ceph.rook.io", "v1", "CephCluster", false},
	{"ocs.openshift.io", "storageclusters"}:                             {"ocs.openshift.io", "v1", "StorageCluster", false},
	{"logging.openshift.io", "clusterloggings"}:                         {"logging.openshift.io", "v1", "ClusterLogging", false},
	{"operators.coreos.com", "subscriptions"}:                           {"operators.coreos.com", "v1alpha1", "Subscription", false},
	{"nfd.k8s-sigs.io", "nodefeatures"}:                                 {"nfd.k8s-sigs.io", "v1alpha1", "NodeFeature", false},
}

// versions are those of the vocabulary's groups that have no v1.
var versions = map[string]string{
	"autoscaling": "v2", "snapshot.storage.k8s.io": "v1", "operators.coreos.com": "v1alpha1",
}

// vocabulary are the resources that have a type of their own.
var vocabulary = sync.OnceValue(func() map[plural]resource {
	out := map[plural]resource{}
	for _, e := range kinds.Entries() {
		version := "v1"
		if v := versions[e.Group]; v != "" {
			version = v
		}
		out[plural{e.Group, e.Resource}] = resource{e.Group, version, e.Kind, e.ByCluster}
	}
	return out
})

// lookup finds a resource by its group and its plural, as API paths and dumps write them.
func lookup(group, name string) (resource, bool) {
	if r, ok := known[plural{group, name}]; ok {
		return r, true
	}
	r, ok := vocabulary()[plural{group, name}]
	return r, ok
}
