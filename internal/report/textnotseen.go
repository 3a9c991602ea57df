package report

import (
	"fmt"
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// notSeen says what could not be known, why, and what would tell.
func (h *textHandler) notSeen() {
	unknown := h.sum.Clauses[posture.Unknown]
	if unknown == 0 && len(h.gaps) == 0 && h.unknown.n == 0 {
		return
	}
	what := ""
	if unknown > 0 {
		what = h.Say("not-seen.clauses", lang.Values{"n": unknown})
	}
	h.heading("not-seen", what)
	h.causeRows()
	h.gapRows()
	h.unknownRows()
}

// count is a number in the column of numbers.
func (h *textHandler) count(n int) string {
	s := h.Int(n)
	return strings.Repeat(" ", max(0, 5-lang.Width(s))) + s + "  "
}

func (h *textHandler) causeRows() {
	rows := h.causes()
	width := 0
	whys := make([]string, len(rows))
	for i, r := range rows {
		whys[i], _ = h.cause(r.cause, len(r.clauses))
		width = max(width, min(lang.Width(whys[i]), 36)) // a longer one stands out of its column
	}
	for i, r := range rows {
		_, step := h.cause(r.cause, len(r.clauses))
		if r.also > 0 {
			step += h.Say("also", lang.Values{"n": r.also})
		}
		first := h.count(len(r.clauses)) + lang.Pad(whys[i], width) + "  "
		h.hang(first, step, strings.Repeat(" ", width+9))
		if h.o.All {
			h.prose(strings.Repeat(" ", 7), strings.Join(h.seenOf(r.clauses), ", "))
		}
	}
}

// seenOf names clauses with what was seen of each: "UPD.P1 0/3".
func (h *textHandler) seenOf(cs []posture.Clause) (out []string) {
	for _, c := range cs {
		out = append(out, fmt.Sprintf("%s\u00a0%d/%d", policy.ShortID(c.ID), c.Seen, c.Of))
	}
	return out
}

// gapRows lists what could not be read.
func (h *textHandler) gapRows() {
	indent := strings.Repeat(" ", 7)
	for _, p := range partGaps(h.gaps) {
		h.hang(h.count(p.n), h.Say(p.key, lang.Values{"n": p.n}), indent)
		shown := len(p.rows)
		if !h.o.All {
			shown = min(shown, shownUnread)
		}
		rest := p.n
		for _, g := range p.rows[:shown] {
			h.hang(indent, h.whereAll(g)+h.Say("colon", nil)+h.sentence(g.Gap), indent+"  ")
			rest -= g.n()
		}
		if rest > 0 {
			h.line(indent + h.Say("more", lang.Values{"n": rest}))
		}
	}
}

// unknownRows lists the findings that no verdict could be given for, those alike together. Those that rest on what
// was not read are named with all alone: the gaps above say why.
func (h *textHandler) unknownRows() {
	if h.unknown.n == 0 {
		return
	}
	what := h.Say("unjudged", lang.Values{"n": h.unknown.n})
	onGaps := 0
	for _, a := range h.unknown.alikes {
		if a.kept[0].Reason == control.ReasonGap {
			onGaps += a.n
		}
	}
	if onGaps > 0 {
		what += h.Say("unjudged.gap", lang.Values{"n": onGaps})
	}
	if !h.o.All {
		what += h.Say("unjudged.all", nil)
	}
	h.hang(h.count(h.unknown.n), what, strings.Repeat(" ", 7))
	if h.o.All {
		h.list(h.unknown.all())
		return
	}
	shown := 0
	for _, a := range h.unknown.alikes {
		if a.kept[0].Reason == control.ReasonGap {
			continue
		}
		if shown++; shown > shownUnjudged {
			break
		}
		more := ""
		if a.n > 1 {
			more = h.Say("alike", lang.Values{"n": a.n - 1})
		}
		h.finding(&a.kept[0], false, more)
	}
}
