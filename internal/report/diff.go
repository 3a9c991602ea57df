package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/posture"
)

// Changes are the differences of two kept results.
type Changes struct {
	Before, After Meta
	New           []Finding    // fail and count now, and did not; a failure whose waiver ended is new
	Mended        []Finding    // failed, were judged again, and fail no more
	Gone          []Finding    // failed, and their object is not in the second result
	Lost          []Finding    // failed, and could not be judged this time: nobody can say that they are mended
	Changed       []Change     // fail in both, otherwise
	Clauses       []ClauseMove // stand otherwise
	Same          int          // fail and count in both, and did not change
}

// A Change is a failure that is there in both results, and not the same.
type Change struct {
	Before, After Finding
	What          []string // severity, waiver, values, place
}

// A ClauseMove is a clause whose state changed.
type ClauseMove struct {
	ID       string
	From, To posture.State
}

// Diff compares two streams that NewJSON wrote, the older first, with the sentences that they hold.
func Diff(before, after io.Reader) (Changes, error) { return Known(nil).Diff(before, after) }

// Diff compares two streams that NewJSON wrote, the older first; the controls that are known say their findings in any
// language. It goes by fingerprint, so that a moved file changes nothing but the place. A failure is mended only where
// the same control judged the same object again.
func (known Known) Diff(before, after io.Reader) (Changes, error) {
	a, b := newSide(), newSide()
	if err := Read(before, known, a); err != nil {
		return Changes{}, fmt.Errorf("first result: %w", err)
	}
	if err := Read(after, known, b); err != nil {
		return Changes{}, fmt.Errorf("second result: %w", err)
	}
	c := Changes{Before: a.meta, After: b.meta}
	for fp, f := range b.fails {
		old, stood := a.fails[fp]
		switch what := []string(nil); {
		case !stood && f.Waiver != nil:
			// A failure that was waived from its first day calls for nobody.
		case !stood, old.Waiver != nil && f.Waiver == nil:
			c.New = append(c.New, f)
		default:
			if what = changes(&old, &f); len(what) > 0 {
				c.Changed = append(c.Changed, Change{old, f, what})
			} else if f.Waiver == nil {
				c.Same++
			}
		}
	}
	for fp, f := range a.fails {
		if _, still := b.fails[fp]; !still {
			switch b.judged(&f) {
			case judgedAgain:
				c.Mended = append(c.Mended, f)
			case isGone:
				c.Gone = append(c.Gone, f)
			default:
				c.Lost = append(c.Lost, f)
			}
		}
	}
	for id, to := range b.clauses {
		if from, ok := a.clauses[id]; ok && from != to {
			c.Clauses = append(c.Clauses, ClauseMove{id, from, to})
		}
	}
	c.sort()
	return c, nil
}

func (c *Changes) sort() {
	for _, fs := range [][]Finding{c.New, c.Mended, c.Gone, c.Lost} {
		slices.SortFunc(fs, worse)
	}
	slices.SortFunc(c.Changed, func(x, y Change) int { return worse(x.After, y.After) })
	ranks := ranksOf()
	slices.SortFunc(c.Clauses, func(x, y ClauseMove) int {
		return cmp.Or(ranks[x.ID]-ranks[y.ID], cmp.Compare(x.ID, y.ID))
	})
}

// changes names what is different in two findings of one fingerprint.
func changes(a, b *Finding) (what []string) {
	if a.Severity() != b.Severity() {
		what = append(what, "severity")
	}
	if (a.Waiver == nil) != (b.Waiver == nil) || a.Waiver != nil && !a.Waiver.Expires.Equal(b.Waiver.Expires) {
		what = append(what, "waiver")
	}
	if fmt.Sprint(a.Values) != fmt.Sprint(b.Values) { // fmt prints maps in order of their keys
		what = append(what, "values")
	}
	if a.Place.File != b.Place.File {
		what = append(what, "place")
	}
	return what
}

// side is what Diff keeps of one result.
type side struct {
	meta    Meta
	fails   map[string]Finding
	unknown map[judgement]bool     // what a control could not judge
	seen    map[inventory.Ref]bool // every subject of a finding
	spaces  map[inventory.Space]bool
	unread  map[string]bool // files with a document that was not understood
	clauses map[string]posture.State
}

// judgement is one control at one subject.
type judgement struct {
	control string
	subject inventory.Ref
}

func newSide() *side {
	return &side{
		fails: map[string]Finding{}, unknown: map[judgement]bool{}, seen: map[inventory.Ref]bool{}, spaces: map[inventory.Space]bool{},
		unread: map[string]bool{}, clauses: map[string]posture.State{},
	}
}

// Meta implements Handler.
func (s *side) Meta(m Meta) error {
	s.meta = m
	return nil
}

// Gap implements Handler.
func (s *side) Gap(g Gap) error {
	if g.Input == "document" {
		s.unread[g.File] = true
	}
	return nil
}

// Finding implements Handler.
func (s *side) Finding(f *Finding) error {
	s.seen[f.Subject] = true
	s.spaces[spaceOf(f.Subject)] = true
	switch f.Verdict {
	case control.Fail:
		s.fails[f.Fingerprint()] = *f
	case control.Unknown:
		s.unknown[judgement{f.Control.ID, f.Subject}] = true
	case control.Pass, control.NotApplicable:
	}
	return nil
}

// Clause implements Handler.
func (s *side) Clause(c posture.Clause) error {
	s.clauses[c.ID] = c.State
	return nil
}

// Summary implements Handler.
func (s *side) Summary(Summary) error { return nil }

// spaceOf is where a subject lives; a namespace lives in itself.
func spaceOf(r inventory.Ref) inventory.Space {
	if r.Kind == "Namespace" && r.Group == "" && r.Namespace == "" {
		return inventory.Space{Namespace: r.Name, Root: r.Root}
	}
	return r.Space()
}

// What became of a failure that is not there any more.
const (
	judgedAgain = iota
	isGone
	notJudged
)

// judged says what a result says of a failure that it does not hold.
func (s *side) judged(f *Finding) int {
	sp := spaceOf(f.Subject)
	whole := inventory.Ref{Cluster: f.Subject.Cluster, Kind: "Namespace", Name: sp.Namespace, Root: sp.Root}
	switch _, ran := s.meta.Controls[f.Control.ID]; {
	case !ran:
		return notJudged
	case s.unknown[judgement{f.Control.ID, f.Subject}], s.unknown[judgement{f.Control.ID, whole}]:
		return notJudged
	case s.unknown[judgement{f.Control.ID, inventory.Ref{Cluster: f.Subject.Cluster, Kind: "Tenant"}}]:
		return notJudged
	case s.unknown[judgement{f.Control.ID, inventory.Ref{Cluster: f.Subject.Cluster, Kind: "Cluster"}}]:
		return notJudged
	case s.seen[f.Subject], f.Subject == whole && s.spaces[sp]:
		return judgedAgain
	case s.unread[f.Place.File]:
		return notJudged
	}
	return isGone
}
