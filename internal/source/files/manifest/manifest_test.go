package manifest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sigs.k8s.io/yaml"
)

// seen is a sink that keeps everything.
type seen struct {
	mu       sync.Mutex
	docs     []Document
	problems []Problem
	foreign  []Foreign
}

func (s *seen) Document(_ int, d Document) { s.mu.Lock(); s.docs = append(s.docs, d); s.mu.Unlock() }
func (s *seen) Problem(p Problem)          { s.mu.Lock(); s.problems = append(s.problems, p); s.mu.Unlock() }
func (s *seen) Foreign(f Foreign)          { s.mu.Lock(); s.foreign = append(s.foreign, f); s.mu.Unlock() }
func (s *seen) File(string, int)           {}

// lines says what was seen, one line each, in order of file and line.
func (s *seen) lines(base string) []string {
	type row struct {
		file string
		line int
		text string
	}
	var rows []row
	rel := func(f string) string { return strings.TrimPrefix(strings.TrimPrefix(f, base), "/") }
	for _, d := range s.docs {
		var m struct{ Metadata struct{ Name string } }
		_ = json.Unmarshal(d.JSON, &m)
		rows = append(rows, row{rel(d.File), d.Line, fmt.Sprintf("%s %s", d.Kind, m.Metadata.Name)})
	}
	for _, p := range s.problems {
		rows = append(rows, row{rel(p.File), p.Line, "problem " + p.Reason})
	}
	for _, f := range s.foreign {
		rows = append(rows, row{rel(f.File), f.Line, "foreign " + f.What})
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if c := strings.Compare(a.file, b.file); c != 0 {
			return c
		}
		return a.line - b.line
	})
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s:%d %s", r.file, r.line, r.text))
	}
	return out
}

