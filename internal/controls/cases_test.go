package controls_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"vigie/internal/app/config"
	"vigie/internal/control"
	"vigie/internal/control/trial"
	"vigie/internal/controls"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/register"
	"vigie/internal/source"
	"vigie/internal/source/files"
	"vigie/internal/source/files/manifest"
)

// built are the stages whose controls are built: a case of another stage waits, and is named.
var built = []string{"Check", "Controls"}

// TestCases runs every case of testdata/cases, inputs on which other tools of the field were wrong, and any folder
// of the same form that VIGIE_CASES names. The form is described in testdata/cases/README.md.
func TestCases(t *testing.T) {
	runCases(t, "testdata/cases")
	if dir := os.Getenv("VIGIE_CASES"); dir != "" {
		runCases(t, dir)
	}
}

func runCases(t *testing.T, dir string) {
	found, err := filepath.Glob(filepath.Join(dir, "*", "case.md"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no case in %s", dir)
	}
	passed, failed := 0, 0
	var waiting []string
	for _, path := range found {
		c, err := readCase(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			failed++
			continue
		}
		if !slices.Contains(built, c.After) {
			waiting = append(waiting, c.ID+" ("+c.After+")")
			continue
		}
		if wrong := c.run(t); len(wrong) > 0 {
			failed++
			t.Errorf("%s\n\t%s", c.ID, strings.Join(wrong, "\n\t"))
			continue
		}
		passed++
	}
	fmt.Printf("cases that wait for a later stage: %s\n", strings.Join(waiting, ", "))
	fmt.Printf("cases: %d passed, %d failed\n", passed, failed)
}

type caseFile struct {
	ID     string        `yaml:"id"`
	After  string        `yaml:"after"`
	Expect []expectation `yaml:"expect"`
	dir    string
}

type expectation struct {
	Subject string `yaml:"subject"`
	Control string `yaml:"control"`
	Reason  string `yaml:"reason"`
	What    string `yaml:"what"`
	Verdict string `yaml:"verdict"`
	Line    string `yaml:"line"`
}

func readCase(path string) (*caseFile, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parts := strings.SplitN(string(raw), "---\n", 3)
	if len(parts) != 3 {
		return nil, errors.New("no front matter")
	}
	c := &caseFile{dir: filepath.Dir(path)}
	return c, yaml.Unmarshal([]byte(parts[1]), c)
}

// world is what Vigie said of a case.
type world struct {
	now      time.Time
	findings []control.Finding
	inv      *inventory.Inventory
	foreign  map[int]bool // document numbers
	objects  map[int]bool
	waivers  []register.Waiver
}

// Begin implements scan.Handler.
func (w *world) Begin(inv *inventory.Inventory, _ source.Stats) error {
	w.inv = inv
	only := map[inventory.Input]bool{kinds.Objects: true}
	for _, s := range inv.Spaces() {
		for _, it := range kinds.Objects.In(inv.View(s, only, w.now)) {
			w.objects[it.Place.Doc] = true
		}
	}
	return nil
}

// Finding implements scan.Handler.
func (w *world) Finding(f *control.Finding) error {
	w.findings = append(w.findings, *f)
	return nil
}

func (c *caseFile) run(t *testing.T) (wrong []string) {
	raw, err := os.ReadFile(filepath.Join(c.dir, "input.yaml"))
	if err != nil {
		return []string{err.Error()}
	}
	facts, rest, err := splitContext(raw)
	if err != nil {
		return []string{err.Error()}
	}
	dir := t.TempDir()
	input := filepath.Join(dir, "input.yaml")
	if err := os.WriteFile(input, rest, 0o644); err != nil {
		t.Fatal(err)
	}
	parameter, err := trial.Parameters("")
	if err != nil {
		return []string{err.Error()}
	}
	w := &world{foreign: map[int]bool{}, objects: map[int]bool{}}
	s := trial.Scan(facts, []string{input}, controls.All(), parameter)
	s.Source.(*files.Source).OnForeign = func(f manifest.Foreign) { w.foreign[f.Index] = true }
	w.now = s.Now
	for i, x := range facts.Waivers {
		if ok, problems := config.WaiverEntry(x).Judge("input.yaml", 0, i+1, config.WaiverRules{Now: s.Now}); len(problems) == 0 {
			w.waivers = append(w.waivers, ok)
		}
	}
	if facts.ProcessTimeZone != "" {
		loc, err := time.LoadLocation(facts.ProcessTimeZone)
		if err != nil {
			return []string{err.Error()}
		}
		old := time.Local
		time.Local = loc
		defer func() { time.Local = old }()
	}
	if _, err := s.Run(context.Background(), func() time.Duration { return 0 }, w); err != nil {
		return []string{err.Error()}
	}
	for _, e := range c.Expect {
		if got := w.judge(e); got != e.Verdict {
			wrong = append(wrong, fmt.Sprintf("%s: %s/%s is %s, want %s (%s)%s", e.Subject, e.Control, e.Reason, got, e.Verdict, e.What, w.said(e)))
		}
	}
	return wrong
}

// said lists what the control said, for the message of a case that is wrong.
func (w *world) said(e expectation) string {
	var b strings.Builder
	for _, f := range w.findings {
		if f.Control.ID == e.Control {
			fmt.Fprintf(&b, "\n\t\t%s %s, %s: %s", f.Verdict, f.Subject, f.Part, f.Reason)
		}
	}
	for _, u := range w.inv.Unread {
		fmt.Fprintf(&b, "\n\t\tnot read: line %d, document %d: %s %v", u.Place.Line, u.Place.Doc, u.Reason, u.Values)
	}
	return b.String()
}

var separator = regexp.MustCompile(`(?m)^---[ \t]*\r?$`)

// splitContext takes the document of kind Context out of the stream and leaves one that is nobody's in its place,
// with as many lines: documents and lines keep their numbers.
func splitContext(raw []byte) (*given.Facts, []byte, error) {
	facts := &given.Facts{}
	var out [][]byte
	for _, doc := range splitDocuments(raw) {
		if !bytes.Contains(doc, []byte("apiVersion: lab.vigie/v1")) {
			out = append(out, doc)
			continue
		}
		f, err := given.Parse(bytes.ReplaceAll(doc, []byte("\r\n"), []byte("\n")))
		if err != nil {
			return nil, nil, err
		}
		facts = f
		lines := bytes.Count(doc, []byte("\n"))
		out = append(out, append([]byte("\nnobody: true"), bytes.Repeat([]byte("\n"), max(lines-1, 1))...))
	}
	joined := bytes.Join(out, []byte("---"))
	return facts, bytes.TrimPrefix(joined, []byte("\n")), nil
}

func splitDocuments(raw []byte) (docs [][]byte) {
	at := 0
	for _, m := range separator.FindAllIndex(raw, -1) {
		docs = append(docs, raw[at:m[0]])
		at = m[0] + 3
	}
	return append(docs, raw[at:])
}

// judge gives the verdict that Vigie gave on what an expectation names.
func (w *world) judge(e expectation) string {
	if e.Control == "readable" {
		return w.readable(e)
	}
	kind, group, ns, name, part := parseSubject(e.Subject)
	about := w.about(e.Control, kind, group, ns, name, part)
	if whole := w.about(e.Control, kind, group, ns, name, ""); len(about) == 0 && part != "" && len(whole) > 0 && e.Verdict == "pass" {
		return "pass" // the subject was judged, and nothing was held against this part of it
	}
	has := func(v control.Verdict, reason string) bool {
		return slices.ContainsFunc(about, func(f control.Finding) bool {
			return f.Verdict == v && (reason == "" || f.Reason == reason)
		})
	}
	switch {
	case has(control.Fail, e.Reason):
		return w.failed(about, e.Reason)
	case e.Verdict == "unknown" && (has(control.Unknown, "") || w.unknownSpace(e.Control, ns) || w.notRead(kind, ns, name)):
		return "unknown"
	case e.Reason != "" && (has(control.Fail, "") || has(control.Pass, "")):
		return "pass"
	case has(control.Unknown, ""):
		return "unknown"
	case has(control.Pass, ""):
		return "pass"
	case has(control.NotApplicable, ""):
		return "not-applicable"
	case w.notRead(kind, ns, name) || w.unknownSpace(e.Control, ns):
		return "unknown"
	}
	return "not-applicable"
}

// failed says waived where each failure is covered by a waiver in force.
func (w *world) failed(about []control.Finding, reason string) string {
	for _, f := range about {
		if f.Verdict != control.Fail || reason != "" && f.Reason != reason {
			continue
		}
		covered := slices.ContainsFunc(w.waivers, func(x register.Waiver) bool {
			return x.InForce(w.now) && (x.Covers(f.Control.ID, f.Subject.Short(), f.Part.String()) || x.Covers(f.Control.ID, f.Subject.String(), f.Part.String()))
		})
		if !covered {
			return "fail"
		}
	}
	return "waived"
}

func (w *world) about(id, kind, group, ns, name, part string) (out []control.Finding) {
	for _, f := range w.findings {
		r := f.Subject
		if f.Control.ID != id || r.Kind != kind || group != "" && r.Group != group || r.Namespace != ns || r.Name != name {
			continue
		}
		if n, ok := strings.CutPrefix(part, "document "); ok {
			if strconv.Itoa(f.Place.Doc) != n {
				continue
			}
		} else if part != "" && f.Part.String() != part {
			continue
		}
		out = append(out, f)
	}
	return out
}

// unknownSpace reports that the control is unknown for a namespace as a whole.
func (w *world) unknownSpace(id, ns string) bool {
	return slices.ContainsFunc(w.findings, func(f control.Finding) bool {
		return f.Control.ID == id && f.Verdict == control.Unknown && (f.Subject.Kind == "Namespace" && f.Subject.Name == ns && f.Subject.Group == "" || ns == "" && f.Subject.Kind == "Cluster")
	})
}

func (w *world) notRead(kind, ns, name string) bool {
	return slices.ContainsFunc(w.inv.Unread, func(u inventory.Unread) bool {
		return u.Ref.Name == "" || u.Ref.Kind == kind && u.Ref.Namespace == ns && u.Ref.Name == name
	})
}

func (w *world) readable(e expectation) string {
	words := strings.Fields(e.Subject)
	n := 0
	if words[0] == "document" {
		n, _ = strconv.Atoi(words[1])
	}
	for _, u := range w.inv.Unread {
		if n != 0 && u.Place.Doc != n {
			continue
		}
		if !within(u.Place.Line, e.Line) {
			return fmt.Sprintf("unknown at line %d", u.Place.Line)
		}
		return "unknown"
	}
	switch {
	case n != 0 && w.foreign[n], n == 0 && len(w.objects) == 0 && len(w.foreign) > 0:
		return "not-applicable"
	case n != 0 && !w.objects[n]:
		return "not seen"
	}
	return "pass"
}

func within(line int, spec string) bool {
	if spec == "" {
		return line > 0
	}
	from, to, _ := strings.Cut(spec, "-")
	a, _ := strconv.Atoi(from)
	b, _ := strconv.Atoi(cmp.Or(to, from))
	return line >= a && line <= b
}

// parseSubject reads "Kind[.group] [namespace/]name[ part]".
func parseSubject(s string) (kind, group, ns, name, part string) {
	words := strings.SplitN(s, " ", 3)
	kind, group, _ = strings.Cut(words[0], ".")
	ns, name, _ = strings.Cut(words[1], "/")
	if name == "" {
		ns, name = "", words[1]
	}
	if len(words) == 3 {
		part = words[2]
	}
	return kind, group, ns, name, part
}

func TestParseSubject(t *testing.T) {
	for s, want := range map[string]string{
		"Deployment shop/web container app":              "Deployment||shop|web|container app",
		"Ingress.extensions shop/c":                      "Ingress|extensions|shop|c|",
		"PodSecurityPolicy restricted":                   "PodSecurityPolicy|||restricted|",
		"Deployment shop/app vulnerability CVE-0000-001": "Deployment||shop|app|vulnerability CVE-0000-001",
	} {
		k, g, ns, n, p := parseSubject(s)
		if got := strings.Join([]string{k, g, ns, n, p}, "|"); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}
