package config

import (
	"slices"
	"testing"
)

type labels = map[string]string

func TestEnvironment(t *testing.T) {
	c := parse(t, `
environments:
  PROD: [shop, "*-prod", "core-*"]
  recette: ["*-prod-copy", "shop-*", "core-[a-c]"]
  integration: ["*", "dup-*"]
labels: {environment: example.org/env}
`)
	key := "example.org/env"
	for _, x := range []struct {
		ns      string
		ns2     labels
		obj     labels
		want    string
		because string
	}{
		{"shop", nil, nil, Production, "an exact name, and prod is production"},
		{"shop-web", nil, nil, Staging, "recette is staging"},
		{"pay-prod", nil, nil, Production, "a pattern"},
		{"shop-prod", nil, nil, Production, "two patterns with as many letters: production counts"},
		{"pay-prod-copy", nil, nil, Staging, "more letters count"},
		{"core-a", nil, nil, Production, "a class holds no letter fast, so both have as many"},
		{"other", nil, nil, "integration", "the widest pattern"},
		{"", nil, nil, "", "what has no namespace is in none, not even in *"},
		{"", labels{key: "prod"}, nil, Production, "a label alone"},
		{"shop", labels{key: "staging"}, nil, Production, "the configuration before the namespace's label"},
		{"shop", nil, labels{key: "Stage"}, Staging, "the object's label before the configuration"},
		{"shop", labels{key: "prod"}, labels{key: ""}, Production, "an empty label says nothing"},
		{"shop", nil, labels{"environment": "staging"}, Production, "another key says nothing"},
		{"shop", nil, labels{key: "QA-2"}, "QA-2", "another environment is kept as it is written"},
	} {
		if got := c.Environment(x.ns, x.ns2, x.obj); got != x.want {
			t.Errorf("%s: %q is %q, want %q", x.because, x.ns, got, x.want)
		}
	}
	if !c.Declared() {
		t.Error("nothing is declared")
	}
	if parse(t, "environments: {}").Declared() {
		t.Error("an empty section declares something")
	}
}

func TestNormalEnvironment(t *testing.T) {
	for want, spellings := range map[string][]string{
		Production: {"prod", "production", "Production", "PROD", "prd"},
		Staging:    {"staging", "stage", "preprod", "recette", "Recette", "pre-prod", "stg", "preproduction", "pre-production"},
		"dev":      {"dev"}, "Qualif": {"Qualif"}, "": {""}, "non-prod": {"non-prod"}, "prod2": {"prod2"},
	} {
		for _, s := range spellings {
			if got := NormalEnvironment(s); got != want {
				t.Errorf("%q is %q, want %q", s, got, want)
			}
		}
	}
}

func TestTeam(t *testing.T) {
	c := parse(t, `
teams:
  payments: {namespaces: ["pay-*"], contact: payments@example.test}
  core: {namespaces: [pay-core]}
  nobody: {contact: x}
`)
	for _, x := range []struct {
		ns      string
		ns2     labels
		obj     labels
		want    string
		because string
	}{
		{"pay-web", nil, nil, "payments", "a pattern"},
		{"pay-core", nil, nil, "core", "an exact name before a pattern"},
		{"pay-core", nil, labels{"team": "web"}, "web", "the object's label first; it need not be declared"},
		{"pay-core", labels{"team": "web"}, nil, "core", "the namespace's label last"},
		{"shop", labels{"team": "web"}, nil, "web", "the namespace's label"},
		{"shop", nil, nil, "", "nobody"},
	} {
		if got := c.Team(x.ns, x.ns2, x.obj); got != x.want {
			t.Errorf("%s: %q is %q's, want %q", x.because, x.ns, got, x.want)
		}
	}
}

func TestOwners(t *testing.T) {
	p := loadPolicy(t)
	c := parse(t, `
owners:
  MCO.BKP: platform-team
  MCO.BKP.R3: Ana
  MCO.UPD.P1: the provider
  "*": everyone
`)
	got := c.OwnersByClause(p)
	for clause, want := range map[string]string{
		"MCO.BKP.T1": "platform-team", "MCO.BKP.R1": "platform-team", "MCO.BKP.R3": "Ana",
		"MCO.BKP.P1": "", // a chapter means the tenant's clauses
		"MCO.UPD.P1": "the provider", "MCO.UPD.P2": "", "MCO.UPD.T1": "everyone", "GEN.1": "everyone", "INC.T2": "everyone", "INC.P1": "",
	} {
		if got[clause] != want {
			t.Errorf("%s: %q, want %q", clause, got[clause], want)
		}
	}
	for _, cl := range p.Clauses {
		if _, ok := got[cl.ID]; !ok && cl.Side == "tenant" {
			t.Errorf("%s has no owner though * names one", cl.ID)
		}
	}
	if !c.OwnersGiven() || !parse(t, "owners: {}").OwnersGiven() || parse(t, "tenant: a").OwnersGiven() {
		t.Error("an owners section is not told from none")
	}
	if got := parse(t, "owners: {MCS.SEC: a}").OwnersByClause(p); len(got) != 3 {
		t.Errorf("one chapter: %v", got)
	}
}

