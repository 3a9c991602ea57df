package posture_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/policy"
	"vigie/internal/posture"
	"vigie/internal/register"
)

var t0 = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

// clauseOwned is the only control of the clause RACI: with it alone every state can be reached.
func clauseOwned() *control.Control {
	return &control.Control{
		ID: "clause-owned", Version: 1, Clauses: []string{"RACI"}, Params: []string{"replicas-minimum"},
		Reasons: []control.Reason{{Key: "no-owner", Verdict: control.Fail}},
	}
}

func finding(c *control.Control, v control.Verdict, name string) *control.Finding {
	return &control.Finding{Control: c, Verdict: v, Subject: inventory.Ref{Kind: "Clause", Name: name}}
}

func fold(t *testing.T, dec posture.Decisions, now time.Time, cs []*control.Control, fs ...*control.Finding) map[string]posture.Clause {
	t.Helper()
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	f := posture.New(p, cs, dec, now)
	for _, fi := range fs {
		f.Add(fi)
	}
	out := map[string]posture.Clause{}
	for _, c := range f.Clauses() {
		out[c.ID] = c
	}
	if len(out) != len(p.Clauses) {
		t.Fatalf("%d clauses, want all %d", len(out), len(p.Clauses))
	}
	return out
}

func TestStates(t *testing.T) {
	c := clauseOwned()
	waive := register.Waiver{Control: "clause-owned", Subject: "Clause a", Reason: "r", Approver: "x", Expires: t0.Add(time.Hour)}
	pass, fail, unknown, na := finding(c, control.Pass, "b"), finding(c, control.Fail, "a"), finding(c, control.Unknown, "a"), finding(c, control.NotApplicable, "n")
	ended := finding(c, control.Pass, "b")
	ended.Until = t0
	for _, x := range []struct {
		name  string
		dec   posture.Decisions
		fs    []*control.Finding
		state posture.State
		cause posture.Cause
	}{
		{"nothing said", posture.Decisions{}, nil, posture.Unknown, posture.NeedsRecords},
		{"passes", posture.Decisions{}, []*control.Finding{pass, na}, posture.Pass, ""},
		{"nothing to judge", posture.Decisions{}, []*control.Finding{na}, posture.NotApplicable, ""},
		{"one fails", posture.Decisions{}, []*control.Finding{pass, fail, unknown}, posture.Fail, posture.CannotTell},
		{"one unknown", posture.Decisions{}, []*control.Finding{pass, unknown}, posture.Unknown, posture.CannotTell},
		{"a failure waived", posture.Decisions{Waivers: []register.Waiver{waive}}, []*control.Finding{pass, fail}, posture.Waived, ""},
		{"a failure waived, one unknown", posture.Decisions{Waivers: []register.Waiver{waive}}, []*control.Finding{fail, unknown}, posture.Unknown, posture.CannotTell},
		{"a parameter weaker than the policy", posture.Decisions{Weakened: []string{"replicas-minimum"}}, []*control.Finding{pass}, posture.Deviates, ""},
		{"weaker, and a failure", posture.Decisions{Weakened: []string{"replicas-minimum"}}, []*control.Finding{fail}, posture.Fail, ""},
		{"not selected", posture.Decisions{Selected: func(string) bool { return false }}, nil, posture.Unknown, posture.NotSelected},
		{"a pass whose time has come", posture.Decisions{}, []*control.Finding{ended}, posture.Unknown, posture.CannotTell},
	} {
		got := fold(t, x.dec, t0, []*control.Control{c}, x.fs...)["RACI"]
		if got.State != x.state {
			t.Errorf("%s: %s, want %s", x.name, got.State, x.state)
		}
		if x.cause != "" && (len(got.Causes) != 1 || got.Causes[0].Cause != x.cause) {
			t.Errorf("%s: causes %v, want %s", x.name, got.Causes, x.cause)
		}
		if got.State == posture.Unknown && len(got.Causes) == 0 {
			t.Errorf("%s: unknown without a cause", x.name)
		}
		if got.Of != 1 || got.Seen > got.Of {
			t.Errorf("%s: seen %d of %d", x.name, got.Seen, got.Of)
		}
	}
}

