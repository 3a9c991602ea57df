// Package serviceaccounttokenlegacy reports the tokens of service accounts that are kept in Secrets and never expire.
package serviceaccounttokenlegacy

import (
	"cmp"
	"embed"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "service-account-token-legacy",
	Version:  1,
	Clauses:  []string{"MCS.SEC.T1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    []inventory.Input{kinds.Secrets},
	Reasons: []control.Reason{
		{Key: "long-lived", Verdict: control.Fail},
		{Key: "left-by-platform", Verdict: control.Fail, Severity: control.Low},
		{Key: "invalidated", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

const (
	tokenType  = "kubernetes.io/service-account-token"
	accountKey = "kubernetes.io/service-account.name"
	createdBy  = "kubernetes.io/created-by"
	// invalidSince is the label that Kubernetes gives an automatic token that nobody used for a year; the API server
	// refuses the token from then on (Kubernetes, "Managing Service Accounts", legacy token cleaner).
	invalidSince = "kubernetes.io/legacy-token-invalid-since"
)

func run(e *control.Eval) {
	for _, it := range kinds.Secrets.In(e.View) {
		s, o := control.On(e, it), it.Object
		v := control.Values{"account": cmp.Or(o.Annotations[accountKey], "-")}
		switch {
		case o.Type != tokenType:
			s.Pass()
		case o.Labels[invalidSince] != "":
			v["since"] = o.Labels[invalidSince]
			s.PassAs("invalidated", v)
		case byPlatform(o):
			s.At("type").Fail("left-by-platform", v)
		default:
			s.At("type").Fail("long-lived", v)
		}
	}
}

// byPlatform reports a token that the platform made by itself: for the registry's credentials (openshift-controller-manager,
// create_dockercfg_secrets.go), for each new account as Kubernetes did up to 1.23 and OpenShift up to 4.15, or for
// an operator. Such a Secret is named ACCOUNT-token-XXXXX; one that a person wrote in a manifest may be too.
func byPlatform(o *kinds.Secret) bool {
	if kinds.PlatformOwned("Secret", &o.ObjectMeta) || o.Annotations[createdBy] == "openshift.io/create-dockercfg-secrets" {
		return true
	}
	written := o.Origin != kinds.FromLive && o.Origin != kinds.FromMustGather && o.UID == ""
	tail, ok := strings.CutPrefix(o.Name, o.Annotations[accountKey]+"-token-")
	return ok && !written && len(tail) == 5 && strings.Trim(tail, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
