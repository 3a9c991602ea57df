// Package volumesurviveszone checks that the data of a volume is still there when a zone is lost: that the volume is
// not bound to one zone, or that replicas of it live in others.
package volumesurviveszone

import (
	"embed"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const (
	zonalClasses     = "zonal-classes"
	multiZoneClasses = "multi-zone-classes"
)

// Control is the check.
var Control = &control.Control{
	ID:       "volume-survives-zone",
	Version:  1,
	Clauses:  []string{"INC.T2"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Params:   []string{zonalClasses, multiZoneClasses},
	Needs:    kinds.ClaimInputs,
	Wants:    []inventory.Input{kinds.PersistentVolumes, kinds.Nodes},
	Reasons: []control.Reason{
		{Key: "one-zone", Verdict: control.Fail},
		{Key: "one-node", Verdict: control.Fail},
		{Key: "zonal-class", Verdict: control.Fail},
		{Key: "volume-unseen", Verdict: control.Unknown, Running: true},
		{Key: "replicas-unseen", Verdict: control.Unknown, Running: true},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	claims := kinds.Claims.In(e.View)
	if len(claims) == 0 {
		return
	}
	m := worldOf(e)
	for _, c := range claims {
		if c.Platform {
			continue
		}
		s := control.On(e, c.Item()).Part(c.Part.Kind, c.Part.Name).At(c.Path...)
		switch {
		case c.Ephemeral:
			s.NotApplicable() // made anew with its pod, wherever that is
		case c.Unsure(e.View):
			s.Unknown(control.ReasonGap, nil, kinds.PersistentVolumeClaims)
		default:
			judge(m, s, c)
		}
	}
}

func judge(m *world, s control.Subject, c *kinds.Claim) {
	here := m.place(c)
	switch here.how {
	case anywhere:
		s.Pass()
		return
	case unseen:
		if gaps := m.Gaps(kinds.PersistentVolumes); c.Spec.VolumeName != "" && len(gaps) > 0 {
			s.UnknownFor(gaps)
			return
		}
		s.Unknown("volume-unseen", control.Values{"class": here.class})
		return
	}
	switch m.elsewhere(c, here) {
	case kinds.MatchYes:
		s.Pass()
	case kinds.MatchUnknown:
		if gaps := m.Gaps(kinds.PersistentVolumes, kinds.Nodes); len(gaps) > 0 {
			s.UnknownFor(gaps)
			return
		}
		s.Unknown("replicas-unseen", nil)
	case kinds.MatchNo:
		v := control.Values{"zone": here.zone, "node": here.node, "class": here.class}
		s.FailIfWhole(here.reason(), v, slices.Concat(kinds.WorkloadInputs, []inventory.Input{kinds.PersistentVolumeClaims})...)
	}
}
