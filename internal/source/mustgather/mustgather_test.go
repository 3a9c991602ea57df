package mustgather

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source"
	"vigie/internal/source/files/manifest"
	"vigie/internal/source/secrets"
)

var clock = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

// seen is what a dump gave.
type seen struct {
	stats source.Stats
	inv   *inventory.Inventory
	under string
}

func read(t testing.TB, path string, o manifest.Options) seen {
	t.Helper()
	d, ok, err := Detect(context.Background(), path, o)
	if err != nil || !ok {
		t.Fatalf("%s is not known as a dump: %v", path, err)
	}
	b := inventory.NewBuilder("", clock, inventory.NotCollected)
	s := &Source{Dumps: []Dump{d}, Options: o, Intake: func(b *inventory.Builder) *source.Intake {
		return &source.Intake{Builder: b, Scanner: secrets.New(secrets.Options{}), Origin: kinds.FromMustGather}
	}}
	st, err := s.Read(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return seen{st, b.Freeze(), path}
}

// lines says what was seen: objects, states of those lists that ask names, what was not read, records.
func (s seen) lines(ask []string) (out []string) {
	out = append(out, "layout "+s.stats.Layout, "collected "+s.stats.Collected.UTC().Format(time.RFC3339))
	only := map[inventory.Input]bool{kinds.Objects: true}
	for _, sp := range s.inv.Spaces() {
		for _, it := range kinds.Objects.In(s.inv.View(sp, only, clock)) {
			out = append(out, "object "+it.Ref.Kind+" "+it.Ref.Path())
		}
	}
	for _, line := range ask {
		out = append(out, s.state(line))
	}
	for _, u := range s.inv.Unread {
		name := filepath.ToSlash(strings.TrimLeft(strings.TrimPrefix(u.Place.File, s.under), "/!"))
		for _, mark := range []string{byNamespace + "/", byCluster + "/"} {
			if i := strings.Index(name, mark); i >= 0 {
				name = name[i:]
			}
		}
		out = append(out, "unread "+u.Reason+" "+name)
	}
	return append(out, fmt.Sprintf("records %d", s.stats.Foreign))
}

// state answers "state list pods in shop: STATE".
func (s seen) state(line string) string {
	head, _, _ := strings.Cut(line, ": ")
	name, where, _ := strings.Cut(strings.TrimPrefix(head, "state list "), " in ")
	space := inventory.Space{Namespace: where}
	if where == "the cluster" {
		space = inventory.Cluster
	}
	var in inventory.Input = kinds.Objects
	if e, ok := kinds.ByResource(name); ok {
		in = e.Input
	}
	st := inventory.Complete
	if g, gap := s.inv.Gap(in, space, clock); gap {
		st = g.State
	}
	return head + ": " + st.String()
}

// TestLayouts reads each dump of testdata as a directory and as a packed one.
func TestLayouts(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) < 3 {
		t.Fatalf("cases: %v, %v", cases, err)
	}
	for _, file := range cases {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		var want []string
		for _, f := range a.Files {
			if f.Name == "want" {
				want = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
				continue
			}
			write(t, filepath.Join(dir, filepath.FromSlash(f.Name)), f.Data)
		}
		var ask []string
		for _, l := range want {
			if strings.HasPrefix(l, "state ") {
				ask = append(ask, l)
			}
		}
		slices.Sort(want)
		for _, path := range []string{dir, pack(t, dir, "dump.tar.gz", "./"), pack(t, dir, "dump.tar", "")} {
			t.Run(filepath.Base(file)+" "+filepath.Ext(path), func(t *testing.T) {
				got := read(t, path, manifest.Options{}).lines(ask)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			})
		}
	}
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// pack makes a tar of a directory, gzipped by its name.
func pack(t testing.TB, dir, name, above string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(p)))
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: above + p, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), name)
	data := b.Bytes()
	if strings.HasSuffix(name, ".gz") {
		data = gzipped(t, data)
	}
	write(t, out, data)
	return out
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Bytes()
}

const livePods = "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a, namespace: shop, resourceVersion: \"1\"}\nkind: PodList\n"

