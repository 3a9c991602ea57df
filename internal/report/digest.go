package report

import (
	"cmp"
	"fmt"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// A digest is what a report for people keeps of a stream until its end: what fails or is unknown, and of passes
// nothing. With a limit it keeps of the findings that are alike (of one control, for one reason) only the worst.
type digest struct {
	limit int // of each that are alike; 0: none

	meta    Meta
	gaps    []Gap
	fails   group // that count
	waived  group
	old     group // stood in the baseline
	unknown group
	clauses []posture.Clause
	sum     Summary
}

// A group is findings, those alike together.
type group struct {
	n      int
	alikes []*alike
	byKey  map[[2]string]*alike
}

// alike are the findings of one control for one reason: n of them, the worst or all of which are kept, worst first.
type alike struct {
	n    int
	kept []Finding
}

// Meta implements Handler.
func (d *digest) Meta(m Meta) error {
	d.meta = m
	return nil
}

// Gap implements Handler.
func (d *digest) Gap(g Gap) error {
	d.gaps = append(d.gaps, g)
	return nil
}

// Clause implements Handler.
func (d *digest) Clause(c posture.Clause) error {
	d.clauses = append(d.clauses, c)
	return nil
}

// Finding implements Handler.
func (d *digest) Finding(f *Finding) error {
	switch {
	case f.Verdict == control.Unknown:
		d.unknown.add(f, d.limit)
	case f.Verdict != control.Fail:
	case f.Waiver != nil:
		d.waived.add(f, 0)
	case f.Baselined:
		d.old.add(f, d.limit)
	default:
		d.fails.add(f, d.limit)
	}
	return nil
}

func (g *group) add(f *Finding, limit int) {
	key := [2]string{f.Control.ID, f.Reason}
	a := g.byKey[key]
	if a == nil {
		if g.byKey == nil {
			g.byKey = map[[2]string]*alike{}
		}
		a = &alike{}
		g.byKey[key] = a
		g.alikes = append(g.alikes, a)
	}
	g.n++
	a.n++
	if limit > 0 && len(a.kept) == limit && worse(*f, a.kept[limit-1]) >= 0 {
		return
	}
	a.kept = append(a.kept, kept(f, limit > 0))
	if limit > 0 {
		slices.SortStableFunc(a.kept, worse)
		a.kept = a.kept[:min(limit, len(a.kept))]
	}
}

// finish puts everything in its order.
func (g *group) finish() {
	for _, a := range g.alikes {
		for i := range a.kept {
			a.kept[i] = kept(&a.kept[i], false)
		}
		slices.SortStableFunc(a.kept, worse)
	}
	slices.SortStableFunc(g.alikes, func(a, b *alike) int {
		return cmp.Or(worse(a.kept[0], b.kept[0]), cmp.Compare(a.kept[0].Reason, b.kept[0].Reason))
	})
}

// all lists what is kept, worst first.
func (g *group) all() (out []Finding) {
	for _, a := range g.alikes {
		out = append(out, a.kept...)
	}
	slices.SortStableFunc(out, worse)
	return out
}

// A shownFinding is one that is shown, and how many like it are not.
type shownFinding struct {
	Finding
	more int // behind the last of those alike
}

// worst is the worst of the group, so many at most. Where they are too many, it is a few of each that are alike: ten
// times one fault would hide the next.
func (g *group) worst(most int) (rows []shownFinding) {
	few := shownAlike
	if g.n <= most {
		few = g.n
	}
	shown := map[*alike]int{}
	for _, f := range g.all() {
		a := g.byKey[[2]string{f.Control.ID, f.Reason}]
		if shown[a]++; shown[a] > few || len(rows) == most {
			continue
		}
		r := shownFinding{Finding: f}
		if shown[a] == few {
			r.more = a.n - few
		}
		rows = append(rows, r)
	}
	return rows
}

// Summary implements Handler. Everything is in its order after it.
func (d *digest) Summary(s Summary) error {
	d.sum = s
	for _, g := range []*group{&d.fails, &d.waived, &d.old, &d.unknown} {
		g.finish()
	}
	return nil
}

// kept is f for good: with its line, without the text of its document. Where it may yet be dropped, the line is not
// looked for: that reads the document again.
func kept(f *Finding, forNow bool) Finding {
	out, inner := *f, *f.Finding
	if !forNow {
		inner.Place = inventory.Place{File: f.Place.File, Line: lineOf(f), Doc: f.Place.Doc}
		inner.Path = nil
	}
	inner.Labels = nil
	out.Finding = &inner
	return out
}

// worse orders findings by severity, then control, subject, part and reason: it says the same at every run.
func worse(a, b Finding) int {
	return cmp.Or(
		int(b.Severity())-int(a.Severity()), cmp.Compare(clauseRank(a), clauseRank(b)), cmp.Compare(a.Control.ID, b.Control.ID),
		a.Subject.Compare(b.Subject), cmp.Compare(a.Part.Kind, b.Part.Kind), cmp.Compare(a.Part.Name, b.Part.Name),
		cmp.Compare(a.Reason, b.Reason),
	)
}

// clauseRank is the place in the policy of the clause that a finding is cited by; one that the policy does not have
// is last.
func clauseRank(f Finding) int {
	ranks := ranksOf()
	if ids := f.Clauses(); len(ids) > 0 {
		if r, ok := ranks[ids[0]]; ok {
			return r
		}
	}
	return len(ranks)
}

// citedBy is the clause that a finding is cited by: the first that its control names.
func citedBy(f *Finding) string {
	if ids := f.Clauses(); len(ids) > 0 {
		return policy.ShortID(ids[0])
	}
	return ""
}

// causeOf is the cause that a clause is counted under: its first, in the order of posture.Causes. Counted so, the
// causes sum to the unknown clauses.
func causeOf(c posture.Clause) posture.Cause {
	switch {
	case c.State != posture.Unknown:
		return ""
	case len(c.Causes) == 0:
		return posture.CannotTell // an unknown clause has a cause; one that was read without is counted all the same
	}
	return c.Causes[0].Cause
}

// causes counts the unknown clauses by cause, and those that have the cause among others.
type causeCount struct {
	cause   posture.Cause
	clauses []posture.Clause // counted here
	also    int              // counted under another cause, and have this one too
}

func (d *digest) causes() (out []causeCount) {
	order := posture.Causes()
	for _, c := range d.clauses { // a stream of another version may name further ones
		for _, b := range c.Causes {
			if c.State == posture.Unknown && !slices.Contains(order, b.Cause) {
				order = append(order, b.Cause)
			}
		}
	}
	for _, cause := range order {
		n := causeCount{cause: cause}
		for _, c := range d.clauses {
			switch {
			case causeOf(c) == cause:
				n.clauses = append(n.clauses, c)
			case c.State == posture.Unknown && slices.ContainsFunc(c.Causes, func(b posture.Because) bool { return b.Cause == cause }):
				n.also++
			}
		}
		if len(n.clauses) > 0 {
			out = append(out, n)
		}
	}
	return out
}

// A gapPart is the gaps of one kind, the key of the sentence that counts them, and how many they are.
type gapPart struct {
	key  string
	n    int
	rows []gapsAlike
}

// gapsAlike are gaps of the same state that differ by their input or their space alone: a dump lacks the same lists in
// each of its namespaces.
type gapsAlike struct {
	Gap
	inputs []string          // the first is Gap's
	spaces []inventory.Space // each lacks each of the inputs
}

func (g gapsAlike) n() int { return len(g.inputs) * len(g.spaces) }

// partGaps parts documents, waivers, and lists and facts.
func partGaps(gaps []Gap) (out []gapPart) {
	parts := []gapPart{{key: "gaps.document"}, {key: "gaps.waiver"}, {key: "gaps.input"}}
	const inputs = 2
	for _, g := range gaps {
		i := inputs
		switch g.Input {
		case "document":
			i = 0
		case "waiver":
			i = 1
		}
		parts[i].n++
		parts[i].rows = append(parts[i].rows, gapsAlike{g, []string{g.Input}, []inventory.Space{g.Space}})
	}
	parts[inputs].rows = merged(merged(parts[inputs].rows, func(g gapsAlike) string {
		return fmt.Sprint(g.State, "\x00", g.Detail, "\x00", g.inputs)
	}, func(into *gapsAlike, g gapsAlike) { into.spaces = append(into.spaces, g.spaces...) }), func(g gapsAlike) string {
		own := ""
		if lang.Has("absent." + g.Input) {
			own = g.Input // it has a sentence of its own
		}
		return fmt.Sprint(g.State, "\x00", g.Detail, "\x00", own, "\x00", g.spaces)
	}, func(into *gapsAlike, g gapsAlike) { into.inputs = append(into.inputs, g.inputs...) })
	return slices.DeleteFunc(parts, func(p gapPart) bool { return p.n == 0 })
}

// merged joins the rows of one key, each into the first of them.
func merged(rows []gapsAlike, key func(gapsAlike) string, join func(into *gapsAlike, g gapsAlike)) (out []gapsAlike) {
	at := map[string]int{}
	for _, g := range rows {
		k := key(g)
		if i, known := at[k]; known {
			join(&out[i], g)
			continue
		}
		at[k] = len(out)
		out = append(out, g)
	}
	return out
}

// counted is the number of failures that count.
func (s Summary) counted() (n int) {
	for _, c := range s.Severities {
		n += c
	}
	return n
}

// total is the number of clauses.
func (s Summary) total() (n int) {
	for _, c := range s.Clauses {
		n += c
	}
	return n
}
