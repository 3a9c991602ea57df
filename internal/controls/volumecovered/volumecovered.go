// Package volumecovered checks that every critical volume is in a backup policy that runs by itself.
package volumecovered

import (
	"embed"
	"path"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const critical = "critical-volumes"

// Control is the check.
var Control = &control.Control{
	ID:       "volume-covered",
	Version:  1,
	Clauses:  []string{"MCO.BKP.T1", "MCO.BKP.R1", "MCS.ENC.T1a", "INC.T1"},
	Scope:    control.Namespace,
	Severity: control.Critical,
	Params:   []string{critical},
	Needs: append(slices.Clone(kinds.ClaimInputs),
		kinds.KastenPolicies, kinds.VeleroSchedules, kinds.ReplicationSources, kinds.SnapshotSchedules),
	Wants: []inventory.Input{
		kinds.Namespaces, kinds.Projects, kinds.VolumeSnapshots, kinds.CNPGScheduledBackups, kinds.PostgresClusters,
	},
	Reasons: []control.Reason{
		{Key: "uncovered", Verdict: control.Fail},
		{Key: "paused", Verdict: control.Fail},
		{Key: "refused", Verdict: control.Fail},
		{Key: "excluded", Verdict: control.Fail},
		{Key: "on-demand", Verdict: control.Fail, Clauses: []string{"MCO.BKP.R1"}},
		{Key: "selection-unread", Verdict: control.Unknown},
		{Key: "by-database", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	claims := kinds.Claims.In(e.View)
	if len(claims) == 0 {
		return
	}
	ps, patterns := plans(e), e.Param(critical).List()
	for _, c := range claims {
		if !c.Platform {
			judge(e, c, ps, patterns)
		}
	}
}

func judge(e *control.Eval, c *kinds.Claim, ps []plan, patterns []string) {
	s := control.On(e, c.Item()).Part(c.Part.Kind, c.Part.Name).At(c.Path...)
	switch {
	case c.Ephemeral, !matches(patterns, c):
		s.NotApplicable()
	case c.Unsure(e.View):
		s.Unknown(control.ReasonGap, nil, kinds.PersistentVolumeClaims)
	default:
		cover(e, s, c, ps)
	}
}

// cover says whether one of the plans takes the claim in.
func cover(e *control.Eval, s control.Subject, c *kinds.Claim, ps []plan) {
	by := map[string][]string{}
	for _, p := range ps {
		why := p.state
		switch p.takes(c) {
		case kinds.MatchYes:
			if why == "" {
				s.Pass()
				return
			}
		case kinds.MatchUnknown:
			why = "selection-unread"
		case kinds.MatchNo:
			if why = "excluded"; !p.names {
				continue // of another volume
			}
		}
		if !slices.Contains(by[why], p.name) {
			by[why] = append(by[why], p.name)
		}
	}
	gaps := unseen(e)
	if kind, name := kinds.DatabaseOf(c.Meta); name != "" {
		covered, more := database(e, kind, name)
		if covered {
			s.PassAs("by-database", control.Values{"database": kind + " " + name})
			return
		}
		gaps = append(gaps, more...)
	}
	if names := by["selection-unread"]; len(names) > 0 {
		s.Unknown("selection-unread", control.Values{"policies": names})
		return
	}
	for _, why := range []string{"paused", "refused", "on-demand", "excluded"} {
		if names := by[why]; len(names) > 0 {
			s.FailUnless(gaps, why, control.Values{"policies": names})
			return
		}
	}
	s.FailUnless(gaps, "uncovered", control.Values{})
}

// unseen are the lists that the absence of a policy rests on: of the namespace itself, and of those in which Kasten and
// Velero keep the policies for all others.
func unseen(e *control.Eval) []inventory.Gap {
	gaps := e.Gaps(kinds.KastenPolicies, kinds.VeleroSchedules, kinds.ReplicationSources)
	if !e.Whole(kinds.VolumeSnapshots) { // where no snapshots are, no schedule makes any
		gaps = append(gaps, e.Gaps(kinds.SnapshotSchedules)...)
	}
	if home := (inventory.Space{Namespace: kinds.KastenHome}); home != e.Space() {
		gaps = append(gaps, e.Elsewhere(home).Gaps(kinds.KastenPolicies)...)
	}
	homes := e.SpacesWith(kinds.VeleroSchedules)
	if len(homes) == 0 {
		homes = kinds.VeleroHomes
	}
	for _, home := range homes {
		if home != e.Space() {
			gaps = append(gaps, e.Elsewhere(home).Gaps(kinds.VeleroSchedules)...)
		}
	}
	return gaps
}

// database reports whether the volume's database backs itself up on a schedule; gaps are the lists that a no rests on.
func database(e *control.Eval, kind, name string) (covered bool, gaps []inventory.Gap) {
	if kind == "Cluster" {
		for _, it := range kinds.CNPGScheduledBackups.In(e.View) {
			covered = covered || it.Object.Spec.Cluster.Name == name && !it.Object.Spec.Suspend
		}
		return covered, e.Gaps(kinds.CNPGScheduledBackups)
	}
	for _, it := range kinds.PostgresClusters.In(e.View) {
		covered = covered || it.Ref.Name == name && len(it.Object.Crons()) > 0
	}
	return covered, e.Gaps(kinds.PostgresClusters)
}

// matches reports whether the claim is among the critical ones: patterns of claim, or of namespace/claim.
func matches(patterns []string, c *kinds.Claim) bool {
	for _, p := range patterns {
		name := c.Name
		if strings.Contains(p, "/") {
			name = c.Ref.Namespace + "/" + c.Name
		}
		if ok, err := path.Match(p, name); p == name || ok && err == nil {
			return true
		}
	}
	return false
}
