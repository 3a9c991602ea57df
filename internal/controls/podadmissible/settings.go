package podadmissible

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/kinds"
)

// A setting is a field as a manifest writes it, and where it stands below the container or the pod spec.
type setting struct {
	text     string
	path     []any
	inherits bool // a container takes it from the pod where it does not set it
}

// absent stands for a field that is not written.
const absent = "-"

func field[T any](name string, v *T) string {
	if v == nil {
		return name + ": " + absent
	}
	return fmt.Sprintf("%s: %v", name, *v)
}

func one(text string, inherits bool, path ...any) []setting {
	return []setting{{text: text, path: path, inherits: inherits}}
}

const context = "securityContext"

// settingsOf says which fields of a container a check of the library is about. Its security context holds what it
// inherits, and is never nil.
func settingsOf(check string, c *corev1.Container) []setting {
	sc := c.SecurityContext
	switch check {
	case "privileged":
		return one(field("privileged", sc.Privileged), false, context, "privileged")
	case "windowsHostProcess":
		return one("windowsOptions.hostProcess: true", true, context, "windowsOptions")
	case "allowPrivilegeEscalation":
		return one(field("allowPrivilegeEscalation", sc.AllowPrivilegeEscalation), false, context, "allowPrivilegeEscalation")
	case "capabilities_baseline", "capabilities_restricted":
		return one(capabilities(sc.Capabilities), false, context, "capabilities")
	case "seccompProfile_baseline", "seccompProfile_restricted":
		return one(profile(sc.SeccompProfile), true, context, "seccompProfile")
	case "runAsNonRoot":
		return one(field("runAsNonRoot", sc.RunAsNonRoot), true, context, "runAsNonRoot")
	case "runAsUser":
		return one(field("runAsUser", sc.RunAsUser), true, context, "runAsUser")
	case "hostPorts":
		return hostPorts(c)
	case "procMount", "procMount_restricted":
		return one(field("procMount", sc.ProcMount), false, context, "procMount")
	case "seLinuxOptions":
		return one(selinux(sc.SELinuxOptions), true, context, "seLinuxOptions")
	case "hostProbesAndHostLifecycle":
		return probeHosts(c)
	case "appArmorProfile":
		if sc.AppArmorProfile == nil {
			return one(corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix+c.Name, false)
		}
		return one("appArmorProfile.type: "+string(sc.AppArmorProfile.Type), true, context, "appArmorProfile")
	}
	return one(check, false)
}

// podSettings says which fields of the pod a check is about.
func podSettings(check string, v kinds.PodView, p plain) (out []setting) {
	sc := v.Spec.SecurityContext
	switch check {
	case "hostNamespaces":
		return hostNamespaces(v.Spec)
	case "sysctls":
		for _, name := range p.forbiddenSysctls(sc) {
			out = append(out, setting{text: "sysctls: " + name, path: []any{context, "sysctls"}})
		}
		return out
	case "appArmorProfile":
		if sc == nil || sc.AppArmorProfile == nil {
			for _, k := range slices.Sorted(maps.Keys(v.Meta.Annotations)) {
				if strings.HasPrefix(k, corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix) {
					out = append(out, setting{text: k})
				}
			}
			return out
		}
	}
	if sc == nil {
		return one(check, false)
	}
	// The rest is what containers inherit; none of them did.
	return settingsOf(check, &corev1.Container{SecurityContext: &corev1.SecurityContext{
		RunAsUser: sc.RunAsUser, RunAsNonRoot: sc.RunAsNonRoot, SeccompProfile: sc.SeccompProfile,
		SELinuxOptions: sc.SELinuxOptions, AppArmorProfile: sc.AppArmorProfile, WindowsOptions: sc.WindowsOptions,
	}})
}

func hostNamespaces(s *corev1.PodSpec) (out []setting) {
	for _, n := range []struct {
		name string
		set  bool
	}{{"hostNetwork", s.HostNetwork}, {"hostPID", s.HostPID}, {"hostIPC", s.HostIPC}} {
		if n.set {
			out = append(out, setting{text: n.name + ": true", path: []any{n.name}})
		}
	}
	return out
}

func hostPorts(c *corev1.Container) (out []setting) {
	for i, p := range c.Ports {
		if p.HostPort != 0 {
			out = append(out, setting{text: "hostPort: " + strconv.Itoa(int(p.HostPort)), path: []any{"ports", i, "hostPort"}})
		}
	}
	return out
}

// capabilities shows the spelling: ALL is compared letter by letter.
func capabilities(c *corev1.Capabilities) string {
	if c == nil {
		return "drop: " + absent
	}
	list := func(name string, caps []corev1.Capability) string {
		if len(caps) == 0 {
			return name + ": " + absent
		}
		var words []string
		for _, c := range caps {
			words = append(words, string(c))
		}
		return name + ": [" + strings.Join(words, ", ") + "]"
	}
	if len(c.Add) == 0 {
		return list("drop", c.Drop)
	}
	return list("drop", c.Drop) + " " + list("add", c.Add)
}

func profile(p *corev1.SeccompProfile) string {
	if p == nil {
		return "seccompProfile.type: " + absent
	}
	return "seccompProfile.type: " + string(p.Type)
}

func selinux(o *corev1.SELinuxOptions) string {
	var out []string
	for _, f := range []struct{ name, value string }{{"type", o.Type}, {"user", o.User}, {"role", o.Role}, {"level", o.Level}} {
		if f.value != "" {
			out = append(out, "seLinuxOptions."+f.name+": "+f.value)
		}
	}
	if out == nil {
		return "seLinuxOptions: {}"
	}
	return strings.Join(out, ", ")
}

// probeHosts lists the probes and hooks that name a host.
func probeHosts(c *corev1.Container) (out []setting) {
	add := func(http *corev1.HTTPGetAction, tcp *corev1.TCPSocketAction, path ...any) {
		switch {
		case http != nil && http.Host != "":
			path = append(path, "httpGet", "host")
			out = append(out, setting{text: dotted(path) + ": " + http.Host, path: path})
		case tcp != nil && tcp.Host != "":
			path = append(path, "tcpSocket", "host")
			out = append(out, setting{text: dotted(path) + ": " + tcp.Host, path: path})
		}
	}
	for _, p := range []struct {
		name  string
		probe *corev1.Probe
	}{{"livenessProbe", c.LivenessProbe}, {"readinessProbe", c.ReadinessProbe}, {"startupProbe", c.StartupProbe}} {
		if p.probe != nil {
			add(p.probe.HTTPGet, p.probe.TCPSocket, p.name)
		}
	}
	if l := c.Lifecycle; l != nil {
		if l.PostStart != nil {
			add(l.PostStart.HTTPGet, l.PostStart.TCPSocket, "lifecycle", "postStart")
		}
		if l.PreStop != nil {
			add(l.PreStop.HTTPGet, l.PreStop.TCPSocket, "lifecycle", "preStop")
		}
	}
	return out
}

func dotted(path []any) string {
	var words []string
	for _, p := range path {
		words = append(words, fmt.Sprint(p))
	}
	return strings.Join(words, ".")
}

// volumeType is the name of the volume's source, as the API writes it; absent where none is named.
func volumeType(v *corev1.Volume) string {
	src := reflect.ValueOf(v.VolumeSource)
	for i := range src.NumField() {
		if !src.Field(i).IsNil() {
			name, _, _ := strings.Cut(src.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return absent
}
