package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigie/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { os.Exit(sandboxtest.Main(m)) }

// A scene is a namespace of a cluster, with short words for what the checks ask of it.
type scene struct {
	*sandboxtest.Cluster
	ns string
}

func newScene(t *testing.T, manifests ...string) scene {
	t.Helper()
	sandboxtest.NeedsNode(t)
	t.Parallel()
	c := sandboxtest.Get(t)
	s := scene{c, c.Namespace(t)}
	for _, m := range manifests {
		s.apply(t, m)
	}
	return s
}

func (s scene) apply(t *testing.T, manifest string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", manifest))
	if err != nil {
		t.Fatal(err)
	}
	s.Apply(t, s.ns, string(text))
}

// k is kubectl in the scene's namespace.
func (s scene) k(t *testing.T, args ...string) string {
	t.Helper()
	return s.Kubectl(t, append([]string{"-n", s.ns}, args...)...)
}

// try is k for what may fail: it says what was printed.
func (s scene) try(t *testing.T, args ...string) string {
	t.Helper()
	said, _ := s.TryKubectl(t, append([]string{"-n", s.ns}, args...)...)
	return said
}

// waits is a check that something comes to be so.
func (s scene) waits(t *testing.T, name, condition string, what ...string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		s.k(t, append([]string{"wait", "--timeout=90s", "--for=" + condition}, what...)...)
	})
}

// says is a check of what a command prints.
func (s scene) says(t *testing.T, name, want string, args ...string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		if said := s.try(t, args...); !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("kubectl %s: want %s, got %s", strings.Join(args, " "), want, said)
		}
	})
}

// node runs a command within the cluster's network, as a process of the node.
func (s scene) node(t *testing.T, args ...string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), s.Program, append([]string{"enter", "-n", strconv.Itoa(s.Number)}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s%v", said, err)
	}
	return string(said)
}

// nodeGets is a check that a process of the node is answered.
func (s scene) nodeGets(t *testing.T, name, url, want string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		sandboxtest.Eventually(t, url, 20*time.Second, func() error {
			if said := s.node(t, s.workload(t), "get", url); !strings.Contains(said, want) {
				return fmt.Errorf("want %s, got %s", want, said)
			}
			return nil
		})
	})
}

