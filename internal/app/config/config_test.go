package config

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/internal/control"
)

// example holds every key. It is valid for Parse and for the schema.
const example = `# what Vigie knows of us
version: 1
tenant: boutique
platform: openshift
clusterVersion: "1.31"
targetVersion: "1.33"
namespace: boutique-prod
environments:
  production: [boutique-prod, "*-prod"]
  staging: [boutique-staging]
labels: {environment: environment, team: team}
teams:
  payments: {namespaces: ["pay-*"], contact: payments@example.test}
owners:
  "MCO.BKP": platform-team
  MCS.IAM.T1: Ana
  "*": payments
parameters:
  rollout-unavailable: 30m
  replicas-minimum: 3
  cpu-threshold: {value: 75%, namespaces: {"pay-*": 90%, pay-core: 70.5}}
controls: {skip: [image-pinned]}
paths: {ignore: ["**/testdata/**"]}
failOn: high
lang: fr
waivers: [waivers.yaml, more/waivers.yaml]
waiverMaxLength: 90d
`

func parse(t *testing.T, text string) *Config {
	t.Helper()
	c, problems := Parse("conf/vigie.yaml", []byte(text), loadPolicy(t))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExample(t *testing.T) {
	c := parse(t, example)
	want := &Config{
		Version: 1, Tenant: "boutique", Platform: control.OpenShift, ClusterVersion: "1.31", TargetVersion: "1.33", Namespace: "boutique-prod",
		Environments: map[string][]string{"production": {"boutique-prod", "*-prod"}, "staging": {"boutique-staging"}},
		Labels:       Labels{Environment: "environment", Team: "team"},
		Teams:        map[string]Team{"payments": {Namespaces: []string{"pay-*"}, Contact: "payments@example.test"}},
		Owners:       map[string]string{"MCO.BKP": "platform-team", "MCS.IAM.T1": "Ana", "*": "payments"},
		Parameters: map[string]Setting{
			"rollout-unavailable": {Value: "30m"}, "replicas-minimum": {Value: "3"},
			"cpu-threshold": {Value: "75%", Namespaces: map[string]string{"pay-*": "90%", "pay-core": "70.5"}},
		},
		Controls: Selection{Skip: []string{"image-pinned"}}, Paths: Paths{Ignore: []string{"**/testdata/**"}}, FailOn: "high", Lang: "fr",
		Waivers: []string{"waivers.yaml", "more/waivers.yaml"}, WaiverMaxLength: "90d",
	}
	if got := public(c); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if v := c.Cluster(); v != (control.Version{Major: 1, Minor: 31}) || !c.Target().AtLeast(1, 33) || c.Target().AtLeast(1, 34) {
		t.Errorf("versions: %v, %v", c.Cluster(), c.Target())
	}
	if c.Threshold() != control.High || c.WaiverLimit() != 90*24*time.Hour {
		t.Errorf("threshold %v, limit %v", c.Threshold(), c.WaiverLimit())
	}
	if c.Selected("image-pinned") || !c.Selected("probes-present") {
		t.Error("skip is not heeded")
	}
	byClause := parse(t, "controls: {only: [MCO.UPD.T1], skip: [rollout-healthy]}\nfailOn: never\n")
	if !byClause.Selected("image-pinned") || byClause.Selected("rollout-healthy") || byClause.Selected("plain-secret-in-manifest") {
		t.Error("a clause does not stand for its controls")
	}
	if byClause.FailOn != Never || byClause.Threshold() != 0 {
		t.Errorf("never: %q, %v", byClause.FailOn, byClause.Threshold())
	}
	if got := c.WaiverFiles(); !slices.Equal(got, []string{filepath.Join("conf", "waivers.yaml"), filepath.Join("conf", "more", "waivers.yaml")}) {
		t.Errorf("files of waivers: %v", got)
	}
}

// public is c without what is made from it.
func public(c *Config) *Config {
	return &Config{
		Version: c.Version, Tenant: c.Tenant, Platform: c.Platform, ClusterVersion: c.ClusterVersion, TargetVersion: c.TargetVersion,
		Namespace: c.Namespace, Environments: c.Environments, Labels: c.Labels, Teams: c.Teams, Owners: c.Owners, Parameters: c.Parameters,
		Controls: c.Controls, Paths: c.Paths, FailOn: c.FailOn, Lang: c.Lang, Waivers: c.Waivers, WaiverMaxLength: c.WaiverMaxLength,
	}
}

// right are files in which nothing is wrong, though some readers would stumble.
var right = map[string]string{
	"empty":                 "",
	"comments alone":        "# version: 1\n",
	"marker alone":          "---\n",
	"document end":          "---\ntenant: a\n...\n",
	"YAML directive":        "%YAML 1.1\n---\ntenant: a\n",
	"example":               example,
	"byte-order mark":       "\ufefftenant: boutique\nlang: fr\n",
	"CRLF":                  "tenant: boutique\r\nenvironments:\r\n  production: [\"*-prod\"]\r\n",
	"no newline at the end": "tenant: boutique",
	"JSON":                  `{"tenant": "boutique", "environments": {"production": ["*-prod"]}, "parameters": {"replicas-minimum": 3}}`,
	"quoted numbers":        "tenant: \"12\"\nteams: {'2024': {contact: '+33 1 00 00 00 00'}}\nowners: {MCO.BKP: 'no'}\n",
	"tagged text":           "tenant: !!str 12\n",
	"folded text":           "tenant: >-\n  boutique\n  of\n  ours\n",
	"accents":               "tenant: Boutique d'Élodie – n°\u00a01\n",
	"text with hash":        "teams: {a: {contact: \"#payments\"}}\n",
	"words within words":    "tenant: nothing\nteams: {yes-team: {contact: on call}, off2: {contact: 1:30 pm}}\n",
	"empty sections":        "environments: {}\nlabels: {}\nteams: {}\nowners: {}\nparameters: {}\ncontrols: {}\npaths: {}\n",
	"unused anchor":         "tenant: &t boutique\n",
	"own environments":      "environments: {integration: [\"int-[0-9]\"], Recette: [\"rec-?\"], PROD: [shop]}\n",
	"same version":          "clusterVersion: \"1.31\"\ntargetVersion: \"1.31\"\n",
	"target alone":          "targetVersion: \"1.9\"\n",
	"value of namespaces":   "parameters: {rollout-unavailable: {namespaces: {\"*\": 5m}}}\n",
	"percent forms":         "parameters: {cpu-threshold: 79.5, memory-threshold: 80%, volume-threshold: \"85 %\", quota-threshold: \"90\"}\n",
	"durations":             "parameters: {rollout-unavailable: 1h30m, restore-test-age: 21d, clock-skew: 300s}\nwaiverMaxLength: 2160h\n",
	"label with a prefix":   "labels: {team: app.example.org/team}\n",
	"only":                  "controls: {only: [image-pinned], skip: [probes-present]}\n",
	"provider's clause":     "owners: {MCO.UPD.P1: provider, RACI: me, GEN: you, INC: they}\n",
	"absolute waivers":      "waivers: [/etc/vigie/waivers.yaml, ../shared/waivers.yaml]\n",
}

func TestRight(t *testing.T) {
	for name, text := range right {
		t.Run(name, func(t *testing.T) {
			c := parse(t, text)
			again(t, c)
			if err := schemaError(t, Schema(), strings.TrimPrefix(text, "\ufeff")); err != nil {
				t.Errorf("the schema refuses it: %v", err)
			}
		})
	}
}

// again writes a configuration and reads it back.
func again(t *testing.T, c *Config) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	back, problems := Parse("conf/vigie.yaml", text, c.policy)
	if problems != nil {
		t.Fatalf("written as %s\n%v", text, problems)
	}
	if !reflect.DeepEqual(public(back), public(c)) {
		t.Errorf("written: %s\nread:   %+v\nbefore: %+v", text, public(back), public(c))
	}
}

