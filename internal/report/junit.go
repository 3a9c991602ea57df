package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/posture"
)

// junitHandler writes JUnit's XML, in the form that Jenkins' xUnit plugin and GitLab read: a suite for each control, a
// case for each finding. It keeps the cases as text until the end, for the counts stand before them.
type junitHandler struct {
	*words
	w      io.Writer
	base   string
	meta   Meta
	suites map[string]*junitSuite
}

type junitSuite struct {
	cases                            bytes.Buffer
	title                            string
	version                          int
	names                            map[string]int
	tests, failures, errors, skipped int
}

// inputsSuite holds what was not read: no control has an id like it.
const inputsSuite = "inputs"

// NewJUnit makes the handler of JUnit's XML. A failure that counts is a failure. What could not be judged is skipped,
// with its cause: JUnit's readers never count a skipped case as passed, while an error would fail pipelines for what no
// manifest can tell. Waived, baselined and not applicable are skipped too, and say so. A control that broke is an error.
func NewJUnit(w io.Writer, o Options) Handler {
	return &junitHandler{words: newWords(o.Lang), w: w, base: o.Base, suites: map[string]*junitSuite{}}
}

// Meta implements Handler.
func (h *junitHandler) Meta(m Meta) error {
	h.meta = m
	for id, version := range m.Controls {
		h.suite(id).version = version
	}
	return nil
}

func (h *junitHandler) suite(id string) *junitSuite {
	s := h.suites[id]
	if s == nil {
		s = &junitSuite{names: map[string]int{}}
		h.suites[id] = s
	}
	return s
}

// Gap implements Handler.
func (h *junitHandler) Gap(g Gap) error {
	s := h.suite(inputsSuite)
	s.begin("vigie."+inputsSuite, h.where(g))
	s.skip(h.state(posture.Unknown)+h.Say("colon", nil)+h.sentence(g), "unknown")
	s.end()
	return nil
}

// Finding implements Handler.
func (h *junitHandler) Finding(f *Finding) error {
	s := h.suite(f.Control.ID)
	if s.title == "" {
		s.title = h.title(f.Control)
	}
	s.begin("vigie."+f.Control.ID, h.caseName(f))
	colon := h.Say("colon", nil)
	switch {
	case f.Verdict == control.Unknown && f.Reason == control.ReasonBroken:
		s.errors++
		s.outcome("error", control.ReasonBroken, h.message(f), h.body(f))
	case f.Verdict == control.Unknown:
		s.skip(h.state(posture.Unknown)+colon+h.message(f), "unknown")
	case f.Verdict == control.NotApplicable:
		s.skip(h.state(posture.NotApplicable), "not-applicable")
	case f.Verdict == control.Pass:
	case f.Waiver != nil:
		s.skip(h.waiver(f)+colon+h.message(f), "waived")
	case f.Baselined:
		s.skip(h.Say("baselined", nil)+colon+h.message(f), "baselined")
	default:
		s.failures++
		s.outcome("failure", f.Severity().String(), h.message(f), h.body(f))
	}
	s.end()
	return nil
}

// caseName is what the finding is about, without its reason: a test keeps its name when it begins to pass.
func (h *junitHandler) caseName(f *Finding) string {
	s := h.object(f.Subject)
	if f.Part.Name == "" {
		return s
	}
	return s + ", " + lang.Safe(f.Part.String())
}

// body is what a person reads of a failure, a line for each thing.
func (h *junitHandler) body(f *Finding) string {
	lines := []string{h.whole(f)}
	if f.Place.File != "" {
		at := lang.Safe(repoPath(f.Place.File, h.base))
		if line := lineOf(f); line > 0 {
			at += ":" + strconv.Itoa(line)
		}
		lines = append(lines, at)
	}
	for _, id := range f.Clauses() {
		lines = append(lines, h.shortClause(id))
	}
	if _, example := h.remedy(f); example != "" {
		lines = append(lines, "", strings.TrimSuffix(example, "\n"))
	}
	return strings.Join(lines, "\n")
}

func (s *junitSuite) begin(class, name string) {
	s.tests++
	s.names[name]++
	if n := s.names[name]; n > 1 { // readers know a test by its name
		name += " (" + strconv.Itoa(n) + ")"
	}
	s.cases.WriteString("    <testcase")
	attribute(&s.cases, "classname", class)
	attribute(&s.cases, "name", name)
	s.cases.WriteByte('>')
}

func (s *junitSuite) end() { s.cases.WriteString("</testcase>\n") }

func (s *junitSuite) skip(message, kind string) {
	s.skipped++
	s.outcome("skipped", kind, message, "")
}

func (s *junitSuite) outcome(element, kind, message, body string) {
	s.cases.WriteString("<" + element)
	attribute(&s.cases, "type", kind)
	attribute(&s.cases, "message", message)
	s.cases.WriteByte('>')
	for i, line := range strings.Split(body, "\n") { // escaped by the line, for the escape of a line's end is hard to read
		if i > 0 {
			s.cases.WriteByte('\n')
		}
		escapeXML(&s.cases, line)
	}
	s.cases.WriteString("</" + element + ">")
}

func attribute(b *bytes.Buffer, name, value string) {
	b.WriteString(" " + name + `="`)
	escapeXML(b, value)
	b.WriteByte('"')
}

// escapeXML writes a text into an element or an attribute. Into memory it cannot fail.
func escapeXML(b *bytes.Buffer, text string) { _ = xml.EscapeText(b, []byte(lang.Safe(text))) }

// Clause implements Handler. The clauses' states have no place here: a case for each would count every failure twice.
func (h *junitHandler) Clause(posture.Clause) error { return nil }

// Summary implements Handler.
func (h *junitHandler) Summary(Summary) error {
	var total junitSuite
	for _, s := range h.suites {
		total.tests += s.tests
		total.failures += s.failures
		total.errors += s.errors
	}
	var out bytes.Buffer
	out.WriteString(xml.Header + "<testsuites")
	attribute(&out, "name", "vigie "+h.tenant(h.meta))
	total.counts(&out)
	out.WriteString(">\n")
	for _, id := range slices.Sorted(maps.Keys(h.suites)) {
		h.write(&out, id, h.suites[id])
	}
	out.WriteString("</testsuites>\n")
	if _, err := h.w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	return nil
}

func (s *junitSuite) counts(out *bytes.Buffer) {
	attribute(out, "tests", strconv.Itoa(s.tests))
	attribute(out, "failures", strconv.Itoa(s.failures))
	attribute(out, "errors", strconv.Itoa(s.errors))
}

func (h *junitHandler) write(out *bytes.Buffer, id string, s *junitSuite) {
	out.WriteString("  <testsuite")
	attribute(out, "name", id)
	s.counts(out)
	attribute(out, "skipped", strconv.Itoa(s.skipped))
	attribute(out, "timestamp", h.meta.At.UTC().Format("2006-01-02T15:04:05"))
	out.WriteString(">\n    <properties>\n")
	for _, p := range [][2]string{{"title", s.title}, {"version", strconv.Itoa(s.version)}, {"policy", h.meta.PolicyVersion}} {
		if p[1] == "" || p[1] == "0" {
			continue
		}
		out.WriteString("      <property")
		attribute(out, "name", p[0])
		attribute(out, "value", p[1])
		out.WriteString("/>\n")
	}
	out.WriteString("    </properties>\n")
	out.Write(s.cases.Bytes())
	out.WriteString("  </testsuite>\n")
}
