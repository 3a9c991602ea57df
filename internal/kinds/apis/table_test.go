package apis

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	aggregator "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

var update = flag.Bool("update", false, "write table.go anew")

type introduced interface{ APILifecycleIntroduced() (int, int) }
type deprecated interface{ APILifecycleDeprecated() (int, int) }
type removed interface{ APILifecycleRemoved() (int, int) }
type replaced interface {
	APILifecycleReplacement() schema.GroupVersionKind
}

// byHand are the kinds that k8s.io/api no longer holds, from the project's deprecated API migration guide
// (kubernetes.io, "Deprecated API Migration Guide").
var byHand = map[string]Kind{
	"autoscaling/v2beta1 HorizontalPodAutoscaler":                      {Introduced: 8, Deprecated: 22, Removed: 25, Replacement: "autoscaling/v2 HorizontalPodAutoscaler"},
	"autoscaling/v2beta2 HorizontalPodAutoscaler":                      {Introduced: 12, Deprecated: 23, Removed: 26, Replacement: "autoscaling/v2 HorizontalPodAutoscaler"},
	"policy/v1beta1 PodSecurityPolicy":                                 {Introduced: 10, Deprecated: 21, Removed: 25},
	"extensions/v1beta1 PodSecurityPolicy":                             {Introduced: 3, Deprecated: 11, Removed: 16},
	"apiextensions.k8s.io/v1beta1 CustomResourceDefinition":            {Introduced: 7, Deprecated: 16, Removed: 22, Replacement: "apiextensions.k8s.io/v1 CustomResourceDefinition"},
	"apiregistration.k8s.io/v1beta1 APIService":                        {Introduced: 7, Deprecated: 19, Removed: 22, Replacement: "apiregistration.k8s.io/v1 APIService"},
	"batch/v2alpha1 CronJob":                                           {Introduced: 5, Deprecated: 8, Removed: 21, Replacement: "batch/v1 CronJob"},
	"settings.k8s.io/v1alpha1 PodPreset":                               {Introduced: 6, Deprecated: 19, Removed: 20},
	"auditregistration.k8s.io/v1alpha1 AuditSink":                      {Introduced: 13, Deprecated: 18, Removed: 19},
	"flowcontrol.apiserver.k8s.io/v1alpha1 FlowSchema":                 {Introduced: 18, Deprecated: 20, Removed: 21, Replacement: "flowcontrol.apiserver.k8s.io/v1 FlowSchema"},
	"flowcontrol.apiserver.k8s.io/v1alpha1 PriorityLevelConfiguration": {Introduced: 18, Deprecated: 20, Removed: 21, Replacement: "flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration"},
}

// openshift are the kinds that OpenShift 4 serves itself and that people write, or a dump of a cluster holds
// (github.com/openshift/api).
var openshift = []string{
	"apps.openshift.io/v1 DeploymentConfig", "authorization.openshift.io/v1 Role", "authorization.openshift.io/v1 RoleBinding",
	"authorization.openshift.io/v1 ClusterRole", "authorization.openshift.io/v1 ClusterRoleBinding",
	"authorization.openshift.io/v1 RoleBindingRestriction",
	"build.openshift.io/v1 Build", "build.openshift.io/v1 BuildConfig",
	"config.openshift.io/v1 APIServer", "config.openshift.io/v1 ClusterOperator", "config.openshift.io/v1 ClusterVersion",
	"config.openshift.io/v1 Image", "config.openshift.io/v1 Infrastructure", "config.openshift.io/v1 Ingress",
	"config.openshift.io/v1 Network", "config.openshift.io/v1 OAuth", "config.openshift.io/v1 Proxy",
	"config.openshift.io/v1 Authentication", "config.openshift.io/v1 Build", "config.openshift.io/v1 Console",
	"config.openshift.io/v1 DNS", "config.openshift.io/v1 FeatureGate", "config.openshift.io/v1 Node",
	"config.openshift.io/v1 OperatorHub", "config.openshift.io/v1 Project", "config.openshift.io/v1 Scheduler",
	"config.openshift.io/v1 ImageContentPolicy", "config.openshift.io/v1 ImageDigestMirrorSet",
	"config.openshift.io/v1 ImageTagMirrorSet", "config.openshift.io/v1 ImagePolicy",
	"config.openshift.io/v1 ClusterImagePolicy", "config.openshift.io/v1 InsightsDataGather",
	"image.openshift.io/v1 Image", "image.openshift.io/v1 ImageStream", "image.openshift.io/v1 ImageStreamTag",
	"image.openshift.io/v1 ImageTag", "image.openshift.io/v1 ImageStreamImport", "image.openshift.io/v1 ImageStreamMapping",
	"machineconfiguration.openshift.io/v1 MachineConfig", "machineconfiguration.openshift.io/v1 MachineConfigPool",
	"machineconfiguration.openshift.io/v1 MachineConfigNode", "machineconfiguration.openshift.io/v1 MachineOSBuild",
	"machineconfiguration.openshift.io/v1 MachineOSConfig", "machineconfiguration.openshift.io/v1 ContainerRuntimeConfig",
	"machineconfiguration.openshift.io/v1 ControllerConfig", "machineconfiguration.openshift.io/v1 KubeletConfig",
	"machineconfiguration.openshift.io/v1 PinnedImageSet",
	"oauth.openshift.io/v1 OAuthClient", "project.openshift.io/v1 Project", "project.openshift.io/v1 ProjectRequest",
	"quota.openshift.io/v1 AppliedClusterResourceQuota", "quota.openshift.io/v1 ClusterResourceQuota",
	"route.openshift.io/v1 Route", "security.openshift.io/v1 SecurityContextConstraints",
	"template.openshift.io/v1 Template", "template.openshift.io/v1 TemplateInstance",
	"user.openshift.io/v1 Group", "user.openshift.io/v1 Identity", "user.openshift.io/v1 User", "user.openshift.io/v1 UserIdentityMapping",
}

