package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// bulkKinds are the kinds of one application after the other, about as often as tenants have them: every second
// application has a CronJob, and each has more ConfigMaps and Secrets than anything else.
var bulkKinds = []string{
	"Deployment", "Service", "ConfigMap", "Secret", "PodDisruptionBudget", "NetworkPolicy", "ConfigMap", "Secret", "CronJob",
	"Deployment", "Service", "ConfigMap", "Secret", "PodDisruptionBudget", "NetworkPolicy", "ConfigMap", "Secret",
}

// bulkObject makes object i. Nothing depends on how many others there are, except its namespace on the number of those.
func bulkObject(i, namespaces int) *unstructured.Unstructured {
	kind, round := bulkKinds[i%len(bulkKinds)], i/len(bulkKinds)
	app := fmt.Sprintf("app-%05d", 2*round+i%len(bulkKinds)/9)
	name := app
	if kind == "ConfigMap" || kind == "Secret" {
		name = fmt.Sprintf("%s-%d", app, i%len(bulkKinds))
	}
	type m = map[string]any
	labels := m{"app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "bulk"}
	o := m{"kind": kind, "apiVersion": "v1", "metadata": m{"name": name, "namespace": bulkNamespace(round % namespaces), "labels": labels}}
	selector := m{"matchLabels": m{"app.kubernetes.io/name": app}}
	spec := m{"containers": []any{m{
		"name": "app", "image": fmt.Sprintf("registry.example.test/bulk/%s:1.%d.0", app, i%7), "ports": []any{m{"name": "http", "containerPort": int64(8080)}},
		"resources":      m{"requests": m{"cpu": fmt.Sprintf("%dm", 50*(1+i%10)), "memory": "128Mi"}, "limits": m{"memory": "256Mi"}},
		"readinessProbe": m{"httpGet": m{"path": "/ready", "port": "http"}},
		"env":            []any{m{"name": "PASSWORD", "valueFrom": m{"secretKeyRef": m{"name": app + "-3", "key": "password"}}}},
	}}}
	switch kind {
	case "Deployment":
		o["apiVersion"] = "apps/v1"
		o["spec"] = m{"replicas": int64(0), "selector": selector, "template": m{"metadata": m{"labels": labels}, "spec": spec}}
	case "CronJob":
		o["apiVersion"] = "batch/v1"
		spec["restartPolicy"] = "Never"
		o["spec"] = m{"suspend": true, "schedule": fmt.Sprintf("%d %d * * *", i%60, i%24), "jobTemplate": m{"spec": m{"template": m{"metadata": m{"labels": labels}, "spec": spec}}}}
	case "Service":
		o["spec"] = m{"clusterIP": "None", "selector": labels, "ports": []any{m{"name": "http", "port": int64(80), "targetPort": "http"}}}
	case "ConfigMap":
		o["data"] = m{"application.properties": strings.Repeat(fmt.Sprintf("feature.%05d=on\n", i), 10+i%90)}
	case "Secret":
		o["stringData"] = m{"password": fmt.Sprintf("made-up-%05d", i)}
	case "PodDisruptionBudget":
		o["apiVersion"] = "policy/v1"
		o["spec"] = m{"maxUnavailable": int64(1), "selector": selector}
	case "NetworkPolicy":
		o["apiVersion"] = "networking.k8s.io/v1"
		o["spec"] = m{"podSelector": selector, "policyTypes": []any{"Ingress"}, "ingress": []any{m{"from": []any{m{"podSelector": m{}}}}}}
	}
	return &unstructured.Unstructured{Object: o}
}

func bulkNamespace(i int) string { return fmt.Sprintf("bulk-%04d", i) }

// bulk makes n objects in so many namespaces; what is there already stays.
func (k *kube) bulk(ctx context.Context, n, namespaces int, out io.Writer) error {
	if namespaces < 1 || namespaces > n {
		return fmt.Errorf("-namespaces %d: want 1 to %d, as many as objects at most", namespaces, n)
	}
	begin := time.Now()
	if _, err := k.create(ctx, namespaces, func(i int) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": bulkNamespace(i), "labels": map[string]any{madeBy: "bulk"}},
		}}
	}); err != nil {
		return err
	}
	made, err := k.create(ctx, n, func(i int) *unstructured.Unstructured { return bulkObject(i, namespaces) })
	took := time.Since(begin).Seconds()
	fmt.Fprintf(out, "%d objects made in %d namespaces, %d were there, in %.1f s: %.0f objects/s\n", made, namespaces, n-made, took, float64(n)/took)
	return err
}

// create makes objects 0 to n-1, several at a time, and counts those that were not there.
func (k *kube) create(ctx context.Context, n int, object func(i int) *unstructured.Unstructured) (int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, made atomic.Int64
	var all sync.WaitGroup
	for range 8 * runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				o := object(i)
				r, err := k.of(o.GroupVersionKind(), o.GetNamespace())
				if err == nil {
					_, err = r.Create(ctx, o, metav1.CreateOptions{FieldManager: manager})
				}
				switch {
				case err == nil:
					made.Add(1)
				case !apierrors.IsAlreadyExists(err):
					cancel(fmt.Errorf("make %s: %w", called(o), err))
				}
			}
		})
	}
	all.Wait()
	return int(made.Load()), context.Cause(ctx)
}
