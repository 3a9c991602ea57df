package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/clientcmd"

	"vigie/sandbox/sandboxtest"
)

// TestFaultsOnCluster starts a cluster, loads the example tenant into it, and lets each fault be seen, and its end.
func TestFaultsOnCluster(t *testing.T) {
	sandboxtest.NeedsNode(t)
	t.Parallel()
	st := newStand(t) // of its own: it is broken in every way
	c := st.cluster
	kubectl := func(t *testing.T, args ...string) string {
		t.Helper()
		cmd := exec.Command(kubectlPath(t, c), append([]string{"kubectl", "--kubeconfig", c.Kubeconfig()}, args...)...)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("kubectl %q: %v: %s%s", args, err, out, said.String())
		}
		return string(out)
	}
	t.Run("load", func(t *testing.T) { checkLoad(t, c, kubectl) })
	t.Run("faults in pods", func(t *testing.T) { checkPodFaults(t, c, kubectl) })
	t.Run("faults at the API server", func(t *testing.T) { checkAPIFaults(t, c, kubectl) })
	t.Run("load takes away what it made", func(t *testing.T) { checkLoadRemoves(t, c, kubectl) })
	t.Run("a keeper begins without faults", func(t *testing.T) {
		// The cluster is cut off with a fault in its pods and one on its way.
		sandbox(t, c, "fault", "crash-loop")
		sandbox(t, c, "fault", "api-500")
		if err := syscall.Kill(c.keeper(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		sandboxtest.Eventually(t, "what is asked", patience, func() error {
			if pid := c.keeper(); pid != 0 {
				return fmt.Errorf("process %d is still there", pid)
			}
			return nil
		})
		st.must(t, "up", "-n", st.number, "-build=false")
		if got := sandbox(t, c, "status"); strings.Contains(got, "fault ") {
			t.Errorf("status: %s", got)
		}
		sandboxtest.Eventually(t, "what is asked", patience, func() error {
			if left := kubectl(t, "get", "deployments,pods", "-A", "-l", faultLabel, "-o", "name"); left != "" {
				return fmt.Errorf("left: %s", left)
			}
			return nil
		})
	})
}

// sandboxErr runs a command for a cluster.
func sandboxErr(t *testing.T, c Cluster, args ...string) (string, error) {
	t.Helper()
	verb := 1
	if args[0] == "fault" {
		verb = 2
	}
	cmd := exec.Command(c.in("sandbox"), slices.Insert(args, verb, "-n", strconv.Itoa(c.N))...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, said.String())
	}
	return out.String(), err
}

func sandbox(t *testing.T, c Cluster, args ...string) string {
	t.Helper()
	out, err := sandboxErr(t, c, args...)
	if err != nil {
		t.Fatalf("sandbox %q: %v\n%s", args, err, out)
	}
	return out
}