func readDir(t *testing.T, dir string, o Options) *seen {
	t.Helper()
	s := &seen{}
	if _, err := Read(context.Background(), []string{dir}, o, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"

func aPod(name string) string { return fmt.Sprintf(pod, name) }

// TestForms reads each form that a document can come in.
func TestForms(t *testing.T) {
	utf16 := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, r := range s {
			b = append(b, byte(r), byte(r>>8))
		}
		return string(b)
	}
	item := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"}}`
	j := func(n string) string { return fmt.Sprintf(item, n) }
	for name, c := range map[string]struct {
		file, content string
		want          []string
	}{
		"several documents":        {"a.yaml", aPod("a") + "---\n" + aPod("b") + "--- # note\n" + aPod("c"), []string{"a.yaml:1 Pod a", "a.yaml:5 Pod b", "a.yaml:9 Pod c"}},
		"content on the marker":    {"a.yaml", "--- " + j("a") + "\n--- " + j("b") + "\n", []string{"a.yaml:1 Pod a", "a.yaml:2 Pod b"}},
		"end marker":               {"a.yaml", aPod("a") + "...\n" + aPod("b"), []string{"a.yaml:1 Pod a", "a.yaml:5 Pod b"}},
		"comments alone":           {"a.yaml", "# head\n---\n# nothing\n---\n\n" + aPod("a") + "---\n", []string{"a.yaml:6 Pod a"}},
		"mark and CRLF":            {"a.yaml", "\ufeff" + strings.ReplaceAll(aPod("a")+"---\n\ufeff"+aPod("b"), "\n", "\r\n"), []string{"a.yaml:1 Pod a", "a.yaml:5 Pod b"}},
		"UTF-16":                   {"a.yaml", utf16(aPod("a")), []string{"a.yaml:1 Pod a"}},
		"line ends of long ago":    {"a.yaml", strings.ReplaceAll(aPod("a")+"---\n"+aPod("b"), "\n", "\r"), []string{"a.yaml:1 Pod a", "a.yaml:5 Pod b"}},
		"JSON":                     {"a.json", j("a"), []string{"a.json:1 Pod a"}},
		"JSON one after another":   {"a.json", j("a") + "\n" + j("b") + j("c"), []string{"a.json:1 Pod a", "a.json:2 Pod b", "a.json:2 Pod c"}},
		"JSON List":                {"a.json", `{"kind":"List","apiVersion":"v1","items":[` + "\n" + j("a") + ",\n" + j("b") + "]}", []string{"a.json:2 Pod a", "a.json:3 Pod b"}},
		"JSON PodList":             {"a.json", `{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}}]}`, []string{"a.json:1 Pod a"}},
		"empty JSON List":          {"a.json", `{"kind":"List","apiVersion":"v1","items":[]}`, nil},
		"YAML List":                {"a.yaml", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: v1, kind: Odd, metadata: {name: b}}\n", []string{"a.yaml:4 Pod a", "a.yaml:5 Odd b"}},
		"List in a List":           {"a.yaml", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", []string{"a.yaml:4 Pod a"}},
		"an item that is none":     {"a.json", `{"kind":"List","apiVersion":"v1","items":[` + j("a") + ",\n" + `{"metadata":{}, "apiVersion":"v1"},` + "\n" + j("b") + "]}", []string{"a.json:1 Pod a", "a.json:2 problem no-kind", "a.json:3 Pod b"}},
		"flow style":               {"a.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n", []string{"a.yaml:1 Pod a"}},
		"a kind that ends in List": {"a.yaml", "apiVersion: x.test/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [x]\n", []string{"a.yaml:1 AllowList a"}},
		"values":                   {"values.yaml", "image: {tag: 1}\n", []string{"values.yaml:1 foreign values"}},
		"kustomization":            {"kustomization.yaml", "resources: [a.yaml]\n", []string{"kustomization.yaml:1 foreign kustomization"}},
		"merge with override":      {"a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n", []string{"a.yaml:1 Pod a"}},
		"a lone equals sign":       {"a.yaml", aPod("a") + "x: =\n", []string{"a.yaml:1 Pod a"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c.file, c.content)
			if got := readDir(t, dir, Options{}).lines(dir); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestBadInput holds that each is named with its line and stops nothing: the good file beside it is read.
func TestBadInput(t *testing.T) {
	small := Options{Limits: Limits{Document: 1 << 20, File: 8 << 20}}
	aliases := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		aliases += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, c := range map[string]struct{ file, content, want string }{
		"truncated YAML":    {"x.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n", "problem yaml-syntax"},
		"truncated JSON":    {"x.json", `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"`, "problem truncated"},
		"JSON with a comma": {"x.json", `{"apiVersion":"v1",}`, "problem json-syntax"},
		"duplicate key":     {"x.yaml", aPod("a") + "kind: Job\n", "x.yaml:4 problem duplicate-key"},
		"duplicate in JSON": {"x.json", "{\"kind\":\"Pod\",\n\"kind\":\"Job\"}", "x.json:2 problem duplicate-key"},
		"no kind":           {"x.yaml", "apiVersion: v1\nmetadata: {name: a}\n", "problem no-kind"},
		"no apiVersion":     {"x.yaml", "kind: Pod\n", "problem no-api-version"},
		"kind not a word":   {"x.yaml", "apiVersion: v1\nkind: [Pod]\n", "problem no-kind"},
		"a list of objects": {"x.yaml", "- {apiVersion: v1, kind: Pod}\n", "problem not-an-object"},
		"one huge document": {"x.yaml", aPod("a") + "x: " + strings.Repeat("y", 2<<20) + "\n", "problem too-large"},
		"a huge file":       {"x.yaml", strings.Repeat("# nothing\n", 1<<20), "problem too-large"},
		"alias bomb":        {"x.yaml", aPod("a") + aliases, "problem too-many-aliases"},
		"deep flow":         {"x.yaml", aPod("a") + "x: " + strings.Repeat("[", 20_000) + "\n", "problem too-deep"},
		"deep JSON":         {"x.json", `{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", "problem too-deep"},
		"deep block":        {"x.yaml", aPod("a") + "x:\n" + strings.Repeat("- ", 20_000) + "y\n", "problem "},
		"binary":            {"x.yaml", "\x7fELF\x00\x01", "problem binary"},
		"not UTF-8":         {"x.yaml", "a: \xc3\x28\n", "problem not-utf8"},
		"a tab":             {"x.yaml", "apiVersion: v1\n\tkind: Pod\n", "problem yaml-syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c.file, c.content)
			write(t, dir, "z-good.yaml", aPod("good"))
			got := readDir(t, dir, small).lines(dir)
			if len(got) < 2 || !strings.Contains(got[0], c.want) || got[len(got)-1] != "z-good.yaml:1 Pod good" {
				t.Errorf("%q, want %q and then the good pod", got, c.want)
			}
		})
	}
}

// TestLargeIsRead holds that size alone is no reason: a file of many documents and a list are read whole.
func TestLargeIsRead(t *testing.T) {
	dir := t.TempDir()
	var docs, list, yl bytes.Buffer
	list.WriteString(`{"apiVersion":"v1","kind":"List","items":[`)
	yl.WriteString("apiVersion: v1\nitems:\n")
	pad := strings.Repeat("x", 900)
	const n = 12_000
	for i := range n {
		fmt.Fprintf(&docs, "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p%d\n  annotations: {pad: %s}\n", i, pad)
		if i > 0 {
			list.WriteString(",")
		}
		fmt.Fprintf(&list, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p%d","annotations":{"pad":"%s"}}}`, i, pad)
		fmt.Fprintf(&yl, "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p%d\n    annotations:\n      pad: %s\n", i, pad)
	}
	list.WriteString("]}")
	yl.WriteString("kind: List\n")
	for name, b := range map[string]*bytes.Buffer{"many.yaml": &docs, "list.json": &list, "list.yaml": &yl} {
		if b.Len() < 10<<20 {
			t.Fatalf("%s is only %d bytes", name, b.Len())
		}
		s := readDir(t, write(t, dir, name, b.String()), Options{Limits: Limits{Document: 1 << 20}})
		if len(s.docs) != n || len(s.problems) > 0 {
			t.Errorf("%s: %d documents, problems %v", name, len(s.docs), s.problems)
		}
		lines := map[int]bool{}
		for _, d := range s.docs {
			lines[d.Line] = true
		}
		if name != "list.json" && len(lines) != n {
			t.Errorf("%s: %d different lines", name, len(lines))
		}
	}
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	s := &seen{}
	if _, err := Read(context.Background(), []string{filepath.Join(dir, "none")}, Options{}, s); !errors.Is(err, ErrPath) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a wrong path: %v", err)
	}
	for name, want := range map[string]string{"": "nothing-found", "empty.yaml": "nothing-found"} {
		p := dir
		if name != "" {
			p = write(t, t.TempDir(), name, "")
		}
		if got := readDir(t, p, Options{}); len(got.problems) != 1 || got.problems[0].Reason != want {
			t.Errorf("%q: %v", name, got.problems)
		}
	}
	s = &seen{}
	if _, err := Read(context.Background(), []string{"-"}, Options{Stdin: strings.NewReader(aPod("in"))}, s); err != nil || len(s.docs) != 1 || s.docs[0].File != "-" {
		t.Errorf("standard input: %v %v", err, s.docs)
	}
	odd := "a\nb\x1b[31m.yaml"
	write(t, dir, odd, aPod("odd"))
	if got := readDir(t, dir, Options{}); len(got.docs) != 1 || filepath.Base(got.docs[0].File) != odd {
		t.Errorf("an odd name: %v", got.docs)
	}
	ignored := readDir(t, dir, Options{Ignore: func(rel string) bool { return rel == odd }})
	if len(ignored.docs) != 0 {
		t.Error("an ignored file was read")
	}
}

// TestStaysInside holds that nothing outside of the directory is read, and that nothing hangs.
func TestStaysInside(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "in")
	write(t, top, "secret.yaml", aPod("outside"))
	write(t, dir, "..data/real.yaml", aPod("real"))
	write(t, dir, ".git/config.yaml", aPod("git"))
	links := map[string]string{
		"out.yaml": "../secret.yaml", "abs.yaml": filepath.Join(top, "secret.yaml"), "loop.yaml": "loop.yaml", "real.yaml": "..data/real.yaml",
		"dir": "..", "self": ".", "gone.yaml": "nowhere.yaml",
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := readDir(t, dir, Options{}).lines(dir)
	for _, l := range got {
		if strings.Contains(l, "Pod outside") || strings.Contains(l, "Pod git") {
			t.Errorf("read outside: %s", l)
		}
	}
	for _, want := range []string{"..data/real.yaml:1 Pod real", "out.yaml:0 problem link-outside", "abs.yaml:0 problem link-outside", "loop.yaml:0 problem link-cycle", "pipe.yaml:0 problem special-file", "gone.yaml:0 problem unreadable"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	if n := strings.Count(strings.Join(got, "\n"), "Pod real"); n != 1 {
		t.Errorf("a file behind a link was read %d times", n)
	}
}

// TestUnreadable runs itself as nobody where it is root: root may read everything.
func TestUnreadable(t *testing.T) {
	if dir := os.Getenv("VIGIE_TEST_UNREADABLE"); dir != "" {
		fmt.Println(strings.Join(readDir(t, dir, Options{}).lines(dir), "\n"))
		return
	}
	dir, err := os.MkdirTemp("/tmp", "unreadable")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	write(t, dir, "a.yaml", aPod("a"))
	write(t, dir, "b.yaml", aPod("b"))
	write(t, dir, "c/c.yaml", aPod("c"))
	for p, mode := range map[string]os.FileMode{"b.yaml": 0, "c": 0, "": 0o755} {
		if err := os.Chmod(filepath.Join(dir, p), mode); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "self")
	if err := os.WriteFile(exe, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run", "^TestUnreadable$", "-test.v")
	cmd.Env = append(os.Environ(), "VIGIE_TEST_UNREADABLE="+dir)
	cmd.Dir = dir
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"a.yaml:1 Pod a", "b.yaml:0 problem unreadable", "c:0 problem unreadable"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	_ = os.Chmod(filepath.Join(dir, "c"), 0o755)
}

func TestArchives(t *testing.T) {
	dir := t.TempDir()
	entries := map[string]string{"a/x.yaml": aPod("x"), "../out.yaml": aPod("out"), "/abs.yaml": aPod("abs"), "readme.md": "no"}
	tarball := func(gz bool) string {
		var b bytes.Buffer
		var w interface{ Write([]byte) (int, error) } = &b
		var z *gzip.Writer
		if gz {
			z = gzip.NewWriter(&b)
			w = z
		}
		tw := tar.NewWriter(w)
		for name, body := range entries {
			_ = tw.WriteHeader(&tar.Header{Name: name, Size: int64(len(body)), Mode: 0o644, Typeflag: tar.TypeReg})
			_, _ = tw.Write([]byte(body))
		}
		_ = tw.WriteHeader(&tar.Header{Name: "l.yaml", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink})
		_ = tw.Close()
		if z != nil {
			_ = z.Close()
		}
		return b.String()
	}
	var zb bytes.Buffer
	zw := zip.NewWriter(&zb)
	for name, body := range entries {
		f, _ := zw.Create(name)
		_, _ = f.Write([]byte(body))
	}
	_ = zw.Close()
	for name, content := range map[string]string{"a.tar": tarball(false), "a.tar.gz": tarball(true), "a.zip": zb.String()} {
		s := readDir(t, write(t, dir, name, content), Options{})
		if len(s.docs) != 1 || !strings.HasSuffix(s.docs[0].File, name+"!a/x.yaml") {
			t.Errorf("%s: %v", name, s.docs)
		}
		unsafe := 0
		for _, p := range s.problems {
			if p.Reason == "archive-entry-unsafe" {
				unsafe++
			}
		}
		if unsafe != 2 {
			t.Errorf("%s: problems %v", name, s.problems)
		}
		broken := readDir(t, write(t, dir, "broken-"+name, content[:len(content)/2]), Options{})
		if name != "a.tar" && len(broken.problems) == 0 {
			t.Errorf("%s cut in half: nothing said", name)
		}
	}
}

// TestBomb holds that an archive that unpacks to very much is ended with a word, quickly.
func TestBomb(t *testing.T) {
	dir := t.TempDir()
	zeros := strings.Repeat(" ", 1<<20)
	var zb bytes.Buffer
	zw := zip.NewWriter(&zb)
	for i := range 200 {
		f, _ := zw.Create(fmt.Sprintf("%d.yaml", i))
		_, _ = f.Write([]byte(zeros))
	}
	_ = zw.Close()
	var tb bytes.Buffer
	gz := gzip.NewWriter(&tb)
	tw := tar.NewWriter(gz)
	for i := range 200 { // names that are not read: the stream itself is the bomb
		_ = tw.WriteHeader(&tar.Header{Name: fmt.Sprintf("%d.bin", i), Size: 1 << 20, Mode: 0o644, Typeflag: tar.TypeReg})
		_, _ = tw.Write([]byte(zeros))
	}
	_ = tw.Close()
	_ = gz.Close()
	for name, content := range map[string]string{"b.zip": zb.String(), "b.tgz": tb.String()} {
		s := readDir(t, write(t, dir, name, content), Options{})
		if !slices.ContainsFunc(s.problems, func(p Problem) bool { return p.Reason == "archive-too-large" }) {
			t.Errorf("%s (%d bytes): %v", name, len(content), s.problems)
		}
	}
}

func TestTrees(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "top.yaml", aPod("top"))
	write(t, dir, "k/kustomization.yaml", "resources: [r.yaml]\npatches:\n- path: p.yaml\n")
	write(t, dir, "k/r.yaml", aPod("r"))
	write(t, dir, "k/sub/s.yaml", aPod("s"))
	write(t, dir, "k/p.yaml", aPod("r"))
	write(t, dir, "k/d.yaml", aPod("d")+"$patch: delete\n")
	write(t, dir, "chart/Chart.yaml", "apiVersion: v2\nname: c\n")
	write(t, dir, "chart/values.yaml", "a: 1\n")
	write(t, dir, "chart/templates/t.yaml", "{{ if .Values.x }}\n")
	write(t, dir, "chart/templates/u.yaml", "{{ end }}\n")
	write(t, dir, "chart/crds/c.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\n")
	s := readDir(t, dir, Options{})
	want := []string{
		"chart/Chart.yaml:1 problem chart-not-rendered", "chart/Chart.yaml:1 foreign chart", "chart/crds/c.yaml:1 CustomResourceDefinition c",
		"chart/values.yaml:1 foreign chart", "k/d.yaml:1 foreign kustomize-patch", "k/kustomization.yaml:1 foreign kustomization",
		"k/p.yaml:1 foreign kustomize-patch", "k/r.yaml:1 Pod r", "k/sub/s.yaml:1 Pod s", "top.yaml:1 Pod top",
	}
	got := s.lines(dir)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, d := range s.docs {
		root := dir
		if strings.Contains(d.File, "/k/") {
			root = filepath.Join(dir, "k")
		} else if strings.Contains(d.File, "/chart/") {
			root = filepath.Join(dir, "chart")
		}
		if d.Root != root {
			t.Errorf("%s belongs to %s, want %s", d.File, d.Root, root)
		}
	}
}

func TestCancel(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		write(t, dir, fmt.Sprintf("%d.yaml", i), aPod("a"))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, []string{dir}, Options{}, &seen{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestAgainstTheReference holds our JSON to that of sigs.k8s.io/yaml, on the cases and on other people's files.
func TestAgainstTheReference(t *testing.T) {
	roots := []string{"../../../controls/testdata/cases"}
	if _, err := os.Stat("../../../../../shared/data"); err == nil {
		roots = append(roots, "../../../../../shared/data")
	} else {
		t.Log("NOT RUN on other people's files: shared/data does not lie beside the repository")
	}
	n := 0
	for _, root := range roots {
		for _, d := range readDir(t, root, Options{}).docs {
			if strings.HasSuffix(d.File, ".json") {
				continue
			}
			want, err := yaml.YAMLToJSON(d.Text)
			if err != nil || !bytes.Equal(want, d.JSON) {
				t.Errorf("%s:%d differs from the reference (%v)", d.File, d.Line, err)
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d documents", n)
	}
}

func TestLocate(t *testing.T) {
	text := []byte("apiVersion: v1\nspec:\n  containers:\n  - name: a\n    image: b\n  - &x\n    name: c\n    env:\n    - {name: E, value: v}\n  - <<: *x\n    image: d\n")
	for want, path := range map[int][]any{
		1: {"spec"}, 4: {"spec", "containers", 0, "image"}, 8: {"spec", "containers", 1, "env", 0, "value"}, 5: {"spec", "containers", 1},
		10: {"spec", "containers", 2, "image"}, 2: {"spec", "containers", 9}, 0: {"nowhere"},
	} {
		if got := Locate(text, path...); got != want {
			t.Errorf("%v: line %d, want %d", path, got, want)
		}
	}
	if got := Locate([]byte("{\n\"a\": {\n\"b\": 1}}"), "a", "b"); got != 2 {
		t.Errorf("JSON: %d", got)
	}
}
