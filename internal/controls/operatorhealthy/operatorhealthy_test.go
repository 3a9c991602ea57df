package operatorhealthy

import (
	"encoding/json"
	"testing"

	"vigie/internal/control/controltest"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

// TestMinorOf holds the forms of a limit that are read, and those that are not.
func TestMinorOf(t *testing.T) {
	for value, want := range map[string]int{
		`"4.20"`: 20, `"4.9"`: 9, `"v4.8"`: 8, `"4.15.3"`: 15, `"\"4.12\""`: 12, `" 4.7 "`: 7, `"4.0"`: 0,
		`4.20`: -1, `4`: -1, `"4"`: -1, `"4."`: -1, `"latest"`: -1, `""`: -1, `"5.0"`: -1, `"4.-1"`: -1, `null`: -1, `{}`: -1, `["4.9"]`: -1,
		`"44.20"`: -1,
	} {
		got, ok := minorOf(json.RawMessage(value))
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%s: %d %t, want %d", value, got, ok, want)
		}
	}
}
