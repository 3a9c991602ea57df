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
  go run ./sandbox kubeconfig  print the path of its kubeconfig
  go run ./sandbox build       build only
  go run ./sandbox load        put a tenant into it, or many objects (load -h)
  go run ./sandbox fault       break something, in pods or at the API server (fault -h, fault list)

-n N names one of several clusters, 0 to 250. Builds, data and logs lie in $VIGIE_SANDBOX_DIR, else in the user's cache
folder. It needs root, Linux, the Go module proxy, and Debian's gcc, libseccomp-dev, nftables and iproute2.

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
	n := fs.Int("n", 0, "which cluster")
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
	if verb == "load" || verb == "fault" { // they have flags of its own
		return withOwnFlags(args, out)
	}
	if err := fs.Parse(args[1:]); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("%q is not taken: see sandbox help", fs.Arg(0))
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	c, err := open(cache, *n)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	switch verb {
	case "up":
		if err := start(ctx, c, cache, []string{"-n", strconv.Itoa(*n)}); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, c.Kubeconfig())
		return err
	case "build":
		_, err := programs(ctx, cache)
		return err
	case "down":
		return down(c, *wipe)
	case "kubeconfig":
		_, err := fmt.Fprintln(out, c.Kubeconfig())
		return err
	case "status":
		return status(c, out)
	case "keep", "pid1", "node": // what up starts
		return inside(verb, c)
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

// inside runs the parts of a cluster that up started.
func inside(verb string, c Cluster) error {
	p := Programs{dirs: map[string]string{}}
	raw, err := os.ReadFile(c.in("programs.json"))
	if err != nil {
		return err
	}
	if err := decode(raw, &p.dirs); err != nil {
		return err
	}
	switch verb {
	case "keep":
		signal.Reset() // its own end is its own affair
		return keep(c, p)
	case "pid1":
		return pid1(c)
	}
	return runNode(c, p)
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

// start builds and starts a cluster.
func start(ctx context.Context, c Cluster, cache string, args []string) error {
	if os.Geteuid() != 0 {
		return errors.New("up needs root: it makes namespaces, mounts and cgroups")
	}
	p, err := programs(ctx, cache)
	if err != nil {
		return err
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
	begin := time.Now()
	if err := up(ctx, c, args); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "cluster %d is up after %.1f s\n", c.N, time.Since(begin).Seconds())
	return nil
}

// programs builds what is not in the cache.
func programs(ctx context.Context, cache string) (Programs, error) {
	source, err := sourceDir()
	if err != nil {
		return Programs{}, err
	}
	return build(ctx, cache, source, func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) })
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

// tail is the end of a file, for people.
func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-20):], []byte("\n")))
}
