package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/posture"
)

// TextOptions say how a terminal report looks.
type TextOptions struct {
	Lang     lang.Lang
	Color    bool
	ByObject bool // findings under their objects, not worst first
	All      bool // every finding, not only the worst
	Width    int  // columns; 0: 100
}

// textHandler writes the report for a terminal, all of it at the end.
type textHandler struct {
	digest
	*words
	o   TextOptions
	w   io.Writer
	out bytes.Buffer
}

// What is shown unless all is asked for.
const (
	shownFindings = 10
	shownAlike    = 3 // findings of one control for one reason, where not all are shown
	shownWaived   = 5
	shownUnjudged = 5
	shownUnread   = 20
)

// NewText makes the handler of the terminal report.
func NewText(w io.Writer, o TextOptions) Handler {
	if o.Width == 0 {
		o.Width = 100
	}
	h := &textHandler{words: newWords(lang.Of(string(o.Lang))), o: o, w: w}
	if !o.All && !o.ByObject {
		h.limit = shownFindings
	}
	return h
}

// Summary implements Handler.
func (h *textHandler) Summary(s Summary) error {
	if err := h.digest.Summary(s); err != nil {
		return err
	}
	h.head()
	h.clauseTable()
	h.findings()
	h.waivers()
	h.notSeen()
	h.tail()
	if _, err := h.w.Write(h.out.Bytes()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// line writes one line as it is.
func (h *textHandler) line(s string) {
	h.out.WriteString(lang.Terminal(strings.TrimRight(s, " ")))
	h.out.WriteByte('\n')
}

// prose writes a text, folded, each line behind indent.
func (h *textHandler) prose(indent, s string) { h.hang(indent, s, indent) }

// hang is prose with another beginning of the first line.
func (h *textHandler) hang(first, s, indent string) {
	h.line(lang.Hang(first, s, h.o.Width, indent))
}

// The colours: each doubles a word that says the same.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
)

var severityColors = map[control.Severity]string{control.Critical: "1;31", control.High: red, control.Medium: yellow, control.Low: blue}

var stateColors = map[posture.State]string{
	posture.Fail: red, posture.Deviates: yellow, posture.Unknown: yellow, posture.Waived: blue, posture.Pass: green, posture.NotApplicable: faint,
}

// paint colours a word, where colour is wanted.
func (h *textHandler) paint(color, s string) string {
	if !h.o.Color || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// heading writes a word in capitals and what belongs to it.
func (h *textHandler) heading(key, more string) {
	title := h.Say(key, nil)
	indent := strings.Repeat(" ", lang.Width(title)+2)
	s := lang.Hang(title+"  ", more, h.o.Width, indent)
	h.line(h.paint(bold, title) + strings.TrimPrefix(s, title))
}

// head says what was looked at, with what eyes, and when.
func (h *textHandler) head() {
	m := h.meta
	what := h.Say("head", lang.Values{
		"name": h.tenant(m), "objects": m.Objects, "files": m.Files, "namespaces": m.Namespaces, "eyes": h.eyes(m),
	})
	h.prose("", what)
	parts := []string{h.Moment(m.At), h.Say("head.policy", lang.Values{"version": m.PolicyVersion})}
	if m.Platform != "" {
		parts = append(parts, h.Say("head.platform", lang.Values{"platform": m.Platform}))
	}
	if v := h.versions(m); v != "" {
		parts = append(parts, v)
	}
	h.prose("", strings.Join(parts, ", ")+".")
	if m.Foreign > 0 {
		h.prose("", h.Say("head.foreign", lang.Values{"n": m.Foreign}))
	}
	switch {
	case h.sum.Empty:
		h.prose("", h.Say("empty", nil))
	case !m.EnvironmentsSet:
		h.prose("", h.Say("no-environment", nil))
	}
}

// tail is the counts of findings, then the exit code in words and the next step.
func (h *textHandler) tail() {
	if !h.sum.Empty {
		h.prose("", h.totals(h.sum))
	}
	exit, next := h.exit(h.sum), h.next()
	s := lang.Hang("", exit+strings.Repeat("\u00a0", 3)+next, h.o.Width, "  ")
	h.line(strings.Replace(strings.Replace(s, exit, h.paint(bold, exit), 1), "\u00a0\u00a0\u00a0", "   ", 1))
}

// next is the step that a person would take now.
func (h *textHandler) next() string {
	switch {
	case h.sum.Empty:
		return h.Say("next.empty", nil)
	case len(h.fails.alikes) > 0:
		return h.Say("next.explain", lang.Values{"clause": citedBy(&h.fails.alikes[0].kept[0])})
	}
	return h.Say("next.html", nil)
}
