package report

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/posture"
	"vigie/internal/register"
)

// jsonHandler writes JSON Lines: each line one object, whose one member says what the line is. docs/formats.md and
// schema.json say the rest.
type jsonHandler struct {
	w     io.Writer
	line  object
	words *words
	at    int64 // of the meta line, in nanoseconds: a finding that was seen then does not repeat it
}

// NewJSON makes the handler of the JSON stream. Its last event writes what is left in memory.
func NewJSON(w io.Writer) Handler { return &jsonHandler{w: w, words: newWords(lang.English)} }

// block is how much is written at once.
const block = 64 << 10

func (h *jsonHandler) begin(kind string) *object {
	h.line.begin("")
	h.line.begin(kind)
	return &h.line
}

func (h *jsonHandler) end() error {
	h.line.end()
	h.line.end()
	h.line.buf, h.line.open = append(h.line.buf, '\n'), false
	if len(h.line.buf) < block {
		return nil
	}
	return h.flush()
}

func (h *jsonHandler) flush() error {
	_, err := h.w.Write(h.line.buf)
	h.line.buf = h.line.buf[:0]
	if err != nil {
		return fmt.Errorf("write the JSON report: %w", err)
	}
	return nil
}

// Meta implements Handler.
func (h *jsonHandler) Meta(m Meta) error {
	h.words, h.at = newWords(lang.Of(m.Lang)), m.At.UnixNano()
	o := h.begin("meta")
	o.text("tool", "vigie")
	o.text("version", m.Version)
	o.number("schema", Schema)
	o.text("lang", m.Lang)
	o.moment("at", m.At)
	o.text("tenant", m.Tenant)
	o.texts("paths", m.Paths)
	o.text("source", m.Source)
	o.begin("policy")
	o.text("version", m.PolicyVersion)
	o.text("hash", m.PolicyHash)
	o.end()
	o.begin("controls")
	for _, id := range slices.Sorted(maps.Keys(m.Controls)) {
		o.number(id, m.Controls[id])
	}
	o.end()
	o.begin("parameters")
	for _, id := range slices.Sorted(maps.Keys(m.Parameters)) {
		o.text(id, m.Parameters[id])
	}
	o.end()
	o.text("platform", m.Platform)
	o.text("clusterVersion", m.ClusterVersion)
	o.text("targetVersion", m.TargetVersion)
	o.flag("environmentsDeclared", m.EnvironmentsSet)
	o.number("objects", m.Objects)
	o.number("documents", m.Documents)
	o.number("files", m.Files)
	o.number("namespaces", m.Namespaces)
	o.number("foreign", m.Foreign)
	o.text("layout", m.Layout)
	o.moment("collected", m.Collected)
	o.revisions(m.Revisions)
	o.number("commits", m.Commits)
	return h.end()
}

func (o *object) revisions(revs []Revision) {
	o.key("revisions")
	o.buf = append(o.buf, '[')
	for i, r := range revs {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.begin("")
		o.text("path", r.Path)
		o.text("asked", r.Asked)
		o.text("commit", r.Commit)
		o.moment("at", r.At)
		o.end()
	}
	o.buf = append(o.buf, ']')
}

// Gap implements Handler.
func (h *jsonHandler) Gap(g Gap) error {
	o := h.begin("gap")
	o.text("input", g.Input)
	o.text("namespace", g.Space.Namespace)
	o.optional("root", g.Space.Root)
	o.text("state", g.State)
	o.optional("reason", g.Reason)
	if len(g.Values) > 0 {
		o.values("values", g.Values)
	}
	o.text("detail", h.words.detail(g))
	o.text("file", g.File)
	o.number("line", g.Line)
	if g.Ref != (inventory.Ref{}) {
		o.subject("subject", g.Ref)
	}
	return h.end()
}

func (o *object) subject(name string, r inventory.Ref) {
	o.begin(name)
	o.text("cluster", r.Cluster)
	o.text("group", r.Group)
	o.text("kind", r.Kind)
	o.text("namespace", r.Namespace)
	o.text("name", r.Name)
	o.optional("root", r.Root)
	o.end()
}

// Finding implements Handler.
func (h *jsonHandler) Finding(f *Finding) error {
	h.members(h.begin("finding"), f)
	return h.end()
}

