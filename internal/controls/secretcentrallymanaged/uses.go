package secretcentrallymanaged

import (
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// A use is the first workload that uses a Secret. optional: every pod starts without it.
type use struct {
	by       *kinds.Workload
	optional bool
}

// usesOf finds the Secrets that the workloads of a space use, by name.
func usesOf(v inventory.View) map[string]use {
	out := map[string]use{}
	for _, w := range kinds.Workloads.In(v) {
		if w.Platform {
			continue
		}
		eachSecret(&w.Template.Spec, func(name string, optional bool) {
			u, known := out[name]
			if !known {
				u = use{by: w, optional: true}
			}
			u.optional = u.optional && optional
			if name != "" {
				out[name] = u
			}
		})
	}
	return out
}

// eachSecret calls use for each Secret that a pod names: mounted, in the environment, for its registry, for its driver.
func eachSecret(spec *corev1.PodSpec, use func(name string, optional bool)) {
	for i := range spec.Volumes {
		volume(&spec.Volumes[i], use)
	}
	for _, c := range kinds.ContainersOf(spec, nil) {
		for _, env := range c.Env {
			if f := env.ValueFrom; f != nil && f.SecretKeyRef != nil {
				use(f.SecretKeyRef.Name, isTrue(f.SecretKeyRef.Optional))
			}
		}
		for _, from := range c.EnvFrom {
			if from.SecretRef != nil {
				use(from.SecretRef.Name, isTrue(from.SecretRef.Optional))
			}
		}
	}
	for _, ref := range spec.ImagePullSecrets {
		use(ref.Name, true) // the kubelet pulls without it
	}
}

func volume(v *corev1.Volume, use func(name string, optional bool)) {
	switch {
	case v.Secret != nil:
		use(v.Secret.SecretName, isTrue(v.Secret.Optional))
	case v.CSI != nil && v.CSI.NodePublishSecretRef != nil:
		use(v.CSI.NodePublishSecretRef.Name, false)
	case v.Projected != nil:
		for _, src := range v.Projected.Sources {
			if src.Secret != nil {
				use(src.Secret.Name, isTrue(src.Secret.Optional))
			}
		}
	}
}

func isTrue(b *bool) bool { return b != nil && *b }
