package report

import (
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/policy"
)

// level is the failures of one severity.
type level struct {
	Word   stateWord
	N      int
	Faults []fault
}

// fault is the findings of one control for one reason: what to do is the same for all.
type fault struct {
	Deep            bool // below a heading of the third level
	Title, Count    bilingual
	Control         string
	Clauses         []clauseLink
	Remedy, Example bilingual
	First, Rest     []findingRow
	RestWord        bilingual
}

// findingRow is one finding. Words are what a filter finds it by, beside what is seen.
type findingRow struct {
	Object, Message, Waiver bilingual
	Place, Team, Words      string
	Print                   string // the fingerprint, for a link
}

// shownRows is how many findings of one fault stand open on the page; the rest is behind a click.
const shownRows = 100

func (m *pageMaker) levels(p *page) {
	for _, s := range control.Severities() {
		l := level{Word: m.severityWord(s), N: m.sum.Severities[s]}
		var of []*alike
		for _, a := range m.fails.alikes {
			if a.kept[0].Severity() == s {
				of = append(of, a)
			}
		}
		if l.Faults = m.faults(of, true); len(l.Faults) > 0 {
			p.Levels = append(p.Levels, l)
		}
	}
	p.Waived, p.WaivedCount = m.faults(m.waived.alikes, false), m.waived.n
	p.Old, p.OldCount = m.faults(m.old.alikes, false), m.old.n
}

func (m *pageMaker) faults(as []*alike, deep bool) (out []fault) {
	known := map[string]bool{}
	for _, c := range m.digest.clauses {
		known[c.ID] = true
	}
	for _, a := range as {
		f := &a.kept[0]
		ft := fault{
			Deep: deep, Title: m.each(func(w *words) string { return w.title(f.Control) }), Control: lang.Safe(f.Control.ID),
			Count: m.b("html.findingCount", lang.Values{"n": a.n}),
		}
		ft.Remedy.EN, ft.Example.EN = m.en.remedy(f)
		ft.Remedy.FR, ft.Example.FR = m.fr.remedy(f)
		ft.Example = bilingual{strings.TrimRight(ft.Example.EN, "\n"), strings.TrimRight(ft.Example.FR, "\n")}
		for _, id := range f.Clauses() {
			ft.Clauses = append(ft.Clauses, clauseLink{ID: lang.Safe(id), Short: lang.Safe(policy.ShortID(id)), Known: known[id]})
		}
		rows := make([]findingRow, len(a.kept))
		for i := range a.kept {
			rows[i] = m.findingRow(&a.kept[i])
		}
		ft.First = rows
		if len(rows) > shownRows {
			ft.First, ft.Rest = rows[:shownRows], rows[shownRows:]
			ft.RestWord = m.b("html.rest", lang.Values{"n": len(ft.Rest)})
		}
		out = append(out, ft)
	}
	return out
}

func (m *pageMaker) findingRow(f *Finding) findingRow {
	r := findingRow{Place: place(f), Team: lang.Safe(f.Team)}
	if fp := f.Fingerprint(); !m.printed[fp] { // two findings of one fingerprint: an id stands once
		m.printed[fp] = true
		r.Print = fp
	}
	r.Message = m.each(func(w *words) string { return w.message(f) })
	r.Object = bilingual{m.en.objectPart(f, r.Message.EN), m.fr.objectPart(f, r.Message.FR)}
	if f.Waiver != nil {
		r.Waiver = m.each(func(w *words) string { return w.waiver(f) })
	}
	r.Words = strings.Join(append([]string{f.Control.ID, f.Severity().String()}, shortIDs(f.Clauses())...), " ")
	return r
}
