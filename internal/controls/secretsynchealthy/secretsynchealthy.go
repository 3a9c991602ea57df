// Package secretsynchealthy checks that the Secrets that come from a secret manager, or from a sealed form, are there
// and are kept up to date.
package secretsynchealthy

import (
	"cmp"
	"embed"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const intervals = "secret-refresh-intervals"

// Control is the check.
var Control = &control.Control{
	ID:       "secret-sync-healthy",
	Version:  1,
	Clauses:  []string{"MCS.SEC.T1"},
	Scope:    control.Namespace,
	Severity: control.High,
	Params:   []string{intervals},
	Needs: []inventory.Input{
		kinds.ExternalSecrets, kinds.SealedSecrets, kinds.VaultStaticSecrets, kinds.VaultDynamicSecrets, kinds.VaultPKISecrets,
	},
	Wants: []inventory.Input{kinds.Secrets},
	Reasons: []control.Reason{
		{Key: "not-ready", Verdict: control.Fail},
		{Key: "deleted", Verdict: control.Fail},
		{Key: "refresh-late", Verdict: control.Fail},
		{Key: "target-absent", Verdict: control.Fail},
		{Key: "key-absent", Verdict: control.Fail},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "status-old", Verdict: control.Unknown},
		{Key: "keys-not-seen", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

// A sync is what a controller says of a Secret that it makes, in one form for all kinds.
type sync struct {
	conditions []kinds.ReadyCondition
	ready      []string // the types of conditions of which none may be other than True
	must       bool     // one of ready must be there: without it nothing was reported
	observed   int64    // generation that was last brought over; 0: not said
	reported   bool     // something of the status was written, be it no condition
	last       time.Time
	every      time.Duration // 0: not refreshed at intervals
	target     string        // empty: no Secret is made
	keys       []string      // that the target must hold
}

func run(e *control.Eval) {
	for _, it := range kinds.ExternalSecrets.In(e.View) {
		judge(e, control.On(e, it), &it.Object.ObjectMeta, ofExternal(it.Object))
	}
	for _, it := range kinds.SealedSecrets.In(e.View) {
		judge(e, control.On(e, it), &it.Object.ObjectMeta, ofSealed(it.Object))
	}
	for _, k := range []*inventory.Kind[kinds.VaultSecret]{kinds.VaultStaticSecrets, kinds.VaultDynamicSecrets, kinds.VaultPKISecrets} {
		for _, it := range k.In(e.View) {
			judge(e, control.On(e, it), &it.Object.ObjectMeta, ofVault(it.Object))
		}
	}
}

func ofExternal(o *kinds.ExternalSecret) sync {
	s := sync{
		conditions: o.Status.Conditions, ready: []string{"Ready"}, must: true, observed: o.SyncedGeneration(),
		every: o.Interval(), target: o.TargetName(), keys: o.TargetKeys(),
	}
	if t := o.Status.RefreshTime; t != nil {
		s.last = t.Time
	}
	return s
}

func ofSealed(o *kinds.SealedSecret) sync {
	return sync{
		conditions: o.Status.Conditions, ready: []string{"Synced"}, must: true, observed: o.Status.ObservedGeneration,
		target: o.TargetName(), keys: o.TargetKeys(),
	}
}

// leaseRenewal is the share of a lease after which the operator renews it, where the object does not say.
const leaseRenewal = 67

func ofVault(o *kinds.VaultSecret) sync {
	s := sync{
		conditions: o.Status.Conditions, ready: []string{"Ready", "SecretSynced", "Healthy"}, observed: o.Status.LastGeneration,
		reported: o.Status.LastGeneration > 0, target: o.TargetName(),
	}
	if o.Status.LastRenewalTime > 0 {
		s.last = time.Unix(o.Status.LastRenewalTime, 0).UTC()
		share := int64(cmp.Or(o.Spec.RenewalPercent, leaseRenewal))
		s.every = time.Duration(o.Status.SecretLease.Duration*share/100) * time.Second
	}
	return s
}

// state tells whether the controller says that all is well. why is its own word for what is not.
func (s sync) state() (reported, well bool, why string) {
	reported, well = s.reported && !s.must, true
	for _, kind := range s.ready {
		c, ok := kinds.FindCondition(s.conditions, kind)
		if !ok {
			continue
		}
		reported = true
		if c.Status != "True" && well {
			well, why = false, cmp.Or(c.Reason, kind+"="+c.Status)
		}
	}
	return reported, well, why
}

// deleted reports what External Secrets says where the secret manager holds nothing any more and the Secret was taken
// away for it: Ready stays True then.
func (s sync) deleted() bool {
	c, _ := kinds.FindCondition(s.conditions, "Ready")
	return c.Status == "True" && (c.Reason == "SecretDeleted" || c.Reason == "SecretMissing")
}

func judge(e *control.Eval, s control.Subject, meta *metav1.ObjectMeta, st sync) {
	if kinds.PlatformOwned("", meta) {
		return
	}
	reported, well, why := st.state()
	status := s.At("status")
	switch {
	case !reported, well && st.every > 0 && st.last.IsZero():
		s.Unknown("no-status", nil)
	case !well:
		status.Fail("not-ready", control.Values{"why": why})
	case st.deleted():
		status.Fail("deleted", nil)
	case st.observed > 0 && st.observed < meta.Generation:
		s.Unknown("status-old", nil)
	case late(e, st):
		status.Fail("refresh-late", control.Values{
			"last": st.last.UTC(), "interval": st.every, "n": e.Param(intervals).Int(),
		})
	default:
		target(e, s.Until(limit(e, st)), st)
	}
}

// limit is the first moment at which the last refresh is too old; zero: never, or not said.
func limit(e *control.Eval, st sync) time.Time {
	if st.last.IsZero() || st.every <= 0 {
		return time.Time{}
	}
	// The last refresh is written in whole seconds: it may be up to one younger than it says.
	return st.last.Add(time.Duration(e.Param(intervals).Int())*st.every + time.Second)
}

func late(e *control.Eval, st sync) bool {
	at := limit(e, st)
	return !at.IsZero() && !e.Now().Before(at)
}

// target checks that the Secret itself is there, with its keys: a controller's word is from its last refresh.
func target(e *control.Eval, s control.Subject, st sync) {
	if st.target == "" {
		s.Pass()
		return
	}
	it, seen := kinds.SecretsByName.In(e.View)[st.target]
	v := control.Values{"secret": st.target}
	switch {
	case !seen:
		s.FailIfWhole("target-absent", v, kinds.Secrets)
	case it.Object.Type == "" && len(it.Object.Data)+len(it.Object.StringData) == 0 && len(st.keys) > 0:
		s.Unknown("keys-not-seen", v) // an API server gives each Secret a type: only its metadata was read
	default:
		absent := slices.DeleteFunc(slices.Clone(st.keys), it.Object.Has)
		if len(absent) == 0 {
			s.Pass()
			return
		}
		v["keys"] = absent
		s.Fail("key-absent", v)
	}
}
