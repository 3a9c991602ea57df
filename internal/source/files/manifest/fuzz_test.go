package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// seeds are texts of every kind that the other tests read.
var seeds = []string{
	pod("a") + "---\n" + pod("b"), "\ufeff---\n" + jsonPod("a") + "\n---\n\ufeffa: [", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n- &a {x: *a}\n",
	`{"apiVersion":"v1","kind":"List","items":[` + jsonPod("a") + `,{"kind":1}]}`, "{\"a\":1}\n{\"b\":\n{\"c\":3}", "%YAML 1.1\n---\na: &x {b: 1}\nc: {<<: *x, b: 2}\n...\n- x\n",
	"a: |\n  ---\n  b\n\u2028---\nc: d\r\r\n\r--- # e\n", "apiVersion: v1\nkind: Pod\non: 1\ntrue: 2\n1: a\n'1': b\n", utf16Text("a: é\n---\nb", true), "\x1f\x8b\x08", "PK\x03\x04",
	"apiVersion: v1\nkind: Pod\nx: [.inf, ~, !!binary aGVsbG8=, 1e400, 0o7]\n? [a]\n: b\n", laughs(6), "{apiVersion: v1, 'kind': \"Pod\",}", "[1,2,{}]", "'a'\n...\nb",
}

// FuzzRead reads anything: it must end without a panic, say complete things, name lines that are there, and mean what
// sigs.k8s.io/yaml means.
func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Add(makeTar(f, inside...))
	f.Add(zipped(f, makeTar(f, inTar{name: "a.yaml", body: pod("a")})))
	f.Add(makeZip(f, inTar{name: "a.yaml", body: pod("a")}))
	limits := Limits{DocumentBytes: 64 << 10, FileBytes: 1 << 20, ArchiveBytes: 1 << 20, Depth: 60}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &recorder{}
		in := bytes.NewReader(bytes.Clone(data))
		if _, err := Read(context.Background(), []string{"-"}, Options{Limits: limits, Workers: 2, Stdin: in}, r); err != nil {
			t.Fatal(err)
		}
		if r.String() == "" {
			t.Error("nothing is said at all")
		}
		lines := 1 << 20 // of an archive's files: not known here
		if archiveOf(data[:min(len(data), 512)], "-") == noArchive {
			text, _ := plainText(bytes.Clone(data))
			lines = 1 + bytes.Count(text, newline)
		}
		documents := map[int]int{}
		for _, d := range r.docs {
			documents[d.Index]++
		}
		for _, d := range r.docs {
			if d.APIVersion == "" || d.Kind == "" || d.Index < 1 || d.Line < 1 || d.Line > lines || !json.Valid(d.JSON) {
				t.Errorf("%+v", d)
			}
			if documents[d.Index] == 1 {
				sameMeaning(t, d)
			}
		}
		for _, p := range r.problems {
			if p.Reason == "" || p.Line < 0 || p.Line > lines {
				t.Errorf("%+v, of %d lines", p, lines)
			}
		}
	})
}

// sameMeaning compares a document with what the reference makes of its text.
func sameMeaning(t *testing.T, d Document) {
	if b := bytes.TrimSpace(d.Text); len(b) == 0 || b[0] == '{' || b[0] == '[' || b[0] == '-' && b[1] != '-' {
		return // JSON is handed on as it is; items are compared by FuzzList
	}
	want, err := yaml.YAMLToJSON(d.Text)
	if err != nil {
		t.Errorf("the reference refuses %q: %v", d.Text, err)
		return
	}
	var h struct{ Items []any }
	if json.Unmarshal(want, &h) == nil && h.Items != nil {
		return
	}
	if !bytes.Equal(want, d.JSON) {
		t.Errorf("%q is\n%s\nfor the reference\n%s", d.Text, d.JSON, want)
	}
}

