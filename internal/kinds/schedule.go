package kinds

import (
	"fmt"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones are read from the program: the machine that checks may have none

	"github.com/robfig/cron/v3"
)

// A Schedule gives the times of a cron schedule, by the library that Kubernetes, Velero, VolSync and CloudNativePG
// themselves use.
type Schedule = cron.Schedule

// ParseSchedule reads a schedule as Kubernetes' CronJob controller does: five fields or a macro, in the zone that the
// schedule itself begins with, else in zone, an IANA name. The zone of this process never counts.
func ParseSchedule(text, zone string) (Schedule, error) {
	return parseSchedule(cron.ParseStandard, text, zone)
}

// secondsFirst reads schedules as CloudNativePG does (cloudnative-pg/cloudnative-pg, docs/src/backup.md): seconds come
// first, and the day of the week may be left out.
var secondsFirst = cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.DowOptional | cron.Descriptor)

// ParseScheduleWithSeconds reads a schedule whose first field is the second, in UTC.
func ParseScheduleWithSeconds(text string) (Schedule, error) {
	return parseSchedule(secondsFirst.Parse, text, "UTC")
}

func parseSchedule(parse func(string) (cron.Schedule, error), text, zone string) (Schedule, error) {
	text = strings.TrimSpace(text)
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
	loc, err := location(zone)
	if err != nil {
		return nil, fmt.Errorf("read schedule: %w", err)
	}
	sched, err := parse(text)
	if spec, ok := sched.(*cron.SpecSchedule); ok {
		spec.Location = loc
	}
	return sched, err
}

// zones keeps the locations that were read: the library would read one anew for each schedule.
var zones sync.Map

func location(zone string) (*time.Location, error) {
	if loc, ok := zones.Load(zone); ok {
		return loc.(*time.Location), nil
	}
	loc, err := time.LoadLocation(zone)
	if err == nil {
		zones.Store(zone, loc)
	}
	return loc, err
}

// Periods is the moment at which n periods of the schedule have passed since t, the first of them the one in which t
// lies: for a daily schedule n days after t, whatever the hour of t. Zero: the schedule comes no more.
func Periods(sched Schedule, t time.Time, n int) time.Time {
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
func lastBefore(sched Schedule, t time.Time) time.Time {
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

const (
	oneYear   = 366 * 24 * time.Hour
	manyTimes = 50_000 // a schedule of every minute shows its longest gap in a month
)

// LongestInterval is the longest time between two runs of the schedule, over the year after from and two runs at
// least: three days for the nights of weekdays, 31 for a monthly one. Clocks that are put forward or back make no
// interval longer: it is counted in UTC. 0: the schedule never comes twice.
func LongestInterval(sched Schedule, from time.Time) (longest time.Duration) {
	sched = inUTC(sched)
	at := sched.Next(from.UTC())
	for end, n := from.Add(oneYear), 0; !at.IsZero() && n < manyTimes && (at.Before(end) || longest == 0); n++ {
		next := sched.Next(at)
		if next.IsZero() {
			break
		}
		longest = max(longest, next.Sub(at))
		at = next
	}
	return longest
}

func inUTC(sched Schedule) Schedule {
	switch s := sched.(type) {
	case *cron.SpecSchedule:
		utc := *s
		utc.Location = time.UTC
		return &utc
	case Merged:
		out := make(Merged, len(s))
		for i := range s {
			out[i] = inUTC(s[i])
		}
		return out
	}
	return sched
}

// Merged are several schedules as one: it comes whenever one of them does.
type Merged []Schedule

// Next implements Schedule.
func (m Merged) Next(t time.Time) (first time.Time) {
	for _, s := range m {
		if at := s.Next(t); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// Due is the moment at which a run must have succeeded once more after a success (or the creation) at last: after the
// schedule's longest ordinary interval, and never before the schedule has come once since. A time of the day that the
// change to summer time leaves out is so not missed. Zero: the schedule never comes twice.
func Due(sched Schedule, last time.Time) time.Time {
	longest := LongestInterval(sched, last)
	if longest == 0 {
		return time.Time{}
	}
	due := last.Add(longest)
	if next := sched.Next(last); next.After(due) {
		return next
	}
	return due
}
