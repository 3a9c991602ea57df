package kinds

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
	SOPS              *SOPS                   `json:"sops,omitempty"` // of a file that SOPS encrypted; nil: none
	Origin            Origin                  `json:"-"`              // where this very document came from
}

// A SecretDigest is what is kept of one value.
type SecretDigest struct {
	Size         int       // bytes of the decoded value
	Digest       string    // HMAC-SHA-256 under a key of this process, 32 hexadecimal digits
	Form         ValueForm // in which form the value stands
	Certificates [][]byte  // DER of the public certificates in it, in their order
	Unreadable   int       // certificate blocks in it that are no X.509 certificate
	KeyIDs       []string  // KeyID of each key in it, private or public, that could be read
	Elided       bool      // the value was left out of a dump: only its size is known, and the digest is equal to no other
	NotBase64    bool      // a value of data that is no base64, such as a placeholder: the API would refuse the object
}

// A ValueForm says in which form a value stands. The zero value is clear on purpose.
type ValueForm uint8

// The forms.
const (
	ValueClear       ValueForm = iota // in clear, in base64 or not
	ValueEmpty                        // nothing
	ValueClosed                       // encrypted: by SOPS, or by Ansible's vault
	ValuePlaceholder                  // to be filled in by somebody later
	ValuePublic                       // public certificates, keys and parameters in PEM, and nothing else
)

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
		if s.Form == ValueClear && masked.MatchString(text) {
			s.Form = ValuePlaceholder // a mask can happen to be base64
		}
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

// SOPS is what the block of that name says of a file that SOPS encrypted: which values its rule closes, as
// getsops/sops names it in its documents. Of recipients, keys and message codes nothing is kept.
type SOPS struct {
	EncryptedRegex, UnencryptedRegex, EncryptedSuffix, UnencryptedSuffix string
}

// UnmarshalJSON implements json.Unmarshaler. A block of another form is one without a rule: the values are looked at
// in any case.
func (s *SOPS) UnmarshalJSON(b []byte) error {
	var block struct {
		EncryptedRegex    string `json:"encrypted_regex"`
		UnencryptedRegex  string `json:"unencrypted_regex"`
		EncryptedSuffix   string `json:"encrypted_suffix"`
		UnencryptedSuffix string `json:"unencrypted_suffix"`
	}
	if json.Unmarshal(b, &block) == nil {
		*s = SOPS(block)
	}
	return nil
}

// Rule is the rule by which SOPS chose the values to close, as the file names it; empty: every value.
func (s *SOPS) Rule() string {
	for _, r := range [...][2]string{
		{"encrypted_regex", s.EncryptedRegex}, {"unencrypted_regex", s.UnencryptedRegex},
		{"encrypted_suffix", s.EncryptedSuffix}, {"unencrypted_suffix", s.UnencryptedSuffix},
	} {
		if r[1] != "" {
			return r[0] + ": " + r[1]
		}
	}
	return ""
}

// A SecretKey is one value of a Secret: the field that it stands in (data or stringData), its key, what is kept of it.
type SecretKey struct {
	Field, Key string
	*SecretDigest
}

// Keys lists every value of the Secret, data first, in order of key.
func (s *Secret) Keys() (out []SecretKey) {
	out = make([]SecretKey, 0, len(s.Data)+len(s.StringData))
	for k, v := range s.Data {
		out = append(out, SecretKey{"data", k, &v.SecretDigest})
	}
	for k, v := range s.StringData {
		out = append(out, SecretKey{"stringData", k, &v.SecretDigest})
	}
	slices.SortFunc(out, func(a, b SecretKey) int {
		if d := strings.Compare(a.Field, b.Field); d != 0 {
			return d
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out
}

// Has reports whether the Secret holds that key.
func (s *Secret) Has(key string) bool {
	_, data := s.Data[key]
	_, text := s.StringData[key]
	return data || text
}

// keptAnnotations are the beginnings of the annotations of a Secret that are kept: who made it and for whom. Others
// have held copies of the whole object, values included.
var keptAnnotations = []string{
	"cert-manager.io/", "service.beta.openshift.io/", "service.alpha.openshift.io/", "openshift.io/owning-component",
	"openshift.io/internal-registry-", "kubernetes.io/service-account.", "kubernetes.io/created-by",
	"reconcile.external-secrets.io/", "sealedsecrets.bitnami.com/", "operator.1password.io/item-path", "olm.",
}

func trimSecret(s *Secret) {
	s.Annotations = without(s.Annotations, func(key string) bool {
		return !slices.ContainsFunc(keptAnnotations, func(p string) bool { return strings.HasPrefix(key, p) })
	})
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
		return SecretDigest{Size: size, Digest: hex.EncodeToString(once), Form: ValuePlaceholder, Elided: true}
	}
	h := hmac.New(sha256.New, digestKey)
	h.Write(raw)
	p := readPEM(raw)
	return SecretDigest{
		Size: len(raw), Digest: hex.EncodeToString(h.Sum(nil)[:16]), Form: formOf(raw, p),
		Certificates: p.certificates, Unreadable: p.unreadable, KeyIDs: p.keyIDs,
	}
}
