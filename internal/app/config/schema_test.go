package config

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
	"golang.org/x/tools/txtar"

	"vigie/internal/control"
	"vigie/internal/policy"
)

// The forms that a schema can tell.
const (
	schemaDuration = `^([0-9]+d|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`
	schemaInteger  = `^[1-9][0-9]*$`
	schemaPercent  = `^[0-9]+(\.[0-9]+)?( ?%)?$`
	schemaLabel    = `^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`
	schemaDate     = `^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?$`
)

// reflected is the schema that the types alone give, with the comments of their fields.
func reflected(t *testing.T, v any, description string) *jsonschema.Schema {
	t.Helper()
	r := &jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, DoNotReference: true}
	if err := r.AddGoComments("vigie/internal/app/config", "."); err != nil {
		t.Fatal(err)
	}
	for key, comment := range r.CommentMap {
		if strings.Count(strings.TrimPrefix(key, "vigie/internal/app/config."), ".") == 0 {
			delete(r.CommentMap, key) // a type's own comment would hide its field's
			continue
		}
		r.CommentMap[key] = strings.ReplaceAll(comment, "\n", " ")
	}
	s := r.Reflect(v)
	s.Title, s.Description = reflect.TypeOf(v).Elem().Name(), description
	return s
}

func texts(pattern string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: pattern}
}

func enum[T ~string](list []T) (out []any) {
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

// configSchema is the schema of vigie.yaml: the types, and what the policy and the tables of this package add.
func configSchema(t *testing.T, p *policy.Policy) *jsonschema.Schema {
	s := reflected(t, &Config{}, "The configuration of Vigie, vigie.yaml.")
	s.Title = Name
	at := func(path ...string) *jsonschema.Schema {
		found := s
		for _, key := range path {
			next, ok := found.Properties.Get(key)
			if !ok {
				t.Fatalf("no property %v", path)
			}
			found = next
		}
		return found
	}
	lists := func(items *jsonschema.Schema, schemas ...*jsonschema.Schema) {
		one := uint64(1)
		for _, l := range schemas {
			l.Items, l.MinItems, l.UniqueItems = items, &one, true
		}
	}
	at("version").Enum = []any{1}
	at("platform").Enum = enum(Platforms())
	at("failOn").Enum = enum(severities())
	at("lang").Enum = enum(control.Languages())
	at("failOn").Default = "high"
	at("namespace").Pattern = namespaceForm.String()
	at("clusterVersion").Pattern, at("targetVersion").Pattern = minorForm.String(), minorForm.String()
	at("waiverMaxLength").Pattern = schemaDuration
	lists(texts(`\S`), at("waivers"), at("paths", "ignore"))
	lists(texts(globForm.String()), at("environments").AdditionalProperties)
	teamNamespaces, _ := at("teams").AdditionalProperties.Properties.Get("namespaces")
	lists(texts(globForm.String()), teamNamespaces)
	at("environments").PropertyNames, at("teams").PropertyNames = texts(schemaLabel), texts(schemaLabel)
	at("owners").PropertyNames = &jsonschema.Schema{Enum: enum(ownable(p))}
	lists(&jsonschema.Schema{Type: "string", Enum: enum(selectable(p))}, at("controls", "skip"), at("controls", "only"))
	setting := at("parameters").AdditionalProperties
	parameters := at("parameters")
	parameters.Properties, parameters.AdditionalProperties = jsonschema.NewProperties(), jsonschema.FalseSchema
	for _, par := range p.Parameters {
		parameters.Properties.Set(par.ID, parameterSchema(par, setting))
	}
	return s
}

// parameterSchema is one value, or value and namespaces.
func parameterSchema(par policy.Parameter, setting *jsonschema.Schema) *jsonschema.Schema {
	value := func() *jsonschema.Schema {
		switch par.Type {
		case "integer":
			return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "integer", Minimum: "1"}, texts(schemaInteger)}}
		case "percent":
			return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "number", ExclusiveMinimum: "0", Maximum: "100"}, texts(schemaPercent)}}
		case "list":
			return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "array", Items: &jsonschema.Schema{Type: "string"}}}}
		}
		return texts(schemaDuration)
	}
	whole, _ := setting.Properties.Get("value")
	some, _ := setting.Properties.Get("namespaces")
	v := value()
	v.Description = whole.Description
	long := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	one := uint64(1)
	long.MinProperties = &one
	long.Properties.Set("value", v)
	long.Properties.Set("namespaces", &jsonschema.Schema{
		Type: "object", Description: some.Description, PropertyNames: texts(globForm.String()), AdditionalProperties: value(),
	})
	var standing any
	if par.Default != "" {
		standing = par.Default
	}
	return &jsonschema.Schema{Description: par.Title.EN + ". " + par.Description.EN, Default: standing, AnyOf: []*jsonschema.Schema{value(), long}}
}

