package render

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"vigie/internal/source/files/manifest"
)

func TestMain(m *testing.M) {
	if IsWorker(os.Args[1:]) {
		os.Exit(Serve(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// seen is what was read of a tree: a line for each thing.
type seen struct {
	mu    sync.Mutex
	lines []string
	docs  []manifest.Document
}

func (s *seen) add(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// Document implements manifest.Sink.
func (s *seen) Document(_ int, d manifest.Document) {
	var o struct {
		Metadata struct{ Name, Namespace string }
	}
	_ = json.Unmarshal(d.JSON, &o)
	s.add("%s:%d %s %s/%s", d.File, d.Line, d.Kind, o.Metadata.Namespace, o.Metadata.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.docs = append(s.docs, d)
}

// Problem implements manifest.Sink.
func (s *seen) Problem(p manifest.Problem) {
	line := fmt.Sprintf("%s:%d %s", p.File, p.Line, p.Reason)
	for _, key := range []string{"what", "name", "dependency"} {
		if v, ok := p.Values[key]; ok {
			line += fmt.Sprintf(" %s=%v", key, v)
		}
	}
	s.add("%s", line)
}

// Foreign implements manifest.Sink.
func (*seen) Foreign(manifest.Foreign) {}

// File implements manifest.Sink.
func (*seen) File(string, int) {}

// check reads a tree with a renderer, and gives what was seen in order, with names from the tree's top.
func check(t testing.TB, r *Renderer, dir string) *seen {
	t.Helper()
	s := &seen{}
	if _, err := manifest.Read(context.Background(), []string{dir}, manifest.Options{Render: r}, s); err != nil {
		t.Fatal(err)
	}
	for i := range s.lines {
		s.lines[i] = strings.ReplaceAll(s.lines[i], dir+string(filepath.Separator), "")
	}
	slices.Sort(s.lines)
	return s
}

func want(t testing.TB, s *seen, lines ...string) {
	t.Helper()
	if got, want := strings.Join(s.lines, "\n"), strings.Join(lines, "\n"); got != want {
		t.Errorf("seen:\n%s\nwant:\n%s", got, want)
	}
}

// renderer makes one that a test ends.
func renderer(t testing.TB, o Options) *Renderer {
	t.Helper()
	r := New(o)
	t.Cleanup(r.Close)
	return r
}

// tree writes files below a new directory.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// doc finds the document of a name.
func (s *seen) doc(t testing.TB, name string) (manifest.Document, map[string]any) {
	t.Helper()
	return s.docWith(t, name, "")
}

// docWith finds the document of a kind (empty: any) whose name begins so.
func (s *seen) docWith(t testing.TB, name, kind string) (manifest.Document, map[string]any) {
	t.Helper()
	for _, d := range s.docs {
		var o map[string]any
		if err := json.Unmarshal(d.JSON, &o); err != nil {
			t.Fatal(err)
		}
		meta, _ := o["metadata"].(map[string]any)
		if got, _ := meta["name"].(string); strings.HasPrefix(got, name) && (kind == "" || kind == d.Kind) {
			return d, o
		}
	}
	t.Fatalf("no document %s in\n%s", name, strings.Join(s.lines, "\n"))
	return manifest.Document{}, nil
}

// lineOf is the line that a finding on a field would point to.
func lineOf(d manifest.Document, path ...any) int {
	at := manifest.Locate(d.Text, path...)
	if d.Lines != nil {
		return d.Lines[at]
	}
	return d.Line + at
}
