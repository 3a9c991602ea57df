package kinds

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// The stock roles stand in for ClusterRoles that a tenant may not read, and that no tree of manifests holds. What they
// allow is a fact of Kubernetes (kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go), of OpenShift
// (openshift/openshift-apiserver pkg/bootstrappolicy/policy.go; cluster-openshift-controller-manager-operator for
// system:deployer) and of its monitoring (openshift/cluster-monitoring-operator assets). Status subresources and kinds
// that are only read change no verdict and are left out of the longest ones.

const (
	intoAdmin  = "rbac.authorization.k8s.io/aggregate-to-admin"
	intoEdit   = "rbac.authorization.k8s.io/aggregate-to-edit"
	intoView   = "rbac.authorization.k8s.io/aggregate-to-view"
	intoReader = "rbac.authorization.k8s.io/aggregate-to-cluster-reader"
	intoBasic  = "authorization.openshift.io/aggregate-to-basic-user"
)

const (
	verbsRead  = "get list watch"
	verbsWrite = "create update patch delete deletecollection"
	verbsAll   = verbsRead + " " + verbsWrite
)

// stockRule is one rule, its three lists written as words. The core group is "core".
func stockRule(verbs, groups, resources string, names ...string) rbacv1.PolicyRule {
	r := rbacv1.PolicyRule{Verbs: strings.Fields(verbs), APIGroups: strings.Fields(groups), Resources: strings.Fields(resources), ResourceNames: names}
	for i, g := range r.APIGroups {
		if g == "core" {
			r.APIGroups[i] = ""
		}
	}
	return r
}

func stockURLs(paths string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: strings.Fields(paths)}
}

func stockRole(name string, rules ...rbacv1.PolicyRule) clusterRole {
	return clusterRole{name: name, rules: rules, stock: true}
}

// into gives the role the labels by which other roles gather it.
func (r clusterRole) into(keys ...string) clusterRole {
	r.labels = labels.Set{}
	for _, k := range keys {
		r.labels[k] = "true"
	}
	return r
}

// stockGathering is a role that is made of those that carry one of the labels.
func stockGathering(name string, keys ...string) clusterRole {
	r := clusterRole{name: name, stock: true, aggregates: &rbacv1.AggregationRule{}}
	for _, k := range keys {
		r.aggregates.ClusterRoleSelectors = append(r.aggregates.ClusterRoleSelectors, metav1.LabelSelector{MatchLabels: map[string]string{k: "true"}})
	}
	return r
}

const (
	stockViewed     = "pods configmaps endpoints persistentvolumeclaims replicationcontrollers replicationcontrollers/scale serviceaccounts services bindings events limitranges pods/log pods/status resourcequotas namespaces"
	stockApps       = "daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale"
	stockBuilds     = "builds buildconfigs buildconfigs/webhooks"
	stockDCs        = "deploymentconfigs deploymentconfigs/scale"
	stockStreams    = "imagestreams imagestreammappings imagestreamtags imagetags imagestreamimages"
	stockTemplates  = "templates templateconfigs processedtemplates templateinstances"
	stockMonitoring = "monitoring.coreos.com"
)

var stockReads = []rbacv1.PolicyRule{
	stockRule(verbsRead, "core", stockViewed),
	stockRule(verbsRead, "apps", "controllerrevisions "+stockApps),
	stockRule(verbsRead, "autoscaling", "horizontalpodautoscalers"),
	stockRule(verbsRead, "batch", "cronjobs jobs"),
	stockRule(verbsRead, "extensions networking.k8s.io", "ingresses networkpolicies"),
	stockRule(verbsRead, "policy", "poddisruptionbudgets"),
	stockRule(verbsRead, "discovery.k8s.io", "endpointslices"),
}

