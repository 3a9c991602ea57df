package own_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/internal/control"
	"vigie/internal/control/trial"
	"vigie/internal/controls/own"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/policy"
	"vigie/internal/source"
)

// head is a check without its reasons.
const head = `apiVersion: vigie/v1
kind: Check
id: acme-x
clauses: [GEN.1]
severity: low
objects: [{kind: ConfigMap}]
title: {en: Title, fr: Titre}
why: {en: Because, fr: Parce que}
`

const tail = `  message: {en: "It is wrong", fr: "C'est faux"}
  remedy: {en: mend it, fr: le corriger}
  example: "x: y"
`

func load(t *testing.T, text string) ([]own.Check, error) {
	t.Helper()
	pol, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "checks.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return own.Load([]string{file}, pol)
}

func TestRefused(t *testing.T) {
	good := head + "reasons:\n- key: bad\n  when: \"true\"\n" + tail
	for _, c := range []struct{ name, from, to, want string }{
		{"another kind", "kind: Check", "kind: Control", "want vigie/v1 and Check"},
		{"a version to come", "vigie/v1", "vigie/v2", "want vigie/v1 and Check"},
		{"a key that is none", "severity:", "severty:", "did you mean severity?"},
		{"a key of a reason that is none", "  when:", "  wen:", "not found"},
		{"a wrong type", "clauses: [GEN.1]", "clauses: GEN.1", "cannot unmarshal"},
		{"no severity", "severity: low", "severity: grave", `unknown severity "grave"`},
		{"a clause that is none", "GEN.1", "GEN.99", `clause "GEN.99" is not the policy's`},
		{"no clause", "[GEN.1]", "[]", "name the clause"},
		{"an id of the product", "acme-x", "route-tls", "one of Vigie's own"},
		{"an id that is no id", "acme-x", "Acme_X", "kebab case"},
		{"no French", ", fr: Titre", "", "title and reason why are required"},
		{"no French message", `, fr: "C'est faux"`, "", "a sentence and a remedy are required"},
		{"no example", "  example: \"x: y\"\n", "", "a manifest or a command to copy"},
		{"objects and workloads", "objects:", "workloads: true\nobjects:", "either objects"},
		{"nothing to look at", "objects: [{kind: ConfigMap}]", "", "either objects"},
		{"a group with a version", "{kind: ConfigMap}", "{group: apps/v1, kind: Deployment}", "without a version"},
		{"no expression", `when: "true"`, `when: ""`, "an expression is required"},
		{"an expression that is no CEL", `when: "true"`, `when: "object."`, "Syntax error"},
		{"an expression that is no truth", `when: "true"`, `when: "1 + 1"`, "gives int, want bool"},
		{"an unknown variable", `when: "true"`, `when: "objekt.metadata.name == 'x'"`, "undeclared reference"},
		{"a value that no expression gives", "It is wrong", "It is {how} wrong", "values has no such expression"},
		{"a reason of the engine", "key: bad", "key: gap", "the key is taken"},
		{"a verdict that is none", "- key: bad", "- key: bad\n  verdict: maybe", "want fail, unknown or pass"},
		{"a parameter of nobody", "severity: low", "severity: low\nparameters: [mine]", "stands in constants"},
		{"parts of nothing", "severity: low", "severity: low\nparts: {in: [spec.containers], kind: container}", "below object or pod"},
		{"no reason", "reasons:", "reasons: []\nx:", "not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(good, c.from, c.to, 1)
			if text == good {
				t.Fatalf("%q stands nowhere", c.from)
			}
			got, err := load(t, text)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "checks.yaml:1: ") {
				t.Errorf("%d checks, %v: want an error with place and %q", len(got), err, c.want)
			}
		})
	}
	if _, err := load(t, good); err != nil {
		t.Errorf("the good one: %v", err)
	}
	if _, err := load(t, good+"---\n"+good); err == nil || !strings.Contains(err.Error(), "the id stands at") {
		t.Errorf("twice: %v", err)
	}
	if _, err := load(t, "# nothing\n"); err == nil || !strings.Contains(err.Error(), "no check") {
		t.Errorf("an empty file: %v", err)
	}
}

// say runs a check over manifests and gives each finding as a line, its values behind.
func say(t *testing.T, check, manifests string) (lines []string) {
	t.Helper()
	checks, err := load(t, check)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "objects.yaml")
	if err := os.WriteFile(file, []byte(manifests), 0o600); err != nil {
		t.Fatal(err)
	}
	parameter, err := trial.Parameters("")
	if err != nil {
		t.Fatal(err)
	}
	s := trial.Scan(&given.Facts{}, []string{file}, []*control.Control{checks[0].Control}, parameter)
	if _, err := s.Run(context.Background(), func() time.Duration { return 0 }, (*listed)(&lines)); err != nil {
		t.Fatal(err)
	}
	return lines
}

