package report

import (
	"cmp"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/posture"
)

// findings are the failures that count, worst first or under their objects.
func (h *textHandler) findings() {
	total := h.sum.counted()
	switch {
	case h.sum.Empty:
	case total == 0:
		h.heading("findings", h.Say("findings.none", lang.Values{"n": h.sum.Clauses[posture.Unknown]}))
	case h.o.ByObject:
		h.byObject(total)
	case h.o.All:
		h.heading("findings", h.Int(total))
		h.list(h.fails.all())
	default:
		h.worst(total)
	}
	if h.o.All && h.old.n > 0 {
		h.heading("findings.baselined", h.Int(h.old.n))
		h.list(h.old.all())
	}
}

func (h *textHandler) list(fs []Finding) {
	for i := range fs {
		h.finding(&fs[i], false, "")
	}
}

// worst writes the worst findings.
func (h *textHandler) worst(total int) {
	rows := h.fails.worst(shownFindings)
	if len(rows) < total {
		h.heading("findings.worst", h.Say("findings.some", lang.Values{"n": h.Int(len(rows)), "total": h.Int(total)}))
	} else {
		h.heading("findings", h.Int(total))
	}
	for i := range rows {
		more := ""
		if rows[i].more > 0 {
			more = h.Say("alike", lang.Values{"n": rows[i].more})
		}
		h.finding(&rows[i].Finding, false, more)
	}
}

// objectFindings is one object and what fails of it.
type objectFindings struct {
	ref   inventory.Ref
	found []Finding
}

// byObject writes the failures under their objects, the object with the worst of them first.
func (h *textHandler) byObject(total int) {
	var objects []*objectFindings
	byRef := map[inventory.Ref]*objectFindings{}
	for _, f := range h.fails.all() {
		o := byRef[f.Subject]
		if o == nil {
			o = &objectFindings{ref: f.Subject}
			byRef[f.Subject] = o
			objects = append(objects, o)
		}
		o.found = append(o.found, f)
	}
	slices.SortStableFunc(objects, func(a, b *objectFindings) int {
		return cmp.Or(int(b.found[0].Severity())-int(a.found[0].Severity()), len(b.found)-len(a.found), a.ref.Compare(b.ref))
	})
	all := len(objects)
	if !h.o.All {
		objects = objects[:min(all, shownFindings)]
	}
	if len(objects) < all {
		h.heading("objects.worst", h.Say("objects.some", lang.Values{"n": h.Int(len(objects)), "objects": h.Int(all), "total": h.Int(total)}))
	} else {
		h.heading("findings", h.Say("objects.all", lang.Values{"n": all, "total": h.Int(total)}))
	}
	for _, o := range objects {
		h.line(h.paint(bold, h.object(o.ref)))
		for i := range o.found {
			h.finding(&o.found[i], true, "")
		}
	}
}

// gutter is the width of the word before a finding.
const gutter = 10

// finding is what is wrong and where, and below it the place and the remedy. Under its object it does not name it.
// more follows the sentence.
func (h *textHandler) finding(f *Finding, underObject bool, more string) {
	indent := strings.Repeat(" ", gutter)
	h.sentenceOf(f, underObject, more)
	remedy, _ := h.remedy(f)
	if remedy != "" {
		remedy = h.Say("remedy", lang.Values{"remedy": remedy})
	}
	h.placed(f, indent, remedy)
}

// sentenceOf is the first line of a finding: severity, clause, object, sentence.
func (h *textHandler) sentenceOf(f *Finding, underObject bool, more string) {
	word, color := h.severity(f.Severity()), severityColors[f.Severity()]
	if f.Verdict == control.Unknown {
		word, color = "?", yellow
	}
	message := h.message(f)
	what := h.objectPart(f, message) + h.Say("colon", nil) + message
	if underObject {
		what = message
	}
	if more != "" {
		what += " " + more
	}
	first := lang.Pad(word, gutter) + lang.Pad(citedBy(f), 6) + "  "
	s := lang.Hang(first, what, h.o.Width, strings.Repeat(" ", gutter))
	h.line(h.paint(color, word) + strings.TrimPrefix(s, word))
}

// placed writes file:line and what is said beside it.
func (h *textHandler) placed(f *Finding, indent, what string) {
	at := place(f)
	switch {
	case at == "" && what == "":
	case at == "":
		h.prose(indent, what)
	case what == "":
		h.line(indent + at)
	default:
		h.hang(indent+at+"   ", what, indent)
	}
}

// waivers are the failures that somebody answers for, with who, why and until when.
func (h *textHandler) waivers() {
	fs := h.waived.all()
	if len(fs) == 0 {
		return
	}
	shown, more := len(fs), h.Int(len(fs))
	if !h.o.All && shown > shownWaived {
		shown = shownWaived
		more = h.Say("findings.some", lang.Values{"n": h.Int(shown), "total": h.Int(len(fs))})
	}
	h.heading("waived", more)
	for i := range fs[:shown] {
		h.sentenceOf(&fs[i], false, "")
		h.placed(&fs[i], strings.Repeat(" ", gutter), h.waiver(&fs[i]))
	}
}