// TestBytes is for files whose bytes matter.
func TestBytes(t *testing.T) {
	for _, c := range []struct{ name, text, en, fr string }{
		{"UTF-16", "\xff\xfet\x00:\x00", "f:1: not UTF-8 text: save the file as UTF-8",
			"f:1: ce n'est pas du texte UTF-8\u00a0: enregistrer le fichier en UTF-8"},
		{"Latin-1", "tenant: a\nlang: fr\n# \xe9t\xe9\n", "f:3: not UTF-8 text: save the file as UTF-8",
			"f:3: ce n'est pas du texte UTF-8\u00a0: enregistrer le fichier en UTF-8"},
		{"NUL", "tenant: a\nlang: f\x00r\n", "f:2: not valid YAML: a control character", "f:2: YAML non valide\u00a0: un caractère de contrôle"},
		{"too large", "tenant: a\n" + strings.Repeat("# comment\n", 110_000), "f: larger than 1 MiB: this is no configuration of Vigie",
			"f: plus de 1\u00a0Mio\u00a0: ce n'est pas une configuration de Vigie"},
		{"CRLF", "tenant: a\r\nlang: xx\r\n", `f:2: lang: unknown value "xx": want en or fr`,
			"f:2: lang\u00a0: valeur inconnue «\u00a0xx\u00a0»\u00a0: valeurs possibles\u00a0: en ou fr"},
		{"deep nesting", "tenant: " + strings.Repeat("[", 20_000), "f:1: not valid YAML: nested too deeply", "f:1: YAML non valide\u00a0: imbrication trop profonde"},
		{"alias bomb", "a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
			`f:1: unknown key "a": want ` + keys(" or ") + "\n" + `f:2: unknown key "b": want ` + keys(" or ") + "\n" + `f:3: unknown key "c": want ` + keys(" or "),
			"f:1: clé inconnue «\u00a0a\u00a0»\u00a0: clés possibles\u00a0: " + keys(" ou ") + "\nf:2: clé inconnue «\u00a0b\u00a0»\u00a0: clés possibles\u00a0: " + keys(" ou ") +
				"\nf:3: clé inconnue «\u00a0c\u00a0»\u00a0: clés possibles\u00a0: " + keys(" ou ")},
		{"unknown anchor in the middle", "tenant: a\nlang: x*y\nnamespace: z *\nplatform: *p\n", `f:4: a value that begins with * is an alias to YAML: write "*p"`,
			"f:4: une valeur qui commence par * est un alias pour YAML\u00a0: écrire \"*p\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := Parse("f", []byte(c.text), loadPolicy(t))
			if got := problems.In("en"); got != c.en {
				t.Errorf("got  %s\nwant %s", got, c.en)
			}
			if got := problems.In("fr"); got != c.fr {
				t.Errorf("got  %s\nwant %s", got, c.fr)
			}
		})
	}
}

