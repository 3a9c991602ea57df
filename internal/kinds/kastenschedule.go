package kinds

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// kastenTimes are the fields of a cron schedule that each frequency of Kasten leaves open (docs.kasten.io, Policy
// Scheduling): a field that a sub-frequency may fill has the value that stands without one, the others are *.
var kastenTimes = map[string][5]string{
	"@hourly": {"0", "*", "*", "*", "*"}, "@daily": {"0", "0", "*", "*", "*"}, "@weekly": {"0", "0", "*", "*", "0"},
	"@monthly": {"0", "0", "1", "*", "*"}, "@yearly": {"0", "0", "1", "1", "*"},
}

// Schedule is when the policy runs, in UTC, and how much longer than the schedule's own interval a run may be away for
// the window that it is bound to. nil: no schedule, the policy runs on demand.
func (f KastenFrequency) Schedule() (sched Schedule, slack time.Duration, err error) {
	if f.Frequency == "" || f.Frequency == "@onDemand" {
		return nil, 0, nil
	}
	fields, known := kastenTimes[f.Frequency]
	if !known {
		return nil, 0, fmt.Errorf("read frequency: %q is none of Kasten's: want @hourly, @daily, @weekly, @monthly or @yearly", f.Frequency)
	}
	bare := strings.Join(fields[:], " ")
	if s := f.SubFrequency; s != nil {
		for i, list := range [][]int{s.Minutes, s.Hours, s.Days, s.Months, s.Weekdays} {
			if fields[i] != "*" && len(list) > 0 { // forms list every field, those of other frequencies too
				fields[i] = numbers(list)
			}
		}
	}
	if sched, err = ParseSchedule(strings.Join(fields[:], " "), "UTC"); err != nil {
		sched, err = ParseSchedule(bare, "UTC") // a day that cron does not know, such as the last of a month
	}
	if w := f.BackupWindow; w != nil {
		slack = w.Length() // the run begins somewhere in it
		if f.Frequency == "@hourly" {
			slack = 24*time.Hour - slack // none begins outside of it
		}
	}
	return sched, slack, err
}

func numbers(list []int) string {
	var out []string
	for _, n := range list {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ",")
}
