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

// What a summary shows; the rest is counted. Forges bound a comment, GitHub at 65,536 characters.
const (
	markdownFindings = 20
	markdownRemedies = 10
	markdownOthers   = 10 // waivers; gaps of each kind
)

// markdownHandler writes a summary for a merge request, all of it at the end, in the Markdown of GitHub and GitLab.
type markdownHandler struct {
	digest
	*words
	base string
	w    io.Writer
	out  bytes.Buffer
}

// NewMarkdown makes the handler of the summary for merge requests: the clauses by chapter, the worst findings and how to
// mend them, what is waived, what was not seen.
func NewMarkdown(w io.Writer, o Options) Handler {
	return &markdownHandler{digest: digest{limit: markdownFindings}, words: newWords(o.Lang), base: o.Base, w: w}
}

// Summary implements Handler.
func (h *markdownHandler) Summary(s Summary) error {
	if err := h.digest.Summary(s); err != nil {
		return err
	}
	h.head()
	h.clauseTable()
	h.findings()
	h.waivers()
	h.notSeen()
	h.para(markdown(h.exit(s) + "."))
	if _, err := h.w.Write(bytes.TrimLeft(h.out.Bytes(), "\n")); err != nil {
		return fmt.Errorf("write the Markdown report: %w", err)
	}
	return nil
}

// para writes a paragraph.
func (h *markdownHandler) para(s string) { h.out.WriteString("\n" + s + "\n") }

func (h *markdownHandler) heading(key, more string) {
	s := "### " + h.Say(key, nil)
	if more != "" {
		s += h.Say("colon", nil) + more
	}
	h.para(s)
}

