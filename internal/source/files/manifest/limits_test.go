package manifest

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// laughs is the bomb that everybody knows: each line holds the one above nine times.
func laughs(levels int) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := 1; i < levels; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	return b.String()
}

// TestLimits refuses what is too much, and reads the rest.
func TestLimits(t *testing.T) {
	long := strings.Repeat("x", 3000)
	block := func(n int, item string) string { return strings.Repeat(item, n) }
	big := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata: {x: " + long + "}\n"
	jsonBig := `{"apiVersion":"v1","kind":"ConfigMap","data":{"x":"` + long + `"}}`
	small := Limits{DocumentBytes: 2000}
	for _, x := range []struct {
		name, text string
		limits     Limits
		want       []string
	}{
		{"a large document among others", pod("a") + "---\n" + big + "---\n" + pod("c"), small, []string{
			"-:1#1 doc v1 Pod a", "-:5#2 too-large what=document (ConfigMap /big)", "-:10#3 doc v1 Pod c"}},
		{"a large stream of small documents", strings.TrimSuffix(block(100, pod("a")+"---\n"), "---\n"), small, nil},
		{"a large JSON object", jsonPod("a") + "\n" + jsonBig + "\n" + jsonPod("c"), small, []string{
			"-:1#1 doc v1 Pod a", "-:2#2 too-large what=document", "-:3#3 doc v1 Pod c"}},
		{"large JSON data", `{"x":"` + long + `"}`, small, []string{"-:1#1 foreign values"}},
		{"a large JSON list", `{"apiVersion":"v1","kind":"List","items":[` + jsonPod("a") + ",\n" + block(99, jsonPod("x")+",\n") + jsonPod("c") + "]}", small, nil},
		{"a large JSON list with one large item", `{"apiVersion":"v1","kind":"List","items":[` + jsonPod("a") + ",\n" + jsonBig + ",\n" + jsonPod("c") + "]}", small, []string{
			"-:1#1 doc v1 Pod a", "-:2#1 too-large what=document", "-:3#1 doc v1 Pod c"}},
		{"a large JSON list that ends early", `{"apiVersion":"v1","kind":"List","items":[` + jsonPod("a") + ",\n" + jsonBig + ",\n" + jsonPod("c") + ",\n{", small, []string{
			"-:1#1 doc v1 Pod a", "-:2#1 too-large what=document", "-:3#1 doc v1 Pod c", "-:4#1 truncated"}},
		{"a large JSON list with a comma too many", `{"apiVersion":"v1","kind":"List","items":[` + block(100, jsonPod("a")+",\n") + "]}", small, nil},
		{"a large YAML list", "apiVersion: v1\nkind: List\nitems:\n" + block(100, "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n"), small, nil},
		{"a large YAML list with a broken item", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- {x: [}\n- apiVersion: v1\n  kind: ConfigMap\n  x: " + long + "\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: c}\n", small, []string{
			"-:4#1 doc v1 Pod a", "-:7#1 yaml-syntax what=expected-value", "-:8#1 too-large what=document (ConfigMap /)", "-:11#1 doc v1 Pod c"}},
		{"a large list in flow style", "{apiVersion: v1, kind: List, items: [{x: " + long + "}]}", small, []string{"-:1#1 too-large what=document"}},
		{"many values", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: [" + block(1<<20, "a,") + "a]\n", Limits{DocumentValues: 1000}, []string{
			"-:1#1 too-large what=values (Pod /a)"}},
		{"many items", "apiVersion: v1\nkind: List\nitems:\n" + block(2000, "- 1\n"), Limits{DocumentValues: 1000, DocumentBytes: 1000}, []string{
			"-:1#1 too-large what=document (List /)"}},
		{"a large file", pod("a"), Limits{FileBytes: 10}, []string{"-:0#0 too-large what=file"}},

		{"deep, in flow style", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: " + block(300, "[") + block(300, "]") + "\n", Limits{Depth: 200}, []string{
			"-:1#1 too-deep what=nesting (Pod /a)"}},
		{"deep, in block style", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx:\n- " + block(300, "- ") + "a\n", Limits{Depth: 200}, []string{
			"-:1#1 too-deep what=nesting (Pod /a)"}},
		{"not so deep", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: " + block(199, "[") + block(199, "]") + "\n", Limits{Depth: 200}, []string{"-:1#1 doc v1 Pod a"}},
		{"deeper than the library goes", "x: " + block(20_000, "["), Limits{}, []string{"-:1#1 too-deep what=nesting"}},
		{"brackets in a text are no depth", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: '" + block(300, "[") + "'\n", Limits{Depth: 200}, []string{"-:1#1 doc v1 Pod a"}},
		{"deep JSON among others", jsonPod("a") + "\n{\"x\":" + block(300, "[") + block(300, "]") + "}\n" + jsonPod("c"), Limits{Depth: 200}, []string{
			"-:1#1 doc v1 Pod a", "-:2#2 too-deep what=nesting", "-:3#3 doc v1 Pod c"}},
		{"very deep JSON", block(1<<20, `{"a":`), Limits{}, []string{"-:1#1 too-deep what=nesting"}},

		{"aliases that multiply", pod("a") + "---\n" + laughs(12) + "---\n" + pod("c"), Limits{}, []string{
			"-:1#1 doc v1 Pod a", "-:5#2 too-many-aliases (ConfigMap /bomb)", "-:21#3 doc v1 Pod c"}},
		{"few aliases of much text", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: &x " + long + "\ny: [" + block(1000, "*x,") + "*x]\n", Limits{DocumentBytes: 100_000}, []string{
			"-:1#1 too-many-aliases (Pod /a)"}},
		{"aliases that do not", laughs(3), Limits{}, []string{"-:1#1 doc v1 ConfigMap bomb"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := readText(t, Options{Limits: x.limits}, x.text)
			if x.want != nil {
				want(t, r, "", x.want...)
				return
			}
			problems := 0
			if strings.Contains(x.name, "comma") {
				problems = 1
			}
			if n := strings.Count(x.text, "Pod"); len(r.docs) != n || len(r.problems) != problems {
				t.Errorf("%d of %d documents, %v", len(r.docs), n, r.problems)
			}
		})
	}
}

