package lang

import (
	"fmt"
	"strings"
	"time"
)

// months are the short and the long names, as CLDR has them for British English and French.
var months = map[Lang][2][]string{
	English: {
		strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec"),
		strings.Fields("January February March April May June July August September October November December"),
	},
	French: {
		strings.Fields("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
		strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
	},
}

// Moment writes a moment with its zone: "25 Nov 2026, 09:42 UTC+1", "25 nov. 2026, 09:42 UTC+1".
func (l Lang) Moment(t time.Time) string {
	return fmt.Sprintf("%d %s %d, %s %s", t.Day(), l.month(t, 0), t.Year(), t.Format("15:04"), Zone(t))
}

// End writes the moment at which something ends. A last moment of a day, or a midnight, is written as the last day
// that it holds; any other with its time and zone.
func (l Lang) End(t time.Time) string {
	if last := t.Add(-time.Nanosecond); t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return l.Day(last) + zoneUnlessUTC(t)
	}
	if t.Hour() == 23 && t.Minute() == 59 && t.Second() == 59 {
		return l.Day(t) + zoneUnlessUTC(t)
	}
	return l.Moment(t)
}

func zoneUnlessUTC(t time.Time) string {
	if z := Zone(t); z != "UTC" {
		return " (" + z + ")"
	}
	return ""
}

// Day writes a date in full: "31 December 2026", "1er janvier 2027".
func (l Lang) Day(t time.Time) string {
	day := fmt.Sprint(t.Day())
	if l == French && t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %d", day, l.month(t, 1), t.Year())
}

func (l Lang) month(t time.Time, form int) string { return months[Of(string(l))][form][t.Month()-1] }

// Zone names a moment's zone by its distance from UTC: "UTC", "UTC+1", "UTC-3:30".
func Zone(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	if minutes := seconds / 60 % 60; minutes != 0 {
		return fmt.Sprintf("UTC%s%d:%02d", sign, seconds/3600, minutes)
	}
	return fmt.Sprintf("UTC%s%d", sign, seconds/3600)
}

// units are those that a duration is written in.
var units = []struct {
	length time.Duration
	en, fr string
}{
	{24 * time.Hour, "{n} {n|day|days}", "{n} {n|jour|jours}"},
	{time.Hour, "{n} {n|hour|hours}", "{n} {n|heure|heures}"},
	{time.Minute, "{n} {n|minute|minutes}", "{n} {n|minute|minutes}"},
	{time.Second, "{n} {n|second|seconds}", "{n} {n|seconde|secondes}"},
}

// Duration writes a length of time in its two largest units: "21 days", "1 hour 30 minutes". One day alone is written
// in hours, as contracts do. What is below a second is written in milliseconds.
func (l Lang) Duration(d time.Duration) string {
	if d < 0 {
		return "-" + l.Duration(-d)
	}
	if d < time.Second {
		return l.Decimal(float64(d)/float64(time.Millisecond), 1) + "\u00a0ms"
	}
	var parts []string
	for i, u := range units {
		if i == 0 && d == 24*time.Hour {
			continue
		}
		n := d / u.length
		if n == 0 && len(parts) == 0 {
			continue
		}
		if n > 0 {
			parts = append(parts, Fill(l, l.T(u.en, u.fr), map[string]any{"n": int64(n)}))
		}
		d -= n * u.length
		if len(parts) == 2 || d < u.length && len(parts) == 1 && n == 0 {
			break
		}
	}
	return strings.Join(parts, " ")
}
