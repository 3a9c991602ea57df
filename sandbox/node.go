package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

//go:embed etc
var settings embed.FS

// pid1 is the first process of the cluster's namespaces: it makes the node's file system and network, starts the node
// and takes in the processes that lose their parent. With it everything of the cluster ends.
func pid1(c Cluster) error {
	if err := c.mounts(); err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(node)); err != nil {
		return err
	}
	if err := c.network(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p, err := os.StartProcess(self, append([]string{self, "node"}, os.Args[2:]...), &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}, Env: os.Environ()})
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		_ = p.Signal(syscall.SIGTERM)
	}()
	for {
		var status syscall.WaitStatus
		switch pid, err := syscall.Wait4(-1, &status, 0, nil); {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return fmt.Errorf("wait for the node: %w", err)
		case pid == p.Pid && status.ExitStatus() != 0:
			return fmt.Errorf("the node ended: %v", status)
		case pid == p.Pid:
			return nil
		}
	}
}

// ownFolders are folders of the machine that the cluster covers with its own: what its daemons make in them stays there.
var ownFolders = map[string]string{"/var/lib": "var-lib", "/var/log": "var-log"}

// mounts gives the conventional paths of the daemons a place of the cluster's own.
func (c Cluster) mounts() error {
	// What is mounted here stays here; below, the kubelet and runc share their mounts with each other.
	for _, flags := range []uintptr{syscall.MS_SLAVE | syscall.MS_REC, syscall.MS_SHARED | syscall.MS_REC} {
		if err := syscall.Mount("", "/", "", flags, ""); err != nil {
			return fmt.Errorf("part the mounts from the machine's: %w", err)
		}
	}
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	for at, own := range ownFolders {
		if err := os.MkdirAll(c.in(own), 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(c.in(own), at, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s: %w", at, err)
		}
	}
	// What holds only for as long as the node runs.
	if err := os.MkdirAll("/var/lib/cni", 0o755); err != nil {
		return err
	}
	for _, at := range []string{"/run", "/var/lib/cni"} {
		if err := syscall.Mount("tmpfs", at, "tmpfs", 0, "mode=755"); err != nil {
			return fmt.Errorf("mount %s: %w", at, err)
		}
	}
	if err := os.MkdirAll("/run/netns", 0o755); err != nil {
		return err
	}
	// Without a name server the pull of an image that is not there fails at once.
	if err := os.WriteFile(c.in("etc", "resolv.conf"), nil, 0o644); err != nil {
		return err
	}
	if err := syscall.Mount(c.in("etc", "resolv.conf"), "/etc/resolv.conf", "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount /etc/resolv.conf: %w", err)
	}
	return nil
}

// network sets the namespace's own: nothing leads out of it. The node's address lies on the loopback interface, as do
// the services': else a process of the node would find no route to one before it is translated.
func (c Cluster) network() error {
	for _, args := range []string{
		"link set lo up", "addr add " + c.nodeIP() + "/32 dev lo", "route add unreachable default", "route add " + c.services() + " dev lo",
	} {
		if said, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", args, err, said)
		}
	}
	// The kernel saves on answers that there is no way out; a pod would wait for one it was not given.
	if err := os.WriteFile("/proc/sys/net/ipv4/icmp_ratelimit", []byte("0"), 0o644); err != nil {
		return err
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)
}

// configure writes the daemons' files.
func (c Cluster) configure(p Programs) error {
	fill := strings.NewReplacer(
		"@PODS@", c.pods(), "@IP@", c.nodeIP(), "@PKI@", c.in("pki"), "@DNS@", c.dnsIP(), "@CGROUP@", c.cgroup(),
		"@CNIBIN@", p.In("runtime", "cni"), "@ETC@", c.in("etc"), "@NODE@", node,
	)
	return fs.WalkDir(settings, "etc", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := settings.ReadFile(path)
		if err != nil {
			return err
		}
		to := c.in(filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, []byte(fill.Replace(string(text))), 0o644)
	})
}

// patience is how long the node waits for something of its own to come up.
const patience = 90 * time.Second

