// Package certificatevalid checks the certificates that stand in Secrets and Routes: that they are in force and stay
// so, that their chain leads somewhere, that they name the hosts that they are served for, that nobody can forge them.
package certificatevalid

import (
	"cmp"
	"crypto/x509"
	"embed"
	"encoding/pem"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const (
	remaining = "certificate-remaining"
	clockSkew = "clock-skew"
)

// Control is the check.
var Control = &control.Control{
	ID:       "certificate-valid",
	Version:  1,
	Clauses:  []string{"MCS.ENC.R1", "MCS.ENC.R2"},
	Scope:    control.Namespace,
	Severity: control.High,
	Params:   []string{remaining, clockSkew},
	Needs:    []inventory.Input{kinds.Secrets, kinds.Ingresses, kinds.Routes},
	Wants:    []inventory.Input{kinds.TrustRoots},
	Reasons: []control.Reason{
		{Key: "expired", Verdict: control.Fail},
		{Key: "expires-soon", Verdict: control.Fail},
		{Key: "not-yet-valid", Verdict: control.Fail},
		{Key: "broken-chain", Verdict: control.Fail},
		{Key: "chain-order", Verdict: control.Fail},
		{Key: "key-mismatch", Verdict: control.Fail},
		{Key: "weak-key", Verdict: control.Fail},
		{Key: "weak-signature", Verdict: control.Fail},
		{Key: "name-mismatch", Verdict: control.Fail},
		{Key: "self-signed", Verdict: control.Unknown},
		{Key: "issuer-not-seen", Verdict: control.Unknown},
		{Key: "unreadable", Verdict: control.Unknown},
		{Key: "not-in-manifest", Verdict: control.Unknown, Running: true},
		{Key: "certificate-not-seen", Verdict: control.Unknown, Running: true},
		{Key: "root-not-checked", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

// trusted is the join of the roots that the tenant declared, read once a space.
var trusted = inventory.NewJoin([]inventory.Input{kinds.TrustRoots}, func(v inventory.View) (out []*x509.Certificate) {
	texts, _ := kinds.TrustRoots.In(v)
	for _, text := range texts {
		for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
			if c, err := x509.ParseCertificate(block.Bytes); err == nil {
				out = append(out, c) // what holds no certificate was refused where the facts were read
			}
		}
	}
	return out
})

func run(e *control.Eval) {
	j := judge{
		e: e, now: e.Now(), skew: e.Param(clockSkew).Duration(), remaining: e.Param(remaining).Duration(), roots: trusted.In(e.View),
	}
	for _, it := range kinds.Secrets.In(e.View) {
		if !it.Object.FromServiceAccount() && !kinds.PlatformOwned("Secret", &it.Object.ObjectMeta) {
			j.secret(control.On(e, it), it.Object)
		}
	}
	for _, it := range kinds.Ingresses.In(e.View) {
		if owner, _ := kinds.ControllerKind(&it.Object.ObjectMeta); owner != "Challenge" && !kinds.PlatformOwned("Ingress", &it.Object.ObjectMeta) {
			j.ingress(control.On(e, it), it.Object)
		}
	}
	for _, it := range kinds.Routes.In(e.View) {
		if owner, _ := kinds.ControllerKind(&it.Object.ObjectMeta); owner != "Ingress" && !kinds.PlatformOwned("Route", &it.Object.ObjectMeta) {
			j.route(control.On(e, it), it.Object)
		}
	}
}

// judge is what the verdicts of one space rest on.
type judge struct {
	e               *control.Eval
	now             time.Time
	skew, remaining time.Duration
	roots           []*x509.Certificate // empty: none was declared
}

// tlsType is the type of a Secret that is to hold a certificate and its key.
const tlsType = "kubernetes.io/tls"

// secret judges each value of a Secret that holds certificates, by itself.
func (j judge) secret(s control.Subject, o *kinds.Secret) {
	keys, said := o.Keys(), false
	anchors := anchorsOf(keys)
	for _, k := range keys {
		at := s.Part("key", k.Key).At(k.Field, k.Key)
		switch {
		case len(k.Certificates) > 0:
			b := bundle{key: k.Key, chain: parse(k.Certificates), anchors: anchors, keyIDs: keyIDs(keys, k), inCluster: ofServiceCA(o)}
			j.bundle(at, b, k.Key == "tls.crt" || k.Key != authorityKey && shown(b.chain))
		case k.Unreadable > 0, k.Key == "tls.crt" && o.Type == tlsType && (k.Form == kinds.ValueClear || k.Form == kinds.ValuePublic):
			at.Unknown("unreadable", control.Values{"key": k.Key})
		case k.Key == "tls.crt" && o.Type == tlsType:
			at.Unknown("not-in-manifest", control.Values{"key": k.Key})
		default:
			continue
		}
		said = said || k.Key == "tls.crt"
	}
	if o.Type == tlsType && !said {
		s.At("type").Unknown("unreadable", control.Values{"key": "tls.crt"}) // metadata alone, or nothing
	}
}

// ofServiceCA reports a Secret that OpenShift's service CA made: what trusts it is given the CA by the platform.
func ofServiceCA(o *kinds.Secret) bool {
	return o.Annotations["service.beta.openshift.io/originating-service-name"] != "" || o.Annotations["service.alpha.openshift.io/originating-service-name"] != ""
}

// authorityKey is the key under which a Secret names the authorities that are trusted with it (k8s.io/api, ServiceAccountRootCAKey;
// cert-manager).
const authorityKey = "ca.crt"

// anchorsOf are the authorities that a Secret itself names as trusted.
func anchorsOf(keys []kinds.SecretKey) []*x509.Certificate {
	for _, k := range keys {
		if k.Key == authorityKey && len(k.Certificates) > 0 {
			return parse(k.Certificates)
		}
	}
	return nil
}

func parse(ders [][]byte) (out []*x509.Certificate) {
	for _, der := range ders {
		if c, err := x509.ParseCertificate(der); err == nil {
			out = append(out, c) // each was parsed once already, where it was read
		}
	}
	return out
}

// keyIDs names the private keys that belong to the value k: in it, or beside it under the same name (tls.key).
func keyIDs(all []kinds.SecretKey, k kinds.SecretKey) []string {
	if len(k.KeyIDs) > 0 {
		return k.KeyIDs
	}
	for _, other := range all {
		if len(other.KeyIDs) > 0 && stem(other.Key) == stem(k.Key) {
			return other.KeyIDs
		}
	}
	return nil
}

// A bundle is one value that holds certificates.
type bundle struct {
	key       string // as people name it
	chain     []*x509.Certificate
	anchors   []*x509.Certificate // trusted with it
	keyIDs    []string
	inCluster bool // of an authority that the platform hands out
}

// bundle judges a chain that a server or a client shows, or a list of authorities.
func (j judge) bundle(s control.Subject, b bundle, served bool) {
	if len(b.chain) == 0 {
		return
	}
	judged := j.authorities
	if served {
		judged = j.served
	}
	a := judged(b)
	s = s.Until(a.until)
	said := map[string]bool{}
	for _, f := range a.faults {
		if !said[f.reason] { // of several certificates of one chain the first is named
			said[f.reason] = true
			f.values["key"] = b.key
			s.Fail(f.reason, f.values)
		}
	}
	switch {
	case len(a.faults) > 0:
	case a.note == "":
		s.Pass()
	case a.note == "root-not-checked":
		s.PassAs(a.note, control.Values{"key": b.key, "issuer": a.issuer})
	default:
		s.Unknown(a.note, control.Values{"key": b.key, "issuer": a.issuer})
	}
}

// shown reports that one of the certificates is of no authority: the value is a chain that somebody shows.
func shown(chain []*x509.Certificate) bool {
	for _, c := range chain {
		if !c.IsCA {
			return true
		}
	}
	return false
}

// nameOf is what people know a certificate by.
func nameOf(c *x509.Certificate) string {
	first := ""
	if len(c.DNSNames) > 0 {
		first = c.DNSNames[0]
	}
	return cmp.Or(c.Subject.CommonName, first, c.Subject.String(), c.SerialNumber.Text(16))
}
