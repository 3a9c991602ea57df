// Package storageencrypted checks that every volume is of a storage class that encrypts it at rest.
package storageencrypted

import (
	"embed"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const (
	encryptedClasses   = "encrypted-classes"
	unencryptedClasses = "unencrypted-classes"
)

// Control is the check.
var Control = &control.Control{
	ID:       "storage-encrypted",
	Version:  1,
	Clauses:  []string{"MCS.ENC.P1", "MCS.ENC.R3"},
	Scope:    control.Namespace,
	Severity: control.High,
	Params:   []string{encryptedClasses, unencryptedClasses},
	Needs:    append(slices.Clone(kinds.ClaimInputs), inventory.Input(kinds.StorageClasses)),
	Wants:    []inventory.Input{kinds.PersistentVolumes},
	Reasons: []control.Reason{
		{Key: "class-unencrypted", Verdict: control.Fail, Clauses: []string{"MCS.ENC.R3"}},
		{Key: "default-class-unencrypted", Verdict: control.Fail, Clauses: []string{"MCS.ENC.P1"}},
		{Key: "not-said", Verdict: control.Unknown},
		{Key: "class-unseen", Verdict: control.Unknown, Running: true},
		{Key: "default-not-known", Verdict: control.Unknown, Running: true},
		{Key: "no-class", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	claims := kinds.Claims.In(e.View)
	if len(claims) == 0 {
		return
	}
	cs := classesOf(e)
	for _, c := range claims {
		if c.Platform {
			continue
		}
		s := control.On(e, c.Item()).Part(c.Part.Kind, c.Part.Name).At(c.Path...)
		if c.Unsure(e.View) {
			s.Unknown(control.ReasonGap, nil, kinds.PersistentVolumeClaims)
			continue
		}
		judge(e, s, c, cs)
	}
}

func judge(e *control.Eval, s control.Subject, c *kinds.Claim, cs *classes) {
	name, named := c.Class()
	switch {
	case named && name != "":
		named := s.Below("storageClassName")
		switch cs.of(name) {
		case encrypted:
			named.Pass()
		case clear:
			// Admission writes the default's name into a claim that names none: of what an API server took in, nobody
			// can tell who chose the default.
			if c.Served() && cs.isDefault(name) {
				named.Fail("default-class-unencrypted", control.Values{"class": name})
				return
			}
			named.Fail("class-unencrypted", control.Values{"class": name})
		default:
			notKnown(e, named, cs, name)
		}
	case c.Spec.VolumeName != "":
		bound(e, s, c, cs)
	case named:
		s.Unknown("no-class", nil) // an empty name: a volume that somebody made by hand
	default:
		byDefault(e, s, cs)
	}
}

// notKnown says why a class says nothing.
func notKnown(e *control.Eval, s control.Subject, cs *classes, name string) {
	switch {
	case cs.by[name] != nil:
		s.Unknown("not-said", control.Values{"class": name})
	case !e.Whole(kinds.StorageClasses):
		s.Unknown(control.ReasonGap, nil, kinds.StorageClasses)
	default:
		s.Unknown("class-unseen", control.Values{"class": name})
	}
}

// bound judges a claim without a class by the class of the volume that it is bound to.
func bound(e *control.Eval, s control.Subject, c *kinds.Claim, cs *classes) {
	v := volume(e, c.Spec.VolumeName)
	switch {
	case v == nil && !e.Whole(kinds.PersistentVolumes):
		s.Unknown(control.ReasonGap, nil, kinds.PersistentVolumes)
		return
	case v == nil || v.Spec.StorageClassName == "":
		s.Unknown("no-class", nil)
		return
	}
	switch name := v.Spec.StorageClassName; cs.of(name) {
	case encrypted:
		s.Pass()
	case clear:
		s.Fail("class-unencrypted", control.Values{"class": name})
	default:
		notKnown(e, s, cs, name)
	}
}

func volume(e *control.Eval, name string) *corev1.PersistentVolume {
	all := kinds.PersistentVolumes.In(e.View)
	i, found := slices.BinarySearchFunc(all, name, func(it inventory.Item[corev1.PersistentVolume], n string) int {
		switch {
		case it.Ref.Name < n:
			return -1
		case it.Ref.Name > n:
			return 1
		}
		return 0
	})
	if !found {
		return nil
	}
	return all[i].Object
}

// byDefault judges a claim that names no class: it gets the cluster's default.
func byDefault(e *control.Eval, s control.Subject, cs *classes) {
	if !e.Whole(kinds.StorageClasses) {
		s.Unknown(control.ReasonGap, nil, kinds.StorageClasses) // a default that was not seen may be the newer one
		return
	}
	names, ok := cs.defaults(e)
	if !ok || len(names) == 0 {
		s.Unknown("default-not-known", control.Values{"classes": names})
		return
	}
	first := cs.of(names[0])
	for _, n := range names[1:] {
		if cs.of(n) != first {
			s.Unknown("default-not-known", control.Values{"classes": names})
			return
		}
	}
	switch first {
	case encrypted:
		s.Pass()
	case clear:
		s.Fail("default-class-unencrypted", control.Values{"class": names[0]})
	default:
		s.Unknown("not-said", control.Values{"class": names[0]})
	}
}
