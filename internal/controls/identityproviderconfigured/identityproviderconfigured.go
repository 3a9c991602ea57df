// Package identityproviderconfigured checks that people sign in through a system of identities.
package identityproviderconfigured

import (
	"embed"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "identity-provider-configured",
	Version:  1,
	Clauses:  []string{"MCS.IAM.P2"},
	Scope:    control.OfCluster,
	Severity: control.High,
	Needs:    []inventory.Input{kinds.OAuths},
	Wants:    []inventory.Input{kinds.Authentications},
	Reasons: []control.Reason{
		{Key: "no-provider", Verdict: control.Fail},
		{Key: "htpasswd-only", Verdict: control.Fail},
		{Key: "external-oidc", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

// run judges the one configuration that the cluster reads. Where tokens are checked against identity providers
// directly, the cluster's own sign-in server is not in use, whatever its configuration says.
func run(e *control.Eval) {
	for _, it := range kinds.Authentications.In(e.View) {
		if o := it.Object; o.Name == kinds.ClusterConfig && o.Spec.Type == "OIDC" {
			direct(control.On(e, it), o)
			return
		}
	}
	for _, it := range kinds.OAuths.In(e.View) {
		if it.Object.Name == kinds.ClusterConfig {
			integrated(control.On(e, it), it.Object)
		}
	}
}

func direct(s control.Subject, o *kinds.Authentication) {
	if len(o.Spec.OIDCProviders) == 0 {
		s.At("spec").Fail("no-provider", nil)
		return
	}
	var names []string
	for _, p := range o.Spec.OIDCProviders {
		names = append(names, p.Name)
	}
	s.PassAs("external-oidc", control.Values{"providers": names})
}

// integrated judges the configuration of the cluster's own server: unless tokens are checked elsewhere, which is not
// known where that was not read.
func integrated(s control.Subject, o *kinds.OAuth) {
	providers := o.Spec.IdentityProviders
	var names []string
	for _, p := range providers {
		names = append(names, p.Name)
	}
	switch {
	case len(providers) == 0:
		s.At("spec").FailIfWhole("no-provider", nil, kinds.Authentications)
	case !slices.ContainsFunc(providers, func(p kinds.IdentityProvider) bool { return p.Type != "HTPasswd" }):
		s.At("spec", "identityProviders").FailIfWhole("htpasswd-only", control.Values{"providers": names}, kinds.Authentications)
	default:
		s.Pass()
	}
}
