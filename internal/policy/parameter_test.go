package policy

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		kind, in string
		want     Value
		err      string
	}{
		{"duration", "21d", Value{"21d", "duration", int64(21 * 24 * time.Hour)}, ""},
		{"duration", "1h30m", Value{"1h30m", "duration", int64(90 * time.Minute)}, ""},
		{"duration", "0.5h", Value{"0.5h", "duration", int64(30 * time.Minute)}, ""},
		{"duration", "36500d", Value{"36500d", "duration", 36500 * int64(24*time.Hour)}, ""},
		{"duration", "36501d", Value{}, "no duration above 0"},
		{"duration", "99999999999999999999d", Value{}, "no duration above 0"},
		{"duration", "9999999h", Value{}, "no duration above 0"},
		{"duration", "0s", Value{}, "no duration above 0"}, {"duration", "0d", Value{}, "no duration above 0"},
		{"duration", "-1h", Value{}, "no duration above 0"}, {"duration", "-1d", Value{}, "no duration above 0"},
		{"duration", "+1d", Value{}, "no duration above 0"}, {"duration", "1.5d", Value{}, "no duration above 0"},
		{"duration", "15", Value{}, "no duration above 0"}, {"duration", "", Value{}, "no duration above 0"},
		{"duration", "d", Value{}, "no duration above 0"}, {"duration", "soon", Value{}, "want a form like 15m, 24h or 21d"},
		{"integer", "3", Value{"3", "integer", 3}, ""},
		{"integer", "2147483647", Value{"2147483647", "integer", 2147483647}, ""},
		{"integer", "2147483648", Value{}, "no whole number"}, {"integer", "0", Value{}, "no whole number"},
		{"integer", "-1", Value{}, "no whole number"}, {"integer", "1.5", Value{}, "no whole number"},
		{"integer", "0x3", Value{}, "no whole number"}, {"integer", "", Value{}, "no whole number"},
		{"percent", "80%", Value{"80%", "percent", 8000}, ""}, {"percent", "80", Value{"80", "percent", 8000}, ""},
		{"percent", "79.5 %", Value{"79.5 %", "percent", 7950}, ""}, {"percent", "80\u00a0%", Value{"80\u00a0%", "percent", 8000}, ""},
		{"percent", "100%", Value{"100%", "percent", 10000}, ""}, {"percent", "100.1", Value{}, "no percentage"},
		{"percent", "0", Value{}, "no percentage"}, {"percent", "0.001", Value{}, "no percentage"},
		{"percent", "-5%", Value{}, "no percentage"}, {"percent", "NaN", Value{}, "no percentage"},
		{"percent", "Inf", Value{}, "no percentage"}, {"percent", "8e1", Value{}, "no percentage"},
		{"percent", "0x50", Value{}, "no percentage"}, {"percent", "8.0.0", Value{}, "no percentage"},
		{"percent", "%", Value{}, "no percentage"}, {"percent", "", Value{}, "no percentage"},
		{"list", "", Value{"", "list", 0}, ""}, {"list", "a, b,,", Value{"a, b,,", "list", 0}, ""},
		{"share", "1", Value{}, `unknown type "share"`},
	} {
		got, err := Parameter{ID: "figure", Type: c.kind}.Parse(c.in)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), "parameter figure") {
				t.Errorf("%s %q: %v %v, want the error %q", c.kind, c.in, got, err, c.err)
			}
			continue
		}
		if err != nil || got != c.want || got.String() != c.in {
			t.Errorf("%s %q: %+v (%v), want %+v", c.kind, c.in, got, err, c.want)
		}
	}
}

