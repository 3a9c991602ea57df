// Package sandboxtest gives the tests of a package one real cluster, and each test a namespace of its own in it.
//
//	func TestMain(m *testing.M) { os.Exit(sandboxtest.Main(m)) }
//
//	func TestIt(t *testing.T) {
//		c := sandboxtest.Get(t)
//		ns := c.Namespace(t)
//		c.Kubectl(t, "-n", ns, "run", "it", "--image="+sandboxtest.Image, "--", "serve")
//	}
//
// The cluster starts when the first test asks for it. It ends with the test's process, also where that one is killed.
//
// Where the kernel forbids what a node needs, a test fails, unless VIGIE_SANDBOX=control-plane is set: then a cluster
// without a node is started, the tests that called NeedsNode do not run, and Main names them at the end.
package sandboxtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Image is the image of the workload that does what it is told (sandbox/parts/images/workload).
const Image = "sandbox.local/workload:1"

// A Cluster is the one that the tests of this package have.
type Cluster struct {
	Number     int
	Kubeconfig string // path; the administrator's, whose server is on 127.0.0.1
	Program    string // path of the sandbox command
	kubectl    []string
	client     kubernetes.Interface
}

// shared is the state of this test process.
var shared struct {
	sync.Mutex
	dir      string // set by Main; what it holds goes with it
	cluster  *Cluster
	err      error
	untested []string
	spaces   int
}

// mode is VIGIE_SANDBOX: empty, or control-plane.
func mode() (controlPlane bool, err error) {
	switch v := os.Getenv("VIGIE_SANDBOX"); v {
	case "":
		return false, nil
	case "control-plane":
		return true, nil
	default:
		return false, fmt.Errorf("VIGIE_SANDBOX=%s: want nothing, or control-plane", v)
	}
}

// Main runs the tests of a package, ends their cluster, and says what was not tested. It gives the exit code.
func Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sandboxtest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandboxtest:", err)
		return 1
	}
	shared.dir = dir
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if c := shared.cluster; c != nil {
		if said, err := exec.Command(c.Program, "down", "-n", strconv.Itoa(c.Number), "-wipe").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "sandboxtest: end the cluster: %v: %s\n", err, said)
			code = 1
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, "sandboxtest:", err)
		code = 1
	}
	if len(shared.untested) > 0 {
		fmt.Printf("NOT TESTED, because VIGIE_SANDBOX=control-plane: %s\n", strings.Join(shared.untested, ", "))
	}
	return code
}

// Get gives the package's cluster, and starts it where it is not up.
func Get(t *testing.T) *Cluster {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.dir == "" {
		t.Fatal("TestMain must call sandboxtest.Main")
	}
	if shared.cluster == nil && shared.err == nil {
		shared.cluster, shared.err = start(shared.dir)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// NeedsNode ends a test that needs a node where the cluster has none, and keeps its name for Main to tell.
func NeedsNode(t *testing.T) {
	t.Helper()
	without, err := mode()
	if err != nil {
		t.Fatal(err)
	}
	if without {
		shared.Lock()
		shared.untested = append(shared.untested, t.Name())
		shared.Unlock()
		t.Skip("NOT TESTED: it needs a node, and VIGIE_SANDBOX=control-plane is set")
	}
}

// Build builds the sandbox command into a folder, and gives its path.
func Build(dir string) (string, error) {
	program := filepath.Join(dir, "sandbox")
	cmd := exec.Command("go", "build", "-o", program, "vigie/sandbox")
	cmd.Dir = source()
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the sandbox command: %w: %s", err, said)
	}
	return program, nil
}

// source is the folder of this file: from it the command finds the parts.
func source() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

func start(dir string) (*Cluster, error) {
	without, err := mode()
	if err != nil {
		return nil, err
	}
	program, err := Build(dir)
	if err != nil {
		return nil, err
	}
	args := []string{"up", "-n", "auto", "-build=false", "-owner", strconv.Itoa(os.Getpid())}
	if without {
		args = append(args, "-control-plane")
	}
	up := exec.Command(program, args...)
	up.Dir = source()
	var said bytes.Buffer
	up.Stderr = &said
	path, err := up.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s\nVIGIE_SANDBOX=control-plane tests without a node, where the kernel forbids one", err, said.Bytes())
	}
	return open(program, strings.TrimSpace(string(path)))
}