// members writes what a finding says.
func (h *jsonHandler) members(o *object, f *Finding) {
	o.text("control", f.Control.ID)
	o.number("version", f.Control.Version)
	o.texts("clauses", f.Clauses())
	o.text("severity", f.Severity().String())
	o.text("verdict", f.Verdict.String())
	o.subject("subject", f.Subject)
	if f.Part == (control.Part{}) {
		o.null("part")
	} else {
		o.begin("part")
		o.text("kind", f.Part.Kind)
		o.text("name", f.Part.Name)
		o.end()
	}
	o.text("reason", f.Reason)
	o.values("values", f.Values)
	o.text("message", h.words.message(f))
	o.text("fingerprint", f.Fingerprint())
	if f.Place.File == "" {
		o.null("source")
	} else {
		o.begin("source")
		o.text("file", f.Place.File)
		o.number("line", lineOf(f))
		o.end()
	}
	o.moment("until", f.Until)
	o.waiver(f.Waiver)
	if f.Baselined {
		o.flag("baselined", true)
	}
	o.optional("team", f.Team)
	if f.SeenAt.UnixNano() != h.at {
		o.moment("seen", f.SeenAt)
	}
	o.gaps(f.Gaps)
}

// lineOf is the line that the finding is about. A field is found by reading its document again, so a pass, which
// nobody goes to mend, has the line of its document.
func lineOf(f *Finding) int {
	if f.Verdict == control.Pass || f.Verdict == control.NotApplicable {
		return f.Place.Line
	}
	return f.Line()
}

func (o *object) waiver(w *register.Waiver) {
	if w == nil {
		o.null("waiver")
		return
	}
	o.begin("waiver")
	o.text("approver", w.Approver)
	o.text("reason", w.Reason)
	o.moment("expires", w.Expires)
	o.text("control", w.Control)
	o.text("subject", w.Subject)
	o.optional("part", w.Part)
	o.optional("vulnerability", w.Vulnerability)
	o.optional("file", w.File)
	if w.Line > 0 {
		o.number("line", w.Line)
	}
	o.end()
}

func (o *object) gaps(gaps []inventory.Gap) {
	if len(gaps) == 0 {
		return
	}
	o.key("gaps")
	o.buf = append(o.buf, '[')
	for i, g := range gaps {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.begin("")
		o.text("input", g.Input)
		o.text("namespace", g.Space.Namespace)
		o.optional("root", g.Space.Root)
		o.text("state", g.State.String())
		o.text("detail", g.Detail)
		o.end()
	}
	o.buf = append(o.buf, ']')
}

// Clause implements Handler.
func (h *jsonHandler) Clause(c posture.Clause) error {
	o := h.begin("clause")
	o.text("id", c.ID)
	o.text("state", c.State.String())
	o.text("ground", string(c.Ground))
	o.text("owner", c.Owner)
	o.number("seen", c.Seen)
	o.number("of", c.Of)
	o.key("causes")
	o.buf = append(o.buf, '[')
	for i, b := range c.Causes {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.begin("")
		o.text("cause", string(b.Cause))
		o.text("control", b.Control)
		o.end()
	}
	o.buf = append(o.buf, ']')
	o.number("fails", c.Fails)
	o.number("waived", c.Waived)
	return h.end()
}

// Summary implements Handler.
func (h *jsonHandler) Summary(s Summary) error {
	o := h.begin("summary")
	o.number("objects", s.Objects)
	o.number("documents", s.Documents)
	o.number("files", s.Files)
	o.number("namespaces", s.Namespaces)
	o.number("unread", s.Unread)
	counts(o, "findings", control.Verdicts(), s.Verdicts)
	counts(o, "severities", control.Severities(), s.Severities)
	counts(o, "clauses", posture.States(), s.Clauses)
	o.number("waived", s.Waived)
	o.moment("waivedUntil", s.WaivedTo)
	o.number("baselined", s.Baselined)
	o.text("failOn", s.FailOn)
	o.flag("incomplete", s.Incomplete)
	o.flag("empty", s.Empty)
	o.number("exit", s.Exit)
	if err := h.end(); err != nil {
		return err
	}
	return h.flush()
}

// counts writes a number for each word, the zeros too: a reader need not know which words there are.
func counts[K interface {
	comparable
	fmt.Stringer
}](o *object, name string, all []K, n map[K]int) {
	o.begin(name)
	for _, k := range all {
		o.number(k.String(), n[k])
	}
	o.end()
}
