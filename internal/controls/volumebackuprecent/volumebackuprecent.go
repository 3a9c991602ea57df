// Package volumebackuprecent checks that what backs volumes up has succeeded lately: for each policy and schedule, that
// its last good run is not older than it may be.
package volumebackuprecent

import (
	"embed"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const (
	recoveryPoint = "recovery-point"
	grace         = "backup-grace"
)

// Control is the check.
var Control = &control.Control{
	ID:       "volume-backup-recent",
	Version:  1,
	Clauses:  []string{"MCO.BKP.T1", "MCO.BKP.R1"},
	Scope:    control.Namespace,
	Severity: control.Critical,
	Params:   []string{recoveryPoint, grace},
	Needs: []inventory.Input{
		kinds.KastenPolicies, kinds.KastenRunActions, kinds.KastenBackupActions, kinds.VeleroSchedules, kinds.VeleroBackups,
		kinds.ReplicationSources, kinds.SnapshotSchedules, kinds.VolumeSnapshots,
	},
	Wants: []inventory.Input{kinds.KastenPresets, kinds.PersistentVolumeClaims},
	Reasons: []control.Reason{
		{Key: "overdue", Verdict: control.Fail},
		{Key: "never-ran", Verdict: control.Fail},
		{Key: "never-succeeded", Verdict: control.Fail},
		{Key: "stuck", Verdict: control.Fail},
		{Key: "paused", Verdict: control.Fail},
		{Key: "refused", Verdict: control.Fail},
		{Key: "no-interval", Verdict: control.Unknown},
		{Key: "bad-schedule", Verdict: control.Unknown},
		{Key: "state-unread", Verdict: control.Unknown},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	kastenPolicies(e)
	veleroSchedules(e)
	replicationSources(e)
	snapshotSchedules(e)
}
