package policy

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// TestStrict holds that no key of the data is lost in silence.
func TestStrict(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range []string{"chapters.yaml", "clauses.yaml", "catalogue.yaml", "parameters.yaml", raciFile} {
		raw, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		whole[name] = &fstest.MapFile{Data: raw}
	}
	p, err := load(whole)
	if err != nil || p.Hash() != loaded(t).Hash() || p.Hash() != Hash() || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(p.Hash()) {
		t.Fatalf("hash %q (%v), want the embedded data's %q", p.Hash(), err, loaded(t).Hash())
	}
	for name, c := range map[string]struct{ file, data, want string }{
		"unknown key":      {"clauses.yaml", "- {id: GEN.1, chaptre: GEN}", "field chaptre not found"},
		"wrong type":       {"parameters.yaml", "- {id: x, controls: {a: b}}", "cannot unmarshal"},
		"key twice":        {"catalogue.yaml", "- {id: x, id: y}", "already defined"},
		"broken":           {"chapters.yaml", "- {id: [", "chapters.yaml"},
		"second document":  {"chapters.yaml", "[]\n---\n[]", "more than one document"},
		"no list":          {"clauses.yaml", "id: GEN.1", "cannot unmarshal"},
		"absent file":      {"clauses.yaml", "", "clauses.yaml"},
		"another matrix":   {raciFile, "[]\n", ""},
		"a byte elsewhere": {"chapters.yaml", string(whole["chapters.yaml"].Data) + "\n", ""},
	} {
		changed := fstest.MapFS{}
		for k, v := range whole {
			changed[k] = v
		}
		changed[c.file] = &fstest.MapFile{Data: []byte(c.data)}
		if c.data == "" {
			delete(changed, c.file)
		}
		got, err := load(changed)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
			continue
		}
		if err != nil || got.Hash() == p.Hash() {
			t.Errorf("%s: the hash stays %s (%v)", name, got.Hash(), err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := load(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
