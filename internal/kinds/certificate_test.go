package kinds

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	ocproute "github.com/openshift/api/route/v1"
)

// certificate makes a throw-away certificate that signs itself, in DER.
func certificate(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "throw-away"}, DNSNames: []string{"a.example.test"},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// keys makes throw-away keys, with every form in which one stands in a Secret.
func keys(t *testing.T) map[crypto.Signer][]string {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(rs)
	if err != nil {
		t.Fatal(err)
	}
	return map[crypto.Signer][]string{
		ec: {block("EC PRIVATE KEY", sec1), "Bag Attributes\n" + block("EC PRIVATE KEY", sec1)},
		rs: {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rs)), block("PRIVATE KEY", pkcs8), string(pkcs8)},
	}
}

// TestKeyBelongs holds that a key is known by its public half alone, in each form, beside its certificate or in one
// value with it; and that a Route keeps as much.
func TestKeyBelongs(t *testing.T) {
	for key, forms := range keys(t) {
		der := certificate(t, key)
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		id := KeyID(c.PublicKey)
		for i, form := range forms {
			d := digest([]byte(form))
			if len(d.KeyIDs) != 1 || d.KeyIDs[0] != id || d.Form != ValueClear || len(d.Certificates) != 0 {
				t.Errorf("%T, form %d: %+v, want the key %s", key, i, d, id)
			}
		}
		both := digest([]byte(forms[0] + block("CERTIFICATE", der)))
		if len(both.KeyIDs) != 1 || len(both.Certificates) != 1 || both.Form != ValueClear {
			t.Errorf("%T: a key and its certificate: %+v", key, both)
		}
		r := &ocproute.Route{}
		r.Spec.TLS = &ocproute.TLSConfig{Certificate: block("CERTIFICATE", der), Key: forms[0]}
		trimRoute(r)
		if got := RouteDigest(r, "certificate"); len(got.KeyIDs) != 1 || got.KeyIDs[0] != id || len(got.Certificates) != 1 {
			t.Errorf("%T: a Route: %+v", key, got)
		}
	}
}

// TestCertificateForms holds what is read as a certificate: PEM and DER, in order, and nothing that only says so.
func TestCertificateForms(t *testing.T) {
	var key crypto.Signer
	for key = range keys(t) {
		break
	}
	der := certificate(t, key)
	good, bad := block("CERTIFICATE", der), block("CERTIFICATE", []byte("a private matter"))
	for name, c := range map[string]struct {
		raw              string
		read, unreadable int
		form             ValueForm
	}{
		"one":            {good, 1, 0, ValuePublic},
		"with comments":  {"# web\nsubject=CN = web\n" + good, 1, 0, ValuePublic},
		"two":            {good + "\n" + good, 2, 0, ValuePublic},
		"DER":            {string(der), 1, 0, ValuePublic},
		"none":           {bad, 0, 1, ValueClear},
		"one of two":     {good + bad, 1, 1, ValueClear},
		"cut":            {good + good[:60], 1, 1, ValueClear},
		"windows' lines": {strings.ReplaceAll(good, "\n", "\r\n"), 1, 0, ValuePublic},
		"text":           {"password\n" + good, 1, 0, ValueClear},
	} {
		d := digest([]byte(c.raw))
		if len(d.Certificates) != c.read || d.Unreadable != c.unreadable || d.Form != c.form {
			t.Errorf("%s: %d read, %d unreadable, form %d; want %+v", name, len(d.Certificates), d.Unreadable, d.Form, c)
		}
	}
}

// TestRouteKeepsPublicCertificates holds that nothing of a Route's private parts is kept, wherever they stand.
func TestRouteKeepsPublicCertificates(t *testing.T) {
	for key, forms := range keys(t) {
		text := block("CERTIFICATE", certificate(t, key))
		r := &ocproute.Route{}
		r.Spec.TLS = &ocproute.TLSConfig{
			Key: forms[0], Certificate: forms[0] + text, CACertificate: forms[0], DestinationCACertificate: "${" + forms[0] + "}",
		}
		trimRoute(r)
		out := fmt.Sprintf("%+v %q", r.Spec.TLS, r.Spec.TLS)
		for _, line := range strings.Split(forms[0], "\n") {
			if len(line) > 20 && strings.Contains(out, line) && !strings.HasPrefix(line, "-----") {
				t.Fatalf("%T: a line of the key is kept", key)
			}
		}
		if r.Spec.TLS.Certificate != text || RouteDigest(r, "caCertificate").Unreadable != 1 {
			t.Errorf("%T: certificate %q, authority %+v", key, r.Spec.TLS.Certificate, RouteDigest(r, "caCertificate"))
		}
	}
}

// TestSecretAnnotations holds that copies of a Secret that tools leave in its annotations are let go of.
func TestSecretAnnotations(t *testing.T) {
	s := &Secret{}
	s.Annotations = map[string]string{
		"kapp.k14s.io/original": base64.StdEncoding.EncodeToString([]byte("all of it")), "cert-manager.io/certificate-name": "web",
	}
	trimSecret(s)
	if len(s.Annotations) != 1 || s.Maker() != "Certificate" {
		t.Errorf("%v, made by %q", s.Annotations, s.Maker())
	}
}
