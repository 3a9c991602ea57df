package report

import (
	"bytes"
	"fmt"
	"io"

	"vigie/internal/lang"
	"vigie/internal/policy"
)

// WriteMarkdown prints the changes for a merge request: what is new first.
func (c Changes) WriteMarkdown(w io.Writer, l lang.Lang) error {
	h := &markdownHandler{words: newWords(lang.Of(string(l)))}
	h.para("## " + markdown(h.Say("diff.head", lang.Values{
		"before": h.tenant(c.Before) + ", " + h.Moment(c.Before.At), "after": h.tenant(c.After) + ", " + h.Moment(c.After.At),
	})))
	for _, part := range []struct {
		key   string
		found []Finding
	}{{"diff.new", c.New}, {"diff.mended", c.Mended}, {"diff.gone", c.Gone}, {"diff.lost", c.Lost}} {
		h.changes(part.key, part.found, nil)
	}
	h.changes("diff.changed", afterOf(c.Changed), func(i int) (how []string) {
		for _, what := range c.Changed[i].What {
			how = append(how, h.change(&c.Changed[i], what))
		}
		return how
	})
	if len(c.Clauses) > 0 {
		h.heading("diff.clauses", h.Int(len(c.Clauses)))
		h.out.WriteByte('\n')
		for _, m := range c.Clauses {
			move := h.Say("diff.move", lang.Values{"from": h.state(m.From), "to": h.state(m.To)})
			h.bullet(policy.ShortID(m.ID) + h.Say("colon", nil) + move)
		}
	}
	h.para(markdown(h.Say("diff.same", lang.Values{"n": c.Same})))
	if _, err := w.Write(bytes.TrimLeft(h.out.Bytes(), "\n")); err != nil {
		return fmt.Errorf("write the differences: %w", err)
	}
	return nil
}

func afterOf(list []Change) (out []Finding) {
	for _, ch := range list {
		out = append(out, ch.After)
	}
	return out
}

// changes is a table of what became new, mended or the like. That nothing is new is said; the others may be left out.
// how gives what to say of a row behind its sentence; nil: nothing.
func (h *markdownHandler) changes(key string, found []Finding, how func(int) []string) {
	if len(found) == 0 && key != "diff.new" {
		return
	}
	more := h.Int(len(found))
	if lang.Has(key + ".why") {
		more += " (" + h.Say(key+".why", nil) + ")"
	}
	h.heading(key, markdown(more))
	if len(found) == 0 {
		return
	}
	h.table(0, h.Say("markdown.severity", nil), h.Say("html.clause", nil), h.Say("html.object", nil), h.Say("html.what", nil), h.Say("html.place", nil))
	shown := found[:min(len(found), markdownFindings)]
	rows := make([]shownFinding, 0, len(shown))
	for i := range shown {
		f := &shown[i]
		message := h.words.message(f)
		what := markdown(message)
		if how != nil {
			for _, line := range how(i) {
				what += "<br>" + markdown(line)
			}
		}
		h.row(h.severity(f.Severity()), markdown(citedBy(f)), code(h.objectPart(f, message)), what, code(h.place(f)))
		rows = append(rows, shownFinding{Finding: *f})
	}
	if rest := len(found) - len(shown); rest > 0 {
		h.para(markdown(h.Say("html.rest", lang.Values{"n": rest})))
	}
	if key == "diff.new" {
		h.remedies(rows)
	}
}
