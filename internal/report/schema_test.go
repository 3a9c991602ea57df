package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
	"vigie/internal/register"
)

var update = flag.Bool("update", false, "write schema.json anew")

// makeSchema makes the schema of one line from the types that are written, with the value sets of their words.
func makeSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{DoNotReference: true, AllowAdditionalProperties: true, Anonymous: true}
	r.Mapper = func(ty reflect.Type) *jsonschema.Schema {
		if ty == reflect.TypeFor[control.Values]() {
			return &jsonschema.Schema{Type: "object"}
		}
		return nil
	}
	s := r.Reflect(&line{})
	s.Title = "One line of the report of vigie check -o json"
	one := uint64(1)
	s.MinProperties, s.MaxProperties = &one, &one
	enum := func(member, field string, words []string) {
		m, _ := s.Properties.Get(member)
		f, ok := m.Properties.Get(field)
		if !ok {
			t.Fatalf("no field %s.%s", member, field)
		}
		for _, w := range words {
			f.Enum = append(f.Enum, w)
		}
	}
	var verdicts, severities, states, grounds []string
	for _, v := range control.Verdicts() {
		verdicts = append(verdicts, v.String())
	}
	for _, v := range control.Severities() {
		severities = append(severities, v.String())
	}
	for _, v := range posture.States() {
		states = append(states, v.String())
	}
	for g := range groundWords {
		grounds = append(grounds, string(g))
	}
	slices.Sort(grounds)
	enum("finding", "verdict", verdicts)
	enum("finding", "severity", severities)
	enum("clause", "state", states)
	enum("clause", "ground", grounds)
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// TestSchema holds schema.json to the types, and a whole stream to the schema.
func TestSchema(t *testing.T) {
	want := makeSchema(t)
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("schema.json lags behind the types: make docs (%v)", err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	sch, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	stream(t, NewJSON(&out), "en")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 8 {
		t.Errorf("%d lines, want 8:\n%s", len(lines), out.String())
	}
	for _, l := range lines {
		inst, err := validator.UnmarshalJSON(strings.NewReader(l))
		if err != nil {
			t.Fatal(err)
		}
		if err := sch.Validate(inst); err != nil {
			t.Errorf("%s\n%v", l, err)
		}
	}
	for _, wrong := range []string{`{}`, `{"finding":{},"clause":{}}`, `{"clause":{"id":"A","state":"green","ground":"measured","seen":1,"of":1}}`} {
		inst, err := validator.UnmarshalJSON(strings.NewReader(wrong))
		if err != nil {
			t.Fatal(err)
		}
		if sch.Validate(inst) == nil {
			t.Errorf("the schema takes %s", wrong)
		}
	}
}

var at = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

// fake is a control whose documents hold what a hostile input could.
func fake() *control.Control {
	en := "# T\n\nWhy.\n\n## bad\n\nHolds {what}.\n\nRemedy: mend {what}.\n\n```yaml\na: <b>\n```\n"
	return &control.Control{
		ID: "image-pinned", Version: 1, Clauses: []string{"MCO.UPD.T1"}, Severity: control.High,
		Reasons: []control.Reason{{Key: "bad", Verdict: control.Fail}},
		Docs:    fstest.MapFS{"doc.en.md": {Data: []byte(en)}, "doc.fr.md": {Data: []byte(strings.ReplaceAll(en, "Remedy:", "Remède\u00a0:"))}},
	}
}

// stream drives a handler with one check: every kind of event, hostile names among them.
func stream(t testing.TB, h Handler, l string) {
	t.Helper()
	c := fake()
	evil := "\x1b[31mred\x07\n<script>alert(1)</script>\u202e"
	ref := inventory.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: evil}
	finding := func(v control.Verdict, reason string) *Finding {
		return &Finding{Finding: &control.Finding{
			Control: c, Verdict: v, Subject: ref, Reason: reason, Values: control.Values{"what": evil}, Place: inventory.Place{File: evil, Line: 3}, SeenAt: at, Until: at.Add(time.Hour),
		}}
	}
	fail := finding(control.Fail, "bad")
	waived := finding(control.Fail, "bad")
	waived.Waiver = &register.Waiver{Approver: evil, Reason: evil, Expires: at.Add(24 * time.Hour)}
	gap := finding(control.Unknown, control.ReasonGap)
	gap.Gaps = []inventory.Gap{{Input: "list pods", Space: ref.Space(), State: inventory.Denied, Detail: evil}}
	sum := Summary{
		Objects: 1, Verdicts: map[control.Verdict]int{control.Fail: 1, control.Unknown: 1}, Severities: map[control.Severity]int{control.High: 1},
		Clauses: map[posture.State]int{posture.Fail: 1}, Waived: 1, WaivedTo: at, Exit: 1, FailOn: "high",
	}
	for _, err := range []error{
		h.Meta(Meta{Version: "v", Lang: l, At: at, Paths: []string{evil}, Source: "files", Controls: map[string]int{"x": 1}, Parameters: map[string]string{}, Objects: 1, Files: 1, Namespaces: 1}),
		h.Gap(Gap{Input: "document", State: "not-understood", Reason: "duplicate-key", Values: map[string]any{"key": evil}, File: evil, Line: 2}),
		h.Gap(InputGap(gap.Gaps[0])),
		h.Finding(fail), h.Finding(waived), h.Finding(gap),
		h.Clause(posture.Clause{ID: "MCO.UPD.T1", State: posture.Fail, Ground: posture.Measured, Owner: evil, Of: 2, Seen: 1, Causes: []posture.Because{{Cause: posture.Gap, Control: "x"}}}),
		h.Summary(sum),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestNothingEscapes holds that no format passes a control character or markup of an input on.
func TestNothingEscapes(t *testing.T) {
	for name, make := range map[string]func(*bytes.Buffer) Handler{
		"text":   func(b *bytes.Buffer) Handler { return NewText(b, TextOptions{Lang: lang.English, All: true}) },
		"object": func(b *bytes.Buffer) Handler { return NewText(b, TextOptions{Lang: lang.French, ByObject: true}) },
		"json":   func(b *bytes.Buffer) Handler { return NewJSON(b) },
		"html":   func(b *bytes.Buffer) Handler { return NewHTML(b, lang.French) },
	} {
		var out bytes.Buffer
		stream(t, make(&out), "en")
		for _, bad := range []string{"\x1b", "\x07", "\u202e"} {
			if strings.Contains(out.String(), bad) && name != "json" {
				t.Errorf("%s passes %q", name, bad)
			}
		}
		if name == "json" && strings.ContainsAny(out.String(), "\x1b\x07") {
			t.Error("JSON passes a control character")
		}
		if name == "html" && (strings.Contains(out.String(), "<script") || strings.Contains(out.String(), "http://") || strings.Contains(out.String(), "https://")) {
			t.Error("HTML passes markup, or names an address")
		}
	}
}

// TestEverySentence holds both languages complete.
func TestEverySentence(t *testing.T) {
	check := func(what string, x text) {
		if x.EN == "" || x.FR == "" {
			t.Errorf("%s: %+v", what, x)
		}
		if !slices.Equal(control.Placeholders(x.EN), control.Placeholders(x.FR)) {
			t.Errorf("%s: the languages name different values", what)
		}
		if strings.Contains(x.FR, " :") || strings.Contains(x.FR, " ;") {
			t.Errorf("%s: an ordinary space before : or ; in French: %q", what, x.FR)
		}
	}
	for k, x := range unread {
		check(k, x)
	}
	for _, c := range posture.Causes() {
		check(string(c), causeWords[c].one)
		check(string(c), causeWords[c].many)
		check(string(c), causeWords[c].step)
	}
	for _, s := range posture.States() {
		check(s.String(), stateWords[s])
	}
	for _, v := range control.Verdicts() {
		check(v.String(), verdictWords[v])
	}
	for _, s := range control.Severities() {
		check(s.String(), severityWords[s])
	}
	for k, x := range inputStates {
		check(k, x)
	}
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range p.Chapters {
		check(ch.Key, text{EN: chapterWord(ch.Key, lang.English), FR: chapterWord(ch.Key, lang.French)})
	}
}

func kept(t *testing.T, prints ...string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"meta":{"tool":"vigie","schema":1}}` + "\n")
	for _, p := range prints {
		f := strings.Split(p, " ")
		fmt.Fprintf(&b, `{"finding":{"control":"c","verdict":%q,"severity":"high","subject":{"kind":"Pod","namespace":"shop","name":%q},"message":"m","fingerprint":%q}}`+"\n", f[0], f[1], f[1])
	}
	b.WriteString(`{"clause":{"id":"A","state":"` + map[bool]string{true: "fail", false: "pass"}[strings.Contains(b.String(), `"fail"`)] + `"}}` + "\n")
	b.WriteString(`{"summary":{}}` + "\n")
	return b.String()
}

func TestDiff(t *testing.T) {
	before := kept(t, "fail a", "fail b", "fail c")
	after := kept(t, "fail a", "fail d", "pass b", "unknown c")
	ch, err := Diff(strings.NewReader(before), strings.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	if len(ch.New) != 1 || ch.New[0].Fingerprint != "d" || len(ch.Mended) != 1 || ch.Mended[0].Fingerprint != "b" || len(ch.Lost) != 1 || ch.Lost[0].Fingerprint != "c" || ch.Same != 1 {
		t.Errorf("%+v", ch)
	}
	ch, err = Diff(strings.NewReader(before), strings.NewReader(kept(t, "pass a")))
	if err != nil || len(ch.Changed) != 1 || ch.Changed[0] != (ClauseMove{"A", "fail", "pass"}) || len(ch.Mended) != 3 {
		t.Errorf("%+v %v", ch, err)
	}
	for name, text := range map[string]string{
		"no JSON": "hello", "another's": `{"results":[]}`, "cut": strings.Split(before, `{"summary"`)[0], "empty": "",
	} {
		if _, err := Diff(strings.NewReader(text), strings.NewReader(after)); !errors.Is(err, ErrNotKept) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Diff(strings.NewReader(`{"meta":{"tool":"vigie","schema":99}}`), strings.NewReader(after)); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("a newer form: %v", err)
	}
	var out bytes.Buffer
	if err := ch.Write(&out, lang.French); err != nil || !strings.Contains(out.String(), "CORRIGÉS  3") {
		t.Errorf("%v\n%s", err, out.String())
	}
	out.Reset()
	if err := ch.WriteJSON(&out); err != nil || !json.Valid(out.Bytes()) {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func BenchmarkJSON(b *testing.B) {
	c := fake()
	f := &Finding{Finding: &control.Finding{Control: c, Verdict: control.Pass, Subject: inventory.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "web"}, SeenAt: at}}
	h := NewJSON(&bytes.Buffer{})
	_ = h.Meta(Meta{Lang: "en"})
	for b.Loop() {
		_ = h.Finding(f)
	}
}
