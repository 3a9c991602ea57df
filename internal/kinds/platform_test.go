package kinds

import (
	"testing"
	"time"

	"vigie/internal/inventory"
)

func TestRunningMinor(t *testing.T) {
	for _, c := range []struct {
		name    string
		history []VersionUpdate
		want    int
	}{
		{"no history", nil, 0},
		{"the newest that ended", []VersionUpdate{{State: "Completed", Version: "4.16.8"}, {State: "Completed", Version: "4.15.1"}}, 29},
		{"an update under way", []VersionUpdate{{State: "Partial", Version: "4.17.0"}, {State: "Completed", Version: "4.16.8"}}, 29},
		{"none that ended", []VersionUpdate{{State: "Partial", Version: "4.17.0"}}, 0},
		{"before 4.6", []VersionUpdate{{State: "Completed", Version: "4.5.1"}}, 0},
		{"a nightly build", []VersionUpdate{{State: "Completed", Version: "4.16.0-0.nightly-2024-05-01"}}, 29},
		{"something else", []VersionUpdate{{State: "Completed", Version: "next"}}, 0},
	} {
		b := inventory.NewBuilder("", time.Time{}, inventory.Complete)
		v := &ClusterVersion{}
		v.Status.History = c.history
		ClusterVersions.Add(b, inventory.Item[ClusterVersion]{Ref: inventory.Ref{Group: "config.openshift.io", Kind: "ClusterVersion", Name: "version"}, Object: v})
		if got := RunningMinor(b.Freeze()); got != c.want {
			t.Errorf("%s: 1.%d, want 1.%d", c.name, got, c.want)
		}
	}
	if got := RunningMinor(inventory.NewBuilder("", time.Time{}, inventory.Complete).Freeze()); got != 0 {
		t.Errorf("nothing was seen: 1.%d", got)
	}
}