func TestValue(t *testing.T) {
	p := loaded(t)
	value := func(id string) Value {
		par, ok := p.Parameter(id)
		if !ok {
			t.Fatalf("no parameter %s", id)
		}
		return par.DefaultValue()
	}
	if d := value("certificate-remaining").Duration(); d != 21*24*time.Hour {
		t.Errorf("certificate-remaining: %v", d)
	}
	if n := value("start-failures").Int(); n != 3 {
		t.Errorf("start-failures: %d", n)
	}
	if r := value("volume-threshold").Ratio(); math.Abs(r-0.85) > 1e-12 {
		t.Errorf("volume-threshold: %v", r)
	}
	if v := (Value{"a, b,, c/*", "list", 0}); !slices.Equal(v.List(), []string{"a", "b", "c/*"}) || !v.Declared() {
		t.Errorf("list: %q", v.List())
	}
	if v := value("recovery-point"); v.Declared() || v.Duration() != 0 {
		t.Errorf("recovery-point is declared by nobody, and is %v", v)
	}
	if v := value("allowed-registries"); v.Declared() || len(v.List()) != 0 {
		t.Errorf("allowed-registries is declared by nobody, and is %v", v)
	}
	if v := (Value{}); v.Duration() != 0 || v.Int() != 0 || v.Ratio() != 0 || v.String() != "" {
		t.Errorf("the zero value is %v", v)
	}
	for name, wrong := range map[string]func(){
		"a share as a count":    func() { value("cpu-threshold").Int() },
		"a count as a duration": func() { value("replicas-minimum").Duration() },
		"a duration as a share": func() { value("backup-grace").Ratio() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s gives a value", name)
				}
			}()
			wrong()
		}()
	}
}

func TestWeaker(t *testing.T) {
	p := loaded(t)
	for _, c := range []struct {
		id, value string
		want      int
	}{
		{"cpu-threshold", "81%", -1}, {"cpu-threshold", "80", 0}, {"cpu-threshold", "79.5 %", 1},
		{"volume-threshold", "85.01", -1}, {"memory-threshold", "60", 1},
		{"roadmap-horizon", "89d", -1}, {"roadmap-horizon", "2160h", 0}, {"roadmap-horizon", "91d", 1},
		{"start-failures-window", "5m", -1}, {"start-failures-window", "600s", 0}, {"start-failures-window", "1h", 1},
		{"config-backup-interval", "25h", -1}, {"config-backup-interval", "1d", 0}, {"config-backup-interval", "12h", 1},
		{"replicas-minimum", "1", -1}, {"replicas-minimum", "2", 0}, {"replicas-minimum", "3", 1},
		{"rollout-unavailable", "30m", -1}, {"rollout-unavailable", "15m", 0},
		{"start-failures", "1", 0}, {"start-failures", "50", 0}, // the policy leaves X to the tenant
	} {
		par, ok := p.Parameter(c.id)
		if !ok {
			t.Fatalf("no parameter %s", c.id)
		}
		v, err := par.Parse(c.value)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := par.Compare(v); got != c.want || par.IsWeaker(v) != (c.want < 0) {
			t.Errorf("%s %s: %d, weaker %v; want %d", c.id, c.value, got, par.IsWeaker(v), c.want)
		}
	}
	for _, par := range p.Parameters {
		if par.Compare(par.DefaultValue()) != 0 {
			t.Errorf("parameter %s: its default is not its default", par.ID)
		}
	}
}

// TestFiguresOfThePolicy holds that what claims to be the policy's number stands in a clause that the figure bears on.
func TestFiguresOfThePolicy(t *testing.T) {
	p := loaded(t)
	words := map[string]string{
		"cpu-threshold": "≥ 80\u00a0%", "memory-threshold": "≥ 80\u00a0%", "volume-threshold": "≥ 85\u00a0%",
		"start-failures-window": "en 10 minutes", "roadmap-horizon": "trois prochains mois", "config-backup-interval": "Sauvegarde quotidienne",
	}
	for _, par := range p.Parameters {
		word, known := words[par.ID]
		if known != (par.Figure == "policy") {
			t.Errorf("parameter %s: figure %s", par.ID, par.Figure)
			continue
		}
		bears := slices.ContainsFunc(p.Clauses, func(c Clause) bool {
			return strings.Contains(c.Text.FR, word) && slices.ContainsFunc(p.ServedBy(c.ID), func(s Planned) bool { return slices.Contains(par.Controls, s.ID) })
		})
		if !bears {
			t.Errorf("parameter %s: no clause that it bears on says %q", par.ID, word)
		}
	}
}
