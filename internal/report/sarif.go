package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"vigie/internal/control"
	"vigie/internal/posture"
)

// sarifSchema names the form: SARIF 2.1.0 with its first errata (OASIS).
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// fingerprintName is how SARIF knows our fingerprints; its number is raised when they are made otherwise.
const fingerprintName = "vigie/v1"

// sarifHandler writes SARIF 2.1.0: a result for each finding that fails or is unknown, as it comes; what the results
// refer to (rules, clauses) stands behind them, since only the end knows it.
type sarifHandler struct {
	*words
	w       io.Writer
	o       object
	base    string
	meta    Meta
	gaps    []Gap
	clauses []posture.Clause
	rules   sarifRules
}

// NewSARIF makes the handler of SARIF 2.1.0. Failures are results of kind fail, what could not be judged is open, never
// a pass; passes are left out. Waived and baselined failures are suppressed, which keeps them in the file.
func NewSARIF(w io.Writer, o Options) Handler {
	return &sarifHandler{words: newWords(o.Lang), w: w, base: o.Base, rules: sarifRules{index: map[string]int{}}}
}

// Meta implements Handler.
func (h *sarifHandler) Meta(m Meta) error {
	h.meta = m
	o := &h.o
	o.begin("")
	o.text("$schema", sarifSchema)
	o.text("version", "2.1.0")
	o.list("runs")
	o.item()
	o.text("language", string(h.Lang))
	o.list("results")
	return nil
}

// Gap implements Handler.
func (h *sarifHandler) Gap(g Gap) error {
	h.gaps = append(h.gaps, g)
	return nil
}

// Finding implements Handler.
func (h *sarifHandler) Finding(f *Finding) error {
	if f.Verdict != control.Fail && f.Verdict != control.Unknown {
		return nil
	}
	o := &h.o
	o.row()
	o.text("ruleId", f.Control.ID)
	o.number("ruleIndex", h.rules.of(f))
	if f.Verdict == control.Unknown {
		o.text("kind", "open")
		o.text("level", "none") // the only level that the standard has for what is no failure
	} else {
		o.text("kind", "fail")
		o.text("level", sarifLevel(f.Severity()))
	}
	h.says("message", h.whole(f))
	h.locations(f)
	o.begin("partialFingerprints")
	o.text(fingerprintName, f.Fingerprint())
	o.end()
	h.suppressions(f)
	h.properties(f)
	o.end()
	return h.flush(block)
}

// whole is a finding in one text: object, sentence, remedy.
func (w *words) whole(f *Finding) string {
	message := w.message(f)
	s := w.objectPart(f, message) + w.Say("colon", nil) + message + "."
	if remedy, _ := w.remedy(f); remedy != "" {
		s += " " + w.Say("remedy.sentence", map[string]any{"remedy": remedy})
	}
	return s
}

// says writes a text as SARIF wants it. What would read as a link of the standard's own form is escaped.
func (h *sarifHandler) says(name, text string) {
	if strings.Contains(text, "](") {
		text = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
	}
	h.o.begin(name)
	h.o.text("text", text)
	h.o.end()
}

func sarifLevel(s control.Severity) string {
	switch s {
	case control.Critical, control.High:
		return "error"
	case control.Medium:
		return "warning"
	}
	return "note"
}

// locations is where a finding stands, and what it is about. One that stands in no file is put on the tree that was
// checked: programs that show results beside files refuse a result without one.
func (h *sarifHandler) locations(f *Finding) {
	file, line := f.Place.File, lineOf(f)
	if file == "" {
		file, line = treeOf(h.meta), 0
	}
	o := &h.o
	o.list("locations")
	o.item()
	h.physical(file, line)
	o.list("logicalLocations")
	o.item()
	o.text("fullyQualifiedName", inRepo(f.Subject))
	o.text("kind", "resource")
	o.end()
	o.endList()
	o.end()
	o.endList()
}

