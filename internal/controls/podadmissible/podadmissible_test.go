package podadmissible

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"vigie/internal/control"
	"vigie/internal/control/controltest"
	"vigie/internal/kinds"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

// TestAgreesWithLibrary holds the judgement container by container to the library's own of the whole pod: over every
// mix of settings at pod level and in two containers, both refuse the same pods.
func TestAgreesWithLibrary(t *testing.T) {
	whole, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	refused, admitted := 0, 0
	for _, version := range []api.Version{api.MajorMinorVersion(1, 18), api.MajorMinorVersion(1, 24), api.MajorMinorVersion(1, 34), api.LatestVersion()} {
		for i, pod := range podLevels() {
			for a, first := range containerLevels() {
				for b, second := range containerLevels() {
					first.Name, second.Name = "first", "second"
					spec := pod
					spec.InitContainers, spec.Containers = []corev1.Container{first}, []corev1.Container{second}
					meta := &metav1.ObjectMeta{}
					if a == b {
						meta.Annotations = map[string]string{"container.apparmor.security.beta.kubernetes.io/first": "unconfined"}
					}
					want := false
					for _, r := range whole.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: version}, meta, &spec) {
						want = want || !r.Allowed
					}
					if got := refuses(plain{version}, meta, &spec); got != want {
						t.Errorf("version %s, pod %d, containers %d and %d: refused %v, the library says %v", version.String(), i, a, b, got, want)
					}
					if want {
						refused++
					} else {
						admitted++
					}
				}
			}
		}
	}
	if refused == 0 || admitted == 0 {
		t.Errorf("the mixes show one side only: %d refused, %d admitted", refused, admitted)
	}
}

func refuses(p plain, m *metav1.ObjectMeta, s *corev1.PodSpec) bool {
	seen, n := map[string]bool{}, 0
	v := kinds.PodView{Meta: m, Spec: s}
	for _, c := range kinds.ContainersOf(s, nil) {
		faults, _ := p.container(kinds.ContainerForm{Container: c, Pod: v})
		for _, f := range faults {
			seen[f.rule], n = true, n+1
		}
	}
	return n+len(p.pod(v, seen)) > 0
}

func ptr[T any](v T) *T { return &v }

func podLevels() (out []corev1.PodSpec) {
	for _, sc := range []*corev1.PodSecurityContext{
		nil,
		{RunAsNonRoot: ptr(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
		{RunAsNonRoot: ptr(false), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
		{RunAsNonRoot: ptr(true), RunAsUser: ptr(int64(0)), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}},
		{SELinuxOptions: &corev1.SELinuxOptions{Type: "spc_t"}, AppArmorProfile: &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}},
		{Sysctls: []corev1.Sysctl{{Name: "net.ipv4.tcp_rmem"}, {Name: "kernel.msgmax"}}},
	} {
		out = append(out, corev1.PodSpec{SecurityContext: sc})
	}
	out = append(out,
		corev1.PodSpec{HostPID: true},
		corev1.PodSpec{HostUsers: ptr(false)},
		corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}, SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: ptr(true)}},
		corev1.PodSpec{Volumes: []corev1.Volume{{Name: "n", VolumeSource: corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{}}}}},
	)
	return out
}

func containerLevels() (out []corev1.Container) {
	closed := func() corev1.SecurityContext {
		return corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		}
	}
	add := func(change func(*corev1.SecurityContext)) {
		sc := closed()
		change(&sc)
		out = append(out, corev1.Container{SecurityContext: &sc})
	}
	out = append(out, corev1.Container{})
	add(func(*corev1.SecurityContext) {})
	add(func(sc *corev1.SecurityContext) {
		sc.RunAsNonRoot, sc.RunAsUser = ptr(true), ptr(int64(10001))
		sc.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeLocalhost}
		sc.SELinuxOptions = &corev1.SELinuxOptions{Level: "s0:c1,c2"}
		sc.AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeRuntimeDefault}
	})
	add(func(sc *corev1.SecurityContext) { sc.RunAsNonRoot = ptr(false) })
	add(func(sc *corev1.SecurityContext) { sc.RunAsUser = ptr(int64(0)) })
	add(func(sc *corev1.SecurityContext) {
		sc.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}
	})
	add(func(sc *corev1.SecurityContext) { sc.Capabilities.Drop[0] = "all" })
	add(func(sc *corev1.SecurityContext) {
		sc.Privileged, sc.ProcMount = ptr(true), ptr(corev1.UnmaskedProcMount)
	})
	out = append(out, corev1.Container{Ports: []corev1.ContainerPort{{HostPort: 80}}, LivenessProbe: &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Host: "192.0.2.1"}},
	}})
	return out
}

// TestEveryCheckIsKnown holds the table of reasons to the library's checks: a check that a new version brings is to
// be given its reason on purpose, "other" included.
func TestEveryCheckIsKnown(t *testing.T) {
	others := map[string]bool{
		"appArmorProfile": true, "procMount": true, "procMount_restricted": true, "seLinuxOptions": true, "sysctls": true,
		"hostProbesAndHostLifecycle": true,
	}
	known := map[string]bool{}
	for _, c := range policy.DefaultChecks() {
		known[string(c.ID)] = true
		if reasons[string(c.ID)] == "" && !others[string(c.ID)] {
			t.Errorf("check %q of the library has no reason", c.ID)
		}
	}
	for id, reason := range reasons {
		if !known[id] {
			t.Errorf("check %q is not the library's", id)
		}
		if r, ok := Control.ReasonOf(reason); !ok || r.Verdict != control.Fail {
			t.Errorf("check %q: reason %q is not declared", id, reason)
		}
	}
}

func TestSameLevel(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"s0:c26,c5", "s0:c26,c5", true}, {"s0:c26,c5", "s0:c5,c26", true}, {"s0:c26,c5", "s1:c26,c5", false},
		{"s0:c26,c5", "s0:c26", false}, {"s0", "s0", true},
	} {
		if got := sameLevel(c.a, c.b); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

func TestVolumeType(t *testing.T) {
	for want, v := range map[string]corev1.VolumeSource{
		"nfs": {NFS: &corev1.NFSVolumeSource{}}, "emptyDir": {EmptyDir: &corev1.EmptyDirVolumeSource{}}, "-": {},
	} {
		if got := volumeType(&corev1.Volume{VolumeSource: v}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := fmt.Sprint(kinds.IDBlock{First: 1, Last: 2}); got != "1-2" {
		t.Errorf("block %s", got)
	}
}
