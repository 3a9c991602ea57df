// Package posture folds findings and decisions into one state for each clause, as of a moment. It is a pure
// function of what it is given: it reads no clock, no file, no configuration.
package posture

import (
	"cmp"
	"slices"
	"time"

	"vigie/internal/control"
	"vigie/internal/policy"
	"vigie/internal/register"
)

// A State is how a clause stands. The zero value is Unknown on purpose.
type State uint8

// The states, as the API names them.
const (
	Unknown State = iota
	Fail
	Deviates // holds, but for a parameter weaker than the policy's figure
	Waived   // fails, and someone answers for that until a date
	Pass
	NotApplicable
)

var stateNames = [...]string{"unknown", "fail", "deviates", "waived", "pass", "not-applicable"}

// String is the state's name in JSON.
func (s State) String() string { return stateNames[s] }

// States lists them, worst first.
func States() []State { return []State{Fail, Deviates, Unknown, Waived, Pass, NotApplicable} }

// A Ground is what a state rests on.
type Ground string

// The grounds.
const (
	Measured Ground = "measured"
	Attested Ground = "attested"
	Declared Ground = "declared"
	ByWaiver Ground = "waived"
	None     Ground = "none" // nothing was seen: the state is unknown
)

// A Cause is why something stays unknown.
type Cause string

// The causes; each has a next step in the reports.
const (
	NeedsProvider  Cause = "needs-provider"  // the provider's signed word
	NeedsRecords   Cause = "needs-records"   // the tenant's own records: backups, reviews, plans, declarations
	NeedsCluster   Cause = "needs-cluster"   // a running cluster
	NeedsMetrics   Cause = "needs-metrics"   // measurements
	NeedsScans     Cause = "needs-scans"     // reports of an image scanner
	NeedsHandshake Cause = "needs-handshake" // a real TLS handshake
	NotInVersion   Cause = "not-in-version"  // no control of this version looks at it
	NotSelected    Cause = "not-selected"    // --only or --skip left it out
	Gap            Cause = "gap"             // an input could not be read whole
	CannotTell     Cause = "cannot-tell"     // a control looked and could not tell
	Broken         Cause = "control-broken"  // a control failed
)

// Causes lists them in the order in which a report gives them.
func Causes() []Cause {
	return []Cause{NeedsProvider, NeedsRecords, NeedsCluster, NeedsMetrics, NeedsScans, NeedsHandshake, Gap, CannotTell, Broken, NotInVersion, NotSelected}
}

// A Because is one control, or one kind of word, that leaves a clause unknown.
type Because struct {
	Cause   Cause
	Control string // empty for a missing attestation or declaration
}

// A Clause is one clause as it stands.
type Clause struct {
	ID       string
	State    State
	Ground   Ground
	Owner    string // who the configuration says answers for it; empty: nobody is named
	Seen, Of int    // controls, or words, that told something, of those that the clause needs
	Fails    int    // unwaived findings
	Waived   int
	Causes   []Because
}

// Decisions are what people decided, and who owns what.
type Decisions struct {
	Waivers []register.Waiver
	Owners  map[string]string // clause id -> person or team
	// Weakened lists the ids of parameters that are set weaker than the policy's figure.
	Weakened []string
	Selected func(control string) bool // nil: every control
}

// A Fold takes the findings of one scan and gives the clauses. Make it with New.
type Fold struct {
	policy *policy.Policy
	dec    Decisions
	now    time.Time
	built  map[string]*control.Control
	own    map[string][]policy.Planned  // clause -> controls that are not of the catalogue
	tally  map[string]map[string]*tally // clause -> control
	until  time.Time
}

type tally struct{ fail, waived, unknown, running, pass, na, broken, gap int }

// New starts a fold at now over the findings of the given controls.
func New(p *policy.Policy, controls []*control.Control, dec Decisions, now time.Time) *Fold {
	f := &Fold{
		policy: p, dec: dec, now: now, built: map[string]*control.Control{}, own: map[string][]policy.Planned{},
		tally: map[string]map[string]*tally{},
	}
	for _, c := range controls {
		f.built[c.ID] = c
		if _, planned := p.Planned(c.ID); planned {
			continue
		}
		for _, id := range c.Clauses {
			f.own[id] = append(f.own[id], policy.Planned{ID: c.ID, Clauses: c.Clauses, From: []string{"objects"}})
		}
	}
	return f
}

// servedBy lists what tells of a clause: the catalogue's controls, then those of one's own.
func (f *Fold) servedBy(clause string) []policy.Planned {
	return slices.Concat(f.policy.ServedBy(clause), f.own[clause])
}

// Add takes one finding in and gives the waiver in force that covers it, if there is one. A finding whose Until
// has come counts as unknown.
func (f *Fold) Add(fi *control.Finding) *register.Waiver {
	v := fi.Verdict
	if !fi.Until.IsZero() {
		if !f.now.Before(fi.Until) {
			v = control.Unknown
		} else if f.until.IsZero() || fi.Until.Before(f.until) {
			f.until = fi.Until
		}
	}
	var w *register.Waiver
	if v == control.Fail {
		w = f.waiver(fi)
	}
	for _, id := range fi.Clauses() {
		t := f.of(id, fi.Control.ID)
		switch {
		case w != nil:
			t.waived++
		case v == control.Fail:
			t.fail++
		case v == control.Pass:
			t.pass++
		case v == control.NotApplicable:
			t.na++
		case fi.Reason == control.ReasonBroken:
			t.broken++
		case fi.Reason == control.ReasonGap:
			t.gap++
		case needsRunning(fi):
			t.running++
		default:
			t.unknown++
		}
	}
	return w
}