// workload is the program that pods run, as a file of this machine.
func (s scene) workload(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(s.State("programs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dirs map[string]string
	if err := json.Unmarshal(raw, &dirs); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dirs["images"], "workload")
}

// TestPods holds that pods live and die as pods do.
func TestPods(t *testing.T) {
	s := newScene(t, "pods.yaml")
	status := func(path string) string { return "jsonpath={.status." + path + "}" }
	s.says(t, "node-ready", "True", "get", "node", node, "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`)
	s.waits(t, "running", status("phase")+"=Running", "pod/srv", "pod/cli")
	s.waits(t, "deployment", "condition=Available", "deployment/dep")
	s.waits(t, "job", "condition=Complete", "job/job")
	s.waits(t, "oom-killed", status("containerStatuses[0].state.terminated.reason")+"=OOMKilled", "pod/oom")
	s.waits(t, "image-pull", status("containerStatuses[0].state.waiting.reason")+"=ImagePullBackOff", "pod/badimage")
	s.waits(t, "restarts", status("containerStatuses[0].restartCount")+"=2", "pod/crash")
	s.says(t, "logs", "exiting with 3", "logs", "crash")
	s.says(t, "logs-previous", "exiting with 3", "logs", "crash", "--previous")
	s.says(t, "termination-message", "termination message", "get", "pod", "crash", "-o", status("containerStatuses[0].lastState.terminated.message"))
	s.says(t, "not-ready", "0/1", "get", "pod", "srv", "--no-headers")
	s.says(t, "exec", "^$", "exec", "srv", "--", "/workload", "write", "/tmp/ready", "ok")
	s.waits(t, "ready", "condition=Ready", "pod/srv")
	s.says(t, "exec-exit-code", "exit code 7", "exec", "cli", "--", "/workload", "exit", "7")
	t.Run("port-forward", func(t *testing.T) { s.portForward(t) })
	s.says(t, "delete", "deleted", "delete", "pod", "--all", "--timeout=60s")
}

// portForward reaches a pod through the API server, from loopback.
func (s scene) portForward(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	cmd := exec.Command(s.Program, "kubectl", "-n", strconv.Itoa(s.Number), "--", "-n", s.ns, "port-forward", "--address=127.0.0.1", "pod/srv", fmt.Sprintf("%d:8080", port))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	sandboxtest.Eventually(t, "an answer through the API server", 20*time.Second, func() error {
		r, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", port))
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK {
			return fmt.Errorf("answer %s", r.Status)
		}
		return nil
	})
}

// TestNetwork holds who reaches whom, and that nobody reaches the outside.
func TestNetwork(t *testing.T) {
	s := newScene(t, "pods.yaml")
	s.k(t, "wait", "--timeout=60s", "--for=jsonpath={.status.phase}=Running", "pod/srv", "pod/cli")
	s.k(t, "exec", "srv", "--", "/workload", "write", "/tmp/ready", "ok")
	s.k(t, "wait", "--timeout=60s", "--for=condition=Ready", "pod/srv")
	pod := "http://" + s.k(t, "get", "pod", "srv", "-o", "jsonpath={.status.podIP}") + ":8080/"
	service := "http://" + s.k(t, "get", "svc", "srv", "-o", "jsonpath={.spec.clusterIP}") + "/"
	const hello = "hello from srv"
	gets := func(name, from, url string) {
		t.Run(name, func(t *testing.T) {
			sandboxtest.Eventually(t, url, 20*time.Second, func() error { // the rules of a service come a moment after it
				if said := s.try(t, "exec", from, "--", "/workload", "get", url); !strings.Contains(said, hello) {
					return fmt.Errorf("from %s: %s", from, said)
				}
				return nil
			})
		})
	}
	gets("pod-to-pod", "cli", pod)
	gets("pod-to-service", "cli", service)
	gets("hairpin", "srv", service)
	gets("dns", "cli", "http://srv."+s.ns+".svc.cluster.local/")
	gets("dns-short", "cli", "http://srv/")
	s.nodeGets(t, "node-to-pod", pod, hello)
	s.nodeGets(t, "node-to-service", service, hello)
	s.k(t, "create", "rolebinding", "view", "--clusterrole=view", "--serviceaccount="+s.ns+":default")
	s.says(t, "in-cluster-api", `"kind":"PodList"`, "exec", "cli", "--", "/workload", "get", "-ca", "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
		"-token", "/var/run/secrets/kubernetes.io/serviceaccount/token", "https://kubernetes.default.svc/api/v1/namespaces/"+s.ns+"/pods?limit=1")
	t.Run("nothing-leaves", func(t *testing.T) {
		// Documentation's addresses (RFC 5737, RFC 3849), a public name, and this machine as its gateway's neighbours know it.
		outside := []string{"http://192.0.2.1/", "https://198.51.100.7/", "http://[2001:db8::1]/", "http://example.com/"}
		for _, own := range ownAddresses(t) {
			outside = append(outside, "http://"+net.JoinHostPort(own, "80")+"/")
		}
		for _, url := range outside {
			// At once: a neighbour that does not answer would be given up after 3 s, which is longer than is waited for.
			said := s.try(t, "exec", "cli", "--", "/workload", "get", "-within", "2s", url)
			if !regexp.MustCompile("no route to host|network is unreachable|no such host|cannot assign requested address").MatchString(said) {
				t.Errorf("a pod, %s: %s", url, said)
			}
			if said := s.node(t, s.workload(t), "get", url); !regexp.MustCompile("no route to host|network is unreachable|no such host|cannot assign requested address|server misbehaving|connection refused").MatchString(said) {
				t.Errorf("the node, %s: %s", url, said)
			}
		}
	})
}

// TestNamespaceCleanUp holds that a test's namespace goes with it, and that what keeps one is told.
func TestNamespaceCleanUp(t *testing.T) {
	t.Parallel()
	c := sandboxtest.Get(t)
	const name = "kept"
	c.Kubectl(t, "create", "namespace", name)
	c.Apply(t, name, `{apiVersion: v1, kind: ConfigMap, metadata: {name: c, finalizers: [example.test/stays]}}`)
	if err := c.RemoveNamespace(name, 5*time.Second); err == nil || !strings.Contains(err.Error(), "namespace kept is still there: ") {
		t.Errorf("%v", err)
	}
	c.Kubectl(t, "-n", name, "patch", "configmap", "c", "--type=merge", "-p", `{"metadata":{"finalizers":null}}`)
	if err := c.RemoveNamespace(name, time.Minute); err != nil {
		t.Error(err)
	}
}

// ownAddresses are this machine's addresses but for loopback.
func ownAddresses(t *testing.T) []string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			out = append(out, n.IP.String())
		}
	}
	return out
}

