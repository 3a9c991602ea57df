// Package databasebackedup checks that every database cluster backs itself up on a schedule, and lately did.
package databasebackedup

import (
	"embed"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const (
	recoveryPoint = "recovery-point"
	grace         = "backup-grace"
)

// Control is the check.
var Control = &control.Control{
	ID:       "database-backed-up",
	Version:  1,
	Clauses:  []string{"MCO.BKP.T1"},
	Scope:    control.Namespace,
	Severity: control.Critical,
	Params:   []string{recoveryPoint, grace},
	Needs:    []inventory.Input{kinds.CNPGClusters, kinds.CNPGScheduledBackups, kinds.CNPGBackups, kinds.PostgresClusters},
	Reasons: []control.Reason{
		{Key: "no-schedule", Verdict: control.Fail},
		{Key: "suspended", Verdict: control.Fail},
		{Key: "never-succeeded", Verdict: control.Fail},
		{Key: "overdue", Verdict: control.Fail},
		{Key: "stuck", Verdict: control.Fail},
		{Key: "bad-schedule", Verdict: control.Unknown},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	cloudNative(e)
	for _, it := range kinds.PostgresClusters.In(e.View) {
		if !kinds.PlatformOwned(it.Ref.Kind, &it.Object.ObjectMeta) {
			crunchy(e, it)
		}
	}
}

// A database is a cluster with what is known of its backups.
type database struct {
	created    time.Time
	sched      kinds.Merged
	unreadable string // a schedule that cannot be read; empty: none
	last       time.Time
	newest     attempt
	gaps       []inventory.Gap // lists in which a good backup may stand that was not seen
}

// An attempt is one backup.
type attempt struct {
	outcome      kinds.Outcome
	began, ended time.Time
}

// add takes a backup in.
func (d *database) add(a attempt) {
	if a.outcome == kinds.Succeeded && a.ended.After(d.last) {
		d.last = a.ended
	}
	if !a.began.Before(d.newest.began) {
		d.newest = a
	}
}

// schedule takes a schedule in, as it was read.
func (d *database) schedule(text string, sched kinds.Schedule, err error) {
	if err != nil {
		d.unreadable = text
		return
	}
	d.sched = append(d.sched, sched)
}

// judge holds the last good backup, else the creation, against the time that may pass. That a schedule exists was seen.
func (d *database) judge(e *control.Eval, s control.Subject) {
	since, late := d.last, e.Param(grace).Duration()
	if since.IsZero() {
		since = d.created
	}
	due, ok := d.due(e, since)
	switch {
	case since.IsZero() && len(d.gaps) > 0:
		s.UnknownFor(d.gaps)
	case since.IsZero():
		s.Unknown("no-status", nil)
	case !ok:
		s.Unknown("bad-schedule", control.Values{"schedule": d.unreadable})
	case e.Now().Before(due.Add(late)):
		s.Until(due.Add(late)).Pass()
	default:
		v := control.Values{"since": since, "limit": due.Sub(since), "grace": late, "began": d.newest.began}
		s.FailUnless(d.gaps, d.reason(e, late), v)
	}
}

// due is the moment at which a backup must have succeeded once more. The schedules of a cluster count together: a full
// backup a week and an incremental one on each other day make a daily one.
func (d *database) due(e *control.Eval, since time.Time) (time.Time, bool) {
	if rpo := e.Param(recoveryPoint); rpo.Declared() {
		return since.Add(rpo.Duration()), true
	}
	due := kinds.Due(d.sched, since)
	return due, !due.IsZero()
}

func (d *database) reason(e *control.Eval, late time.Duration) string {
	under := d.newest.outcome == kinds.Running || d.newest.outcome == kinds.Pending
	switch {
	case under && !d.newest.began.IsZero() && e.Now().After(d.newest.began.Add(late)):
		return "stuck"
	case d.last.IsZero():
		return "never-succeeded"
	}
	return "overdue"
}
