package databasebackedup

import (
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// cloudNative judges the clusters of CloudNativePG by their ScheduledBackups, their Backups, and what their own status
// knows of backups that are gone by now.
func cloudNative(e *control.Eval) {
	clusters := kinds.CNPGClusters.In(e.View)
	if len(clusters) == 0 {
		return
	}
	schedules := map[string][]*kinds.CNPGScheduledBackup{}
	for _, it := range kinds.CNPGScheduledBackups.In(e.View) {
		of := it.Object.Spec.Cluster.Name
		schedules[of] = append(schedules[of], it.Object)
	}
	runs := map[string][]attempt{}
	for _, it := range kinds.CNPGBackups.In(e.View) {
		o := it.Object
		of := o.Spec.Cluster.Name
		runs[of] = append(runs[of], attempt{kinds.CNPGBackupPhases[o.Status.Phase], o.Began(), o.Ended()})
	}
	for _, it := range clusters {
		if kinds.PlatformOwned(it.Ref.Kind, &it.Object.ObjectMeta) {
			continue
		}
		d := database{created: it.Object.CreationTimestamp.Time, last: it.Object.LastSuccess(), gaps: e.Gaps(kinds.CNPGBackups)}
		for _, r := range runs[it.Ref.Name] {
			d.add(r)
		}
		cnpgCluster(e, control.On(e, it), schedules[it.Ref.Name], &d)
	}
}

func cnpgCluster(e *control.Eval, s control.Subject, schedules []*kinds.CNPGScheduledBackup, d *database) {
	var suspended []string
	for _, b := range schedules {
		if b.Spec.Suspend {
			suspended = append(suspended, b.Name)
			continue
		}
		sched, err := kinds.ParseScheduleWithSeconds(b.Spec.Schedule)
		d.schedule(b.Spec.Schedule, sched, err)
	}
	switch {
	case len(d.sched) > 0 || d.unreadable != "":
		d.judge(e, s)
	case len(suspended) > 0:
		s.FailIfWhole("suspended", control.Values{"schedules": suspended}, kinds.CNPGScheduledBackups)
	default:
		s.FailIfWhole("no-schedule", control.Values{"kind": "ScheduledBackup"}, kinds.CNPGScheduledBackups)
	}
}

// crunchy judges a cluster of Crunchy's by itself: its schedules stand in its spec, its backups in its status. A
// cluster that is shut down backs nothing up, and changes nothing.
func crunchy(e *control.Eval, it inventory.Item[kinds.PostgresCluster]) {
	o, s := it.Object, control.On(e, it).At("spec", "backups", "pgbackrest", "repos")
	if o.Spec.Shutdown != nil && *o.Spec.Shutdown {
		s.NotApplicable()
		return
	}
	d := database{created: o.CreationTimestamp.Time}
	crons := o.Crons()
	for _, text := range crons {
		sched, err := kinds.ParseSchedule(strings.TrimSpace(text), "UTC")
		d.schedule(text, sched, err)
	}
	for _, r := range o.Runs() {
		d.add(attempt{r.Outcome(), r.Began(), r.Ended()})
	}
	if len(crons) == 0 {
		s.Fail("no-schedule", control.Values{"kind": "schedules"})
		return
	}
	d.judge(e, s)
}