// TestDetect: a tree of manifests is not a dump for being laid out like one.
func TestDetect(t *testing.T) {
	plain := strings.ReplaceAll(livePods, `, resourceVersion: "1"`, "")
	for name, c := range map[string]struct {
		files map[string]string
		want  Layout
	}{
		"manifests":                    {map[string]string{"deploy/a.yaml": plain, "config/version.json": "{}", "version": "1.2"}, ""},
		"manifests laid out so":        {map[string]string{"namespaces/shop/core/pods.yaml": plain, "namespaces/shop/shop.yaml": "kind: Namespace", "cluster-scoped-resources/core/namespaces/x.yaml": "kind: Namespace"}, ""},
		"a live dump elsewhere":        {map[string]string{"exports/pods.yaml": livePods}, ""},
		"a live dump too deep":         {map[string]string{"a/b/c/d/namespaces/shop/core/pods.yaml": livePods}, ""},
		"inspect":                      {map[string]string{"namespaces/shop/core/pods.yaml": livePods}, Inspect},
		"inspect in a folder":          {map[string]string{"inspect.local.1/namespaces/shop/core/pods.yaml": livePods}, Inspect},
		"a list of an unknown kind":    {map[string]string{"namespaces/shop/example.test/things.yaml": livePods}, Inspect},
		"must-gather":                  {map[string]string{"must-gather.local.1/img/version": "openshift/must-gather\n4.16", "must-gather.local.1/img/namespaces/shop/core/pods.yaml": livePods}, MustGather},
		"must-gather of another image": {map[string]string{"m/img/version": "openshift-logging/must-gather\n5.8"}, MustGather},
		"insights":                     {map[string]string{"insights-operator/gathers.json": "{}"}, Insights},
		"insights in a folder":         {map[string]string{"x/insights-operator/gathers.json": "{}", "x/config/version.json": "{}"}, Insights},
		"insights of old":              {map[string]string{"config/version.json": "{}", "config/clusteroperator/dns.json": "{}"}, Insights},
		"nothing":                      {map[string]string{"README.md": ""}, ""},
	} {
		dir := t.TempDir()
		for f, text := range c.files {
			write(t, filepath.Join(dir, filepath.FromSlash(f)), []byte(text))
		}
		for _, path := range []string{dir, pack(t, dir, "x.tar.gz", "")} {
			d, ok, err := Detect(context.Background(), path, manifest.Options{})
			if err != nil || ok != (c.want != "") {
				t.Errorf("%s, %s: %q %v %v, want %q", name, path, d.Layout, ok, err, c.want)
				continue
			}
			layout := d.Layout
			if ok {
				layout = Layout(read(t, path, manifest.Options{}).stats.Layout)
			}
			if layout != c.want {
				t.Errorf("%s, %s: %q, want %q", name, path, layout, c.want)
			}
		}
	}
}

// TestPart reads a folder of a dump as the dump's.
func TestPart(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "dump/namespaces/shop/core/pods.yaml"), []byte(livePods))
	for _, part := range []string{"dump", "dump/namespaces", "dump/namespaces/shop"} {
		s := read(t, filepath.Join(dir, filepath.FromSlash(part)), manifest.Options{})
		if got := s.state("state list pods in shop: "); got != "state list pods in shop: complete" || s.stats.Objects != 1 {
			t.Errorf("%s: %s, %d objects", part, got, s.stats.Objects)
		}
	}
}

func TestMoment(t *testing.T) {
	for line, want := range map[string]string{
		"2026-03-02 10:00:00.123456789 +0100 CET m=+0.101\n": "2026-03-02T09:00:00Z", "2026-03-02 10:00:00 +0000 UTC": "2026-03-02T10:00:00Z",
		"": "", "yesterday": "", "2026-03-02": "", "2026-13-02 10:00:00 +0100": "",
	} {
		at, ok := moment(line)
		if ok != (want != "") || ok && at.Format(time.RFC3339) != want {
			t.Errorf("%q: %s %v, want %s", line, at, ok, want)
		}
	}
	for name, want := range map[string]string{"/x/insights-2026-03-02-091500.tar.gz": "2026-03-02T09:15:00Z", "insights-2026-03-02-091500": "2026-03-02T09:15:00Z", "insights": "", "insights-2026-99-02-091500": ""} {
		at, ok := named(name)
		if ok != (want != "") || ok && at.Format(time.RFC3339) != want {
			t.Errorf("%q: %s %v, want %s", name, at, ok, want)
		}
	}
}
