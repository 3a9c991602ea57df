package probespresent

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"vigie/internal/kinds"
)

// The API's defaults (kubernetes pkg/apis/core/v1, SetDefaults_Probe).
const (
	defaultPeriod   = 10
	defaultFailures = 3
)

// probeOf reads a probe; nil where there is none, or none that asks anything (the API server refuses that one).
//
// Its patience is periodSeconds times failureThreshold: a failure that lasts longer has its effect. The delay before
// the first question does not matter, nor does timeoutSeconds: a server that does not listen answers at once.
func probeOf(c kinds.Container, p *corev1.Probe) *probe {
	if p == nil {
		return nil
	}
	check := checkOf(c, &p.ProbeHandler)
	if check == "" {
		return nil
	}
	seconds := time.Duration(cmp.Or(p.PeriodSeconds, defaultPeriod)) * time.Duration(cmp.Or(p.FailureThreshold, defaultFailures))
	return &probe{check, seconds * time.Second}
}

// checkOf writes what is asked in one form: equal texts ask the same. Defaults are filled in, named ports resolved.
func checkOf(c kinds.Container, h *corev1.ProbeHandler) string {
	switch {
	case h.HTTPGet != nil:
		g := h.HTTPGet
		scheme := strings.ToUpper(cmp.Or(string(g.Scheme), "HTTP"))
		return fmt.Sprintf("http %s %q %q %q %q", scheme, g.Host, port(c, g.Port), "/"+strings.TrimPrefix(g.Path, "/"), headers(g.HTTPHeaders))
	case h.TCPSocket != nil:
		return fmt.Sprintf("tcp %q %q", h.TCPSocket.Host, port(c, h.TCPSocket.Port))
	case h.GRPC != nil:
		service := ""
		if h.GRPC.Service != nil {
			service = *h.GRPC.Service
		}
		return fmt.Sprintf("grpc %d %q", h.GRPC.Port, service)
	case h.Exec != nil:
		return fmt.Sprintf("exec %q", h.Exec.Command)
	}
	return ""
}

// port resolves a port as the kubelet does: a name is looked for among the container's own ports; one that none of
// them has is read as a number, or stays a name.
func port(c kinds.Container, p intstr.IntOrString) string {
	if p.Type == intstr.String {
		for _, cp := range c.Ports {
			if cp.Name == p.StrVal {
				return strconv.Itoa(int(cp.ContainerPort))
			}
		}
	}
	return p.String()
}

// headers are the headers of a request; their order does not count, nor does the case of their names.
func headers(hs []corev1.HTTPHeader) (out []string) {
	for _, h := range hs {
		out = append(out, strings.ToLower(h.Name)+"="+h.Value)
	}
	slices.Sort(out)
	return out
}