// open reads what the command wrote: the kubeconfig lies in pki in the folder of the cluster, which its number names.
func open(program, kubeconfig string) (*Cluster, error) {
	state := filepath.Dir(filepath.Dir(kubeconfig))
	number, err := strconv.Atoi(filepath.Base(state))
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(state, "programs.json"))
	if err != nil {
		return nil, err
	}
	var parts map[string]string
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, err
	}
	c := &Cluster{
		Number: number, Kubeconfig: kubeconfig, Program: program,
		kubectl: []string{filepath.Join(parts["k8s"], "k8s"), "kubectl", "--kubeconfig", kubeconfig},
	}
	conf, err := c.rest()
	if err != nil {
		return nil, err
	}
	c.client, err = kubernetes.NewForConfig(conf)
	return c, err
}

func (c *Cluster) rest() (*rest.Config, error) {
	conf, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err == nil {
		conf.QPS, conf.Burst = 500, 1000
	}
	return conf, err
}

// Config is the administrator's configuration for a client.
func (c *Cluster) Config(t *testing.T) *rest.Config {
	t.Helper()
	conf, err := c.rest()
	if err != nil {
		t.Fatal(err)
	}
	return conf
}

// Client asks the API server as its administrator.
func (c *Cluster) Client() kubernetes.Interface { return c.client }

// State is a path in the cluster's folder: log, pki, ...
func (c *Cluster) State(p ...string) string {
	return filepath.Join(append([]string{filepath.Dir(filepath.Dir(c.Kubeconfig))}, p...)...)
}

// notName is what the name of a namespace may not hold.
var notName = regexp.MustCompile(`[^a-z0-9]+`)

// Namespace makes a namespace for a test. After the test it is removed; where something of it stays, the test fails.
func (c *Cluster) Namespace(t *testing.T) string {
	t.Helper()
	shared.Lock()
	shared.spaces++
	name := fmt.Sprintf("%.40s-%d", strings.Trim(notName.ReplaceAllString(strings.ToLower(t.Name()), "-"), "-"), shared.spaces)
	shared.Unlock()
	c.makeNamespace(t, name, nil)
	return name
}

func (c *Cluster) makeNamespace(t *testing.T, name string, labels map[string]string) {
	t.Helper()
	if _, err := c.client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.RemoveNamespace(name, time.Minute); err != nil {
			t.Error(err)
		}
	})
	// A pod is refused until the namespace has it.
	Eventually(t, "the service account of "+name, 20*time.Second, func() error {
		_, err := c.client.CoreV1().ServiceAccounts(name).Get(t.Context(), "default", metav1.GetOptions{})
		return err
	})
}

// RemoveNamespace removes a namespace; an error says what of it stays after the limit.
func (c *Cluster) RemoveNamespace(name string, limit time.Duration) error {
	ctx := context.Background()                                                                                                    // a test's own has ended when it cleans up
	if err := c.client.CoreV1().Namespaces().Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !apierrors.IsConflict(err) { // a conflict: it is going already
		return fmt.Errorf("remove namespace %s: %w", name, err)
	}
	return until(limit, func() error {
		ns, err := c.client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		var left []string
		for _, cond := range ns.Status.Conditions {
			if cond.Status == corev1.ConditionTrue {
				left = append(left, cond.Message)
			}
		}
		return fmt.Errorf("namespace %s is still there: %s", name, strings.Join(left, "; "))
	})
}

// Eventually asks until there is no error; after the limit the last one fails the test.
func Eventually(t *testing.T, what string, limit time.Duration, ask func() error) {
	t.Helper()
	if err := until(limit, ask); err != nil {
		t.Fatalf("%s, after %v: %v", what, limit, err)
	}
}

func until(limit time.Duration, ask func() error) error {
	for end := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		if err := ask(); err == nil || time.Now().After(end) {
			return err
		}
	}
}

// Kubectl runs kubectl as the administrator and gives what it printed; the test fails where it fails.
func (c *Cluster) Kubectl(t *testing.T, args ...string) string {
	t.Helper()
	said, err := c.TryKubectl(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// TryKubectl is Kubectl for what may fail; what it printed is given in both cases.
func (c *Cluster) TryKubectl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return c.run(t, nil, append(c.kubectl[1:len(c.kubectl):len(c.kubectl)], args...))
}

// Apply makes the objects of a manifest in a namespace.
func (c *Cluster) Apply(t *testing.T, namespace, manifest string) {
	t.Helper()
	if _, err := c.run(t, strings.NewReader(manifest), append(c.kubectl[1:len(c.kubectl):len(c.kubectl)], "-n", namespace, "apply", "-f", "-")); err != nil {
		t.Fatal(err)
	}
}

func (c *Cluster) run(t *testing.T, in *strings.Reader, args []string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.kubectl[0], args...)
	if in != nil {
		cmd.Stdin = in
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return said.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args[3:], " "), err, said.Bytes())
	}
	return said.String(), nil
}
