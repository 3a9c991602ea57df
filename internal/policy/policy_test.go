package policy

import (
	"slices"
	"strings"
	"testing"
)

func loaded(t testing.TB) *Policy {
	t.Helper()
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func matrix(t testing.TB) []Responsibility {
	t.Helper()
	rows, err := RACI()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestFind(t *testing.T) {
	p := loaded(t)
	for _, c := range p.Clauses {
		for _, id := range []string{c.ID, c.Short(), strings.ToLower(c.ID), strings.ToUpper(c.Short())} {
			if got, ok := p.Clause(id); !ok || got.ID != c.ID {
				t.Errorf("clause %s is not found by %s", c.ID, id)
			}
		}
		if got := p.ServedBy(strings.ToLower(c.Short())); len(got) != len(p.ServedBy(c.ID)) {
			t.Errorf("clause %s is served by %d controls under its short id, by %d under its full one", c.ID, len(got), len(p.ServedBy(c.ID)))
		}
	}
	for _, c := range []struct {
		id   string
		want string
	}{{"UPD", "UPD"}, {"mco.upd", "UPD"}, {"MCS.iam", "IAM"}, {"inc", "INC"}, {"RACI", "RACI"}, {"MCO", ""}, {"", ""}, {"UPD.P1", ""}} {
		if got, ok := p.Chapter(c.id); got.Key != c.want || ok != (c.want != "") {
			t.Errorf("chapter %q: %q %v, want %q", c.id, got.Key, ok, c.want)
		}
	}
	for _, id := range []string{"", "UPD", "UPD.P9", "MCO.INC.T2", "MCS.UPD.P1", "UPD.P1 "} {
		if c, ok := p.Clause(id); ok || c.ID != "" || p.ServedBy(id) != nil {
			t.Errorf("clause %q is found: %s", id, c.ID)
		}
	}
	if c, ok := p.Planned("drain-blocked"); !ok || !slices.Equal(c.Clauses, []string{"MCO.UPD.T3", "INC.T2"}) {
		t.Errorf("drain-blocked: %+v", c)
	}
	if c, ok := p.Planned("drain-blockd"); ok || c.ID != "" {
		t.Errorf("a control that is none is found: %+v", c)
	}
}

func TestIn(t *testing.T) {
	x := Text{EN: "backup", FR: "sauvegarde"}
	for lang, want := range map[string]string{
		"fr": "sauvegarde", "FR": "sauvegarde", "fr-CA": "sauvegarde", "fr_FR.UTF-8": "sauvegarde",
		"en": "backup", "en_GB": "backup", "": "backup", "C": "backup", "fry": "backup", "de": "backup",
	} {
		if got := x.In(lang); got != want {
			t.Errorf("%q: %s, want %s", lang, got, want)
		}
	}
}

func TestTypeset(t *testing.T) {
	x := Text{EN: "Thresholds:\nCPU: 80%.", FR: "Seuils d’alerte :\nCPU : ≥ 80 % ; « oui » ?"}
	x.typeset()
	if want := "Seuils d'alerte\u00a0: CPU\u00a0: ≥ 80\u00a0%\u202f; «\u202foui\u202f»\u202f?"; x.FR != want || x.EN != "Thresholds: CPU: 80%." {
		t.Errorf("%q / %q", x.EN, x.FR)
	}
}

func TestSuggest(t *testing.T) {
	p := loaded(t)
	for _, c := range []struct{ word, want string }{
		{"MCO.UPD.T9", "MCO.UPD.T1"}, {"MCS.UPD.T2", "MCO.UPD.T2"}, {"UPDT1", "MCO.UPD.T1"}, {"upd-t1", "MCO.UPD.T1"}, {"SEC.R3", "MCS.SEC.R1"},
		{"image-pined", "image-pinned"}, {"Image_Pinned", "image-pinned"}, {"rollout-unavailble", "rollout-unavailable"}, {"start-failure", "start-failures"},
	} {
		if got := p.Suggest(c.word); len(got) == 0 || len(got) > 3 || got[0] != c.want {
			t.Errorf("%s: %v, want %s first", c.word, got, c.want)
		}
	}
	for _, word := range []string{"entirely-else-where", strings.Repeat("x", 1<<20)} {
		if got := p.Suggest(word); len(got) != 0 {
			t.Errorf("suggests %v for what is like nothing", got)
		}
	}
	if got := Nearest("b", []string{"c", "a", "b"}); !slices.Equal(got, []string{"b", "a", "c"}) {
		t.Errorf("nearest first, then in order: %v", got)
	}
}
