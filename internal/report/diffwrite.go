package report

import (
	"fmt"
	"io"
	"strings"

	"vigie/internal/lang"
	"vigie/internal/policy"
)

// Write prints the changes for a person: what is new first.
func (c Changes) Write(w io.Writer, l lang.Lang) error {
	h := &textHandler{words: newWords(lang.Of(string(l))), o: TextOptions{Width: 100}}
	h.prose("", h.Say("diff.head", lang.Values{
		"before": h.tenant(c.Before) + ", " + h.Moment(c.Before.At), "after": h.tenant(c.After) + ", " + h.Moment(c.After.At),
	}))
	for _, part := range []struct {
		key   string
		found []Finding
	}{{"diff.new", c.New}, {"diff.mended", c.Mended}, {"diff.gone", c.Gone}, {"diff.lost", c.Lost}} {
		if len(part.found) == 0 && (part.key == "diff.gone" || part.key == "diff.lost") {
			continue
		}
		more := h.Int(len(part.found))
		if lang.Has(part.key + ".why") {
			more += "  " + h.Say(part.key+".why", nil)
		}
		h.heading(part.key, more)
		for i := range part.found {
			if part.key == "diff.new" {
				h.finding(&part.found[i], false, "")
				continue
			}
			h.sentenceOf(&part.found[i], false, "")
		}
	}
	h.changed(c.Changed)
	h.moved(c.Clauses)
	h.prose("", h.Say("diff.same", lang.Values{"n": c.Same}))
	if _, err := w.Write(h.out.Bytes()); err != nil {
		return fmt.Errorf("write the differences: %w", err)
	}
	return nil
}

func (h *textHandler) changed(list []Change) {
	h.heading("diff.changed", h.Int(len(list)))
	for i := range list {
		ch := &list[i]
		h.sentenceOf(&ch.After, false, "")
		for _, what := range ch.What {
			h.prose(strings.Repeat(" ", gutter), h.change(ch, what))
		}
	}
}

// change says how a failure changed in one way.
func (w *words) change(ch *Change, what string) string {
	return w.Say("diff."+what, lang.Values{"from": w.aspect(&ch.Before, what), "to": w.aspect(&ch.After, what)})
}

// aspect is what a finding was in one of the ways in which it can change.
func (w *words) aspect(f *Finding, what string) string {
	switch what {
	case "severity":
		return w.severity(f.Severity())
	case "place":
		return place(f)
	case "values":
		return w.message(f)
	}
	if f.Waiver == nil {
		return w.Say("diff.unwaived", nil)
	}
	return w.waiver(f)
}

func (h *textHandler) moved(moves []ClauseMove) {
	h.heading("diff.clauses", h.Int(len(moves)))
	for _, m := range moves {
		title := clauseOf(m.ID).Title.In(string(h.Lang))
		move := h.Say("diff.move", lang.Values{"from": h.state(m.From), "to": h.state(m.To)})
		h.hang(lang.Pad("  "+policy.ShortID(m.ID), gutter)+move+"  ", title, strings.Repeat(" ", gutter))
	}
}

// WriteJSON prints the changes for a program, as JSON Lines: one meta, then a line for each change, then one summary.
func (c Changes) WriteJSON(w io.Writer) error {
	h := &jsonHandler{w: w, words: newWords(lang.Of(c.After.Lang)), at: c.After.At.UnixNano()}
	o := h.begin("meta")
	o.text("tool", "vigie")
	o.number("schema", Schema)
	o.text("kind", "diff")
	for _, side := range []struct {
		name string
		meta Meta
	}{{"before", c.Before}, {"after", c.After}} {
		o.begin(side.name)
		o.moment("at", side.meta.At)
		o.text("version", side.meta.Version)
		o.text("tenant", side.meta.Tenant)
		o.texts("paths", side.meta.Paths)
		o.end()
	}
	if err := h.end(); err != nil {
		return err
	}
	for _, part := range []struct {
		kind  string
		found []Finding
	}{{"new", c.New}, {"mended", c.Mended}, {"gone", c.Gone}, {"lost", c.Lost}} {
		for i := range part.found {
			o := h.begin(part.kind)
			h.members(o, &part.found[i])
			if err := h.end(); err != nil {
				return err
			}
		}
	}
	for i := range c.Changed {
		o := h.begin("changed")
		o.texts("what", c.Changed[i].What)
		o.begin("before")
		h.members(o, &c.Changed[i].Before)
		o.end()
		o.begin("after")
		h.members(o, &c.Changed[i].After)
		o.end()
		if err := h.end(); err != nil {
			return err
		}
	}
	return c.jsonEnd(h)
}

func (c Changes) jsonEnd(h *jsonHandler) error {
	for _, m := range c.Clauses {
		o := h.begin("clause")
		o.text("id", m.ID)
		o.text("from", m.From.String())
		o.text("to", m.To.String())
		if err := h.end(); err != nil {
			return err
		}
	}
	o := h.begin("summary")
	for _, n := range []struct {
		name string
		n    int
	}{
		{"new", len(c.New)}, {"mended", len(c.Mended)}, {"gone", len(c.Gone)}, {"lost", len(c.Lost)}, {"changed", len(c.Changed)},
		{"clauses", len(c.Clauses)}, {"same", c.Same},
	} {
		o.number(n.name, n.n)
	}
	if err := h.end(); err != nil {
		return err
	}
	return h.flush()
}
