package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A recorder is a sink that keeps everything.
type recorder struct {
	mu       sync.Mutex
	docs     []Document
	problems []Problem
	foreigns []Foreign
	files    map[string]int
	workers  map[int]bool
}

func (r *recorder) Document(worker int, d Document) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.docs = append(r.docs, d)
	if r.workers == nil {
		r.workers = map[int]bool{}
	}
	r.workers[worker] = true
}

func (r *recorder) Problem(p Problem) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, p)
}

func (r *recorder) Foreign(f Foreign) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foreigns = append(r.foreigns, f)
}

func (r *recorder) File(path string, documents int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files == nil {
		r.files = map[string]int{}
	}
	r.files[path] += documents
}

func nameOf(d Document) string {
	var o struct {
		Metadata struct{ Name string }
	}
	if err := json.Unmarshal(d.JSON, &o); err != nil {
		return "JSON " + err.Error()
	}
	return o.Metadata.Name
}

// String is a line for each thing found, in order: file:line#document, what, and details.
func (r *recorder) String() string {
	var out []string
	for _, d := range r.docs {
		out = append(out, fmt.Sprintf("%s:%d#%d doc %s %s %s", d.File, d.Line, d.Index, d.APIVersion, d.Kind, nameOf(d)))
	}
	for _, p := range r.problems {
		line := fmt.Sprintf("%s:%d#%d %s", p.File, p.Line, p.Index, p.Reason)
		for _, key := range []string{"what", "key", "first", "templates"} {
			if v, ok := p.Values[key]; ok {
				line += fmt.Sprintf(" %s=%v", key, v)
			}
		}
		if p.Kind+p.Name != "" {
			line += fmt.Sprintf(" (%s %s/%s)", p.Kind, p.Namespace, p.Name)
		}
		out = append(out, line)
	}
	for _, f := range r.foreigns {
		out = append(out, fmt.Sprintf("%s:%d#%d foreign %s", f.File, f.Line, f.Index, f.What))
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(order(a), order(b)) })
	return strings.Join(out, "\n")
}

// order sorts by file, then line as a number.
func order(s string) string {
	i := strings.Index(s, "#")
	j := strings.LastIndex(s[:i], ":")
	return fmt.Sprintf("%s:%09s%s", s[:j], s[j+1:i], s[i:])
}

// read reads paths and checks what holds of every reading.
func read(t testing.TB, o Options, paths ...string) (*recorder, Stats) {
	t.Helper()
	r := &recorder{}
	st, err := Read(context.Background(), paths, o, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.docs {
		if d.APIVersion == "" || d.Kind == "" || d.Line < 1 || d.Index < 1 || d.Root == "" || d.File == "" || !json.Valid(d.JSON) {
			t.Errorf("incomplete document: %+v", d)
		}
	}
	for _, p := range r.problems {
		if p.Reason == "" || p.File == "" || p.Root == "" {
			t.Errorf("incomplete problem: %+v", p)
		}
	}
	return r, st
}

func readText(t testing.TB, o Options, text string) *recorder {
	t.Helper()
	o.Stdin = strings.NewReader(text)
	r, _ := read(t, o, "-")
	return r
}

// want compares what was found with lines; dir is cut from the paths.
func want(t testing.TB, r *recorder, dir string, lines ...string) {
	t.Helper()
	got := r.String()
	if dir != "" {
		got = strings.ReplaceAll(got, dir+string(filepath.Separator), "")
		got = strings.ReplaceAll(got, dir, ".")
	}
	if want := strings.Join(lines, "\n"); got != want {
		t.Errorf("found:\n%s\nwant:\n%s", got, want)
	}
}

// tree writes files below a new directory. Names that end in a slash are directories.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if p := filepath.Join(dir, name); strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(p, 0o755); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, p, []byte(text))
		}
	}
	return dir
}

func pod(name string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\n"
}

func jsonPod(name string) string {
	return `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"` + name + `"}}`
}

// utf16 writes text as Windows shells do.
func utf16Text(text string, big bool) string {
	b := bytes.NewBufferString("\xff\xfe")
	if big {
		b = bytes.NewBufferString("\xfe\xff")
	}
	for _, c := range text {
		lo, hi := byte(c), byte(c>>8)
		if big {
			lo, hi = hi, lo
		}
		b.Write([]byte{lo, hi})
	}
	return b.String()
}
