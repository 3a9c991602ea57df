package gen_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"vigie/bench/gen"
	"vigie/bench/typed"
)

type typeMeta struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

// text puts all objects one behind the other.
func text(o gen.Options) []byte {
	var b bytes.Buffer
	for obj := range gen.All(o) {
		b.WriteString("---\n")
		b.Write(obj.YAML)
	}
	return b.Bytes()
}

func TestSeedDecides(t *testing.T) {
	o := gen.Options{Objects: 400, Seed: 7}
	first := text(o)
	if !bytes.Equal(first, text(o)) {
		t.Error("the same seed gave other bytes")
	}
	o.Seed = 8
	if bytes.Equal(first, text(o)) {
		t.Error("another seed gave the same bytes")
	}
	longer := text(gen.Options{Objects: 4000, Seed: 7})
	if !bytes.HasPrefix(longer, first) {
		t.Error("the first objects depend on how many follow")
	}
}

// TestStrictDecoding holds every object to its Go type: no unknown and no duplicate field, names that an API server
// takes, and the right namespace.
func TestStrictDecoding(t *testing.T) {
	seen := map[string]bool{}
	for obj := range gen.All(gen.Options{Objects: 13 * 170, Seed: 1}) {
		var m typeMeta
		if err := yaml.Unmarshal(obj.YAML, &m); err != nil {
			t.Fatalf("%s of %s: %v", obj.Kind, obj.App.Name, err)
		}
		into := typed.New(m.APIVersion, m.Kind)
		if into == nil || m.Kind != obj.Kind {
			t.Fatalf("%s of %s is a %q of %q", obj.Kind, obj.App.Name, m.Kind, m.APIVersion)
		}
		if err := yaml.UnmarshalStrict(obj.YAML, into); err != nil {
			t.Fatalf("%s of %s: %v", obj.Kind, obj.App.Name, err)
		}
		if into.GetNamespace() != obj.App.Namespace {
			t.Errorf("%s %q is in %q, want %q", obj.Kind, into.GetName(), into.GetNamespace(), obj.App.Namespace)
		}
		for _, bad := range validation.IsDNS1123Subdomain(into.GetName()) {
			t.Errorf("%s %q: %s", obj.Kind, into.GetName(), bad)
		}
		for key, value := range into.GetLabels() {
			for _, bad := range append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...) {
				t.Errorf("%s %q: label %s=%s: %s", obj.Kind, into.GetName(), key, value, bad)
			}
		}
		id := obj.Kind + "/" + into.GetNamespace() + "/" + into.GetName()
		if seen[id] {
			t.Errorf("%s occurs twice", id)
		}
		seen[id] = true
	}
}

// TestShape holds counts, spread over namespaces, share of faults and size to what the benchmark promises.
func TestShape(t *testing.T) {
	for _, test := range []struct {
		name                         string
		options                      gen.Options
		applications, faulty, spaces int
		last                         int // kinds that the last application has
	}{
		{"one object", gen.Options{Objects: 1}, 1, -1, 1, 1},
		{"whole applications", gen.Options{Objects: 1300}, 100, 10, 20, 13},
		{"a broken one at the end", gen.Options{Objects: 13_008}, 1001, -1, 201, 8},
		{"one namespace", gen.Options{Objects: 1300, Namespaces: 1, Seed: 3}, 100, 10, 1, 13},
		{"seven namespaces", gen.Options{Objects: 1300, Namespaces: 7, Seed: 4}, 100, 10, 7, 13},
	} {
		t.Run(test.name, func(t *testing.T) {
			kinds, spaces, faulty := map[string]int{}, map[string]map[string]bool{}, map[string]string{}
			objects, size := 0, 0
			for obj := range gen.All(test.options) {
				objects++
				size += len(obj.YAML)
				kinds[obj.Kind]++
				if spaces[obj.App.Namespace] == nil {
					spaces[obj.App.Namespace] = map[string]bool{}
				}
				spaces[obj.App.Namespace][obj.App.Name] = true
				if obj.App.Fault != "" {
					faulty[obj.App.Name] = obj.App.Fault
				}
			}
			if objects != test.options.Objects {
				t.Errorf("%d objects, want %d", objects, test.options.Objects)
			}
			if got := test.options.Applications(); got != test.applications {
				t.Errorf("%d applications, want %d", got, test.applications)
			}
			for i, kind := range gen.Kinds {
				want := test.applications
				if i >= test.last {
					want--
				}
				if kinds[kind] != want {
					t.Errorf("%d of kind %s, want %d", kinds[kind], kind, want)
				}
			}
			if len(spaces) != test.spaces {
				t.Errorf("%d namespaces, want %d", len(spaces), test.spaces)
			}
			if test.options.Namespaces == 0 {
				for ns, apps := range spaces {
					if len(apps) > 5 {
						t.Errorf("%d applications in %s, want 5 at most", len(apps), ns)
					}
				}
			}
			if test.faulty >= 0 && len(faulty) != test.faulty {
				t.Errorf("%d applications with a fault, want %d", len(faulty), test.faulty)
			}
			if mean := size / objects; objects > 1000 && (mean < 1150 || mean > 1250) {
				t.Errorf("%d bytes an object, want about 1,200", mean)
			}
		})
	}
}