var stockEdits = []rbacv1.PolicyRule{
	stockRule(verbsRead, "core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
	stockRule("impersonate", "core", "serviceaccounts"),
	stockRule(verbsWrite, "core", "pods pods/attach pods/exec pods/portforward pods/proxy"),
	stockRule("create", "core", "pods/eviction serviceaccounts/token"),
	stockRule(verbsWrite, "core", "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy"),
	stockRule(verbsWrite, "apps", stockApps+" deployments/rollback"),
	stockRule(verbsWrite, "autoscaling", "horizontalpodautoscalers"),
	stockRule(verbsWrite, "batch", "cronjobs jobs"),
	stockRule(verbsWrite, "extensions networking.k8s.io", "ingresses networkpolicies"),
	stockRule(verbsWrite, "policy", "poddisruptionbudgets"),
	stockRule(verbsAll, "coordination.k8s.io", "leases"),
}

var stockOpenShiftEdits = []rbacv1.PolicyRule{
	stockRule(verbsAll, "core build.openshift.io", stockBuilds),
	stockRule("create", "core build.openshift.io", "buildconfigs/instantiate buildconfigs/instantiatebinary builds/clone"),
	stockRule(verbsAll, "core apps.openshift.io", stockDCs),
	stockRule("create", "core apps.openshift.io", "deploymentconfigrollbacks deploymentconfigs/instantiate deploymentconfigs/rollback"),
	stockRule(verbsAll, "core image.openshift.io", stockStreams+" imagestreams/secrets"),
	stockRule("get update", "core image.openshift.io", "imagestreams/layers"),
	stockRule("create", "core image.openshift.io", "imagestreamimports"),
	stockRule("get", "core project.openshift.io", "projects"),
	stockRule(verbsRead, "core quota.openshift.io", "appliedclusterresourcequotas"),
	stockRule(verbsAll, "core route.openshift.io", "routes"),
	stockRule("create", "core route.openshift.io", "routes/custom-host"),
	stockRule(verbsAll, "core template.openshift.io", stockTemplates),
	stockRule(verbsAll, "networking.k8s.io", "networkpolicies"),
}

var stockOpenShiftAdmins = []rbacv1.PolicyRule{
	stockRule(verbsAll, "core authorization.openshift.io", "roles rolebindings"),
	stockRule("create", "core authorization.openshift.io", "localresourceaccessreviews localsubjectaccessreviews subjectrulesreviews"),
	stockRule("create", "core security.openshift.io", "podsecuritypolicysubjectreviews podsecuritypolicyselfsubjectreviews podsecuritypolicyreviews"),
	stockRule(verbsRead, "core authorization.openshift.io", "rolebindingrestrictions"),
	stockRule("get patch update delete", "core project.openshift.io", "projects"),
}

var stockOpenShiftViews = []rbacv1.PolicyRule{
	stockRule(verbsRead, "core build.openshift.io", stockBuilds+" builds/log"),
	stockRule(verbsRead, "core apps.openshift.io", stockDCs+" deploymentconfigs/log"),
	stockRule(verbsRead, "core image.openshift.io", stockStreams),
	stockRule("get", "core project.openshift.io", "projects"),
	stockRule(verbsRead, "core quota.openshift.io", "appliedclusterresourcequotas"),
	stockRule(verbsRead, "core route.openshift.io", "routes"),
	stockRule(verbsRead, "core template.openshift.io", stockTemplates),
}

var stockClusterReads = []rbacv1.PolicyRule{
	stockRule(verbsRead, "core", "componentstatuses nodes persistentvolumes podtemplates securitycontextconstraints"),
	stockRule(verbsRead, "apiextensions.k8s.io", "customresourcedefinitions"),
	stockRule(verbsRead, "rbac.authorization.k8s.io authorization.openshift.io", "roles rolebindings clusterroles clusterrolebindings"),
	stockRule(verbsRead, "storage.k8s.io", "csidrivers csinodes storageclasses volumeattachments"),
	stockRule(verbsRead, "security.openshift.io", "securitycontextconstraints rangeallocations"),
	stockRule("list watch", "core project.openshift.io", "projects"),
	stockRule(verbsRead, "core user.openshift.io", "groups identities useridentitymappings users"),
	stockRule("get", "core image.openshift.io", "imagestreams/layers"),
	stockURLs("*"),
}

// stockRoles are the embedded roles. Names that OpenShift makes one of for each of its security context constraints
// are told by their prefix: stockByPrefix.
var stockRoles = []clusterRole{
	stockRole("cluster-admin", stockRule("*", "*", "*"), rbacv1.PolicyRule{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}),
	stockGathering("admin", intoAdmin),
	stockGathering("edit", intoEdit).into(intoAdmin),
	stockGathering("view", intoView).into(intoEdit),
	stockRole("system:aggregate-to-admin",
		stockRule("create", "authorization.k8s.io", "localsubjectaccessreviews"),
		stockRule(verbsAll, "rbac.authorization.k8s.io", "roles rolebindings")).into(intoAdmin),
	stockRole("system:aggregate-to-edit", stockEdits...).into(intoEdit),
	stockRole("system:aggregate-to-view", stockReads...).into(intoView),
	stockRole("system:openshift:aggregate-to-admin", slices.Concat(stockOpenShiftEdits, stockOpenShiftAdmins)...).into(intoAdmin),
	stockRole("system:openshift:aggregate-to-edit", stockOpenShiftEdits...).into(intoEdit),
	stockRole("system:openshift:aggregate-to-view", stockOpenShiftViews...).into(intoView),
	stockGathering("cluster-reader", intoReader, intoView),
	stockRole("system:openshift:aggregate-to-cluster-reader", stockClusterReads...).into(intoReader),
	stockGathering("basic-user", intoBasic),
	stockRole("system:openshift:aggregate-to-basic-user",
		stockRule("get", "core user.openshift.io", "users", "~"),
		stockRule(verbsRead, "rbac.authorization.k8s.io authorization.openshift.io", "clusterroles"),
		stockRule("list watch", "core project.openshift.io", "projects"),
		stockRule("get list", "storage.k8s.io", "storageclasses")).into(intoBasic),
	stockRole("self-provisioner", stockRule("create", "core project.openshift.io", "projectrequests")),
	stockRole("self-access-reviewer", stockRule("create", "authorization.k8s.io", "selfsubjectaccessreviews")),
	stockRole("cluster-status", stockURLs("/healthz /healthz/ /version /version/* /api /api/* /apis /apis/*")),
	stockRole("registry-admin",
		stockRule(verbsAll, "core", "serviceaccounts secrets"),
		stockRule(verbsAll, "core image.openshift.io", stockStreams+" imagestreams/secrets"),
		stockRule("get update", "core image.openshift.io", "imagestreams/layers"),
		stockRule(verbsAll, "rbac.authorization.k8s.io authorization.openshift.io", "roles rolebindings"),
		stockRule("get delete", "core project.openshift.io", "projects")).into(intoAdmin),
	stockRole("registry-editor",
		stockRule(verbsAll, "core", "serviceaccounts secrets"),
		stockRule(verbsAll, "core image.openshift.io", stockStreams+" imagestreams/secrets"),
		stockRule("get update", "core image.openshift.io", "imagestreams/layers")).into(intoEdit),
	stockRole("registry-viewer",
		stockRule(verbsRead, "core image.openshift.io", stockStreams),
		stockRule("get", "core image.openshift.io", "imagestreams/layers")).into(intoView),
	stockRole("system:image-puller", stockRule("get", "core image.openshift.io", "imagestreams/layers")),
	stockRole("system:image-pusher", stockRule("get update", "core image.openshift.io", "imagestreams/layers")),
	stockRole("system:image-builder",
		stockRule("get update", "core image.openshift.io", "imagestreams/layers"),
		stockRule("create", "core image.openshift.io", "imagestreams"),
		stockRule("update", "core build.openshift.io", "builds/details"),
		stockRule("get", "core build.openshift.io", "builds")).into(intoAdmin, intoEdit),
	stockRole("system:deployer",
		stockRule("get list watch update patch delete", "core", "replicationcontrollers"),
		stockRule("get update", "core", "replicationcontrollers/scale"),
		stockRule("create get list watch", "core", "pods"),
		stockRule("get", "core", "pods/log"),
		stockRule("create list", "core", "events")),
	stockRole("system:auth-delegator",
		stockRule("create", "authentication.k8s.io", "tokenreviews"),
		stockRule("create", "authorization.k8s.io", "subjectaccessreviews")),
	stockRole("system:basic-user", stockRule("create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews")),
	stockRole("system:discovery", stockURLs("/livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*")),
	stockRole("system:public-info-viewer", stockURLs("/livez /readyz /healthz /version /version/")),
	stockRole("system:webhook", stockRule("get create", "core build.openshift.io", "buildconfigs/webhooks")),
	stockRole("system:build-strategy-docker", stockRule("create", "core build.openshift.io", "builds/docker builds/optimizeddocker")),
	stockRole("system:build-strategy-custom", stockRule("create", "core build.openshift.io", "builds/custom")),
	stockRole("system:build-strategy-source", stockRule("create", "core build.openshift.io", "builds/source")),
	stockRole("system:build-strategy-jenkinspipeline", stockRule("create", "core build.openshift.io", "builds/jenkinspipeline")),
	stockRole("cluster-monitoring-view",
		stockRule("get", "core", "namespaces"),
		stockRule("get create update", stockMonitoring, "prometheuses/api", "k8s")),
	stockRole("monitoring-rules-view", stockRule(verbsRead, stockMonitoring, "prometheusrules")),
	stockRole("monitoring-rules-edit", stockRule("*", stockMonitoring, "prometheusrules")),
	stockRole("monitoring-edit", stockRule("*", stockMonitoring, "servicemonitors podmonitors probes prometheusrules")),
	stockRole("alert-routing-edit", stockRule("*", stockMonitoring, "alertmanagerconfigs")),
}

// stockByPrefix gives the roles that OpenShift makes for each security context constraint: the use of that one.
func stockByPrefix(name string) (rules []rbacv1.PolicyRule, ok bool) {
	scc, ok := strings.CutPrefix(name, "system:openshift:scc:")
	if !ok || scc == "" {
		return nil, false
	}
	return []rbacv1.PolicyRule{stockRule("use", "security.openshift.io", "securitycontextconstraints", scc)}, true
}
