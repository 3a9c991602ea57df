package routetls

import (
	"slices"
	"strconv"
	"strings"

	ocproute "github.com/openshift/api/route/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// anyHost stands for a rule that names no host.
const anyHost = "*"

func ingress(e *control.Eval, it inventory.Item[networkingv1.Ingress]) {
	in, s := it.Object, control.On(e, it)
	if owner, _ := kinds.ControllerKind(&in.ObjectMeta); owner == "Challenge" {
		s.NotApplicable() // of cert-manager: the authority asks for it over plain HTTP, and it goes at once
		return
	}
	router := ofRouter(e, in)
	if router && len(in.Spec.Rules) == 0 {
		s.NotApplicable() // OpenShift's router makes nothing of a default backend
		return
	}
	said := map[string]bool{}
	for i, rule := range in.Spec.Rules {
		if !said[rule.Host] {
			said[rule.Host] = true
			host(s.Part("host", named(rule.Host)).At("spec", "rules", i, "host"), in, rule.Host, router)
		}
	}
	if len(in.Spec.Rules) == 0 {
		backendAlone(s.Part("host", anyHost).At("spec"), in)
	}
}

func named(host string) string {
	if host == "" {
		return anyHost
	}
	return host
}

// backendAlone judges an Ingress that sends everything to one backend: the hosts of its TLS are all that it names.
func backendAlone(s control.Subject, in *networkingv1.Ingress) {
	if len(in.Spec.TLS) == 0 {
		uncovered(s, in, anyHost)
		return
	}
	covered(s, in, anyHost, false)
}

// ofRouter reports that OpenShift's own router serves the Ingress, by making a Route of each rule.
func ofRouter(e *control.Eval, in *networkingv1.Ingress) bool {
	class := in.Annotations["kubernetes.io/ingress.class"]
	if c := in.Spec.IngressClassName; c != nil {
		class = *c
	}
	return e.Platform == control.OpenShift && (class == "" || strings.HasPrefix(class, "openshift"))
}

func host(s control.Subject, in *networkingv1.Ingress, host string, router bool) {
	hasTLS := generalTLS
	if router {
		hasTLS = routerTLS
	}
	if !hasTLS(in, host) {
		uncovered(s, in, named(host))
		return
	}
	covered(s, in, named(host), router)
}

// routerTLS follows OpenShift's controller of Ingresses (openshift/route-controller-manager): the termination
// annotation, an empty entry, or an entry that names the very host; a wildcard covers nothing but itself.
func routerTLS(in *networkingv1.Ingress, host string) bool {
	switch ocproute.TLSTerminationType(in.Annotations[terminationKey]) {
	case ocproute.TLSTerminationEdge, ocproute.TLSTerminationReencrypt, ocproute.TLSTerminationPassthrough:
		return true
	}
	return slices.ContainsFunc(in.Spec.TLS, func(t networkingv1.IngressTLS) bool {
		return len(t.Hosts) == 0 && t.SecretName == "" || host != "" && slices.Contains(t.Hosts, host)
	})
}

const terminationKey = "route.openshift.io/termination"

// generalTLS follows the API's own words: an entry names its hosts, or stands for all that the controller serves; a
// wildcard covers one label.
func generalTLS(in *networkingv1.Ingress, host string) bool {
	_, parent, _ := strings.Cut(host, ".")
	return slices.ContainsFunc(in.Spec.TLS, func(t networkingv1.IngressTLS) bool {
		return len(t.Hosts) == 0 || slices.ContainsFunc(t.Hosts, func(h string) bool {
			return host != "" && (h == host || parent != "" && h == "*."+parent)
		})
	})
}

// elsewhere are annotations by which a load balancer takes its certificate from the cloud: no object shows whether
// it serves TLS, and TLS alone.
var elsewhere = []string{
	"alb.ingress.kubernetes.io/certificate-arn", "networking.gke.io/managed-certificates",
	"ingress.gcp.kubernetes.io/pre-shared-cert", "ingress.appgateway.kubernetes.io/appgw-ssl-certificate",
}

func uncovered(s control.Subject, in *networkingv1.Ingress, host string) {
	for _, key := range elsewhere {
		if in.Annotations[key] != "" {
			s.At("metadata", "annotations", key).Unknown("tls-elsewhere", control.Values{"host": host, "annotation": key})
			return
		}
	}
	s.Fail("no-tls", control.Values{"host": host})
}

// redirects are the annotations that turn the redirection of plain HTTP off, on by default where an Ingress has TLS.
var redirects = []string{
	"nginx.ingress.kubernetes.io/ssl-redirect", "ingress.kubernetes.io/ssl-redirect",
	"haproxy-ingress.github.io/ssl-redirect", "haproxy.org/ssl-redirect",
}

func covered(s control.Subject, in *networkingv1.Ingress, host string, router bool) {
	if !router { // which reads none of these annotations, and redirects
		for _, key := range redirects {
			force, _ := strconv.ParseBool(in.Annotations[strings.Replace(key, "/ssl-", "/force-ssl-", 1)])
			if on, err := strconv.ParseBool(in.Annotations[key]); err == nil && !on && !force {
				s.At("metadata", "annotations", key).Fail("insecure-allowed", control.Values{"host": host, "setting": key + ": false"})
				return
			}
		}
	}
	if encryptsHop(in, router) {
		s.Pass()
		return
	}
	s.PassAs("edge-clear-hop", control.Values{"host": host})
}

// encryptsHop reports that the Ingress asks for TLS as far as the pod.
func encryptsHop(in *networkingv1.Ingress, router bool) bool {
	notes := in.Annotations
	if router {
		t := ocproute.TLSTerminationType(notes[terminationKey])
		return t == ocproute.TLSTerminationReencrypt || t == ocproute.TLSTerminationPassthrough
	}
	through, _ := strconv.ParseBool(notes["nginx.ingress.kubernetes.io/ssl-passthrough"])
	switch strings.ToUpper(notes["nginx.ingress.kubernetes.io/backend-protocol"]) {
	case "HTTPS", "GRPCS":
		return true
	}
	return through
}
