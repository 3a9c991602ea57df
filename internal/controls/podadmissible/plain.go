package podadmissible

import (
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// plain judges as Pod Security Admission does at its restricted level, by its own library.
type plain struct{ version api.Version }

// levelOf is the policy's version for a cluster: its own, else the newest that the library knows.
func levelOf(v control.Version) api.Version {
	if !v.Known() {
		return api.LatestVersion()
	}
	return api.MajorMinorVersion(v.Major, v.Minor)
}

// evaluator is the library's own, whose checks name themselves in place of their English sentence: versions and
// overrides stay the library's affair.
var evaluator = sync.OnceValue(func() policy.Evaluator {
	checks := policy.DefaultChecks()
	for i := range checks {
		id := string(checks[i].ID)
		for k := range checks[i].Versions {
			v := &checks[i].Versions[k]
			check := v.CheckPod
			v.CheckPod = func(m *metav1.ObjectMeta, s *corev1.PodSpec) policy.CheckResult {
				r := check(m, s)
				r.ForbiddenReason = id
				return r
			}
		}
	}
	e, err := policy.NewEvaluator(checks, nil)
	if err != nil {
		panic("pod security checks do not fit together")
	}
	return e
})

// broken lists the checks that the pod breaks.
func (p plain) broken(m *metav1.ObjectMeta, s *corev1.PodSpec) (ids []string) {
	for _, r := range evaluator().EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: p.version}, m, s) {
		if !r.Allowed {
			ids = append(ids, r.ForbiddenReason)
		}
	}
	return ids
}

// reasons gives our reason for a check of the library; one that is not named here is "other".
var reasons = map[string]string{
	"privileged": "privileged", "windowsHostProcess": "privileged",
	"allowPrivilegeEscalation": "privilege-escalation",
	"capabilities_baseline":    "capabilities", "capabilities_restricted": "capabilities",
	"seccompProfile_baseline": "seccomp", "seccompProfile_restricted": "seccomp",
	"hostNamespaces": "host-access", "hostPorts": "host-access", "hostPathVolumes": "host-access",
	"runAsNonRoot": "run-as-root", "runAsUser": "run-as-root",
	"restrictedVolumes": "volume-type",
}

func reasonOf(check string) string {
	if r := reasons[check]; r != "" {
		return r
	}
	return "other"
}

// allowedProfiles are the seccomp profiles of the restricted level, as seccompProfile.type writes them.
const allowedProfiles = "RuntimeDefault, Localhost"

// container judges one container as if it stood alone, with what it inherits from the pod written into it: the
// library then blames it for nothing that another container does.
func (p plain) container(c kinds.ContainerForm) (faults []fault, _ []string) {
	sc := kinds.Security(c.Pod.Spec, c.Container.Container)
	alone := *c.Container.Container
	alone.SecurityContext = &sc
	s := &corev1.PodSpec{OS: c.Pod.Spec.OS, HostUsers: c.Pod.Spec.HostUsers, Containers: []corev1.Container{alone}}
	for _, id := range p.broken(ownAnnotations(c.Pod.Meta, c.Name), s) {
		for _, at := range settingsOf(id, &alone) {
			f := fault{reason: reasonOf(id), rule: id, setting: at.text, path: at.path}
			if f.reason == "seccomp" {
				f.values = control.Values{"allowed": allowedProfiles}
			}
			if at.inherits && inherited(c) {
				f.inPod, f.path = fromPod(c, at.path)
			}
			faults = append(faults, f)
		}
	}
	return faults, nil
}

// ownAnnotations keeps the annotations that set one container's profile (container.apparmor.security... /NAME).
func ownAnnotations(m *metav1.ObjectMeta, container string) *metav1.ObjectMeta {
	out := &metav1.ObjectMeta{}
	for k, v := range m.Annotations {
		if strings.HasSuffix(k, "/"+container) {
			if out.Annotations == nil {
				out.Annotations = map[string]string{}
			}
			out.Annotations[k] = v
		}
	}
	return out
}

func inherited(c kinds.ContainerForm) bool { return c.Pod.Spec.SecurityContext != nil }

// fromPod points at the pod's field where the container does not set it itself.
func fromPod(c kinds.ContainerForm, path []any) (bool, []any) {
	field, ok := path[len(path)-1].(string)
	if !ok || sets(c.SecurityContext, field) || !setsPod(c.Pod.Spec.SecurityContext, field) {
		return false, path
	}
	return true, path
}

func sets(sc *corev1.SecurityContext, field string) bool {
	if sc == nil {
		return false
	}
	return map[string]bool{
		"runAsUser": sc.RunAsUser != nil, "runAsNonRoot": sc.RunAsNonRoot != nil, "seccompProfile": sc.SeccompProfile != nil,
		"seLinuxOptions": sc.SELinuxOptions != nil, "appArmorProfile": sc.AppArmorProfile != nil, "windowsOptions": sc.WindowsOptions != nil,
	}[field]
}

func setsPod(sc *corev1.PodSecurityContext, field string) bool {
	return sets(&corev1.SecurityContext{
		RunAsUser: sc.RunAsUser, RunAsNonRoot: sc.RunAsNonRoot, SeccompProfile: sc.SeccompProfile,
		SELinuxOptions: sc.SELinuxOptions, AppArmorProfile: sc.AppArmorProfile, WindowsOptions: sc.WindowsOptions,
	}, field)
}

// pod judges the pod without its containers, then each volume and each sysctl alone.
func (p plain) pod(v kinds.PodView, seen map[string]bool) (faults []fault) {
	bare := &corev1.PodSpec{
		OS: v.Spec.OS, HostUsers: v.Spec.HostUsers, SecurityContext: v.Spec.SecurityContext,
		HostNetwork: v.Spec.HostNetwork, HostPID: v.Spec.HostPID, HostIPC: v.Spec.HostIPC,
	}
	for _, id := range p.broken(v.Meta, bare) {
		if seen[id] {
			continue
		}
		for _, at := range podSettings(id, v, p) {
			f := fault{reason: reasonOf(id), rule: id, setting: at.text, path: at.path}
			if f.reason == "seccomp" {
				f.values = control.Values{"allowed": allowedProfiles}
			}
			faults = append(faults, f)
		}
	}
	for i := range v.Spec.Volumes {
		vol := &v.Spec.Volumes[i]
		if len(p.broken(&metav1.ObjectMeta{}, &corev1.PodSpec{Volumes: []corev1.Volume{*vol}})) > 0 {
			faults = append(faults, volumeFault(i, vol))
		}
	}
	return faults
}

// volumeFault names a refused volume: a hostPath opens the node, whatever list of types refuses it.
func volumeFault(i int, vol *corev1.Volume) fault {
	f := fault{reason: "volume-type", rule: "volume", volume: vol.Name, setting: volumeType(vol), path: []any{"volumes", i}}
	if vol.HostPath != nil {
		f.reason, f.setting, f.path = "host-access", "hostPath: "+vol.HostPath.Path, append(f.path, "hostPath")
	}
	return f
}

// forbiddenSysctls tries each alone: the library refuses the lot for one of them.
func (p plain) forbiddenSysctls(sc *corev1.PodSecurityContext) (names []string) {
	for _, s := range sc.Sysctls {
		one := &corev1.PodSpec{SecurityContext: &corev1.PodSecurityContext{Sysctls: []corev1.Sysctl{s}}}
		if len(p.broken(&metav1.ObjectMeta{}, one)) > 0 {
			names = append(names, s.Name)
		}
	}
	return names
}
