package report

import (
	"strings"

	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// column is one state of the table of clauses.
type column struct {
	state posture.State
	width int // of a count and its word
}

// clauseTable is the clauses by chapter: each state with its count and its word, then the clauses that fail.
func (h *textHandler) clauseTable() {
	chs := chapters(h.digest.clauses)
	if len(chs) == 0 {
		return
	}
	var parts []string
	for _, st := range posture.States() {
		if n := h.sum.Clauses[st]; n > 0 {
			parts = append(parts, h.paint(stateColors[st], strings.ReplaceAll(h.states(st, n), " ", "\u00a0")))
		}
	}
	h.heading("clauses", h.Int(h.sum.total())+h.Say("colon", nil)+strings.Join(parts, ", "))
	names, columns := h.columns(chs)
	last := ""
	for _, ch := range chs {
		part := ch.Part
		if part == last {
			part = ""
		}
		last = ch.Part
		h.chapterRow("  "+lang.Pad(part, 5)+lang.Pad(h.chapterWord(ch), names+3), columns, ch)
	}
}

// columns are the widths of the table: that of the chapters' names, and that of each state that some clause has.
func (h *textHandler) columns(chs []*chapter) (names int, out []column) {
	for _, ch := range chs {
		names = max(names, lang.Width(h.chapterWord(ch)))
	}
	for _, st := range posture.States() {
		c := column{state: st}
		for _, ch := range chs {
			if n := len(ch.clauses[st]); n > 0 {
				c.width = max(c.width, lang.Width(h.short(st, n)))
			}
		}
		if c.width > 0 {
			out = append(out, c)
		}
	}
	return names, out
}

// idsRoom is what is kept free behind the columns, for the clauses that fail.
const idsRoom = 22

// chapterRow writes one chapter: its states in columns as far as they fit, the rest one behind the other; then the
// clauses that fail, or below where there is no room.
func (h *textHandler) chapterRow(first string, columns []column, ch *chapter) {
	start := lang.Width(first)
	row, at, end := first, start, start // end is the column's
	for _, c := range columns {
		cell := ""
		if n := len(ch.clauses[c.state]); n > 0 {
			cell = h.short(c.state, n)
		}
		end += c.width + 2
		inColumn := end <= h.o.Width-idsRoom
		pad := 2
		switch width := lang.Width(cell); {
		case inColumn:
			pad = c.width - width + 2
		case cell == "":
			continue
		case at+width > h.o.Width:
			h.line(row)
			row, at = strings.Repeat(" ", start), start
		}
		row += h.paint(stateColors[c.state], cell) + strings.Repeat(" ", pad)
		at += lang.Width(cell) + pad
	}
	ids := strings.Join(append(clauseIDs(ch.clauses[posture.Fail]), clauseIDs(ch.clauses[posture.Deviates])...), " ")
	if ids == "" || at+lang.Width(ids) <= h.o.Width {
		h.line(row + ids)
		return
	}
	h.line(row)
	h.prose(strings.Repeat(" ", start), ids)
}

// short counts a state in a column.
func (h *textHandler) short(st posture.State, n int) string {
	if st == posture.NotApplicable {
		return h.Int(n) + "\u00a0N/A"
	}
	return h.states(st, n)
}

func clauseIDs(cs []posture.Clause) (ids []string) {
	for _, c := range cs {
		ids = append(ids, policy.ShortID(c.ID))
	}
	return ids
}
