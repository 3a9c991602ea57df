// Package report makes what people and programs read of a check. A check is one typed stream of events, and each
// format is a handler of it; a kept JSON stream drives the other handlers later.
package report

import (
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/posture"
	"vigie/internal/register"
)

// Schema is the number of the JSON stream's form.
const Schema = 1

// A Handler takes the events of one check in this order: Meta, Gap..., Finding..., Clause..., Summary. Passes are
// findings too. An error ends the check.
type Handler interface {
	Meta(Meta) error
	Gap(Gap) error
	Finding(*Finding) error
	Clause(posture.Clause) error
	Summary(Summary) error
}

// Meta says what was checked, when, by what.
type Meta struct {
	Version         string // of the program
	Lang            string // of the messages in the stream
	At              time.Time
	Tenant          string
	Paths           []string
	Source          string // files, git, live, mustgather
	PolicyVersion   string
	PolicyHash      string
	Controls        map[string]int    // id -> version, of those that ran
	Parameters      map[string]string // as judged by
	Platform        string
	ClusterVersion  string
	TargetVersion   string
	EnvironmentsSet bool // an environment is declared; without one nothing is production
	Objects         int
	Documents       int
	Files           int
	Namespaces      int
	Foreign         int        // documents that are not Kubernetes'
	Layout          string     // of a dump: must-gather, inspect, insights
	Collected       time.Time  // when a dump was made; zero: no dump, or it does not say so
	Revisions       []Revision // of Git, one a path
	Commits         int        // of Git: whose files were searched for secrets; 0: the revision's alone
}

// A Revision is a commit whose tree was read.
type Revision struct {
	Path   string
	Asked  string // as it was named; empty: HEAD
	Commit string // its full hash
	At     time.Time
}

// A Gap is an input that could not be read whole, or a document that was not understood.
type Gap struct {
	Input  string // as inventory.Input.Name; "document" or "waiver"
	Space  inventory.Space
	State  string // inventory.State's name; "not-understood" of a document, "not-in-force" of a waiver
	Reason string // of a document: the key of a sentence; else empty
	Values map[string]any
	Detail string // in the API's terms, or a sentence that was made elsewhere
	File   string
	Line   int
	Ref    inventory.Ref // of a document: who it says it is
}

// UnreadGap is a document that was not understood.
func UnreadGap(u inventory.Unread) Gap {
	return Gap{
		Input: "document", State: "not-understood", Reason: u.Reason, Values: u.Values, File: u.Place.File, Line: u.Place.Line, Ref: u.Ref,
		Space: inventory.Space{Root: u.Root},
	}
}

// WaiverGap is a waiver that does not apply, with the sentence that says why.
func WaiverGap(file string, line int, sentence string) Gap {
	return Gap{Input: "waiver", State: "not-in-force", Detail: sentence, File: file, Line: line}
}

// InputGap is a list or a fact that could not be read whole.
func InputGap(g inventory.Gap) Gap {
	return Gap{Input: g.Input, Space: g.Space, State: g.State.String(), Detail: g.Detail}
}

// A Finding is a finding with what people decided of it.
type Finding struct {
	*control.Finding
	Waiver    *register.Waiver // in force and covering it; nil: none
	Baselined bool             // stood in the baseline: it does not fail again
	Team      string
	// Said is the sentence as a kept stream holds it, for a finding whose control this version does not have.
	Said string
}

// Counted reports whether the finding counts as a failure: it fails, nobody waived it, and it is new.
func (f *Finding) Counted() bool {
	return f.Verdict == control.Fail && f.Waiver == nil && !f.Baselined
}

// Summary is the end of a check. The counts agree with the events before it.
type Summary struct {
	Objects, Documents, Files, Namespaces, Unread int

	Verdicts   map[control.Verdict]int  // of findings; a waived failure is in Waived alone
	Severities map[control.Severity]int // of failures that count
	Clauses    map[posture.State]int
	Waived     int
	Baselined  int
	WaivedTo   time.Time // the first end of a waiver that covers something; zero: none
	Exit       int
	FailOn     string // a severity, or never
	Incomplete bool   // something given could not be read or judged
	Empty      bool   // no object was read
}

// Add counts a finding. Both maps must have been made.
func (s *Summary) Add(f *Finding) {
	switch {
	case f.Waiver != nil:
		s.Waived++
		if s.WaivedTo.IsZero() || f.Waiver.Expires.Before(s.WaivedTo) {
			s.WaivedTo = f.Waiver.Expires
		}
		return
	case f.Baselined:
		s.Baselined++
	case f.Verdict == control.Fail:
		s.Severities[f.Severity()]++
	}
	s.Verdicts[f.Verdict]++
}

// addsUp reports whether the counts are those that were counted.
func (s *Summary) addsUp(counted *Summary) bool {
	return s.Waived == counted.Waived && s.Baselined == counted.Baselined && sameCounts(s.Verdicts, counted.Verdicts) &&
		sameCounts(s.Severities, counted.Severities) && sameCounts(s.Clauses, counted.Clauses)
}

// sameCounts compares counts; one that is not there is 0.
func sameCounts[K comparable](a, b map[K]int) bool {
	for _, pair := range [][2]map[K]int{{a, b}, {b, a}} {
		for k, n := range pair[0] {
			if pair[1][k] != n {
				return false
			}
		}
	}
	return true
}
