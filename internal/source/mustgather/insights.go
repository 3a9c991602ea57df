package mustgather

import "strings"

// insightsRules say what stands where in an archive of the Insights operator, by docs/gathered-data.md of
// openshift/insights-operator and the sample beside it. {} stands for one name of any kind, {ns} and {name} for the
// object's; a rule without the ending of the file fits it with .json. The first rule that fits counts.
var insightsRules = []struct {
	place     string
	resource  string // plural.group; empty: the document says its kind itself, or nobody does
	namespace string // of all objects there
	wrap      wrap
	record    bool
}{
	{place: "config/version", resource: "clusterversions.config.openshift.io"},
	{place: "config/version/{name}", resource: "clusterversions.config.openshift.io"},
	{place: "config/apiserver", resource: "apiservers.config.openshift.io"},
	{place: "config/authentication", resource: "authentications.config.openshift.io"},
	{place: "config/featuregate", resource: "featuregates.config.openshift.io"},
	{place: "config/image", resource: "images.config.openshift.io"},
	{place: "config/infrastructure", resource: "infrastructures.config.openshift.io"},
	{place: "config/ingress", resource: "ingresses.config.openshift.io"},
	{place: "config/network", resource: "networks.config.openshift.io"},
	{place: "config/oauth", resource: "oauths.config.openshift.io"},
	{place: "config/proxy", resource: "proxies.config.openshift.io"},
	{place: "config/schedulers/{name}", resource: "schedulers.config.openshift.io"},
	{place: "config/clusteroperator/{name}", resource: "clusteroperators.config.openshift.io"},
	{place: "config/clusteroperator/imageregistry.operator.openshift.io/config/{name}", resource: "configs.imageregistry.operator.openshift.io"},
	{place: "config/clusteroperator/imageregistry.operator.openshift.io/imagepruner/{name}", resource: "imagepruners.imageregistry.operator.openshift.io"},
	{place: "config/clusteroperator/samples.operator.openshift.io/config/{name}", resource: "configs.samples.operator.openshift.io"},
	{place: "config/clusteroperator/{}/{}/{name}"},
	{place: "config/clusteroperator/{}/{}/{ns}/{name}"},
	{place: "config/imagepruner", resource: "imagepruners.imageregistry.operator.openshift.io"}, // before 4.6
	{place: "config/imageregistry", resource: "configs.imageregistry.operator.openshift.io"},
	{place: "config/node/{name}", resource: "nodes"},
	{place: "config/pod/{ns}/logs/{}/{}", record: true},
	{place: "config/pod/{ns}/{name}", resource: "pods"},
	{place: "config/pdbs/{ns}/{name}", resource: "poddisruptionbudgets.policy"},
	{place: "config/persistentvolumes/{name}", resource: "persistentvolumes"},
	{place: "config/storage/storageclasses/{name}", resource: "storageclasses.storage.k8s.io"},
	{place: "config/storage/{ns}/cephclusters/{name}", resource: "cephclusters.ceph.rook.io", wrap: inState},
	{place: "config/storage/{ns}/storageclusters/{name}", resource: "storageclusters.ocs.openshift.io"},
	{place: "config/crd/{name}", resource: "customresourcedefinitions.apiextensions.k8s.io"},
	{place: "config/clusterrolebinding/{name}", resource: "clusterrolebindings.rbac.authorization.k8s.io"},
	{place: "config/securitycontextconstraint/{name}", resource: "securitycontextconstraints.security.openshift.io"},
	{place: "config/mutatingwebhookconfigurations/{name}", resource: "mutatingwebhookconfigurations.admissionregistration.k8s.io"},
	{place: "config/validatingwebhookconfigurations/{name}", resource: "validatingwebhookconfigurations.admissionregistration.k8s.io"},
	{place: "config/certificatesigningrequests/{name}", resource: "certificatesigningrequests.certificates.k8s.io", wrap: exported},
	{place: "config/machineconfigpools/{name}", resource: "machineconfigpools.machineconfiguration.openshift.io"},
	{place: "config/machineconfigs/{name}", resource: "machineconfigs.machineconfiguration.openshift.io"},
	{place: "config/kubeletconfigs/{name}", resource: "kubeletconfigs.machineconfiguration.openshift.io"},
	{place: "config/containerruntimeconfigs/{name}", resource: "containerruntimeconfigs.machineconfiguration.openshift.io"},
	{place: "config/machinehealthchecks/{ns}/{name}", resource: "machinehealthchecks.machine.openshift.io"},
	{place: "config/machineautoscalers/{ns}/{name}", resource: "machineautoscalers.autoscaling.openshift.io"},
	{place: "config/machines/{ns}/{name}", resource: "machines.machine.openshift.io"},
	{place: "config/controlplanemachinesets/{ns}/{name}", resource: "controlplanemachinesets.machine.openshift.io"},
	{place: "machinesets/{ns}/{name}", resource: "machinesets.machine.openshift.io"},
	{place: "machinesets/{name}", resource: "machinesets.machine.openshift.io"},
	{place: "config/hostsubnet/{name}", resource: "hostsubnets.network.openshift.io"},
	{place: "config/logging/{ns}/{name}", resource: "clusterloggings.logging.openshift.io"},
	{place: "config/subscriptions/{}/{name}", resource: "subscriptions.operators.coreos.com"},
	{place: "config/configmaps/{ns}/{name}/{}", resource: "configmaps", wrap: inKey},
	{place: "config/secrets/{ns}/{name}/data", resource: "secrets", wrap: inData},
	{place: "config/metrics", record: true},
	{place: "config/alerts", record: true},
	{place: "config/silenced_alerts", record: true},
	{place: "config/helmchart_info", record: true},
	{place: "config/installplans", record: true},
	{place: "config/namespaces_with_overlapping_uids", record: true},
	{place: "config/netnamespaces", record: true},
	{place: "config/olm_operators", record: true},
	{place: "config/podnetworkconnectivitychecks", record: true},
	{place: "config/running_containers", record: true},
	{place: "config/serviceaccounts", record: true},
	{place: "config/tsdb", record: true},
	{place: "config/versioned_object_revision_counts", record: true},
	{place: "config/workload_info", record: true},
	{place: "namespaces/openshift-nfd/customresources/{name}", resource: "nodefeatures.nfd.k8s-sigs.io", wrap: inSpec, namespace: "openshift-nfd"},
	{place: "namespaces/{ns}/{name}"},
	{place: "conditional/namespaces/{ns}/imagestreams/{name}", resource: "imagestreams.image.openshift.io"},
	{place: "insights-operator/gathers", wrap: report},
}

