// Package backupexported checks that a recent copy of a namespace's volumes is kept outside of the cluster.
package backupexported

import (
	"embed"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const maxAge = "exported-backup-age"

// Control is the check.
var Control = &control.Control{
	ID:       "backup-exported",
	Version:  1,
	Clauses:  []string{"MCO.BKP.R1"},
	Scope:    control.Namespace,
	Severity: control.High,
	Params:   []string{maxAge},
	Needs:    []inventory.Input{kinds.PersistentVolumeClaims, kinds.KastenRestorePoints},
	Wants: []inventory.Input{
		kinds.KastenRestoreContents, kinds.KastenPolicies, kinds.KastenExportActions, kinds.VeleroBackups, kinds.VeleroLocations,
		kinds.PodVolumeBackups, kinds.DataUploads, kinds.VolumeSnapshots, kinds.ReplicationSources,
	},
	Reasons: []control.Reason{
		{Key: "export-old", Verdict: control.Fail},
		{Key: "only-inside", Verdict: control.Fail},
		{Key: "export-failing", Verdict: control.Fail},
		{Key: "never-exported", Verdict: control.Fail},
		{Key: "no-points", Verdict: control.Unknown, Running: true},
		{Key: "location-unread", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

// points are the copies of the namespace that were seen.
type points struct {
	exported time.Time // the newest that is kept outside of the cluster
	inside   int       // those that are kept in it
	maybe    time.Time // the newest whose place was not seen
	gaps     []inventory.Gap
}

// out takes in a copy that is kept outside, taken at at.
func (p *points) out(at time.Time) {
	if at.After(p.exported) {
		p.exported = at
	}
}

func run(e *control.Eval) {
	if !e.Space().Named() {
		return // copies name namespaces
	}
	p := &points{}
	kasten(e, p)
	volumes(e, p)
	if len(kinds.PersistentVolumeClaims.In(e.View)) > 0 {
		velero(e, p)
	}
	s := e.OnRef(inventory.Ref{Kind: "Namespace", Name: e.Space().Namespace})
	limit := e.Param(maxAge).Duration()
	end := p.exported.Add(limit)
	switch {
	case !p.exported.IsZero() && e.Now().Before(end):
		s.Until(end).Pass()
	case !p.maybe.IsZero() && e.Now().Before(p.maybe.Add(limit)):
		s.Unknown("location-unread", control.Values{"last": p.maybe})
	case p.exported.IsZero() && p.inside == 0:
		plans(e, s)
	default:
		late(e, s, p, limit)
	}
}

// late says why there is no recent copy outside. An absence rests on the lists that such a copy would stand in.
func late(e *control.Eval, s control.Subject, p *points, limit time.Duration) {
	v := control.Values{"last": p.exported, "limit": limit, "inside": p.inside}
	gaps := append(p.gaps, e.Gaps(kinds.KastenRestorePoints, kinds.KastenRestoreContents, kinds.ReplicationSources)...)
	if name, state := lastExport(e); kinds.KastenActionStates[state] == kinds.Failed {
		v["action"], v["state"] = name, state
		s.FailUnless(gaps, "export-failing", v)
		return
	}
	if p.exported.IsZero() {
		s.FailUnless(gaps, "only-inside", v)
		return
	}
	s.FailUnless(gaps, "export-old", v)
}

// lastExport is the newest export of the namespace, whatever became of it.
func lastExport(e *control.Eval) (name, state string) {
	var at time.Time
	for _, it := range kinds.KastenExportActions.In(e.View) {
		began := it.Object.CreationTimestamp.Time
		if t := it.Object.Status.StartTime; t != nil {
			began = t.Time
		}
		if !began.Before(at) {
			at, name, state = began, it.Ref.Name, it.Object.Status.State
		}
	}
	return name, state
}

// plans judges a namespace of which no copy was seen by the policies that are to make some: where none of them exports,
// there will be none outside.
func plans(e *control.Eval, s control.Subject) {
	var names []string
	for _, space := range e.SpacesWith(kinds.KastenPolicies) {
		for _, it := range kinds.KastenPolicies.In(e.Elsewhere(space)) {
			o := it.Object
			if !o.Has("backup") || o.Selects(e.Space().Namespace, nil, false) != kinds.MatchYes {
				continue
			}
			if o.Has("export") || o.Spec.PresetRef != nil {
				s.Unknown("no-points", nil)
				return
			}
			names = append(names, it.Ref.Path())
		}
	}
	if len(names) == 0 {
		return // volume-covered and volume-backup-recent say what is missing
	}
	home := inventory.Space{Namespace: kinds.KastenHome}
	gaps := append(e.Gaps(kinds.KastenPolicies, kinds.KastenRestorePoints), e.Elsewhere(home).Gaps(kinds.KastenPolicies)...)
	s.FailUnless(gaps, "never-exported", control.Values{"policies": names})
}
