package report

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// The lines of the JSON stream. Each has one member, which says what the line is. See docs/formats.md.
type (
	metaLine struct {
		Tool       string            `json:"tool"`
		Version    string            `json:"version"`
		Schema     int               `json:"schema"`
		Lang       string            `json:"lang"`
		At         time.Time         `json:"at"`
		Tenant     string            `json:"tenant,omitempty"`
		Paths      []string          `json:"paths"`
		Source     string            `json:"source"`
		Policy     policyLine        `json:"policy"`
		Controls   map[string]int    `json:"controls"`
		Parameters map[string]string `json:"parameters"`
		Platform   string            `json:"platform"`
		Cluster    string            `json:"cluster_version,omitempty"`
		Target     string            `json:"target_version,omitempty"`
		EnvSet     bool              `json:"environments_declared"`
	}
	policyLine struct {
		Version string `json:"version"`
		Hash    string `json:"hash"`
	}
	gapLine struct {
		Input     string         `json:"input"`
		Namespace string         `json:"namespace,omitempty"`
		Root      string         `json:"root,omitempty"`
		State     string         `json:"state"`
		Reason    string         `json:"reason,omitempty"`
		Values    map[string]any `json:"values,omitempty"`
		Detail    string         `json:"detail"`
		File      string         `json:"file,omitempty"`
		Line      int            `json:"line,omitempty"`
		Object    *subjectLine   `json:"object,omitempty"`
	}
	subjectLine struct {
		Cluster   string `json:"cluster,omitempty"`
		Group     string `json:"group"`
		Kind      string `json:"kind"`
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
		Root      string `json:"root,omitempty"`
	}
	partLine struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	}
	sourceLine struct {
		File string `json:"file"`
		Line int    `json:"line"`
	}
	waiverLine struct {
		Approver string    `json:"approver"`
		Reason   string    `json:"reason"`
		Expires  time.Time `json:"expires"`
	}
	findingLine struct {
		Control     string         `json:"control"`
		Version     int            `json:"version"`
		Clauses     []string       `json:"clauses"`
		Severity    string         `json:"severity"`
		Verdict     string         `json:"verdict"`
		Subject     subjectLine    `json:"subject"`
		Part        *partLine      `json:"part,omitempty"`
		Reason      string         `json:"reason,omitempty"`
		Values      control.Values `json:"values,omitempty"`
		Gaps        []gapLine      `json:"gaps,omitempty"`
		Message     string         `json:"message"`
		Fingerprint string         `json:"fingerprint"`
		Source      *sourceLine    `json:"source,omitempty"`
		Seen        time.Time      `json:"seen"`
		Until       *time.Time     `json:"until,omitempty"`
		Waiver      *waiverLine    `json:"waiver,omitempty"`
		Baselined   bool           `json:"baselined,omitempty"`
		Team        string         `json:"team,omitempty"`
	}
	causeLine struct {
		Cause   string `json:"cause"`
		Control string `json:"control,omitempty"`
	}
	clauseLine struct {
		ID     string      `json:"id"`
		State  string      `json:"state"`
		Ground string      `json:"ground"`
		Owner  string      `json:"owner,omitempty"`
		Seen   int         `json:"seen"`
		Of     int         `json:"of"`
		Fails  int         `json:"fails,omitempty"`
		Waived int         `json:"waived,omitempty"`
		Causes []causeLine `json:"causes,omitempty"`
	}
	summaryLine struct {
		Objects    int            `json:"objects"`
		Documents  int            `json:"documents"`
		Files      int            `json:"files"`
		Namespaces int            `json:"namespaces"`
		Unread     int            `json:"unread"`
		Verdicts   map[string]int `json:"findings_by_verdict"`
		Severities map[string]int `json:"findings_by_severity"`
		Waived     int            `json:"waived"`
		Baselined  int            `json:"baselined"`
		Clauses    map[string]int `json:"clauses_by_state"`
		FailOn     string         `json:"fail_on"`
		Incomplete bool           `json:"incomplete"`
		Exit       int            `json:"exit"`
	}
	line struct {
		Meta    *metaLine    `json:"meta,omitempty"`
		Gap     *gapLine     `json:"gap,omitempty"`
		Finding *findingLine `json:"finding,omitempty"`
		Clause  *clauseLine  `json:"clause,omitempty"`
		Summary *summaryLine `json:"summary,omitempty"`
	}
)

// jsonHandler writes JSON Lines.
type jsonHandler struct {
	buf  *bufio.Writer
	enc  *json.Encoder
	lang lang.Lang
}

