package policy

import (
	"os"
	"regexp"
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

// shared reads a paper that lies beside the repository, or says aloud that it is absent.
func shared(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("../../../shared/" + name)
	if err != nil {
		t.Skipf("NOT RUN: the paper %s does not lie beside the repository", name)
	}
	return string(raw)
}

func TestWhole(t *testing.T) {
	p := loaded(t)
	seen := map[string]bool{}
	text := func(what string, x Text) {
		if strings.TrimSpace(x.EN) == "" || strings.TrimSpace(x.FR) == "" {
			t.Errorf("%s: both languages are required", what)
		}
	}
	for _, c := range p.Clauses {
		if seen[c.ID] {
			t.Errorf("clause %s stands twice", c.ID)
		}
		seen[c.ID] = true
		text(c.ID+" title", c.Title)
		text(c.ID+" text", c.Text)
		if _, ok := p.Chapter(c.Chapter); !ok {
			t.Errorf("clause %s: no chapter %q", c.ID, c.Chapter)
		}
		if !slices.Contains([]Side{Provider, Tenant}, c.Side) || !slices.Contains([]Kind{Duty, Recommendation, Procedure}, c.Kind) {
			t.Errorf("clause %s: side %q, kind %q", c.ID, c.Side, c.Kind)
		}
		if len(c.Answers) == 0 {
			t.Errorf("clause %s: no control, attestation or declaration can answer it", c.ID)
		}
		if slices.Contains(c.Answers, ByControl) != (len(p.ServedBy(c.ID)) > 0) {
			t.Errorf("clause %s: answers %v, served by %d controls", c.ID, c.Answers, len(p.ServedBy(c.ID)))
		}
		if got, ok := p.Clause(strings.ToLower(c.Short())); !ok || got.ID != c.ID {
			t.Errorf("clause %s is not found by %s", c.ID, c.Short())
		}
	}
	for _, c := range p.Chapters {
		text(c.Key, c.Title)
		if len(c.Norms) != 3 {
			t.Errorf("chapter %s: %d norms, want 3", c.Key, len(c.Norms))
		}
	}
	for _, c := range p.Catalogue {
		if seen[c.ID] || len(c.Clauses) == 0 || c.Word == "" && len(c.From) == 0 {
			t.Errorf("control %s: twice, without clauses or without inputs", c.ID)
		}
		seen[c.ID] = true
		for _, id := range c.Clauses {
			if _, ok := p.Clause(id); !ok {
				t.Errorf("control %s: no clause %s", c.ID, id)
			}
		}
	}
	rows, err := RACI()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range rows {
		for _, id := range d.Clauses {
			if _, ok := p.Clause(id); !ok {
				t.Errorf("matrix, %q: no clause %s", d.ActivityEN, id)
			}
		}
		if d.Provider == "" || d.Client == "" || !slices.Contains([]string{"exact", "partial", "none", "conflict"}, d.Fit) {
			t.Errorf("matrix, %q: %+v", d.ActivityEN, d)
		}
	}
}

func TestParameters(t *testing.T) {
	p := loaded(t)
	for _, par := range p.Parameters {
		v, err := par.Parse(par.Default)
		if err != nil {
			t.Error(err)
		}
		if par.IsWeaker(v) || par.Title.EN == "" || par.Title.FR == "" || !slices.Contains([]string{"policy", "ours"}, par.Figure) {
			t.Errorf("parameter %s: %+v", par.ID, par)
		}
		for _, c := range par.Controls {
			if _, ok := p.Planned(c); !ok {
				t.Errorf("parameter %s: no control %s", par.ID, c)
			}
		}
	}
	for _, c := range []struct {
		id, value string
		weaker    bool
		err       string
	}{
		{"cpu-threshold", "81%", true, ""}, {"cpu-threshold", "79.5 %", false, ""}, {"cpu-threshold", "NaN", false, "no percentage"},
		{"cpu-threshold", "0", false, "no percentage"}, {"cpu-threshold", "101", false, "no percentage"},
		{"roadmap-horizon", "89d", true, ""}, {"roadmap-horizon", "2160h", false, ""}, {"roadmap-horizon", "-1h", false, "no duration"},
		{"replicas-minimum", "1", true, ""}, {"replicas-minimum", "3", false, ""}, {"replicas-minimum", "0", false, "no whole number"},
		{"rollout-unavailable", "30m", true, ""}, {"rollout-unavailable", "soon", false, "no duration"},
	} {
		par, ok := p.Parameter(c.id)
		if !ok {
			t.Fatalf("no parameter %s", c.id)
		}
		v, err := par.Parse(c.value)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s %q: error %v, want %q", c.id, c.value, err, c.err)
			}
			continue
		}
		if err != nil || par.IsWeaker(v) != c.weaker {
			t.Errorf("%s %q: weaker %v (%v), want %v", c.id, c.value, par.IsWeaker(v), err, c.weaker)
		}
	}
}

