package kinds

import (
	ocpapps "github.com/openshift/api/apps/v1"
	ocpimage "github.com/openshift/api/image/v1"
	ocproute "github.com/openshift/api/route/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	namespaced = false
	byCluster  = true
)

// Workloads, as their controllers' APIs define them.
var (
	Deployments            = register("apps", "deployments", "Deployment", namespaced, func(o *appsv1.Deployment) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "extensions")
	StatefulSets           = register("apps", "statefulsets", "StatefulSet", namespaced, func(o *appsv1.StatefulSet) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	DaemonSets             = register("apps", "daemonsets", "DaemonSet", namespaced, func(o *appsv1.DaemonSet) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "extensions")
	ReplicaSets            = register("apps", "replicasets", "ReplicaSet", namespaced, func(o *appsv1.ReplicaSet) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "extensions")
	ReplicationControllers = register("", "replicationcontrollers", "ReplicationController", namespaced, func(o *corev1.ReplicationController) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	DeploymentConfigs      = register("apps.openshift.io", "deploymentconfigs", "DeploymentConfig", namespaced, func(o *ocpapps.DeploymentConfig) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "")
	Jobs                   = register("batch", "jobs", "Job", namespaced, func(o *batchv1.Job) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	CronJobs               = register("batch", "cronjobs", "CronJob", namespaced, func(o *batchv1.CronJob) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	Pods                   = register("", "pods", "Pod", namespaced, func(o *corev1.Pod) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	KnativeServices        = register("serving.knative.dev", "services", "Service", namespaced, func(o *KnativeService) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// What stands around workloads.
var (
	Services        = register("", "services", "Service", namespaced, func(o *corev1.Service) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	PDBs            = register("policy", "poddisruptionbudgets", "PodDisruptionBudget", namespaced, func(o *policyv1.PodDisruptionBudget) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	HPAs            = register("autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", namespaced, func(o *autoscalingv2.HorizontalPodAutoscaler) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	NetworkPolicies = register("networking.k8s.io", "networkpolicies", "NetworkPolicy", namespaced, func(o *networkingv1.NetworkPolicy) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "extensions")
	Ingresses       = register("networking.k8s.io", "ingresses", "Ingress", namespaced, func(o *networkingv1.Ingress) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "extensions")
	Routes          = register("route.openshift.io", "routes", "Route", namespaced, func(o *ocproute.Route) *metav1.ObjectMeta { return &o.ObjectMeta }, trimRoute, "")
	ServiceMonitors = register("monitoring.coreos.com", "servicemonitors", "ServiceMonitor", namespaced, func(o *ServiceMonitor) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	LimitRanges     = register("", "limitranges", "LimitRange", namespaced, func(o *corev1.LimitRange) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	ImageStreams    = register("image.openshift.io", "imagestreams", "ImageStream", namespaced, func(o *ocpimage.ImageStream) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "")
	Secrets         = register("", "secrets", "Secret", namespaced, func(o *Secret) *metav1.ObjectMeta { return &o.ObjectMeta }, trimSecret)
)

// Access.
var (
	RoleBindings        = register("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", namespaced, func(o *rbacv1.RoleBinding) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	ClusterRoleBindings = register("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", byCluster, func(o *rbacv1.ClusterRoleBinding) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// Objects of the cluster. A Namespace or Project stands in the namespace that it is.
var (
	Namespaces = register("", "namespaces", "Namespace", byCluster, func(o *corev1.Namespace) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	Projects   = register("project.openshift.io", "projects", "Project", byCluster, func(o *Project) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	CRDs       = register("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", byCluster, func(o *CRD) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// A KnativeService is a service of Knative Serving; only its pod template is read.
type KnativeService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Template corev1.PodTemplateSpec `json:"template"`
	} `json:"spec"`
}

// A ServiceMonitor of the Prometheus operator; only what it selects is read.
type ServiceMonitor struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Selector          metav1.LabelSelector `json:"selector"`
		NamespaceSelector struct {
			Any        bool     `json:"any,omitempty"`
			MatchNames []string `json:"matchNames,omitempty"`
		} `json:"namespaceSelector,omitempty"`
	} `json:"spec"`
}

// A Project is OpenShift's view of a Namespace: what a tenant may get of its own.
type Project struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
}

// A CRD says which kinds and versions a cluster serves beyond its own.
type CRD struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Group string `json:"group"`
		Scope string `json:"scope"`
		Names struct {
			Kind   string `json:"kind"`
			Plural string `json:"plural"`
		} `json:"names"`
		Version  string       `json:"version,omitempty"` // v1beta1 alone
		Versions []CRDVersion `json:"versions,omitempty"`
	} `json:"spec"`
}

// A CRDVersion is one version of a CRD.
type CRDVersion struct {
	Name       string `json:"name"`
	Served     bool   `json:"served"`
	Deprecated bool   `json:"deprecated,omitempty"`
}

// clusterKinds are kinds without a type of their own that have no namespace.
var clusterKinds = map[groupKind]bool{
	{"rbac.authorization.k8s.io", "ClusterRole"}: true, {"authorization.openshift.io", "ClusterRole"}: true,
	{"authorization.openshift.io", "ClusterRoleBinding"}: true,
	{"policy", "PodSecurityPolicy"}:                      true, {"extensions", "PodSecurityPolicy"}: true,
	{"", "PersistentVolume"}: true, {"", "ComponentStatus"}: true,
	{"storage.k8s.io", "StorageClass"}: true, {"storage.k8s.io", "CSIDriver"}: true, {"storage.k8s.io", "CSINode"}: true,
	{"storage.k8s.io", "VolumeAttachment"}: true, {"scheduling.k8s.io", "PriorityClass"}: true,
	{"node.k8s.io", "RuntimeClass"}: true, {"networking.k8s.io", "IngressClass"}: true,
	{"admissionregistration.k8s.io", "ValidatingWebhookConfiguration"}:   true,
	{"admissionregistration.k8s.io", "MutatingWebhookConfiguration"}:     true,
	{"admissionregistration.k8s.io", "ValidatingAdmissionPolicy"}:        true,
	{"admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"}: true,
	{"apiregistration.k8s.io", "APIService"}:                             true,
	{"certificates.k8s.io", "CertificateSigningRequest"}:                 true,
	{"flowcontrol.apiserver.k8s.io", "FlowSchema"}:                       true,
	{"flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"}:       true,
	{"snapshot.storage.k8s.io", "VolumeSnapshotClass"}:                   true,
	{"snapshot.storage.k8s.io", "VolumeSnapshotContent"}:                 true,
	{"cert-manager.io", "ClusterIssuer"}:                                 true,
	{"external-secrets.io", "ClusterSecretStore"}:                        true,
	{"external-secrets.io", "ClusterExternalSecret"}:                     true,
	{"security.openshift.io", "SecurityContextConstraints"}:              true,
	{"config.openshift.io", "OAuth"}:                                     true,
	{"config.openshift.io", "APIServer"}:                                 true,
	{"config.openshift.io", "Infrastructure"}:                            true,
	{"config.openshift.io", "Ingress"}:                                   true,
	{"config.openshift.io", "Network"}:                                   true,
	{"config.openshift.io", "Image"}:                                     true,
	{"config.openshift.io", "Proxy"}:                                     true,
	{"config.openshift.io", "Authentication"}:                            true,
	{"config.openshift.io", "Build"}:                                     true,
	{"config.openshift.io", "Console"}:                                   true,
	{"config.openshift.io", "DNS"}:                                       true,
	{"config.openshift.io", "FeatureGate"}:                               true,
	{"config.openshift.io", "Node"}:                                      true,
	{"config.openshift.io", "OperatorHub"}:                               true,
	{"config.openshift.io", "Project"}:                                   true,
	{"config.openshift.io", "Scheduler"}:                                 true,
	{"config.openshift.io", "ImageContentPolicy"}:                        true,
	{"config.openshift.io", "ImageDigestMirrorSet"}:                      true,
	{"config.openshift.io", "ImageTagMirrorSet"}:                         true,
	{"config.openshift.io", "ClusterImagePolicy"}:                        true,
	{"config.openshift.io", "InsightsDataGather"}:                        true,
	{"machineconfiguration.openshift.io", "MachineConfig"}:               true,
	{"machineconfiguration.openshift.io", "MachineConfigNode"}:           true,
	{"machineconfiguration.openshift.io", "MachineOSBuild"}:              true,
	{"machineconfiguration.openshift.io", "MachineOSConfig"}:             true,
	{"machineconfiguration.openshift.io", "ContainerRuntimeConfig"}:      true,
	{"machineconfiguration.openshift.io", "ControllerConfig"}:            true,
	{"machineconfiguration.openshift.io", "KubeletConfig"}:               true,
	{"machineconfiguration.openshift.io", "PinnedImageSet"}:              true,
	{"user.openshift.io", "User"}:                                        true,
	{"user.openshift.io", "Group"}:                                       true,
	{"user.openshift.io", "Identity"}:                                    true,
	{"oauth.openshift.io", "OAuthClient"}:                                true,
	{"project.openshift.io", "ProjectRequest"}:                           true,
	{"kyverno.io", "ClusterPolicy"}:                                      true,
}
