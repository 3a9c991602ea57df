package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	texttemplate "text/template"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// faultLabel is on each object of a fault.
const faultLabel = "sandbox.local/fault"

// A podFault is one that pods show.
type podFault struct {
	args     string // of the workload; this and what follows is YAML of one line
	volume   string
	mount    string
	probe    string
	more     string // further objects
	seen     func(corev1.ContainerStatus) bool
	ifKnown  *schema.GroupVersionKind // where the cluster knows this kind moreThen is made, else moreElse
	moreThen string
	moreElse string
}

var route = kindOf("route.openshift.io", "v1", "Route")

var podFaults = map[string]podFault{
	"crash-loop": {args: `[serve, -refuse]`, seen: func(s corev1.ContainerStatus) bool { return s.RestartCount > 0 }},
	"oom": {args: `[memory, "256"]`, seen: func(s corev1.ContainerStatus) bool {
		for _, state := range []corev1.ContainerState{s.State, s.LastTerminationState} {
			if state.Terminated != nil && state.Terminated.Reason == "OOMKilled" {
				return true
			}
		}
		return false
	}},
	"full-volume": {
		args: `[full, /data, /tmp/full]`, seen: ready,
		volume: `{name: data, persistentVolumeClaim: {claimName: fault-full-volume}}`, mount: `{name: data, mountPath: /data}`,
		probe: `{exec: {command: [/workload, ready, /tmp/full]}, periodSeconds: 1}`,
		more: `
apiVersion: v1
kind: PersistentVolumeClaim
{{.Meta}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 300Mi}}}
`},
	"expired-certificate": {
		args: `[serve, -http, "", -tls, ":8443", -cert, /tls/tls.crt, -key, /tls/tls.key]`, seen: ready,
		volume: `{name: tls, secret: {secretName: fault-expired-certificate}}`, mount: `{name: tls, mountPath: /tls, readOnly: true}`,
		probe: `{tcpSocket: {port: 8443}, periodSeconds: 1}`,
		more: `
apiVersion: v1
kind: Secret
{{.Meta}}
type: kubernetes.io/tls
stringData:
  tls.crt: {{json .Cert}}
  tls.key: {{json .Key}}
---
apiVersion: v1
kind: Service
{{.Meta}}
spec: {selector: {app.kubernetes.io/name: {{.Name}}}, ports: [{name: https, port: 443, targetPort: 8443}]}
`,
		ifKnown: &route,
		moreThen: `
apiVersion: route.openshift.io/v1
kind: Route
{{.Meta}}
spec:
  host: {{.Host}}
  to: {kind: Service, name: {{.Name}}}
  port: {targetPort: https}
  tls: {termination: reencrypt, certificate: {{json .Cert}}, key: {{json .Key}}, destinationCACertificate: {{json .Cert}}}
`,
		moreElse: `
apiVersion: networking.k8s.io/v1
kind: Ingress
{{.Meta}}
spec:
  tls: [{hosts: [{{.Host}}], secretName: {{.Name}}}]
  rules: [{host: {{.Host}}, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: {{.Name}}, port: {name: https}}}}]}}]
`},
}

func ready(s corev1.ContainerStatus) bool { return s.Ready }

// faultPod is the Deployment of each: as a tenant's must be, so that nothing but the fault is wrong with it.
const faultPod = `
apiVersion: apps/v1
kind: Deployment
{{.Meta}}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector: {matchLabels: {app.kubernetes.io/name: {{.Name}}}}
  template:
    metadata: {labels: {app.kubernetes.io/name: {{.Name}}, {{.Label}}: {{.Fault}}}}
    spec:
      terminationGracePeriodSeconds: 1
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: {{.UID}}, fsGroup: {{.UID}}, seccompProfile: {type: RuntimeDefault}}
      volumes: [{{.Volume}}]
      containers:
      - name: app
        image: sandbox.local/workload:1
        args: {{.Args}}
        resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        volumeMounts: [{{.Mount}}]
        {{if .Probe}}readinessProbe: {{.Probe}}{{end}}
`

// objects are those of a fault in a namespace.
func (f podFault) objects(name, namespace, uid string, known bool) ([]*unstructured.Unstructured, error) {
	full := "fault-" + name
	cert, key, err := expired(full + "." + namespace + ".svc")
	if err != nil {
		return nil, err
	}
	fill := map[string]any{
		"Meta": fmt.Sprintf("metadata: {name: %s, namespace: %s, labels: {%s: %s, app.kubernetes.io/name: %s}}", full, namespace, faultLabel, name, full),
		"Name": full, "Fault": name, "Label": faultLabel, "UID": uid, "Args": f.args, "Volume": f.volume, "Mount": f.mount, "Probe": f.probe,
		"Cert": cert, "Key": key, "Host": full + "-" + namespace + ".apps.example.test",
	}
	text := f.more + "---" + f.moreElse
	if known {
		text = f.more + "---" + f.moreThen
	}
	t, err := texttemplate.New(name).Funcs(texttemplate.FuncMap{"json": func(s string) (string, error) {
		b, err := json.Marshal(s)
		return string(b), err
	}}).Parse(text + "\n---" + faultPod)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, fill); err != nil {
		return nil, err
	}
	all, errs := documents(b.Bytes())
	return all, errors.Join(errs...)
}

