package manifest

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDirectory reads directories: which files count, what is foreign, to which tree each belongs.
func TestDirectory(t *testing.T) {
	dir := tree(t, map[string]string{
		"a.yaml": pod("a"), "b.YML": pod("b"), "c.json": jsonPod("c"), "README.md": "# no", "notes": pod("x"), "d/e/f.yaml": pod("f"),
		".git/config.yaml": pod("git"), ".hidden/h.yaml": pod("h"), "values.yaml": "a: 1\n", "data.json": `{"a":[1]}`, "list.json": `[1]`, "word.json": `"x"`,
		"helmfile.yaml": "repositories: []\n", "empty.yaml": "# nothing\n", "old.tar.gz": "x", "Chart.lock": "x: [", "._a.yaml": "\x00\x05\x16\x07\x00",
		"new\nline\x1b[31m.yaml": pod("nl"),
	})
	r, st := read(t, Options{}, dir)
	want(t, r, dir,
		"._a.yaml:0#0 foreign other",
		".hidden/h.yaml:1#1 doc v1 Pod h",
		"a.yaml:1#1 doc v1 Pod a",
		"b.YML:1#1 doc v1 Pod b",
		"c.json:1#1 doc v1 Pod c",
		"d/e/f.yaml:1#1 doc v1 Pod f",
		"data.json:1#1 foreign json-data",
		"empty.yaml:0#0 foreign empty",
		"helmfile.yaml:1#1 foreign helmfile",
		"list.json:1#1 foreign json-data",
		"new\nline\x1b[31m.yaml:1#1 doc v1 Pod nl",
		"old.tar.gz:0#0 foreign archive",
		"values.yaml:1#1 foreign values",
		"word.json:1#1 foreign json-data",
	)
	if st.Files != 11 || st.Documents != 11 {
		t.Errorf("%+v", st)
	}
	for _, d := range r.docs {
		if d.Root != dir {
			t.Errorf("%s: root %q", d.File, d.Root)
		}
	}
}

// TestPaths reads each file once, whatever leads to it, and shows it as the user gave it.
func TestPaths(t *testing.T) {
	dir := tree(t, map[string]string{"k/a.yaml": pod("a"), "k/b.yaml": pod("b"), "c.txt": pod("c")})
	t.Chdir(dir)
	r, _ := read(t, Options{}, "./k/", "k/a.yaml", "c.txt", filepath.Join(dir, "c.txt"), "k")
	want(t, r, "", "c.txt:1#1 doc v1 Pod c", "k/a.yaml:1#1 doc v1 Pod a", "k/b.yaml:1#1 doc v1 Pod b")
	r, _ = read(t, Options{}, ".")
	want(t, r, "", "k/a.yaml:1#1 doc v1 Pod a", "k/b.yaml:1#1 doc v1 Pod b")

	for name, paths := range map[string][]string{"gone": {"k", "gone.yaml"}, "none": nil, "no standard input": {"-"}, "no path": {""}} {
		r := &recorder{}
		if _, err := Read(context.Background(), paths, Options{}, r); !errors.Is(err, ErrPath) {
			t.Errorf("%s: %v", name, err)
		}
		if r.String() != "" {
			t.Errorf("%s: %s", name, r)
		}
	}
}

// TestNothingFound says of each path that held nothing.
func TestNothingFound(t *testing.T) {
	dir := tree(t, map[string]string{"empty/": "", "readme/README.md": "x", "empty.yaml": "", "a/a.yaml": pod("a"), "v/values.yaml": "a: 1\n"})
	in := func(names ...string) (out []string) {
		for _, n := range names {
			out = append(out, filepath.Join(dir, n))
		}
		return out
	}
	r, _ := read(t, Options{}, in("empty", "readme", "empty.yaml", "a", "v")...)
	want(t, r, dir,
		"a/a.yaml:1#1 doc v1 Pod a", "empty.yaml:0#0 foreign empty", "empty.yaml:0#0 nothing-found", "empty:0#0 nothing-found", "readme:0#0 nothing-found",
		"v/values.yaml:1#1 foreign values")
}