func TestSuggest(t *testing.T) {
	p := loaded(t)
	for word, want := range map[string]string{
		"MCO.UPD.T9": "MCO.UPD.T1", "image-pined": "image-pinned", "SEC.R3": "MCS.SEC.R1", "rollout-unavailble": "rollout-unavailable",
	} {
		if got := p.Suggest(word); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %v, want %s first", word, got, want)
		}
	}
	if got := p.Suggest("entirely-else-where"); len(got) != 0 {
		t.Errorf("suggests %v for what is like nothing", got)
	}
}

// TestAgainstThePapers holds the data to the customer's own documents.
func TestAgainstThePapers(t *testing.T) {
	p := loaded(t)
	t.Run("clauses", func(t *testing.T) {
		rows := regexp.MustCompile(`(?m)^\| ((?:MCO|MCS|INC|GEN|RACI)[A-Za-z0-9.]*) \|`).FindAllStringSubmatch(shared(t, "clauses.md"), -1)
		var want, got []string
		for _, r := range rows {
			want = append(want, r[1])
		}
		for _, c := range p.Clauses {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("clauses: %v\nwant %v", got, want)
		}
	})
	t.Run("text", func(t *testing.T) {
		strip := func(s string) string {
			s = regexp.MustCompile(`\]\([^)]*\)`).ReplaceAllString(s, "")
			s = strings.NewReplacer("*", "", "[", "", "]", "", "\u00a0", " ").Replace(s)
			return strings.Join(strings.Fields(s), " ")
		}
		whole := strip(shared(t, "policy/mco-mcs.fr.md"))
		for _, c := range p.Clauses {
			if !strings.Contains(whole, strip(c.Text.FR)) {
				t.Errorf("%s: the French text is not the policy's: %q", c.ID, c.Text.FR)
			}
		}
	})
	t.Run("catalogue", func(t *testing.T) {
		rows := regexp.MustCompile(`(?m)^\| ([a-z0-9-]+) \| ([^|]+) \| ([NTC]) \| ([chml]) \|`).FindAllStringSubmatch(shared(t, "controls.md"), -1)
		if len(rows) != len(p.Catalogue) {
			t.Errorf("%d controls, want %d", len(p.Catalogue), len(rows))
		}
		for _, r := range rows {
			c, ok := p.Planned(r[1])
			if !ok || c.Scope[:1] != strings.ToLower(r[3]) || c.Severity[:1] != r[4] {
				t.Errorf("%s: %+v, want scope %s and severity %s", r[1], c, r[3], r[4])
			}
			for _, id := range strings.Fields(strings.ReplaceAll(strings.ReplaceAll(r[2], "*", ""), "R2a-c", "R2a MON.R2b MON.R2c")) {
				full, _ := p.Clause(id)
				if !slices.Contains(c.Clauses, full.ID) {
					t.Errorf("%s: clauses %v lack %s", r[1], c.Clauses, id)
				}
			}
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(); err != nil {
			b.Fatal(err)
		}
	}
}
