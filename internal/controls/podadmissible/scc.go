package podadmissible

import (
	"slices"
	"strconv"
	"strings"

	secv1 "github.com/openshift/api/security/v1"
	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// scc judges as the SecurityContextConstraints restricted-v2 do (openshift/cluster-kube-apiserver-operator,
// scc-restricted-v2; openshift/apiserver-library-go, sccmatching): what is absent is filled in, what is written must
// fit. Beside them /proc and sysctls are held to the restricted level of Pod Security Admission.
type scc struct {
	allocated kinds.Allocated
	plain     plain
}

func (j scc) container(c kinds.ContainerForm) (faults []fault, filled []string) {
	sc := kinds.Security(c.Pod.Spec, c.Container.Container)
	add := func(reason, rule string, at setting, values control.Values) {
		f := fault{reason: reason, rule: rule, setting: at.text, path: at.path, values: values}
		if at.inherits && inherited(c) {
			f.inPod, f.path = fromPod(c, at.path)
		}
		faults = append(faults, f)
	}
	own := *c.Container.Container
	own.SecurityContext = &sc
	first := func(check string) setting { return settingsOf(check, &own)[0] }
	if sc.Privileged != nil && *sc.Privileged {
		add("privileged", "privileged", first("privileged"), nil)
	}
	if sc.AllowPrivilegeEscalation != nil && *sc.AllowPrivilegeEscalation {
		add("privilege-escalation", "escalation", first("allowPrivilegeEscalation"), nil)
	}
	if addsCapability(sc.Capabilities) {
		add("capabilities", "capabilities", first("capabilities_restricted"), nil)
	}
	for _, at := range hostPorts(&own) {
		add("host-access", "hostPorts", at, nil)
	}
	if sc.ProcMount != nil && *sc.ProcMount != corev1.DefaultProcMount {
		add("other", "procMount", first("procMount"), nil)
	}
	if text := wrongProfile(sc.SeccompProfile, c.Pod.Meta.Annotations, corev1.SeccompContainerAnnotationKeyPrefix+c.Name); text != "" {
		add("seccomp", "seccomp", setting{text: text, path: []any{context, "seccompProfile"}, inherits: true}, control.Values{"allowed": "RuntimeDefault"})
	}
	if reason, values := j.user(c.Pod, sc.RunAsUser); reason != "" {
		add(reason, "uid", first("runAsUser"), values)
	}
	if reason := j.level(c.Pod, sc.SELinuxOptions); reason != "" {
		add(reason, "selinux", first("seLinuxOptions"), nil)
	}
	return faults, absentFields(&sc)
}

func addsCapability(c *corev1.Capabilities) bool {
	return c != nil && slices.ContainsFunc(c.Add, func(c corev1.Capability) bool { return c != "NET_BIND_SERVICE" })
}

// absentFields are those that the restricted level wants and that admission fills in.
func absentFields(sc *corev1.SecurityContext) (out []string) {
	if sc.RunAsUser == nil {
		out = append(out, "runAsUser")
	}
	if sc.AllowPrivilegeEscalation == nil {
		out = append(out, "allowPrivilegeEscalation")
	}
	if sc.Capabilities == nil || !slices.Contains(sc.Capabilities.Drop, "ALL") {
		out = append(out, "capabilities.drop")
	}
	if sc.SeccompProfile == nil {
		out = append(out, "seccompProfile")
	}
	return out
}

// wrongProfile gives the seccomp profile that is written and is not the runtime's own; the constraints still read the
// annotations that came before the field.
func wrongProfile(p *corev1.SeccompProfile, notes map[string]string, key string) string {
	if p != nil {
		if p.Type == corev1.SeccompProfileTypeRuntimeDefault {
			return ""
		}
		return profile(p)
	}
	switch v := notes[key]; v {
	case "", corev1.SeccompProfileRuntimeDefault, corev1.DeprecatedSeccompProfileDockerDefault:
		return ""
	default:
		return key + ": " + v
	}
}

// user judges a user id against the namespace's block.
func (j scc) user(v kinds.PodView, id *int64) (reason string, values control.Values) {
	block := j.allocated.Users
	switch {
	case id == nil || kinds.AdmittedBy(v) == "restricted-v3": // whose ids are those of a user namespace
		return "", nil
	case block != nil && block.Holds(*id):
		return "", nil
	case block != nil:
		return "uid-range", control.Values{"range": block.String()}
	case *id == 0: // in no namespace's block
		return "uid-range", control.Values{"range": ""}
	case kinds.RestrictedSCC(kinds.AdmittedBy(v)):
		return "", nil
	}
	return notSeen, nil
}

// group judges the fsGroup: restricted-v2 accepts the first of the block alone.
func (j scc) group(v kinds.PodView, id *int64) (reason string, values control.Values) {
	own := j.allocated.FSGroup
	switch {
	case id == nil || kinds.AdmittedBy(v) == "restricted-v3" || own != nil && *own == *id:
		return "", nil
	case own != nil:
		return "uid-range", control.Values{"range": strconv.FormatInt(*own, 10)}
	case *id == 0:
		return "uid-range", control.Values{"range": ""}
	case kinds.RestrictedSCC(kinds.AdmittedBy(v)):
		return "", nil
	}
	return notSeen, nil
}

// level judges SELinux options: the level is the namespace's, the rest may not be set.
func (j scc) level(v kinds.PodView, o *corev1.SELinuxOptions) (reason string) {
	own := j.allocated.Level
	switch {
	case o == nil:
		return ""
	case o.Type != "" || o.User != "" || o.Role != "" || o.Level == "":
		return "other"
	case own != nil && sameLevel(*own, o.Level):
		return ""
	case own != nil:
		return "other"
	case kinds.RestrictedSCC(kinds.AdmittedBy(v)):
		return ""
	}
	return notSeen
}

// sameLevel compares s0:c1,c2 and s0:c2,c1 as equal.
func sameLevel(a, b string) bool {
	sensA, catA, _ := strings.Cut(a, ":")
	sensB, catB, _ := strings.Cut(b, ":")
	sorted := func(s string) []string {
		list := strings.Split(s, ",")
		slices.Sort(list)
		return list
	}
	return sensA == sensB && slices.Equal(sorted(catA), sorted(catB))
}

func (j scc) pod(v kinds.PodView, seen map[string]bool) (faults []fault) {
	add := func(reason, rule string, values control.Values, at ...setting) {
		for _, s := range at {
			faults = append(faults, fault{reason: reason, rule: rule, setting: s.text, path: s.path, values: values})
		}
	}
	add("host-access", "hostNamespaces", nil, hostNamespaces(v.Spec)...)
	if name := v.Meta.Annotations[secv1.RequiredSCCAnnotation]; name != "" && !kinds.RestrictedSCC(name) {
		add("other", "requiredSCC", nil, setting{text: secv1.RequiredSCCAnnotation + ": " + name})
	}
	if sc := v.Spec.SecurityContext; sc != nil {
		if reason, values := j.group(v, sc.FSGroup); reason != "" {
			add(reason, "fsGroup", values, setting{text: field("fsGroup", sc.FSGroup), path: []any{context, "fsGroup"}})
		}
		if reason := j.level(v, sc.SELinuxOptions); reason != "" && !seen["selinux"] {
			add(reason, "selinux", nil, setting{text: selinux(sc.SELinuxOptions), path: []any{context, "seLinuxOptions"}})
		}
		for _, name := range j.plain.forbiddenSysctls(sc) {
			add("other", "sysctls", nil, setting{text: "sysctls: " + name, path: []any{context, "sysctls"}})
		}
	}
	faults = append(faults, j.podProfile(v, seen)...)
	for i := range v.Spec.Volumes {
		if vol := &v.Spec.Volumes[i]; !allowedVolume(vol) {
			faults = append(faults, volumeFault(i, vol))
		}
	}
	return faults
}

func (j scc) podProfile(v kinds.PodView, seen map[string]bool) []fault {
	var p *corev1.SeccompProfile
	if v.Spec.SecurityContext != nil {
		p = v.Spec.SecurityContext.SeccompProfile
	}
	text := wrongProfile(p, v.Meta.Annotations, corev1.SeccompPodAnnotationKey)
	if text == "" || seen["seccomp"] {
		return nil
	}
	return []fault{{
		reason: "seccomp", rule: "seccomp", setting: text, path: []any{context, "seccompProfile"},
		values: control.Values{"allowed": "RuntimeDefault"},
	}}
}

// allowedVolume holds the types of restricted-v2: csi and ephemeral since they are inline volumes of a driver, image
// since it reads what a container may read.
func allowedVolume(v *corev1.Volume) bool {
	return v.ConfigMap != nil || v.DownwardAPI != nil || v.EmptyDir != nil || v.PersistentVolumeClaim != nil ||
		v.Projected != nil || v.Secret != nil || v.CSI != nil || v.Ephemeral != nil || v.Image != nil
}
