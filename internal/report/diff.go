package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"vigie/internal/lang"
)

// A Kept finding is a finding as a kept JSON stream holds it.
type Kept struct {
	Control, Severity, Verdict, Object, Part, Reason, Message, Fingerprint, Place string
	Waived                                                                        bool
}

// Changes are the differences of two kept results.
type Changes struct {
	New     []Kept       // fail now, and did not
	Mended  []Kept       // failed, and fail no more: what was not judged again is not among them
	Changed []ClauseMove // clauses that stand otherwise
	Lost    []Kept       // failed, and could not be judged this time
	Same    int          // failures that are still there
}

// A ClauseMove is a clause whose state changed.
type ClauseMove struct{ ID, From, To string }

// keptStream is what a stream holds, by fingerprint.
type keptStream struct {
	findings map[string]Kept
	// unknown are the subjects of each control that could not be judged: a failure that is not said again there is
	// lost from sight, not mended.
	unknown map[[2]string]bool
	clauses map[string]string
	ended   bool
}

// ErrNotKept is input that is no kept result.
var ErrNotKept = errors.New("not a result that vigie check -o json wrote")

// Diff compares two kept results.
func Diff(before, after io.Reader) (Changes, error) {
	a, err := readKept(before)
	if err != nil {
		return Changes{}, fmt.Errorf("first result: %w", err)
	}
	b, err := readKept(after)
	if err != nil {
		return Changes{}, fmt.Errorf("second result: %w", err)
	}
	var c Changes
	for fp, f := range b.findings {
		if f.Verdict != "fail" {
			continue
		}
		if old, ok := a.findings[fp]; ok && old.Verdict == "fail" {
			c.Same++
			continue
		}
		c.New = append(c.New, f)
	}
	for fp, f := range a.findings {
		if f.Verdict != "fail" {
			continue
		}
		if now, ok := b.findings[fp]; ok && now.Verdict == "fail" {
			continue
		}
		if b.lost(f) {
			c.Lost = append(c.Lost, f)
			continue
		}
		c.Mended = append(c.Mended, f)
	}
	for id, was := range a.clauses {
		if now, ok := b.clauses[id]; ok && now != was {
			c.Changed = append(c.Changed, ClauseMove{id, was, now})
		}
	}
	for _, l := range [][]Kept{c.New, c.Mended, c.Lost} {
		slices.SortFunc(l, func(x, y Kept) int {
			return cmp.Or(severityRank(y.Severity)-severityRank(x.Severity), cmp.Compare(x.Object, y.Object), cmp.Compare(x.Fingerprint, y.Fingerprint))
		})
	}
	slices.SortFunc(c.Changed, func(x, y ClauseMove) int { return cmp.Compare(x.ID, y.ID) })
	return c, nil
}

func severityRank(s string) int {
	return slices.Index([]string{"low", "medium", "high", "critical"}, s)
}

// lost reports that the control could not judge the subject, or the whole namespace, this time.
func (k *keptStream) lost(f Kept) bool {
	return k.unknown[[2]string{f.Control, f.Object}] || k.unknown[[2]string{f.Control, namespaceOf(f.Object)}]
}

// namespaceOf is the namespace's own name as Object writes it.
func namespaceOf(object string) string {
	for i := range len(object) {
		if object[i] == '/' {
			return "Namespace/" + object[:i]
		}
	}
	return ""
}

func readKept(r io.Reader) (*keptStream, error) {
	k := &keptStream{findings: map[string]Kept{}, unknown: map[[2]string]bool{}, clauses: map[string]string{}}
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), 16<<20)
	for n := 1; in.Scan(); n++ {
		var l line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, ErrNotKept)
		}
		if n == 1 && (l.Meta == nil || l.Meta.Tool != "vigie") {
			return nil, ErrNotKept
		}
		if l.Meta != nil && l.Meta.Schema > Schema {
			return nil, fmt.Errorf("its form %d is newer than this program's %d: use a newer vigie", l.Meta.Schema, Schema)
		}
		k.take(l)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if !k.ended {
		return nil, fmt.Errorf("it has no summary line: the check did not end: %w", ErrNotKept)
	}
	return k, nil
}

