package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// people are those who use a cluster, by the name that -as takes. The administrator's rights are beyond every check; the
// provider's come from a binding, as those of people on a real platform do.
var people = []string{"admin", "tenant", "provider"}

// KubeconfigAs is the path of somebody's, with the server on loopback.
func (c Cluster) KubeconfigAs(who string) (string, error) {
	switch {
	case who == "admin":
		return c.Kubeconfig(), nil
	case slices.Contains(people, who):
		return c.in("pki", "host-"+who+".kubeconfig"), nil
	}
	return "", fmt.Errorf("-as %q: want one of %q", who, people)
}

// platform makes of a Kubernetes cluster what looks like OpenShift to those who ask it: definitions of its resources and
// of the software around it, the tenant with its namespaces and rights, the aggregated APIs, and the metrics of objects.
//
// Without a node the aggregated APIs are missing, and the metrics: there is no address that they could be reached at.
func (c Cluster) platform(ctx context.Context, n *daemons, p Programs, o options, api *apiClient, say func(string)) error {
	pki := func(file string) string { return c.in("pki", file) }
	definitions := make(chan error, 1)
	go func() { definitions <- api.applyCRDs(ctx, p.In("crds", ""), ownKinds) }()
	if !o.controlPlane {
		n.start("openshift", p.k8s("openshift", "-listen", c.nodeIP()+":8443", "-kubeconfig", pki("openshift.kubeconfig"),
			"-cert", pki("openshift.crt"), "-key", pki("openshift.key"), "-front-proxy-ca", pki("ca.crt")))
	}
	if err := api.applyAll(c.in("etc", "openshift")); err != nil {
		return errors.Join(err, <-definitions)
	}
	if o.controlPlane {
		return <-definitions
	}
	if err := api.aggregate(ctx, fmt.Sprintf("https://%s:8443/readyz", c.nodeIP()), pki("ca.crt")); err != nil {
		return errors.Join(err, <-definitions)
	}
	say("OpenShift's aggregated APIs are served")
	if err := <-definitions; err != nil {
		return err
	}
	say("the custom resources are defined")
	return await(ctx, "kube-state-metrics", func() error {
		return api.get("/api/v1/namespaces/openshift-monitoring/services/http:kube-state-metrics:http/proxy/livez", nil)
	})
}

// collections are where the objects of a kind are; %s stands for their namespace.
var collections = map[string]string{
	"Namespace": "/api/v1/namespaces", "Service": "/api/v1/namespaces/%s/services", "ServiceAccount": "/api/v1/namespaces/%s/serviceaccounts",
	"EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices", "Deployment": "/apis/apps/v1/namespaces/%s/deployments",
	"ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles", "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
	"RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/%s/rolebindings",
}

// applyAll applies the objects of a folder's files, in their order. kubectl would first ask what there is, and that is
// being defined meanwhile.
func (a *apiClient) applyAll(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for document := range strings.SplitSeq(string(text), "\n---\n") {
			var head struct {
				Kind     string
				Metadata struct{ Name, Namespace string }
			}
			if err := yaml.Unmarshal([]byte(document), &head); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			path, known := collections[head.Kind]
			if !known {
				return fmt.Errorf("%s: no collection of %q is known: add it to collections", file, head.Kind)
			}
			path = strings.ReplaceAll(path, "%s", head.Metadata.Namespace) + "/" + url.PathEscape(head.Metadata.Name)
			if err := a.apply(path, []byte(document), nil); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

// aggregate has the API server send groups on to the stand-in once that answers, and waits until it does. Where it was told
// so by an earlier start, it has looked too early, and looks again later and later; but at once where the object changes.
func (a *apiClient) aggregate(ctx context.Context, ready, caFile string) error {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	if err := await(ctx, "the stand-in for OpenShift's API server", func() error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, ready, nil)
		if err != nil {
			return err
		}
		return a.do(r, nil)
	}); err != nil {
		return err
	}
	for _, group := range []string{"project.openshift.io", "authorization.openshift.io"} {
		object, err := encode(map[string]any{
			"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
			"metadata": map[string]any{"name": "v1." + group, "annotations": map[string]any{"sandbox.local/started": time.Now().Format(time.RFC3339Nano)}},
			"spec": map[string]any{
				"group": group, "version": "v1", "groupPriorityMinimum": 9900, "versionPriority": 15, "caBundle": ca,
				"service": map[string]any{"name": "api", "namespace": "openshift-apiserver", "port": 443},
			},
		})
		if err != nil {
			return err
		}
		if err := a.apply("/apis/apiregistration.k8s.io/v1/apiservices/v1."+group, object, nil); err != nil {
			return err
		}
		if err := await(ctx, group, func() error { return a.get("/apis/"+group+"/v1", nil) }); err != nil {
			return err
		}
	}
	return nil
}
