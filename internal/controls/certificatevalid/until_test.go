package certificatevalid

import (
	"crypto/x509"
	"testing"
	"time"
)

// TestUntil holds when time alone changes what is said of a certificate, and that nothing changes before.
func TestUntil(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	c := &x509.Certificate{NotBefore: day(0), NotAfter: day(90)}
	for _, step := range []struct {
		now    time.Time
		reason string
		until  time.Time
	}{
		{day(-1), "not-yet-valid", day(0).Add(-5 * time.Minute)},
		{day(0).Add(-5 * time.Minute), "", day(69)},
		{day(69).Add(-time.Second), "", day(69)},
		{day(69), "expires-soon", day(90).Add(time.Second)},
		{day(90), "expires-soon", day(90).Add(time.Second)},
		{day(90).Add(time.Second), "expired", time.Time{}},
	} {
		j := judge{now: step.now, skew: 5 * time.Minute, remaining: 21 * 24 * time.Hour}
		reason := ""
		if f := j.life(c); len(f) > 0 {
			reason = f[0].reason
		}
		if got := j.until(c); reason != step.reason || !got.Equal(step.until) {
			t.Errorf("at %s: %q until %s, want %q until %s", step.now, reason, got, step.reason, step.until)
		}
	}
}

// TestThird holds that a third of a short life counts where it is less than the parameter.
func TestThird(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	j := judge{remaining: 21 * 24 * time.Hour}
	for life, left := range map[time.Duration]time.Duration{
		6 * time.Hour: 2 * time.Hour, 63 * 24 * time.Hour: 21 * 24 * time.Hour, 900 * 24 * time.Hour: 21 * 24 * time.Hour,
	} {
		if due := j.due(&x509.Certificate{NotBefore: from, NotAfter: from.Add(life)}); !due.Equal(from.Add(life - left)) {
			t.Errorf("a life of %s: due %s before its end, want %s", life, from.Add(life).Sub(due), left)
		}
	}
}