// client is one of client-go, of any kinds.
func client(t *testing.T, c Cluster) *kube {
	t.Helper()
	conf, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	conf.Timeout = 20 * time.Second
	k, err := newKube(conf)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const prod = "boutique-prod"

// faultPodOf is the pod of a fault.
func faultPodOf(t *testing.T, k *kube, name string) (corev1.Pod, corev1.ContainerStatus) {
	t.Helper()
	pods, err := list[corev1.Pod](t.Context(), k, kindOf("", "v1", "Pod"), prod, faultLabel+"="+name)
	if err != nil || len(pods) != 1 || len(pods[0].Status.ContainerStatuses) != 1 {
		t.Fatalf("%s: %d pods, %v", name, len(pods), err)
	}
	return pods[0], pods[0].Status.ContainerStatuses[0]
}

// checkPodFaults holds that each fault of pods is seen, and gone after. The example tenant is there.
func checkPodFaults(t *testing.T, c Cluster, kubectl func(t *testing.T, args ...string) string) {
	k := client(t, c)
	if _, err := sandboxErr(t, c, "fault", "oom", "-namespace", "nowhere"); err == nil || !strings.Contains(err.Error(), "no namespace nowhere: sandbox load") {
		t.Errorf("a fault in no namespace: %v", err)
	}
	sandbox(t, c, "fault", "crash-loop")
	sandbox(t, c, "fault", "oom")
	sandbox(t, c, "fault", "full-volume")
	sandbox(t, c, "fault", "expired-certificate")
	if got := strings.Count(sandbox(t, c, "status"), "\nfault "); got != 4 {
		t.Errorf("status says %d faults", got)
	}

	_, s := faultPodOf(t, k, "crash-loop")
	last := s.LastTerminationState.Terminated
	if last == nil {
		last = s.State.Terminated
	}
	if s.RestartCount == 0 || last == nil || last.ExitCode != 1 {
		t.Errorf("crash-loop: %d restarts, %+v", s.RestartCount, s.LastTerminationState)
	}
	sandboxtest.Eventually(t, "what is asked", patience, func() error {
		_, s := faultPodOf(t, k, "oom")
		if last := s.LastTerminationState.Terminated; last == nil || last.Reason != "OOMKilled" || last.ExitCode != 137 || s.RestartCount == 0 {
			return fmt.Errorf("oom: %+v", s)
		}
		return nil
	})

	full, _ := faultPodOf(t, k, "full-volume")
	cmd := exec.Command(kubectlPath(t, c), "kubectl", "--kubeconfig", c.Kubeconfig(), "exec", "-n", prod, full.Name, "--", "/workload", "fill", "/data", "1", "65536")
	if said, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(said), "no space left on device") {
		t.Errorf("a write to a full volume: %v: %s", err, said)
	}
	sandboxtest.Eventually(t, "what is asked", patience, func() error { // the kubelet looks every 10 s
		var stats struct {
			Pods []struct {
				PodRef struct{ Name string }
				Volume []struct {
					Name                          string
					AvailableBytes, CapacityBytes int64
				}
			}
		}
		if err := json.Unmarshal([]byte(kubectl(t, "get", "--raw", "/api/v1/nodes/"+node+"/proxy/stats/summary")), &stats); err != nil {
			return err
		}
		for _, p := range stats.Pods {
			for _, v := range p.Volume {
				if p.PodRef.Name == full.Name && v.Name == "data" && v.CapacityBytes > 200<<20 && v.AvailableBytes < v.CapacityBytes/100 {
					return nil
				}
			}
		}
		return fmt.Errorf("the kubelet does not say that it is full: %+v", stats)
	})

	checkExpired(t, k)
	pods := kubectl(t, "get", "pods", "-A", "-o", "name")
	sandbox(t, c, "fault", "none")
	if left := kubectl(t, "get", "deployments,pods,persistentvolumeclaims,secrets,services,ingresses", "-A", "-l", faultLabel, "-o", "name"); left != "" {
		t.Errorf("left of %s: %s", pods, left)
	}
	if got := sandbox(t, c, "status"); strings.Contains(got, "fault ") {
		t.Errorf("status: %s", got)
	}
	checkDrain(t, c, k, kubectl)
	// One that is begun for a time ends by itself.
	sandbox(t, c, "fault", "expired-certificate", "-for", "1s", "-namespace", "boutique-staging")
	sandboxtest.Eventually(t, "what is asked", patience, func() error {
		if got := sandbox(t, c, "status"); strings.Contains(got, "fault ") {
			return errors.New(got)
		}
		return nil
	})
	if left := kubectl(t, "get", "deployments,secrets", "-A", "-l", faultLabel, "-o", "name"); left != "" {
		t.Errorf("left: %s", left)
	}
}

func kubectlPath(t *testing.T, c Cluster) string {
	t.Helper()
	raw, err := os.ReadFile(c.in("programs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dirs map[string]string
	if err := decode(raw, &dirs); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dirs["k8s"], "k8s")
}

// checkExpired holds that a pod which trusts the certificate refuses it for its end alone.
func checkExpired(t *testing.T, k *kube) {
	t.Helper()
	ctx := t.Context()
	secrets, err := k.of(kindOf("", "v1", "Secret"), prod)
	if err != nil {
		t.Fatal(err)
	}
	o, err := secrets.Get(ctx, "fault-expired-certificate", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var s corev1.Secret
	if text, err := o.MarshalJSON(); err != nil || json.Unmarshal(text, &s) != nil || s.Type != corev1.SecretTypeTLS {
		t.Fatalf("%v, %s", err, s.Type)
	}
	pair, err := tls.X509KeyPair(s.Data["tls.crt"], s.Data["tls.key"])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.Data["tls.crt"])
	var invalid x509.CertificateInvalidError
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: pool}); !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		t.Errorf("the certificate: %v", err)
	}
	client := asker("fault-expired-certificate", prod)
	if err := k.apply(ctx, client); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := k.remove(context.WithoutCancel(ctx), client.GroupVersionKind(), prod, client.GetName()); err != nil {
			t.Error(err)
		}
	}()
	sandboxtest.Eventually(t, "what is asked", patience, func() error {
		pods, err := list[corev1.Pod](ctx, k, kindOf("", "v1", "Pod"), prod, "ask=expired")
		if err != nil || len(pods) != 1 || len(pods[0].Status.ContainerStatuses) != 1 || pods[0].Status.ContainerStatuses[0].State.Terminated == nil {
			return fmt.Errorf("the client has not ended: %w", err)
		}
		end := pods[0].Status.ContainerStatuses[0].State.Terminated
		if end.ExitCode != 1 || !strings.Contains(end.Message, "certificate has expired") {
			t.Errorf("a client of the pod ended with %d: %s", end.ExitCode, end.Message)
		}
		return nil
	})
}

