package main

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// checkLoad holds that the example tenant runs under the images' own names, that what the cluster refuses is told, that
// a second load changes nothing, and that many objects are made.
func checkLoad(t *testing.T, c Cluster, kubectl func(t *testing.T, args ...string) string) {
	out := sandbox(t, c, "load")
	t.Log(out)
	for _, want := range []string{
		"no manifest: tools/metrics.yaml: not read: ", "refused: admin/admin.yaml: HorizontalPodAutoscaler boutique-prod/admin: the cluster knows no HorizontalPodAutoscaler of autoscaling/v2beta2",
		"refused: legacy/gateway.yaml: PodDisruptionBudget boutique-prod/gateway: ", "changed: StatefulSet boutique-prod/stock-db: container stock-db: imagePullPolicy",
		"made: Secret boutique-prod/stock-db, ", "12 workloads of 12 run",
		"applied, not run: DeploymentConfig boutique-prod/gateway: ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("not told: %s", want)
		}
	}
	k := client(t, c)
	pods, err := list[corev1.Pod](t.Context(), k, kindOf("", "v1", "Pod"), prod, "")
	if err != nil || len(pods) < 17 {
		t.Fatalf("%d pods, %v", len(pods), err)
	}
	for _, p := range pods {
		name, digest, pinned := strings.Cut(p.Spec.Containers[0].Image, "@")
		repository := name[:strings.LastIndex(name, ":")]
		if s := p.Status.ContainerStatuses[0]; !s.Ready || s.RestartCount > 0 || !strings.HasPrefix(s.ImageID, repository+"@") || pinned && !strings.HasSuffix(s.ImageID, digest) {
			t.Errorf("%s: %s as %s, ready %v, %d restarts", p.Name, p.Spec.Containers[0].Image, s.ImageID, s.Ready, s.RestartCount)
		}
	}
	kubectl(t, "exec", "-n", prod, "deployment/admin", "--", "/workload", "get", "http://front."+prod+"/x") // pods speak to each other
	before := kubectl(t, "get", "pods", "-A", "-o", "name")
	if again := sandbox(t, c, "load"); strings.Contains(again, "made: ") || !strings.Contains(again, "12 workloads of 12 run") {
		t.Errorf("the second load: %s", again)
	}
	after := kubectl(t, "get", "pods", "-A", "-o", "name")
	for _, name := range strings.Fields(before) { // the autoscaler may have made more
		if !strings.Contains(after, name+"\n") {
			t.Errorf("the second load took %s away", name)
		}
	}
	t.Log(sandbox(t, c, "load", "-objects", "170", "-namespaces", "2"))
	if again := sandbox(t, c, "load", "-objects", "170", "-namespaces", "2"); !strings.HasPrefix(again, "0 objects made in 2 namespaces, 170 were there") {
		t.Errorf("the second load: %s", again)
	}
	if got := strings.Count(kubectl(t, "get", "deployments,services,configmaps,secrets,poddisruptionbudgets,networkpolicies,cronjobs", "-A", "-l", "app.kubernetes.io/part-of=bulk", "-o", "name"), "\n"); got != 170 {
		t.Errorf("%d objects are there, want 170", got)
	}
}

// checkLoadRemoves holds that nothing of what load made is left.
func checkLoadRemoves(t *testing.T, c Cluster, kubectl func(t *testing.T, args ...string) string) {
	t.Log(sandbox(t, c, "load", "-remove"))
	if got := kubectl(t, "get", "namespaces,storageclasses,persistentvolumes", "-o", "name"); strings.Contains(got, "bulk") || strings.Contains(got, "ocs-") || strings.Contains(got, "pvc-") {
		t.Errorf("left: %s", got)
	}
	if got := kubectl(t, "get", "all,secrets,pvc", "-n", prod, "-o", "name"); got != "" {
		t.Errorf("left in the tenant's namespace: %s", got)
	}
	if got := kubectl(t, "get", "rolebindings", "-n", prod, "-o", "name"); !strings.Contains(got, "tenant") {
		t.Errorf("the tenant's rights are gone with what load made: %s", got)
	}
}