func TestEveryFaultOccurs(t *testing.T) {
	seen := map[string]int{}
	var last *gen.App
	for obj := range gen.All(gen.Options{Objects: 13 * 10 * 2 * len(gen.Faults()), Seed: 5}) {
		if obj.App != last && obj.App.Fault != "" {
			seen[obj.App.Fault]++
		}
		last = obj.App
	}
	for _, name := range gen.Faults() {
		if seen[name] != 2 {
			t.Errorf("fault %s occurs %d times, want 2", name, seen[name])
		}
	}
}

// TestFaultsShow holds each fault to the text that makes it one, and whole applications to the absence of all.
func TestFaultsShow(t *testing.T) {
	const digits = `[0-9]+`
	shows := map[string]struct{ kind, pattern string }{
		"no-requests":               {"Deployment", `failureThreshold: 6\n        securityContext:`},
		"latest-tag":                {"Deployment", `image: \S+:latest\n`},
		"budget-blocks":             {"PodDisruptionBudget", `minAvailable: [2-4]\n`},
		"no-readiness":              {"Deployment", `key: password\n        livenessProbe:`},
		"liveness-copies-readiness": {"Deployment", `livenessProbe:\n +httpGet:\n +path: /health/ready\n +port: http\n +periodSeconds: 10\n +failureThreshold: 3\n`},
		"root":                      {"Deployment", `runAsUser: 0\n`},
		"no-memory-limit":           {"Deployment", `limits:\n            cpu: "` + digits + `"\n            ephemeral-storage: 512Mi`},
		"one-replica":               {"Deployment", `\n  replicas: 1\n`},
		"service-selects-nothing":   {"Service", `component: web\n`},
		"port-name-unknown":         {"Service", `targetPort: http-web\n`},
		"scaler-without-target":     {"HorizontalPodAutoscaler", `name: \S+-old\n`},
		"policy-selects-nothing":    {"NetworkPolicy", `instance: \S+-old\n`},
		"route-without-tls":         {"Route", `targetPort: http\n  wildcardPolicy`},
		"route-allows-plain":        {"Route", `insecureEdgeTerminationPolicy: Allow\n`},
		"broad-subject":             {"RoleBinding", `name: system:authenticated\n`},
		"removed-api":               {"PodDisruptionBudget", `apiVersion: policy/v1beta1\n`},
	}
	patterns := map[string]*regexp.Regexp{}
	for _, name := range gen.Faults() {
		if shows[name].kind == "" {
			t.Errorf("fault %s is not described here", name)
		}
		patterns[name] = regexp.MustCompile(shows[name].pattern)
	}
	for obj := range gen.All(gen.Options{Objects: 13 * 10 * 2 * len(gen.Faults()), Seed: 6}) {
		for name, show := range shows {
			if show.kind != obj.Kind {
				continue
			}
			if got, want := patterns[name].Match(obj.YAML), obj.App.Fault == name; got != want {
				t.Errorf("%s of %s with fault %q: shows %s %t, want %t", obj.Kind, obj.App.Name, obj.App.Fault, name, got, want)
			}
		}
	}
}

// TestNoPlainSecret looks at every place outside of Secrets where a value could stand under a secret's name.
func TestNoPlainSecret(t *testing.T) {
	name := regexp.MustCompile(`(?i)(pass|token|secret|credential|api_?key|private)`)
	property := regexp.MustCompile(`^\s*([A-Za-z0-9_.-]+)=(.*)$`)
	for obj := range gen.All(gen.Options{Objects: 13 * 100, Seed: 9}) {
		if obj.Kind == "Secret" {
			continue
		}
		lines := slices.Collect(strings.Lines(string(obj.YAML)))
		for i, line := range lines {
			if env, ok := strings.CutPrefix(strings.TrimSpace(line), "- name: "); ok && name.MatchString(env) {
				if i+1 < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i+1]), "value:") {
					t.Errorf("%s of %s: %s has a plain value", obj.Kind, obj.App.Name, env)
				}
			}
			if m := property.FindStringSubmatch(line); m != nil && name.MatchString(m[1]) && !strings.HasPrefix(m[2], "${") {
				t.Errorf("%s of %s: property %s has a plain value", obj.Kind, obj.App.Name, m[1])
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		options gen.Options
		want    string
	}{
		{gen.Options{}, "0 objects asked for"},
		{gen.Options{Objects: 5, Namespaces: -1}, "-1 namespaces asked for"},
	} {
		if err := test.options.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.options, err, test.want)
		}
	}
}

// canonical gives an object as JSON with sorted keys, and its identity.
func canonical(t *testing.T, doc []byte) (id string, raw []byte) {
	t.Helper()
	raw, err := yaml.YAMLToJSONStrict(doc)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		typeMeta
		Metadata struct{ Namespace, Name string }
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s/%s/%s", m.Kind, m.Metadata.Namespace, m.Metadata.Name), raw
}
