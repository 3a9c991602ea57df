package quotaheadroom

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"vigie/internal/control/controltest"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

// TestBeyond: the bound itself is not beyond it, whatever the unit; nothing is beyond a share of nothing.
func TestBeyond(t *testing.T) {
	for _, c := range []struct {
		used, hard string
		share      float64
		want       bool
		percent    int
	}{
		{"17", "20", 0.85, false, 85},
		{"18", "20", 0.85, true, 90},
		{"8500m", "10", 0.85, false, 85},
		{"8501m", "10", 0.85, true, 85},
		{"850Mi", "1000Mi", 0.85, false, 85},
		{"871Mi", "1Gi", 0.85, true, 85},
		{"870Mi", "1Gi", 0.85, false, 84},
		{"1", "1", 0.85, true, 100},
		{"0", "0", 0.85, false, 100},
		{"1", "0", 0.85, true, 100},
		{"0", "10", 0.85, false, 0},
		{"10", "10", 1, false, 100},
		{"11", "10", 1, true, 110},
		{"8500000000000000000001n", "10000000000000", 0.85, true, 85}, // more digits than 64 bits hold
		{"79.55", "100", 0.795, true, 79},
	} {
		used, hard := resource.MustParse(c.used), resource.MustParse(c.hard)
		if got := beyond(used, hard, c.share); got != c.want {
			t.Errorf("%s of %s beyond %v: %v", c.used, c.hard, c.share, got)
		}
		if got := percent(used, hard); got != c.percent {
			t.Errorf("%s of %s: %d %%, want %d", c.used, c.hard, got, c.percent)
		}
	}
}
