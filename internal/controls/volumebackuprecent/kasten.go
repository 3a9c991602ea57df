package volumebackuprecent

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// kastenPolicies judges each policy that backs applications up: for each namespace of which backups of the policy were
// seen, by those; else by the runs of the policy as a whole.
func kastenPolicies(e *control.Eval) {
	for _, it := range kinds.KastenPolicies.In(e.View) {
		if kinds.OperatorOwned(it.Ref.Kind, &it.Object.ObjectMeta) {
			continue
		}
		s := control.On(e, it)
		if !it.Object.Has("backup") {
			s.NotApplicable() // imports, reports
			continue
		}
		kastenPolicy(e, s.At("spec", "frequency"), it)
	}
}

func kastenPolicy(e *control.Eval, s control.Subject, it inventory.Item[kinds.KastenPolicy]) {
	o := it.Object
	base := job{
		created: o.CreationTimestamp.Time, paused: o.Spec.Paused, times: kastenTimes(e, o),
		refused: kinds.KastenValidationStates[o.Status.Validation] == kinds.Failed,
	}
	byApp, unread := backups(e, it)
	for _, app := range slices.Sorted(maps.Keys(byApp)) {
		j := base
		j.runs, j.gaps = byApp[app].runs, byApp[app].gaps
		j.judge(e, s.Part("namespace", app))
	}
	if len(byApp) > 0 {
		if len(unread) > 0 {
			s.UnknownFor(unread) // of the namespaces whose backups were not read
		}
		return
	}
	j := base
	j.gaps = append(unread, e.Gaps(kinds.KastenRunActions)...)
	for _, a := range kinds.KastenRunActions.In(e.View) {
		if a.Object.OfPolicy(it.Ref.Name, it.Ref.Namespace) {
			j.runs = append(j.runs, attemptOf(a))
		}
	}
	// The run of a policy does not show what its backups left out: where those could not be read, it proves no success.
	if len(unread) > 0 && len(j.runs) > 0 {
		s.UnknownFor(unread)
		return
	}
	j.judge(e, s)
}

// app are the backups of one namespace by one policy.
type app struct {
	runs []attempt
	gaps []inventory.Gap
}

// backups are the policy's backups by the namespace that they took, of those namespaces that it still selects; unread
// are the lists that could not be read whole where it selects.
func backups(e *control.Eval, it inventory.Item[kinds.KastenPolicy]) (byApp map[string]app, unread []inventory.Gap) {
	byApp = map[string]app{}
	selects := func(ns string) bool { return it.Object.Selects(ns, nil, false) != kinds.MatchNo }
	own := slices.Contains(e.SpacesWith(kinds.KastenBackupActions), e.Space())
	for _, space := range e.Spaces() {
		if (space != e.Space() || !own) && !(space.Named() && selects(space.Namespace)) {
			continue
		}
		v := e.Elsewhere(space)
		gaps := v.Gaps(kinds.KastenBackupActions)
		unread = append(unread, gaps...)
		for _, a := range kinds.KastenBackupActions.In(v) {
			ns := cmp.Or(a.Labels[kinds.KastenAppNamespace], space.Namespace)
			if a.Object.OfPolicy(it.Ref.Name, it.Ref.Namespace) && selects(ns) {
				byApp[ns] = app{append(byApp[ns].runs, attemptOf(a)), gaps}
			}
		}
	}
	return byApp, unread
}

func attemptOf(a inventory.Item[kinds.KastenAction]) attempt {
	st := a.Object.Status
	_, known := kinds.KastenActionStates[st.State]
	out := attempt{
		name: a.Ref.Kind + " " + a.Ref.Name, state: st.State, outcome: a.Object.Outcome(), unread: !known,
		began: a.Object.CreationTimestamp.Time,
	}
	if st.StartTime != nil {
		out.began = st.StartTime.Time
	}
	out.ended = out.began
	if st.EndTime != nil {
		out.ended = st.EndTime.Time
	}
	if out.began.IsZero() {
		out.began = out.ended
	}
	if bool(st.Exceptions) {
		out.state += ", exceptions"
	}
	return out
}

// kastenTimes are the policy's, or those of the preset that it refers to.
func kastenTimes(e *control.Eval, o *kinds.KastenPolicy) times {
	f := o.Spec.KastenFrequency
	if ref := o.Spec.PresetRef; ref != nil {
		v := e.View
		if ref.Namespace != "" {
			v = e.Elsewhere(inventory.Space{Namespace: ref.Namespace})
		}
		preset, ok := presetOf(v, ref.Name)
		if !ok {
			return times{text: ref.Name, bad: true, gaps: v.Gaps(kinds.KastenPresets)}
		}
		f = preset.Spec.Backup
	}
	sched, slack, err := f.Schedule()
	return times{sched: sched, slack: slack, text: f.Frequency, bad: err != nil}
}

func presetOf(v inventory.View, name string) (*kinds.KastenPreset, bool) {
	for _, it := range kinds.KastenPresets.In(v) {
		if it.Ref.Name == name {
			return it.Object, true
		}
	}
	return nil, false
}

// later is the later of two moments.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