// TestWaiverEnds holds the second: at its end a waiver has ended, everywhere at once.
func TestWaiverEnds(t *testing.T) {
	c := clauseOwned()
	w := register.Waiver{Control: "clause-owned", Subject: "Clause a", Reason: "r", Approver: "x", Expires: t0}
	for _, x := range []struct {
		at    time.Time
		state posture.State
	}{{t0.Add(-time.Second), posture.Waived}, {t0, posture.Fail}, {t0.Add(time.Second), posture.Fail}} {
		got := fold(t, posture.Decisions{Waivers: []register.Waiver{w}}, x.at, []*control.Control{c}, finding(c, control.Fail, "a"))
		if got["RACI"].State != x.state {
			t.Errorf("at %s: %s, want %s", x.at.Sub(t0), got["RACI"].State, x.state)
		}
	}
}

func TestWaiverCovers(t *testing.T) {
	w := register.Waiver{Control: "c", Subject: "Deployment shop/web-*"}
	for subject, want := range map[string]bool{
		"Deployment shop/web-1": true, "Deployment shop/web": false, "Deployment bank/web-1": false, "StatefulSet shop/web-1": false,
	} {
		if w.Covers("c", subject, "container app") != want {
			t.Errorf("%s: want %v", subject, want)
		}
	}
	w.Vulnerability = "CVE-1"
	if w.Covers("c", "Deployment shop/web-1", "vulnerability CVE-2") || !w.Covers("c", "Deployment shop/web-1", "vulnerability CVE-1") || w.Covers("d", "Deployment shop/web-1", "vulnerability CVE-1") {
		t.Error("a waiver of one vulnerability of one control")
	}
}

// TestTenantsFault holds that a reason that names its clauses fails no other: a tenant's fault is no provider's.
func TestTenantsFault(t *testing.T) {
	c := &control.Control{
		ID: "storage-encrypted", Version: 1, Clauses: []string{"MCS.ENC.P1", "MCS.ENC.R3"},
		Reasons: []control.Reason{{Key: "class-unencrypted", Verdict: control.Fail, Clauses: []string{"MCS.ENC.R3"}}},
	}
	f := finding(c, control.Fail, "a")
	f.Reason = "class-unencrypted"
	got := fold(t, posture.Decisions{}, t0, []*control.Control{c}, f)
	if got["MCS.ENC.R3"].State != posture.Fail || got["MCS.ENC.P1"].State != posture.Unknown {
		t.Errorf("tenant's %s, provider's %s", got["MCS.ENC.R3"].State, got["MCS.ENC.P1"].State)
	}
}

// TestNothingSeenIsNothingHeld holds over the whole policy: without a finding no clause is anything but unknown.
func TestNothingSeenIsNothingHeld(t *testing.T) {
	var wrong []string
	for id, c := range fold(t, posture.Decisions{}, t0, nil) {
		if c.State != posture.Unknown || c.Ground != posture.None || len(c.Causes) == 0 || c.Seen != 0 {
			wrong = append(wrong, fmt.Sprintf("%s %s", id, c.State))
		}
	}
	slices.Sort(wrong)
	if len(wrong) > 0 {
		t.Error(strings.Join(wrong, ", "))
	}
}

func TestUntil(t *testing.T) {
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	c := clauseOwned()
	f := posture.New(p, []*control.Control{c}, posture.Decisions{Waivers: []register.Waiver{{Control: c.ID, Subject: "Clause a", Expires: t0.Add(2 * time.Hour)}}}, t0)
	late := finding(c, control.Pass, "b")
	late.Until = t0.Add(3 * time.Hour)
	f.Add(late)
	if got := f.Until(); !got.Equal(late.Until) {
		t.Errorf("until %s, want the finding's", got)
	}
	f.Add(finding(c, control.Fail, "a"))
	if got := f.Until(); !got.Equal(t0.Add(2 * time.Hour)) {
		t.Errorf("until %s, want the waiver's end", got)
	}
}
