package kinds

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	ocproute "github.com/openshift/api/route/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// Certificates are the certificates that cert-manager is asked for (cert-manager/cert-manager,
// pkg/apis/certmanager/v1).
var Certificates = register("cert-manager.io", "certificates", "Certificate", namespaced, func(o *Certificate) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *Certificate) { o.Annotations = nil }, "certmanager.k8s.io")

// A Certificate is what cert-manager is asked for, and what it says of it; only what is read.
type Certificate struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		SecretName  string           `json:"secretName"`
		RenewBefore *metav1.Duration `json:"renewBefore,omitempty"`
	} `json:"spec"`
	Status struct {
		Conditions  []ReadyCondition `json:"conditions,omitempty"`
		NotBefore   *metav1.Time     `json:"notBefore,omitempty"`
		NotAfter    *metav1.Time     `json:"notAfter,omitempty"`
		RenewalTime *metav1.Time     `json:"renewalTime,omitempty"`
	} `json:"status"`
}

// A ReadyCondition is a condition of a custom resource, without its message: a controller may quote there what it was
// given.
type ReadyCondition struct {
	Type               string       `json:"type"`
	Status             string       `json:"status"` // True, False, Unknown
	Reason             string       `json:"reason,omitempty"`
	LastTransitionTime *metav1.Time `json:"lastTransitionTime,omitempty"`
	ObservedGeneration int64        `json:"observedGeneration,omitempty"` // 0: not said
}

// FindCondition gives the condition of that type; ok is false where there is none.
func FindCondition(all []ReadyCondition, kind string) (c ReadyCondition, ok bool) {
	if i := slices.IndexFunc(all, func(c ReadyCondition) bool { return c.Type == kind }); i >= 0 {
		return all[i], true
	}
	return ReadyCondition{}, false
}

// Renewal is the moment at which cert-manager renews the certificate: its own word, else what its documents say of
// renewBefore, by default the last third of the certificate's life. Zero: not known.
func (c *Certificate) Renewal() time.Time {
	switch from, to := c.Status.NotBefore, c.Status.NotAfter; {
	case c.Status.RenewalTime != nil:
		return c.Status.RenewalTime.Time
	case to == nil:
		return time.Time{}
	case c.Spec.RenewBefore != nil && c.Spec.RenewBefore.Duration > 0:
		return to.Add(-c.Spec.RenewBefore.Duration)
	case from != nil:
		return to.Add(-to.Sub(from.Time) / 3)
	}
	return time.Time{}
}

// KeyID names a key by its public half: SHA-256 of its SubjectPublicKeyInfo in DER (RFC 5280, 4.1.2.7), in
// hexadecimal. Empty: a kind of key that is not known.
func KeyID(public crypto.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// pemFacts are what may be kept of a value that holds PEM, or one certificate in DER.
type pemFacts struct {
	certificates [][]byte // DER, each parsed once
	unreadable   int
	hasKey       bool
	keyIDs       []string
	onlyPublic   bool
}

// publicBlocks are the PEM blocks that hold nothing to hide (RFC 7468).
var publicBlocks = map[string]bool{
	"CERTIFICATE": true, "X509 CERTIFICATE": true, "TRUSTED CERTIFICATE": true, "PUBLIC KEY": true, "RSA PUBLIC KEY": true,
	"X509 CRL": true, "CERTIFICATE REQUEST": true, "NEW CERTIFICATE REQUEST": true, "DH PARAMETERS": true,
	"EC PARAMETERS": true, "PKCS7": true, "SSH2 PUBLIC KEY": true,
}

const beginBlock = "-----BEGIN "

// readPEM reads the blocks of a value. What is labelled a certificate and is none is dropped, and counted: the label
// proves nothing of the bytes below it.
func readPEM(raw []byte) (p pemFacts) {
	if !bytes.Contains(raw, []byte(beginBlock)) {
		return readDER(raw)
	}
	blocks, rest := 0, raw
	p.onlyPublic = true
	for {
		block, after := pem.Decode(rest)
		if block == nil {
			break
		}
		begin := bytes.Index(rest, []byte(beginBlock))
		p.onlyPublic = p.onlyPublic && publicBlocks[block.Type] && commentsOnly(rest[:begin])
		blocks, rest = blocks+1, after
		p.take(block)
	}
	p.hasKey = p.hasKey || bytes.Contains(raw, []byte("PRIVATE KEY-----"))
	// A block that is broken was passed over: nobody can say what it holds.
	p.onlyPublic = p.onlyPublic && !p.hasKey && blocks == bytes.Count(raw, []byte(beginBlock)) && p.unreadable == 0 && commentsOnly(rest)
	p.unreadable += max(bytes.Count(raw, []byte(beginBlock+"CERTIFICATE-----"))-len(p.certificates)-p.unreadable, 0)
	return p
}

func (p *pemFacts) take(block *pem.Block) {
	switch {
	case block.Type == "CERTIFICATE" || block.Type == "X509 CERTIFICATE":
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			p.unreadable++
			return
		}
		p.certificates = append(p.certificates, block.Bytes)
	case block.Type == "PUBLIC KEY":
		if key, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			p.keyIDs = append(p.keyIDs, KeyID(key))
		}
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		p.hasKey = true
		if id := privateKeyID(block.Bytes); id != "" {
			p.keyIDs = append(p.keyIDs, id)
		}
	}
}