func TestOwnable(t *testing.T) {
	names := ownable(loadPolicy(t))
	for _, name := range []string{"*", "MCO.UPD", "MCS.LOG", "INC", "GEN", "RACI", "MCO.MON.R2a"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s cannot be owned", name)
		}
	}
	if slices.Contains(names, "MCO") || len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("MCO, or a name twice: %v", names)
	}
}

func TestParameters(t *testing.T) {
	c := parse(t, `
parameters:
  rollout-unavailable: {value: 10m, namespaces: {"pay-*": 45m, pay-core: 5m}}
  replicas-minimum: 2
  cpu-threshold: 81%
  restore-test-age: {namespaces: {"*": 31d}}
  memory-threshold: {namespaces: {"*": 60}}
`)
	for _, x := range []struct{ id, ns, want string }{
		{"rollout-unavailable", "shop", "10m"}, {"rollout-unavailable", "pay-web", "45m"}, {"rollout-unavailable", "pay-core", "5m"},
		{"rollout-unavailable", "", "10m"}, {"replicas-minimum", "shop", "2"}, {"cpu-threshold", "shop", "81%"},
		{"restore-test-age", "shop", "31d"}, {"restore-test-age", "", "30d"}, {"volume-threshold", "shop", "85%"}, {"memory-threshold", "a", "60"},
	} {
		if got := c.Parameter(x.id, x.ns).String(); got != x.want {
			t.Errorf("%s in %q: %s, want %s", x.id, x.ns, got, x.want)
		}
	}
	if got := c.Parameter("memory-threshold", "a").Ratio(); got != 0.6 {
		t.Errorf("memory-threshold: %v", got)
	}
	// In the policy's order: the CPU threshold is higher, a restore test older, and one namespace may be down longer.
	if got, want := c.Weakened(), []string{"cpu-threshold", "restore-test-age", "rollout-unavailable"}; !slices.Equal(got, want) {
		t.Errorf("weakened: %v, want %v", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown parameter has a value")
		}
	}()
	c.Parameter("no-such", "")
}

func TestGlobs(t *testing.T) {
	for glob, want := range map[string]string{
		"shop": "", "*": "", "*-prod": "", "shop-?": "", "[a-c]*": "", "[^x]-a": "", "int-[0-9]": "",
		"[": "bad-pattern", "[]": "bad-pattern", "a[b": "bad-pattern", `a\`: "bad-pattern", `a\b`: "pattern-never",
		"Shop": "pattern-never", "shop_1": "pattern-never", "a/b": "pattern-never", "-shop": "pattern-never", "a.b": "pattern-never",
		"a^b": "pattern-never", "[A-Z]*": "pattern-never", "shop-": "pattern-never", "é*": "pattern-never", "{a,b}": "pattern-never",
	} {
		if got := badGlob(glob); got != want {
			t.Errorf("%q: %q, want %q", glob, got, want)
		}
	}
	if a, b, c := exactness("ab-[xyz]*?"), exactness("abc"), exactness("*"); a != 3 || b != exact || c != 0 {
		t.Errorf("exactness: %d, %d, %d", a, b, c)
	}
}

func TestIgnored(t *testing.T) {
	for _, x := range []struct {
		pattern, path string
		want          bool
	}{
		{"**/testdata/**", "a/testdata/x.yaml", true}, {"**/testdata/**", "testdata/x.yaml", true}, {"**/testdata/**", "a/b/testdata/c/d.yaml", true},
		{"**/testdata/**", "a/testdata2/x.yaml", false}, {"testdata", "testdata/x/y.yaml", true}, {"testdata", "a/testdata/x.yaml", false},
		{"*.yaml", "a.yaml", true}, {"*.yaml", "a/b.yaml", false}, {"**/*.yaml", "a/b.yaml", true}, {"**/*.yaml", "b.yaml", true}, {"**/*.yaml", "b.yml", false},
		{"a/*/c", "a/b/c", true}, {"a/*/c", "a/c", false}, {"a/**/c", "a/c", true}, {"a/**/c", "a/x/y/c", true}, {"a/**/c", "b/a/c", false},
		{"**", "x", true}, {"a/", "a/b", true}, {"./a", "a/b", true}, {"a?.yaml", "ab.yaml", true}, {"a[0-9]", "a1/x", true},
		{"**/**/**/**/**/**/**/**/x", "a/b/c/d/e/f/g/h/i/j/y", false},
	} {
		c := &Config{Paths: Paths{Ignore: []string{"none-of-these", x.pattern}}}
		if got := c.Ignored(x.path); got != x.want {
			t.Errorf("%q, %q: %v, want %v", x.pattern, x.path, got, x.want)
		}
	}
	for path, want := range map[string]string{"/a": "path-outside", "a/../b": "path-outside", "..": "path-outside", `a\b`: "path-outside", "c:/a": "path-outside",
		"a/[": "bad-pattern", "a..b/c": "", "**/x": "", "...": ""} {
		if got := badPath(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
