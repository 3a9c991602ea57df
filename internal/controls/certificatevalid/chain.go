package certificatevalid

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"

	"vigie/internal/control"
)

// An ending says where a path of certificates leads, best first.
type ending int

const (
	anchored ending = iota // to an authority that is known to be trusted
	ownRoot                // to a certificate that signed itself
	open                   // to an issuer that is not there
	broken                 // to an issuer that is there and cannot have issued it, or is not in force
)

// A path is the best way from a certificate to where trust begins.
type path struct {
	certs   []*x509.Certificate // the one that is shown first
	end     ending
	at      *x509.Certificate // where it breaks
	because string            // why, in OpenSSL's names (openssl-verify(1), "Diagnostics"): people look them up
	anchors []*x509.Certificate
}

func (p path) isAnchor(c *x509.Certificate) bool {
	return slices.ContainsFunc(p.anchors, c.Equal)
}

// Bounds of the search: real chains are a few long, and names can be made to match at will.
const (
	longest   = 10
	mostSteps = 500
)

// find looks for a way from leaf through rest to an anchor of the value itself or a declared root.
func (j judge) find(leaf *x509.Certificate, rest, anchors []*x509.Certificate) path {
	f := finder{judge: j, pool: rest, anchors: append(slices.Clone(anchors), j.roots...)}
	p := f.from(leaf, []*x509.Certificate{leaf})
	p.anchors = f.anchors
	if p.end != broken {
		if why := constraints(p.certs); why != "" {
			p.end, p.at, p.because = broken, leaf, why
		}
	}
	return p
}

type finder struct {
	judge
	pool, anchors []*x509.Certificate
	steps         int
}

func (f *finder) from(c *x509.Certificate, way []*x509.Certificate) path {
	f.steps++
	if slices.ContainsFunc(f.anchors, c.Equal) {
		return path{certs: way, end: anchored}
	}
	own := selfSigned(c)
	best := path{certs: way, end: open}
	if own {
		best.end = ownRoot
	}
	if len(way) >= longest || f.steps > mostSteps {
		return best
	}
	named := false
	for _, issuers := range [][]*x509.Certificate{f.anchors, f.pool} {
		for _, up := range issuers {
			if !bytes.Equal(up.RawSubject, c.RawIssuer) || slices.ContainsFunc(way, up.Equal) {
				continue
			}
			p := f.step(c, up, way)
			if p.end < best.end || !named && best.end == open {
				best = p
			}
			named = true
		}
	}
	return best
}

// step goes from a certificate to one that bears its issuer's name.
func (f *finder) step(c, up *x509.Certificate, way []*x509.Certificate) path {
	why := signed(c, up)
	switch {
	case why != "":
	case !f.now.Before(end(up)):
		why = "X509_V_ERR_CERT_HAS_EXPIRED"
	case f.now.Before(f.begin(up)):
		why = "X509_V_ERR_CERT_NOT_YET_VALID"
	default:
		return f.from(up, append(way[:len(way):len(way)], up))
	}
	return path{certs: way, end: broken, at: up, because: why}
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) && signature(c, c) == nil
}

// signed reports why up cannot have issued c; empty: it did.
func signed(c, up *x509.Certificate) string {
	var constraint x509.ConstraintViolationError
	switch err := signature(c, up); {
	case err == nil:
		return ""
	case errors.As(err, &constraint):
		return "X509_V_ERR_INVALID_CA"
	}
	return "X509_V_ERR_CERT_SIGNATURE_FAILURE"
}

// signature checks that up signed c. Where the algorithm or the key is so weak that the library refuses to look, the
// names decide: the weakness itself is a fault of its own.
func signature(c, up *x509.Certificate) error {
	if k, ok := up.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < 1024 {
		return nil
	}
	var insecure x509.InsecureAlgorithmError
	var err error
	if c == up { // an authority or not: what counts is the key
		err = up.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	} else {
		err = c.CheckSignatureFrom(up)
	}
	if errors.As(err, &insecure) || errors.Is(err, x509.ErrUnsupportedAlgorithm) {
		return nil
	}
	return err
}

// constraints checks what the authorities of a path forbid, by the library, at a moment at which the whole path is in
// force: its dates are judged apart. Empty: nothing stands against it, or the library cannot look.
func constraints(certs []*x509.Certificate) string {
	if len(certs) < 2 || slices.ContainsFunc(certs, tooWeakToVerify) {
		return ""
	}
	at := certs[0].NotBefore
	for _, c := range certs {
		if c.NotBefore.After(at) {
			at = c.NotBefore
		}
	}
	o := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	o.Roots.AddCert(certs[len(certs)-1])
	for _, c := range certs[1 : len(certs)-1] {
		o.Intermediates.AddCert(c)
	}
	_, err := certs[0].Verify(o)
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) {
		return ""
	}
	return violations[invalid.Reason]
}

// violations names what an authority forbids as OpenSSL does. What is not there says nothing of the chain itself.
var violations = map[x509.InvalidReason]string{
	x509.NotAuthorizedToSign:           "X509_V_ERR_INVALID_CA",
	x509.TooManyIntermediates:          "X509_V_ERR_PATH_LENGTH_EXCEEDED",
	x509.CANotAuthorizedForThisName:    "X509_V_ERR_PERMITTED_VIOLATION",
	x509.UnconstrainedName:             "X509_V_ERR_PERMITTED_VIOLATION",
	x509.CANotAuthorizedForExtKeyUsage: "X509_V_ERR_INVALID_PURPOSE",
}

func tooWeakToVerify(c *x509.Certificate) bool {
	k, ok := c.PublicKey.(*rsa.PublicKey)
	return weakSignatures[c.SignatureAlgorithm] || ok && k.N.BitLen() < 1024
}

// judge turns where the path leads into what is said of it.
func (p path) judge(j judge, b bundle, a *answer) {
	last := p.certs[len(p.certs)-1]
	breaks := func(at *x509.Certificate, why string) {
		a.faults = append(a.faults, fault{"broken-chain", control.Values{"certificate": nameOf(at), "error": why}})
	}
	declared, alone := len(j.roots) > 0 && !b.inCluster, len(p.certs) == 1
	a.issuer = nameOf(last)
	switch {
	case p.end == anchored:
	case p.end == broken:
		breaks(p.at, p.because)
	case p.end == ownRoot && declared && !last.IsCA:
		breaks(last, "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT")
	case p.end == ownRoot && declared && !alone:
		breaks(last, "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN")
	case p.end == ownRoot && alone:
		a.note = "self-signed"
	case p.end == ownRoot:
		a.note = "root-not-checked"
	case declared && alone:
		breaks(last, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY")
	case declared || alone && !b.inCluster:
		a.note, a.issuer = "issuer-not-seen", issuerOf(last)
	default:
		a.note, a.issuer = "root-not-checked", issuerOf(last)
	}
}

func issuerOf(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}
