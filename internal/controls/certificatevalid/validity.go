package certificatevalid

import (
	"crypto/dsa" //nolint:staticcheck // to know one is to report it
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// A fault is a reason to fail, with its values.
type fault struct {
	reason string
	values control.Values
}

// An answer is what was found of one value.
type answer struct {
	faults []fault
	note   string // a reason that is no failure: of a pass, or of an unknown
	issuer string // that the note is about
	until  time.Time
}

// end is the first moment at which a certificate is over: its last second is still part of its life (RFC 5280,
// 4.1.2.5).
func end(c *x509.Certificate) time.Time { return c.NotAfter.Add(time.Second) }

// begin is the first moment at which a certificate may be met.
func (j judge) begin(c *x509.Certificate) time.Time { return c.NotBefore.Add(-j.skew) }

// due is the moment from which a certificate expires too soon: the smaller of the parameter and a third of its life
// before its end.
func (j judge) due(c *x509.Certificate) time.Time {
	return c.NotAfter.Add(-min(j.remaining, c.NotAfter.Sub(c.NotBefore)/3))
}

// life judges the dates of one certificate.
func (j judge) life(c *x509.Certificate) []fault {
	v := control.Values{"certificate": nameOf(c), "from": c.NotBefore.UTC(), "to": c.NotAfter.UTC()}
	switch {
	case !j.now.Before(end(c)):
		return []fault{{"expired", v}}
	case j.now.Before(j.begin(c)):
		return []fault{{"not-yet-valid", v}}
	case !j.now.Before(j.due(c)):
		v["left"] = end(c).Sub(j.now).Truncate(time.Second)
		return []fault{{"expires-soon", v}}
	}
	return nil
}

// until is the first moment to come at which time alone changes what is said of one of the certificates.
func (j judge) until(certs ...*x509.Certificate) (first time.Time) {
	for _, c := range certs {
		for _, t := range []time.Time{j.begin(c), j.due(c), end(c)} {
			if t.After(j.now) && (first.IsZero() || t.Before(first)) {
				first = t
			}
		}
	}
	return first
}

// served judges a chain that is shown to the other side of a connection: its first certificate is who shows it.
func (j judge) served(b bundle) (a answer) {
	leaf, rest := b.chain[0], b.chain[1:]
	if i := slices.IndexFunc(b.chain, func(c *x509.Certificate) bool { return !c.IsCA }); i > 0 {
		a.faults = append(a.faults, fault{"chain-order", control.Values{"certificate": nameOf(b.chain[i]), "first": nameOf(leaf)}})
		leaf, rest = b.chain[i], slices.Delete(slices.Clone(b.chain), i, i+1)
	}
	a.faults = append(a.faults, j.life(leaf)...)
	if len(b.keyIDs) > 0 && !slices.Contains(b.keyIDs, kinds.KeyID(leaf.PublicKey)) {
		a.faults = append(a.faults, fault{"key-mismatch", control.Values{"certificate": nameOf(leaf)}})
	}
	p := j.find(leaf, rest, b.anchors)
	a.until = j.until(p.certs...)
	a.faults = append(a.faults, strength(leaf, true)...)
	for _, c := range p.certs[1:] {
		if !p.isAnchor(c) { // what is trusted for itself is judged where it stands
			a.faults = append(append(a.faults, j.life(c)...), strength(c, false)...)
		}
	}
	p.judge(j, b, &a)
	if p.end == broken {
		a.until = j.until(append(slices.Clone(b.chain), b.anchors...)...) // another way may come into force
	}
	return a
}

// authorities judges a list of certificates that are trusted, by the one that lives longest: while authorities change,
// the old one stands beside the new one.
func (j judge) authorities(b bundle) (a answer) {
	last := slices.MaxFunc(b.chain, func(x, y *x509.Certificate) int { return x.NotAfter.Compare(y.NotAfter) })
	a.until = j.until(b.chain...)
	if i := slices.IndexFunc(b.chain, func(c *x509.Certificate) bool { return j.life(c) == nil }); i >= 0 {
		last = b.chain[i]
	}
	a.faults = j.life(last)
	if len(b.chain) == 1 {
		a.faults = append(a.faults, weakKey(last)...)
	}
	return a
}

// strength judges what keeps a certificate from being forged. The signature of one that signed itself keeps nothing:
// it is trusted for what it is, unless it is shown as the server's own.
func strength(c *x509.Certificate, leaf bool) []fault {
	out := weakKey(c)
	if weakSignatures[c.SignatureAlgorithm] && (leaf || !selfSigned(c)) {
		out = append(out, fault{"weak-signature", control.Values{"certificate": nameOf(c), "algorithm": c.SignatureAlgorithm.String()}})
	}
	return out
}

// weakSignatures rest on hashes of which two texts can be found that have the same one (CA/Browser Forum, Baseline
// Requirements, 7.1.3.2; RFC 9155).
var weakSignatures = map[x509.SignatureAlgorithm]bool{
	x509.MD2WithRSA: true, x509.MD5WithRSA: true, x509.SHA1WithRSA: true, x509.DSAWithSHA1: true, x509.ECDSAWithSHA1: true,
	x509.DSAWithSHA256: true,
}

// The least sizes of keys, in bits (CA/Browser Forum, Baseline Requirements, 6.1.5).
const (
	leastRSA = 2048
	leastEC  = 256
)

func weakKey(c *x509.Certificate) []fault {
	say := func(algorithm string, bits, least int) []fault {
		if bits >= least {
			return nil
		}
		return []fault{{"weak-key", control.Values{"certificate": nameOf(c), "algorithm": fmt.Sprintf("%s-%d", algorithm, bits)}}}
	}
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return say("RSA", k.N.BitLen(), leastRSA)
	case *ecdsa.PublicKey:
		return say("EC", k.Curve.Params().BitSize, leastEC)
	case *dsa.PublicKey:
		return say("DSA", k.P.BitLen(), k.P.BitLen()+1) // whatever its size
	}
	return nil
}
