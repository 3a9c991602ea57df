package backupexported

import (
	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// kasten takes in the restore points of the namespace, and what stands behind them: a point that is gone from the
// namespace can still be restored from its content.
func kasten(e *control.Eval, p *points) {
	take := func(o *kinds.KastenRestorePoint) {
		if o.Exported() {
			p.out(o.Taken())
			return
		}
		p.inside++
	}
	for _, it := range kinds.KastenRestorePoints.In(e.View) {
		take(it.Object)
	}
	for _, it := range kinds.KastenRestoreContents.In(e.View) {
		if it.Labels[kinds.KastenAppNamespace] == e.Space().Namespace {
			take(it.Object)
		}
	}
}

// volumes takes in the copies of single volumes: snapshots stay in the cluster's own storage, VolSync carries some away.
func volumes(e *control.Eval, p *points) {
	for _, it := range kinds.VolumeSnapshots.In(e.View) {
		if it.Object.Outcome() == kinds.Succeeded {
			p.inside++
		}
	}
	for _, it := range kinds.ReplicationSources.In(e.View) {
		if t := it.Object.Status.LastSyncTime; t != nil && it.Object.ToStore() {
			p.out(t.Time)
		}
	}
}

// velero takes in the backups of the namespace wherever Velero lives. What a backup holds is outside, but for snapshots
// whose data nobody moved, and for a store that is a Service of the cluster itself.
func velero(e *control.Eval, p *points) {
	homes := e.SpacesWith(kinds.VeleroBackups)
	for _, space := range homes {
		v := e.Elsewhere(space)
		p.gaps = append(p.gaps, v.Gaps(kinds.VeleroBackups)...)
		stores := map[string]*kinds.VeleroStore{}
		byDefault := ""
		for _, it := range kinds.VeleroLocations.In(v) {
			stores[it.Ref.Name] = it.Object
			if it.Object.Spec.Default {
				byDefault = it.Ref.Name
			}
		}
		carried := carriedBy(e, v)
		for _, it := range kinds.VeleroBackups.In(v) {
			b := it.Object
			if b.Outcome() != kinds.Succeeded || !b.Spec.TakesNamespace(e.Space().Namespace) {
				continue
			}
			store := b.Spec.StorageLocation
			if store == "" {
				store = byDefault
			}
			backup(p, b, stores[store], v.Whole(kinds.VeleroLocations), carried[it.Ref.Name])
		}
	}
	if len(homes) == 0 {
		for _, space := range kinds.VeleroHomes {
			p.gaps = append(p.gaps, e.Elsewhere(space).Gaps(kinds.VeleroBackups)...)
		}
	}
}

func backup(p *points, b *kinds.VeleroRun, store *kinds.VeleroStore, storesSeen, carried bool) {
	switch {
	case b.Status.CSIAttempted > 0 && !b.Spec.Moves() && !carried:
		p.inside++
	case store != nil && (store.InCluster() || kinds.VeleroLocationPhases[store.Status.Phase] == kinds.Failed):
		p.inside++ // lost with the cluster, or out of reach already
	case store == nil && !storesSeen:
		if at := b.Ended(); at.After(p.maybe) {
			p.maybe = at
		}
	default:
		p.out(b.Ended())
	}
}

// carriedBy are the backups with which the data of volumes of this namespace went to the store.
func carriedBy(e *control.Eval, v inventory.View) map[string]bool {
	out := map[string]bool{}
	for _, kind := range []*inventory.Kind[kinds.VeleroVolume]{kinds.DataUploads, kinds.PodVolumeBackups} {
		for _, it := range kind.In(v) {
			if o := it.Object; o.Of() == e.Space().Namespace && kinds.VeleroDataPhases[o.Status.Phase] == kinds.Succeeded {
				out[it.Labels[kinds.VeleroBackupName]] = true
			}
		}
	}
	return out
}
