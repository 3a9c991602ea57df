package report

import (
	"bytes"
	"os"
	"testing"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"vigie/internal/lang"
)

// schemaAt compiles a schema of testdata; its comment says where it is from.
func schemaAt(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(path, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSARIFSchema holds the report to OASIS' schema of SARIF 2.1.0.
func TestSARIFSchema(t *testing.T) {
	schema := schemaAt(t, "testdata/sarif.schema.json")
	for name, s := range streams(t) {
		for _, l := range lang.All() {
			if err := validate(schema, string(export(t, "sarif", s, l))); err != nil {
				t.Errorf("%s %s: %v", name, l, err)
			}
		}
	}
	for _, bad := range []string{`{}`, `{"version":"2.1.0","runs":[{}]}`, `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"message":{"text":"x"},"level":"high"}]}]}`} {
		if err := validate(schema, bad); err == nil {
			t.Errorf("the schema takes %s", bad)
		}
	}
}

// TestOSCALSchema holds the report to NIST's schema of OSCAL 1.1.3, which the library of its types carries.
func TestOSCALSchema(t *testing.T) {
	for name, s := range streams(t) {
		for _, l := range lang.All() {
			v, err := validation.NewValidatorDesiredVersion(export(t, "oscal", s, l), "1.1.3")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := v.Validate(); err != nil {
				t.Errorf("%s %s: %v", name, l, err)
			}
		}
	}
	for from, to := range map[string]string{`"satisfied"`: `"passed"`, `"oscal-version"`: `"version-of-oscal"`, `"EXAMINE"`: `7`} {
		bad := bytes.ReplaceAll(export(t, "oscal", sample(t), "en"), []byte(from), []byte(to))
		v, err := validation.NewValidatorDesiredVersion(bad, "1.1.3")
		if err == nil {
			err = v.Validate()
		}
		if err == nil {
			t.Errorf("the schema takes %s instead of %s", to, from)
		}
	}
}