func (h *sarifHandler) physical(file string, line int) {
	if file == "" {
		return
	}
	o := &h.o
	o.begin("physicalLocation")
	o.begin("artifactLocation")
	o.text("uri", fileURI(file, h.base))
	o.end()
	if line > 0 {
		o.begin("region")
		o.number("startLine", line)
		o.end()
	}
	o.end()
}

// suppressions say who answers for a failure. The standard wants them on every result as soon as one has some, so that
// an empty list says that nobody does.
func (h *sarifHandler) suppressions(f *Finding) {
	o := &h.o
	o.list("suppressions")
	for _, s := range []struct {
		holds bool
		why   func() string
	}{
		{f.Waiver != nil, func() string { return h.waiver(f) }},
		{f.Baselined, func() string { return h.Say("baselined", nil) }},
	} {
		if s.holds {
			o.item()
			o.text("kind", "external")
			o.text("status", "accepted")
			o.text("justification", s.why())
			o.end()
		}
	}
	o.endList()
}

func (h *sarifHandler) properties(f *Finding) {
	o := &h.o
	o.begin("properties")
	o.text("verdict", f.Verdict.String())
	o.text("severity", f.Severity().String())
	o.texts("clauses", f.Clauses())
	o.optional("reason", f.Reason)
	if f.Part.Name != "" {
		o.text("part", f.Part.String())
	}
	o.optional("team", f.Team)
	if !f.Until.IsZero() {
		o.moment("until", f.Until)
	}
	if f.Waiver != nil {
		o.moment("waivedUntil", f.Waiver.Expires)
	}
	o.end()
}

// Clause implements Handler.
func (h *sarifHandler) Clause(c posture.Clause) error {
	h.clauses = append(h.clauses, c)
	return nil
}

// Summary implements Handler.
func (h *sarifHandler) Summary(s Summary) error {
	h.o.endList()
	h.invocation(s)
	h.tool()
	h.taxonomy()
	o := &h.o
	o.begin("properties")
	o.optional("tenant", h.meta.Tenant)
	o.text("source", h.meta.Source)
	counts(o, "findings", control.Verdicts(), s.Verdicts)
	o.number("waived", s.Waived)
	o.number("baselined", s.Baselined)
	counts(o, "clauses", posture.States(), s.Clauses)
	o.end()
	o.end()
	o.endList()
	o.end()
	o.buf = append(o.buf, '\n')
	return h.flush(0)
}

// invocation says how the check went. What was not read whole is a notification: the results stand, and may not be all.
func (h *sarifHandler) invocation(s Summary) {
	at := h.meta.At.UTC().Format(time.RFC3339Nano)
	o := &h.o
	o.list("invocations")
	o.item()
	o.flag("executionSuccessful", !s.Empty)
	o.text("startTimeUtc", at)
	o.text("endTimeUtc", at)
	o.number("exitCode", s.Exit)
	o.text("exitCodeDescription", h.exit(s))
	o.list("toolExecutionNotifications")
	for _, g := range h.gaps {
		o.row()
		o.text("level", "warning")
		h.gapDescriptor(g)
		h.says("message", h.where(g)+h.Say("colon", nil)+h.sentence(g)+".")
		if g.File != "" {
			o.list("locations")
			o.item()
			h.physical(g.File, g.Line)
			o.end()
			o.endList()
		}
		o.end()
	}
	o.endList()
	o.end()
	o.endList()
}

// gapDescriptor names the kind of a gap.
func (h *sarifHandler) gapDescriptor(g Gap) {
	o := &h.o
	o.begin("descriptor")
	switch g.Input {
	case "document", "waiver":
		o.text("id", g.Input+"/"+g.State)
	default:
		o.text("id", "input/"+g.State)
	}
	o.end()
}

// flush writes what is in memory, if it is at least so much.
func (h *sarifHandler) flush(least int) error {
	if len(h.o.buf) < least {
		return nil
	}
	_, err := h.w.Write(h.o.buf)
	h.o.buf = h.o.buf[:0]
	if err != nil {
		return fmt.Errorf("write the SARIF report: %w", err)
	}
	return nil
}