// TestManyProblems says of a file with very many only the first, and that there are more.
func TestManyProblems(t *testing.T) {
	for name, text := range map[string]string{
		"documents": strings.Repeat("kind: Pod\n---\n", 3000), "JSON": strings.Repeat("{\"a\":[}\n", 3000), "items": "apiVersion: v1\nkind: List\nitems:\n" + strings.Repeat("- 1\n", 3000),
	} {
		r := readText(t, Options{}, text)
		more := 0
		for _, p := range r.problems {
			if p.Values["what"] == "problems" {
				more++
			}
		}
		if len(r.problems) != maxProblems+1 || more != 1 {
			t.Errorf("%s: %d problems, %d that say so", name, len(r.problems), more)
		}
	}
}

// TestPanic makes a panic of a parser a problem of one document, and lets one of the sink pass.
func TestPanic(t *testing.T) {
	rec := &recorder{}
	w := &worker{run: &run{ctx: context.Background(), sink: rec, limits: DefaultLimits()}}
	src := (&argument{run: w.run, shown: "f"}).whole()
	w.piece(piece{src: src, json: true, line: 3, index: 2}) // no text: none of the parsers expects that
	want(t, rec, "", "f:3#2 json-syntax what=parser-failed")

	w.sink = failing{}
	defer func() {
		if e := recover(); e != "the sink's own" {
			t.Errorf("recovered %v", e)
		}
	}()
	w.piece(piece{src: src, text: []byte(pod("a")), line: 1, index: 1})
	t.Error("the sink's panic was swallowed")
}

type failing struct{}

func (failing) Document(int, Document) { panic("the sink's own") }
func (failing) Problem(Problem)        {}
func (failing) Foreign(Foreign)        {}
func (failing) File(string, int)       {}

// TestParallel parses one large file by all workers, each of its own number.
func TestParallel(t *testing.T) {
	docs := objects(3000)
	for name, text := range map[string][]byte{"stream": bytes.Join(docs, []byte("---\n")), "list": yamlListOf(docs)} {
		s := &busy{in: make([]atomic.Int32, 4)}
		if _, err := Read(context.Background(), []string{"-"}, Options{Stdin: bytes.NewReader(text), Workers: 4}, s); err != nil {
			t.Fatal(err)
		}
		if s.docs.Load() != 3000 || s.overlap.Load() {
			t.Errorf("%s: %d documents, overlap %v", name, s.docs.Load(), s.overlap.Load())
		}
	}
}

// A busy sink sees whether two calls of one worker overlap.
type busy struct {
	counting
	in      []atomic.Int32
	overlap atomic.Bool
}

func (s *busy) Document(worker int, d Document) {
	if s.in[worker].Add(1) > 1 {
		s.overlap.Store(true)
	}
	s.counting.Document(worker, d)
	runtime.Gosched()
	s.in[worker].Add(-1)
}

// TestMemory holds what a large file needs to its own size and what is in flight.
func TestMemory(t *testing.T) {
	docs := objects(8_000)
	var asJSON [][]byte
	for i := range docs {
		asJSON = append(asJSON, []byte(fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a%d"},"data":{"x":"%s"}}`, i, strings.Repeat("y", 900))))
	}
	for name, text := range map[string][]byte{"stream": bytes.Join(docs, []byte("---\n")), "JSON list": jsonListOf(asJSON)} {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		s := &weighing{every: 2000}
		if _, err := Read(context.Background(), []string{"-"}, Options{Stdin: bytes.NewReader(text)}, s); err != nil {
			t.Fatal(err)
		}
		most := int64(s.most.Load()) - int64(before.HeapAlloc)
		if allowed := int64(2*len(text) + 16<<20); s.docs.Load() != 8_000 || most > allowed { // a stream's buffer grows in steps
			t.Errorf("%s: %d documents, %d MiB of memory, %d allowed", name, s.docs.Load(), most>>20, allowed>>20)
		}
	}
}

// A weighing sink measures the memory in use now and then.
type weighing struct {
	counting
	every int64
	most  atomic.Uint64
}

func (s *weighing) Document(w int, d Document) {
	s.counting.Document(w, d)
	if s.docs.Load()%s.every != 0 {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	for {
		old := s.most.Load()
		if m.HeapAlloc <= old || s.most.CompareAndSwap(old, m.HeapAlloc) {
			return
		}
	}
}
