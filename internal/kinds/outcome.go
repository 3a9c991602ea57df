package kinds

// An Outcome is what a state of somebody's API says, in one form for all. The zero value is no success: a state that
// the tables do not know proves nothing.
type Outcome uint8

// The outcomes.
const (
	Other   Outcome = iota // neither good nor bad: skipped, being deleted, not known
	Pending                // not begun
	Running                // under way
	Succeeded
	Failed // ended without success, partial success included
)

var outcomeNames = [...]string{"other", "pending", "running", "success", "failed"}

// String is the outcome's name.
func (o Outcome) String() string { return outcomeNames[o] }

// KastenActionStates are the values of status.state of the kinds of actions.kio.kasten.io (Kasten's API documents, Actions).
// AttemptFailed is tried again. Complete is a success only without exceptions: see KastenAction.Outcome.
var KastenActionStates = map[string]Outcome{
	"Pending": Pending, "Running": Running, "AttemptFailed": Running, "Failed": Failed, "Complete": Succeeded,
	"Skipped": Other, "Deleting": Other, "Cancelled": Failed,
}

// KastenValidationStates are the values of status.validation of a Policy and a PolicyPreset of config.kio.kasten.io.
var KastenValidationStates = map[string]Outcome{"Pending": Pending, "Success": Succeeded, "Failed": Failed}

// VeleroBackupPhases are the phases of a Backup of velero.io (vmware-tanzu/velero, pkg/apis/velero/v1/backup_types.go).
var VeleroBackupPhases = map[string]Outcome{
	"New": Pending, "Queued": Pending, "ReadyToStart": Pending, "FailedValidation": Failed, "InProgress": Running,
	"WaitingForPluginOperations": Running, "WaitingForPluginOperationsPartiallyFailed": Running,
	"Finalizing": Running, "FinalizingPartiallyFailed": Running,
	"Completed": Succeeded, "PartiallyFailed": Failed, "Failed": Failed, "Deleting": Other,
}

// VeleroSchedulePhases are the phases of a Schedule of velero.io (schedule_types.go of the same folder).
var VeleroSchedulePhases = map[string]Outcome{"New": Pending, "Enabled": Succeeded, "FailedValidation": Failed}

// VeleroLocationPhases are the phases of a BackupStorageLocation of velero.io (backupstoragelocation_types.go).
var VeleroLocationPhases = map[string]Outcome{"Available": Succeeded, "Unavailable": Failed}

// VeleroDataPhases are the phases of a PodVolumeBackup and of a DataUpload (pod_volume_backup_types.go, and
// pkg/apis/velero/v2alpha1/data_upload_types.go).
var VeleroDataPhases = map[string]Outcome{
	"New": Pending, "Accepted": Pending, "Prepared": Pending, "InProgress": Running, "Canceling": Running,
	"Canceled": Failed, "Completed": Succeeded, "Failed": Failed,
}

// VolSyncResults are the results of a mover of VolSync (backube/volsync, api/v1alpha1/common_types.go).
var VolSyncResults = map[string]Outcome{"Successful": Succeeded, "Failed": Failed}

// CNPGBackupPhases are the phases of a Backup of postgresql.cnpg.io (cloudnative-pg/cloudnative-pg, api/v1/backup_types.go).
var CNPGBackupPhases = map[string]Outcome{
	"pending": Pending, "started": Running, "running": Running, "finalizing": Running, "completed": Succeeded,
	"failed": Failed, "walArchivingFailing": Failed,
}
