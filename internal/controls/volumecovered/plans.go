package volumecovered

import (
	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// A plan is a policy or schedule of any tool that speaks of this namespace.
type plan struct {
	name  string // kind and name
	state string // empty: it runs by itself; else the reason for which it does not
	names bool   // it takes in the namespace as a whole, so that a volume it leaves out is excluded
	takes func(*kinds.Claim) kinds.Match
}

func plans(e *control.Eval) (out []plan) {
	for _, s := range e.SpacesWith(kinds.KastenPolicies) {
		for _, it := range kinds.KastenPolicies.In(e.Elsewhere(s)) {
			out = appendKasten(out, e, it)
		}
	}
	for _, s := range e.SpacesWith(kinds.VeleroSchedules) {
		for _, it := range kinds.VeleroSchedules.In(e.Elsewhere(s)) {
			out = appendVelero(out, e, it)
		}
	}
	for _, it := range kinds.ReplicationSources.In(e.View) {
		source := it.Object.Spec.SourcePVC
		p := plan{name: name(it.Ref), takes: func(c *kinds.Claim) kinds.Match { return match(c.Name == source) }}
		switch {
		case it.Object.Spec.Paused:
			p.state = "paused"
		case it.Object.ByHand():
			p.state = "on-demand"
		}
		out = append(out, p)
	}
	for _, it := range kinds.SnapshotSchedules.In(e.View) {
		o := it.Object
		p := plan{name: name(it.Ref), takes: func(c *kinds.Claim) kinds.Match { return match(o.Takes(c.Labels)) }}
		if o.Spec.Disabled {
			p.state = "paused"
		}
		out = append(out, p)
	}
	return out
}

func name(r inventory.Ref) string { return r.Kind + " " + r.Path() }

func match(yes bool) kinds.Match {
	if yes {
		return kinds.MatchYes
	}
	return kinds.MatchNo
}

// unnamed reports a tree of files that does not say in which namespace it is applied: what names namespaces may or may
// not mean it.
func unnamed(e *control.Eval) bool { return !e.Space().Named() }

// appendKasten adds the policy where it backs up the application of this namespace. Of one whose schedule stands in a
// preset the schedule is not asked for: presets have one.
func appendKasten(out []plan, e *control.Eval, it inventory.Item[kinds.KastenPolicy]) []plan {
	o := it.Object
	if !o.Has("backup") {
		return out
	}
	m := o.Selects(e.Space().Namespace, appLabels(e), e.Whole(kinds.WorkloadInputs...) && labelled(e))
	if m == kinds.MatchNo && unnamed(e) {
		m = kinds.MatchUnknown
	}
	if m == kinds.MatchNo {
		return out
	}
	p := plan{name: name(it.Ref), names: m == kinds.MatchYes, takes: func(c *kinds.Claim) kinds.Match {
		if !o.TakesVolumes(c.Name, c.Labels) {
			return kinds.MatchNo
		}
		return m
	}}
	switch {
	case o.Spec.Paused:
		p.state = "paused"
	case kinds.KastenValidationStates[o.Status.Validation] == kinds.Failed:
		p.state = "refused"
	case o.Spec.PresetRef == nil && (o.Spec.Frequency == "" || o.Spec.Frequency == "@onDemand"):
		p.state = "on-demand"
	}
	return append(out, p)
}

func labelled(e *control.Eval) bool {
	_, _, ok := kinds.NamespaceMeta(e.View)
	return ok
}

// appLabels are the labels by which Kasten finds an application: the namespace's, and those of its workloads.
func appLabels(e *control.Eval) (sets []map[string]string) {
	if labels, _, ok := kinds.NamespaceMeta(e.View); ok {
		sets = append(sets, labels)
	}
	for _, w := range kinds.Workloads.In(e.View) {
		sets = append(sets, w.Labels)
	}
	return sets
}

func appendVelero(out []plan, e *control.Eval, it inventory.Item[kinds.VeleroPlan]) []plan {
	t := &it.Object.Spec.Template
	unsure := false
	if !t.TakesNamespace(e.Space().Namespace) {
		if unsure = unnamed(e); !unsure {
			return out
		}
	}
	p := plan{name: name(it.Ref), names: !unsure, takes: func(c *kinds.Claim) kinds.Match {
		m := t.Takes(c, e.Whole(kinds.WorkloadInputs...))
		if unsure && m == kinds.MatchYes {
			return kinds.MatchUnknown
		}
		return m
	}}
	switch {
	case it.Object.Spec.Paused:
		p.state = "paused"
	case kinds.VeleroSchedulePhases[it.Object.Status.Phase] == kinds.Failed:
		p.state = "refused"
	}
	return append(out, p)
}
