// Package secretcentrallymanaged checks that the Secrets that workloads use come from a secret manager, or from an
// operator that makes and renews them, rather than from a person's hand.
package secretcentrallymanaged

import (
	"embed"
	"maps"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "secret-centrally-managed",
	Version:  1,
	Clauses:  []string{"MCS.SEC.T1"},
	Scope:    control.Namespace,
	Severity: control.Low,
	Needs:    append(slices.Clone(kinds.WorkloadInputs), kinds.Secrets),
	Wants:    kinds.SecretMakerInputs,
	Reasons: []control.Reason{
		{Key: "unmanaged", Verdict: control.Fail},
		{Key: "not-seen", Verdict: control.Unknown, Running: true},
		{Key: "placeholder", Verdict: control.Unknown, Running: true},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	j := judge{e, kinds.SecretMakers.In(e.View), kinds.SecretsByName.In(e.View), usesOf(e.View)}
	names := append(slices.Collect(maps.Keys(j.makers)), slices.Collect(maps.Keys(j.uses))...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		j.secret(name)
	}
}

// judge is what there is to know of the Secrets of one space, by name.
type judge struct {
	e      *control.Eval
	makers map[string]kinds.SecretMaker
	seen   map[string]inventory.Item[kinds.Secret]
	uses   map[string]use
}

func (j judge) secret(name string) {
	it, seen := j.seen[name]
	maker, made := j.makers[name]
	u, used := j.uses[name]
	if !seen { // the Secret is the subject all the same: its maker, or its user, says where it is named
		it.Ref, it.Place = maker.Ref, maker.Place
		if !made {
			it.Ref, it.Place = u.by.Ref, u.by.Place
		}
		it.Ref.Group, it.Ref.Kind, it.Ref.Name = "", "Secret", name
	}
	s, v := control.On(j.e, it), control.Values{"secret": name}
	if used {
		v["workload"] = u.by.Ref.Short()
	}
	switch {
	case seen && it.Object.FromServiceAccount():
		s.NotApplicable() // the platform's own
	case made, seen && it.Object.Maker() != "", seen && sealed(it.Object):
		s.Pass()
	case !seen && u.optional:
		s.NotApplicable()
	case !seen:
		s.Unknown("not-seen", v, kinds.Secrets)
	case every(it.Object, kinds.ValuePlaceholder):
		s.Unknown("placeholder", v)
	default:
		s.FailIfWhole("unmanaged", v, kinds.SecretMakerInputs...)
	}
}

// sealed reports a Secret that SOPS closed whole: what holds its key is the manager.
func sealed(o *kinds.Secret) bool { return o.SOPS != nil && every(o, kinds.ValueClosed) }

// every reports that there is a value, and that each is of that form or empty.
func every(o *kinds.Secret, form kinds.ValueForm) bool {
	found := false
	for _, k := range o.Keys() {
		if k.Form != form && k.Form != kinds.ValueEmpty {
			return false
		}
		found = found || k.Form == form
	}
	return found
}