// recordFolders hold nothing but records.
var recordFolders = map[string]bool{"aggregated": true, "events": true, "insights-operator": true}

// insightsSpot reads the places of an Insights archive.
func insightsSpot(p []string) spot {
	for _, r := range insightsRules {
		s, ok := fit(r.place, p)
		if !ok {
			continue
		}
		s.record, s.wrap = r.record, r.wrap
		if r.namespace != "" {
			s.namespace = r.namespace
		}
		if r.resource != "" {
			name, group, _ := strings.Cut(r.resource, ".")
			s.resource, _ = lookup(group, name) // a test holds that each is known
		}
		if s.wrap == inKey {
			s.key = p[len(p)-1]
		}
		return s
	}
	switch {
	case recordFolders[p[0]]:
		return spot{record: true}
	case p[0] == "conditional" && len(p) > 1 && p[1] == byNamespace:
		s := namespaceSpot(p[2:])
		s.list = false
		return s
	case p[0] == "conditional":
		return spot{record: true}
	case p[0] == byNamespace:
		s := namespaceSpot(p[1:])
		s.list = false
		return s
	case p[0] == byCluster:
		s := clusterSpot(p[1:])
		s.list = false
		return s
	}
	return spot{}
}

// fit compares a place to a rule, name by name.
func fit(rule string, p []string) (s spot, ok bool) {
	names := strings.Split(rule, "/")
	if len(names) != len(p) {
		return s, false
	}
	for i, n := range names {
		have := p[i]
		if i == len(p)-1 {
			have = stem(have)
		}
		switch n {
		case "{}":
		case "{ns}":
			s.namespace = have
		case "{name}":
			s.name = have
		default:
			if have != n {
				return s, false
			}
		}
	}
	return s, true
}