func keys(or string) string {
	var all []string
	for _, f := range (&Config{}).fields() {
		all = append(all, f.key)
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + or + all[last]
}

func TestFindAndLoad(t *testing.T) {
	dir := t.TempDir()
	if path, err := Find(dir, ""); path != "" || err != nil {
		t.Errorf("no file: %q, %v", path, err)
	}
	if path, err := Find(dir, "else/where.yaml"); path != "else/where.yaml" || err != nil {
		t.Errorf("named: %q, %v", path, err)
	}
	yml := filepath.Join(dir, "vigie.yml")
	if err := os.WriteFile(yml, []byte("tenant: a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(dir, ""); err == nil || !strings.Contains(err.Error(), "vigie.yml\" is not read: rename it to vigie.yaml") {
		t.Errorf("vigie.yml alone: %v", err)
	}
	path := filepath.Join(dir, Name)
	if err := os.WriteFile(path, []byte("tenant: a\nwaivers: [w.yaml]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Find(dir, ""); got != path || err != nil {
		t.Errorf("vigie.yaml beside vigie.yml: %q, %v", got, err)
	}
	c, err := Load(path)
	if err != nil || c.Tenant != "a" || c.WaiverFiles()[0] != filepath.Join(dir, "w.yaml") {
		t.Errorf("load: %+v, %v", c, err)
	}
	if _, err := Load(filepath.Join(dir, "gone.yaml")); err == nil || err.Error() != filepath.Join(dir, "gone.yaml")+": cannot be read: the file does not exist: mend --config or VIGIE_CONFIG" {
		t.Errorf("absent: %v", err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("folder: %v", err)
	}
	if err := os.WriteFile(path, []byte("tenant: a\nlang: de\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err = Load(path)
	var ps Problems
	if c != nil || !errors.As(err, &ps) || len(ps) != 1 || ps[0].Line != 2 || ps[0].Column != 7 || ps[0].Key != "lang" {
		t.Errorf("wrong: %v, %#v", c, err)
	}
}

// TestDefault is the first run: no file at all.
func TestDefault(t *testing.T) {
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if c.Declared() || c.OwnersGiven() || len(c.Weakened()) > 0 || len(c.OwnersByClause(loadPolicy(t))) > 0 || len(c.WaiverFiles()) > 0 {
		t.Errorf("something is said: %+v", public(c))
	}
	if !c.Selected("image-pinned") || c.Ignored("a/b.yaml") || c.Threshold() != 0 || c.Cluster().Known() || c.WaiverLimit() != 0 {
		t.Errorf("something is set: %+v", public(c))
	}
	if c.Environment("shop", nil, nil) != "" || c.Environment("shop", map[string]string{"environment": "prod"}, nil) != Production || c.Team("shop", nil, map[string]string{"team": "a"}) != "a" {
		t.Error("labels are not read")
	}
	again(t, c)
}

// TestDefaultLists holds that a list that nobody set is the policy's, not the empty one: every volume is critical.
func TestDefaultLists(t *testing.T) {
	p := loadPolicy(t)
	for _, par := range p.Parameters {
		if got := Default(p).Parameter(par.ID, ""); got != par.DefaultValue() {
			t.Errorf("%s: %q without a configuration, want %q", par.ID, got, par.DefaultValue())
		}
	}
}

// TestTooMany bounds what is said of a file that is none of ours.
func TestTooMany(t *testing.T) {
	_, problems := Parse("f", []byte(strings.Repeat("? a\n: b\n", 100_000)), loadPolicy(t))
	if len(problems) != most+1 {
		t.Fatalf("%d problems", len(problems))
	}
	last := problems[most:]
	const en, fr = "f:201: more than 200 problems: mend the first, then see the rest", "f:201: plus de 200 problèmes\u00a0: corriger les premiers, puis voir la suite"
	if last.In("en") != en || last.In("fr") != fr {
		t.Errorf("%s\n%s", last.In("en"), last.In("fr"))
	}
	entry := "- {control: c, subject: Pod a/b, reason: r, approver: a, expires: 2026-12-31}\n"
	ws, problems := ParseWaivers("f", []byte("waivers:\n"+entry+strings.Repeat("- x\n", 300)), WaiverRules{Now: clock})
	if len(problems) != most+1 || ws != nil {
		t.Errorf("%d problems, %d waivers apply", len(problems), len(ws))
	}
}

// TestSentences holds every sentence to both languages, to the same values in both, and to a case that shows it.
func TestSentences(t *testing.T) {
	var shown strings.Builder
	for _, file := range []string{"testdata/wrong.txtar", "testdata/wrong-waivers.txtar", "config_test.go", "waiver_test.go"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(raw)
	}
	for reason, s := range sentences {
		for _, part := range []text{s.body, s.hint} {
			if (part[english] == "") != (part[french] == "") {
				t.Errorf("%s: one language is empty", reason)
			}
			en, fr := holes.FindAllString(part[english], -1), holes.FindAllString(part[french], -1)
			slices.Sort(en)
			slices.Sort(fr)
			if reason == "not-yaml" {
				continue // the cause is a value in each language
			}
			if !slices.Equal(en, fr) {
				t.Errorf("%s: %v in English, %v in French", reason, en, fr)
			}
		}
		longest := ""
		for _, piece := range holes.Split(s.body[english], -1) {
			if len(piece) > len(longest) {
				longest = piece
			}
		}
		if !strings.Contains(shown.String(), longest) {
			t.Errorf("%s: no case shows it", reason)
		}
	}
	for key, w := range words {
		if w[english] == "" || w[french] == "" {
			t.Errorf("word %s: one language is empty", key)
		}
	}
	for msg, cause := range syntax {
		if cause[english] == "" || cause[french] == "" || cause[english] == cause[french] {
			t.Errorf("%s: %v", msg, cause)
		}
	}
}

// TestHostileNames holds what a file says away from the terminal.
func TestHostileNames(t *testing.T) {
	p := Problem{File: "a\x1b[2J\n.yaml", Line: 3, Reason: "unknown-key", Values: map[string]string{"name": "k\x1b]0;x\x07\u202e", "known": "a"}}
	const en = `"a\x1b[2J\n.yaml":3: unknown key "k\x1b]0;x\a\u202e": want a`
	if got := p.In("en"); got != en || p.Error() != en {
		t.Errorf("got  %s\nwant %s", got, en)
	}
}
