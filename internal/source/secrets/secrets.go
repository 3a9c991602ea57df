// Package secrets finds the secrets that stand in clear in one Kubernetes object: in environment variables,
// arguments, ConfigMaps, annotations, Helm values and any other string. It is used inside the sources, so that a
// secret's value ends in the reader: what leaves is where it stands, how long it is, by which rule it was known and
// a keyed digest.
//
// The data of a Secret is no sighting (where Secrets may stand is another question); everything else about a Secret
// is. Nothing of the module, no value of a secret in any result or error, and no logging may enter here.
package secrets

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync"
)

// Place is the kind of place in an object where a secret stands.
type Place string

// The places. Values of another kind of field, of a custom resource for instance, are Custom.
const (
	Env          Place = "env"
	Args         Place = "args"
	Command      Place = "command"
	ConfigMap    Place = "configmap"
	Annotation   Place = "annotation"
	LastApplied  Place = "last-applied" // an annotation that holds a whole earlier object
	Label        Place = "label"
	HelmValues   Place = "helm-values"
	HelmManifest Place = "helm-manifest" // never given here: for callers that read a release's manifest
	Custom       Place = "custom"
	ProbeHeader  Place = "probe-header" // httpHeaders of a probe or a hook
)

// The rules of our own. Any other rule is the id of a rule of gitleaks (its default configuration, v8.30.1).
const (
	RuleKeyName      = "key-name"        // the name says that the value is a secret, and the value can be one
	RuleKnownDefault = "known-default"   // as key-name, and the value is one that everybody tries first
	RulePrivateKey   = "private-key"     // PEM, DER, OpenSSH, PGP or JWK, in clear or in base64
	RuleURLPassword  = "url-password"    // user:password@host, also in the forms of drivers
	RuleBasicAuth    = "basic-auth"      // user:password of HTTP, in clear or in base64
	RuleBearerToken  = "bearer-token"    // Authorization: Bearer and its kin
	RuleCommandLine  = "command-line"    // an option of a known command, such as mysql -p
	RuleSQLPassword  = "sql-password"    // IDENTIFIED BY, WITH PASSWORD
	RuleWebhookURL   = "webhook-url"     // an address that is its own password
	RuleSASToken     = "sas-token"       // a signed address of Azure storage
	RuleSecretData   = "secret-data"     // data of a Secret that is kept inside another field
	RuleGenericKey   = "generic-api-key" // gitleaks' own, for names that only might be of a secret
)

// A Sighting is a secret that stands in clear: where, and by which rule it was known. Never its value.
type Sighting struct {
	Path      []any  // map keys (string) and indexes (int) from the object's root to the string that holds the secret
	Place     Place  //
	Part      string // name of the variable, key of the ConfigMap or annotation, container of args, last key otherwise
	Container string // the container it belongs to; empty outside one
	Rule      string // one of the rules above, or gitleaks' id
	Length    int    // of the secret in bytes, not of the string around it
	Digest    string // HMAC-SHA-256 of the secret, its first 16 bytes in hexadecimal: equal for equal secrets
}

// Options of a Scanner.
type Options struct {
	// Key of the digests. Empty: random for this Scanner, digests then compare within it and with nothing else.
	Key []byte
}

// Format prints nothing of the key, whatever the verb.
func (Options) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "secrets.Options") }

// A Scanner finds secrets. It is safe for concurrent use. Make one and keep it: it remembers what it learnt about
// names of fields.
type Scanner struct {
	key   []byte
	names nameCache
	rules ruleBook
	pool  sync.Pool // of *walker
}

// Format prints nothing of what the scanner holds, whatever the verb.
func (s *Scanner) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "secrets.Scanner") }

// New makes a scanner. It costs nothing yet: rules are read and compiled for the first value that needs them.
func New(o Options) *Scanner {
	s := &Scanner{key: bytes.Clone(o.Key)}
	if len(s.key) == 0 {
		s.key = make([]byte, sha256.Size)
		_, _ = rand.Read(s.key) // never fails: see crypto/rand
	}
	return s
}

// Object finds the secrets in an object of that group and kind, given as JSON. metadata.managedFields and status are
// not read: the one repeats names, the other is the controllers' copy of what stands elsewhere. JSON that is broken is
// read as far as it goes.
func (s *Scanner) Object(group, kind string, object []byte) []Sighting {
	w := s.walker(object)
	defer s.release(w)
	w.group, w.kind = group, kind
	c := frame{area: areaRoot, place: Custom}
	w.value(&c)
	return w.take()
}

// Values finds the secrets in a decoded tree of maps, lists and scalars, such as Helm's values; every sighting is of
// that place. A tree that cannot be written as JSON has none.
func (s *Scanner) Values(tree any, place Place) []Sighting {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(plain(tree)) != nil {
		return nil
	}
	w := s.walker(b.Bytes())
	defer s.release(w)
	w.fixed = place
	c := frame{area: areaFree, place: place}
	w.value(&c)
	return w.take()
}

// plain turns the maps that some YAML readers give into maps that JSON knows.
func plain(tree any) any {
	switch t := tree.(type) {
	case map[any]any:
		m := make(map[string]any, len(t))
		for k, v := range t {
			m[fmt.Sprint(k)] = plain(v)
		}
		return m
	case map[string]any:
		m := make(map[string]any, len(t))
		for k, v := range t {
			m[k] = plain(v)
		}
		return m
	case []any:
		l := make([]any, len(t))
		for i, v := range t {
			l[i] = plain(v)
		}
		return l
	}
	if f, ok := tree.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return nil // YAML has them, JSON has not
	}
	return tree
}

func (s *Scanner) digest(secret string) string {
	h := hmac.New(sha256.New, s.key)
	_, _ = io.WriteString(h, secret)
	return hex.EncodeToString(h.Sum(nil)[:digestBytes])
}
