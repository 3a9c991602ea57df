package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A part is a Go module whose programs the cluster consists of. The modules are apart because their dependencies
// contradict each other.
type part struct {
	name  string
	steps []step
	files []moduleFiles
}

// moduleFiles are files of a module that the part requires, copied beside its programs.
type moduleFiles struct {
	module string
	globs  []string
	to     string
	crd    bool // definitions of custom resources, kept lean and by their names
}

// A step is one go build.
type step struct {
	out      string // folder below the part's own, or file, in it
	packages []string
	ldflags  string
	tags     string
	cgo      bool
}

// kubernetes is the version of parts/k8s/go.mod, which the daemons say of themselves.
const kubernetes = "1.36.3"

func versionFlags() string {
	flags := "-X k8s.io/client-go/pkg/version.gitVersion=v" + kubernetes
	for _, v := range []string{"gitVersion=v" + kubernetes, "gitMajor=1", "gitMinor=36", "gitTreeState=clean"} {
		flags += " -X k8s.io/component-base/version." + v
	}
	return flags
}

var parts = []part{
	{name: "k8s", steps: []step{{out: "k8s", packages: []string{"."}, ldflags: versionFlags()}}},
	{name: "runtime", steps: []step{
		{packages: []string{
			"github.com/containerd/containerd/v2/cmd/containerd", "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
			"github.com/containerd/containerd/v2/cmd/ctr",
		}, ldflags: "-X github.com/containerd/containerd/v2/version.Version=v2.4.2"},
		{out: "cni", packages: []string{
			"github.com/containernetworking/plugins/plugins/main/ptp", "github.com/containernetworking/plugins/plugins/main/loopback",
			"github.com/containernetworking/plugins/plugins/ipam/host-local", "github.com/containernetworking/plugins/plugins/meta/portmap",
		}},
		// runc knows seccomp profiles only with libseccomp, by cgo.
		{packages: []string{"github.com/opencontainers/runc"}, tags: "seccomp", cgo: true},
	}},
	{name: "addons", steps: []step{{packages: []string{
		"./csi-driver", "./netpol", "./coredns", "github.com/kubernetes-csi/external-snapshotter/v8/cmd/csi-snapshotter",
		"github.com/kubernetes-csi/external-snapshotter/v8/cmd/snapshot-controller",
		"github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner", "github.com/kubernetes-csi/external-resizer/v2/cmd/csi-resizer",
		"k8s.io/kube-state-metrics/v2",
	}}}, files: []moduleFiles{{module: "github.com/kubernetes-csi/external-snapshotter/client/v8", globs: []string{"config/crd/*snapshot*.yaml"}, to: "crd", crd: true}}},
	{name: "crds", files: crdFiles},
	{name: "images", steps: []step{{packages: []string{"./pause", "./workload"}}}},
}

// Programs tells where the programs of a build are.
type Programs struct{ dirs map[string]string } // by part

// In is the path of a file of a part.
func (p Programs) In(part, file string) string { return filepath.Join(p.dirs[part], file) }

// k8s is the command line of one of Kubernetes' programs, which are one.
func (p Programs) k8s(name string, args ...string) []string {
	return append([]string{p.In("k8s", "k8s"), name}, args...)
}

// build builds what is not in the cache, where it may, and tells of each part how long that took. Two builders wait for each other.
func build(ctx context.Context, cache, source string, mayBuild bool, say func(format string, args ...any)) (p Programs, err error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return p, fmt.Errorf("make the cache: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(cache, "build.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return p, fmt.Errorf("lock: %w", err)
	}
	unlock, err := lock(f, func() { say("waiting for another build to end") })
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	p.dirs = map[string]string{}
	for _, pt := range parts {
		dir := filepath.Join(source, "parts", pt.name)
		sum, err := hashTree(dir, pt)
		if err != nil {
			return p, fmt.Errorf("read %s: %w", dir, err)
		}
		done := filepath.Join(cache, pt.name+"-"+sum)
		p.dirs[pt.name] = done
		if _, err := os.Stat(done); err == nil {
			continue
		}
		if !mayBuild {
			return p, fmt.Errorf("%s is not built: go run ./sandbox build does it, which takes some minutes the first time", pt.name)
		}
		say("building %s: some minutes the first time", pt.name)
		begin := time.Now()
		if err := pt.build(ctx, dir, done); err != nil {
			return p, fmt.Errorf("build %s: %w", pt.name, err)
		}
		say("built %s in %.0f s", pt.name, time.Since(begin).Seconds())
		if err := dropOld(cache, pt.name, done); err != nil {
			return p, err
		}
	}
	return p, nil
}

