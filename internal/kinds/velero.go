package kinds

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"vigie/internal/inventory"
)

// Kinds of Velero (vmware-tanzu/velero, pkg/apis/velero/v1 and v2alpha1). They stand in the namespace that Velero itself
// lives in and speak of others: see VeleroHomes.
var (
	VeleroSchedules  = register("velero.io", "schedules", "Schedule", namespaced, func(o *VeleroPlan) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	VeleroBackups    = register("velero.io", "backups", "Backup", namespaced, func(o *VeleroRun) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	VeleroLocations  = register("velero.io", "backupstoragelocations", "BackupStorageLocation", namespaced, func(o *VeleroStore) *metav1.ObjectMeta { return &o.ObjectMeta }, trimStore)
	PodVolumeBackups = register("velero.io", "podvolumebackups", "PodVolumeBackup", namespaced, func(o *VeleroVolume) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	DataUploads      = register("velero.io", "datauploads", "DataUpload", namespaced, func(o *VeleroVolume) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// VeleroHomes are the namespaces that Velero is installed in unless told otherwise: its own manual's, and that of
// OpenShift's operator for it (openshift/oadp-operator).
var VeleroHomes = []inventory.Space{{Namespace: "velero"}, {Namespace: "openshift-adp"}}

// Labels and annotations of Velero (pkg/apis/velero/v1/labels_annotations.go).
const (
	VeleroScheduleName = "velero.io/schedule-name"
	VeleroBackupName   = "velero.io/backup-name"
	veleroExclude      = "velero.io/exclude-from-backup"
	veleroVolumes      = "backup.velero.io/backup-volumes"
	veleroVolumesOut   = "backup.velero.io/backup-volumes-excludes"
)

// A VeleroPlan is a Schedule.
type VeleroPlan struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Schedule string         `json:"schedule"`
		Paused   bool           `json:"paused,omitempty"`
		Template VeleroTemplate `json:"template"`
	} `json:"spec"`
	Status struct {
		Phase string `json:"phase,omitempty"` // a key of VeleroSchedulePhases
	} `json:"status,omitempty"`
}

// A VeleroTemplate says what a Backup takes in.
type VeleroTemplate struct {
	IncludedNamespaces               []string                `json:"includedNamespaces,omitempty"`
	ExcludedNamespaces               []string                `json:"excludedNamespaces,omitempty"`
	IncludedResources                []string                `json:"includedResources,omitempty"`
	ExcludedResources                []string                `json:"excludedResources,omitempty"`
	IncludedNamespaceScopedResources []string                `json:"includedNamespaceScopedResources,omitempty"`
	ExcludedNamespaceScopedResources []string                `json:"excludedNamespaceScopedResources,omitempty"`
	LabelSelector                    *metav1.LabelSelector   `json:"labelSelector,omitempty"`
	OrLabelSelectors                 []*metav1.LabelSelector `json:"orLabelSelectors,omitempty"`
	SnapshotVolumes                  *bool                   `json:"snapshotVolumes,omitempty"`
	SnapshotMoveData                 *bool                   `json:"snapshotMoveData,omitempty"`
	DefaultVolumesToFsBackup         *bool                   `json:"defaultVolumesToFsBackup,omitempty"`
	DefaultVolumesToRestic           *bool                   `json:"defaultVolumesToRestic,omitempty"` // its name until 1.10
	StorageLocation                  string                  `json:"storageLocation,omitempty"`
	ResourcePolicy                   *struct {
		Name string `json:"name"`
	} `json:"resourcePolicy,omitempty"`
}

// A VeleroRun is a Backup.
type VeleroRun struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              VeleroTemplate `json:"spec"`
	Status            struct {
		Phase                    string       `json:"phase,omitempty"` // a key of VeleroBackupPhases
		StartTimestamp           *metav1.Time `json:"startTimestamp,omitempty"`
		CompletionTimestamp      *metav1.Time `json:"completionTimestamp,omitempty"` // set on failure too
		VolumeSnapshotsAttempted int          `json:"volumeSnapshotsAttempted,omitempty"`
		VolumeSnapshotsCompleted int          `json:"volumeSnapshotsCompleted,omitempty"`
		CSIAttempted             int          `json:"csiVolumeSnapshotsAttempted,omitempty"`
		CSICompleted             int          `json:"csiVolumeSnapshotsCompleted,omitempty"`
	} `json:"status,omitempty"`
}

// Outcome is that of the backup's phase. Completed with volumes that were tried and not taken leaves those without a
// copy, and is no success.
func (b *VeleroRun) Outcome() Outcome {
	o, s := VeleroBackupPhases[b.Status.Phase], &b.Status
	if o == Succeeded && (s.VolumeSnapshotsCompleted < s.VolumeSnapshotsAttempted || s.CSICompleted < s.CSIAttempted) {
		return Failed
	}
	return o
}

// Began is the start of the backup, else its creation; Ended its end, else its start.
func (b *VeleroRun) Began() time.Time {
	return firstTime(b.Status.StartTimestamp, &b.CreationTimestamp)
}

// Ended is the moment at which the backup ended, well or not.
func (b *VeleroRun) Ended() time.Time {
	return firstTime(b.Status.CompletionTimestamp, b.Status.StartTimestamp, &b.CreationTimestamp)
}

// A VeleroStore is a BackupStorageLocation: where backups are kept.
type VeleroStore struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Default bool              `json:"default,omitempty"`
		Config  map[string]string `json:"config,omitempty"`
	} `json:"spec"`
	Status struct {
		Phase string `json:"phase,omitempty"` // a key of VeleroLocationPhases
	} `json:"status,omitempty"`
}