func (k *keptStream) take(l line) {
	switch {
	case l.Finding != nil:
		f := Kept{
			Control: l.Finding.Control, Severity: l.Finding.Severity, Verdict: l.Finding.Verdict, Reason: l.Finding.Reason,
			Message: l.Finding.Message, Fingerprint: l.Finding.Fingerprint, Waived: l.Finding.Waiver != nil, Object: l.Finding.Subject.object(),
		}
		if p := l.Finding.Part; p != nil {
			f.Part = p.Kind + " " + p.Name
		}
		if s := l.Finding.Source; s != nil {
			f.Place = fmt.Sprintf("%s:%d", s.File, s.Line)
		}
		if f.Verdict == "unknown" {
			k.unknown[[2]string{f.Control, f.Object}] = true
		}
		k.findings[f.Fingerprint] = f
	case l.Clause != nil:
		k.clauses[l.Clause.ID] = l.Clause.State
	case l.Summary != nil:
		k.ended = true
	}
}

// object is the subject as Object writes it.
func (s subjectLine) object() string {
	out := s.Kind
	if s.Name != "" {
		out += "/" + s.Name
	}
	switch {
	case s.Namespace != "":
		return s.Namespace + "/" + out
	case s.Root != "":
		return "(" + s.Root + ")/" + out
	}
	return out
}

// Write prints the changes for a person.
func (c Changes) Write(w io.Writer, l lang.Lang) error {
	b := bufio.NewWriter(w)
	for _, s := range []struct {
		title string
		list  []Kept
	}{
		{l.T("NEW", "NOUVEAUX"), c.New}, {l.T("MENDED", "CORRIGÉS"), c.Mended}, {l.T("NOT JUDGED AGAIN", "NON RÉÉVALUÉS"), c.Lost},
	} {
		fmt.Fprintf(b, "%s  %s\n", s.title, l.Int(len(s.list)))
		for _, f := range s.list {
			what := lang.Safe(f.Object)
			if f.Part != "" {
				what += ", " + lang.Safe(f.Part)
			}
			fmt.Fprintf(b, "  %-9s %s: %s  %s\n", f.Severity, what, lang.Terminal(lang.Safe(f.Message)), lang.Safe(f.Place))
		}
	}
	fmt.Fprintf(b, "%s  %s\n", l.T("CLAUSES CHANGED", "CLAUSES MODIFIÉES"), l.Int(len(c.Changed)))
	for _, m := range c.Changed {
		fmt.Fprintf(b, "  %-12s %s -> %s\n", m.ID, m.From, m.To)
	}
	fmt.Fprintf(b, "%s\n", lang.Terminal(l.Count(c.Same, l.T("finding is still there", "constat demeure"), l.T("findings are still there", "constats demeurent"))))
	return b.Flush()
}

// WriteJSON prints the changes for a program: one object.
func (c Changes) WriteJSON(w io.Writer) error {
	type item struct {
		Control     string `json:"control"`
		Severity    string `json:"severity"`
		Object      string `json:"object"`
		Part        string `json:"part,omitempty"`
		Reason      string `json:"reason"`
		Message     string `json:"message"`
		Fingerprint string `json:"fingerprint"`
		Place       string `json:"place,omitempty"`
	}
	items := func(ks []Kept) []item {
		out := []item{}
		for _, k := range ks {
			out = append(out, item{k.Control, k.Severity, k.Object, k.Part, k.Reason, k.Message, k.Fingerprint, k.Place})
		}
		return out
	}
	type move struct {
		ID   string `json:"id"`
		From string `json:"from"`
		To   string `json:"to"`
	}
	moves := []move{}
	for _, m := range c.Changed {
		moves = append(moves, move(m))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(map[string]any{"new": items(c.New), "mended": items(c.Mended), "not_judged": items(c.Lost), "clauses": moves, "same": c.Same})
}
