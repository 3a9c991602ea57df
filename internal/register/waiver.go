// Package register holds what a person decides by a date. A decision is judged at reading time, by the clock that
// is passed in: nothing here knows what time it is.
package register

import (
	"path"
	"time"
)

// A Waiver excuses findings until a moment: someone answers for them until then.
type Waiver struct {
	Control       string // id; required
	Subject       string // "Kind[.group] namespace/name", shell patterns allowed in namespace and name
	Part          string // "container NAME", "vulnerability ID"; empty: every part
	Vulnerability string // short for Part "vulnerability ID"
	Reason        string // in words; required
	Approver      string // who answers for it; required
	Expires       time.Time
	File          string // where it is written
	Line          int
}

// InForce reports whether the waiver counts at now. It ends the moment that it names: at that moment it has ended.
func (w Waiver) InForce(now time.Time) bool { return now.Before(w.Expires) }

// Covers reports whether the waiver is about this finding.
func (w Waiver) Covers(control, subject, part string) bool {
	want := w.Part
	if want == "" && w.Vulnerability != "" {
		want = "vulnerability " + w.Vulnerability
	}
	return w.Control == control && (want == "" || want == part) && matches(w.Subject, subject)
}

func matches(pattern, s string) bool {
	if pattern == s {
		return true
	}
	ok, err := path.Match(pattern, s)
	return ok && err == nil
}