// expired makes a certificate that has ended yesterday, and its key.
func expired(host string) (cert, key string, err error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	t := template(host, "")
	t.NotBefore, t.NotAfter = time.Now().AddDate(0, 0, -91), time.Now().AddDate(0, 0, -1)
	t.DNSNames, t.IsCA, t.BasicConstraintsValid = []string{host}, true, true // so that only its end is wrong to who trusts it
	der, err := x509.CreateCertificate(rand.Reader, t, t, &k.PublicKey, k)
	if err != nil {
		return "", "", err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return "", "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})), nil
}

// makePods makes the objects of a fault.
func (t *troubles) makePods(ctx context.Context, w wish) (see func(context.Context) error, err error) {
	f := podFaults[w.Name]
	k, err := t.kube()
	if err != nil {
		return nil, err
	}
	spaces, err := k.of(kindOf("", "v1", "Namespace"), "")
	if err != nil {
		return nil, err
	}
	space, err := spaces.Get(ctx, w.Namespace, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("there is no namespace %s: sandbox load makes the example's, -namespace names another", w.Namespace)
	}
	if err != nil {
		return nil, err
	}
	known := false
	if f.ifKnown != nil {
		k.mapper.Reset() // its definition may have come since
		var unknown *unknownKind
		_, err := k.of(*f.ifKnown, w.Namespace)
		if known = err == nil; err != nil && !errors.As(err, &unknown) {
			return nil, err
		}
	}
	// Whom OpenShift would run the pod as.
	as, _, _ := strings.Cut(space.GetAnnotations()["openshift.io/sa.scc.uid-range"], "/")
	if as == "" {
		as = uid
	}
	all, err := f.objects(w.Name, w.Namespace, as, known)
	if err != nil {
		return nil, err
	}
	if err := t.mark(); err != nil {
		return nil, err
	}
	for _, o := range all {
		if err := k.apply(ctx, o); err != nil {
			return nil, errors.Join(fmt.Errorf("make %s: %w", called(o), err), t.removePods(ctx, w.Name, w.Namespace))
		}
	}
	return func(ctx context.Context) error {
		return await(ctx, "fault "+w.Name, func() error {
			pods, err := list[corev1.Pod](ctx, k, kindOf("", "v1", "Pod"), w.Namespace, faultLabel+"="+w.Name)
			if err != nil {
				return err
			}
			for _, p := range pods {
				if len(p.Status.ContainerStatuses) > 0 && f.seen(p.Status.ContainerStatuses[0]) {
					return nil
				}
				err = errors.New(podState(p))
			}
			return errors.Join(errors.New("its pod is not there yet"), err)
		})
	}, nil
}

// faultKinds are those that faults make.
var faultKinds = []schema.GroupVersionKind{
	kindOf("apps", "v1", "Deployment"), kindOf("", "v1", "PersistentVolumeClaim"), kindOf("", "v1", "Secret"), kindOf("", "v1", "Service"),
	kindOf("networking.k8s.io", "v1", "Ingress"), route,
}

// removePods takes away what a fault made, and waits until it is gone. An empty name is every fault, an empty namespace
// every namespace.
func (t *troubles) removePods(ctx context.Context, name, namespace string) error {
	selector := faultLabel
	if name != "" {
		selector += "=" + name
	}
	k, err := t.kube()
	if err != nil {
		return err
	}
	return await(ctx, "the end of fault "+name, func() error {
		var left []error
		for _, kind := range faultKinds {
			found, err := list[metav1.PartialObjectMetadata](ctx, k, kind, namespace, selector)
			var unknown *unknownKind
			if errors.As(err, &unknown) {
				continue
			}
			if err != nil {
				return err
			}
			for _, o := range found {
				left = append(left, fmt.Errorf("%s %s/%s is still there", kind.Kind, o.Namespace, o.Name))
				if o.DeletionTimestamp != nil {
					continue
				}
				if err := k.remove(ctx, kind, o.Namespace, o.Name); err != nil {
					return err
				}
			}
		}
		return errors.Join(left...)
	})
}

// mark remembers that the cluster's objects hold a fault: they outlive a keeper.
func (t *troubles) mark() error { return os.WriteFile(t.c.in("faults"), nil, 0o644) }

// clearOld takes away the faults that a keeper before this one has left in pods. It has the troubles for itself.
func (t *troubles) clearOld(ctx context.Context) error {
	if _, err := os.Stat(t.c.in("faults")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := await(ctx, "the cluster", func() error { _, err := os.Stat(t.c.in("ready")); return err }); err != nil {
		return err
	}
	if err := errors.Join(t.removePods(ctx, "", ""), t.uncordon(ctx)); err != nil {
		return err
	}
	return os.Remove(t.c.in("faults"))
}

// drain cordons the node and evicts its pods, as kubectl drain does, in rounds until one evicts nothing: what is left is
// protected.
func (t *troubles) drain(ctx context.Context) ([]string, error) {
	k, err := t.kube()
	if err != nil {
		return nil, err
	}
	if err := t.mark(); err != nil {
		return nil, err
	}
	// The label says that the cordon is a fault's, and fault none's to undo.
	if err := k.patchNode(ctx, map[string]any{"metadata": map[string]any{"labels": map[string]any{faultLabel: "drain"}}, "spec": map[string]any{"unschedulable": true}}); err != nil {
		return nil, fmt.Errorf("cordon the node: %w", err)
	}
	evicted := map[types.UID]bool{}
	for {
		pods, err := list[corev1.Pod](ctx, k, kindOf("", "v1", "Pod"), "", "")
		if err != nil {
			return nil, err
		}
		before := len(evicted)
		var left []string
		for _, p := range pods {
			if p.Spec.NodeName != node || p.DeletionTimestamp != nil || ownedBy(p, "DaemonSet") {
				continue
			}
			err := k.evict(ctx, p)
			switch {
			case err == nil:
				evicted[p.UID] = true
			case apierrors.IsNotFound(err):
			case apierrors.IsTooManyRequests(err), apierrors.IsInternalError(err): // a budget, or two of them
				left = append(left, fmt.Sprintf("protected: pod %s/%s: %s", p.Namespace, p.Name, oneLine(err)))
			default:
				return nil, fmt.Errorf("evict %s/%s: %w", p.Namespace, p.Name, err)
			}
		}
		if len(evicted) == before {
			return append(left, fmt.Sprintf("%d pods were evicted, %d are protected", len(evicted), len(left))), k.awaitGone(ctx, evicted)
		}
	}
}

// awaitGone waits until none of some pods is there.
func (k *kube) awaitGone(ctx context.Context, pods map[types.UID]bool) error {
	return await(ctx, "the end of what was evicted", func() error {
		now, err := list[corev1.Pod](ctx, k, kindOf("", "v1", "Pod"), "", "")
		for _, p := range now {
			if pods[p.UID] {
				err = errors.Join(err, fmt.Errorf("pod %s/%s is still there", p.Namespace, p.Name))
			}
		}
		return err
	})
}

func ownedBy(p corev1.Pod, kind string) bool {
	for _, o := range p.OwnerReferences {
		if o.Kind == kind {
			return true
		}
	}
	return false
}

func (k *kube) evict(ctx context.Context, p corev1.Pod) error {
	e := policyv1.Eviction{TypeMeta: metav1.TypeMeta{APIVersion: "policy/v1", Kind: "Eviction"}, ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: p.Namespace}}
	o, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&e)
	if err != nil {
		return err
	}
	r, err := k.of(kindOf("", "v1", "Pod"), p.Namespace)
	if err != nil {
		return err
	}
	_, err = r.Create(ctx, &unstructured.Unstructured{Object: o}, metav1.CreateOptions{}, "eviction")
	return err
}

// uncordon undoes the cordon of a fault, and none of somebody else's.
func (t *troubles) uncordon(ctx context.Context) error {
	k, err := t.kube()
	if err != nil {
		return err
	}
	nodes, err := list[corev1.Node](ctx, k, kindOf("", "v1", "Node"), "", faultLabel+"=drain")
	if err != nil || len(nodes) == 0 {
		return err
	}
	return k.patchNode(ctx, map[string]any{"metadata": map[string]any{"labels": map[string]any{faultLabel: nil}}, "spec": map[string]any{"unschedulable": nil}})
}

func (k *kube) patchNode(ctx context.Context, change map[string]any) error {
	r, err := k.of(kindOf("", "v1", "Node"), "")
	if err != nil {
		return err
	}
	text, err := encode(change)
	if err != nil {
		return err
	}
	_, err = r.Patch(ctx, node, types.MergePatchType, text, metav1.PatchOptions{FieldManager: manager})
	return err
}
