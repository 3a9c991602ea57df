package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
)

const loadUsage = `Load puts objects into a cluster that is up.

  go run ./sandbox load                           the tenant of examples/boutique, as running pods (-tenant DIR: another)
  go run ./sandbox load -objects N -namespaces M  N objects in M namespaces, for measurements
  go run ./sandbox load -remove                   takes away what load made

-n N names the cluster; -wait 90s is how long pods may take to run. Exit code 1: a pod does not run, or an object was
refused for another reason than that the cluster does not know its kind.

`

// madeBy labels what load makes beside the manifests, which stay as they are.
const madeBy = "sandbox.local/load"

// load is the command.
func load(ctx context.Context, cache string, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("load", flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(fs.Output(), loadUsage) }
	n, tenant, wait := fs.Int("n", 0, ""), fs.String("tenant", "", ""), fs.Duration("wait", patience, "")
	objects, namespaces, remove := fs.Int("objects", 0, ""), fs.Int("namespaces", 1, ""), fs.Bool("remove", false, "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("%q is not taken: see sandbox load -h", fs.Arg(0))
	}
	c, err := open(cache, *n)
	if err != nil {
		return err
	}
	if c.keeper() == 0 {
		return c.isDown()
	}
	conf, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		return err
	}
	k, err := newKube(conf)
	if err != nil {
		return err
	}
	if *objects > 0 {
		return k.bulk(ctx, *objects, *namespaces, out)
	}
	if *tenant == "" {
		source, err := sourceDir()
		if err != nil {
			return err
		}
		*tenant = filepath.Join(source, "..", "examples", "boutique")
	}
	t, err := readTenantOf(*tenant)
	if err != nil {
		return err
	}
	if *remove {
		return t.remove(ctx, c, k, out)
	}
	return t.load(ctx, c, k, *wait, out)
}

// A tenant is what its manifests say.
type tenant struct {
	all  []manifest
	told []string // what is no manifest, and why
	pods []podOf
}

