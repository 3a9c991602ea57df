package certificatevalid

import (
	"crypto/x509"
	"net"
	"slices"
	"strings"

	ocproute "github.com/openshift/api/route/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// ingress checks that the certificate of each entry of tls names the hosts that it is served for.
func (j judge) ingress(s control.Subject, in *networkingv1.Ingress) {
	said := map[[2]string]bool{}
	for i, t := range in.Spec.TLS {
		if t.SecretName == "" {
			continue // the controller's own certificate, which no object names
		}
		leaf := j.leafOf(t.SecretName)
		for k, host := range t.Hosts {
			if pair := [2]string{host, t.SecretName}; !said[pair] {
				said[pair] = true
				j.host(s.At("spec", "tls", i, "hosts", k), leaf, t.SecretName, host)
			}
		}
		if len(t.Hosts) > 0 {
			continue
		}
		for k, host := range remainingHosts(in) {
			j.host(s.At("spec", "rules", k, "host"), leaf, t.SecretName, host)
		}
	}
}

// remainingHosts are the hosts of the rules that no entry of tls names, by the number of their rule: an entry without
// hosts stands for them.
func remainingHosts(in *networkingv1.Ingress) map[int]string {
	said := map[string]bool{"": true}
	for _, t := range in.Spec.TLS {
		for _, h := range t.Hosts {
			said[h] = true
		}
	}
	out := map[int]string{}
	for i, r := range in.Spec.Rules {
		if !said[r.Host] {
			said[r.Host] = true
			out[i] = r.Host
		}
	}
	return out
}

// leafOf is the certificate that a Secret shows; nil where it was not seen, or could not be read.
func (j judge) leafOf(secret string) *x509.Certificate {
	it, ok := kinds.SecretsByName.In(j.e.View)[secret]
	if !ok {
		return nil
	}
	d := it.Object.Data["tls.crt"].SecretDigest
	if text, ok := it.Object.StringData["tls.crt"]; ok {
		d = text.SecretDigest // the API server lets it win
	}
	return first(d)
}

func first(d kinds.SecretDigest) *x509.Certificate {
	chain := parse(d.Certificates)
	if i := slices.IndexFunc(chain, func(c *x509.Certificate) bool { return !c.IsCA }); i >= 0 {
		return chain[i] // out of order: a fault of its own
	}
	if len(chain) > 0 {
		return chain[0]
	}
	return nil
}

func (j judge) host(s control.Subject, leaf *x509.Certificate, secret, host string) {
	s = s.Part("host", host)
	switch {
	case leaf == nil:
		s.Unknown("certificate-not-seen", control.Values{"host": host, "secret": secret}, kinds.Secrets)
	case covers(leaf, host):
		s.Pass()
	default:
		s.Fail("name-mismatch", control.Values{"host": host, "names": namesOf(leaf)})
	}
}

// namesOf are the names that a certificate is for. The common name counts for no client any more (RFC 9525): where it
// is all that there is, it is shown as such.
func namesOf(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{"CN=" + c.Subject.CommonName}
	}
	return names
}

// covers reports that a certificate is for a host: a wildcard stands for one whole label, the first (RFC 9525, 6.3). A
// host that is a wildcard itself is covered by the same one alone.
func covers(c *x509.Certificate, host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return slices.ContainsFunc(c.IPAddresses, ip.Equal)
	}
	host = plain(host)
	label, parent, _ := strings.Cut(host, ".")
	return slices.ContainsFunc(c.DNSNames, func(name string) bool {
		name = plain(name)
		return host != "" && (name == host || label != "" && label != "*" && parent != "" && name == "*."+parent)
	})
}

func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// route checks what a Route carries itself, and the host that it is served for.
func (j judge) route(s control.Subject, r *ocproute.Route) {
	t := r.Spec.TLS
	if t == nil || t.Termination == ocproute.TLSTerminationPassthrough {
		return // the pod shows its own certificate
	}
	own := kinds.RouteDigest(r, "certificate")
	j.inline(s, r, own)
	switch {
	case t.ExternalCertificate != nil && t.ExternalCertificate.Name != "":
		name := t.ExternalCertificate.Name
		j.routeHost(s.At("spec", "tls", "externalCertificate"), r, j.leafOf(name), name)
	case own.Size > 0:
		j.routeHost(s.At("spec", "host"), r, first(own), "spec.tls.certificate")
	case t.DestinationCACertificate == "":
		s.NotApplicable() // the router shows its own certificate, which no object of the tenant names
	}
}

// inline judges the certificates that stand in the Route.
func (j judge) inline(s control.Subject, r *ocproute.Route, own kinds.SecretDigest) {
	above := kinds.RouteDigest(r, "caCertificate")
	for _, field := range []string{"certificate", "destinationCACertificate"} {
		d := own
		if field != "certificate" {
			d = kinds.RouteDigest(r, field)
		}
		at := s.Part("key", field).At("spec", "tls", field)
		switch {
		case d.Size == 0:
		case d.Unreadable > 0:
			at.Unknown("unreadable", control.Values{"key": field})
		case field == "certificate":
			j.bundle(at, bundle{key: field, chain: append(parse(d.Certificates), parse(above.Certificates)...), keyIDs: d.KeyIDs}, true)
		default:
			j.bundle(at, bundle{key: field, chain: parse(d.Certificates)}, false)
		}
	}
}

func (j judge) routeHost(s control.Subject, r *ocproute.Route, leaf *x509.Certificate, from string) {
	host := r.Spec.Host
	if host == "" && len(r.Status.Ingress) > 0 {
		host = r.Status.Ingress[0].Host
	}
	if host == "" {
		return // the router will make one up
	}
	if _, parent, ok := strings.Cut(host, "."); ok && r.Spec.WildcardPolicy == ocproute.WildcardPolicySubdomain {
		host = "*." + parent
	}
	j.host(s, leaf, from, host)
}

// stem is the name of a key without its ending: tls of tls.crt and tls.key.
func stem(key string) string {
	name, _, _ := strings.Cut(key, ".")
	return name
}
