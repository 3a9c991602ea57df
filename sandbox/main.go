// Command sandbox runs a real Kubernetes cluster of one node on this machine, without a container registry: its daemons
// are built from Go modules and run in namespaces of their own, which nothing leaves. It is for tests and demonstrations;
// nothing of it enters the product.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const usage = `Sandbox runs a real Kubernetes cluster of one node, built from Go modules, for tests.

  go run ./sandbox up          build what is not built yet, start a cluster, print the path of its kubeconfig
  go run ./sandbox down        end it (-wipe: forget its data too)
  go run ./sandbox status      say whether it is up
  go run ./sandbox kubeconfig  print the path of its kubeconfig (-as tenant, -as provider: of another than the administrator's)
  go run ./sandbox build       build only
  go run ./sandbox load        put a tenant into it, or many objects (load -h)
  go run ./sandbox fault       break something, in pods or at the API server (fault -h, fault list)
  go run ./sandbox kubectl ... kubectl on the cluster, as its administrator
  go run ./sandbox enter ...   a command within the cluster's network, where its addresses are: enter curl http://10.96.0.1

-n N names one of several clusters, 0 to 250; up -n auto takes a free number. With up -owner PID the cluster ends with
that process, and its data goes too. Builds, data and logs lie in $VIGIE_SANDBOX_DIR, else in the user's cache folder.
It needs root, Linux, the Go module proxy, and Debian's gcc, libseccomp-dev, nftables, iproute2 and xfsprogs. Where the
kernel forbids namespaces, up -control-plane starts etcd, the API server and the controllers alone, on loopback: no node,
no pod runs. up -build=false does not build, and fails where something is not built.

`

func main() {
	err := command(os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func command(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(fs.Output(), usage) }
	number := fs.String("n", "0", "which cluster")
	as := fs.String("as", "admin", "kubeconfig: whose")
	o := options{}
	fs.IntVar(&o.owner, "owner", 0, "up: the process that the cluster ends with")
	mayBuild := fs.Bool("build", true, "up: build what is not built")
	fs.BoolVar(&o.controlPlane, "control-plane", false, "up: without a node")
	fs.IntVar(&o.launcher, "launcher", 0, "keep: the process that waits for the cluster")
	wipe := fs.Bool("wipe", false, "down: forget the cluster's data too")
	if len(args) == 0 {
		fs.Usage()
		return flag.ErrHelp
	}
	verb := args[0]
	if verb == "help" || verb == "-h" || verb == "--help" {
		fs.SetOutput(out)
		fs.Usage()
		return nil
	}
	if verb == "load" || verb == "fault" { // they have flags of their own
		return withOwnFlags(args, out)
	}
	if err := fs.Parse(args[1:]); err != nil {
		return err
	}
	if fs.NArg() > 0 && verb != "kubectl" && verb != "enter" {
		return fmt.Errorf("%q is not taken: see sandbox help", fs.Arg(0))
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if verb == "up" {
		return up(ctx, cache, *number, *mayBuild, o, out)
	}
	n, err := strconv.Atoi(*number)
	if err != nil {
		return fmt.Errorf("-n %s: want a number of 0 to %d", *number, highest)
	}
	c, err := open(cache, n)
	if err != nil {
		return err
	}
	switch verb {
	case "build":
		_, err := programs(ctx, cache, true)
		return err
	case "down":
		return down(c, *wipe)
	case "kubeconfig":
		file, err := c.KubeconfigAs(*as)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, file)
		return err
	case "status":
		return status(c, out)
	case "kubectl", "enter":
		return become(verb, c, fs.Args())
	case "keep", "pid1", "node": // what up starts
		return inside(verb, c, o)
	}
	return fmt.Errorf("no command %q: see sandbox help", verb)
}

// withOwnFlags runs a command that has other flags than those about the cluster as a whole.
func withOwnFlags(args []string, out io.Writer) error {
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if args[0] == "fault" {
		return faultCommand(cache, args[1:], out)
	}
	return load(ctx, cache, args[1:], out)
}

// programs are those that the cluster was started with.
func (c Cluster) programs() (Programs, error) {
	p := Programs{dirs: map[string]string{}}
	raw, err := os.ReadFile(c.in("programs.json"))
	if err != nil {
		return p, err
	}
	return p, decode(raw, &p.dirs)
}

// inside runs the parts of a cluster that up started.
func inside(verb string, c Cluster, o options) error {
	p, err := c.programs()
	if err != nil {
		return err
	}
	switch verb {
	case "keep":
		signal.Reset() // its own end is its own affair
		return keep(c, p, o)
	case "pid1":
		return pid1(c)
	}
	return runNode(c, p, o)
}

// become becomes a command on the cluster.
func become(verb string, c Cluster, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s: which command?", verb)
	}
	if c.keeper() == 0 {
		return c.isDown()
	}
	p, err := c.programs()
	if err != nil {
		return err
	}
	argv := p.k8s("kubectl", args...)
	if verb == "enter" {
		first, err := c.first()
		if err != nil {
			return err
		}
		nsenter, err := exec.LookPath("nsenter")
		if err != nil {
			return err
		}
		argv = append([]string{nsenter, "--target", first, "--net"}, args...)
	}
	return syscall.Exec(argv[0], argv, append(os.Environ(), "KUBECONFIG="+c.Kubeconfig()))
}

func status(c Cluster, out io.Writer) error {
	pid := c.keeper()
	if pid == 0 {
		_, err := fmt.Fprintf(out, "cluster %d is down\n", c.N)
		return err
	}
	word := "starting"
	if _, err := os.Stat(c.in("ready")); err == nil {
		word = "up"
	}
	fmt.Fprintf(out, "cluster %d is %s: process %d, https://127.0.0.1:%d, logs in %s\n", c.N, word, pid, c.port(), c.in("log"))
	faults, err := faultsOf(c)
	for _, line := range faults {
		fmt.Fprintln(out, line)
	}
	return err
}

// options are how a cluster is started.
type options struct {
	owner, launcher int  // processes; 0: none
	controlPlane    bool // without a node
}

// args are the options as arguments.
func (o options) args() []string {
	return []string{"-owner", strconv.Itoa(o.owner), "-launcher", strconv.Itoa(o.launcher), "-control-plane=" + strconv.FormatBool(o.controlPlane)}
}

// up builds what is not built, and starts a cluster.
func up(ctx context.Context, cache, number string, mayBuild bool, o options, out io.Writer) error {
	if os.Geteuid() != 0 && !o.controlPlane {
		return errors.New("up needs root: it makes namespaces, mounts and cgroups; without it, up -control-plane starts a cluster without a node")
	}
	p, err := programs(ctx, cache, mayBuild)
	if err != nil {
		return err
	}
	begin := time.Now()
	c, done, err := choose(cache, number)
	if err != nil {
		return err
	}
	defer done()
	if pid := c.keeper(); pid != 0 {
		return fmt.Errorf("cluster %d is up already (process %d): sandbox down -n %d ends it", c.N, pid, c.N)
	}
	if err := os.MkdirAll(c.State, 0o755); err != nil {
		return err
	}
	raw, err := encode(p.dirs)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.in("programs.json"), raw, 0o644); err != nil {
		return err
	}
	if err := os.Setenv("VIGIE_SANDBOX_DIR", cache); err != nil { // what up starts works in another folder
		return err
	}
	o.launcher = os.Getpid()
	if err := start(ctx, c, append([]string{"-n", strconv.Itoa(c.N)}, o.args()...)); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "cluster %d is up after %.1f s\n", c.N, time.Since(begin).Seconds())
	_, err = fmt.Fprintln(out, c.Kubeconfig())
	return err
}

// choose gives the cluster of a number, or of one that nobody uses. Until done is called nobody else is given one: a
// number is known to be used by its port alone, since other caches than this one may stand on the machine.
func choose(cache, number string) (c Cluster, done func(), err error) {
	if number != "auto" {
		n, err := strconv.Atoi(number)
		if err != nil {
			return c, nil, fmt.Errorf("-n %s: want a number of 0 to %d, or auto", number, highest)
		}
		c, err = open(cache, n)
		return c, func() {}, err
	}
	// The folder itself: a file of our own would be left behind.
	shared, err := os.Open(os.TempDir())
	if err != nil {
		return c, nil, err
	}
	unlock, err := lock(shared, func() {})
	if err != nil {
		return c, nil, err
	}
	done = func() { _ = unlock() } // nothing was written
	for n := lowestAuto; n <= highest; n++ {
		c := Cluster{N: n, State: filepath.Join(cache, "state", strconv.Itoa(n))}
		if _, err := os.Stat(c.State); err == nil {
			continue // somebody's data
		}
		if l, err := c.listen(); err == nil {
			return c, done, l.Close()
		}
	}
	done()
	return c, nil, fmt.Errorf("no number of %d to %d is free: sandbox down -n N -wipe forgets a cluster", lowestAuto, highest)
}

// programs builds what is not in the cache, where it may.
func programs(ctx context.Context, cache string, mayBuild bool) (Programs, error) {
	source, err := sourceDir()
	if err != nil {
		return Programs{}, err
	}
	return build(ctx, cache, source, mayBuild, func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) })
}

// cacheDir is where builds and clusters lie.
func cacheDir() (string, error) {
	dir := os.Getenv("VIGIE_SANDBOX_DIR")
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no folder for builds (VIGIE_SANDBOX_DIR names one): %w", err)
		}
		dir = filepath.Join(user, "vigie-sandbox")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for _, covered := range append([]string{"/run"}, slices.Collect(maps.Keys(ownFolders))...) {
		if strings.HasPrefix(dir+"/", covered+"/") {
			return "", fmt.Errorf("VIGIE_SANDBOX_DIR lies in %s, which the cluster covers with a folder of its own: choose another", covered)
		}
	}
	return dir, nil
}

// sourceDir is the folder of this program's source, from the working folder upwards.
func sourceDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		for _, source := range []string{at, filepath.Join(at, "sandbox")} {
			if _, err := os.Stat(filepath.Join(source, "parts", "k8s", "go.mod")); err == nil {
				return source, nil
			}
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is not within the repository: its folder sandbox/parts is needed to build", dir)
		}
	}
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}

// tail is the end of a file, for people. The file may be gone by its name.
func tail(f *os.File) string {
	data, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<20))
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-20):], []byte("\n")))
}
