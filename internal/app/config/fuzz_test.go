package config

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// seed adds the files of a folder of cases.
func seed(f *testing.F, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range a.Files {
		if !strings.HasSuffix(c.Name, " en") && !strings.HasSuffix(c.Name, " fr") {
			f.Add(c.Data)
		}
	}
}

// FuzzParse holds that no text makes Parse panic, that each problem has a sentence in both languages that no
// terminal obeys, and that a text without problems is written and read back as it was.
func FuzzParse(f *testing.F) {
	p := loadPolicy(f)
	seed(f, "testdata/wrong.txtar")
	for _, text := range right {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, problems := Parse("vigie.yaml", data, p)
		sayable(t, problems)
		c.Weakened()
		c.OwnersByClause(p)
		c.Environment("shop", nil, nil)
		if len(problems) > 0 {
			return
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		back, problems := Parse("vigie.yaml", text, p)
		if len(problems) > 0 {
			t.Fatalf("written as %s\n%v", text, problems)
		}
		if !reflect.DeepEqual(back, c) {
			t.Fatalf("written: %s\nread:   %+v\nbefore: %+v", text, back, c)
		}
	})
}

// FuzzWaivers holds the same of files of waivers, and that each waiver that applies is whole.
func FuzzWaivers(f *testing.F) {
	seed(f, "testdata/wrong-waivers.txtar")
	f.Add([]byte("waivers:\n- {control: c, subject: Pod a/b, reason: r, approver: a, expires: 2026-12-31}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		ws, problems := ParseWaivers("waivers.yaml", data, WaiverRules{Now: clock, MaxLength: 1000 * 24 * time.Hour})
		sayable(t, problems)
		for _, w := range ws {
			if w.Control == "" || w.Subject == "" || w.Reason == "" || w.Approver == "" || w.Expires.IsZero() || w.Line < 1 {
				t.Fatalf("a waiver that is not whole applies: %+v", w)
			}
			if w.Expires.Sub(clock) > 1001*24*time.Hour {
				t.Fatalf("a waiver that lasts too long applies: %+v", w)
			}
		}
	})
}

func sayable(t *testing.T, problems Problems) {
	for _, lang := range []string{"en", "fr"} {
		for _, p := range problems {
			if said := p.In(lang); said == "" || strings.ContainsFunc(said, unprintable) || holes.MatchString(strings.ReplaceAll(said, p.Suggestion, "")) && p.Values == nil {
				t.Fatalf("%q", said)
			}
		}
	}
}