// TestWorkloads holds the restricted profile, resources in place, and stateful sets.
func TestWorkloads(t *testing.T) {
	s := newScene(t)
	s.Kubectl(t, "label", "namespace", s.ns, "pod-security.kubernetes.io/enforce=restricted")
	s.apply(t, "workloads.yaml")
	s.waits(t, "restricted", "condition=Ready", "pod/restricted")
	s.says(t, "init-and-memory-volume", "from-init", "exec", "restricted", "-c", "c", "--", "/workload", "cat", "/w/x")
	uid := s.k(t, "get", "pod", "restricted", "-o", "jsonpath={.metadata.uid}")
	quota := func(t *testing.T, want string) {
		t.Helper()
		sandboxtest.Eventually(t, "a quota of "+want, 90*time.Second, func() error {
			files, err := filepath.Glob(fmt.Sprintf("/sys/fs/cgroup/cpu/vigie-sandbox-%d/kubepods/burstable/pod%s/*/cpu.cfs_quota_us", s.Number, uid))
			if len(files) == 0 { // version 2
				files, err = filepath.Glob(fmt.Sprintf("/sys/fs/cgroup/vigie-sandbox-%d/kubepods/burstable/pod%s/*/cpu.max", s.Number, uid))
			}
			if err != nil {
				return err
			}
			var all []string
			for _, f := range files {
				text, err := os.ReadFile(f)
				if err != nil {
					return err
				}
				all = append(all, string(text))
				if regexp.MustCompile(`(?m)^` + want + `\b`).Match(text) {
					return nil
				}
			}
			return fmt.Errorf("found %q", all)
		})
	}
	t.Run("cpu-quota", func(t *testing.T) { quota(t, "20000") })
	s.says(t, "resize", "patched", "patch", "pod", "restricted", "--subresource", "resize", "-p",
		`{"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"300m"}}}]}}`)
	t.Run("resized", func(t *testing.T) { quota(t, "30000") })
	s.says(t, "resized-without-restart", "^0$", "get", "pod", "restricted", "-o", `jsonpath={.status.containerStatuses[?(@.name=="c")].restartCount}`)
	s.says(t, "stateful-set", "complete|rolled out", "rollout", "status", "sts/sts", "--timeout=60s")
	t.Run("stateful-name", func(t *testing.T) {
		sandboxtest.Eventually(t, "sts-1 by its name", 20*time.Second, func() error {
			if said := s.try(t, "exec", "sts-0", "--", "/workload", "get", "http://sts-1.sts:8080/"); !strings.Contains(said, "hello from sts-1") {
				return fmt.Errorf("got %s", said)
			}
			return nil
		})
	})
	s.says(t, "privileged-refused", "violates PodSecurity", "run", "bad", "--image="+sandboxtest.Image, "--privileged", "--", "sleep")
}

// TestNode holds what needs the node itself: its network, its disks, its probes, its clock.
func TestNode(t *testing.T) {
	s := newScene(t, "node.yaml")
	t.Cleanup(func() { // a volume belongs to no namespace
		if said, err := exec.Command(s.Program, "kubectl", "-n", strconv.Itoa(s.Number), "delete", "pv", "local1", "--wait=false").CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, said)
		}
	})
	s.nodeGets(t, "host-network", "http://127.0.0.1:18888/", "hello from "+node)
	s.waits(t, "local-volume", "condition=Ready", "pod/localpv")
	t.Run("liveness-restart", func(t *testing.T) {
		sandboxtest.Eventually(t, "a restart", 90*time.Second, func() error {
			if n := s.k(t, "get", "pod", "liveness", "-o", "jsonpath={.status.containerStatuses[0].restartCount}"); n == "" || n == "0" {
				return fmt.Errorf("restarted %s times", n)
			}
			return nil
		})
	})
	s.waits(t, "cron-job", "jsonpath={.status.lastSuccessfulTime}", "cronjob/cron")
	s.says(t, "stats-summary", `"podRef"`, "get", "--raw", "/api/v1/nodes/"+node+"/proxy/stats/summary")
	s.says(t, "container-metrics", `container_memory_working_set_bytes\{container="c"`, "get", "--raw", "/api/v1/nodes/"+node+"/proxy/metrics/cadvisor")
}

