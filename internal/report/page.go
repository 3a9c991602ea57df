package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// page is what the HTML template shows. Every text of an input in it is safe already; the template escapes it again
// for HTML.
type page struct {
	First                     lang.Lang
	Tenant, Title, Moment     bilingual
	Say                       bilingual
	Scope                     []fact
	Notes                     []bilingual
	States, Severities        []tile
	ClauseCount, FindingCount bilingual
	ChaptersRows              []chapterRow
	Levels                    []level
	NotSeen                   bilingual
	Causes                    []causeRow
	Gaps                      []gapList
	Unjudged                  []fault
	UnjudgedTitle             bilingual
	ByState                   []stateRows
	Waived, Old               []fault
	WaivedCount, OldCount     int
	WaivedWord                stateWord
	Parameters, Controls      []fact
	Footer                    bilingual
}

// fact is a name and its value.
type fact struct{ Name, Value bilingual }

// stateWord is a state or a severity: its key draws the icon and the colour, its word says the same.
type stateWord struct {
	Key  string
	Word bilingual
}

// tile is a count that leads to its rows.
type tile struct {
	N    int
	Word stateWord
}

// pageMaker fills a page from a digest.
type pageMaker struct {
	*digest
	en, fr  *words
	printed map[string]bool // fingerprints that have a row
}

func newPage(d *digest, first lang.Lang) *page {
	m := &pageMaker{digest: d, en: newWords(lang.English), fr: newWords(lang.French), printed: map[string]bool{}}
	p := &page{First: first}
	m.head(p)
	m.tiles(p)
	m.chapters(p)
	m.levels(p)
	m.notSeen(p)
	m.clauseRows(p)
	m.judged(p)
	return p
}

// b says a sentence in both languages.
func (m *pageMaker) b(key string, v lang.Values) bilingual {
	return bilingual{m.en.Say(key, v), m.fr.Say(key, v)}
}

// each makes a text in both languages.
func (m *pageMaker) each(say func(*words) string) bilingual { return bilingual{say(m.en), say(m.fr)} }

func (m *pageMaker) head(p *page) {
	meta := m.meta
	p.Tenant = m.each(func(w *words) string { return w.tenant(meta) })
	p.Moment = m.each(func(w *words) string { return w.Moment(meta.At) })
	p.Title = m.each(func(w *words) string {
		if m.sum.Empty {
			return w.Say("html.title.empty", lang.Values{"name": w.tenant(meta)})
		}
		return w.Say("html.title", lang.Values{"name": w.tenant(meta), "fail": m.sum.Clauses[posture.Fail], "unknown": m.sum.Clauses[posture.Unknown], "total": m.sum.total()})
	})
	p.Say = m.each(func(w *words) string {
		if m.sum.Empty {
			return w.Say("empty", nil)
		}
		return w.totals(m.sum)
	})
	add := func(key string, say func(*words) string) {
		if v := m.each(say); v.EN != "" {
			p.Scope = append(p.Scope, fact{m.b(key, nil), v})
		}
	}
	add("html.moment", func(w *words) string { return w.Moment(meta.At) })
	add("html.scope", func(w *words) string {
		bare := meta
		bare.Tenant = ""
		return w.tenant(bare)
	})
	add("html.read", func(w *words) string {
		return w.Say("html.counts", lang.Values{"objects": meta.Objects, "files": meta.Files, "namespaces": meta.Namespaces})
	})
	add("html.source", func(w *words) string { return strings.TrimSuffix(w.eyes(meta), ".") })
	add("html.platform", func(w *words) string { return lang.Safe(meta.Platform) })
	add("html.versions", func(w *words) string { return w.versions(meta) })
	add("html.policy", func(*words) string { return lang.Safe(meta.PolicyVersion + " (" + meta.PolicyHash + ")") })
	add("html.tool", func(*words) string { return "Vigie " + lang.Safe(meta.Version) })
	if m.sum.Baselined > 0 {
		p.Notes = append(p.Notes, m.b("html.changed", lang.Values{"new": m.sum.counted(), "old": m.sum.Baselined}))
	}
	if !meta.EnvironmentsSet && !m.sum.Empty {
		p.Notes = append(p.Notes, m.b("no-environment", nil))
	}
	if meta.Foreign > 0 {
		p.Notes = append(p.Notes, m.b("head.foreign", lang.Values{"n": meta.Foreign}))
	}
	exit := m.each(func(w *words) string { return w.exit(m.sum) })
	p.Footer = m.each(func(w *words) string {
		return w.Say("html.footer", lang.Values{"name": w.tenant(meta), "moment": w.Moment(meta.At), "exit": exit.in(w.Lang)})
	})
}

func (m *pageMaker) tiles(p *page) {
	for _, st := range posture.States() {
		p.States = append(p.States, tile{m.sum.Clauses[st], m.stateWord(st)})
	}
	for _, s := range control.Severities() {
		p.Severities = append(p.Severities, tile{m.sum.Severities[s], m.severityWord(s)})
	}
	p.ClauseCount = m.b("html.clauseCount", lang.Values{"n": m.sum.total()})
	p.FindingCount = m.b("html.findingCount", lang.Values{"n": m.sum.counted()})
	p.WaivedWord = m.stateWord(posture.Waived)
}

func (m *pageMaker) stateWord(st posture.State) stateWord {
	return stateWord{st.String(), m.b("state."+st.String(), nil)}
}

func (m *pageMaker) severityWord(s control.Severity) stateWord {
	return stateWord{s.String(), m.b("severity."+s.String(), nil)}
}

// chapterRow is a chapter of the policy: a cell for each clause, and the same in words.
type chapterRow struct {
	Part   string
	Title  bilingual
	Width  int
	Cells  []cell
	States []chapterState
}

type cell struct {
	X     int
	State string
}

// chapterState is a count that leads to its rows.
type chapterState struct {
	ID   string // of the rows
	Word stateWord
}

// cellStep is the width of one clause in a chapter's picture, in pixels.
const cellStep = 18

func (m *pageMaker) chapters(p *page) {
	for _, ch := range chapters(m.digest.clauses) {
		r := chapterRow{Part: ch.Part, Title: bilingual{ch.Title.EN, ch.Title.FR}, Width: ch.total*cellStep + 2}
		for _, st := range posture.States() {
			n := len(ch.clauses[st])
			if n == 0 {
				continue
			}
			for range n {
				r.Cells = append(r.Cells, cell{len(r.Cells)*cellStep + 1, st.String()})
			}
			word := stateWord{st.String(), m.each(func(w *words) string { return w.states(st, n) })}
			r.States = append(r.States, chapterState{st.String() + "-" + ch.Key, word})
		}
		p.ChaptersRows = append(p.ChaptersRows, r)
	}
}

// judged is what the check judged by: its figures and its controls.
func (m *pageMaker) judged(p *page) {
	pol, err := policy.Load()
	for _, id := range slices.Sorted(maps.Keys(m.meta.Parameters)) {
		name := same(lang.Safe(id))
		if err == nil {
			if par, ok := pol.Parameter(id); ok {
				name = bilingual{par.Title.EN, par.Title.FR}
			}
		}
		p.Parameters = append(p.Parameters, fact{name, same(lang.Safe(m.meta.Parameters[id]))})
	}
	for _, id := range slices.Sorted(maps.Keys(m.meta.Controls)) {
		p.Controls = append(p.Controls, fact{same(lang.Safe(id)), same(fmt.Sprint(m.meta.Controls[id]))})
	}
}
