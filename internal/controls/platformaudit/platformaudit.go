// Package platformaudit checks that the platform's API servers record requests.
package platformaudit

import (
	"embed"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "platform-audit",
	Version:  1,
	Clauses:  []string{"MCS.LOG.P1"},
	Scope:    control.OfCluster,
	Severity: control.Medium,
	Needs:    []inventory.Input{kinds.APIServers},
	Reasons: []control.Reason{
		{Key: "audit-off", Verdict: control.Fail},
		{Key: "group-not-audited", Verdict: control.Fail},
		{Key: "profile-not-known", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

// profiles are the audit profiles, and whether they record anything (openshift/api, config/v1, types_apiserver.go).
// An absent one is Default.
var profiles = map[string]bool{"": true, "Default": true, "WriteRequestBodies": true, "AllRequestBodies": true, "None": false}

// only is the name of the one object that the platform reads.
const only = "cluster"

func run(e *control.Eval) {
	for _, it := range kinds.APIServers.In(e.View) {
		s := control.On(e, it)
		if it.Ref.Name != only {
			s.NotApplicable()
			continue
		}
		audit := &it.Object.Spec.Audit
		judge(s.At("spec", "audit", "profile"), audit.Profile, "audit-off", control.Values{"profile": audit.Profile})
		seen := map[string]bool{}
		for i, r := range audit.Rules {
			if seen[r.Group] {
				continue // the first that fits counts
			}
			seen[r.Group] = true
			v := control.Values{"profile": r.Profile, "group": r.Group}
			judge(s.Part("group", r.Group).At("spec", "audit", "customRules", i, "profile"), r.Profile, "group-not-audited", v)
		}
	}
}

func judge(s control.Subject, profile, off string, v control.Values) {
	records, known := profiles[profile]
	switch {
	case !known:
		s.Unknown("profile-not-known", v)
	case !records:
		s.Fail(off, v)
	default:
		s.Pass()
	}
}