func readTenantOf(dir string) (t tenant, err error) {
	if t.all, t.told, err = readTenant(os.DirFS(dir)); err != nil {
		return t, fmt.Errorf("read the tenant: %w", err)
	}
	if len(t.all) == 0 {
		return t, fmt.Errorf("%s holds no manifest: -tenant names a folder", dir)
	}
	// What others need comes first: namespaces, then all but pods.
	rank := func(m manifest) int {
		_, isPod, _ := pod(m.Unstructured) // its error is told below
		switch {
		case m.GetKind() == "Namespace":
			return 0
		case isPod:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(t.all, func(a, b manifest) int { return rank(a) - rank(b) })
	for _, m := range t.all {
		p, ok, err := pod(m.Unstructured)
		if err != nil {
			return t, fmt.Errorf("%s: %s: %w", m.file, called(m.Unstructured), err)
		}
		if ok {
			t.pods = append(t.pods, p)
		}
	}
	return t, nil
}

// load makes the tenant run. The manifests stay as they are, but for what a pod could not run without, which is told.
func (t tenant) load(ctx context.Context, c Cluster, k *kube, wait time.Duration, out io.Writer) error {
	for _, line := range t.told {
		fmt.Fprintln(out, "no manifest:", line)
	}
	begin := time.Now()
	if err := c.importImages(ctx, standIns(t.pods)); err != nil {
		return err
	}
	for _, line := range t.neverPull() {
		fmt.Fprintln(out, "changed:", line)
	}
	applied, refused := 0, 0
	var running []*unstructured.Unstructured
	needed := false
	for _, m := range t.all {
		p, isPod, err := pod(m.Unstructured)
		if isPod && !needed { // the namespaces are there by now
			needed = true
			if err := t.make(ctx, k, out); err != nil {
				return err
			}
		}
		if err == nil {
			err = k.apply(ctx, m.Unstructured)
		}
		var unknown *unknownKind
		switch {
		case err == nil:
			applied++
			switch {
			case isPod && m.GetKind() == "DeploymentConfig":
				fmt.Fprintf(out, "applied, not run: %s: OpenShift's controller of its kind is not here\n", called(m.Unstructured))
			case isPod && !p.ends:
				running = append(running, m.Unstructured)
			}
			continue
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.As(err, &unknown):
			refused++
		}
		fmt.Fprintf(out, "refused: %s: %s: %v\n", m.file, called(m.Unstructured), oneLine(err))
	}
	fmt.Fprintf(out, "%d objects of %d are applied after %.1f s\n", applied, len(t.all), time.Since(begin).Seconds())
	stopped, err := k.awaitPods(ctx, running, wait, out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d workloads of %d run after %.1f s\n", len(running)-stopped, len(running), time.Since(begin).Seconds())
	if stopped+refused > 0 {
		return fmt.Errorf("%d workloads do not run, %d objects were refused: the lines above say why", stopped, refused)
	}
	return nil
}

// neverPull keeps the kubelet from pulling an image that is here. Its default for an image without a tag, or with the tag
// latest, is to pull it always.
func (t tenant) neverPull() (changed []string) {
	for _, p := range t.pods {
		for _, field := range []string{"initContainers", "containers"} {
			at := append(slices.Clone(p.path), field)
			containers, ok, err := unstructured.NestedSlice(p.object.Object, at...)
			if err != nil || !ok {
				continue // pod() has read it
			}
			for _, one := range containers {
				c := one.(map[string]any)
				image, _ := c["image"].(string)
				policy, _ := c["imagePullPolicy"].(string)
				if name := image[strings.LastIndex(image, "/")+1:]; strings.TrimSpace(image) != "" && (policy == "Always" ||
					policy == "" && (!strings.Contains(name, ":") || strings.HasSuffix(name, ":latest"))) {
					c["imagePullPolicy"] = "IfNotPresent"
					changed = append(changed, fmt.Sprintf("%s: container %v: imagePullPolicy IfNotPresent, else %s would be pulled", called(p.object), c["name"], image))
				}
			}
			if err := unstructured.SetNestedSlice(p.object.Object, containers, at...); err != nil {
				panic(err) // it was there
			}
		}
	}
	return changed
}

// make makes what pods cannot start without and no manifest holds: Secrets, which a tenant keeps elsewhere, and classes
// of volumes, which are the platform's. What the cluster has already stays.
func (t tenant) make(ctx context.Context, k *kube, out io.Writer) error {
	for _, o := range append(t.secrets(), t.classes()...) {
		there, err := k.has(ctx, o.GroupVersionKind(), o.GetNamespace(), o.GetName())
		if err != nil {
			return fmt.Errorf("look for %s: %w", called(o), err)
		}
		if there {
			continue
		}
		if err := k.apply(ctx, o); err != nil {
			return fmt.Errorf("make %s: %w", called(o), err)
		}
		fmt.Fprintf(out, "made: %s, which manifests name and none holds\n", called(o))
	}
	return nil
}

func (t tenant) holds(kind, namespace, name string) bool {
	return slices.ContainsFunc(t.all, func(m manifest) bool {
		return m.GetKind() == kind && m.GetNamespace() == namespace && m.GetName() == name
	})
}

// secrets are those that pods need, with the keys that they ask for.
func (t tenant) secrets() (out []*unstructured.Unstructured) {
	type named struct{ namespace, name string }
	keys := map[named]map[string]any{}
	need := func(namespace, name string, optional *bool, more ...string) {
		at := named{namespace, name}
		if optional != nil && *optional || name == "" || t.holds("Secret", namespace, name) {
			return
		}
		if keys[at] == nil {
			keys[at] = map[string]any{}
		}
		for _, key := range more {
			keys[at][key] = "made-by-the-sandbox"
		}
	}
	for _, p := range t.pods {
		ns := p.object.GetNamespace()
		for _, c := range slices.Concat(p.spec.InitContainers, p.spec.Containers) {
			for _, e := range c.Env {
				if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
					need(ns, e.ValueFrom.SecretKeyRef.Name, e.ValueFrom.SecretKeyRef.Optional, e.ValueFrom.SecretKeyRef.Key)
				}
			}
			for _, e := range c.EnvFrom {
				if e.SecretRef != nil {
					need(ns, e.SecretRef.Name, e.SecretRef.Optional)
				}
			}
		}
		for _, v := range p.spec.Volumes {
			if v.Secret == nil {
				continue
			}
			need(ns, v.Secret.SecretName, v.Secret.Optional)
			for _, item := range v.Secret.Items {
				need(ns, v.Secret.SecretName, v.Secret.Optional, item.Key)
			}
		}
	}
	for at, data := range keys {
		out = append(out, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Secret", "stringData": data,
			"metadata": map[string]any{"namespace": at.namespace, "name": at.name, "labels": map[string]any{madeBy: "tenant"}},
		}})
	}
	slices.SortFunc(out, func(a, b *unstructured.Unstructured) int { return strings.Compare(called(a), called(b)) })
	return out
}