// runNode starts the daemons one after the other, as each needs, says when the cluster is ready, and goes on until it is
// told to end.
func runNode(c Cluster, p Programs, o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	n := &daemons{cluster: c, env: append(os.Environ(), "KUBECONFIG="+c.in("pki", "admin.kubeconfig"), "PATH="+p.In("runtime", "")+":"+os.Getenv("PATH"))}
	if o.controlPlane { // what ends this process ends the daemons too; within namespaces the kernel does it
		n.attr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	}
	defer n.end()
	unlisten, err := n.listen()
	if err != nil {
		return err
	}
	defer unlisten()
	begin := time.Now()
	say := func(what string) { fmt.Printf("%5d ms: %s\n", time.Since(begin).Milliseconds(), what) }
	if err := c.bringUp(ctx, n, p, o, say); err != nil {
		if ctx.Err() != nil {
			return nil // told to end meanwhile
		}
		return err
	}
	if err := os.WriteFile(c.in("ready"), nil, 0o644); err != nil {
		return err
	}
	say("the cluster is ready")
	<-ctx.Done()
	return nil
}

// bringUp starts the daemons: the control plane, and a node with its own.
func (c Cluster) bringUp(ctx context.Context, n *daemons, p Programs, o options, say func(string)) error {
	api, err := c.apiClient(o)
	if err != nil {
		return err
	}
	c.startControlPlane(n, p, o)
	if !o.controlPlane {
		if err := c.startRuntime(ctx, n, p); err != nil {
			return err
		}
		say("containerd runs, images are imported")
	}
	if err := await(ctx, "the API server", func() error { return api.get("/readyz", nil) }); err != nil {
		return err
	}
	say("the API server is ready")
	platform := make(chan error, 1)
	go func() { platform <- c.platform(ctx, n, p, o, api, say) }()
	c.startControllers(n, p, o)
	if !o.controlPlane {
		c.startNode(n, p)
		if err := await(ctx, "the node", api.nodeReady); err != nil {
			return err
		}
	}
	if err := await(ctx, "the default service account", func() error { return api.get("/api/v1/namespaces/default/serviceaccounts/default", nil) }); err != nil {
		return err
	}
	say("the controllers work")
	// The kinds that the snapshots of volumes need.
	if err := api.applyCRDs(ctx, p.In("addons", "crd"), nil); err != nil {
		return err
	}
	if !o.controlPlane {
		if err := c.addons(ctx, n, p, api, say); err != nil {
			return err
		}
	}
	return <-platform
}

// api is the API server's address, as the daemons see it; without a network of its own a cluster takes ports of its number.
func (o options) api(c Cluster) string {
	if o.controlPlane {
		return fmt.Sprintf("127.0.0.1:%d", 18000+c.N)
	}
	return "127.0.0.1:6443"
}

func (o options) server(c Cluster) string { return "https://" + o.api(c) }

// startControlPlane starts etcd and the API server. Without namespaces of its own a cluster takes ports of its number,
// and tells nobody an address.
func (c Cluster) startControlPlane(n *daemons, p Programs, o options) {
	client, peer := 2379, 2380
	reach := []string{"--secure-port=6443", "--bind-address=0.0.0.0", "--advertise-address=" + c.nodeIP()}
	if o.controlPlane {
		client, peer = 17000+2*c.N, 17001+2*c.N
		reach = []string{fmt.Sprintf("--secure-port=%d", 18000+c.N), "--bind-address=127.0.0.1", "--advertise-address=" + c.nodeIP(), "--endpoint-reconciler-type=none"}
	}
	etcd, peers := fmt.Sprintf("http://127.0.0.1:%d", client), fmt.Sprintf("http://127.0.0.1:%d", peer)
	n.start("etcd", p.k8s("etcd",
		"--data-dir="+c.in("etcd"), "--listen-client-urls="+etcd, "--advertise-client-urls="+etcd, "--listen-peer-urls="+peers,
		"--initial-advertise-peer-urls="+peers, "--initial-cluster=default="+peers))
	pki := func(file string) string { return c.in("pki", file) }
	n.start("kube-apiserver", append(p.k8s("kube-apiserver",
		"--etcd-servers="+etcd,
		"--tls-cert-file="+pki("apiserver.crt"), "--tls-private-key-file="+pki("apiserver.key"), "--client-ca-file="+pki("ca.crt"),
		"--kubelet-client-certificate="+pki("admin.crt"), "--kubelet-client-key="+pki("admin.key"), "--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file="+pki("sa.pub"), "--service-account-signing-key-file="+pki("sa.key"),
		"--requestheader-client-ca-file="+pki("ca.crt"), "--requestheader-allowed-names=front-proxy", "--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file="+pki("front-proxy.crt"), "--proxy-client-key-file="+pki("front-proxy.key"), "--enable-aggregator-routing",
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--service-cluster-ip-range="+c.services(), "--allow-privileged=true",
		"--audit-policy-file="+c.in("etc", "audit.yaml"), "--audit-log-path="+c.in("log", "audit.jsonl"), "--audit-log-maxsize=100", "--audit-log-maxbackup=2",
	), reach...))
}