// openshiftDeprecated are those of OpenShift's kinds that are on their way out. DeploymentConfig is so from OpenShift
// 4.14, Kubernetes 1.27, on, and no version is named that ends it (openshift/openshift-docs,
// snippets/deployment-config-deprecated.adoc).
var openshiftDeprecated = map[string]Kind{
	"apps.openshift.io/v1 DeploymentConfig": {Deprecated: 27, Replacement: "apps/v1 Deployment"},
}

func fromLibrary(t *testing.T) map[string]Kind {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensions.AddToScheme, aggregator.AddToScheme} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]Kind{}
	for gvk := range s.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal || strings.HasSuffix(gvk.Kind, "List") || strings.HasSuffix(gvk.Kind, "Options") || gvk.Kind == "WatchEvent" {
			continue
		}
		o, err := s.New(gvk)
		if err != nil {
			t.Fatal(err)
		}
		out[name(gvk)] = row(o)
	}
	return out
}

func name(gvk schema.GroupVersionKind) string { return gvk.GroupVersion().String() + " " + gvk.Kind }

func row(o runtime.Object) (k Kind) {
	if l, ok := o.(introduced); ok {
		_, m := l.APILifecycleIntroduced()
		k.Introduced = Minor(m)
	}
	if l, ok := o.(deprecated); ok {
		_, m := l.APILifecycleDeprecated()
		k.Deprecated = Minor(m)
	}
	if l, ok := o.(removed); ok {
		_, m := l.APILifecycleRemoved()
		k.Removed = Minor(m)
	}
	if l, ok := o.(replaced); ok {
		// One row of the library names the list instead of the kind.
		k.Replacement = strings.TrimSuffix(name(l.APILifecycleReplacement()), "List")
	}
	return k
}

// TestTable holds table.go to the library that the product is built with, and to what was added by hand.
func TestTable(t *testing.T) {
	rows := fromLibrary(t)
	for key, k := range byHand {
		if _, ok := rows[key]; ok {
			t.Errorf("%s is in the library again: take it from the hand-kept rows", key)
		}
		rows[key] = k
	}
	for _, key := range openshift {
		rows[key] = openshiftDeprecated[key]
	}
	keys := make([]string, 0, len(rows))
	for key := range rows {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var b bytes.Buffer
	b.WriteString("// Code generated by TestTable -update from k8s.io/api's APILifecycle methods; DO NOT EDIT.\n\npackage apis\n\nvar table = map[string]Kind{\n")
	for _, key := range keys {
		k := rows[key]
		fmt.Fprintf(&b, "\t%q: {%d, %d, %d, %q},\n", key, k.Introduced, k.Deprecated, k.Removed, k.Replacement)
	}
	b.WriteString("}\n")
	want, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("table.go", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, _ := os.ReadFile("table.go"); !bytes.Equal(got, want) {
		t.Error("table.go lags behind the library: go test ./internal/kinds/apis -run TestTable -update")
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		api, kind string
		removed   Minor
		found     bool
	}{
		{"extensions/v1beta1", "Ingress", 22, true},
		{"policy/v1beta1", "PodSecurityPolicy", 25, true},
		{"batch/v1beta1", "CronJob", 25, true},
		{"autoscaling/v2beta2", "HorizontalPodAutoscaler", 26, true},
		{"apps/v1", "Deployment", 0, true},
		{"v1", "Pod", 0, true},
		{"route.openshift.io/v1", "Route", 0, true},
		{"v1", "Route", 0, false},
		{"networking.internal.knative.dev/v1alpha1", "Ingress", 0, false},
	} {
		k, ok := Find(c.api, c.kind)
		if ok != c.found || k.Removed != c.removed {
			t.Errorf("%s %s: %v %+v, want found %v, removed %d", c.api, c.kind, ok, k, c.found, c.removed)
		}
	}
	for g, want := range map[string]bool{"": true, "apps": true, "autoscaling.k8s.io": false, "route.openshift.io": true} {
		if Covers(g) != want {
			t.Errorf("covers %q: %v, want %v", g, !want, want)
		}
	}
}

// TestServed lists what a cluster serves by itself, as its discovery does.
func TestServed(t *testing.T) {
	for _, c := range []struct {
		minor     Minor
		openshift bool
		name      string
		want      bool
	}{
		{31, false, "v1", true}, {31, false, "v1/Pod", true}, {31, false, "apps/v1/Deployment", true}, {31, false, "policy/v1", true},
		{31, false, "policy/v1beta1", false}, {24, false, "policy/v1beta1/PodDisruptionBudget", true}, {31, false, "route.openshift.io/v1/Route", false},
		{31, true, "route.openshift.io/v1/Route", true}, {31, true, "security.openshift.io/v1", true}, {36, false, "resource.k8s.io/v1alpha3", false},
		{31, false, "admissionregistration.k8s.io/v1beta1", false}, {15, false, "networking.k8s.io/v1/Ingress", false}, {15, false, "networking.k8s.io/v1beta1/Ingress", true},
	} {
		if got := slices.Contains(Served(c.minor, c.openshift), c.name); got != c.want {
			t.Errorf("1.%d serves %s: %t", c.minor, c.name, got)
		}
	}
}