// classes are those of volumes that claims name, on the sandbox's driver. Volumes are made at once, as by the classes of
// OpenShift Data Foundation, whose names the example has.
func (t tenant) classes() (out []*unstructured.Unstructured) {
	named := map[string]bool{}
	for _, m := range t.all {
		if name, _, _ := unstructured.NestedString(m.Object, "spec", "storageClassName"); m.GetKind() == "PersistentVolumeClaim" && name != "" {
			named[name] = true
		}
		templates, _, _ := unstructured.NestedSlice(m.Object, "spec", "volumeClaimTemplates")
		for _, one := range templates {
			claim, _ := one.(map[string]any)
			if name, _, _ := unstructured.NestedString(claim, "spec", "storageClassName"); name != "" {
				named[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if t.holds("StorageClass", "", name) {
			continue
		}
		out = append(out, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "volumes.sandbox.local", "allowVolumeExpansion": true,
			"volumeBindingMode": "Immediate", "metadata": map[string]any{"name": name, "labels": map[string]any{madeBy: "tenant"}},
		}})
	}
	return out
}

// awaitPods waits until the pods of workloads run, and says of the others why not.
func (k *kube) awaitPods(ctx context.Context, all []*unstructured.Unstructured, limit time.Duration, out io.Writer) (stopped int, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	left := slices.Clone(all)
	for len(left) > 0 {
		var wait []*unstructured.Unstructured
		for _, o := range left {
			runs, err := k.runs(ctx, o)
			if err != nil && ctx.Err() == nil {
				return 0, fmt.Errorf("look at %s: %w", called(o), err)
			}
			if !runs {
				wait = append(wait, o)
			}
		}
		if left = wait; len(left) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return 0, ctx.Err()
			}
			for _, o := range left {
				fmt.Fprintf(out, "does not run: %s: %s\n", called(o), k.whyNot(context.WithoutCancel(ctx), o))
			}
			return len(left), nil
		case <-time.After(250 * time.Millisecond):
		}
	}
	return 0, nil
}

// runs says whether all pods of a workload are ready, as its controller has seen them.
func (k *kube) runs(ctx context.Context, o *unstructured.Unstructured) (bool, error) {
	r, err := k.of(o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return false, err
	}
	now, err := r.Get(ctx, o.GetName(), metav1.GetOptions{})
	if err != nil {
		return false, err
	}
	number := func(path ...string) int64 {
		n, _, _ := unstructured.NestedInt64(now.Object, path...) // none is 0
		return n
	}
	if o.GetKind() == "Pod" {
		phase, _, _ := unstructured.NestedString(now.Object, "status", "phase")
		return phase == string(corev1.PodRunning), nil
	}
	if number("status", "observedGeneration") < now.GetGeneration() {
		return false, nil
	}
	if o.GetKind() == "DaemonSet" {
		return number("status", "numberReady") == number("status", "desiredNumberScheduled"), nil
	}
	want := number("spec", "replicas")
	return number("status", "updatedReplicas") == want && number("status", "readyReplicas") == want && number("status", "replicas") == want, nil
}