type listed []string

func (l *listed) Begin(*inventory.Inventory, source.Stats) error { return nil }
func (l *listed) Finding(f *control.Finding) error {
	*l = append(*l, fmt.Sprintf("%s %s %s %v", f.Verdict, f.Subject.Path(), f.Reason, f.Values))
	return nil
}

// TestMasked holds what a check may see: it can print whatever it reads, so no value of a secret is there to be read.
func TestMasked(t *testing.T) {
	const planted = "s3cr3t-Zq81-nobody-may-see"
	for kind, manifest := range map[string]string{
		"Secret":     "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}\nstringData: {password: %s}\n",
		"ConfigMap":  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {password: %s}\n",
		"Pod":        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: c, image: x, env: [{name: DB_PASSWORD, value: %s}]}]}\n",
		"Deployment": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: shop}\nspec: {template: {spec: {containers: [{name: c, image: x, args: [\"--password=%s\"]}]}}}\n",
	} {
		group := ""
		if kind == "Deployment" {
			group = "group: apps, "
		}
		// every text of the object, wherever it stands, joined: what a curious check would print
		expression := map[string]string{
			"Secret": "object.stringData.map(k, object.stringData[k])", "ConfigMap": "object.data.map(k, object.data[k])",
			"Pod":        "object.spec.containers[0].env.map(e, e.value)",
			"Deployment": "object.spec.template.spec.containers[0].args",
		}[kind]
		check := strings.Replace(head, "{kind: ConfigMap}", "{"+group+"kind: "+kind+"}", 1) +
			"reasons:\n- key: seen\n  when: \"true\"\n  values: {seen: \"" + expression + "\"}\n  message: {en: 'Seen {seen}', fr: 'Vu {seen}'}\n  remedy: {en: a, fr: b}\n  example: c\n"
		got := strings.Join(say(t, check, fmt.Sprintf(manifest, planted)), "\n")
		if strings.Contains(got, planted) || !strings.Contains(got, "(masked)") {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

// TestNotEvaluated holds that an expression that fails is unknown, says which, and quotes nothing of the object.
func TestNotEvaluated(t *testing.T) {
	manifest := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {word: quoted-by-nobody, list: x}\n"
	for expression, class := range map[string]string{
		"object.data.absent == 'x'":        "no such key",
		"int(object.data.word) > 1":        "evaluation failed",
		"object.data > 1":                  "no such overload",
		"object.metadata.labels.x == 'y'":  "no such key",
		"1 / (size(object.data) - 2) == 1": "division by zero",
		"object.data.word":                 "not true or false",
		"[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, [1,2,3,4,5,6,7,8,9,10].all(g, a+b+c+d+e+f+g > size(object.data))))))))": "cost limit exceeded",
	} {
		got := say(t, head+"reasons:\n- key: bad\n  when: \""+expression+"\"\n"+tail, manifest)
		if len(got) != 1 || !strings.HasPrefix(got[0], "unknown shop/a not-evaluated") || !strings.Contains(got[0], "error:"+class) || strings.Contains(got[0], "quoted-by-nobody") {
			t.Errorf("%s: %q, want unknown for %s", expression, got, class)
		}
	}
}

// TestLibraries holds the functions that a check may expect: those that Kubernetes' own expressions have.
func TestLibraries(t *testing.T) {
	manifest := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {size: 10Gi, net: 10.0.0.0/8, url: 'https://example.com:8443/x', word: Vigie}\n"
	for _, expression := range []string{
		"quantity(object.data.size).isGreaterThan(quantity('1Gi'))", "cidr(object.data.net).containsIP(ip('10.1.2.3'))",
		"url(object.data.url).getPort() == '8443'", "object.data.word.lowerAscii() == 'vigie'", "'abc-42'.find('[0-9]+') == '42'",
		"object.?spec.?x.orValue('none') == 'none'", "sets.contains(['a','b'], ['a'])", "now > timestamp('2020-01-01T00:00:00Z')",
		"namespaceObject.metadata.name == 'shop' && platform == 'plain' && environment == ''",
	} {
		got := say(t, head+"reasons:\n- key: bad\n  when: \""+expression+"\"\n"+tail, manifest)
		if len(got) != 1 || !strings.HasPrefix(got[0], "fail shop/a bad") {
			t.Errorf("%s: %q", expression, got)
		}
	}
}
