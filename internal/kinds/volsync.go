package kinds

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Kinds that copy single volumes on a schedule: VolSync (backube/volsync, api/v1alpha1) and the snapshot scheduler
// (backube/snapscheduler, api/v1), which makes VolumeSnapshots.
var (
	ReplicationSources = register("volsync.backube", "replicationsources", "ReplicationSource", namespaced, func(o *ReplicationSource) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	SnapshotSchedules  = register("snapscheduler.backube", "snapshotschedules", "SnapshotSchedule", namespaced, func(o *SnapshotSchedule) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// SnapshotScheduleName is the label of a VolumeSnapshot that a SnapshotSchedule made.
const SnapshotScheduleName = "snapscheduler.backube/schedule"

// A ReplicationSource copies one volume claim to where its mover keeps it.
type ReplicationSource struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		SourcePVC string `json:"sourcePVC,omitempty"`
		Paused    bool   `json:"paused,omitempty"`
		Trigger   *struct {
			Schedule string `json:"schedule,omitempty"`
			Manual   string `json:"manual,omitempty"`
		} `json:"trigger,omitempty"` // nil: copied without a pause
		Restic filled `json:"restic,omitempty"`
		Rclone filled `json:"rclone,omitempty"`
		Kopia  filled `json:"kopia,omitempty"`
	} `json:"spec"`
	Status struct {
		LastSyncTime      *metav1.Time `json:"lastSyncTime,omitempty"` // of the last that ended well
		LastSyncStartTime *metav1.Time `json:"lastSyncStartTime,omitempty"`
		LatestMoverStatus struct {
			Result string `json:"result,omitempty"` // a key of VolSyncResults
		} `json:"latestMoverStatus,omitempty"`
	} `json:"status,omitempty"`
}

// ToStore reports a mover that keeps its copies in an object store, not in another volume.
func (r *ReplicationSource) ToStore() bool {
	return bool(r.Spec.Restic || r.Spec.Rclone || r.Spec.Kopia)
}

// Cron is the source's schedule as it was written; empty: none, it runs by hand or without a pause.
func (r *ReplicationSource) Cron() string {
	if r.Spec.Trigger == nil {
		return ""
	}
	return r.Spec.Trigger.Schedule
}

// ByHand reports a source that copies only when somebody asks for it.
func (r *ReplicationSource) ByHand() bool {
	return r.Spec.Trigger != nil && r.Spec.Trigger.Schedule == ""
}

// A SnapshotSchedule makes a VolumeSnapshot of each volume claim of its namespace that its selector matches.
type SnapshotSchedule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		ClaimSelector *metav1.LabelSelector `json:"claimSelector,omitempty"` // nil or empty: every claim
		Disabled      bool                  `json:"disabled,omitempty"`
		Schedule      string                `json:"schedule,omitempty"`
	} `json:"spec"`
}

// Takes reports whether the schedule takes snapshots of a claim with these labels.
func (s *SnapshotSchedule) Takes(own map[string]string) bool {
	if s.Spec.ClaimSelector == nil {
		return true
	}
	sel, _ := Selector(s.Spec.ClaimSelector)
	return sel != nil && sel.Matches(labels.Set(own))
}