// build puts the part's programs into a folder of the cache, whole or not at all.
func (pt part) build(ctx context.Context, source, done string) (err error) {
	half, err := os.MkdirTemp(filepath.Dir(done), ".half-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(half)) }()
	for _, s := range pt.steps {
		out := filepath.Join(half, s.out)
		if len(s.packages) > 1 || s.out == "" || s.out == "cni" {
			out += string(filepath.Separator)
		}
		if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
			return err
		}
		args := []string{"build", "-trimpath", "-ldflags", "-s -w " + s.ldflags, "-o", out}
		if s.tags != "" {
			args = append(args, "-tags", s.tags)
		}
		cmd := exec.CommandContext(ctx, "go", append(args, s.packages...)...)
		cmd.Dir = source
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly", "CGO_ENABLED=0")
		if s.cgo {
			cmd.Env = append(cmd.Env, "CGO_ENABLED=1")
		}
		if said, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(s.packages, " "), err, said)
		}
	}
	for _, f := range pt.files {
		if err := f.copy(ctx, source, half); err != nil {
			return err
		}
	}
	return os.Rename(half, done)
}

func (f moduleFiles) copy(ctx context.Context, source, to string) error {
	// Of a module that gives files only, nothing that it requires is needed: go.sum holds its own sums alone.
	get := exec.CommandContext(ctx, "go", "mod", "download", "-json", f.module)
	get.Dir, get.Env = source, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	said, err := get.Output()
	var module struct{ Dir, Error string }
	if err != nil {
		_ = decode(said, &module) // where it says nothing, err does
		return fmt.Errorf("get the module %s: %w: %s", f.module, err, module.Error)
	}
	if err := decode(said, &module); err != nil {
		return fmt.Errorf("get the module %s: %w", f.module, err)
	}
	if err := os.MkdirAll(filepath.Join(to, f.to), 0o755); err != nil {
		return err
	}
	for _, glob := range f.globs {
		found, err := filepath.Glob(filepath.Join(module.Dir, glob))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("the module %s holds no %s", f.module, glob)
		}
		for _, file := range found {
			if err := f.write(file, filepath.Join(to, f.to)); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

func (f moduleFiles) write(file, to string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	name := filepath.Base(file)
	if f.crd {
		if name, text, err = lean(text); err != nil {
			return err
		}
		name += ".json"
	}
	return os.WriteFile(filepath.Join(to, name), text, 0o644)
}

// hashTree names the files of a folder and what builds them.
func hashTree(dir string, pt part) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOARCH, pt.steps, pt.files)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintln(sum, filepath.ToSlash(rel))
		_, err = io.Copy(sum, f)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}

// dropOld removes what was built of a part before, but for the last: a cluster that runs may still start programs of it.
func dropOld(cache, name, now string) error {
	old, err := filepath.Glob(filepath.Join(cache, name+"-*"))
	if err != nil {
		return err
	}
	var last string
	var when time.Time
	for _, dir := range old {
		if info, err := os.Stat(dir); err == nil && dir != now && info.ModTime().After(when) {
			last, when = dir, info.ModTime()
		}
	}
	for _, dir := range old {
		if dir == now || dir == last {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("drop an old build: %w", err)
		}
	}
	return nil
}

// lock takes a file for this process alone, until unlock closes it; waiting is called where another one has it.
func lock(f *os.File, waiting func()) (unlock func() error, err error) {
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		waiting()
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return f.Close, nil
}
