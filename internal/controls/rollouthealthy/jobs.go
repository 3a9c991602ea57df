package rollouthealthy

import (
	"cmp"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// job judges a Job that no CronJob made.
func job(s control.Subject, o *batchv1.Job) {
	for _, c := range o.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case batchv1.JobFailed, batchv1.JobFailureTarget: // the second stands until its last pods have gone
			s.Fail("job-failed", control.Values{"why": cmp.Or(c.Reason, string(c.Type))})
			return
		case batchv1.JobComplete, batchv1.JobSuccessCriteriaMet:
			s.Pass()
			return
		case batchv1.JobSuspended: // so does the spec
		}
	}
	switch {
	case o.Spec.Suspend != nil && *o.Spec.Suspend:
		s.NotApplicable()
	case o.Status.StartTime == nil && o.Status.Active == 0:
		s.Unknown("no-status", nil)
	default:
		s.Pass() // it runs
	}
}

// cronJob judges by the last success, else by the creation: a CronJob whose jobs fail, or are never started, looks
// well otherwise. A single job that failed is no fault yet.
func cronJob(e *control.Eval, s control.Subject, o *batchv1.CronJob) {
	if o.Spec.Suspend != nil && *o.Spec.Suspend {
		s.NotApplicable()
		return
	}
	s = s.At("spec", "schedule")
	sched, err := parseSchedule(o)
	if err != nil {
		s.Unknown("bad-schedule", control.Values{"schedule": o.Spec.Schedule})
		return
	}
	last := o.CreationTimestamp.Time
	if o.Status.LastSuccessfulTime != nil {
		last = o.Status.LastSuccessfulTime.Time
	}
	if last.IsZero() {
		s.Unknown("no-status", nil)
		return
	}
	n := e.Param(missedPeriods).Int()
	end := kinds.Periods(sched, last, n)
	switch {
	case end.IsZero():
		s.NotApplicable() // a date that never comes, such as 30 February: started by hand alone
	case e.Now().Before(end):
		s.Until(end).Pass()
	default:
		s.Fail("job-overdue", control.Values{"last": last, "n": n})
	}
}