// TestVolumes holds that volumes are what is asked for: owned, of a real size, grown in use, copied and restored.
func TestVolumes(t *testing.T) {
	s := newScene(t, "volume.yaml")
	s.waits(t, "claim-and-pod", "condition=Ready", "pod/vol")
	s.says(t, "write", "^$", "exec", "vol", "--", "/workload", "write", "/data/f", "first")
	s.says(t, "other-volumes", "BEGIN CERTIFICATE", "exec", "vol", "--", "/workload", "cat", "/cm/ca.crt")
	s.says(t, "host-path", "root", "exec", "vol", "--", "/workload", "cat", "/host/passwd")
	s.apply(t, "snapshot.yaml")
	s.waits(t, "snapshot", "jsonpath={.status.readyToUse}=true", "volumesnapshot/s1")
	s.says(t, "snapshot-size", "^310Mi$", "get", "volumesnapshot", "s1", "-o", "jsonpath={.status.restoreSize}")
	s.says(t, "write-again", "^$", "exec", "vol", "--", "/workload", "write", "/data/f", "second")
	s.apply(t, "restore.yaml")
	s.waits(t, "restored-pod", "condition=Ready", "pod/vol2")
	s.says(t, "restored-content", "^first", "exec", "vol2", "--", "/workload", "cat", "/data/f")
	s.says(t, "source-goes-on", "^second", "exec", "vol", "--", "/workload", "cat", "/data/f")
	s.says(t, "size-is-real", "no space left on device", "exec", "vol", "--", "/workload", "fill", "/data", "40", "10000000")
	s.says(t, "expansion-asked", "patched", "patch", "pvc", "data", "-p", `{"spec":{"resources":{"requests":{"storage":"600Mi"}}}}`)
	t.Run("expanded", func(t *testing.T) {
		sandboxtest.Eventually(t, "the larger claim", 2*time.Minute, func() error {
			s.k(t, "annotate", "pod", "vol", "poke="+strconv.FormatInt(time.Now().UnixNano(), 10), "--overwrite") // else the node looks once in a minute or so
			if size := s.k(t, "get", "pvc", "data", "-o", "jsonpath={.status.capacity.storage}"); size != "600Mi" {
				return fmt.Errorf("its size is %s", size)
			}
			return nil
		})
	})
	s.says(t, "more-fits", "^$", "exec", "vol", "--", "/workload", "fill", "/data", "40", "10000000")
	s.says(t, "as-written", "40 files are as they were written", "exec", "vol", "--", "/workload", "verify", "/data")
	volumes := strings.Fields(s.k(t, "get", "pvc", "-o", "jsonpath={.items[*].spec.volumeName}"))
	s.says(t, "delete-all", "deleted", "delete", "pod,pvc,volumesnapshot", "--all", "--timeout=60s")
	for _, v := range volumes {
		s.waits(t, "volume-gone", "delete", "pv/"+v)
	}
}

// policies are NetworkPolicies, each with what the pods near and far then reach of srv; the pods are those of pods.yaml
// in the namespace, and far in another one.
var policies = []struct {
	name, spec string
	near, far  bool // reach srv's port 8080
	out        bool // srv reaches near
}{
	{"none", "", true, true, true},
	{"deny ingress", `{podSelector: {}, policyTypes: [Ingress]}`, false, false, false},
	{"deny ingress of one", `{podSelector: {matchLabels: {app: srv}}, policyTypes: [Ingress]}`, false, false, true},
	{"same namespace", `{podSelector: {matchLabels: {app: srv}}, ingress: [{from: [{podSelector: {}}]}]}`, true, false, true},
	{"one pod", `{podSelector: {matchLabels: {app: srv}}, ingress: [{from: [{podSelector: {matchLabels: {role: near}}}]}]}`, true, false, true},
	{"another pod", `{podSelector: {matchLabels: {app: srv}}, ingress: [{from: [{podSelector: {matchLabels: {role: nobody}}}]}]}`, false, false, true},
	{"another namespace", `{podSelector: {matchLabels: {app: srv}}, ingress: [{from: [{namespaceSelector: {matchLabels: {place: far}}}]}]}`, false, true, true},
	{"every namespace", `{podSelector: {matchLabels: {app: srv}}, ingress: [{from: [{namespaceSelector: {}}]}]}`, true, true, true},
	{"everybody", `{podSelector: {matchLabels: {app: srv}}, ingress: [{}]}`, true, true, true},
	{"the port", `{podSelector: {matchLabels: {app: srv}}, ingress: [{ports: [{port: 8080}]}]}`, true, true, true},
	{"the port by name", `{podSelector: {matchLabels: {app: srv}}, ingress: [{ports: [{port: web}]}]}`, true, true, true},
	{"a range of ports", `{podSelector: {matchLabels: {app: srv}}, ingress: [{ports: [{port: 8000, endPort: 8100}]}]}`, true, true, true},
	{"another port", `{podSelector: {matchLabels: {app: srv}}, ingress: [{ports: [{port: 8081}]}]}`, false, false, true},
	{"another protocol", `{podSelector: {matchLabels: {app: srv}}, ingress: [{ports: [{port: 8080, protocol: UDP}]}]}`, false, false, true},
	{"addresses", `{podSelector: {matchLabels: {app: srv}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}`, true, true, true},
	{"addresses but some", `{podSelector: {matchLabels: {app: srv}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.244.0.0/16]}}]}]}`, false, false, true},
	{"deny egress of the caller", `{podSelector: {matchLabels: {role: near}}, policyTypes: [Egress]}`, false, true, true},
	{"egress of the caller to the port", `{podSelector: {matchLabels: {role: near}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: srv}}}], ports: [{port: 8080}]}]}`, true, true, true},
	{"egress of the caller to a name", `{podSelector: {matchLabels: {role: near}}, policyTypes: [Egress], egress: [{ports: [{port: web}]}]}`, true, true, true},
	{"egress of the caller elsewhere", `{podSelector: {matchLabels: {role: near}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {place: far}}}]}]}`, false, true, true},
	{"deny egress of srv", `{podSelector: {matchLabels: {app: srv}}, policyTypes: [Egress]}`, true, true, false},
}

