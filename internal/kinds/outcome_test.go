package kinds

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestOutcomes lists every state that the documents of the backup tools know. Only those marked success count as one,
// and a state that nobody lists never does.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name  string
		table map[string]Outcome
		want  map[Outcome]string
	}{
		{"Kasten action", KastenActionStates, map[Outcome]string{
			Pending: "Pending", Running: "Running AttemptFailed", Failed: "Failed Cancelled", Succeeded: "Complete", Other: "Skipped Deleting",
		}},
		{"Kasten policy", KastenValidationStates, map[Outcome]string{Pending: "Pending", Succeeded: "Success", Failed: "Failed"}},
		{"Velero backup", VeleroBackupPhases, map[Outcome]string{
			Pending:   "New Queued ReadyToStart",
			Running:   "InProgress WaitingForPluginOperations WaitingForPluginOperationsPartiallyFailed Finalizing FinalizingPartiallyFailed",
			Succeeded: "Completed", Failed: "FailedValidation PartiallyFailed Failed", Other: "Deleting",
		}},
		{"Velero schedule", VeleroSchedulePhases, map[Outcome]string{Pending: "New", Succeeded: "Enabled", Failed: "FailedValidation"}},
		{"Velero location", VeleroLocationPhases, map[Outcome]string{Succeeded: "Available", Failed: "Unavailable"}},
		{"Velero data", VeleroDataPhases, map[Outcome]string{
			Pending: "New Accepted Prepared", Running: "InProgress Canceling", Failed: "Canceled Failed", Succeeded: "Completed",
		}},
		{"VolSync mover", VolSyncResults, map[Outcome]string{Succeeded: "Successful", Failed: "Failed"}},
		{"CloudNativePG backup", CNPGBackupPhases, map[Outcome]string{
			Pending: "pending", Running: "started running finalizing", Succeeded: "completed", Failed: "failed walArchivingFailing",
		}},
	} {
		var listed []string
		for outcome, states := range c.want {
			for _, s := range strings.Fields(states) {
				listed = append(listed, s)
				if got := c.table[s]; got != outcome {
					t.Errorf("%s %s is %s, want %s", c.name, s, got, outcome)
				}
			}
		}
		slices.Sort(listed)
		if got := slices.Sorted(maps.Keys(c.table)); !slices.Equal(got, listed) {
			t.Errorf("%s: the table holds %v, the test %v", c.name, got, listed)
		}
		for _, s := range []string{"", "Unheard", "complete", "COMPLETED", "Success ", "succeeded"} {
			if c.table[s] != Other {
				t.Errorf("%s: the unknown state %q is %s", c.name, s, c.table[s])
			}
		}
	}
}

// TestCompleteWithExceptions holds what a state alone does not say.
func TestCompleteWithExceptions(t *testing.T) {
	for status, want := range map[string]Outcome{
		`{"state":"Complete"}`: Succeeded, `{"state":"Complete","exceptions":[]}`: Succeeded,
		`{"state":"Complete","exceptions":null}`:                           Succeeded,
		`{"state":"Complete","exceptions":[{"message":"volume skipped"}]}`: Failed,
		`{"state":"Complete","exceptions":["volume skipped"]}`:             Failed,
		`{"state":"Running","endTime":null}`:                               Running,
		`{"state":"Failed","exceptions":[]}`:                               Failed,
		`{"state":"Skipped"}`:                                              Other,
		`{"state":"Renamed"}`:                                              Other,
		`{}`:                                                               Other,
	} {
		var a KastenAction
		if err := Decode([]byte(`{"status":`+status+`}`), &a); err != nil {
			t.Errorf("%s: %v", status, err)
		} else if got := a.Outcome(); got != want {
			t.Errorf("%s is %s, want %s", status, got, want)
		}
	}
}
