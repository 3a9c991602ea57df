package kinds

import (
	"testing"
	"time"
)

// TestLongestInterval holds the longest ordinary interval: clocks that are put back make none longer.
func TestLongestInterval(t *testing.T) {
	from := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0 1 * * *": day, "0 1 * * 1-5": 3 * day, "@monthly": 31 * day, "@every 90m": 90 * time.Minute, "0 9,17 * * *": 16 * time.Hour,
		"CRON_TZ=Europe/Paris 30 2 * * *": day, "*/5 8-18 * * *": 13*time.Hour + 5*time.Minute, "0 0 30 2 *": 0, "@yearly": 365 * day,
		"0 0 29 2 *": 4*365*day + day, "0 0 31 * *": 61 * day,
	} {
		sched, err := ParseSchedule(text, "UTC")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := LongestInterval(sched, from); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	full, _ := ParseSchedule("0 1 * * 0", "UTC")
	rest, _ := ParseSchedule("0 1 * * 1-6", "UTC")
	if got := LongestInterval(Merged{full, rest}, from); got != day {
		t.Errorf("a full backup a week and an incremental one on each other day: %s, want a day", got)
	}
	if got := LongestInterval(Merged{}, from); got != 0 {
		t.Errorf("no schedule at all: %s", got)
	}
}

// TestDue holds the night on which 02:30 does not exist in Paris.
func TestDue(t *testing.T) {
	sched, err := ParseSchedule("30 2 * * *", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for last, want := range map[string]string{
		"2027-03-27T01:40:00Z": "2027-03-29T00:30:00Z", "2027-03-29T00:40:00Z": "2027-03-30T00:40:00Z",
		"2026-10-24T00:40:00Z": "2026-10-25T00:40:00Z",
	} {
		at, err := time.Parse(time.RFC3339, last)
		if err != nil {
			t.Fatal(err)
		}
		if got := Due(sched, at).UTC().Format(time.RFC3339); got != want {
			t.Errorf("after %s: %s, want %s", last, got, want)
		}
	}
}

// TestSecondsFirst holds the trap of CloudNativePG's schedules: five fields begin with the second there.
func TestSecondsFirst(t *testing.T) {
	from := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"0 0 1 * * *": 24 * time.Hour, "0 0 * * *": time.Hour, "@daily": 24 * time.Hour} {
		sched, err := ParseScheduleWithSeconds(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := LongestInterval(sched, from); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestKastenSchedules holds that a sub-frequency counts for its own frequency alone, and what a window adds.
func TestKastenSchedules(t *testing.T) {
	from := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	all := &KastenSubFrequency{Minutes: []int{0, 30}, Hours: []int{2, 14}, Weekdays: []int{0, 3}, Days: []int{1}, Months: []int{1}}
	night := &KastenWindow{Start: KastenMoment{Hour: 22}, End: KastenMoment{Hour: 6}}
	for _, c := range []struct {
		f           KastenFrequency
		want, slack time.Duration
	}{
		{KastenFrequency{Frequency: "@hourly"}, time.Hour, 0},
		{KastenFrequency{Frequency: "@hourly", SubFrequency: all}, 30 * time.Minute, 0},
		{KastenFrequency{Frequency: "@daily", SubFrequency: all}, 11*time.Hour + 30*time.Minute, 0},
		{KastenFrequency{Frequency: "@weekly", SubFrequency: all}, 3*24*time.Hour + 11*time.Hour + 30*time.Minute, 0},
		{KastenFrequency{Frequency: "@monthly"}, 31 * 24 * time.Hour, 0},
		{KastenFrequency{Frequency: "@monthly", SubFrequency: &KastenSubFrequency{Days: []int{99}}}, 31 * 24 * time.Hour, 0},
		{KastenFrequency{Frequency: "@hourly", BackupWindow: night}, time.Hour, 16 * time.Hour},
		{KastenFrequency{Frequency: "@daily", BackupWindow: night}, 24 * time.Hour, 8 * time.Hour},
	} {
		sched, slack, err := c.f.Schedule()
		if err != nil {
			t.Errorf("%+v: %v", c.f, err)
		} else if got := LongestInterval(sched, from); got != c.want || slack != c.slack {
			t.Errorf("%s: %s and %s, want %s and %s", c.f.Frequency, got, slack, c.want, c.slack)
		}
	}
	if sched, _, err := (KastenFrequency{Frequency: "@onDemand"}).Schedule(); sched != nil || err != nil {
		t.Errorf("on demand: %v %v", sched, err)
	}
	if _, _, err := (KastenFrequency{Frequency: "@fortnightly"}).Schedule(); err == nil {
		t.Error("@fortnightly was read")
	}
}
