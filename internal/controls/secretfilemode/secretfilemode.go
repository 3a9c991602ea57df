// Package secretfilemode checks that the files of a mounted Secret cannot be read by every user of the container.
package secretfilemode

import (
	"embed"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "secret-file-mode",
	Version:  1,
	Clauses:  []string{"MCS.SEC.T1"},
	Scope:    control.Namespace,
	Severity: control.Low,
	Needs:    kinds.WorkloadInputs,
	Reasons: []control.Reason{
		{Key: "readable-by-others", Verdict: control.Fail},
		{Key: "mode-not-set", Verdict: control.Fail},
		{Key: "invalid-mode", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

const (
	others   = 0o004 // the bit that lets everybody read
	highest  = 0o777 // the highest mode that the API takes
	byItself = 0o644 // the mode of a file where nothing is written (SecretVolumeSourceDefaultMode in k8s.io/api)
)

func run(e *control.Eval) {
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		for i := range w.Template.Spec.Volumes {
			vol := &w.Template.Spec.Volumes[i]
			files := filesOf(vol)
			if files == nil || tokenVolume(&w.Template.Spec, vol.Name) {
				continue
			}
			s := control.On(e, w.Item()).Part("volume", vol.Name).At(w.TemplatePath...).Below("spec", "volumes", i)
			if kinds.IsWindows(&w.Template.Spec) {
				s.NotApplicable() // where files have no such modes
				continue
			}
			judge(s, vol.Name, files)
		}
	}
}

// A file is the mode of one file of a volume, or of all that have none of their own.
type file struct {
	mode *int32
	path []any // below the volume
}

// filesOf lists the modes of the files that a volume makes of Secrets; nil where it makes none.
func filesOf(vol *corev1.Volume) (out []file) {
	switch {
	case vol.Secret != nil:
		return items(vol.Secret.Items, vol.Secret.DefaultMode, []any{"secret"}, []any{"secret"})
	case vol.Projected != nil:
		for i, src := range vol.Projected.Sources {
			if src.Secret != nil {
				out = append(out, items(src.Secret.Items, vol.Projected.DefaultMode, []any{"projected"}, []any{"projected", "sources", i, "secret"})...)
			}
		}
	}
	return out
}

// items gives the modes of the keys of one Secret: that of an item comes before the volume's.
func items(keys []corev1.KeyToPath, all *int32, volume, source []any) (out []file) {
	for i, k := range keys {
		if k.Mode != nil {
			out = append(out, file{k.Mode, append(source[:len(source):len(source)], "items", i, "mode")})
		}
	}
	if len(out) < len(keys) || len(keys) == 0 {
		out = append(out, file{all, append(volume[:len(volume):len(volume)], "defaultMode")})
	}
	return out
}

// tokenVolume reports the volume of an account's token, which the platform adds to a pod by itself.
func tokenVolume(spec *corev1.PodSpec, name string) bool {
	found := false
	for _, c := range kinds.ContainersOf(spec, nil) {
		for _, m := range c.VolumeMounts {
			if m.Name != name {
				continue
			}
			if m.MountPath != "/var/run/secrets/kubernetes.io/serviceaccount" {
				return false
			}
			found = true
		}
	}
	return found
}

// judge says the worst that is true of a file of the volume: one part is one volume.
func judge(s control.Subject, name string, files []file) {
	for _, f := range files {
		if f.mode != nil && (*f.mode < 0 || *f.mode > highest) {
			s.Below(f.path...).Unknown("invalid-mode", control.Values{"volume": name, "mode": octal(*f.mode)})
			return
		}
	}
	for _, f := range files {
		if f.mode != nil && *f.mode&others != 0 {
			s.Below(f.path...).Fail("readable-by-others", control.Values{"volume": name, "mode": octal(*f.mode)})
			return
		}
	}
	for _, f := range files {
		if f.mode == nil {
			s.Fail("mode-not-set", control.Values{"volume": name, "mode": octal(byItself)})
			return
		}
	}
	s.Pass()
}

func octal(mode int32) string { return fmt.Sprintf("%#04o", mode) }