// startRuntime starts containerd, and gives it the images.
func (c Cluster) startRuntime(ctx context.Context, n *daemons, p Programs) error {
	n.start("containerd", []string{p.In("runtime", "containerd"), "--config=" + c.in("etc", "containerd.toml")})
	ctr := func(args ...string) error {
		return run(ctx, n.env, append([]string{p.In("runtime", "ctr"), "-n", "k8s.io"}, args...)...)
	}
	if err := await(ctx, "containerd", func() error { return ctr("version") }); err != nil {
		return err
	}
	for _, image := range images {
		archive := c.in("images", image.name+".tar")
		if err := pack(p.In(image.part, image.name), "sandbox.local/"+image.name+":1", archive); err != nil {
			return fmt.Errorf("pack the image %s: %w", image.name, err)
		}
		if err := ctr("images", "import", archive); err != nil {
			return err
		}
	}
	return nil
}

// startControllers starts them without a leader to elect, and with as many requests as they like: at the default of 20 a
// second the first service accounts come 5 s late.
func (c Cluster) startControllers(n *daemons, p Programs, o options) {
	as := func(file string, more ...string) []string {
		f := c.in("pki", file+".kubeconfig")
		return append([]string{
			"--kubeconfig=" + f, "--authentication-kubeconfig=" + f, "--authorization-kubeconfig=" + f,
			"--bind-address=127.0.0.1", "--leader-elect=false", "--kube-api-qps=500", "--kube-api-burst=1000",
		}, more...)
	}
	manager := as("controller-manager",
		"--service-account-private-key-file="+c.in("pki", "sa.key"), "--root-ca-file="+c.in("pki", "ca.crt"), "--use-service-account-credentials",
		"--cluster-signing-cert-file="+c.in("pki", "ca.crt"), "--cluster-signing-key-file="+c.in("pki", "ca.key"))
	if o.controlPlane {
		n.start("kube-controller-manager", p.k8s("kube-controller-manager", append(manager, "--secure-port=0")...))
		return // there is no node to schedule to
	}
	n.start("kube-controller-manager", p.k8s("kube-controller-manager", manager...))
	n.start("kube-scheduler", p.k8s("kube-scheduler", as("scheduler")...))
}

// startNode starts what makes this machine a node.
func (c Cluster) startNode(n *daemons, p Programs) {
	pki := func(file string) string { return c.in("pki", file) }
	n.start("kubelet", p.k8s("kubelet", "--kubeconfig="+pki("kubelet.kubeconfig"), "--config="+c.in("etc", "kubelet.yaml"),
		"--hostname-override="+node, "--node-ip="+c.nodeIP(), "--tls-cert-file="+pki("kubelet.crt"), "--tls-private-key-file="+pki("kubelet.key"),
		"--maximum-dead-containers-per-container=2"))
	n.start("kube-proxy", p.k8s("kube-proxy", "--config="+c.in("etc", "kube-proxy.yaml"), "--hostname-override="+node))
}

