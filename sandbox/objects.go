package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"sigs.k8s.io/yaml"
)

// manager is the field manager of what the sandbox puts into a cluster.
const manager = "sandbox"

// kube speaks to a cluster of any kinds.
type kube struct {
	dynamic.Interface
	mapper *restmapper.DeferredDiscoveryRESTMapper
}

func newKube(conf *rest.Config) (*kube, error) {
	conf = rest.CopyConfig(conf)
	conf.QPS = -1 // as many requests as we like
	conf.WarningHandler = rest.NoWarnings{}
	d, err := discovery.NewDiscoveryClientForConfig(conf)
	if err != nil {
		return nil, err
	}
	dyn, err := dynamic.NewForConfig(conf)
	if err != nil {
		return nil, err
	}
	return &kube{dyn, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(d))}, nil
}

// of gives access to the objects of a kind, in a namespace where the kind has them.
func (k *kube) of(kind schema.GroupVersionKind, namespace string) (dynamic.ResourceInterface, error) {
	m, err := k.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		return nil, &unknownKind{kind}
	}
	if err != nil {
		return nil, err
	}
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		return k.Resource(m.Resource).Namespace(namespace), nil
	}
	return k.Resource(m.Resource), nil
}

// An unknownKind is one that the cluster does not have: its API was removed, or nobody brought its definition.
type unknownKind struct{ kind schema.GroupVersionKind }

func (u *unknownKind) Error() string {
	return fmt.Sprintf("the cluster knows no %s of %s", u.kind.Kind, u.kind.GroupVersion())
}

// apply applies an object on the server's side: again and again it is the same.
func (k *kube) apply(ctx context.Context, o *unstructured.Unstructured) error {
	r, err := k.of(o.GroupVersionKind(), o.GetNamespace())
	if err != nil {
		return err
	}
	text, err := o.MarshalJSON()
	if err != nil {
		return err
	}
	force := true
	_, err = r.Patch(ctx, o.GetName(), types.ApplyPatchType, text, metav1.PatchOptions{FieldManager: manager, Force: &force, FieldValidation: metav1.FieldValidationStrict})
	return err
}

// has says whether an object is there.
func (k *kube) has(ctx context.Context, kind schema.GroupVersionKind, namespace, name string) (bool, error) {
	r, err := k.of(kind, namespace)
	if err != nil {
		return false, err
	}
	_, err = r.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// remove deletes an object with all that it owns; one that is not there, or cannot be, is none.
func (k *kube) remove(ctx context.Context, kind schema.GroupVersionKind, namespace, name string) error {
	r, err := k.of(kind, namespace)
	var unknown *unknownKind
	if errors.As(err, &unknown) {
		return nil
	}
	if err != nil {
		return err
	}
	policy := metav1.DeletePropagationForeground
	err = r.Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &policy})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// list reads the objects of a kind as their Go type.
func list[T any](ctx context.Context, k *kube, kind schema.GroupVersionKind, namespace, selector string) ([]T, error) {
	r, err := k.of(kind, namespace)
	if err != nil {
		return nil, err
	}
	found, err := r.List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	out := make([]T, len(found.Items))
	for i := range found.Items {
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Items[i].Object, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// kindOf is short for a kind by its group, version and name.
func kindOf(group, version, kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: group, Version: version, Kind: kind}
}

// called is how people call an object.
func called(o *unstructured.Unstructured) string {
	if o.GetNamespace() == "" {
		return o.GetKind() + " " + o.GetName()
	}
	return o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
}

// documents reads the objects of a text in YAML or JSON.
func documents(text []byte) (objects []*unstructured.Unstructured, errs []error) {
	r := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		doc, err := r.Read()
		if errors.Is(err, io.EOF) {
			return objects, errs
		}
		if err != nil {
			return objects, append(errs, err)
		}
		raw, err := yaml.YAMLToJSONStrict(doc)
		if err != nil {
			errs = append(errs, fmt.Errorf("not read: %w", err))
			continue
		}
		if string(raw) == "null" {
			continue // comments alone
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(raw); err != nil {
			errs = append(errs, errors.New("not an object of Kubernetes: it has no kind"))
			continue
		}
		if o.GetAPIVersion() == "" || o.GetName() == "" {
			errs = append(errs, errors.New("not an object of Kubernetes: it has no apiVersion or name"))
			continue
		}
		objects = append(objects, o)
	}
}

// A podOf is the pod of a manifest's object.
type podOf struct {
	object *unstructured.Unstructured
	path   []string // of its spec in the object
	spec   corev1.PodSpec
	ends   bool // it belongs to a job
}

// pod finds the pod of an object; no spec: it has none.
func pod(o *unstructured.Unstructured) (p podOf, ok bool, err error) {
	p.object = o
	switch o.GetKind() {
	case "Pod":
		p.path = []string{"spec"}
	case "Deployment", "StatefulSet", "DaemonSet", "DeploymentConfig", "Job":
		p.path = []string{"spec", "template", "spec"}
	case "CronJob":
		p.path = []string{"spec", "jobTemplate", "spec", "template", "spec"}
	default:
		return p, false, nil
	}
	p.ends = strings.HasSuffix(o.GetKind(), "Job")
	spec, ok, err := unstructured.NestedMap(o.Object, p.path...)
	if err != nil || !ok {
		return p, false, err
	}
	return p, true, runtime.DefaultUnstructuredConverter.FromUnstructured(spec, &p.spec)
}

// A manifest is an object with the file that it is from, below the tenant's folder.
type manifest struct {
	*unstructured.Unstructured
	file string
}

// readTenant reads every manifest below a folder; what is none is told.
func readTenant(dir fs.FS) (all []manifest, told []string, err error) {
	err = fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)) {
			return err
		}
		text, err := fs.ReadFile(dir, path)
		if err != nil {
			return err
		}
		objects, errs := documents(text)
		for _, err := range errs {
			told = append(told, fmt.Sprintf("%s: %v", path, oneLine(err)))
		}
		for _, o := range objects {
			all = append(all, manifest{o, path})
		}
		return nil
	})
	return all, told, err
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