// row writes one row of a table; the cells are Markdown already.
func (h *markdownHandler) row(cells ...string) {
	h.out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// table begins a table. right says how many columns behind the first are figures.
func (h *markdownHandler) table(right int, names ...string) {
	h.out.WriteByte('\n')
	h.row(names...)
	rule := make([]string, len(names))
	for i := range rule {
		rule[i] = "---"
		if 0 < i && i <= right {
			rule[i] = "--:"
		}
	}
	h.row(rule...)
}

func (h *markdownHandler) head() {
	m, s := h.meta, h.sum
	title := h.Say("html.title.empty", lang.Values{"name": h.tenant(m)})
	if !s.Empty {
		title = h.Say("html.title", lang.Values{"name": h.tenant(m), "fail": s.Clauses[posture.Fail], "unknown": s.Clauses[posture.Unknown], "total": s.total()})
	}
	h.para("## " + markdown(title))
	facts := []string{h.Moment(m.At), h.Say("head.policy", lang.Values{"version": m.PolicyVersion})}
	if m.Platform != "" {
		facts = append(facts, h.Say("head.platform", lang.Values{"platform": m.Platform}))
	}
	facts = append(facts, h.Say("html.counts", lang.Values{"objects": m.Objects, "files": m.Files, "namespaces": m.Namespaces}))
	h.para(markdown(strings.Join(facts, ", ") + ". " + h.eyes(m)))
	if s.Empty {
		h.para("**" + markdown(h.Say("empty", nil)) + "**")
		return
	}
	h.para("**" + markdown(h.totals(s)) + "**")
}

// clauseTable is the clauses by chapter: a column for each state that some clause has.
func (h *markdownHandler) clauseTable() {
	chs := chapters(h.digest.clauses)
	if len(chs) == 0 {
		return
	}
	var states []posture.State
	names := []string{h.Say("html.chapter", nil)}
	for _, st := range posture.States() {
		if h.sum.Clauses[st] > 0 {
			states = append(states, st)
			names = append(names, h.state(st))
		}
	}
	h.heading("html.clauses", h.Int(h.sum.total()))
	h.table(len(states), append(names, h.Say("markdown.failing", nil))...)
	for _, ch := range chs {
		cells := []string{markdown(strings.TrimSpace(ch.Part + " " + h.chapterWord(ch)))}
		for _, st := range states {
			cells = append(cells, h.Int(len(ch.clauses[st])))
		}
		ids := append(clauseIDs(ch.clauses[posture.Fail]), clauseIDs(ch.clauses[posture.Deviates])...)
		h.row(append(cells, markdown(strings.Join(ids, " ")))...)
	}
}

// findings are the worst failures that count, and below them how to mend them.
func (h *markdownHandler) findings() {
	total := h.sum.counted()
	if h.sum.Empty {
		return
	}
	if total == 0 {
		h.heading("html.findings", markdown(h.Say("findings.none", lang.Values{"n": h.sum.Clauses[posture.Unknown]})))
		return
	}
	rows := h.fails.worst(markdownFindings)
	count := h.Int(total)
	if len(rows) < total {
		count = h.Say("markdown.some", lang.Values{"n": h.Int(len(rows)), "total": h.Int(total)})
	}
	h.heading("html.findings", markdown(count))
	h.table(0, h.Say("markdown.severity", nil), h.Say("html.clause", nil), h.Say("html.object", nil), h.Say("html.what", nil), h.Say("html.place", nil))
	for i := range rows {
		f := &rows[i].Finding
		what := markdown(h.words.message(f))
		if rows[i].more > 0 {
			what += " " + markdown(h.Say("alike", lang.Values{"n": rows[i].more}))
		}
		h.row(h.severity(f.Severity()), markdown(citedBy(f)), code(h.objectPart(f, h.words.message(f))), what, code(h.place(f)))
	}
	h.remedies(rows)
}

// place is file:line as the repository names it.
func (h *markdownHandler) place(f *Finding) string {
	g := *f
	inner := *f.Finding
	if inner.Place.File != "" {
		inner.Place.File = repoPath(inner.Place.File, h.base)
	}
	g.Finding = &inner
	return place(&g)
}

// remedies say once for each kind of fault that is shown what to do and what to copy, behind a click.
func (h *markdownHandler) remedies(rows []shownFinding) {
	seen := map[[2]string]bool{}
	for i := range rows {
		f := &rows[i].Finding
		key := [2]string{f.Control.ID, f.Reason}
		line, example := h.remedy(f)
		if seen[key] || line == "" || len(seen) == markdownRemedies {
			continue
		}
		if len(seen) == 0 {
			h.para("<details><summary>" + h.Say("markdown.mend", nil) + "</summary>")
		}
		seen[key] = true
		h.para("**" + markdown(h.title(f.Control)) + "** (" + code(f.Control.ID) + "). " + markdown(h.Say("remedy.sentence", lang.Values{"remedy": line})))
		if example != "" {
			h.para(fenced(example))
		}
	}
	if len(seen) > 0 {
		h.para("</details>")
	}
}

// waivers are the failures that somebody answers for.
func (h *markdownHandler) waivers() {
	fs := h.waived.all()
	if len(fs) == 0 {
		return
	}
	h.heading("html.waived", h.Int(len(fs)))
	h.out.WriteByte('\n')
	for i := range fs {
		if i == markdownOthers {
			h.bullet(h.Say("html.rest", lang.Values{"n": len(fs) - i}))
			return
		}
		f := &fs[i]
		message := h.words.message(f)
		h.out.WriteString("- " + h.severity(f.Severity()) + " " + markdown(citedBy(f)) + " " + code(h.objectPart(f, message)) + h.Say("colon", nil) +
			markdown(message+" ("+h.waiver(f)+")") + "\n")
	}
}

func (h *markdownHandler) bullet(s string) { h.out.WriteString("- " + markdown(s) + "\n") }

// notSeen says what could not be known, why, and what would tell.
func (h *markdownHandler) notSeen() {
	unknown := h.sum.Clauses[posture.Unknown]
	if unknown == 0 && len(h.gaps) == 0 && h.unknown.n == 0 {
		return
	}
	more := ""
	if unknown > 0 {
		more = markdown(h.Say("not-seen.clauses", lang.Values{"n": unknown}))
	}
	h.heading("html.notseen", more)
	if causes := h.causes(); len(causes) > 0 {
		h.table(0, h.Say("html.clauses", nil), h.Say("html.why", nil), h.Say("markdown.step", nil))
		for _, c := range causes {
			why, step := h.cause(c.cause, len(c.clauses))
			if c.also > 0 {
				step += h.Say("also", lang.Values{"n": c.also})
			}
			h.row(h.Int(len(c.clauses)), markdown(why), markdown(step))
		}
	}
	for _, p := range partGaps(h.gaps) {
		h.para(h.Int(p.n) + " " + markdown(h.Say(p.key, lang.Values{"n": p.n})) + strings.TrimRight(h.Say("colon", nil), " "))
		h.out.WriteByte('\n')
		rest := p.n
		for i, g := range p.rows {
			if i == markdownOthers {
				h.bullet(h.Say("html.rest", lang.Values{"n": rest}))
				break
			}
			rest -= g.n()
			h.out.WriteString("- " + code(h.whereAll(g)) + h.Say("colon", nil) + markdown(h.sentence(g.Gap)) + "\n")
		}
	}
	if h.unknown.n > 0 {
		h.para(h.Int(h.unknown.n) + " " + markdown(h.Say("unjudged", lang.Values{"n": h.unknown.n})+h.onGaps()) + ".")
	}
}

// onGaps counts the unknown findings that rest on what was not read.
func (h *markdownHandler) onGaps() string {
	n := 0
	for _, a := range h.unknown.alikes {
		if a.kept[0].Reason == control.ReasonGap {
			n += a.n
		}
	}
	if n == 0 {
		return ""
	}
	return h.Say("unjudged.gap", lang.Values{"n": n})
}
