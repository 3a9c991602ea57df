package secrets

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"sigs.k8s.io/yaml"
)

// FuzzObject holds that nothing makes the scanner panic, that every path leads to a string or number of the object,
// and that a digest and a rule come with it. What is broken is read as far as it goes.
func FuzzObject(f *testing.F) {
	for _, c := range positives {
		if j, err := yaml.YAMLToJSON([]byte(fill(c.manifest))); err == nil {
			f.Add("apps", "Deployment", j)
		}
	}
	for _, c := range negatives {
		if j, err := yaml.YAMLToJSON([]byte(fill(c.manifest))); err == nil {
			f.Add("", "ConfigMap", j)
		}
	}
	for _, j := range []string{
		``, `{`, `[`, `"`, `{"a`, `{"a":`, `{"a":"\`, `{"a":"\u00`, `{"password":"\ud800x1234"}`, `[[[[`, `{"data":{"data":{"data":1}}}`, `nul`, `{"a" "b"}`,
		`{"\u0070assword":"` + values["PW"] + `"}`, `{"metadata":{"annotations":{"a":"{\"kind\":\"Secret\",\"data\":{\"x\":\"YWJjZA==\"}}"}}}`,
		`{"args":["--password","abcdefg1"],"command":["mysql","-p` + values["PW"] + `"]}`, `{"name":"password","value":12345678}`,
		`{"":{"":[{"":"password: ` + values["PW"] + `"}]}}`, "{\"data\":{\"a\":\"password: |\\n\"}}",
	} {
		f.Add("", "Thing", []byte(j))
	}
	s := New(Options{Key: []byte("fuzz")})
	f.Fuzz(func(t *testing.T, group, kind string, object []byte) {
		found := s.Object(group, kind, object)
		var o any
		if json.Unmarshal(object, &o) != nil || !jsontext.Value(object).IsValid() {
			return // broken, or a name twice in one object
		}
		for _, x := range found {
			if _, ok := resolve(o, x.Path); !ok {
				t.Errorf("path %q leads nowhere", x.Path)
			}
			if x.Rule == "" || x.Length <= 0 || len(x.Digest) != 2*digestBytes {
				t.Errorf("incomplete: %+v", x)
			}
		}
		for _, x := range s.Values(o, HelmValues) {
			if _, ok := resolve(o, x.Path); !ok || x.Place != HelmValues {
				t.Errorf("values: path %q leads nowhere", x.Path)
			}
		}
	})
}

// What would take the square of its length if each part were looked at from each other must end like anything else.
func TestHostileText(t *testing.T) {
	s := New(Options{})
	for name, unit := range map[string]string{
		"pairs": "password=", "colons": `"password":`, "elements": "<password><", "addresses": "://a:b@", "pem": "-----BEGIN PRIVATE KEY-----", "base64": "LS0tLS1CRUdJT ",
		"hashes": "sha256- ", "quotes": `password='"`, "blocks": "password: |\n\n", "headers": "Basic Bearer ", "words": "mysql -p ", "sql": "PASSWORD 'IDENTIFIED BY '",
		"json": `{"a":`, "lists": "[", "escapes": `\"password\":\"`, "jwt": "eyJhbGciOiJIUzI1NiJ9.", "names": "- name: password\n", "query": "?sig=&sv=://",
	} {
		text := strings.Repeat(unit, 100_000/len(unit))
		for _, kind := range []string{"ConfigMap", "Pod"} {
			j, err := json.Marshal(map[string]any{
				"kind": kind, "data": map[string]any{"file": text}, "spec": map[string]any{"containers": []any{map[string]any{"name": "a", "args": []string{text, text}}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(s.Object("", kind, j)); n > 10*maxSightings {
				t.Errorf("%s: %d sightings", name, n)
			}
		}
		s.Object("", "Thing", []byte(text))
	}
	deep := strings.Repeat(`{"data":`, 100_000) + `"x"` + strings.Repeat("}", 100_000)
	s.Object("", "Thing", []byte(deep))
	s.Object("", "Thing", []byte("{"+strings.Repeat(`"data":{"a":1},`, 100_000)+`"kind":"Secret"}`))
}
