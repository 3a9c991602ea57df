// Package secretmanifestingit reports the Secrets whose values stand in clear where manifests are kept: base64 closes
// nothing. Whether a value is closed was decided in the source, where values end.
package secretmanifestingit

import (
	"embed"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "secret-manifest-in-git",
	Version:  1,
	Clauses:  []string{"MCS.SEC.R1", "MCS.SEC.R2"},
	Scope:    control.Namespace,
	Severity: control.Critical,
	Needs:    []inventory.Input{kinds.Secrets},
	Wants:    []inventory.Input{kinds.Objects},
	Reasons: []control.Reason{
		{Key: "plain", Verdict: control.Fail},
		{Key: "sops-leaves-clear", Verdict: control.Fail},
		{Key: "exported", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

// sealed are the kinds that stand for a Secret in a manifest and hold no value in clear: a sealed one, or where to
// fetch it.
var sealed = map[[2]string]bool{
	{"bitnami.com", "SealedSecret"}:                       true,
	{"external-secrets.io", "ExternalSecret"}:             true,
	{"external-secrets.io", "ClusterExternalSecret"}:      true,
	{"kubernetes-client.io", "ExternalSecret"}:            true,
	{"secrets.hashicorp.com", "VaultStaticSecret"}:        true,
	{"secrets.hashicorp.com", "VaultDynamicSecret"}:       true,
	{"secrets.hashicorp.com", "VaultPKISecret"}:           true,
	{"secrets-store.csi.x-k8s.io", "SecretProviderClass"}: true,
}

func run(e *control.Eval) {
	for _, it := range kinds.Secrets.In(e.View) {
		if manifest(it.Object.Origin) {
			judge(control.On(e, it), it.Object)
		}
	}
	for _, it := range kinds.Objects.In(e.View) {
		if manifest(it.Object.Origin) && sealed[[2]string{it.Ref.Group, it.Ref.Kind}] {
			control.On(e, it).Pass()
		}
	}
}

// manifest reports an origin in which a document is kept as a person wrote it. A cluster must hold the values of its
// Secrets, and a dump shows what it holds.
func manifest(o kinds.Origin) bool { return o == kinds.FromFiles || o == kinds.FromGit }

func judge(s control.Subject, o *kinds.Secret) {
	var keys []string
	for _, k := range o.Keys() {
		if k.Form != kinds.ValueClear {
			continue
		}
		if keys == nil {
			s = s.At(k.Field, k.Key)
		}
		keys = append(keys, k.Key)
	}
	v := control.Values{"keys": keys}
	switch {
	case keys == nil:
		s.Pass()
	case o.SOPS != nil && o.SOPS.Rule() != "":
		v["rule"] = o.SOPS.Rule()
		s.Fail("sops-leaves-clear", v)
	case o.Origin == kinds.FromFiles && o.UID != "":
		// Only an API server writes a uid. In Git the file is one that somebody committed, whoever wrote it.
		s.Unknown("exported", v)
	default:
		s.Fail("plain", v)
	}
}