// addons starts the driver of volumes with its controllers, what enforces policies, and the name server.
func (c Cluster) addons(ctx context.Context, n *daemons, p Programs, api *apiClient, say func(string)) error {
	if err := run(ctx, n.env, p.k8s("kubectl", "apply", "--server-side", "-f", c.in("etc", "csi"), "-f", c.in("etc", "dns.yaml"))...); err != nil {
		return err
	}
	const driver = "volumes.sandbox.local"
	socket := "/var/lib/kubelet/plugins/" + driver + "/csi.sock"
	n.start("csi-driver", []string{
		p.In("addons", "csi-driver"), "-root", c.in("volumes"), "-socket", socket, "-registration", "/var/lib/kubelet/plugins_registry/" + driver + "-reg.sock", "-node", node,
	})
	eager := []string{"--kubeconfig=" + c.in("pki", "admin.kubeconfig"), "--leader-election=false", "--kube-api-qps=200", "--kube-api-burst=400"}
	n.start("csi-provisioner", append([]string{p.In("addons", "csi-provisioner"), "--csi-address=" + socket, "--feature-gates=Topology=true", "--extra-create-metadata"}, eager...))
	n.start("csi-resizer", append([]string{p.In("addons", "csi-resizer"), "--csi-address=" + socket}, eager...))
	n.start("csi-snapshotter", append([]string{p.In("addons", "csi-snapshotter"), "--csi-address=" + socket}, eager...))
	n.start("snapshot-controller", append([]string{p.In("addons", "snapshot-controller")}, eager...))
	n.start("netpol", []string{p.In("addons", "netpol"), "-kubeconfig", c.in("pki", "admin.kubeconfig")})
	if err := await(ctx, "the driver of volumes", func() error { return api.driverKnown(driver) }); err != nil {
		return err
	}
	say("the driver of volumes is registered")
	if err := await(ctx, "the name server", api.namesServed); err != nil {
		return err
	}
	return nil
}

// await asks until there is no error.
func await(ctx context.Context, what string, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not come up: %w", what, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// run runs a program to its end; what it said is the error's.
func run(ctx context.Context, env []string, argv ...string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = env
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, strings.TrimSpace(string(said)))
	}
	return nil
}

// apiClient asks the API server as its administrator, from where the daemons are.
type apiClient struct {
	http.Client
	base string
}

func (c Cluster) apiClient(o options) (*apiClient, error) { return c.apiClientAt(o.server(c)) }

// apiClientAt asks as the administrator, from where the server's address means something.
func (c Cluster) apiClientAt(server string) (*apiClient, error) {
	pair, err := tls.LoadX509KeyPair(c.in("pki", "admin.crt"), c.in("pki", "admin.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(c.in("pki", "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &apiClient{
		Client: http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}}},
		base:   server,
	}, nil
}

// get asks for a path, and decodes the answer where into is given.
func (a *apiClient) get(path string, into any) error { return a.getAs("application/json", path, into) }

// getAs asks for a path in one of the forms that the API server has of it.
func (a *apiClient) getAs(form, path string, into any) error {
	r, err := http.NewRequest(http.MethodGet, a.base+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", form)
	return a.do(r, into)
}

// post creates an object.
func (a *apiClient) post(path string, object []byte) error {
	r, err := http.NewRequest(http.MethodPost, a.base+path, bytes.NewReader(object))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return a.do(r, nil)
}

// apply gives the API server an object, by server-side apply, and decodes what it made of it.
func (a *apiClient) apply(path string, object []byte, into any) error {
	r, err := http.NewRequest(http.MethodPatch, a.base+path+"?fieldManager=sandbox&force=true", bytes.NewReader(object))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/apply-patch+yaml")
	return a.do(r, into)
}

func (a *apiClient) do(request *http.Request, into any) error {
	r, err := a.Do(request)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return err
	}
	if r.StatusCode >= http.StatusMultipleChoices {
		var status struct{ Message string }
		_ = decode(body, &status) // a body that is no status has no message
		return fmt.Errorf("%s %s: %s: %s", request.Method, request.URL.Path, r.Status, status.Message)
	}
	return decode(body, into)
}