// asker is a pod that asks a Service by TLS, whose certificate it trusts, and says what came of it as its last word.
func asker(service, namespace string) *unstructured.Unstructured {
	all, errs := documents(fmt.Appendf(nil, `
apiVersion: v1
kind: Pod
metadata: {name: ask-expired, namespace: %[2]s, labels: {ask: expired}}
spec:
  restartPolicy: Never
  volumes: [{name: tls, secret: {secretName: %[1]s}}]
  containers:
  - name: app
    image: sandbox.local/workload:1
    args: [get, -ca, /tls/tls.crt, "https://%[1]s.%[2]s.svc/"]
    terminationMessagePolicy: FallbackToLogsOnError
    volumeMounts: [{name: tls, mountPath: /tls}]
`, service, namespace))
	if len(errs) > 0 {
		panic(errs)
	}
	return all[0]
}

// checkDrain holds that a drain leaves what budgets protect, and nothing else.
func checkDrain(t *testing.T, c Cluster, k *kube, kubectl func(t *testing.T, args ...string) string) {
	t.Helper()
	out := sandbox(t, c, "fault", "drain")
	pods, err := list[corev1.Pod](t.Context(), k, kindOf("", "v1", "Pod"), "", "")
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, p := range pods {
		if p.Spec.NodeName == "" || ownedBy(p, "DaemonSet") { // the latter go where the node goes
			continue
		}
		left++
		if !strings.Contains(out, "protected: pod "+p.Namespace+"/"+p.Name+":") {
			t.Errorf("%s/%s is on the node, and not protected", p.Namespace, p.Name)
		}
	}
	for _, name := range []string{"mail", "cart", "search"} { // no budget of theirs lets any go
		if strings.Count(out, "protected: pod "+prod+"/"+name+"-") != 2 {
			t.Errorf("%s is not protected:\n%s", name, out)
		}
	}
	if left == 0 || !strings.Contains(out, "more than one PodDisruptionBudget") {
		t.Errorf("%d pods are left:\n%s", left, out)
	}
	if got := kubectl(t, "get", "pods", "-n", "boutique-staging", "-o", "jsonpath={.items[*].status.phase}"); got != "Pending Pending" {
		t.Errorf("pods without a budget: %s", got)
	}
	sandbox(t, c, "fault", "none")
	sandboxtest.Eventually(t, "what is asked", patience, func() error {
		if got := kubectl(t, "get", "pods", "-A", "--field-selector", "status.phase!=Running", "-o", "name"); got != "" {
			return errors.New(got)
		}
		return nil
	})
	if got := kubectl(t, "get", "node", node, "-o", "jsonpath={.spec.unschedulable}{.metadata.labels}"); strings.HasPrefix(got, "true") || strings.Contains(got, faultLabel) {
		t.Errorf("the node: %s", got)
	}
}