// waiversSchema is the schema of a file of waivers.
func waiversSchema(t *testing.T, p *policy.Policy) *jsonschema.Schema {
	s := reflected(t, &WaiverFile{}, "Waivers of Vigie: who answers for which findings, and until when.")
	s.Title = "waivers"
	list, _ := s.Properties.Get("waivers")
	get := func(key string) *jsonschema.Schema {
		got, ok := list.Items.Properties.Get(key)
		if !ok {
			t.Fatalf("no property %s", key)
		}
		return got
	}
	version, _ := s.Properties.Get("version")
	version.Enum = []any{1}
	var ids []string
	for _, planned := range p.Catalogue {
		ids = append(ids, planned.ID)
	}
	get("control").Enum = enum(ids)
	get("subject").Pattern = strings.TrimSuffix(kindForm.String(), "$") + ` \S`
	get("part").Pattern = partForm.String()
	get("reason").Pattern, get("approver").Pattern, get("vulnerability").Pattern = `\S`, `\S`, `\S`
	get("expires").Pattern = schemaDate
	return s
}

func TestSchema(t *testing.T) {
	p := loadPolicy(t)
	for file, s := range map[string]*jsonschema.Schema{"schema.json": configSchema(t, p), "waivers.schema.json": waiversSchema(t, p)} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got := map[string][]byte{"schema.json": Schema(), "waivers.schema.json": WaiverSchema()}[file]; !bytes.Equal(got, b.Bytes()) {
			t.Errorf("%s lags behind the types or the policy: run go test -run TestSchema -update", file)
		}
	}
}

// TestSchemaKeys holds the keys that are read to those of the types, and every one to a description.
func TestSchemaKeys(t *testing.T) {
	var read []string
	for _, f := range (&Config{}).fields() {
		read = append(read, f.key)
	}
	var typed []string
	for i := range reflect.TypeFor[Config]().NumField() {
		if tag := reflect.TypeFor[Config]().Field(i).Tag.Get("json"); tag != "" {
			typed = append(typed, strings.TrimSuffix(tag, ",omitzero"))
		}
	}
	if !reflect.DeepEqual(read, typed) {
		t.Errorf("read:  %v\ntyped: %v", read, typed)
	}
	for _, raw := range [][]byte{Schema(), WaiverSchema()} {
		var s any
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		described(t, "", s)
	}
}

// described demands a description of every property.
func described(t *testing.T, at string, s any) {
	m, ok := s.(map[string]any)
	if !ok {
		return
	}
	if props, ok := m["properties"].(map[string]any); ok {
		for key, prop := range props {
			if d, _ := prop.(map[string]any)["description"].(string); len(d) < 8 || strings.Contains(d, "\n") {
				t.Errorf("%s.%s: the description is %q", at, key, d)
			}
		}
	}
	for key, sub := range m {
		described(t, at+"."+key, sub)
		if list, ok := sub.([]any); ok {
			for _, item := range list {
				described(t, at+"."+key, item)
			}
		}
	}
}

// schemaError validates a YAML text as an editor does.
func schemaError(t *testing.T, raw []byte, text string) error {
	t.Helper()
	doc, err := validator.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if v == nil {
		v = map[string]any{}
	}
	inJSON, err := json.Marshal(v)
	if err != nil {
		return err // a key that is no text
	}
	back, err := validator.UnmarshalJSON(bytes.NewReader(inJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(back)
}

// TestSchemaRefuses holds the schema to the cases of Parse: what a schema can tell, it tells.
func TestSchemaRefuses(t *testing.T) {
	for file, c := range map[string]struct {
		schema []byte
		silent string // the cases of which a schema can say nothing
	}{
		"wrong.txtar": {Schema(), "booleans of both YAMLs; spaces alone; duplicate key; duplicate key in other quotes; alias; merge key; " +
			"star without quotes; star alone as a key; second document; unclosed bracket; unclosed quote; tab; wrong indentation; colon in text; " +
			"key without colon; percent; unknown escape; escaped control character; target older than running; one pattern for two environments; " +
			"one pattern for two teams; one environment in two spellings; label keys; numbers that two YAMLs read otherwise; skip and only; " +
			"paths that lead out; text that is far too long; alias as a key; not YAML and not a star; a list as a key; custom tag; null as a key; " +
			"a number as a key; version with a fraction; template left in; versions to come"},
		"wrong-waivers.txtar": {WaiverSchema(), "two of the same key; further away than allowed; not YAML; dates that no calendar has; the list twice; " +
			"part and vulnerability"},
	} {
		a, err := txtar.ParseFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for _, f := range a.Files {
			if strings.HasSuffix(f.Name, " en") || strings.HasSuffix(f.Name, " fr") || strings.Contains(c.silent, f.Name) {
				continue
			}
			refused++
			if schemaError(t, c.schema, wide.Replace(string(f.Data))) == nil {
				t.Errorf("%s: %s: the schema accepts it", file, f.Name)
			}
		}
		t.Logf("%s: %d wrong files are refused by the schema too", file, refused)
		if refused < 10 {
			t.Errorf("%s: %d cases", file, refused)
		}
	}
}
