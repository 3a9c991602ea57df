package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/posture"
)

func jsonOf(t testing.TB, s *stream) []byte {
	var out bytes.Buffer
	s.play(t, NewJSON(&out))
	return out.Bytes()
}

// closed makes every object of a schema refuse what it does not name: the schema must name all that is written.
func closed(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, ok := n["properties"]; ok && n["additionalProperties"] == nil {
			n["additionalProperties"] = false
		}
		for _, v := range n {
			closed(v)
		}
	case []any:
		for _, v := range n {
			closed(v)
		}
	}
}

func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	closed(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(s *jsonschema.Schema, line string) error {
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// TestSchema holds the stream to its schema, line by line, and the schema to what is written.
func TestSchema(t *testing.T) {
	schema := schemaOf(t)
	for name, s := range map[string]*stream{"sample": sample(t), "hostile": hostile(t), "empty": empty()} {
		lines := strings.Split(strings.TrimSuffix(string(jsonOf(t, s)), "\n"), "\n")
		if want := 2 + len(s.gaps) + len(s.findings) + len(s.clauses); len(lines) != want {
			t.Errorf("%s: %d lines, want %d", name, len(lines), want)
		}
		for _, line := range lines {
			if err := validate(schema, line); err != nil {
				t.Errorf("%s: %v\n%s", name, err, line)
			}
		}
	}
	for _, bad := range []string{
		`{}`, `{"meta":{}}`, `{"other":{}}`, `{"clause":{"id":"x"}}`,
		`{"gap":{"input":"document","namespace":"","state":"odd","detail":"","file":"","line":0}}`,
	} {
		if err := validate(schema, bad); err == nil {
			t.Errorf("%s: the schema takes it", bad)
		}
	}
}

// empty is a check that found nothing to judge.
func empty() *stream {
	s := &stream{meta: Meta{Version: "1", Lang: "fr", At: noon, Paths: []string{"none"}, Source: "files", PolicyVersion: "1"}}
	s.gaps = []Gap{UnreadGap(inventory.Unread{Place: inventory.Place{File: "none"}, Reason: "nothing-found"})}
	for _, id := range []string{"MCO.UPD.T1", "MCS.SEC.R1"} {
		s.clauses = append(s.clauses, posture.Clause{ID: id, Ground: posture.None, Of: 1, Causes: []posture.Because{{Cause: posture.Gap, Control: "image-pinned"}}})
	}
	s.count()
	return s
}

// evil is a name that would clear a screen, end a line, turn the writing and close an element.
const evil = "a\x1b[2J\nb\u202ec\u009bd\xff\"'`\\</script><img src=x onerror=alert(1)>&\u2028\u200b"

// hostile is a check of objects whose every name is evil.
func hostile(t testing.TB) *stream {
	s := sample(t)
	s.meta.Tenant, s.meta.Paths = evil, []string{evil}
	for i := range s.gaps {
		s.gaps[i].File, s.gaps[i].Space.Namespace, s.gaps[i].Space.Root = evil, evil, evil
		s.gaps[i].Values = map[string]any{"key": evil, "path": evil, "want": evil, "why": evil}
		if s.gaps[i].Detail != "" {
			s.gaps[i].Detail = evil
		}
	}
	s.gaps = append(s.gaps, Gap{Input: "document", State: "not-understood", Reason: evil, File: evil})
	for _, f := range s.findings {
		f.Subject.Namespace, f.Subject.Name, f.Place.File, f.Part, f.Team = evil, evil, evil, control.Part{Kind: "env", Name: evil}, evil
		for k, v := range f.Values {
			if _, ok := v.(string); ok {
				f.Values[k] = evil
			}
		}
		for i := range f.Gaps {
			f.Gaps[i].Input, f.Gaps[i].Detail = evil, evil
		}
		if f.Waiver != nil {
			f.Waiver.Reason, f.Waiver.Approver = evil, evil
		}
	}
	for i := range s.clauses {
		s.clauses[i].Owner = evil
	}
	return s
}

// TestJSONGolden holds the form of each kind of line.
func TestJSONGolden(t *testing.T) {
	s := sample(t)
	seen, out := map[string]bool{}, ""
	for _, line := range strings.SplitAfter(string(jsonOf(t, s)), "\n") {
		var l map[string]struct {
			Verdict, Reason, State string
			Waiver                 any
		}
		if line == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		for kind, m := range l { // one line of each sort
			if key := fmt.Sprint(kind, m.Verdict, m.Reason, m.State, m.Waiver != nil); !seen[key] {
				seen[key] = true
				out += line
			}
		}
	}
	golden(t, "stream.jsonl", []byte(out))
}

// TestPrintable holds that no line of the stream carries what a terminal would obey.
func TestPrintable(t *testing.T) {
	for _, r := range string(jsonOf(t, hostile(t))) {
		if r != '\n' && !unicode.IsGraphic(r) {
			t.Fatalf("%U stands in the stream", r)
		}
	}
}

// TestQuoted holds that what was quoted reads back as it was.
func TestQuoted(t *testing.T) {
	for _, s := range []string{"", "plain", evil[:len("a\x1b[2J\nb\u202ec\u009bd")], "é漢🙂", "\x7f\x00\t\r\U000e0001", `back\slash "quoted"`} {
		var back string
		if err := json.Unmarshal(appendQuoted(nil, s), &back); err != nil || back != s {
			t.Errorf("%q: read back as %q, %v", s, back, err)
		}
	}
	if got := string(appendQuoted(nil, "a\xffb")); got != `"a\ufffdb"` {
		t.Errorf("a byte that is no UTF-8: %s", got)
	}
}

func FuzzQuoted(f *testing.F) {
	f.Add(evil)
	f.Fuzz(func(t *testing.T, s string) {
		quoted := appendQuoted(nil, s)
		var back string
		if err := json.Unmarshal(quoted, &back); err != nil || back != strings.ToValidUTF8(s, "\ufffd") && !strings.Contains(back, "\ufffd") {
			t.Errorf("%q: %s, %v", s, quoted, err)
		}
		for _, r := range string(quoted) {
			if !unicode.IsGraphic(r) {
				t.Errorf("%q: %U stands in %s", s, r, quoted)
			}
		}
	})
}

// TestRoundTrip holds that a kept stream gives the same reports as the check did.
func TestRoundTrip(t *testing.T) {
	s := sample(t)
	first := jsonOf(t, s)
	var again bytes.Buffer
	if err := Read(bytes.NewReader(first), known, NewJSON(&again)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, again.Bytes()) {
		t.Errorf("the stream changed:\n%s\n%s", first, again.Bytes())
	}
	for _, o := range []TextOptions{{Lang: "en"}, {Lang: "fr", All: true}, {Lang: "fr", ByObject: true}} {
		var text bytes.Buffer
		if err := Read(bytes.NewReader(first), known, NewText(&text, o)); err != nil {
			t.Fatal(err)
		}
		if want := textOf(t, s, o); !bytes.Equal(text.Bytes(), want) {
			t.Errorf("%+v: the report of the kept stream is another:\n%s\n%s", o, text.Bytes(), want)
		}
	}
}

// TestReadWithoutControls holds that a stream of controls that this version does not have is read: its own sentences
// stand for theirs.
func TestReadWithoutControls(t *testing.T) {
	first := jsonOf(t, sample(t))
	var again, text bytes.Buffer
	if err := Read(bytes.NewReader(first), nil, NewJSON(&again)); err != nil || !bytes.Equal(first, again.Bytes()) {
		t.Errorf("the stream changed: %v", err)
	}
	if err := Read(bytes.NewReader(first), nil, NewText(&text, TextOptions{Lang: "fr"})); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "Env PSP_TOKEN holds a secret") {
		t.Errorf("the kept sentence is lost:\n%s", text.String())
	}
}

func TestReadRefuses(t *testing.T) {
	lines := strings.SplitAfter(string(jsonOf(t, sample(t))), "\n")
	lines = lines[:len(lines)-1]
	meta, last := lines[0], lines[len(lines)-1]
	body := strings.Join(lines[1:len(lines)-1], "")
	finding, clause := "", ""
	for _, l := range lines {
		if strings.HasPrefix(l, `{"finding"`) {
			finding = l
		}
		if strings.HasPrefix(l, `{"clause"`) {
			clause = l
		}
	}
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "ends before its summary"},
		{"no JSON", "posture\n", "line 1: no whole JSON object"},
		{"cut in a line", meta + finding[:40], "line 2: no whole JSON object"},
		{"cut between lines", meta + finding, "ends before its summary"},
		{"no meta", finding + last, "line 1: it does not begin with its meta line"},
		{"two results in one", meta + body + last + meta + body + last, "it is out of order"},
		{"a finding that was taken out", meta + strings.Replace(body, finding, "", 1) + last, "do not add up to its summary"},
		{"a finding that stands twice", meta + strings.Replace(body, finding, finding+finding, 1) + last, "do not add up to its summary"},
		{"a clause that was taken out", meta + strings.Replace(body, clause, "", 1) + last, "do not add up to its summary"},
		{"a verdict that was changed", meta + strings.Replace(body, `"verdict":"fail"`, `"verdict":"pass"`, 1) + last, "do not add up to its summary"},
		{"clauses first", meta + clause + finding + last, "line 3: it is out of order"},
		{"newer form", strings.Replace(meta, `"schema":1`, `"schema":2`, 1) + last, "form is 2 and this version reads 1"},
		{"newer line", meta + `{"attestation":{}}` + "\n" + last, `line 2: a line of the unknown kind "attestation": a newer vigie`},
		{"empty line kind", meta + "{}\n" + last, "line 2: it holds no meta"},
		{"two members", meta + `{"gap":{},"clause":{}}` + "\n" + last, "line 2: it has more than one member"},
		{"other tool", strings.Replace(meta, `"tool":"vigie"`, `"tool":"x"`, 1) + last, "line 1: want the output"},
		{"a wrong type", meta + `{"clause":{"id":7}}` + "\n" + last, "/id is of the wrong type"},
		{"an unknown state", meta + strings.Replace(clause, `"state":"`, `"state":"x`, 1) + last, "unknown state"},
		{"an unknown verdict", meta + strings.Replace(finding, `"verdict":"`, `"verdict":"x`, 1) + last, "unknown verdict"},
		{"a changed subject", meta + strings.Replace(finding, `"kind":"`, `"kind":"X`, 1) + last, "fingerprint is not that of the finding"},
		{"a line without end", strings.Repeat("x", maxLine+2), "longer than 16 MiB"},
	} {
		err := Read(strings.NewReader(c.text), known, NewJSON(io.Discard))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if err := Read(strings.NewReader(meta+"\n \n"+body+last), known, NewJSON(io.Discard)); err != nil {
		t.Errorf("empty lines: %v", err)
	}
	more := strings.Replace(meta, `"tool"`, `"added":{"x":1},"tool"`, 1)
	if err := Read(strings.NewReader(more+body+last), known, NewJSON(io.Discard)); err != nil {
		t.Errorf("a member that was added: %v", err)
	}
}