// TestIgnore asks what is to be left out.
func TestIgnore(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": pod("a"), "x/b.yaml": "broken: [", "y/c.yaml": "broken: ["})
	r, _ := read(t, Options{Ignore: func(rel string) bool { return rel == "x" || rel == "y/c.yaml" }}, dir)
	want(t, r, dir, "a.yaml:1#1 doc v1 Pod a")
}

func TestKustomize(t *testing.T) {
	dir := tree(t, map[string]string{
		"base/kustomization.yaml": "resources: [a.yaml, both.yaml]\n", "base/a.yaml": pod("a"), "base/both.yaml": pod("both"), "base/deep/d.yaml": pod("d"),
		"over/kustomization.yml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n- path: p.yaml\n- path: ../shared/s.yaml\n- patch: |\n    x\n" +
			"patchesStrategicMerge: [m.yaml, \"a: 1\\nb: 2\"]\npatchesJson6902: [{path: j.yaml}]\nreplacements: [{path: r.yaml}]\ntransformers: [t.yaml, ../base/both.yaml]\n" +
			"helmCharts: [{valuesFile: v.yaml, additionalValuesFiles: [w.yaml]}]\nconfigMapGenerator: [{files: [key=c.yaml], envs: [e.yaml]}]\n",
		"over/p.yaml": pod("p"), "over/m.yaml": pod("m"), "over/j.yaml": "- op: add\n", "over/r.yaml": "- source: {kind: Pod}\n", "over/t.yaml": pod("t"),
		"over/v.yaml": "a: 1\n", "over/w.yaml": "a: 1\n", "over/c.yaml": pod("c"), "over/e.yaml": "x: 1\n", "over/own.yaml": pod("own"), "shared/s.yaml": pod("s"), "shared/u.yaml": pod("u"),
		"third/Kustomization": "resources: []\n", "fourth/kustomization.yaml": "patches: [\n", "loose.yaml": pod("loose"),
	})
	r, _ := read(t, Options{}, dir)
	want(t, r, dir,
		"base/a.yaml:1#1 doc v1 Pod a",
		"base/both.yaml:1#1 doc v1 Pod both",
		"base/deep/d.yaml:1#1 doc v1 Pod d",
		"base/kustomization.yaml:1#1 foreign kustomization",
		"fourth/kustomization.yaml:1#1 yaml-syntax what=expected-value",
		"loose.yaml:1#1 doc v1 Pod loose",
		"over/c.yaml:1#1 foreign other",
		"over/e.yaml:1#1 foreign other",
		"over/j.yaml:1#1 foreign kustomize-patch",
		"over/kustomization.yml:1#1 foreign kustomization",
		"over/m.yaml:1#1 foreign kustomize-patch",
		"over/own.yaml:1#1 doc v1 Pod own",
		"over/p.yaml:1#1 foreign kustomize-patch",
		"over/r.yaml:1#1 foreign kustomize-patch",
		"over/t.yaml:1#1 foreign kustomize-patch",
		"over/v.yaml:1#1 foreign values",
		"over/w.yaml:1#1 foreign values",
		"shared/s.yaml:1#1 foreign kustomize-patch",
		"shared/u.yaml:1#1 doc v1 Pod u",
		"third/Kustomization:1#1 foreign kustomization",
	)
	roots := map[string]string{"a": "base", "d": "base", "own": "over", "u": "", "loose": ""}
	for _, d := range r.docs {
		if root, ok := roots[nameOf(d)]; ok && d.Root != filepath.Join(dir, root) {
			t.Errorf("%s: root %s", d.File, d.Root)
		}
	}
}

func TestChart(t *testing.T) {
	dir := tree(t, map[string]string{
		"shop/Chart.yaml": "apiVersion: v2\nname: shop\n", "shop/values.yaml": "a: 1\n", "shop/ci/prod-values.yaml": "b: 1\n", "shop/values.schema.json": "{}",
		"shop/templates/a.yaml": "kind: {{ .x }}\n", "shop/templates/deep/b.yaml": "{{ if }}\n", "shop/templates/_helpers.tpl": "{{", "shop/crds/c.yaml": pod("crd"),
		"shop/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\n", "shop/charts/sub/templates/x.yaml": "{{", "shop/charts/sub/values.yaml": "c: 1\n", "shop/charts/dep-1.tgz": "x",
		"shop/extra/e.yaml": pod("extra"),
		"lib/Chart.yaml":    "apiVersion: v2\nname: lib\ntype: library\n", "lib/templates/_x.tpl": "{{",
		"umbrella/Chart.yaml": "apiVersion: v2\nname: u\ndependencies: [{name: a}]\n",
		"templates/t.yaml":    pod("no chart"),
	})
	r, _ := read(t, Options{}, dir)
	want(t, r, dir,
		"lib/Chart.yaml:1#1 foreign chart",
		"shop/Chart.yaml:1#0 chart-not-rendered templates=3",
		"shop/Chart.yaml:1#1 foreign chart",
		"shop/charts/dep-1.tgz:0#0 foreign archive",
		"shop/charts/sub/Chart.yaml:1#1 foreign chart",
		"shop/charts/sub/values.yaml:1#1 foreign values",
		"shop/ci/prod-values.yaml:1#1 foreign values",
		"shop/crds/c.yaml:1#1 doc v1 Pod crd",
		"shop/extra/e.yaml:1#1 doc v1 Pod extra",
		"shop/values.schema.json:1#1 foreign values",
		"shop/values.yaml:1#1 foreign values",
		"templates/t.yaml:1#1 doc v1 Pod no chart",
		"umbrella/Chart.yaml:1#0 chart-not-rendered templates=0",
		"umbrella/Chart.yaml:1#1 foreign chart",
	)
	r, _ = read(t, Options{}, filepath.Join(dir, "shop", "Chart.yaml"))
	want(t, r, dir, "shop/Chart.yaml:1#1 foreign chart")
}

// link makes a symbolic link.
func link(t *testing.T, dir, target, name string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// TestLinks follows links within the directory, each file once, and none that leads out.
func TestLinks(t *testing.T) {
	outside := tree(t, map[string]string{"secret.yaml": pod("outside"), "d/x.yaml": pod("outside too")})
	dir := tree(t, map[string]string{"a.yaml": pod("a"), "sub/b.yaml": pod("b"), "plain": pod("plain"), "..2026_01/m.yaml": pod("mounted"), "..2026_01/kustomization.yaml": "resources: []\n"})
	link(t, dir, "a.yaml", "again.yaml")
	link(t, dir, "plain", "named.yaml")
	link(t, dir, "..2026_01", "..data")
	link(t, dir, "..data/m.yaml", "m.yaml")
	link(t, dir, "..data/kustomization.yaml", "kustomization.yaml")
	link(t, dir, "sub", "other")
	link(t, dir, ".", "sub/loop")
	link(t, dir, "..", "sub/up")
	link(t, dir, "y.yaml", "x.yaml")
	link(t, dir, "x.yaml", "y.yaml")
	link(t, dir, "gone.yaml", "dangling.yaml")
	link(t, dir, "gone", "dangling")
	link(t, dir, filepath.Join(outside, "secret.yaml"), "out.yaml")
	link(t, dir, filepath.Join("..", filepath.Base(outside), "d"), "outdir")
	link(t, dir, filepath.Join(dir, "sub", "b.yaml"), "absolute.yaml")
	link(t, dir, "sub/../../"+filepath.Base(dir)+"/a.yaml", "round.yaml")
	r, _ := read(t, Options{}, dir)
	want(t, r, dir,
		"a.yaml:1#1 doc v1 Pod a",
		"dangling.yaml:0#0 unreadable what=link",
		"kustomization.yaml:1#1 foreign kustomization",
		"m.yaml:1#1 doc v1 Pod mounted",
		"named.yaml:1#1 doc v1 Pod plain",
		"out.yaml:0#0 link-outside",
		"outdir:0#0 link-outside",
		"round.yaml:0#0 link-outside",
		"sub/b.yaml:1#1 doc v1 Pod b",
		"sub/loop:0#0 link-cycle",
		"sub/up:0#0 link-cycle",
		"x.yaml:0#0 link-cycle",
		"y.yaml:0#0 link-cycle",
	)
	// The argument itself may be a link: the user named it.
	link(t, outside, dir, "tree")
	r, _ = read(t, Options{}, filepath.Join(outside, "tree", "sub"))
	if len(r.docs) != 1 {
		t.Error(r)
	}
}

// TestTreeOfProblems makes partial the tree in which something was not read, and no other.
func TestTreeOfProblems(t *testing.T) {
	dir := tree(t, map[string]string{"k/kustomization.yaml": "resources: []\n", "k/sub/broken.yaml": "a: [", "top.yaml": "a: ["})
	link(t, dir, "/nowhere/x.yaml", "k/sub/out.yaml")
	link(t, dir, "gone.yaml", "gone.yaml")
	want := map[string]string{"broken.yaml": "k", "out.yaml": "k", "gone.yaml": "", "top.yaml": ""}
	check := func(r *recorder, root func(string) string) {
		t.Helper()
		if len(r.problems) != len(want) {
			t.Error(r)
		}
		for _, p := range r.problems {
			if root := root(want[filepath.Base(p.File)]); p.Root != root {
				t.Errorf("%s: root %s, want %s", p.File, p.Root, root)
			}
		}
	}
	r, _ := read(t, Options{}, dir)
	check(r, func(name string) string { return filepath.Join(dir, name) })

	archive := filepath.Join(t.TempDir(), "a.tar")
	write(t, archive, makeTar(t,
		inTar{name: "k/kustomization.yaml", body: "resources: []\n"}, inTar{name: "k/sub/broken.yaml", body: "a: ["}, inTar{name: "top.yaml", body: "a: ["},
		inTar{name: "k/sub/out.yaml", kind: tar.TypeSymlink, link: "/nowhere/x.yaml"}, inTar{name: "gone.yaml", kind: tar.TypeSymlink, link: "gone.yaml"}))
	r, _ = read(t, Options{}, archive)
	check(r, func(name string) string {
		if name == "" {
			return archive
		}
		return archive + "!" + name
	})
}

// TestSpecialFiles never opens what might never answer.
func TestSpecialFiles(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": pod("a")})
	for _, name := range []string{"pipe.yaml", "pipe"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link(t, dir, "pipe", "link.yaml")
	link(t, dir, "/dev/zero", "zero.yaml")
	r, _ := read(t, Options{}, dir)
	want(t, r, dir,
		"a.yaml:1#1 doc v1 Pod a", "link.yaml:0#0 special-file what=fifo", "pipe.yaml:0#0 special-file what=fifo", "pipe:0#0 special-file what=fifo",
		"zero.yaml:0#0 link-outside")
}

// TestSwapped opens a pipe that was a file a moment ago, and does not wait for it.
func TestSwapped(t *testing.T) {
	dir := tree(t, map[string]string{})
	name := filepath.Join(dir, "pipe.yaml")
	if err := syscall.Mkfifo(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openRegular(os.OpenFile, name); !errors.Is(err, errSpecial) {
		t.Errorf("a pipe was opened: %v", err)
	}
}

// TestStreams reads what is no regular file: standard input, a pipe that is named, a device.
func TestStreams(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		io.WriteString(out, pod("piped"))
		out.Close()
	}()
	defer in.Close()
	r, _ := read(t, Options{Stdin: strings.NewReader(pod("in"))}, "-", "-", "/dev/null", "/dev/fd/"+strconv.Itoa(int(in.Fd())))
	if len(r.docs) != 2 || len(r.problems) != 1 || r.problems[0].Reason != ReasonNothingFound || r.problems[0].File != "/dev/null" {
		t.Error(r)
	}
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	go os.WriteFile(fifo, []byte(pod("fifo")), 0)
	r, _ = read(t, Options{}, fifo)
	want(t, r, dir, "fifo:1#1 doc v1 Pod fifo")
	r, _ = read(t, Options{Limits: Limits{FileBytes: 1 << 20}}, "/dev/zero")
	want(t, r, "", "/dev/zero:0#0 too-large what=file")
}

// TestCancel gives up streams that never answer.
func TestCancel(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo") // nobody writes to it
	if err := syscall.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	for name, o := range map[string]Options{fifo: {}, "-": {Stdin: in}} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		r := &recorder{}
		if _, err := Read(ctx, []string{name}, o, r); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if r.String() != "" {
			t.Errorf("%s: %s", name, r)
		}
	}
	// Whoever waits for the writer to the pipe is let go.
	f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// TestCancelled reads nothing once the context is cancelled, and returns.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := &stopping{cancel: cancel}
	all := bytes.Join(objects(5000), []byte("---\n"))
	if _, err := Read(ctx, []string{"-"}, Options{Stdin: bytes.NewReader(all)}, stop); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := stop.docs.Load(); n == 0 || n == 5000 {
		t.Errorf("%d documents", n)
	}
}

type stopping struct {
	counting
	cancel func()
}

func (s *stopping) Document(w int, d Document) {
	s.counting.Document(w, d)
	s.cancel()
}

// TestUnreadable reads as a user who may not: where the test is run by root it starts itself as nobody.
func TestUnreadable(t *testing.T) {
	const child = "VIGIE_MANIFEST_UNREADABLE"
	dir := os.Getenv(child)
	if dir == "" {
		dir = tree(t, map[string]string{"a.yaml": pod("a"), "no.yaml": pod("no"), "shut/x.yaml": pod("x"), "alone.yaml": pod("alone")})
		for d := dir; d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"no.yaml", "shut", "alone.yaml"} {
			p := filepath.Join(dir, name)
			if err := os.Chmod(p, 0); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(p, 0o755) })
		}
		if os.Geteuid() == 0 {
			asNobody(t, child+"="+dir)
			return
		}
	}
	r, _ := read(t, Options{}, filepath.Join(dir, "alone.yaml"), filepath.Join(dir, "shut"), dir)
	want(t, r, dir,
		"a.yaml:1#1 doc v1 Pod a", "alone.yaml:0#0 unreadable what=file", "no.yaml:0#0 unreadable what=file", "shut:0#0 unreadable what=directory",
		"shut:0#0 unreadable what=directory")
	for _, p := range r.problems {
		if p.Values["why"] != "permission denied" {
			t.Errorf("%s: %v", p.File, p.Values)
		}
	}
}

// asNobody runs the calling test again without rights.
func asNobody(t *testing.T, env string) {
	t.Helper()
	self := filepath.Join(t.TempDir(), "test")
	bin, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(self, bin, 0o755)
	}
	for d := filepath.Dir(self); err == nil && d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
		err = os.Chmod(d, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir, cmd.Env = "/", append(os.Environ(), env)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}
