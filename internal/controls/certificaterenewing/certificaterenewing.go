// Package certificaterenewing checks that cert-manager keeps the certificates that it was asked for in force. Its
// condition Ready alone does not say so: it stands as it was last written when the controller is gone.
package certificaterenewing

import (
	"cmp"
	"embed"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "certificate-renewing",
	Version:  1,
	Clauses:  []string{"MCS.ENC.R1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    []inventory.Input{kinds.Certificates},
	Reasons: []control.Reason{
		{Key: "not-ready", Verdict: control.Fail},
		{Key: "expired", Verdict: control.Fail},
		{Key: "renewal-late", Verdict: control.Fail},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "status-old", Verdict: control.Unknown},
		{Key: "no-dates", Verdict: control.Unknown},
		{Key: "renewing", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

// issuing is how long one issuance may take: cert-manager waits an hour after the first one that failed
// (cert-manager/cert-manager, pkg/controller/certificates/trigger).
const issuing = time.Hour

func run(e *control.Eval) {
	for _, it := range kinds.Certificates.In(e.View) {
		if !kinds.PlatformOwned("Certificate", &it.Object.ObjectMeta) {
			judge(e, control.On(e, it), it.Object)
		}
	}
}

func judge(e *control.Eval, s control.Subject, c *kinds.Certificate) {
	ready, said := kinds.FindCondition(c.Status.Conditions, "Ready")
	switch {
	case !said && c.Status.NotAfter == nil:
		s.Unknown("no-status", nil)
		return
	case ready.ObservedGeneration > 0 && ready.ObservedGeneration < c.Generation:
		s.Unknown("status-old", nil)
		return
	}
	status := s.At("status")
	over := c.Status.NotAfter != nil && !e.Now().Before(ended(c.Status.NotAfter.Time))
	if over {
		status.Fail("expired", control.Values{"since": c.Status.NotAfter.Time.UTC()})
	}
	if said && ready.Status != "True" {
		if c.Status.NotAfter != nil && !over {
			status = status.Until(ended(c.Status.NotAfter.Time))
		}
		status.Fail("not-ready", control.Values{"why": cmp.Or(ready.Reason, "Ready="+ready.Status)})
		return
	}
	if !over {
		renewal(e, status, c)
	}
}

// ended is the first moment at which a certificate is over: its last second is still part of its life (RFC 5280,
// 4.1.2.5).
func ended(notAfter time.Time) time.Time { return notAfter.Add(time.Second) }

// renewal judges a certificate that is in force.
func renewal(e *control.Eval, s control.Subject, c *kinds.Certificate) {
	due := c.Renewal()
	if c.Status.NotAfter == nil || due.IsZero() {
		s.Unknown("no-dates", nil)
		return
	}
	s = s.Until(ended(c.Status.NotAfter.Time))
	if past := due.Add(time.Second); e.Now().Before(past) {
		s.Until(past).Pass()
		return
	}
	busy, _ := kinds.FindCondition(c.Status.Conditions, "Issuing")
	if busy.Status == "True" && busy.LastTransitionTime != nil {
		if limit := busy.LastTransitionTime.Add(issuing); e.Now().Before(limit) {
			s.Until(limit).PassAs("renewing", control.Values{"since": busy.LastTransitionTime.Time.UTC()})
			return
		}
	}
	s.Fail("renewal-late", control.Values{"due": due.UTC(), "expires": c.Status.NotAfter.Time.UTC()})
}