// FuzzRead holds that no input makes the reader fail otherwise than by an error.
func FuzzRead(f *testing.F) {
	f.Add(jsonOf(f, sample(f)))
	f.Add([]byte(`{"meta":{"tool":"vigie","schema":1}}` + "\n" + `{"finding":{"values":{"a":{"seconds":1e300},"b":[1,[2]]}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		if err := Read(bytes.NewReader(data), known, NewJSON(&out)); err == nil && out.Len() == 0 {
			t.Error("read without an event")
		}
	})
}

// failing is a writer that takes n bytes.
type failing struct{ n int }

var errFull = errors.New("no space left")

func (w *failing) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestWriteFails holds that a report that could not be written is an error in every format.
func TestWriteFails(t *testing.T) {
	data := jsonOf(t, sample(t))
	for name, h := range map[string]Handler{
		"json": NewJSON(&failing{100}), "text": NewText(&failing{100}, TextOptions{}), "html": NewHTML(&failing{100}, "en"),
	} {
		if err := Read(bytes.NewReader(data), known, h); !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want the writer's error", name, err)
		}
	}
}

// many plays n findings, one in twenty of which fails.
func many(b *testing.B, n int, h Handler) {
	s := &stream{meta: Meta{Lang: "en", At: noon}}
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	check(h.Meta(s.meta))
	f := Finding{Finding: &control.Finding{Control: imagePinned, SeenAt: noon}}
	values := control.Values{"container": "app", "image": "registry.example.test/shop/app:latest"}
	for i := range n {
		f.Subject = inventory.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop-production", Name: "service-of-the-shop"}
		f.Place = inventory.Place{File: "deploy/production/service.yaml", Line: i}
		f.Part = control.Part{Kind: "container", Name: "app"}
		f.Verdict, f.Reason, f.Values = control.Pass, "", nil
		if i%20 == 0 {
			f.Verdict, f.Reason, f.Values = control.Fail, "latest", values
		}
		check(h.Finding(&f))
	}
	check(h.Clause(posture.Clause{ID: "MCO.UPD.T2", State: posture.Fail}))
	check(h.Summary(Summary{Severities: map[control.Severity]int{control.Medium: n / 20}, WaivedTo: time.Time{}}))
}

func BenchmarkJSON(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		many(b, 70_000, NewJSON(io.Discard))
	}
}

func BenchmarkText(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		many(b, 70_000, NewText(io.Discard, TextOptions{Lang: "en"}))
	}
}

func BenchmarkHTML(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		many(b, 70_000, NewHTML(io.Discard, "en"))
	}
}

func BenchmarkRead(b *testing.B) {
	var out bytes.Buffer
	many(b, 70_000, NewJSON(&out))
	b.ReportAllocs()
	for b.Loop() {
		if err := Read(bytes.NewReader(out.Bytes()), known, NewJSON(io.Discard)); err != nil {
			b.Fatal(err)
		}
	}
}
