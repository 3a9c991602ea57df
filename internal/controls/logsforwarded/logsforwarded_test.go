package logsforwarded

import (
	"fmt"
	"testing"

	"vigie/internal/control/controltest"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

// TestStates holds the table of states: each status of each condition of both API groups, the absent one too, on a
// forwarder of which everything else is well. Only a condition that says so may pass.
func TestStates(t *testing.T) {
	type form struct {
		legacy                         bool
		at                             string // the part, or empty for the whole
		condition                      string
		isTrue, isFalse, isUnknown, no string
	}
	const ok, unclear = "", "state-unclear"
	forms := []form{
		{false, "", "Ready", ok, "not-ready", unclear, unclear},
		{false, "", "Valid", ok, "not-valid", unclear, unclear},
		{false, "", "Authorized", ok, "not-authorized", unclear, unclear},
		{false, "pipeline p", "ValidPipeline", ok, "not-valid", unclear, ok},
		{false, "input i", "ValidInput", ok, "not-valid", unclear, ok},
		{false, "output o", "ValidOutput", ok, "not-valid", unclear, ok},
		{false, "filter f", "ValidFilter", ok, "not-valid", unclear, ok},
		{true, "", "Ready", ok, "not-ready", unclear, unclear},
		{true, "", "Validation", "not-valid", ok, unclear, ok},
		{true, "", "Degraded", "not-ready", ok, unclear, ok},
		{true, "", "CollectorDeadEnd", "not-ready", ok, unclear, ok},
		{true, "pipeline p", "Ready", ok, "not-valid", unclear, ok},
		{true, "input i", "Ready", ok, "not-valid", unclear, ok},
		{true, "output o", "Ready", ok, "not-valid", unclear, ok},
		{true, "filter f", "Ready", ok, "not-valid", unclear, ok},
		{true, "pipeline p", "Validation", "not-valid", ok, unclear, ok},
		{true, "input i", "Validation", "not-valid", ok, unclear, ok},
		{true, "output o", "Validation", "not-valid", ok, unclear, ok},
		{true, "filter f", "Validation", "not-valid", ok, unclear, ok},
	}
	covered := map[string]bool{}
	for _, f := range forms {
		covered[fmt.Sprint(f.legacy, f.at != "", f.condition)] = true
		for status, want := range map[string]string{"True": f.isTrue, "False": f.isFalse, "Unknown": f.isUnknown, "Sometimes": f.isUnknown, "": f.no} {
			o := healthy(f.legacy)
			set(o, f.at, f.condition, status)
			got := worse(stateOf(o), pipelineState(o, 0))
			if got.reason != want || (got.health == working) != (want == ok) {
				t.Errorf("legacy %v, %q %s=%q: %q, want %q", f.legacy, f.at, f.condition, status, got.reason, want)
			}
		}
	}
	for _, r := range rules {
		if !covered[fmt.Sprint(r.legacy, r.part, r.condition)] {
			t.Errorf("the rule for %s (legacy %v, part %v) is not tested", r.condition, r.legacy, r.part)
		}
	}
}

// TestNoStatus: what nobody wrote a status of never works, nor what is not managed, nor what changed since.
func TestNoStatus(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		f := healthy(legacy)
		f.Conditions, f.Parts = nil, nil
		if got := stateOf(f); got.health != unclear || got.reason != "no-status" {
			t.Errorf("legacy %v, no status: %+v", legacy, got)
		}
		f = healthy(legacy)
		f.Object.ManagementState = "Unmanaged"
		if got := stateOf(f); got.health != unclear || got.reason != "unmanaged" {
			t.Errorf("legacy %v, unmanaged: %+v", legacy, got)
		}
		f = healthy(legacy)
		f.Generation = 3
		f.Conditions[0].ObservedGeneration = 2
		if got := stateOf(f); got.health != unclear || got.reason != "status-old" {
			t.Errorf("legacy %v, older generation: %+v", legacy, got)
		}
		f.Conditions[0].ObservedGeneration = 3
		if got := stateOf(f); got.health != working {
			t.Errorf("legacy %v, this generation: %+v", legacy, got)
		}
	}
}

// TestOtherPart: a fault of a part that the pipeline does not use is not the pipeline's.
func TestOtherPart(t *testing.T) {
	f := healthy(false)
	set(f, "output other", "ValidOutput", "False")
	if got := pipelineState(f, 0); got.health != working {
		t.Errorf("%+v", got)
	}
}

func healthy(legacy bool) *kinds.Forwarder {
	f := &kinds.Forwarder{
		Item: inventory.Item[kinds.LogForwarderSpec]{Object: &kinds.LogForwarderSpec{Pipelines: []kinds.LogPipeline{
			{Name: "p", InputRefs: []string{"i"}, OutputRefs: []string{"o"}, FilterRefs: []string{"f"}},
		}}},
		Legacy: legacy, Parts: map[string][]kinds.ForwarderCondition{},
	}
	set(f, "", "Ready", "True")
	if legacy {
		for _, part := range []string{"pipeline p", "input i", "output o", "filter f"} {
			set(f, part, "Ready", "True")
		}
		return f
	}
	set(f, "", "Valid", "True")
	set(f, "", "Authorized", "True")
	set(f, "pipeline p", "ValidPipeline", "True")
	set(f, "input i", "ValidInput", "True")
	set(f, "output o", "ValidOutput", "True")
	set(f, "filter f", "ValidFilter", "True")
	return f
}

// set writes a condition of the whole or of a part; an empty status takes it away.
func set(f *kinds.Forwarder, part, kind, status string) {
	cs := f.Conditions
	if part != "" {
		cs = f.Parts[part]
	}
	var out []kinds.ForwarderCondition
	for _, c := range cs {
		if c.Type != kind {
			out = append(out, c)
		}
	}
	if status != "" {
		out = append(out, kinds.ForwarderCondition{Type: kind, Status: status})
	}
	if part == "" {
		f.Conditions = out
		return
	}
	f.Parts[part] = out
}
