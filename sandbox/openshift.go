package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
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
	definitions := make(chan error, 1)
	go func() { definitions <- api.applyCRDs(ctx, p.In("crds", ""), ownKinds) }()
	if err := run(ctx, n.env, p.k8s("kubectl", "apply", "--server-side", "-f", c.in("etc", "openshift"))...); err != nil {
		return errors.Join(err, <-definitions)
	}
	pki := func(file string) string { return c.in("pki", file) }
	if o.controlPlane {
		return <-definitions
	}
	n.start("openshift", p.k8s("openshift", "-listen", c.nodeIP()+":8443", "-kubeconfig", pki("openshift.kubeconfig"),
		"-cert", pki("openshift.crt"), "-key", pki("openshift.key"), "-front-proxy-ca", pki("ca.crt")))
	ca, err := os.ReadFile(pki("ca.crt"))
	if err != nil {
		return errors.Join(err, <-definitions)
	}
	for _, group := range []string{"project.openshift.io", "authorization.openshift.io"} {
		if err := api.aggregate(ctx, group, ca); err != nil {
			return errors.Join(err, <-definitions)
		}
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

// aggregate has the API server send a group on to the stand-in, and waits until it does.
func (a *apiClient) aggregate(ctx context.Context, group string, ca []byte) error {
	name := "v1." + group
	object, err := encode(map[string]any{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": map[string]any{"name": name},
		"spec": map[string]any{
			"group": group, "version": "v1", "groupPriorityMinimum": 9900, "versionPriority": 15, "caBundle": ca,
			"service": map[string]any{"name": "api", "namespace": "openshift-apiserver", "port": 443},
		},
	})
	if err != nil {
		return err
	}
	path := "/apis/apiregistration.k8s.io/v1/apiservices/" + name
	if err := a.apply(path, object, nil); err != nil {
		return err
	}
	return await(ctx, name, func() error {
		var s struct {
			Status struct {
				Conditions []struct{ Type, Status, Message string }
			}
		}
		if err := a.get(path, &s); err != nil {
			return err
		}
		for _, c := range s.Status.Conditions {
			if c.Type == "Available" && c.Status == "True" {
				return nil
			}
		}
		return fmt.Errorf("it is not available: %v", s.Status.Conditions)
	})
}
