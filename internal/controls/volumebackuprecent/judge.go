package volumebackuprecent

import (
	"slices"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// A job is what backs something up again and again, with the runs of it that were seen.
type job struct {
	created         time.Time // zero: not known
	paused, refused bool
	times           times
	runs            []attempt
	gaps            []inventory.Gap // lists in which a good run may stand that was not seen
}

// times are when the job runs: sched nil says that nothing but people start it.
type times struct {
	sched kinds.Schedule
	slack time.Duration // how much longer than its interval the schedule may leave between two runs
	text  string        // as it was written
	bad   bool          // it cannot be read
	gaps  []inventory.Gap
}

// readTimes reads a cron schedule; an empty one is none.
func readTimes(text string) times {
	if text == "" {
		return times{}
	}
	sched, err := kinds.ParseSchedule(text, "UTC")
	return times{sched: sched, text: text, bad: err != nil}
}

// An attempt is one run.
type attempt struct {
	name, state  string
	outcome      kinds.Outcome
	unread       bool // its state is none that is known: it may have succeeded
	began, ended time.Time
}

// judge holds the last good run, else the creation, against the time that may pass. A job that is paused gets no
// longer for it.
func (j *job) judge(e *control.Eval, s control.Subject) {
	slices.SortStableFunc(j.runs, func(a, b attempt) int { return a.began.Compare(b.began) })
	last := j.newest(func(a attempt) bool { return a.outcome == kinds.Succeeded })
	since := j.since(last)
	due, why := j.due(e, since)
	switch {
	case since.IsZero() && len(j.gaps) > 0:
		s.UnknownFor(j.gaps)
	case since.IsZero():
		s.Unknown("no-status", nil)
	case why != "" && len(j.times.gaps) > 0:
		s.UnknownFor(j.times.gaps)
	case why != "":
		s.Unknown(why, control.Values{"schedule": j.times.text})
	case e.Now().Before(due):
		s.Until(due).Pass()
	case j.maybe(e):
		newest := j.runs[len(j.runs)-1]
		s.Unknown("state-unread", control.Values{"run": newest.name, "state": newest.state})
	default:
		late := e.Param(grace).Duration()
		v := control.Values{"since": since, "limit": due.Add(-late).Sub(since), "grace": late}
		s.FailUnless(j.gaps, j.reason(e, last, v), v)
	}
}

// since is what the time is counted from: the last success, else the creation, else the first run that was seen.
func (j *job) since(last time.Time) time.Time {
	switch {
	case !last.IsZero():
		return last
	case j.created.IsZero() && len(j.runs) > 0:
		return j.runs[0].began
	}
	return j.created
}

// due is the moment, the grace included, at which a run must have succeeded once more; why is the reason for which
// there is none.
func (j *job) due(e *control.Eval, since time.Time) (due time.Time, why string) {
	late := e.Param(grace).Duration()
	if rpo := e.Param(recoveryPoint); rpo.Declared() {
		return since.Add(rpo.Duration() + late), ""
	}
	switch {
	case j.times.bad:
		return due, "bad-schedule"
	case j.times.sched != nil:
		due = kinds.Due(j.times.sched, since)
	}
	if due.IsZero() {
		return due, "no-interval"
	}
	return due.Add(j.times.slack + late), ""
}

// newest is the end of the last of the runs that are such; zero: none is.
func (j *job) newest(such func(attempt) bool) (last time.Time) {
	for _, r := range j.runs {
		if such(r) && r.ended.After(last) {
			last = r.ended
		}
	}
	return last
}

// maybe reports that a run whose state was not understood would, if it succeeded, be recent enough.
func (j *job) maybe(e *control.Eval) bool {
	last := j.newest(func(a attempt) bool { return a.unread })
	if last.IsZero() {
		return false
	}
	due, why := j.due(e, last)
	return why == "" && e.Now().Before(due)
}

// reason says why no run succeeded, and adds the newest run to the values.
func (j *job) reason(e *control.Eval, last time.Time, v control.Values) string {
	if len(j.runs) > 0 {
		newest := j.runs[len(j.runs)-1]
		v["run"], v["state"], v["began"] = newest.name, newest.state, newest.began
	}
	switch {
	case j.paused:
		return "paused"
	case j.refused:
		return "refused"
	case len(j.runs) == 0:
		return "never-ran"
	case j.stuck(e):
		return "stuck"
	case last.IsZero():
		return "never-succeeded"
	}
	return "overdue"
}

// stuck reports that the newest run has not ended, though it began longer ago than the grace.
func (j *job) stuck(e *control.Eval) bool {
	newest := j.runs[len(j.runs)-1]
	under := newest.outcome == kinds.Running || newest.outcome == kinds.Pending
	return under && e.Now().After(newest.began.Add(e.Param(grace).Duration()))
}