// NewJSON makes the handler of the JSON stream. Its last event flushes it.
func NewJSON(w io.Writer) Handler {
	b := bufio.NewWriterSize(w, 64<<10)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return &jsonHandler{buf: b, enc: e}
}

func (h *jsonHandler) Meta(m Meta) error {
	h.lang = lang.Lang(m.Lang)
	return h.enc.Encode(line{Meta: &metaLine{
		Tool: "vigie", Version: m.Version, Schema: Schema, Lang: m.Lang, At: m.At, Tenant: m.Tenant, Paths: m.Paths, Source: m.Source,
		Policy: policyLine{m.PolicyVersion, m.PolicyHash}, Controls: m.Controls, Parameters: m.Parameters, Platform: m.Platform,
		Cluster: m.ClusterVersion, Target: m.TargetVersion, EnvSet: m.EnvironmentsSet,
	}})
}

func (h *jsonHandler) Gap(g Gap) error { return h.enc.Encode(line{Gap: h.gap(g)}) }

func (h *jsonHandler) gap(g Gap) *gapLine {
	l := &gapLine{
		Input: g.Input, Namespace: g.Space.Namespace, Root: g.Space.Root, State: g.State, Reason: g.Reason, Values: g.Values,
		Detail: g.Sentence(h.lang), File: g.File, Line: g.Line,
	}
	if g.Ref.Kind != "" {
		l.Object = &subjectLine{Group: g.Ref.Group, Kind: g.Ref.Kind, Namespace: g.Ref.Namespace, Name: g.Ref.Name}
	}
	return l
}

func (h *jsonHandler) Finding(f *Finding) error {
	l := &findingLine{
		Control: f.Control.ID, Version: f.Control.Version, Clauses: f.Clauses(), Severity: f.Severity().String(), Verdict: f.Verdict.String(),
		Subject: subjectLine{f.Subject.Cluster, f.Subject.Group, f.Subject.Kind, f.Subject.Namespace, f.Subject.Name, f.Subject.Root},
		Reason:  f.Reason, Values: f.Values, Message: f.Message(h.lang), Fingerprint: f.Fingerprint(), Seen: f.SeenAt,
		Baselined: f.Baselined, Team: f.Team,
	}
	if f.Part.Kind != "" {
		l.Part = &partLine{f.Part.Kind, f.Part.Name}
	}
	for _, g := range f.Gaps {
		l.Gaps = append(l.Gaps, *h.gap(InputGap(g)))
	}
	if f.Place.File != "" {
		l.Source = &sourceLine{f.Place.File, f.place()}
	}
	if !f.Until.IsZero() {
		l.Until = &f.Until
	}
	if w := f.Waiver; w != nil {
		l.Waiver = &waiverLine{w.Approver, w.Reason, w.Expires}
	}
	return h.enc.Encode(line{Finding: l})
}

// place is the finding's line: of the field for what a person will look for, of the document for the rest, since a
// field is found by parsing its document once more.
func (f *Finding) place() int {
	if f.Verdict == control.Pass || f.Verdict == control.NotApplicable {
		return f.Place.Line
	}
	return f.Line()
}

func (h *jsonHandler) Clause(c posture.Clause) error {
	l := &clauseLine{ID: c.ID, State: c.State.String(), Ground: string(c.Ground), Owner: c.Owner, Seen: c.Seen, Of: c.Of, Fails: c.Fails, Waived: c.Waived}
	for _, b := range c.Causes {
		l.Causes = append(l.Causes, causeLine{string(b.Cause), b.Control})
	}
	return h.enc.Encode(line{Clause: l})
}

func (h *jsonHandler) Summary(s Summary) error {
	l := &summaryLine{
		Objects: s.Objects, Documents: s.Documents, Files: s.Files, Namespaces: s.Namespaces, Unread: s.Unread,
		Verdicts: map[string]int{}, Severities: map[string]int{}, Clauses: map[string]int{}, Waived: s.Waived, Baselined: s.Baselined,
		FailOn: s.FailOn, Incomplete: s.Incomplete, Exit: s.Exit,
	}
	for _, v := range control.Verdicts() {
		l.Verdicts[v.String()] = s.Verdicts[v]
	}
	for _, v := range control.Severities() {
		l.Severities[v.String()] = s.Severities[v]
	}
	for _, v := range posture.States() {
		l.Clauses[v.String()] = s.Clauses[v]
	}
	if err := h.enc.Encode(line{Summary: l}); err != nil {
		return err
	}
	return h.buf.Flush()
}

// clauseTitle is the clause's title in a language, from the embedded policy.
func clauseTitle(id string, l lang.Lang) string {
	p, err := policy.Load()
	if err != nil {
		return ""
	}
	c, _ := p.Clause(id)
	return c.Title.In(string(l))
}