// FuzzList cuts lists at their items as text, and holds the result to that of the whole.
func FuzzList(f *testing.F) {
	for _, s := range []string{
		"- apiVersion: v1\n  kind: Pod\n- apiVersion: v1\n  kind: Pod\n", "  - apiVersion: v1\n    kind: Pod\n    x: \"\n  - apiVersion: v1\"\n", "- &a {apiVersion: v1, kind: Pod}\n- *a\n",
		"-\n  apiVersion: v1\n  kind: Pod\n  x: |\n   - a\n\n  # c\n# d\n-   {apiVersion: v1, kind: P}\nmetadata: {}\n", "- apiVersion: v1\n  kind: Pod\n  x: >-\n\n    a\n   b\n- a\nz: [\n- b]\n",
		"- - apiVersion: v1\n- apiVersion: v1\n  kind: '\n- '\n", "- apiVersion: v1\n  kind: Pod\n  ? x\n  : y\n\t\n- {\n- }\n", "- apiVersion: v1\n  kind: Pod\n  x: a\n   b\n  - c\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, items string) {
		text := "apiVersion: v1\nkind: List\nitems:\n" + items
		if strings.Contains(items, "---") || strings.Contains(items, "...") || strings.ContainsAny(items, "\r\u0085\u2028\u2029\ufeff\x00") {
			return // several documents, or none
		}
		whole, err := yaml.YAMLToJSONStrict([]byte(text))
		r := &recorder{}
		if _, e := Read(context.Background(), []string{"-"}, Options{Workers: 1, Stdin: strings.NewReader(text)}, r); e != nil {
			t.Fatal(e)
		}
		if err != nil {
			if len(r.problems) == 0 && !strings.Contains(items, "<<") {
				t.Errorf("%q: no problem; the reference says %v", text, err)
			}
			return
		}
		var ref struct {
			Kind  string
			Items []json.RawMessage
		}
		if json.Unmarshal(whole, &ref) != nil || ref.Kind != "List" || strings.Count(text, "List") > 1 {
			return // lists in lists are flattened
		}
		i := 0
		for _, item := range ref.Items {
			if !objectLike(item) {
				continue
			}
			if i >= len(r.docs) || !bytes.Equal(r.docs[i].JSON, item) {
				t.Fatalf("%q: item %s is not found\n%s", text, item, r)
			}
			i++
		}
		if i != len(r.docs) {
			t.Errorf("%q: %d objects, the reference has %d\n%s", text, len(r.docs), i, r)
		}
	})
}

// FuzzLocate asks for any path in any text: the line must be one of the text's.
func FuzzLocate(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), "items/0/metadata/name")
	}
	f.Add([]byte("a: &a {<<: *a, b: *a}\n"), "a/b/b/c")
	f.Fuzz(func(t *testing.T, text []byte, steps string) {
		var path []any
		for _, s := range strings.Split(steps, "/") {
			if n, err := strconv.Atoi(s); err == nil {
				path = append(path, n)
				continue
			}
			path = append(path, s)
		}
		if at := Locate(text, path...); at < 0 || at > lastLine(text) {
			t.Errorf("line %d of %q", at, text)
		}
	})
}

// FuzzSplitJSON holds the scanner to encoding/json: the same elements and members, the same ends.
func FuzzSplitJSON(f *testing.F) {
	for _, s := range append(seeds, `[1,"a\"]",{"b":[]},null,-1.5e3]`, `{"a\u0062":{"}":"\\"},"c":[[]]}`, " [ ] ", `{"a" : 1 , "a":2}`, `[1,]`, `{"a":}`, `[}`) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		at := skipSpace(data, 0)
		end, fault := skipValue(data, at, 10_000)
		if fault != nil && (fault.at < 0 || fault.at > len(data)) || fault == nil && (end <= at || end > len(data)) {
			t.Fatalf("%q: ends at %d, %+v", data, end, fault)
		}
		if !json.Valid(data) {
			return
		}
		if fault != nil || skipSpace(data, end) != len(data) {
			t.Fatalf("%q is valid: ends at %d, %+v", data, end, fault)
		}
		switch data[at] {
		case '[':
			sameElements(t, data, at)
		case '{':
			sameMembers(t, data, at)
		}
	})
}

func sameElements(t *testing.T, data []byte, at int) {
	var want []json.RawMessage
	if err := json.Unmarshal(data, &want); err != nil {
		return // deeper than encoding/json goes
	}
	c := within(data, at, 10_000)
	n := 0
	for from, to, ok := c.element(); ok; from, to, ok = c.element() {
		if n >= len(want) || !bytes.Equal(bytes.TrimSpace(want[n]), data[from:to]) {
			t.Fatalf("%q: element %d is %q", data, n, data[from:to])
		}
		n++
	}
	if c.fault != nil || n != len(want) {
		t.Errorf("%q: %d elements, want %d, %+v", data, n, len(want), c.fault)
	}
}

func sameMembers(t *testing.T, data []byte, at int) {
	var want map[string]json.RawMessage
	if err := json.Unmarshal(data, &want); err != nil {
		return
	}
	got := map[string][]byte{}
	c := within(data, at, 10_000)
	for m, ok := c.member(); ok; m, ok = c.member() {
		var name string
		if err := json.Unmarshal(m.quoted, &name); err != nil {
			t.Fatal(err)
		}
		got[name] = data[m.from:m.to]
	}
	if c.fault != nil || len(got) != len(want) {
		t.Fatalf("%q: %d members, want %d, %+v", data, len(got), len(want), c.fault)
	}
	for name, v := range want {
		if !bytes.Equal(bytes.TrimSpace(v), got[name]) {
			t.Errorf("%q: %q is %q", data, name, got[name])
		}
	}
}
