package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestOwnKinds holds that each kind written here is a definition of its own, whose schema can be read.
func TestOwnKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range ownKinds {
		text, err := k.definition()
		if err != nil {
			t.Error(err)
			continue
		}
		name, _, err := lean(text)
		if err != nil || name != k.plural+"."+k.group || seen[name] {
			t.Errorf("%s: %v, seen before: %v", name, err, seen[name])
		}
		seen[name] = true
	}
}

// TestLean holds that texts go and fields of the name description stay; that what is not a definition is told; and that
// only a long definition is cut, and only below.
func TestLean(t *testing.T) {
	const small = `
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  versions:
  - schema:
      openAPIV3Schema:
        type: object
        description: a text
        x-kubernetes-validations: [{rule: "true"}]
        properties:
          a:
            type: object
            properties:
              description: {type: string, description: a text}
              list: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {type: object, properties: {name: {type: object, required: [deep], properties: {deep: {type: object, properties: {below: {type: string}}}}}}}}
`
	name, text, err := lean([]byte(small))
	if err != nil || name != "things.example.com" || strings.Contains(string(text), "a text") {
		t.Fatalf("%s %v: %s", name, err, text)
	}
	for _, stays := range []string{`"description":{"type":"string"}`, `"below"`, `"x-kubernetes-validations"`} {
		if !strings.Contains(string(text), stays) {
			t.Errorf("%s is gone from a short one: %s", stays, text)
		}
	}
	_, text, err = lean([]byte(small + "  filler: " + strings.Repeat("x", long)))
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]bool{`"name":{"type":"object","x-kubernetes-preserve-unknown-fields":true}`: true, `"below"`: false, `"required"`: false, `"x-kubernetes-validations"`: false} {
		if strings.Contains(string(text), part) != want {
			t.Errorf("a long one holds %s: %v, want %v", part, !want, want)
		}
	}
	if _, _, err := lean([]byte("kind: ConfigMap\nmetadata: {name: a}")); err == nil || !strings.Contains(err.Error(), "ConfigMap") {
		t.Errorf("a config map: %v", err)
	}
}

// TestOlderClusterGetsWhatIsNew holds that a cluster whose keys an older launcher made keeps them, and gets the people's
// that have come since; and that an authority that cannot be read is told.
func TestOlderClusterGetsWhatIsNew(t *testing.T) {
	c := cluster(t, 4)
	if err := c.makePKI(); err != nil {
		t.Fatal(err)
	}
	if err := c.writeKubeconfigs(options{}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(c.in("pki", "admin.crt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"tenant.crt", "tenant.key", "front-proxy.crt", "front-proxy.key"} {
		if err := os.Remove(c.in("pki", file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.makePKI(); err != nil {
		t.Fatal(err)
	}
	if err := c.writeKubeconfigs(options{}); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(c.in("pki", "admin.crt")); err != nil || string(after) != string(before) {
		t.Errorf("the administrator has another certificate: %v", err)
	}
	for who, group := range map[string]string{"tenant": "boutique", "provider": "platform"} {
		pair, err := tls.LoadX509KeyPair(c.in("pki", who+".crt"), c.in("pki", who+".key"))
		if err != nil {
			t.Fatal(err)
		}
		if s := pair.Leaf.Subject; s.CommonName != who || strings.Join(s.Organization, " ") != group {
			t.Errorf("%s is known as %s", who, s)
		}
		file, err := c.KubeconfigAs(who)
		if _, missing := os.Stat(file); errors.Join(err, missing) != nil {
			t.Errorf("%s: %v, %v", who, err, missing)
		}
	}
	if _, err := c.KubeconfigAs("nobody"); err == nil || !strings.Contains(err.Error(), `want one of ["admin" "tenant" "provider"]`) {
		t.Errorf("nobody: %v", err)
	}
	t.Setenv("VIGIE_SANDBOX_DIR", t.TempDir())
	var out bytes.Buffer
	if err := command([]string{"kubeconfig", "-as", "tenant"}, &out); err != nil || !strings.HasSuffix(out.String(), "pki/host-tenant.kubeconfig\n") {
		t.Errorf("-as tenant: %q, %v", out.String(), err)
	}
	if err := os.WriteFile(c.in("pki", "ca.key"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.makePKI(); err == nil || !strings.Contains(err.Error(), "down -wipe") {
		t.Errorf("a key that is none: %v", err)
	}
}

// TestTenantIsTheExample holds that the tenant's namespaces have what those of the example have.
func TestTenantIsTheExample(t *testing.T) {
	type namespace struct {
		Kind     string
		Metadata struct {
			Name                string
			Labels, Annotations map[string]string
		}
	}
	read := func(file string) map[string]namespace {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]namespace{}
		for _, doc := range strings.Split(string(text), "\n---\n") {
			var n namespace
			if err := yaml.Unmarshal([]byte(doc), &n); err != nil {
				t.Fatal(err)
			}
			if n.Kind == "Namespace" {
				out[n.Metadata.Name] = n
			}
		}
		return out
	}
	here := read(filepath.Join("etc", "openshift", "tenant.yaml"))
	example := read(filepath.Join("..", "examples", "boutique", "namespaces.yaml"))
	if len(example) != 2 {
		t.Fatalf("%d namespaces in the example", len(example))
	}
	for name, n := range example {
		for key, want := range n.Metadata.Labels {
			if got := here[name].Metadata.Labels[key]; got != want {
				t.Errorf("%s: label %s is %q, want %q", name, key, got, want)
			}
		}
		for key, want := range n.Metadata.Annotations {
			if got := here[name].Metadata.Annotations[key]; got != want {
				t.Errorf("%s: annotation %s is %q, want %q", name, key, got, want)
			}
		}
	}
}
