// Package control defines a control, what it may see, what it says, and runs controls over an inventory.
//
// No control lives here, and no prose: a finding carries reason keys and values, the sentences are in the
// control's two documents.
package control

import (
	"fmt"
	"io/fs"
	"strings"

	"vigie/internal/inventory"
)

// A Verdict is the outcome for one subject. The zero value is Unknown on purpose.
type Verdict uint8

// The four outcomes.
const (
	Unknown Verdict = iota
	Fail
	Pass
	NotApplicable // looked, and there is nothing to judge
)

var verdictNames = [...]string{"unknown", "fail", "pass", "not-applicable"}

// String is the verdict's name in JSON.
func (v Verdict) String() string { return verdictNames[v] }

// Verdicts lists all four, worst first.
func Verdicts() []Verdict { return []Verdict{Fail, Unknown, Pass, NotApplicable} }

// A Severity says how much a failure matters. The zero value is none.
type Severity uint8

// From the least to the most.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

var severityNames = [...]string{"", "low", "medium", "high", "critical"}

// String is the severity's name in JSON and in flags.
func (s Severity) String() string { return severityNames[s] }

// Severities lists them, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low} }

// ParseSeverity is the inverse of String.
func ParseSeverity(name string) (Severity, error) {
	for i, n := range severityNames {
		if n == strings.ToLower(name) && i > 0 {
			return Severity(i), nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q: want critical, high, medium or low", name)
}

// A Scope says what one evaluation of a control looks at.
type Scope uint8

// The three scopes.
const (
	Namespace Scope = iota + 1 // each space of the inventory by itself
	Tenant                     // all namespaces of the tenant together
	OfCluster                  // the cluster
)

var scopeNames = [...]string{"", "namespace", "tenant", "cluster"}

// String is the scope's name.
func (s Scope) String() string { return scopeNames[s] }

// A Control is one check: a value with its documents and its function.
type Control struct {
	ID       string   // kebab case, as in the catalogue
	Version  int      // raised when the same input can get another verdict
	Clauses  []string // full ids of the policy's clauses that a failure breaks
	Scope    Scope
	Severity Severity
	Params   []string          // ids of the policy's parameters that Run reads
	Needs    []inventory.Input // what a verdict rests on: a gap in one makes the namespace unknown, beside what was seen
	Wants    []inventory.Input // what is used when it is there
	// Overrules are the needs of which an object, were it seen, could make a pass a failure: with a gap in one of them in
	// its space, nothing there passes, and what would is unknown.
	Overrules []inventory.Input
	Reasons   []Reason // every reason that Run can give
	Docs      fs.FS    // doc.en.md and doc.fr.md
	// Texts are the documents by language, in place of Docs, of a control that was not built in.
	Texts map[string]*Doc
	// Keeps says of which kinds Run reads whole objects (kinds.Raws); nil: of none.
	Keeps func(group, kind string) bool
	Run   func(*Eval)
}

// A Reason is why a control says what it says of a subject.
type Reason struct {
	Key      string
	Verdict  Verdict  // the verdict that it explains
	Clauses  []string // those of the control's clauses that this reason fails; nil: all of them
	Severity Severity // 0: the control's
	// Running says of an unknown that no manifest can answer it: only a running cluster can.
	Running bool
}

// Inputs are the control's needs and wants.
func (c *Control) Inputs() []inventory.Input {
	return append(c.Needs[:len(c.Needs):len(c.Needs)], c.Wants...)
}

// ReasonOf finds the reason of that key, among the control's and the engine's own.
func (c *Control) ReasonOf(key string) (Reason, bool) {
	for _, r := range c.Reasons {
		if r.Key == key {
			return r, true
		}
	}
	for _, r := range engineReasons {
		if r.Key == key {
			return r, true
		}
	}
	return Reason{}, false
}

// The engine's own reasons: they need no document of a control.
const (
	ReasonGap    = "gap"            // an input could not be read whole
	ReasonBroken = "control-broken" // the control itself failed
)

var engineReasons = []Reason{{Key: ReasonGap, Verdict: Unknown}, {Key: ReasonBroken, Verdict: Unknown}}
