package secrets

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/logging"
	"sigs.k8s.io/yaml"
)

// The values of the tables are made when the tests run: no string of this repository is one that a scanner of secrets
// would take for a secret. In a manifest §NAME§ stands for a value.
var values = makeValues()

func text(alphabet string, n int, seed uint64) string {
	r := mathrand.New(mathrand.NewPCG(seed, 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	hexes = "0123456789abcdef"
	caps  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }

func makeValues() map[string]string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}
	cert, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		panic(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	pw := text(alnum, 15, 1) + "7"
	_, _ = z.Write([]byte(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"},"data":{"password":"` + b64(pw) + `"}}`))
	_ = z.Close()
	jwt := strings.TrimRight(b64(`{"alg":"HS256","typ":"JWT"}`), "=") + "." + strings.TrimRight(b64(`{"sub":"1234567890","iss":"shop"}`), "=") + "." + text(alnum, 43, 3)
	v := map[string]string{
		"PW":        pw,
		"PW2":       text(alnum, 17, 2) + "4",
		"WORD":      "hun" + "ter2",
		"SERIAL":    text(caps, 4, 36) + "2-" + text(caps, 4, 37) + "3-" + text(caps, 4, 38) + "4",
		"HEX10":     "2f9c41" + text("bcdf", 2, 39) + "aa",
		"HEX32":     text(hexes, 32, 4),
		"HEX40":     text(hexes, 40, 5),
		"HEX64":     text(hexes, 64, 6),
		"UUID":      text(hexes, 8, 7) + "-" + text(hexes, 4, 8) + "-4" + text(hexes, 3, 9) + "-a" + text(hexes, 3, 10) + "-" + text(hexes, 12, 11),
		"GHP":       "gh" + "p_" + text(alnum, 36, 12),
		"GLPAT":     "glp" + "at-" + text(alnum, 20, 13),
		"AKIA":      "AK" + "IA" + text(caps, 16, 14),
		"AWS":       text(alnum+"+/", 40, 15),
		"SLACK":     "xo" + "xb-" + "123456789012-1234567890123-" + text(alnum, 24, 16),
		"HOOK":      "https://hooks.slack" + ".com/services/T" + text(caps, 8, 17) + "/B" + text(caps, 8, 18) + "/" + text(alnum, 24, 19),
		"DISCORD":   "https://discord" + ".com/api/webhooks/123456789012345678/" + text(alnum, 68, 20),
		"MATTER":    "https://chat.example.test/hooks/" + text("abcdefghijklmnopqrstuvwxyz0123456789", 26, 21),
		"STRIPE":    "sk_" + "live_" + text(alnum, 24, 22),
		"NPM":       "np" + "m_" + text("abcdefghijklmnopqrstuvwxyz0123456789", 36, 23),
		"GOOGLE":    "AI" + "za" + text(alnum, 35, 24),
		"SENDGRID":  "S" + "G." + text("abcdefghijklmnopqrstuvwxyz0123456789", 66, 25),
		"AGE":       "AGE-SECRET" + "-KEY-1" + text("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58, 26),
		"OPENSHIFT": "sha" + "256~" + text(alnum, 43, 27),
		"SAS":       text(alnum, 43, 28) + "%3D",
		"AZURE":     text(alnum+"+/", 86, 29) + "==",
		"JWT":       jwt,
		"KEY":       block("PRIVATE KEY", pkcs8),
		"KEYLINE":   oneLine(block("PRIVATE KEY", pkcs8)),
		"KEYB64":    b64(block("PRIVATE KEY", pkcs8)),
		"KEYTWICE":  b64(b64(block("PRIVATE KEY", pkcs8))),
		"KEYDER":    base64.StdEncoding.EncodeToString(pkcs8),
		"CERT":      block("CERTIFICATE", cert),
		"CERTLINE":  oneLine(block("CERTIFICATE", cert)),
		"CERTB64":   b64(block("CERTIFICATE", cert)),
		"CERT2":     b64(b64(block("CERTIFICATE", cert))),
		"CERTDER":   base64.StdEncoding.EncodeToString(cert),
		"PUB":       block("PUBLIC KEY", public),
		"PUBB64":    b64(block("PUBLIC KEY", public)),
		"PUBDER":    base64.StdEncoding.EncodeToString(public),
		"BASIC":     b64("admin:" + pw),
		"PWB64":     b64(pw),
		"CONFB64":   b64("db.user=shop\ndb.password=" + pw + "\n"),
		"GZIP":      base64.StdEncoding.EncodeToString(zipped.Bytes()),
		"SEALED":    "AgB" + text(alnum, 400, 30),
		"SSHPUB":    "ssh-rsa AAAAB3NzaC1yc2E" + text(alnum+"+/", 350, 31) + " ops@example.test",
		"SRI":       "sha384-" + base64.StdEncoding.EncodeToString([]byte(text(alnum, 48, 32))),
		"JWKD":      text(alnum+"-_", 43, 33),
		"BCRYPT":    "$2a$10$" + text(alnum+"./", 53, 34),
		"BIG":       base64.StdEncoding.EncodeToString([]byte(text(alnum, 30000, 35))),
	}
	v["DOCKER"] = `{"auths":{"registry.example.test":{"auth":"` + v["BASIC"] + `"}}}`
	return v
}

// fill puts the values in. A value of several lines is indented as its first is.
func fill(manifest string) string {
	for {
		i := strings.Index(manifest, "§")
		if i < 0 {
			return manifest
		}
		rest := manifest[i+len("§"):]
		j := strings.Index(rest, "§")
		name := rest[:j]
		v, ok := values[name]
		if !ok {
			panic("no value " + name)
		}
		line := manifest[strings.LastIndexByte(manifest[:i], '\n')+1 : i]
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		v = strings.ReplaceAll(strings.TrimRight(v, "\n"), "\n", "\n"+indent)
		manifest = manifest[:i] + v + rest[j+len("§"):]
	}
}

// scan gives the sightings of a manifest as "place part rule" and checks of each that its path leads to a string.
func scan(t *testing.T, s *Scanner, manifest string) (found []string, sightings []Sighting) {
	t.Helper()
	j, err := yaml.YAMLToJSON([]byte(fill(manifest)))
	if err != nil {
		t.Fatalf("the test's manifest is no YAML: %v", err)
	}
	var o map[string]any
	if err := json.Unmarshal(j, &o); err != nil {
		t.Fatal(err)
	}
	kind, _ := o["kind"].(string)
	group := ""
	if api, _ := o["apiVersion"].(string); strings.Contains(api, "/") {
		group, _, _ = strings.Cut(api, "/")
	}
	if kind == "" {
		sightings = s.Values(o, HelmValues)
	} else {
		sightings = s.Object(group, kind, j)
	}
	for _, f := range sightings {
		if _, ok := resolve(o, f.Path); !ok {
			t.Errorf("path %v leads nowhere", f.Path)
		}
		if f.Length < minSecret || len(f.Digest) != 2*digestBytes || f.Rule == "" || f.Place == "" {
			t.Errorf("incomplete: %+v", f)
		}
		found = append(found, fmt.Sprintf("%s %s %s", f.Place, f.Part, f.Rule))
	}
	return found, sightings
}

// resolve follows a path to a scalar.
func resolve(o any, path []any) (string, bool) {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := o.(map[string]any)
			if !ok {
				return "", false
			}
			if o, ok = m[p]; !ok {
				return "", false
			}
		case int:
			l, ok := o.([]any)
			if !ok || p < 0 || p >= len(l) {
				return "", false
			}
			o = l[p]
		}
	}
	switch v := o.(type) {
	case string:
		return v, true
	case float64:
		return fmt.Sprint(v), true
	}
	return "", false
}

func printAll(b *bytes.Buffer, v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(b, verb+"\n", v)
	}
}

func TestNothingIsPrintable(t *testing.T) {
	s := New(Options{Key: []byte("key-of-the-digests")})
	var printed bytes.Buffer
	for _, c := range positives {
		_, found := scan(t, s, c.manifest)
		for _, f := range found {
			printAll(&printed, f)
			j, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			printed.Write(j)
		}
	}
	printAll(&printed, s)
	printAll(&printed, Options{Key: []byte("key-of-the-digests")})
	if printed.Len() < 10_000 {
		t.Fatalf("too little was printed: %d bytes", printed.Len())
	}
	for name, v := range values {
		for line := range strings.SplitSeq(v, "\n") {
			if len(line) >= 8 && strings.Contains(printed.String(), line) && !strings.HasPrefix(line, "-----") {
				t.Errorf("the value %s was printed", name)
			}
		}
	}
	for _, k := range []string{"key-of-the-digests", "107 101 121 45", "6b65792d6f66", values["WORD"]} {
		if strings.Contains(printed.String(), k) {
			t.Errorf("printed: %q", k)
		}
	}
}

// The library that the rules are of has a logger: nothing may come out of it.
func TestNothingIsWritten(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	was := logging.Logger
	logging.Logger = zerolog.New(write).Level(zerolog.TraceLevel)
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = write, write
	s := New(Options{})
	n := 0
	for _, c := range positives {
		j, _ := yaml.YAMLToJSON([]byte(fill(c.manifest)))
		n += len(s.Object("", "Pod", j))
	}
	os.Stdout, os.Stderr, logging.Logger = out, errs, was
	_ = write.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(read); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 0 || n == 0 {
		t.Errorf("%d bytes were written for %d sightings", b.Len(), n)
	}
}

func TestDigest(t *testing.T) {
	const pod = "kind: Pod\nspec:\n  containers:\n  - name: a\n    env: [{name: DB_PASSWORD, value: §PW§}, {name: MAIL_PASSWORD, value: §PW§}, {name: OTHER_PASSWORD, value: §PW2§}]\n"
	_, a := scan(t, New(Options{Key: []byte("one")}), pod)
	_, b := scan(t, New(Options{Key: []byte("one")}), pod)
	_, c := scan(t, New(Options{}), pod)
	_, d := scan(t, New(Options{}), pod)
	if len(a) != 3 || len(b) != 3 || len(c) != 3 || len(d) != 3 {
		t.Fatal("three sightings each are expected")
	}
	if a[0].Digest != a[1].Digest || a[0].Digest == a[2].Digest {
		t.Error("equal secrets, equal digests; others, others")
	}
	if a[0].Digest != b[0].Digest || a[0].Digest == c[0].Digest || c[0].Digest == d[0].Digest {
		t.Error("a digest is the key's: a random one where none is given")
	}
	if a[0].Length != len(values["PW"]) {
		t.Errorf("length %d", a[0].Length)
	}
}
