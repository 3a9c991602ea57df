// Package routetls checks that what a Route or an Ingress serves is served over TLS, and over TLS alone.
package routetls

import (
	"embed"
	"slices"

	ocproute "github.com/openshift/api/route/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "route-tls",
	Version:  1,
	Clauses:  []string{"MCS.ENC.R1"},
	Scope:    control.Namespace,
	Severity: control.High,
	Needs:    []inventory.Input{kinds.Routes, kinds.Ingresses},
	Reasons: []control.Reason{
		{Key: "no-tls", Verdict: control.Fail},
		{Key: "insecure-allowed", Verdict: control.Fail},
		{Key: "invalid-value", Verdict: control.Unknown},
		{Key: "tls-elsewhere", Verdict: control.Unknown},
		{Key: "edge-clear-hop", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	seen := map[string]bool{}
	for _, it := range kinds.Ingresses.In(e.View) {
		seen[it.Ref.Name] = true
		if !kinds.PlatformOwned("Ingress", &it.Object.ObjectMeta) {
			ingress(e, it)
		}
	}
	for _, it := range kinds.Routes.In(e.View) {
		if !kinds.PlatformOwned("Route", &it.Object.ObjectMeta) {
			route(control.On(e, it), it.Object, seen, blind(e))
		}
	}
}

// route judges one Route. What the router makes of an Ingress is the Ingress' affair, but for the policy on plain
// HTTP: that field is the Route's alone, and survives there.
func route(s control.Subject, r *ocproute.Route, ingresses map[string]bool, blind bool) {
	owner, name := kinds.ControllerKind(&r.ObjectMeta)
	made := owner == "Ingress" && ingresses[name]
	tls := r.Spec.TLS
	if tls == nil {
		if made {
			s.NotApplicable()
			return
		}
		s.At("spec").Fail("no-tls", control.Values{"host": hostOf(r)})
		return
	}
	policy := s.At("spec", "tls", "insecureEdgeTerminationPolicy")
	switch tls.InsecureEdgeTerminationPolicy {
	case ocproute.InsecureEdgeTerminationPolicyAllow:
		policy.Fail("insecure-allowed", control.Values{"host": hostOf(r), "setting": "insecureEdgeTerminationPolicy: Allow"})
		return
	case "", ocproute.InsecureEdgeTerminationPolicyNone, ocproute.InsecureEdgeTerminationPolicyRedirect:
	default:
		policy.Unknown("invalid-value", control.Values{"field": "insecureEdgeTerminationPolicy", "value": string(tls.InsecureEdgeTerminationPolicy)})
		return
	}
	if owner == "Ingress" && blind {
		s.Unknown(control.ReasonGap, nil, kinds.Ingresses) // it may be its Ingress' affair
		return
	}
	if made {
		s.NotApplicable()
		return
	}
	termination(s.At("spec", "tls", "termination"), tls.Termination, hostOf(r))
}

func termination(s control.Subject, t ocproute.TLSTerminationType, host string) {
	switch t {
	case ocproute.TLSTerminationEdge:
		s.PassAs("edge-clear-hop", control.Values{"host": host})
	case ocproute.TLSTerminationReencrypt, ocproute.TLSTerminationPassthrough:
		s.Pass()
	default:
		s.Unknown("invalid-value", control.Values{"field": "termination", "value": string(t)})
	}
}

// hostOf is the host that the Route serves: its own, the one that the router gave it, else the form of the name that
// the router will make up.
func hostOf(r *ocproute.Route) string {
	switch {
	case r.Spec.Host != "":
		return r.Spec.Host
	case len(r.Status.Ingress) > 0 && r.Status.Ingress[0].Host != "":
		return r.Status.Ingress[0].Host
	case r.Spec.Subdomain != "":
		return r.Spec.Subdomain + ".*"
	case r.Namespace != "":
		return r.Name + "-" + r.Namespace + ".*"
	}
	return r.Name + "-*"
}

// blind reports that no Ingress can be seen: whose affair a Route that was made of one is, cannot be told.
func blind(e *control.Eval) bool {
	return slices.ContainsFunc(e.Gaps(kinds.Ingresses), func(g inventory.Gap) bool { return g.State.IsGap() })
}