// needsRunning reports an unknown that only a running cluster can lift.
func needsRunning(fi *control.Finding) bool {
	r, ok := fi.Control.ReasonOf(fi.Reason)
	return ok && r.Running
}

// waiver finds the waiver that covers fi; of several the one that lasts longest.
func (f *Fold) waiver(fi *control.Finding) *register.Waiver {
	var best *register.Waiver
	for i := range f.dec.Waivers {
		w := &f.dec.Waivers[i]
		if !w.InForce(f.now) || !covers(w, fi) {
			continue
		}
		if best == nil || w.Expires.After(best.Expires) {
			best = w
		}
	}
	if best != nil && (f.until.IsZero() || best.Expires.Before(f.until)) {
		f.until = best.Expires
	}
	return best
}

// covers compares the subject whole and as people write it.
func covers(w *register.Waiver, fi *control.Finding) bool {
	part := fi.Part.String()
	return w.Covers(fi.Control.ID, fi.Subject.String(), part) || w.Covers(fi.Control.ID, fi.Subject.Short(), part)
}

func (f *Fold) of(clause, id string) *tally {
	m := f.tally[clause]
	if m == nil {
		m = map[string]*tally{}
		f.tally[clause] = m
	}
	if m[id] == nil {
		m[id] = &tally{}
	}
	return m[id]
}

// Until is the first moment at which time alone can change what the fold says; zero: never.
func (f *Fold) Until() time.Time { return f.until }

// Clauses gives every clause of the policy, in the policy's order.
func (f *Fold) Clauses() []Clause {
	out := make([]Clause, 0, len(f.policy.Clauses))
	for _, c := range f.policy.Clauses {
		out = append(out, f.clause(c))
	}
	return out
}

func (f *Fold) clause(pc policy.Clause) Clause {
	c := Clause{ID: pc.ID, Owner: f.dec.Owners[pc.ID], Ground: Measured}
	passed := false
	for _, planned := range f.servedBy(pc.ID) {
		c.Of++
		t := f.tally[pc.ID][planned.ID]
		if t == nil {
			t = &tally{}
		}
		c.Fails += t.fail
		c.Waived += t.waived
		passed = passed || t.pass > 0
		if b, ok := f.because(pc, planned, t); ok {
			c.Causes = append(c.Causes, b)
		} else {
			c.Seen++
		}
	}
	if c.Of == 0 {
		c.Of = 1
		c.Causes = []Because{{Cause: wordOf(pc)}}
	}
	c.Causes = slices.Compact(sortCauses(c.Causes))
	c.State, c.Ground = f.state(c, pc, passed)
	return c
}

func (f *Fold) state(c Clause, pc policy.Clause, passed bool) (State, Ground) {
	switch {
	case c.Fails > 0:
		return Fail, Measured
	case f.weakened(pc.ID):
		return Deviates, Measured
	case len(c.Causes) > 0 && c.Seen == 0:
		return Unknown, None
	case len(c.Causes) > 0:
		return Unknown, Measured
	case c.Waived > 0:
		return Waived, ByWaiver
	case passed:
		return Pass, Measured
	}
	return NotApplicable, Measured
}

// weakened reports whether a parameter of a control that serves the clause is weaker than the policy's figure.
func (f *Fold) weakened(clause string) bool {
	for _, planned := range f.servedBy(clause) {
		c := f.built[planned.ID]
		if c == nil {
			continue
		}
		for _, p := range c.Params {
			if slices.Contains(f.dec.Weakened, p) {
				return true
			}
		}
	}
	return false
}

// because says why a control of a clause told nothing, if it did not.
func (f *Fold) because(pc policy.Clause, planned policy.Planned, t *tally) (Because, bool) {
	b := Because{Control: planned.ID}
	switch {
	case f.built[planned.ID] == nil:
		b.Cause = missing(pc, planned)
	case f.dec.Selected != nil && !f.dec.Selected(planned.ID):
		b.Cause = NotSelected
	case t.broken > 0:
		b.Cause = Broken
	case t.gap > 0:
		b.Cause = Gap
	case t.unknown > 0:
		b.Cause = CannotTell
	case t.running > 0:
		b.Cause = NeedsCluster
	case t.fail+t.waived+t.pass+t.na == 0:
		b.Cause = missing(pc, planned)
	default:
		return b, false
	}
	return b, true
}

// wordOf is what answers a clause that no control can.
func wordOf(pc policy.Clause) Cause {
	if pc.Side == policy.Provider {
		return NeedsProvider
	}
	return NeedsRecords
}

// missing is what a control that does not run needs, by where its inputs come from.
func missing(pc policy.Clause, p policy.Planned) Cause {
	if pc.Side == policy.Provider {
		return NeedsProvider
	}
	for _, from := range p.From {
		switch from {
		case "metrics":
			return NeedsMetrics
		case "scanner":
			return NeedsScans
		case "handshake":
			return NeedsHandshake
		case "record":
			return NeedsRecords
		case "feed":
			return NeedsProvider
		}
	}
	return NotInVersion
}

func sortCauses(bs []Because) []Because {
	order := Causes()
	slices.SortStableFunc(bs, func(a, b Because) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Cause), slices.Index(order, b.Cause)), cmp.Compare(a.Control, b.Control))
	})
	return bs
}
