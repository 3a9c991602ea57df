// Package plainsecretinmanifest reports the secrets that stand in clear where everybody who may read a manifest
// reads them, and those that a repository's history keeps. What a secret is was decided in the source, where values end; here only places are left.
package plainsecretinmanifest

import (
	"embed"
	"fmt"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "plain-secret-in-manifest",
	Version:  1,
	Clauses:  []string{"MCS.SEC.R1"},
	Scope:    control.Namespace,
	Severity: control.Critical,
	Needs:    []inventory.Input{kinds.Objects},
	Wants:    []inventory.Input{kinds.PastSecrets, kinds.SecretsBrought},
	Reasons: []control.Reason{
		{Key: "env", Verdict: control.Fail},
		{Key: "arguments", Verdict: control.Fail},
		{Key: "configmap", Verdict: control.Fail},
		{Key: "annotation", Verdict: control.Fail},
		{Key: "last-applied", Verdict: control.Fail},
		{Key: "helm", Verdict: control.Fail},
		{Key: "field", Verdict: control.Fail},
		{Key: "history", Verdict: control.Fail},
	},
	Docs: docs,
	Run:  run,
}

// reasons maps where a secret was seen to the reason.
var reasons = map[string]string{
	"env": "env", "args": "arguments", "command": "arguments", "configmap": "configmap", "annotation": "annotation",
	"label": "annotation", "last-applied": "last-applied", "helm-values": "helm", "helm-manifest": "helm",
}

func run(e *control.Eval) {
	brought, _ := kinds.SecretsBrought.In(e.View)
	if e.Space().IsCluster() {
		past(e)
	}
	for _, it := range kinds.Objects.In(e.View) {
		s := control.On(e, it)
		if len(it.Object.Sightings) == 0 {
			s.Pass()
			continue
		}
		for _, x := range it.Object.Sightings {
			reason := reasons[x.Place]
			if reason == "" {
				reason = "field"
			}
			s := s
			if x.Part.Kind != "" {
				s = s.Part(x.Part.Kind, x.Part.Name)
			}
			if reason != "helm" {
				s = s.At(x.Path...) // a release's values stand compressed: they have no line
			}
			v := values(x)
			if c, ok := brought[x.Digest]; ok {
				v["commit"], v["committed"] = c.Hash, c.At
			}
			s.Fail(reason, v)
		}
	}
}

func values(x kinds.Sighting) control.Values {
	return control.Values{"where": where(x), "field": dotted(x.Path), "rule": x.Rule, "length": x.Length, "digest": x.Digest}
}

// past says each value that stands in the repository's history alone: whoever has the repository has it. The commit is
// in the part, so that two values that stood at the same place one after the other are two findings.
func past(e *control.Eval) {
	for _, it := range kinds.PastSecrets.In(e.View) {
		x := it.Object
		v := values(x.Sighting)
		v["commit"], v["committed"], v["file"] = x.Commit.Hash, x.Commit.At, it.Place.File
		control.On(e, it).Part("commit", short(x.Commit.Hash)+" "+where(x.Sighting)).Fail("history", v)
	}
}

// short is a hash as people quote it.
func short(hash string) string { return hash[:min(len(hash), 12)] }

// where names the place for a person: the env, the key, else the field.
func where(x kinds.Sighting) string {
	if x.Part.Name != "" {
		return x.Part.Name
	}
	return dotted(x.Path)
}

func dotted(path []any) string {
	var b strings.Builder
	for _, step := range path {
		switch s := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", s)
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, s)
		}
	}
	return b.String()
}
