package control

import "testing"

func TestNewest(t *testing.T) {
	v := func(minor int) Version {
		if minor == 0 {
			return Version{}
		}
		return Version{1, minor}
	}
	for _, c := range []struct{ cluster, target, want int }{
		{0, 0, 0}, {31, 0, 31}, {0, 33, 33}, {31, 33, 33}, {33, 33, 33},
		{33, 31, 33}, // announced once, and passed since
	} {
		if got := (Settings{Cluster: v(c.cluster), Target: v(c.target)}).Newest(); got != v(c.want) {
			t.Errorf("running %s, to come %s: %s, want %s", v(c.cluster), v(c.target), got, v(c.want))
		}
	}
}
