package manifest

import (
	"archive/tar"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fake renders what a test says, and notes what it was asked for.
type fake struct {
	mu   sync.Mutex
	jobs []string
	give map[string]func(t RenderTree) Rendering // by directory
}

func (f *fake) Render(_ context.Context, j RenderJob, t RenderTree) Rendering {
	f.mu.Lock()
	defer f.mu.Unlock()
	what := "kustomization "
	if j.Chart {
		what = "chart "
	}
	f.jobs = append(f.jobs, what+j.Dir)
	if give := f.give[j.Dir]; give != nil {
		return give(t)
	}
	return Rendering{Done: true}
}

func (f *fake) asked() string {
	slices.Sort(f.jobs)
	return strings.Join(f.jobs, ", ")
}

var renderTree = map[string]string{
	"base/kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "base/a.yaml": pod("a"), "base/b.yaml": pod("b"), "base/loose.yaml": pod("loose"),
	"comp/kustomization.yaml": "kind: Component\nresources: [c.yaml]\n", "comp/c.yaml": pod("c"),
	"unused/kustomization.yaml": "kind: Component\nresources: [u.yaml]\n", "unused/u.yaml": pod("u"),
	"over/prod/kustomization.yaml": "resources: [../../base]\ncomponents: [../../comp]\n", "over/test/kustomization.yaml": "resources: [../../base]\n",
	"ring/a/kustomization.yaml": "resources: [../b]\n", "ring/b/kustomization.yaml": "resources: [../a]\n",
	"chart/Chart.yaml": "name: chart\nversion: 1.0.0\n", "chart/templates/t.yaml": "# nothing\nkind: {{ .Values.kind }}\nmetadata:\n  name: x\n", "chart/crds/crd.yaml": pod("crd"),
	"chart/charts/sub/Chart.yaml": "name: sub\nversion: 1.0.0\n", "lib/Chart.yaml": "name: lib\ntype: library\nversion: 1.0.0\n", "lib/templates/_x.yaml": "{{",
}

// TestRenderedTree renders what stands by itself, and reads what nobody took in.
func TestRenderedTree(t *testing.T) {
	dir := tree(t, renderTree)
	f := &fake{give: map[string]func(RenderTree) Rendering{
		"over/prod": func(RenderTree) Rendering {
			return Rendering{Done: true, Used: []string{"base/a.yaml", "base/b.yaml", "comp/c.yaml", "base/kustomization.yaml"}, Texts: []RenderedText{
				{File: "base/a.yaml", Line: 1, Source: []byte(pod("a")), Text: []byte("kind: Pod\nmetadata: {name: prod-a}\napiVersion: v1\n")},
				{File: "base/a.yaml", Line: 7, Text: []byte(pod("prod-b"))},
			}}
		},
		"over/test": func(RenderTree) Rendering {
			return Rendering{Done: true, Used: []string{"base/a.yaml"}, Texts: []RenderedText{{File: "base/a.yaml", Line: 1, Text: []byte(pod("test-a"))}}}
		},
		"chart": func(RenderTree) Rendering {
			return Rendering{Done: true, Texts: []RenderedText{
				{File: "chart/templates/t.yaml", Text: []byte("\n\nkind: Pod\napiVersion: v1\nmetadata:\n  name: x\n---\na: 1\n---\nkind: [\n"), Lines: []int{1, 1, 2, 2, 3, 4, 4, 9, 9, 10}},
				{File: "chart/templates/empty.yaml", Text: []byte("\n# nothing\n"), Lines: []int{1, 2}},
			}}
		},
	}}
	r, st := read(t, Options{Render: f}, dir)
	if got, want := f.asked(), "chart chart, kustomization over/prod, kustomization over/test, kustomization ring/a"; got != want {
		t.Errorf("asked for %s\nwant %s", got, want)
	}
	want(t, r, dir,
		"base/a.yaml:1#1 doc v1 Pod prod-a",
		"base/a.yaml:1#1 doc v1 Pod test-a",
		"base/a.yaml:7#1 doc v1 Pod prod-b",
		"base/kustomization.yaml:1#1 foreign kustomization",
		"base/loose.yaml:1#1 doc v1 Pod loose",
		"chart/Chart.yaml:1#1 foreign chart",
		"chart/charts/sub/Chart.yaml:1#1 foreign chart",
		"chart/crds/crd.yaml:1#1 doc v1 Pod crd",
		"chart/templates/t.yaml:2#1 doc v1 Pod x",
		"chart/templates/t.yaml:9#2 no-kind",
		"chart/templates/t.yaml:10#3 yaml-syntax what=expected-value",
		"comp/kustomization.yaml:1#1 foreign kustomization",
		"lib/Chart.yaml:1#1 foreign chart",
		"over/prod/kustomization.yaml:1#1 foreign kustomization",
		"over/test/kustomization.yaml:1#1 foreign kustomization",
		"ring/a/kustomization.yaml:1#1 foreign kustomization",
		"ring/b/kustomization.yaml:1#1 foreign kustomization",
		"unused/kustomization.yaml:1#1 foreign kustomization",
		"unused/u.yaml:1#1 doc v1 Pod u",
	)
	for _, d := range r.docs {
		root := map[string]string{"prod-a": "over/prod", "prod-b": "over/prod", "test-a": "over/test", "x": "chart", "loose": "base", "u": "unused", "crd": "chart"}[nameOf(d)]
		if d.Root != filepath.Join(dir, root) {
			t.Errorf("%s: root %s, want %s", nameOf(d), d.Root, root)
		}
		switch nameOf(d) {
		case "prod-a":
			if string(d.Text) != pod("a") || d.Lines != nil {
				t.Errorf("the document is not that of the base: %q", d.Text)
			}
		case "prod-b":
			if d.Text != nil {
				t.Errorf("a text that nobody knows: %q", d.Text)
			}
		case "x":
			if at := Locate(d.Text, "metadata", "name"); d.Lines[at] != 4 {
				t.Errorf("line %d of %v", at, d.Lines)
			}
		}
	}
	if st.Files != 15 {
		t.Errorf("%+v", st)
	}
}

// TestNotRendered sees as much as can be seen of an overlay that fails: its base alone, and its own files as they stand.
func TestNotRendered(t *testing.T) {
	dir := tree(t, map[string]string{
		"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": pod("a"), "shared/kustomization.yaml": "resources: [s.yaml]\n", "shared/s.yaml": pod("s"),
		"prod/kustomization.yaml": "resources: [../base, ../shared, own.yaml]\n", "prod/own.yaml": pod("own"), "test/kustomization.yaml": "resources: [../shared]\n",
	})
	f := &fake{give: map[string]func(RenderTree) Rendering{
		"prod": func(RenderTree) Rendering {
			return Rendering{Used: []string{"shared/s.yaml", "prod/own.yaml"}, Troubles: []Trouble{
				{File: "prod/kustomization.yaml", Line: 1, Reason: ReasonKustomizationFailed, Values: map[string]any{"what": "remote"}}}}
		},
		"test": func(RenderTree) Rendering {
			return Rendering{Done: true, Used: []string{"shared/s.yaml"}, Texts: []RenderedText{{File: "shared/s.yaml", Line: 1, Text: []byte(pod("test-s"))}}}
		},
	}}
	r, _ := read(t, Options{Render: f}, dir)
	if got := f.asked(); got != "kustomization base, kustomization prod, kustomization test" {
		t.Errorf("asked for %s", got)
	}
	want(t, r, dir,
		"base/a.yaml:1#1 doc v1 Pod a",
		"base/kustomization.yaml:1#1 foreign kustomization",
		"prod/kustomization.yaml:1#0 kustomization-failed what=remote",
		"prod/kustomization.yaml:1#1 foreign kustomization",
		"prod/own.yaml:1#1 doc v1 Pod own",
		"shared/kustomization.yaml:1#1 foreign kustomization",
		"shared/s.yaml:1#1 doc v1 Pod test-s",
		"test/kustomization.yaml:1#1 foreign kustomization",
	)
}

// TestRenderedArchive renders what stands in an archive, out of memory.
func TestRenderedArchive(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "chart.tgz")
	write(t, archive, zipped(t, makeTar(t,
		inTar{name: "web/Chart.yaml", body: "name: web\nversion: 1.0.0\n"}, inTar{name: "web/templates/t.yaml", body: "{{"}, inTar{name: "web/templates/_h.tpl", body: "x"},
		inTar{name: "web/files/", kind: tar.TypeDir}, inTar{name: "web/link", kind: tar.TypeSymlink, link: "/etc/passwd"}, inTar{name: "../out.yaml", body: "x"},
	)))
	var seen []string
	f := &fake{give: map[string]func(RenderTree) Rendering{"web": func(tr RenderTree) Rendering {
		seen, _ = tr.List("web/templates")
		if data, err := tr.Read("web/templates/_h.tpl"); err != nil || string(data) != "x" {
			t.Errorf("%q, %v", data, err)
		}
		for _, name := range []string{"../out.yaml", "/etc/passwd", "web/../../out.yaml"} {
			if _, err := tr.Read(name); !errors.Is(err, ErrOutside) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := tr.Read("web/link"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a link: %v", err)
		}
		return Rendering{Done: true, Texts: []RenderedText{{File: "web/templates/t.yaml", Text: []byte(pod("t")), Lines: []int{3, 4, 5}}}}
	}}}
	r, _ := read(t, Options{Render: f}, archive)
	if strings.Join(seen, " ") != "_h.tpl t.yaml" {
		t.Error(seen)
	}
	want(t, r, archive,
		".!../out.yaml:0#0 archive-entry-unsafe",
		".!web/Chart.yaml:1#1 foreign chart",
		".!web/link:0#0 link-outside",
		".!web/templates/t.yaml:3#1 doc v1 Pod t",
	)
}

// TestTreeOfFolder shows a folder to a renderer, and nothing outside of it.
func TestTreeOfFolder(t *testing.T) {
	outside := tree(t, map[string]string{"secret.yaml": "x"})
	dir := tree(t, map[string]string{"k/kustomization.yaml": "resources: []\n", "k/real/x.txt": "x", "k/big.txt": strings.Repeat("x", MaxRenderInput+1)})
	link(t, dir, "real", "k/link")
	link(t, dir, filepath.Join(outside, "secret.yaml"), "k/out.yaml")
	link(t, dir, outside, "k/outdir")
	f := &fake{give: map[string]func(RenderTree) Rendering{"k": func(tr RenderTree) Rendering {
		names, err := tr.List("k")
		if got := strings.Join(names, " "); err != nil || got != "big.txt kustomization.yaml link/ out.yaml outdir real/" {
			t.Errorf("%s, %v", got, err)
		}
		if real, _, err := tr.Look("k/link/x.txt"); real != "k/real/x.txt" || err != nil {
			t.Errorf("%s, %v", real, err)
		}
		for _, name := range []string{"k/out.yaml", "k/outdir/secret.yaml", "../x", "k/../../x", "/etc/passwd"} {
			if _, err := tr.Read(name); !errors.Is(err, ErrOutside) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := tr.Read("k/big.txt"); err == nil {
			t.Error("a file over the limit was read")
		}
		if _, err := tr.Read("k/real"); err == nil {
			t.Error("a directory was read")
		}
		if _, err := tr.List("k/nothing"); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		return Rendering{Done: true}
	}}}
	read(t, Options{Render: f}, dir)
	if len(f.jobs) != 1 {
		t.Error(f.jobs)
	}
}

// TestRenderedRevision renders what stands in a Tree that lies on no disk.
func TestRenderedRevision(t *testing.T) {
	held := map[string]string{
		"k/kustomization.yaml": "resources: [../base]\n", "base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": pod("a"), "base/x.txt": "x", "free.yaml": pod("free"),
	}
	rev := Tree{Path: "repo", Key: "key"}
	for name, text := range held {
		rev.Files = append(rev.Files, TreeFile{Name: name, Size: int64(len(text)), Read: func(context.Context, int64) ([]byte, error) { return []byte(text), nil }})
	}
	rev.Files = append(rev.Files, TreeFile{Name: "linked", Link: "base"}, TreeFile{Name: "out", Link: "../../etc"}, TreeFile{Name: "round", Link: "round"})
	f := &fake{give: map[string]func(RenderTree) Rendering{"k": func(tr RenderTree) Rendering {
		if data, err := tr.Read("linked/x.txt"); err != nil || string(data) != "x" {
			t.Errorf("%q, %v", data, err)
		}
		if names, err := tr.List("."); err != nil || strings.Join(names, " ") != "base/ free.yaml k/ linked/ out round" {
			t.Errorf("%v, %v", names, err)
		}
		for _, name := range []string{"out/passwd", "../x", "/etc/passwd", "k/../../x"} {
			if _, err := tr.Read(name); !errors.Is(err, ErrOutside) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := tr.Read("round"); err == nil {
			t.Error("a link to itself was followed")
		}
		return Rendering{Done: true, Used: []string{"base/a.yaml"}, Texts: []RenderedText{{File: "base/a.yaml", Line: 1, Source: []byte(pod("a")), Text: []byte(pod("k-a"))}}}
	}}}
	r := &recorder{}
	if _, err := ReadTrees(context.Background(), []Tree{rev}, Options{Render: f}, r); err != nil {
		t.Fatal(err)
	}
	want(t, r, "repo",
		"base/a.yaml:1#1 doc v1 Pod k-a", "base/kustomization.yaml:1#1 foreign kustomization", "free.yaml:1#1 doc v1 Pod free",
		"k/kustomization.yaml:1#1 foreign kustomization", "out:0#0 link-outside", "round:0#0 link-cycle")
	flat := &fake{}
	if _, err := ReadTrees(context.Background(), []Tree{rev}, Options{Render: flat, Flat: true}, &recorder{}); err != nil || len(flat.jobs) > 0 {
		t.Errorf("%v: %v", flat.jobs, err)
	}
}
