package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	authv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"vigie/sandbox/sandboxtest"
)

// TestPlatformOnCluster checks OpenShift's part on a cluster of its own.
func TestPlatformOnCluster(t *testing.T) {
	sandboxtest.NeedsNode(t)
	shared := sandboxtest.Get(t)
	checkPlatform(t, Cluster{N: shared.Number, State: shared.State()})
}

// someone is a person's way in.
type someone struct {
	config  *rest.Config
	client  clientset.Interface
	objects dynamic.Interface
}

func as(t *testing.T, c Cluster, who string) someone {
	t.Helper()
	file, err := c.KubeconfigAs(who)
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		t.Fatal(err)
	}
	return with(t, config)
}

func with(t *testing.T, config *rest.Config) someone {
	t.Helper()
	config.QPS, config.Burst = 200, 400
	client, err := clientset.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return someone{config, client, objects}
}

// acting is an administrator who acts as somebody else.
func acting(t *testing.T, admin someone, user string) someone {
	t.Helper()
	config := rest.CopyConfig(admin.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated"}}
	return with(t, config)
}

var (
	projectResource = schema.GroupVersionResource{Group: "project.openshift.io", Version: "v1", Resource: "projects"}
	requestResource = schema.GroupVersionResource{Group: "project.openshift.io", Version: "v1", Resource: "projectrequests"}
	reviewResource  = schema.GroupVersionResource{Group: "authorization.openshift.io", Version: "v1", Resource: "localresourceaccessreviews"}
)

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

func checkPlatform(t *testing.T, c Cluster) {
	admin, tenant, provider := as(t, c, "admin"), as(t, c, "tenant"), as(t, c, "provider")
	t.Run("rights", func(t *testing.T) { checkRights(t, tenant, provider) })
	t.Run("definitions", func(t *testing.T) { checkDefinitions(t, admin, tenant) })
	t.Run("projects", func(t *testing.T) { checkProjects(t, admin, tenant, provider) })
	t.Run("access review", func(t *testing.T) { checkAccessReview(t, tenant) })
	t.Run("front proxy", func(t *testing.T) { checkFrontProxy(t, c) })
	t.Run("metrics", func(t *testing.T) { checkMetrics(t, admin, tenant) })
	t.Run("audit", func(t *testing.T) { checkAudit(t, c, tenant, provider) })
}

// granted are the rights that the platform publishes, and refused are some of those that it does not.
var (
	every   = []string{"create", "get", "list", "watch", "update", "patch", "delete"}
	reading = []string{"get", "list", "watch"}
	granted = []struct {
		group, resources string
		verbs            []string
	}{
		{"", "configmaps persistentvolumeclaims pods replicationcontrollers secrets services", every},
		{"apps", "daemonsets deployments replicasets statefulsets", every},
		{"batch", "cronjobs jobs", every},
		{"autoscaling", "horizontalpodautoscalers", every},
		{"networking.k8s.io", "ingresses networkpolicies", every},
		{"policy", "poddisruptionbudgets", every},
		{"route.openshift.io", "routes", every},
		{"build.openshift.io", "buildconfigs builds", every},
		{"image.openshift.io", "imagestreams", every},
		{"apps.openshift.io", "deploymentconfigs", every},
		{"template.openshift.io", "templates", every},
		{"rbac.authorization.k8s.io", "roles rolebindings", every},
		{"operators.coreos.com", "subscriptions", every},
		{"cert-manager.io", "certificates issuers", every},
		{"observability.openshift.io", "clusterlogforwarders", every},
		{"logging.openshift.io", "clusterlogforwarders", every},
		{"snapshot.storage.k8s.io", "volumesnapshots", every},
		{"objectbucket.io", "objectbucketclaims", every},
		{"config.kio.kasten.io", "profiles", every},
		{"config.kio.kasten.io", "policies policypresets", reading},
		{"actions.kio.kasten.io", "backupactions exportactions restoreactions runactions", reading},
		{"apps.kio.kasten.io", "restorepoints", reading},
		{"metrics.k8s.io", "pods", []string{"get"}},
		{"authorization.openshift.io", "localresourceaccessreviews", []string{"create"}},
	}
	refused = []struct{ group, resource, verb, namespace, name string }{
		{"", "namespaces", "list", "", ""}, {"", "namespaces", "get", "boutique-prod", "boutique-prod"}, {"", "nodes", "list", "", ""}, {"", "persistentvolumes", "list", "", ""},
		{"", "pods", "list", "", ""}, {"", "secrets", "list", "", ""}, {"", "pods", "list", "kube-system", ""}, {"", "pods", "list", "kasten-io", ""},
		{"", "resourcequotas", "list", "boutique-prod", ""}, {"", "serviceaccounts", "list", "boutique-prod", ""},
		{"project.openshift.io", "projects", "list", "", ""}, {"project.openshift.io", "projects", "create", "", ""}, {"project.openshift.io", "projectrequests", "create", "", ""},
		{"project.openshift.io", "projects", "get", "", "kasten-io"},
		{"rbac.authorization.k8s.io", "clusterroles", "list", "", ""}, {"rbac.authorization.k8s.io", "clusterrolebindings", "list", "", ""},
		{"apiextensions.k8s.io", "customresourcedefinitions", "list", "", ""}, {"config.openshift.io", "clusterversions", "list", "", ""},
		{"config.openshift.io", "clusteroperators", "list", "", ""}, {"machineconfiguration.openshift.io", "machineconfigpools", "list", "", ""},
		{"security.openshift.io", "securitycontextconstraints", "list", "", ""}, {"user.openshift.io", "users", "list", "", ""}, {"user.openshift.io", "groups", "list", "", ""},
		{"apps.kio.kasten.io", "restorepointcontents", "list", "", ""}, {"config.kio.kasten.io", "profiles", "create", "kasten-io", ""},
		{"config.kio.kasten.io", "policies", "create", "boutique-prod", ""}, {"actions.kio.kasten.io", "restoreactions", "create", "boutique-prod", ""},
		{"metrics.k8s.io", "pods", "list", "boutique-prod", ""}, {"metrics.k8s.io", "nodes", "list", "", ""},
		{"authorization.openshift.io", "localresourceaccessreviews", "create", "kasten-io", ""},
		{"cert-manager.io", "clusterissuers", "list", "", ""}, {"", "pods", "impersonate", "", ""},
	}
)

func checkRights(t *testing.T, tenant, provider someone) {
	may := func(who someone, a authv1.ResourceAttributes) bool {
		t.Helper()
		r, err := who.client.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(),
			&authv1.SelfSubjectAccessReview{Spec: authv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &a}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Status.Allowed
	}
	for _, g := range granted {
		for _, resource := range strings.Fields(g.resources) {
			for _, verb := range every {
				for _, namespace := range []string{"boutique-prod", "boutique-staging"} {
					a := authv1.ResourceAttributes{Group: g.group, Resource: resource, Verb: verb, Namespace: namespace}
					if got, want := may(tenant, a), slices.Contains(g.verbs, verb); got != want {
						t.Errorf("%s %s.%s in %s: %v, want %v", verb, resource, g.group, namespace, got, want)
					}
				}
			}
		}
	}
	for _, group := range []string{"actions", "apps", "config"} {
		for _, verb := range reading {
			if a := (authv1.ResourceAttributes{Group: group + ".kio.kasten.io", Resource: "*", Verb: verb, Namespace: "kasten-io"}); !may(tenant, a) {
				t.Errorf("%s of %s in kasten-io is refused", verb, a.Group)
			}
		}
	}
	for _, name := range []string{"boutique-prod", "boutique-staging"} {
		for _, verb := range []string{"get", "update", "patch", "delete"} {
			if a := (authv1.ResourceAttributes{Group: "project.openshift.io", Resource: "projects", Verb: verb, Name: name}); !may(tenant, a) {
				t.Errorf("%s of the project %s is refused", verb, name)
			}
		}
	}
	if !may(tenant, authv1.ResourceAttributes{Group: "metrics.k8s.io", Resource: "nodes", Verb: "get", Name: node}) {
		t.Error("the metrics of the node are refused")
	}
	for _, r := range refused {
		a := authv1.ResourceAttributes{Group: r.group, Resource: r.resource, Verb: r.verb, Namespace: r.namespace, Name: r.name}
		if may(tenant, a) {
			t.Errorf("the tenant may %s %s.%s in %q", r.verb, r.resource, r.group, r.namespace)
		}
		if !may(provider, a) {
			t.Errorf("the provider may not %s %s.%s in %q", r.verb, r.resource, r.group, r.namespace)
		}
	}
}

// checkDefinitions holds that the tenant can work with what is defined, and that a word of no meaning is refused.
func checkDefinitions(t *testing.T, admin, tenant someone) {
	routes := schema.GroupVersionResource{Group: "route.openshift.io", Version: "v1", Resource: "routes"}
	route := object(t, "{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: front}, spec: {host: boutique.example.com, to: {kind: Service, name: front, weight: 100}, tls: {termination: edge}}}")
	in := tenant.objects.Resource(routes).Namespace("boutique-prod")
	if _, err := in.Create(t.Context(), route, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	} else if err := in.Delete(t.Context(), "front", metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
	route.Object["spec"].(map[string]any)["tls"].(map[string]any)["termination"] = "sideways"
	if _, err := in.Create(t.Context(), route, metav1.CreateOptions{}); !apierrors.IsInvalid(err) {
		t.Errorf("a route of another termination: %v", err)
	}
	actions := admin.objects.Resource(schema.GroupVersionResource{Group: "actions.kio.kasten.io", Version: "v1alpha1", Resource: "backupactions"}).Namespace("boutique-prod")
	action := "{apiVersion: actions.kio.kasten.io/v1alpha1, kind: BackupAction, metadata: {name: b}, spec: {subject: {name: boutique-prod}}, status: {state: %s, startTime: 2026-01-01T00:00:00Z, endTime: null, exceptions: [], progress: 40}}"
	made, err := actions.Create(t.Context(), object(t, fmt.Sprintf(action, "Running")), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if status, _, _ := unstructured.NestedMap(made.Object, "status"); status["state"] != "Running" || status["progress"] != int64(40) {
		t.Errorf("status %v", status)
	}
	if _, err := tenant.objects.Resource(schema.GroupVersionResource{Group: "actions.kio.kasten.io", Version: "v1alpha1", Resource: "backupactions"}).Namespace("boutique-prod").Get(t.Context(), "b", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
	if err := actions.Delete(t.Context(), "b", metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := actions.Create(t.Context(), object(t, fmt.Sprintf(action, "Succeeded")), metav1.CreateOptions{}); !apierrors.IsInvalid(err) {
		t.Errorf("a state that Kasten has not: %v", err)
	}
}

func checkProjects(t *testing.T, admin, tenant, provider someone) {
	ctx := t.Context()
	mine := tenant.objects.Resource(projectResource)
	p, err := mine.Get(ctx, "boutique-prod", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if phase, _, _ := unstructured.NestedString(p.Object, "status", "phase"); phase != "Active" || p.GetKind() != "Project" || p.GetAnnotations()["openshift.io/sa.scc.uid-range"] != "1000650000/10000" {
		t.Errorf("project %v", p.Object)
	}
	// What is for people may be changed, in each way of saying so; labels may not.
	for kind, patch := range map[types.PatchType]string{
		types.MergePatchType:          `{"metadata":{"annotations":{"openshift.io/description":"merged"}}}`,
		types.StrategicMergePatchType: `{"metadata":{"annotations":{"openshift.io/description":"strategic"}}}`,
		types.JSONPatchType:           `[{"op":"add","path":"/metadata/annotations/openshift.io~1description","value":"by JSON"}]`,
	} {
		p, err := mine.Patch(ctx, "boutique-prod", kind, []byte(patch), metav1.PatchOptions{})
		if err != nil || !strings.Contains(patch, `"`+p.GetAnnotations()["openshift.io/description"]+`"`) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	_, err = mine.Patch(ctx, "boutique-prod", types.MergePatchType, []byte(`{"metadata":{"labels":{"environment":"test"}}}`), metav1.PatchOptions{})
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "field is immutable, try updating the namespace") {
		t.Errorf("a label: %v", err)
	}
	for what, err := range map[string]error{
		"list":    func() error { _, err := mine.List(ctx, metav1.ListOptions{}); return err }(),
		"another": func() error { _, err := mine.Get(ctx, "kasten-io", metav1.GetOptions{}); return err }(),
		"create": func() error {
			_, err := mine.Create(ctx, object(t, "{apiVersion: project.openshift.io/v1, kind: Project, metadata: {name: mine}}"), metav1.CreateOptions{})
			return err
		}(),
		"request": func() error {
			_, err := tenant.objects.Resource(requestResource).Create(ctx, object(t, "{apiVersion: project.openshift.io/v1, kind: ProjectRequest, metadata: {name: mine}}"), metav1.CreateOptions{})
			return err
		}(),
	} {
		if !apierrors.IsForbidden(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := provider.objects.Resource(projectResource).Get(ctx, "nowhere", metav1.GetOptions{}); !apierrors.IsNotFound(err) || !strings.Contains(err.Error(), `projects.project.openshift.io "nowhere" not found`) {
		t.Errorf("no project: %v", err)
	}

	// A reader of OpenShift's usual rights sees in its list what it may get, and in its watch what comes.
	names := func(who someone) (out []string) {
		t.Helper()
		list, err := who.objects.Resource(projectResource).List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list.Items {
			out = append(out, p.GetName())
		}
		return out
	}
	if all := names(provider); !slices.Contains(all, "boutique-prod") || !slices.Contains(all, "kube-system") || !slices.IsSorted(all) {
		t.Errorf("the provider sees %v", all)
	}
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "lister"}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{projectResource.Group}, Resources: []string{"projects"}, Verbs: []string{"list", "watch"}}}}
	to := []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "reader"}}
	rbac := admin.client.RbacV1()
	if _, err := rbac.ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := rbac.ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: role.ObjectMeta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "lister"}, Subjects: to}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	reader := acting(t, admin, "reader")
	sandboxtest.Eventually(t, "the reader's right", 10*time.Second, func() error {
		_, err := reader.objects.Resource(projectResource).List(ctx, metav1.ListOptions{})
		return err
	})
	if seen := names(reader); len(seen) != 0 {
		t.Errorf("the reader sees %v before it has a right", seen)
	}
	// A client that would wait for a bookmark after what is there is told to list.
	streamed := metav1.ListOptions{SendInitialEvents: new(true), AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}
	if _, err := reader.objects.Resource(projectResource).Watch(ctx, streamed); !apierrors.IsInvalid(err) {
		t.Errorf("a streamed list: %v", err)
	}
	watched, err := reader.objects.Resource(projectResource).Watch(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		t.Fatal(err)
	}
	defer watched.Stop()
	if _, err := rbac.RoleBindings("boutique-staging").Create(ctx, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "reader"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"}, Subjects: to}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	select {
	case e := <-watched.ResultChan():
		if o, ok := e.Object.(*unstructured.Unstructured); !ok || e.Type != "ADDED" || o.GetName() != "boutique-staging" {
			t.Errorf("the watch tells %v %v", e.Type, e.Object)
		}
	case <-time.After(10 * time.Second):
		t.Error("the watch tells nothing")
	}
	if seen := names(reader); !slices.Equal(seen, []string{"boutique-staging"}) {
		t.Errorf("the reader sees %v", seen)
	}

	// A request makes a project that its requester administers, and that goes when it is deleted.
	request := object(t, "{apiVersion: project.openshift.io/v1, kind: ProjectRequest, metadata: {name: asked}, displayName: Asked for, description: why}")
	made, err := provider.objects.Resource(requestResource).Create(ctx, request, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if a := made.GetAnnotations(); a["openshift.io/requester"] != "provider" || a["openshift.io/display-name"] != "Asked for" || a["openshift.io/description"] != "why" {
		t.Errorf("annotations %v", a)
	}
	if b, err := rbac.RoleBindings("asked").Get(ctx, "admin", metav1.GetOptions{}); err != nil || b.RoleRef.Name != "admin" || b.Subjects[0].Name != "provider" {
		t.Errorf("binding %v, %v", b, err)
	}
	if _, err := provider.objects.Resource(requestResource).Create(ctx, request, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		t.Errorf("again: %v", err)
	}
	if err := provider.objects.Resource(projectResource).Delete(ctx, "asked", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	sandboxtest.Eventually(t, "the end of the project", 60*time.Second, func() error {
		if _, err := admin.client.CoreV1().Namespaces().Get(ctx, "asked", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is there: %w", err)
		}
		return nil
	})
}

func checkAccessReview(t *testing.T, tenant someone) {
	ask := func(namespace, action string) (map[string]any, error) {
		o, err := tenant.objects.Resource(reviewResource).Namespace(namespace).Create(t.Context(),
			object(t, "{apiVersion: authorization.openshift.io/v1, kind: LocalResourceAccessReview, "+action+"}"), metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		return o.Object, nil
	}
	got, err := ask("boutique-prod", "verb: delete, resource: secrets, resourceAPIGroup: ''")
	if err != nil {
		t.Fatal(err)
	}
	users, _, _ := unstructured.NestedStringSlice(got, "users")
	groups, _, _ := unstructured.NestedStringSlice(got, "groups")
	if !slices.Contains(users, "tenant") || !slices.Contains(users, "provider") || slices.Contains(users, "reader") || !slices.IsSorted(users) || !slices.Contains(groups, "system:masters") {
		t.Errorf("users %v, groups %v", users, groups)
	}
	if e, has := got["evalutionError"]; !has || e != "" || got["namespace"] != "boutique-prod" || got["kind"] != "ResourceAccessReviewResponse" {
		t.Errorf("answer %v", got)
	}
	// A binding whose role is missing spoils nothing but is told.
	bindings := tenant.client.RbacV1().RoleBindings("boutique-prod")
	lost := schema.GroupVersionResource{Group: rbacv1.GroupName, Version: "v1", Resource: "roles"}
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "lost"}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}}}}
	if _, err := tenant.client.RbacV1().Roles("boutique-prod").Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "lost"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "lost"},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "app"}, {Kind: "Group", APIGroup: rbacv1.GroupName, Name: "helpers"}},
	}
	binding.Subjects[0].Namespace = "boutique-prod"
	if _, err := bindings.Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	sandboxtest.Eventually(t, "the new binding", 10*time.Second, func() error {
		got, err := ask("boutique-prod", "verb: get, resource: pods")
		users, _, _ := unstructured.NestedStringSlice(got, "users")
		groups, _, _ := unstructured.NestedStringSlice(got, "groups")
		if err == nil && (!slices.Contains(users, "system:serviceaccount:boutique-prod:app") || !slices.Contains(groups, "helpers")) {
			err = fmt.Errorf("users %v, groups %v", users, groups)
		}
		return err
	})
	if err := tenant.objects.Resource(lost).Namespace("boutique-prod").Delete(t.Context(), "lost", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	sandboxtest.Eventually(t, "the missing role", 10*time.Second, func() error {
		got, err := ask("boutique-prod", "verb: get, resource: pods")
		if e, _ := got["evalutionError"].(string); err == nil && !strings.Contains(e, `"lost" not found`) {
			err = fmt.Errorf("evalutionError %q", e)
		}
		return err
	})
	if err := bindings.Delete(t.Context(), "lost", metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := ask("boutique-prod", "resource: secrets"); !apierrors.IsInvalid(err) {
		t.Errorf("no verb: %v", err)
	}
	for _, namespace := range []string{"kasten-io", "kube-system"} {
		if _, err := ask(namespace, "verb: get, resource: pods"); !apierrors.IsForbidden(err) {
			t.Errorf("in %s: %v", namespace, err)
		}
	}
}

// checkFrontProxy holds that only the API server in front is believed, from within the cluster's network.
func checkFrontProxy(t *testing.T, c Cluster) {
	first, err := c.first()
	if err != nil {
		t.Fatal(err)
	}
	f, err := newForwarder("/proc/" + first + "/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(file string) (int, string) {
		t.Helper()
		config := &tls.Config{ServerName: "api.openshift-apiserver.svc", RootCAs: pool(t, c)}
		if file != "" {
			pair, err := tls.LoadX509KeyPair(c.in("pki", file+".crt"), c.in("pki", file+".key"))
			if err != nil {
				t.Fatal(err)
			}
			config.Certificates = []tls.Certificate{pair}
		}
		client := http.Client{Transport: &http.Transport{TLSClientConfig: config, DialContext: func(context.Context, string, string) (net.Conn, error) {
			got := make(chan dialled, 1)
			f.jobs <- dialling{c.nodeIP() + ":8443", got}
			d := <-got
			if d.err != nil {
				return nil, d.err
			}
			return d.conn, nil
		}}}
		defer client.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.openshift-apiserver.svc/apis/project.openshift.io/v1/projects", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Remote-User", "provider")
		r.Header.Set("X-Remote-Group", "system:masters")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if code, body := ask("front-proxy"); code != http.StatusOK || !strings.Contains(body, "boutique-prod") {
		t.Errorf("the API server: %d %s", code, body)
	}
	for _, file := range []string{"", "tenant", "kubelet", "admin"} {
		if code, body := ask(file); code != http.StatusUnauthorized || strings.Contains(body, "boutique-prod") {
			t.Errorf("the certificate %q: %d %s", file, code, body)
		}
	}
}

func pool(t *testing.T, c Cluster) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(c.in("pki", "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	p.AppendCertsFromPEM(pem)
	return p
}

// checkMetrics reads the limits of a tenant's pod in kube-state-metrics, and the memory that it uses and what its volume
// holds in the kubelet's own metrics, both through the API server.
func checkMetrics(t *testing.T, admin, tenant someone) {
	ctx := t.Context()
	const namespace = "boutique-staging"
	for resource, text := range map[string]string{
		"persistentvolumeclaims": "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: measured}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 32Mi}}}}",
		"pods": `
apiVersion: v1
kind: Pod
metadata: {name: measured}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {runAsNonRoot: true, runAsUser: 1000660000, fsGroup: 1000660000, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: main
    image: sandbox.local/workload:1
    args: [serve]
    imagePullPolicy: Never
    resources: {limits: {cpu: 250m, memory: 64Mi}}
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: measured}}]
`,
	} {
		if _, err := tenant.objects.Resource(schema.GroupVersionResource{Version: "v1", Resource: resource}).Namespace(namespace).Create(ctx, object(t, text), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	sandboxtest.Eventually(t, "the pod", 60*time.Second, func() error {
		p, err := tenant.client.CoreV1().Pods(namespace).Get(ctx, "measured", metav1.GetOptions{})
		if err == nil && p.Status.Phase != corev1.PodRunning {
			err = fmt.Errorf("%s: %+v", p.Status.Phase, p.Status.Conditions)
		}
		return err
	})
	const metrics = "/api/v1/namespaces/openshift-monitoring/services/http:kube-state-metrics:http/proxy/metrics"
	for _, m := range []struct{ path, line string }{
		{metrics, `(?m)^kube_pod_container_resource_limits\{namespace="boutique-staging",pod="measured",[^}]*container="main",[^}]*resource="memory",unit="byte"\} 6.7108864e\+07$`},
		{metrics, `(?m)^kube_pod_container_resource_limits\{namespace="boutique-staging",pod="measured",[^}]*resource="cpu",unit="core"\} 0.25$`},
		{"/api/v1/nodes/" + node + "/proxy/metrics/resource", `(?m)^container_memory_working_set_bytes\{container="main",namespace="boutique-staging",pod="measured"\} [1-9]`},
		{"/api/v1/nodes/" + node + "/proxy/metrics/cadvisor", `(?m)^container_memory_working_set_bytes\{container="main",.*namespace="boutique-staging",pod="measured"\} [1-9]`},
		{"/api/v1/nodes/" + node + "/proxy/metrics", `(?m)^kubelet_volume_stats_capacity_bytes\{namespace="boutique-staging",persistentvolumeclaim="measured"\} [1-9]`},
		{"/api/v1/nodes/" + node + "/proxy/metrics", `(?m)^kubelet_volume_stats_available_bytes\{namespace="boutique-staging",persistentvolumeclaim="measured"\} [1-9]`},
	} {
		line := regexp.MustCompile(m.line)
		sandboxtest.Eventually(t, m.line, 60*time.Second, func() error {
			text, err := admin.client.CoreV1().RESTClient().Get().AbsPath(m.path).DoRaw(ctx)
			if err == nil && !line.Match(text) {
				err = fmt.Errorf("not in %d bytes of %s", len(text), m.path)
			}
			return err
		})
		if _, err := tenant.client.CoreV1().RESTClient().Get().AbsPath(m.path).DoRaw(ctx); !apierrors.IsForbidden(err) {
			t.Errorf("the tenant reads %s: %v", m.path, err)
		}
	}
	for _, resource := range []string{"pods", "persistentvolumeclaims"} {
		if err := tenant.objects.Resource(schema.GroupVersionResource{Version: "v1", Resource: resource}).Namespace(namespace).Delete(ctx, "measured", metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	}
}

// checkAudit holds that the log tells what the two people asked, also where they were refused, and nothing of daemons.
func checkAudit(t *testing.T, c Cluster, tenant, provider someone) {
	if _, err := tenant.client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("namespaces: %v", err)
	}
	if _, err := tenant.objects.Resource(projectResource).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("projects: %v", err)
	}
	if _, err := provider.client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Error(err)
	}
	want := map[string]bool{"tenant list namespaces 403": true, "tenant list projects 403": true, "provider list nodes 200": true, "tenant get projects 200": true}
	others := map[string]bool{}
	sandboxtest.Eventually(t, "the audit log", 10*time.Second, func() error {
		f, err := os.Open(c.in("log", "audit.jsonl"))
		if err != nil {
			return err
		}
		defer f.Close()
		left := map[string]bool{}
		for line := range want {
			left[line] = true
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e struct {
				Verb           string
				User           struct{ Username string }
				ObjectRef      struct{ Resource string }
				ResponseStatus struct{ Code int }
				RequestObject  json.RawMessage
			}
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				return err // the last line may be half there
			}
			if e.RequestObject != nil {
				t.Errorf("the log holds a body: %s", lines.Bytes())
			}
			delete(left, fmt.Sprintf("%s %s %s %d", e.User.Username, e.Verb, e.ObjectRef.Resource, e.ResponseStatus.Code))
			others[e.User.Username] = true
		}
		if len(left) > 0 {
			return fmt.Errorf("not in it: %v", left)
		}
		return lines.Err()
	})
	daemon := regexp.MustCompile(`^(admin$|system:(apiserver|kube-|node:|openshift-)|system:serviceaccount:(kube-system|openshift-monitoring):)`)
	for user := range others {
		if daemon.MatchString(user) {
			t.Errorf("the log tells of %s", user)
		}
	}
}