// raw asks the API server without any client's help.
func raw(t *testing.T, c Cluster, path string) (reply, error) {
	t.Helper()
	api, err := c.apiClient(options{})
	if err != nil {
		t.Fatal(err)
	}
	defer api.CloseIdleConnections()
	r, err := api.Get(fmt.Sprintf("https://127.0.0.1:%d%s", c.port(), path))
	if err != nil {
		return reply{}, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return reply{r.StatusCode, r.Header, string(body)}, err
}

const namespaces = "/api/v1/namespaces/default"

// checkAPIFaults holds that each fault at the API server is seen from loopback, and its end.
func checkAPIFaults(t *testing.T, c Cluster, kubectl func(t *testing.T, args ...string) string) {
	well := func() {
		t.Helper()
		if r, err := raw(t, c, namespaces); err != nil || r.code != http.StatusOK {
			t.Fatalf("without a fault: %d, %v: %s", r.code, err, r.body)
		}
	}
	took := func() time.Duration {
		begin := time.Now()
		well()
		return time.Since(begin)
	}
	before := took()
	sandbox(t, c, "fault", "api-slow", "-delay", "700ms")
	if slow := took(); slow < 700*time.Millisecond {
		t.Errorf("slow took %v, before %v", slow, before)
	}
	// The proxy that is in the way passes all that a client does.
	if got := kubectl(t, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username} {.status.userInfo.groups}"); got != `admin ["system:masters","system:authenticated"]` {
		t.Errorf("who am I: %s", got)
	}
	if got := kubectl(t, "exec", "-n", prod, "deployment/orders", "--", "/workload", "env"); !strings.Contains(got, "HOSTNAME=orders-") {
		t.Errorf("exec: %s", got)
	}
	token := strings.TrimSpace(kubectl(t, "create", "token", "default", "-n", prod))
	if got := kubectl(t, "auth", "whoami", "--token", token, "--client-certificate=", "--client-key=", "-o", "jsonpath={.status.userInfo.username}"); got == "" {
		t.Error("a token names nobody")
	}
	sandbox(t, c, "fault", "none")
	if after := took(); after > 700*time.Millisecond {
		t.Errorf("after the fault a request took %v", after)
	}

	sandbox(t, c, "fault", "api-429", "-share", "0.5")
	refused := 0
	for range 4 {
		r, err := raw(t, c, namespaces)
		if err != nil {
			t.Fatal(err)
		}
		if r.code == http.StatusTooManyRequests && r.Get("Retry-After") == "1" && strings.Contains(r.body, `"reason":"TooManyRequests"`) {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d of 4 requests were refused, want 2", refused)
	}
	k := client(t, c)
	for range 3 { // it waits and asks again by itself
		if _, err := k.has(t.Context(), kindOf("", "v1", "Namespace"), "", "default"); err != nil {
			t.Errorf("a client that retries: %v", err)
		}
	}
	sandbox(t, c, "fault", "none")

	sandbox(t, c, "fault", "api-500", "-for", "2s")
	if r, err := raw(t, c, namespaces); err != nil || r.code != http.StatusInternalServerError || !strings.Contains(r.body, `"reason":"InternalError"`) {
		t.Errorf("500: %d %v %s", r.code, err, r.body)
	}
	if got := sandbox(t, c, "status"); !strings.Contains(got, "fault api-500, for another ") {
		t.Errorf("status: %s", got)
	}
	sandboxtest.Eventually(t, "what is asked", patience, func() error { // by itself
		if r, err := raw(t, c, namespaces); err != nil || r.code != http.StatusOK {
			return fmt.Errorf("%d, %w", r.code, err)
		}
		return nil
	})

	w := watching(t, c)
	sandbox(t, c, "fault", "api-cut")
	select {
	case <-w.done:
	case <-time.After(10 * time.Second):
		t.Error("the watch goes on")
	}
	if r, err := raw(t, c, namespaces); err == nil {
		t.Errorf("cut: %d", r.code)
	}
	sandbox(t, c, "fault", "none")
	well()
	watching(t, c)

	version := func() int {
		t.Helper()
		n, err := strconv.Atoi(versionOf(t, kubectl(t, "get", "--raw", "/api/v1/namespaces/"+prod+"/configmaps")))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	kubectl(t, "create", "configmap", "kept", "-n", prod, "--from-literal=a=b")
	was := version()
	sandbox(t, c, "fault", "api-restart")
	if r, err := raw(t, c, "/readyz"); err == nil && r.code == http.StatusOK {
		t.Error("the API server was not killed")
	}
	sandboxtest.Eventually(t, "what is asked", patience, func() error {
		if r, err := raw(t, c, "/readyz"); err != nil || r.code != http.StatusOK {
			return fmt.Errorf("%d, %w", r.code, err)
		}
		return nil
	})
	if got := kubectl(t, "get", "configmap", "kept", "-n", prod, "-o", "jsonpath={.data.a}"); got != "b" || version() < was {
		t.Errorf("after the restart: %q, resourceVersion %d, before %d", got, version(), was)
	}

	sandbox(t, c, "fault", "etcd-gone")
	sandboxtest.Eventually(t, "what is asked", patience, func() error { // it looks every few seconds
		if r, err := raw(t, c, "/readyz/etcd"); err != nil || r.code != http.StatusInternalServerError {
			return fmt.Errorf("without etcd: %d, %w: %s", r.code, err, r.body)
		}
		return nil
	})
	k = client(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := k.has(ctx, kindOf("", "v1", "ConfigMap"), prod, "kept"); err == nil || apierrors.IsNotFound(err) {
		t.Errorf("a read without etcd: %v", err)
	}
	sandbox(t, c, "fault", "none")
	if got := kubectl(t, "get", "configmap", "kept", "-n", prod, "-o", "jsonpath={.data.a}"); got != "b" {
		t.Errorf("after etcd was gone: %q", got)
	}
	kubectl(t, "delete", "configmap", "kept", "-n", prod)
}

func versionOf(t *testing.T, text string) string {
	t.Helper()
	var l metav1.PartialObjectMetadataList
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatal(err)
	}
	return l.ResourceVersion
}

// watched is a watch that is open; done is closed when it breaks.
type watched struct{ done chan struct{} }

// watching opens a watch, and waits for its first event.
func watching(t *testing.T, c Cluster) watched {
	t.Helper()
	r, err := client(t, c).of(kindOf("", "v1", "Namespace"), "")
	if err != nil {
		t.Fatal(err)
	}
	i, err := r.Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Stop)
	if e, ok := <-i.ResultChan(); !ok || e.Type != watch.Added {
		t.Fatalf("the watch says %v", e.Type)
	}
	w := watched{make(chan struct{})}
	go func() {
		defer close(w.done)
		for range i.ResultChan() {
		}
	}()
	return w
}
