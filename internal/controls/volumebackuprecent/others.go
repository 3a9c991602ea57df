package volumebackuprecent

import (
	"maps"
	"slices"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// veleroSchedules judges each schedule by the backups that carry its label. A gauge of the server's process says
// nothing: it begins anew with each process.
func veleroSchedules(e *control.Eval) {
	schedules := kinds.VeleroSchedules.In(e.View)
	if len(schedules) == 0 {
		return
	}
	runs := map[string][]attempt{}
	for _, it := range kinds.VeleroBackups.In(e.View) {
		if of := it.Labels[kinds.VeleroScheduleName]; of != "" {
			o := it.Object
			_, known := kinds.VeleroBackupPhases[o.Status.Phase]
			runs[of] = append(runs[of], attempt{"Backup " + it.Ref.Name, o.Status.Phase, o.Outcome(), !known, o.Began(), o.Ended()})
		}
	}
	for _, it := range schedules {
		o := it.Object
		if kinds.OperatorOwned(it.Ref.Kind, &o.ObjectMeta) {
			continue
		}
		j := job{
			created: o.CreationTimestamp.Time, paused: o.Spec.Paused, times: readTimes(o.Spec.Schedule),
			refused: kinds.VeleroSchedulePhases[o.Status.Phase] == kinds.Failed,
			runs:    runs[it.Ref.Name], gaps: e.Gaps(kinds.VeleroBackups),
		}
		j.judge(e, control.On(e, it).At("spec", "schedule"))
	}
}

// replicationSources judges each source by its own status, which keeps the last good copy and the latest try.
func replicationSources(e *control.Eval) {
	for _, it := range kinds.ReplicationSources.In(e.View) {
		o := it.Object
		if kinds.OperatorOwned(it.Ref.Kind, &o.ObjectMeta) {
			continue
		}
		j := job{created: o.CreationTimestamp.Time, paused: o.Spec.Paused, times: readTimes(o.Cron())}
		st := &o.Status
		if t := st.LastSyncTime; t != nil {
			j.runs = append(j.runs, attempt{it.Ref.Name, "Successful", kinds.Succeeded, false, t.Time, t.Time})
		}
		if t := st.LastSyncStartTime; t != nil && (st.LastSyncTime == nil || t.After(st.LastSyncTime.Time)) {
			j.runs = append(j.runs, attempt{it.Ref.Name, "Synchronizing", kinds.Running, false, t.Time, t.Time})
		} else if r := st.LatestMoverStatus.Result; kinds.VolSyncResults[r] == kinds.Failed {
			began := o.CreationTimestamp.Time
			if st.LastSyncTime != nil {
				began = st.LastSyncTime.Time
			}
			j.runs = append(j.runs, attempt{it.Ref.Name, r, kinds.Failed, false, began, began})
		}
		j.judge(e, control.On(e, it).At("spec", "trigger", "schedule"))
	}
}

// snapshotSchedules judges each schedule of snapshots for each claim that it takes.
func snapshotSchedules(e *control.Eval) {
	schedules := kinds.SnapshotSchedules.In(e.View)
	if len(schedules) == 0 {
		return
	}
	runs := snapshots(e)
	for _, it := range schedules {
		o := it.Object
		if kinds.OperatorOwned(it.Ref.Kind, &o.ObjectMeta) {
			continue
		}
		s := control.On(e, it).At("spec", "schedule")
		base := job{
			created: o.CreationTimestamp.Time, paused: o.Spec.Disabled, times: readTimes(o.Spec.Schedule),
			gaps: e.Gaps(kinds.VolumeSnapshots),
		}
		said := map[string]bool{}
		for _, c := range kinds.PersistentVolumeClaims.In(e.View) {
			if !o.Takes(c.Labels) {
				continue
			}
			j := base
			j.created = later(base.created, c.Object.CreationTimestamp.Time)
			j.runs = runs[[2]string{it.Ref.Name, c.Ref.Name}]
			said[c.Ref.Name] = true
			j.judge(e, s.Part("volume", c.Ref.Name))
		}
		if !e.Whole(kinds.PersistentVolumeClaims) {
			unlisted(e, s, base, it.Ref.Name, runs, said)
			s.UnknownFor(e.Gaps(kinds.PersistentVolumeClaims))
		}
	}
}

// unlisted judges the claims that only their snapshots show.
func unlisted(e *control.Eval, s control.Subject, base job, schedule string, runs map[[2]string][]attempt, said map[string]bool) {
	var claims []string
	for k := range maps.Keys(runs) {
		if k[0] == schedule && !said[k[1]] {
			claims = append(claims, k[1])
		}
	}
	slices.Sort(claims)
	for _, c := range claims {
		j := base
		j.runs = runs[[2]string{schedule, c}]
		j.judge(e, s.Part("volume", c))
	}
}

// snapshots are those that a schedule made, by schedule and claim.
func snapshots(e *control.Eval) map[[2]string][]attempt {
	out := map[[2]string][]attempt{}
	for _, it := range kinds.VolumeSnapshots.In(e.View) {
		o := it.Object
		by := it.Labels[kinds.SnapshotScheduleName]
		if by == "" {
			continue
		}
		at := o.CreationTimestamp.Time
		if o.Status.CreationTime != nil {
			at = o.Status.CreationTime.Time
		}
		key := [2]string{by, o.Spec.Source.Claim}
		out[key] = append(out[key], attempt{"VolumeSnapshot " + it.Ref.Name, stateOf(o), o.Outcome(), o.Status.ReadyToUse == nil, at, at})
	}
	return out
}

// stateOf is the snapshot's state in the API's own words.
func stateOf(s *kinds.VolumeSnapshot) string {
	switch {
	case s.Status.ReadyToUse == nil:
		return "readyToUse unset"
	case *s.Status.ReadyToUse:
		return "readyToUse true"
	}
	return "readyToUse false"
}