const policyPods = `
apiVersion: v1
kind: Pod
metadata: {name: srv, labels: {app: srv}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: c, image: "sandbox.local/workload:1", args: [serve], ports: [{name: web, containerPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: near, labels: {role: near}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: c, image: "sandbox.local/workload:1", args: [serve]}
`

// TestNetworkPolicy holds that policies are enforced as the API means them, by connections that are made and refused.
func TestNetworkPolicy(t *testing.T) {
	s := newScene(t)
	far := scene{s.Cluster, s.Namespace(t)}
	s.Kubectl(t, "label", "namespace", far.ns, "place=far")
	ip := map[string]string{}
	for _, in := range []scene{s, far} {
		in.Apply(t, in.ns, policyPods)
		in.k(t, "wait", "--for=condition=Ready", "pod/srv", "pod/near", "--timeout=60s")
	}
	for _, pod := range []string{"srv", "near"} {
		ip[pod] = s.k(t, "get", "pod", pod, "-o", "jsonpath={.status.podIP}")
	}
	for _, p := range policies {
		t.Run(p.name, func(t *testing.T) {
			s.k(t, "delete", "networkpolicy", "--all")
			if p.spec != "" {
				s.Apply(t, s.ns, "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: "+p.spec+"}")
			}
			reaches := func(from scene, pod, to string, want bool) {
				t.Helper()
				// The rules follow within milliseconds; what is asked is that they come to be, and then are so.
				sandboxtest.Eventually(t, from.ns+" "+pod+" to "+to, 10*time.Second, func() error {
					said, err := from.TryKubectl(t, "-n", from.ns, "exec", pod, "--", "/workload", "get", "http://"+ip[to]+":8080/")
					switch {
					case want && err != nil:
						return err
					case !want && err == nil:
						return fmt.Errorf("it is reached: %s", said)
					case !want && !strings.Contains(said, "connection refused"):
						return fmt.Errorf("it is not refused: %s", said)
					}
					return nil
				})
			}
			reaches(s, "near", "srv", p.near)
			reaches(far, "near", "srv", p.far)
			reaches(s, "srv", "near", p.out)
			if !p.near {
				reaches(s, "srv", "srv", true) // a pod always reaches itself
			}
			s.nodeGets(t, "the node", "http://"+ip["srv"]+":8080/", "hello from srv")
		})
	}
	t.Run("deny egress closes the API server and the names too", func(t *testing.T) {
		s.k(t, "delete", "networkpolicy", "--all")
		api := "https://" + s.Kubectl(t, "get", "svc", "kubernetes", "-o", "jsonpath={.spec.clusterIP}") + "/livez"
		get := []string{"exec", "near", "--", "/workload", "get", "-ca", "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", api}
		sandboxtest.Eventually(t, "an answer of the API server", 10*time.Second, func() error {
			if said := s.try(t, get...); !strings.Contains(said, "200 OK") {
				return fmt.Errorf("got %s", said)
			}
			return nil
		})
		s.Apply(t, s.ns, "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: {podSelector: {}, policyTypes: [Egress]}}")
		sandboxtest.Eventually(t, "a refusal", 10*time.Second, func() error {
			if said := s.try(t, get...); !strings.Contains(said, "connection refused") {
				return fmt.Errorf("got %s", said)
			}
			return nil
		})
	})
}