// readDER reads a value that is one certificate, or one private key, in DER.
func readDER(raw []byte) (p pemFacts) {
	if len(raw) < 4 || raw[0] != 0x30 || raw[1] != 0x82 {
		return p // no DER sequence of the length that both have
	}
	if _, err := x509.ParseCertificate(raw); err == nil {
		return pemFacts{certificates: [][]byte{bytes.Clone(raw)}, onlyPublic: true}
	}
	if id := privateKeyID(raw); id != "" {
		return pemFacts{hasKey: true, keyIDs: []string{id}}
	}
	return p
}

// privateKeyID names a private key in PKCS #8, PKCS #1 or SEC 1; empty for one that is encrypted, or of another form.
func privateKeyID(der []byte) string {
	var key any
	var err error
	if key, err = x509.ParsePKCS8PrivateKey(der); err != nil {
		if key, err = x509.ParsePKCS1PrivateKey(der); err != nil {
			if key, err = x509.ParseECPrivateKey(der); err != nil {
				return ""
			}
		}
	}
	pair, ok := key.(interface{ Public() crypto.PublicKey })
	if !ok {
		return ""
	}
	return KeyID(pair.Public())
}

// commentsOnly reports a text around PEM blocks that says nothing but what tools write there.
func commentsOnly(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.HasPrefix(line, []byte("subject=")) && !bytes.HasPrefix(line, []byte("issuer=")) {
			return false
		}
	}
	return true
}

// notRead stands in a Route in the place of a certificate that could not be read.
const notRead = "not read"

// trimRoute lets go of all that a Route carries in clear but its public certificates. In the place of the private key
// stands its KeyID, where it could be read.
func trimRoute(r *ocproute.Route) {
	t := r.Spec.TLS
	if t == nil {
		return
	}
	keys := readPEM([]byte(t.Key + "\n" + t.Certificate)).keyIDs
	t.Key = ""
	if len(keys) > 0 {
		t.Key = keys[0]
	}
	t.Certificate, t.CACertificate = publicPEM(t.Certificate), publicPEM(t.CACertificate)
	t.DestinationCACertificate = publicPEM(t.DestinationCACertificate)
}

// publicPEM writes the certificates of a text anew, and nothing else of it.
func publicPEM(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	var b bytes.Buffer
	for _, der := range readPEM([]byte(text)).certificates {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der}) // a Buffer refuses nothing
	}
	if b.Len() == 0 {
		return notRead
	}
	return b.String()
}

// RouteDigest is what is kept of a certificate that a Route carries in spec.tls: certificates in their order, and the
// KeyID of the Route's private key. Size is 0 where the Route carries none in that field.
func RouteDigest(r *ocproute.Route, field string) SecretDigest {
	t := r.Spec.TLS
	if t == nil {
		return SecretDigest{}
	}
	text := map[string]string{
		"certificate": t.Certificate, "caCertificate": t.CACertificate, "destinationCACertificate": t.DestinationCACertificate,
	}[field]
	d := SecretDigest{Size: len(text)}
	if text == notRead {
		d.Unreadable = 1
		return d
	}
	d.Certificates = readPEM([]byte(text)).certificates
	if field == "certificate" && t.Key != "" {
		d.KeyIDs = []string{t.Key}
	}
	return d
}

// SecretsByName is the join of the Secrets of a space by their name. Two documents may hold one name (two overlays of
// one tree): the first counts.
var SecretsByName = inventory.NewJoin([]inventory.Input{Secrets}, func(v inventory.View) map[string]inventory.Item[Secret] {
	all := Secrets.In(v)
	out := make(map[string]inventory.Item[Secret], len(all))
	for _, it := range all {
		if _, known := out[it.Ref.Name]; !known {
			out[it.Ref.Name] = it
		}
	}
	return out
})
