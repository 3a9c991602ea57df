package kinds

import (
	"bytes"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Kinds of Veeam Kasten, with the fields that its API documents give (docs.kasten.io, API: Policies, Policy Presets,
// Actions, Restore Points). Policies stand in KastenHome, or in the namespace of the one application that they protect.
var (
	KastenPolicies        = register("config.kio.kasten.io", "policies", "Policy", namespaced, func(o *KastenPolicy) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	KastenPresets         = register("config.kio.kasten.io", "policypresets", "PolicyPreset", namespaced, func(o *KastenPreset) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	KastenRunActions      = register("actions.kio.kasten.io", "runactions", "RunAction", namespaced, func(o *KastenAction) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	KastenBackupActions   = register("actions.kio.kasten.io", "backupactions", "BackupAction", namespaced, func(o *KastenAction) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	KastenExportActions   = register("actions.kio.kasten.io", "exportactions", "ExportAction", namespaced, func(o *KastenAction) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	KastenRestorePoints   = register("apps.kio.kasten.io", "restorepoints", "RestorePoint", namespaced, func(o *KastenRestorePoint) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	KastenRestoreContents = register("apps.kio.kasten.io", "restorepointcontents", "RestorePointContent", byCluster, func(o *KastenRestorePoint) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// KastenHome is the namespace that Kasten itself, and the policies for more than one application, live in.
const KastenHome = "kasten-io"

// Labels that Kasten sets on actions and restore points.
const (
	KastenPolicyName      = "k10.kasten.io/policyName"
	KastenPolicyNamespace = "k10.kasten.io/policyNamespace"
	KastenAppNamespace    = "k10.kasten.io/appNamespace"
	KastenExportProfile   = "k10.kasten.io/exportProfile" // stands on what was exported, whatever its value
	kastenMachine         = "k10.kasten.io/virtualMachine"
)

// A KastenPolicy says what is backed up, how often, and where it is exported to.
type KastenPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		KastenFrequency `json:",inline"`
		Paused          bool                  `json:"paused,omitempty"`
		PresetRef       *NamedReference       `json:"presetRef,omitempty"`
		Selector        *metav1.LabelSelector `json:"selector,omitempty"`
		Actions         []KastenPolicyAction  `json:"actions,omitempty"`
	} `json:"spec"`
	Status struct {
		Validation string `json:"validation,omitempty"` // a key of KastenValidationStates
	} `json:"status,omitempty"`
}

// A NamedReference names another object.
type NamedReference struct {
	Kind      string `json:"kind,omitempty"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// A KastenFrequency is when a policy, or a preset for policies, runs.
type KastenFrequency struct {
	Frequency    string              `json:"frequency,omitempty"` // @hourly, @daily, @weekly, @monthly, @yearly, @onDemand
	SubFrequency *KastenSubFrequency `json:"subFrequency,omitempty"`
	BackupWindow *KastenWindow       `json:"backupWindow,omitempty"`
}

// A KastenSubFrequency says at which times of its frequency a policy runs, in UTC.
type KastenSubFrequency struct {
	Minutes  []int `json:"minutes,omitempty"`
	Hours    []int `json:"hours,omitempty"`
	Weekdays []int `json:"weekdays,omitempty"` // 0 is Sunday
	Days     []int `json:"days,omitempty"`
	Months   []int `json:"months,omitempty"`
}

// A KastenWindow bounds the hours of the day in which a policy may run.
type KastenWindow struct {
	Start KastenMoment `json:"start"`
	End   KastenMoment `json:"end"`
}

// A KastenMoment is a time of the day.
type KastenMoment struct {
	Hour   int `json:"hour"`
	Minute int `json:"minute"`
}

// Length is how long the window is open: the whole day where its ends are equal.
func (w KastenWindow) Length() time.Duration {
	d := time.Duration(w.End.Hour-w.Start.Hour)*time.Hour + time.Duration(w.End.Minute-w.Start.Minute)*time.Minute
	if d <= 0 {
		d += 24 * time.Hour
	}
	return d
}

// A KastenPolicyAction is one step of a policy: backup, export, import, restore, report.
type KastenPolicyAction struct {
	Action string `json:"action"`
	Backup struct {
		Filters KastenFilters `json:"filters,omitempty"`
	} `json:"backupParameters,omitempty"`
	Export struct {
		ExportData struct {
			Enabled *bool `json:"enabled,omitempty"`
		} `json:"exportData,omitempty"`
	} `json:"exportParameters,omitempty"`
}

// KastenFilters take resources into a backup, or out of it. An empty field of a filter fits everything.
type KastenFilters struct {
	Include []KastenFilter `json:"includeResources,omitempty"`
	Exclude []KastenFilter `json:"excludeResources,omitempty"`
}

// A KastenFilter names resources by group, version, resource, name and labels.
type KastenFilter struct {
	Group                string `json:"group,omitempty"`
	Version              string `json:"version,omitempty"`
	Resource             string `json:"resource,omitempty"`
	Name                 string `json:"name,omitempty"`
	metav1.LabelSelector `json:",inline"`
}

// A KastenPreset holds the schedule of the policies that refer to it.
type KastenPreset struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Backup KastenFrequency `json:"backup"`
		Export *struct {
			Frequency string `json:"frequency,omitempty"`
		} `json:"export,omitempty"`
	} `json:"spec"`
}

// A KastenAction is a RunAction, BackupAction or ExportAction. What went wrong is let go of: that it did is kept.
type KastenAction struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Subject       NamedReference `json:"subject,omitempty"`
		ScheduledTime *metav1.Time   `json:"scheduledTime,omitempty"`
	} `json:"spec,omitempty"`
	Status struct {
		State      string       `json:"state,omitempty"` // a key of KastenActionStates
		StartTime  *metav1.Time `json:"startTime,omitempty"`
		EndTime    *metav1.Time `json:"endTime,omitempty"` // null while it runs
		Exceptions filled       `json:"exceptions,omitempty"`
	} `json:"status,omitempty"`
}

// Outcome is that of the action's state: Complete with exceptions left something out, and is no success.
func (a *KastenAction) Outcome() Outcome {
	o := KastenActionStates[a.Status.State]
	if o == Succeeded && bool(a.Status.Exceptions) {
		return Failed
	}
	return o
}

// OfPolicy reports that the action is a run of the policy, or a part of one: by the labels that Kasten sets, else by
// the subject of a RunAction.
func (a *KastenAction) OfPolicy(name, namespace string) bool {
	if p := a.Labels[KastenPolicyName]; p != "" {
		ns := a.Labels[KastenPolicyNamespace]
		return p == name && (ns == "" || ns == namespace)
	}
	s := a.Spec.Subject
	return s.Name == name && (s.Kind == "Policy") && (s.Namespace == "" || s.Namespace == namespace)
}

// A KastenRestorePoint is a RestorePoint of an application, or the RestorePointContent behind one.
type KastenRestorePoint struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Status            struct {
		State         string       `json:"state,omitempty"` // of a RestorePointContent: Bound, Unbound
		ActionTime    *metav1.Time `json:"actionTime,omitempty"`
		ScheduledTime *metav1.Time `json:"scheduledTime,omitempty"`
	} `json:"status,omitempty"`
}

// Exported reports that the point is kept at a location profile, and not in the cluster alone.
func (p *KastenRestorePoint) Exported() bool {
	_, ok := p.Labels[KastenExportProfile]
	return ok
}

// Taken is the moment that the point restores.
func (p *KastenRestorePoint) Taken() time.Time {
	return firstTime(p.Status.ActionTime, p.Status.ScheduledTime, &p.CreationTimestamp)
}

// firstTime is the first of the times that is set; zero: none is.
func firstTime(times ...*metav1.Time) time.Time {
	for _, t := range times {
		if t != nil && !t.IsZero() {
			return t.Time
		}
	}
	return time.Time{}
}

// filled keeps of a field that it holds something, and lets go of what.
type filled bool

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (f *filled) UnmarshalJSON(b []byte) error {
	switch string(bytes.Join(bytes.Fields(b), nil)) {
	case "null", "[]", "{}", `""`, "false":
		*f = false
	default:
		*f = true
	}
	return nil
}

// Has reports that the policy has an action of that name.
func (p *KastenPolicy) Has(action string) bool {
	for _, a := range p.Spec.Actions {
		if strings.EqualFold(a.Action, action) {
			return true
		}
	}
	return false
}