// trimStore keeps the addresses alone.
func trimStore(s *VeleroStore) {
	for k := range s.Spec.Config {
		if k != "s3Url" && k != "publicUrl" {
			delete(s.Spec.Config, k)
		}
	}
}

// InCluster reports a store whose address is a Service of the cluster itself: what it keeps is lost with the cluster.
func (s *VeleroStore) InCluster() bool {
	_, rest, ok := strings.Cut(s.Spec.Config["s3Url"], "://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	return ok && (strings.HasSuffix(host, ".svc") || strings.HasSuffix(host, ".svc.cluster.local") || !strings.Contains(host, "."))
}

// A VeleroVolume is a PodVolumeBackup or a DataUpload: one volume's data on its way to a store.
type VeleroVolume struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Pod struct {
			Namespace string `json:"namespace,omitempty"`
		} `json:"pod,omitempty"`
		SourceNamespace string `json:"sourceNamespace,omitempty"`
	} `json:"spec"`
	Status struct {
		Phase               string       `json:"phase,omitempty"` // a key of VeleroDataPhases
		CompletionTimestamp *metav1.Time `json:"completionTimestamp,omitempty"`
	} `json:"status,omitempty"`
}

// Of is the namespace that the volume is mounted in.
func (v *VeleroVolume) Of() string {
	if v.Spec.SourceNamespace != "" {
		return v.Spec.SourceNamespace
	}
	return v.Spec.Pod.Namespace
}

// TakesNamespace reports whether a backup takes the namespace in. An exclusion counts before an inclusion.
func (t *VeleroTemplate) TakesNamespace(ns string) bool {
	return taken(t.IncludedNamespaces, t.ExcludedNamespaces, func(list []string) bool { return globs(list, ns) })
}

func taken(include, exclude []string, names func([]string) bool) bool {
	return !names(exclude) && (len(include) == 0 || slices.Contains(include, "*") || names(include))
}

// takesClaims reports whether volume claims are among the resources taken in.
func (t *VeleroTemplate) takesClaims() bool {
	claims := func(list []string) bool {
		return slices.ContainsFunc(list, func(r string) bool {
			name, group, _ := strings.Cut(strings.ToLower(r), ".")
			return claimNames[name] && group == ""
		})
	}
	return taken(t.IncludedResources, t.ExcludedResources, claims) &&
		taken(t.IncludedNamespaceScopedResources, t.ExcludedNamespaceScopedResources, claims)
}

// takesLabels reports whether the label selectors of the template take in an object with these labels.
func (t *VeleroTemplate) takesLabels(set map[string]string) bool {
	if t.LabelSelector == nil && len(t.OrLabelSelectors) == 0 {
		return true
	}
	for _, ls := range append(slices.Clone(t.OrLabelSelectors), t.LabelSelector) {
		if sel, _ := Selector(ls); sel != nil && sel.Matches(labels.Set(set)) {
			return true
		}
	}
	return false
}

// Takes reports whether the data of a volume claim of one of the template's namespaces is taken in. whole reports that
// every pod that may mount it was seen. A claim is taken in by its own labels or with a pod that mounts it; its data by
// a snapshot, or through the file system of a pod that mounts it.
func (t *VeleroTemplate) Takes(c *Claim, whole bool) Match {
	if !t.takesClaims() || c.Labels[veleroExclude] == "true" {
		return MatchNo
	}
	missing := MatchNo
	if !whole {
		missing = MatchUnknown // a pod that was not seen may take it in
	}
	byPod := func(u Use) bool {
		return t.takesLabels(u.Workload.PodLabels()) && u.Workload.PodLabels()[veleroExclude] != "true"
	}
	if !t.takesLabels(c.Labels) && !slices.ContainsFunc(c.Uses, byPod) {
		return missing
	}
	if t.SnapshotVolumes != nil && !*t.SnapshotVolumes && !slices.ContainsFunc(c.Uses, t.throughPod) {
		return missing
	}
	if t.ResourcePolicy != nil {
		return MatchUnknown // a ConfigMap that is not read may leave volumes out
	}
	return MatchYes
}

// throughPod reports whether the file system of the pod's volume is copied: of all volumes but those left out, or of
// those named alone (Velero's manual, File System Backup).
func (t *VeleroTemplate) throughPod(u Use) bool {
	notes := u.Workload.Template.Annotations
	if isTrue(t.DefaultVolumesToFsBackup) || isTrue(t.DefaultVolumesToRestic) {
		return !listed(notes[veleroVolumesOut], u.Volume)
	}
	return listed(notes[veleroVolumes], u.Volume)
}

// ThroughPods reports that the backup copies the file systems of volumes by default.
func (t *VeleroTemplate) ThroughPods() bool {
	return isTrue(t.DefaultVolumesToFsBackup) || isTrue(t.DefaultVolumesToRestic)
}

// Moves reports that the data of snapshots is moved to the store.
func (t *VeleroTemplate) Moves() bool { return isTrue(t.SnapshotMoveData) }

func isTrue(b *bool) bool { return b != nil && *b }

func listed(list, name string) bool {
	for _, w := range strings.Split(list, ",") {
		if strings.TrimSpace(w) == name {
			return true
		}
	}
	return false
}
