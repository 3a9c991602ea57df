package kinds

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A PodView is one form of a workload's pods: a pod that runs, or the template of those to come.
type PodView struct {
	Meta *metav1.ObjectMeta
	Spec *corev1.PodSpec
	// Pod reports a pod object, not a template: its annotations may say who admitted it.
	Pod bool
	// Admitted reports a pod that an API server took in: what admission fills in is filled in.
	Admitted bool
	// own reports that Spec is the one that stands in the workload's own document.
	own bool
}

// PodViews gives the workload's pods as they run, else the template. Pods that have ended, or that are being
// deleted, say nothing of what runs.
func (w *Workload) PodViews() (out []PodView) {
	for _, p := range w.Pods {
		if o := p.Object; running(o) {
			out = append(out, PodView{Meta: &o.ObjectMeta, Spec: &o.Spec, Pod: true, Admitted: admitted(o), own: w.TemplatePath == nil})
		}
	}
	if len(out) == 0 {
		pod := w.TemplatePath == nil && len(w.Pods) > 0
		out = append(out, PodView{
			Meta: &w.Template.ObjectMeta, Spec: &w.Template.Spec, own: true, Pod: pod,
			Admitted: pod && admitted(w.Pods[0].Object),
		})
	}
	return out
}

func running(p *corev1.Pod) bool {
	return p.DeletionTimestamp == nil && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed
}

// admitted reports what only an API server writes: a manifest has neither.
func admitted(p *corev1.Pod) bool { return p.UID != "" || p.Status.Phase != "" }

// A ContainerForm is a container as one of the workload's pods has it. Its Path is where the container stands in the
// workload's own document, nil where it stands in the pod alone (a debugging container, an injected sidecar).
type ContainerForm struct {
	Container
	Pod PodView
}

// ContainerForms gives the containers of PodViews, in order, the forms of one name together: a container is one part
// however many pods run it.
func (w *Workload) ContainerForms() (out [][]ContainerForm) {
	at, paths := map[string]int{}, map[string][]any{}
	for _, c := range w.Containers() {
		paths[c.Name] = c.Path
	}
	for _, v := range w.PodViews() {
		for _, c := range ContainersOf(v.Spec, w.TemplatePath) {
			if !v.own {
				c.Path = paths[c.Name]
			}
			i, known := at[c.Name]
			if !known {
				i = len(out)
				at[c.Name] = i
				out = append(out, nil)
			}
			out[i] = append(out[i], ContainerForm{c, v})
		}
	}
	return out
}

// Security is the security context that a container of the pod runs with: its own fields, else those that it
// inherits from the pod (Kubernetes, "Configure a Security Context for a Pod or Container").
func Security(s *corev1.PodSpec, c *corev1.Container) (out corev1.SecurityContext) {
	if c.SecurityContext != nil {
		out = *c.SecurityContext
	}
	p := s.SecurityContext
	if p == nil {
		return out
	}
	inherit(&out.RunAsUser, p.RunAsUser)
	inherit(&out.RunAsGroup, p.RunAsGroup)
	inherit(&out.RunAsNonRoot, p.RunAsNonRoot)
	inherit(&out.SeccompProfile, p.SeccompProfile)
	inherit(&out.SELinuxOptions, p.SELinuxOptions)
	inherit(&out.AppArmorProfile, p.AppArmorProfile)
	if p.WindowsOptions != nil {
		w := corev1.WindowsSecurityContextOptions{}
		if out.WindowsOptions != nil {
			w = *out.WindowsOptions
		}
		inherit(&w.HostProcess, p.WindowsOptions.HostProcess)
		inherit(&w.RunAsUserName, p.WindowsOptions.RunAsUserName)
		out.WindowsOptions = &w
	}
	return out
}

func inherit[T any](own **T, above *T) {
	if *own == nil {
		*own = above
	}
}

// IsWindows reports a pod that runs on Windows nodes.
func IsWindows(s *corev1.PodSpec) bool { return s.OS != nil && s.OS.Name == corev1.Windows }