// whyNot says why a workload does not run, by its pods, else by its events.
func (k *kube) whyNot(ctx context.Context, o *unstructured.Unstructured) string {
	labels, _, _ := unstructured.NestedStringMap(o.Object, "spec", "selector", "matchLabels")
	pods, err := list[corev1.Pod](ctx, k, kindOf("", "v1", "Pod"), o.GetNamespace(), metav1.FormatLabelSelector(&metav1.LabelSelector{MatchLabels: labels}))
	if err != nil {
		return err.Error()
	}
	var why []string
	for _, p := range pods {
		if w := podState(p); w != "" {
			why = append(why, "pod "+p.Name+": "+w)
		}
	}
	if len(why) > 0 {
		return strings.Join(why, "; ")
	}
	events, err := list[corev1.Event](ctx, k, kindOf("", "v1", "Event"), o.GetNamespace(), "")
	if err != nil {
		return err.Error()
	}
	for _, e := range events { // of the workload, or of what it owns and names after itself
		if e.Type == corev1.EventTypeWarning && strings.HasPrefix(e.InvolvedObject.Name, o.GetName()) {
			why = append(why, e.Reason+": "+e.Message)
		}
	}
	if len(why) > 0 {
		return why[len(why)-1]
	}
	return "nothing says why"
}

// podState says what keeps a pod from running, and nothing of one that does.
func podState(p corev1.Pod) string {
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		if w := s.State.Waiting; w != nil && w.Reason != "PodInitializing" {
			why := fmt.Sprintf("container %s is waiting, %s: %s", s.Name, w.Reason, w.Message)
			if t := s.LastTerminationState.Terminated; t != nil {
				why += fmt.Sprintf(" (it ended with %d, %s)", t.ExitCode, t.Reason)
			}
			return why
		}
	}
	for _, c := range p.Status.Conditions {
		if c.Status == corev1.ConditionFalse && (c.Type == corev1.PodScheduled || c.Type == corev1.ContainersReady) {
			return c.Reason + ": " + c.Message
		}
	}
	return ""
}

// remove takes away the tenant and the objects of bulk, and waits until they are gone.
func (t tenant) remove(ctx context.Context, c Cluster, k *kube, out io.Writer) error {
	begin := time.Now()
	type gone struct {
		kind string
		name string
	}
	going := map[gone]bool{}
	for _, m := range slices.Backward(t.all) {
		if m.GetKind() == "Namespace" {
			going[gone{"Namespace", m.GetName()}] = true
			continue
		}
		if m.GetNamespace() != "" && t.holds("Namespace", "", m.GetNamespace()) {
			continue // goes with its namespace
		}
		if err := k.remove(ctx, m.GroupVersionKind(), m.GetNamespace(), m.GetName()); err != nil {
			return fmt.Errorf("remove %s: %w", called(m.Unstructured), err)
		}
	}
	for _, kind := range []string{"Namespace", "StorageClass"} {
		group := map[string]string{"StorageClass": "storage.k8s.io"}[kind]
		made, err := list[metav1.PartialObjectMetadata](ctx, k, kindOf(group, "v1", kind), "", madeBy)
		if err != nil {
			return err
		}
		for _, o := range made {
			going[gone{kind, o.Name}] = true
		}
	}
	for g := range going {
		group := map[string]string{"StorageClass": "storage.k8s.io"}[g.kind]
		if err := k.remove(ctx, kindOf(group, "v1", g.kind), "", g.name); err != nil {
			return fmt.Errorf("remove %s %s: %w", g.kind, g.name, err)
		}
	}
	for g := range going {
		group := map[string]string{"StorageClass": "storage.k8s.io"}[g.kind]
		if err := await(ctx, "the end of "+g.kind+" "+g.name, func() error {
			there, err := k.has(ctx, kindOf(group, "v1", g.kind), "", g.name)
			if err == nil && there {
				err = errors.New("it is still there")
			}
			return err
		}); err != nil {
			return err
		}
	}
	if err := c.removeImages(ctx, standIns(t.pods)); err != nil {
		return err
	}
	// The tenant's namespaces are the platform's, and there before load: they come back, empty.
	api, err := c.apiClientAt(fmt.Sprintf("https://127.0.0.1:%d", c.port()))
	if err != nil {
		return err
	}
	if err := api.applyAll(c.in("etc", "openshift")); err != nil {
		return err
	}
	fmt.Fprintf(out, "what load made is gone after %.1f s\n", time.Since(begin).Seconds())
	return nil
}
