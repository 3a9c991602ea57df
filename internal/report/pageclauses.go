package report

import (
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// causeRow is a cause with its clauses: as many as its count.
type causeRow struct {
	N         int
	Why, Step bilingual
	Clauses   []clauseLink
}

// clauseLink leads to a clause, with what was seen of it.
type clauseLink struct {
	ID, Short string
	Known     bool // the clause has a row on the page
	Seen      bilingual
}

// gapList is what could not be read, of one kind.
type gapList struct {
	Title bilingual
	Rows  []gapRow
}

type gapRow struct{ Where, What bilingual }

func (m *pageMaker) notSeen(p *page) {
	p.NotSeen = m.b("not-seen.clauses", lang.Values{"n": m.sum.Clauses[posture.Unknown]})
	for _, c := range m.causes() {
		row := causeRow{N: len(c.clauses)}
		for i, w := range []*words{m.en, m.fr} {
			why, step := w.cause(c.cause, len(c.clauses))
			if c.also > 0 {
				step += w.Say("also", lang.Values{"n": c.also})
			}
			*[]*string{&row.Why.EN, &row.Why.FR}[i], *[]*string{&row.Step.EN, &row.Step.FR}[i] = why, step
		}
		for _, cl := range c.clauses {
			row.Clauses = append(row.Clauses, clauseLink{ID: lang.Safe(cl.ID), Short: lang.Safe(policy.ShortID(cl.ID)), Seen: m.seen(cl)})
		}
		p.Causes = append(p.Causes, row)
	}
	for _, part := range partGaps(m.gaps) {
		l := gapList{Title: m.each(func(w *words) string {
			return w.Int(part.n) + " " + w.Say(part.key, lang.Values{"n": part.n})
		})}
		for _, g := range part.rows {
			l.Rows = append(l.Rows, gapRow{
				m.each(func(w *words) string { return w.whereAll(g) + w.Say("colon", nil) }),
				m.each(func(w *words) string { return w.sentence(g.Gap) }),
			})
		}
		p.Gaps = append(p.Gaps, l)
	}
	p.Unjudged = m.faults(m.unknown.alikes, true)
	p.UnjudgedTitle = m.each(func(w *words) string {
		return w.Int(m.unknown.n) + " " + w.Say("unjudged", lang.Values{"n": m.unknown.n})
	})
}

func (m *pageMaker) seen(c posture.Clause) bilingual {
	return m.b("html.seenOf", lang.Values{"seen": c.Seen, "of": c.Of})
}

// stateRows are the clauses of one state, by chapter.
type stateRows struct {
	State    stateWord
	N        int
	Chapters []chapterClauses
}

type chapterClauses struct {
	ID      string
	Clauses []clauseRow
}

// clauseRow is one clause as it stands.
type clauseRow struct {
	ID, Words, Owner          string
	Title, Side, Ground, Seen bilingual
	Causes                    []bilingual
}

func (m *pageMaker) clauseRows(p *page) {
	chs := chapters(m.digest.clauses)
	for _, st := range posture.States() {
		rows := stateRows{State: m.stateWord(st), N: m.sum.Clauses[st]}
		for _, ch := range chs {
			cc := chapterClauses{ID: st.String() + "-" + ch.Key}
			for _, c := range ch.clauses[st] {
				cc.Clauses = append(cc.Clauses, m.clauseRow(c))
			}
			if len(cc.Clauses) > 0 {
				rows.Chapters = append(rows.Chapters, cc)
			}
		}
		if len(rows.Chapters) > 0 {
			p.ByState = append(p.ByState, rows)
		}
	}
}

func (m *pageMaker) clauseRow(c posture.Clause) clauseRow {
	pc := clauseOf(c.ID)
	r := clauseRow{
		ID: lang.Safe(c.ID), Owner: lang.Safe(c.Owner), Title: bilingual{pc.Title.EN, pc.Title.FR}, Seen: m.seen(c),
		Ground: m.each(func(w *words) string { return w.ground(c.Ground) }), Words: c.State.String() + " " + string(pc.Side),
	}
	if pc.Side != "" {
		r.Side = m.b("side."+string(pc.Side), nil)
	}
	if r.Owner == "" {
		r.Owner = "--"
	}
	for _, b := range c.Causes {
		r.Causes = append(r.Causes, m.each(func(w *words) string {
			why, step := w.cause(b.Cause, 1)
			if b.Control != "" {
				why = lang.Safe(b.Control) + w.Say("colon", nil) + why
			}
			if step != "" {
				why += w.Say("html.step", lang.Values{"step": step})
			}
			return why
		}))
	}
	return r
}
