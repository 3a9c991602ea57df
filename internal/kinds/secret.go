package kinds

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"regexp"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A Secret is what Vigie keeps of a Secret: names, sizes, types, public certificates and keyed digests. The values
// themselves are let go of while the document is decoded.
type Secret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Type              string                  `json:"type,omitempty"`
	Data              map[string]SecretBytes  `json:"data,omitempty"`
	StringData        map[string]SecretString `json:"stringData,omitempty"`
}

// A SecretDigest is what is kept of one value.
type SecretDigest struct {
	Size         int      // bytes of the decoded value
	Digest       string   // HMAC-SHA-256 under a key of this process, 32 hexadecimal digits
	Certificates [][]byte // DER of the certificates in it, where it holds nothing but public PEM blocks or a chain
	Elided       bool     // the value was left out of a dump: only its size is known, and the digest is equal to no other
	NotBase64    bool     // a value of data that is no base64, such as a placeholder: the API would refuse the object
}

// SecretBytes is a base64 value of data.
type SecretBytes struct{ SecretDigest }

// SecretString is a clear value of stringData.
type SecretString struct{ SecretDigest }

// UnmarshalJSON implements json.Unmarshaler. What is no base64 is kept as such: templates hold placeholders there, and
// the object is to be seen all the same. The text goes nowhere, not even into an error.
func (s *SecretBytes) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		s.SecretDigest = digest(b)
		s.NotBase64 = true
		return nil //nolint:nilerr // a value of the wrong type is kept as such
	}
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		s.SecretDigest = digest(raw)
		return nil
	}
	s.SecretDigest, s.NotBase64 = digest([]byte(text)), true
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *SecretString) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		s.SecretDigest = digest(b)
		return nil //nolint:nilerr // as for data
	}
	s.SecretDigest = digest([]byte(text))
	return nil
}

var digestKey = func() []byte {
	k := make([]byte, 32)
	rand.Read(k) //nolint:errcheck // crypto/rand.Read never fails since Go 1.24
	return k
}()

// elided is what oc adm inspect puts in place of a secret's value (openshift/oc, pkg/cli/admin/inspect/secret.go).
var elided = regexp.MustCompile(`^(\d{1,9}) bytes long$`)

func digest(raw []byte) SecretDigest {
	if m := elided.FindSubmatch(raw); m != nil {
		size, _ := strconv.Atoi(string(m[1])) // nine digits at most
		once := make([]byte, 16)
		rand.Read(once) //nolint:errcheck // as above
		return SecretDigest{Size: size, Digest: hex.EncodeToString(once), Elided: true}
	}
	h := hmac.New(sha256.New, digestKey)
	h.Write(raw)
	d := SecretDigest{Size: len(raw), Digest: hex.EncodeToString(h.Sum(nil)[:16])}
	if !bytes.Contains(raw, []byte("-----BEGIN CERTIFICATE-----")) {
		return d
	}
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			d.Certificates = append(d.Certificates, block.Bytes)
		}
	}
	return d
}
