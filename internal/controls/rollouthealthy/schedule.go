package rollouthealthy

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones are read from the program: the machine that checks may have none

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
)

// parseSchedule reads a schedule as Kubernetes' controller does, by the same library: five fields or a macro, in the
// zone that the schedule itself begins with, else in spec.timeZone, else in UTC. The zone of this process never
// counts.
func parseSchedule(o *batchv1.CronJob) (cron.Schedule, error) {
	text := strings.TrimSpace(o.Spec.Schedule)
	zone := "UTC"
	if o.Spec.TimeZone != nil {
		zone = *o.Spec.TimeZone
	}
	if strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ=") {
		head, rest, _ := strings.Cut(text, " ")
		_, zone, _ = strings.Cut(head, "=")
		text = strings.TrimSpace(rest)
	}
	if zone == "" || strings.EqualFold(zone, "local") || strings.Contains(zone, " ") {
		return nil, fmt.Errorf("read schedule: %q is no time zone: want a name such as Europe/Paris", zone)
	}
	if strings.Contains(text, "TZ=") {
		return nil, fmt.Errorf("read schedule: a second time zone in %q", text)
	}
	return cron.ParseStandard("TZ=" + zone + " " + text)
}

// after is the moment at which n periods of the schedule have passed since t, the first of them the one in which t
// lies: for a daily schedule n days after t, whatever the hour of t. Zero: the schedule comes no more.
func after(sched cron.Schedule, t time.Time, n int) time.Time {
	begin := lastBefore(sched, t)
	at := begin
	for range n {
		if at = sched.Next(at); at.IsZero() {
			return time.Time{}
		}
	}
	return at.Add(t.Sub(begin))
}

// farBack bounds the search for the time before: no schedule that comes at all leaves a longer gap (29 February
// around a year 2100 that is no leap year).
const farBack = 9 * 366 * 24 * time.Hour

// lastBefore is the schedule's last time at or before t; t itself where there is none. The library only looks
// forward, so the search begins ever further back.
func lastBefore(sched cron.Schedule, t time.Time) time.Time {
	for back := time.Minute; back < farBack; back *= 4 {
		at := sched.Next(t.Add(-back))
		if at.IsZero() || at.After(t) {
			continue
		}
		for {
			next := sched.Next(at)
			if next.IsZero() || next.After(t) {
				return at
			}
			at = next
		}
	}
	return t
}
