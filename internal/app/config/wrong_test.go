package config

import (
	"flag"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"vigie/internal/policy"
)

var update = flag.Bool("update", false, "write the generated files anew")

func loadPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wide stands for text that would make the case unreadable.
var wide = strings.NewReplacer("LONG", strings.Repeat("é", 1001), "WIDE", strings.Repeat("ab", 50))

// wrong goes through a file of cases: NAME, NAME en, NAME fr.
func wrong(t *testing.T, file, name string, parse func(name string, data []byte) Problems) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range a.Files {
		want[f.Name] = string(f.Data)
	}
	out := &txtar.Archive{Comment: a.Comment}
	count := 0
	for _, f := range a.Files {
		if strings.HasSuffix(f.Name, " en") || strings.HasSuffix(f.Name, " fr") {
			continue
		}
		count++
		out.Files = append(out.Files, f)
		t.Run(f.Name, func(t *testing.T) {
			problems := parse(name, []byte(wide.Replace(string(f.Data))))
			if len(problems) == 0 {
				t.Fatal("no problem was found")
			}
			for _, lang := range []string{"en", "fr"} {
				got := problems.In(lang) + "\n"
				out.Files = append(out.Files, txtar.File{Name: f.Name + " " + lang, Data: []byte(got)})
				if w := want[f.Name+" "+lang]; !*update && got != w {
					t.Errorf("%s:\n%swant:\n%s", lang, got, w)
				}
			}
			for _, p := range problems {
				if p.Line < 1 || p.File != name {
					t.Errorf("no place: %+v", p)
				}
			}
		})
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d wrong files", count)
	if count < 20 {
		t.Errorf("%d wrong files: the cases are gone", count)
	}
}

func TestWrong(t *testing.T) {
	p := loadPolicy(t)
	wrong(t, "testdata/wrong.txtar", "vigie.yaml", func(name string, data []byte) Problems {
		_, problems := Parse(name, data, p)
		return problems
	})
}
