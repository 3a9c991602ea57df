package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	kebab      = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	plainSpace = regexp.MustCompile(`[ \t][:;!?%»]|« |’`) // what French typography does not want
)

// A review collects what is wrong with the data as a whole. The build refuses any fault.
type review struct {
	p      *Policy
	faults []string
	seen   map[string]bool
}

func faults(p *Policy, rows []Responsibility) []string {
	r := &review{p: p, seen: map[string]bool{}}
	each(p.Chapters, r.chapter)
	each(p.Clauses, r.clause)
	each(p.Catalogue, r.planned)
	each(p.Parameters, r.parameter)
	each(rows, r.row)
	return r.faults
}

func each[T any](all []T, do func(T)) {
	for _, one := range all {
		do(one)
	}
}

func (r *review) say(format string, a ...any) { r.faults = append(r.faults, fmt.Sprintf(format, a...)) }

// once complains of an id at its second coming among its like.
func (r *review) once(kind, id string) {
	if key := kind + strings.ToUpper(id); r.seen[key] {
		r.say("%s %s stands twice", kind, id)
	} else {
		r.seen[key] = true
	}
}

func (r *review) text(what string, x Text, longest int) {
	for lang, s := range map[string]string{"en": x.EN, "fr": x.FR} {
		switch {
		case strings.TrimSpace(s) == "":
			r.say("%s: no text in %s", what, lang)
		case longest > 0 && len([]rune(s)) > longest:
			r.say("%s: %d letters in %s, more than %d", what, len([]rune(s)), lang, longest)
		case strings.ContainsAny(s, "\n*[]`"):
			r.say("%s: markup in %s: %q", what, lang, s)
		}
	}
	if plainSpace.MatchString(x.FR) {
		r.say("%s: not typeset: %q", what, x.FR)
	}
}

// fullIDs holds that each id is a clause's full one.
func (r *review) fullIDs(what string, ids []string) {
	for _, id := range ids {
		if c, ok := r.p.Clause(id); !ok || c.ID != id {
			r.say("%s: no clause %s", what, id)
		}
	}
}

func (r *review) chapter(c Chapter) {
	r.once("chapter", c.Key)
	r.text("chapter "+c.Key, c.Title, 60)
	if len(c.Norms) != 3 {
		r.say("chapter %s: %d norms, want 3", c.Key, len(c.Norms))
	}
	for _, n := range c.Norms {
		if n.Standard == "" || len(n.Refs) == 0 {
			r.say("chapter %s: norm %q without paragraphs", c.Key, n.Standard)
		}
	}
	if !slices.ContainsFunc(r.p.Clauses, func(cl Clause) bool { return cl.Chapter == c.Key }) {
		r.say("chapter %s: no clause", c.Key)
	}
}

func (r *review) clause(c Clause) {
	r.once("clause", c.ID)
	r.text(c.ID+" title", c.Title, 60)
	r.text(c.ID+" text", c.Text, 0)
	ch, ok := r.p.Chapter(c.Chapter)
	prefix := strings.TrimPrefix(ch.Part+"."+ch.Key, ch.Key+".") + "." // MCO.UPD. but INC.
	if !ok || c.ID != "RACI" && !strings.HasPrefix(c.ID, prefix) {     // RACI: a chapter of one clause
		r.say("clause %s: not of chapter %q", c.ID, c.Chapter)
	}
	if !slices.Contains([]Side{Provider, Tenant}, c.Side) || !slices.Contains([]Kind{Duty, Recommendation, Procedure}, c.Kind) {
		r.say("clause %s: side %q, kind %q", c.ID, c.Side, c.Kind)
	}
	r.answerable(c)
}

// answerable holds the rule of the build: every clause can be answered, and says truly by what.
func (r *review) answerable(c Clause) {
	if len(c.Answers) == 0 {
		r.say("clause %s: no control, attestation or declaration can answer it", c.ID)
	}
	for _, a := range c.Answers {
		if !slices.Contains([]Answer{ByControl, ByAttestation, ByDeclaration}, a) {
			r.say("clause %s: answer %q", c.ID, a)
		}
	}
	served := r.p.ServedBy(c.ID)
	if slices.Contains(c.Answers, ByControl) != (len(served) > 0) {
		r.say("clause %s: answers %v, served by %d controls", c.ID, c.Answers, len(served))
	}
	if slices.Contains(c.Answers, ByAttestation) != (c.Side == Provider) || slices.Contains(c.Answers, ByDeclaration) && c.Side == Provider {
		r.say("clause %s of the %s: answers %v", c.ID, c.Side, c.Answers)
	}
	for _, s := range served {
		if s.Word != "" && !slices.Contains(c.Answers, s.Word) {
			r.say("clause %s: answers %v, though %s is by %s", c.ID, c.Answers, s.ID, s.Word)
		}
	}
}

func (r *review) planned(c Planned) {
	r.once("control", c.ID)
	r.fullIDs("control "+c.ID, c.Clauses)
	if !kebab.MatchString(c.ID) || len(c.Clauses) == 0 || c.Word == "" && len(c.From) == 0 {
		r.say("control %s: no id in kebab case, no clause or nothing to judge from", c.ID)
	}
	if !slices.Contains([]string{"namespace", "tenant", "cluster"}, c.Scope) || !slices.Contains([]string{"critical", "high", "medium", "low"}, c.Severity) ||
		!slices.Contains([]Answer{"", ByAttestation, ByDeclaration}, c.Word) {
		r.say("control %s: scope %q, severity %q, word %q", c.ID, c.Scope, c.Severity, c.Word)
	}
	for _, f := range c.From {
		if !slices.Contains([]string{"objects", "metrics", "feed", "record", "handshake", "scanner", "git"}, f) {
			r.say("control %s: from %q", c.ID, f)
		}
	}
}

func (r *review) parameter(par Parameter) {
	r.once("parameter", par.ID)
	r.text("parameter "+par.ID+" title", par.Title, 60)
	r.text("parameter "+par.ID+" description", par.Description, 0)
	if _, err := par.Parse(par.Default); err != nil && (par.Default != "" || par.Figure == "policy") {
		r.say("default: %v", err)
	}
	switch {
	case !kebab.MatchString(par.ID) || len(par.Controls) == 0:
		r.say("parameter %s: no id in kebab case, or of no control", par.ID)
	case !slices.Contains([]string{"policy", "ours"}, par.Figure) || !slices.Contains([]string{"higher", "lower", ""}, par.Weaker):
		r.say("parameter %s: figure %q, weaker %q", par.ID, par.Figure, par.Weaker)
	case par.Figure == "policy" && par.Weaker == "":
		r.say("parameter %s: a figure of the policy that nothing weakens", par.ID)
	}
	for _, c := range par.Controls {
		if _, ok := r.p.Planned(c); !ok {
			r.say("parameter %s: no control %s", par.ID, c)
		}
	}
}

func (r *review) row(d Responsibility) {
	what := "matrix, " + d.ActivityEN
	r.fullIDs(what, d.Clauses)
	r.text(what, Text{d.ActivityEN, d.ActivityFR}, 0)
	r.text(what, Text{d.Chapter, d.ChapterFR}, 0)
	if d.Note != "" || d.NoteFR != "" {
		r.text(what, Text{d.Note, d.NoteFR}, 0)
	}
	if !slices.Contains([]string{"exact", "partial", "none", "conflict"}, d.Fit) || (d.Fit == "none") != (len(d.Clauses) == 0) {
		r.say("%s: fit %q with %d clauses", what, d.Fit, len(d.Clauses))
	}
	for _, l := range []*Letters{{d.Provider, d.Client}, d.Standard} {
		if l != nil && strings.Count(l.Provider+l.Client, "A") != 1 {
			r.say("%s: letters %+v: want one side that answers for it", what, *l)
		}
	}
}

func TestWhole(t *testing.T) {
	p := loaded(t)
	for _, f := range faults(p, matrix(t)) {
		t.Error(f)
	}
	if len(p.Clauses) != 67 || len(p.Chapters) != 11 || len(p.Catalogue) != 97 {
		t.Errorf("%d clauses in %d chapters, %d controls; want 67 in 11, and 97", len(p.Clauses), len(p.Chapters), len(p.Catalogue))
	}
}

// TestFaultsAreFound plants one fault at a time: a check that finds nothing would be worth nothing.
func TestFaultsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		plant func(*Policy, []Responsibility)
		want  string
	}{
		"no answer":             {func(p *Policy, _ []Responsibility) { p.Clauses[3].Answers = nil }, "MCO.UPD.P4: no control, attestation or declaration"},
		"unknown answer":        {func(p *Policy, _ []Responsibility) { p.Clauses[3].Answers[1] = "word" }, `answer "word"`},
		"provider declares":     {func(p *Policy, _ []Responsibility) { p.Clauses[3].Answers = []Answer{ByControl, ByDeclaration} }, "MCO.UPD.P4 of the provider"},
		"control without need":  {func(p *Policy, _ []Responsibility) { p.served["RACI"] = nil }, "RACI: answers [control], served by 0"},
		"word not taken":        {func(p *Policy, _ []Responsibility) { p.Clauses[10].Answers = []Answer{ByControl} }, "notifications-subscribed is by declaration"},
		"one language":          {func(p *Policy, _ []Responsibility) { p.Clauses[0].Text.FR = " " }, "MCO.UPD.P1 text: no text in fr"},
		"long title":            {func(p *Policy, _ []Responsibility) { p.Clauses[0].Title.EN = strings.Repeat("x", 61) }, "61 letters in en"},
		"markdown":              {func(p *Policy, _ []Responsibility) { p.Clauses[0].Text.FR = "via [Quay]" }, "markup in fr"},
		"plain space":           {func(p *Policy, _ []Responsibility) { p.Clauses[0].Text.FR = "80 %" }, "not typeset"},
		"clause twice":          {func(p *Policy, _ []Responsibility) { p.Clauses[1].ID = "mco.upd.p1" }, "mco.upd.p1 stands twice"},
		"wrong chapter":         {func(p *Policy, _ []Responsibility) { p.Clauses[0].Chapter = "MON" }, `MCO.UPD.P1: not of chapter "MON"`},
		"side":                  {func(p *Policy, _ []Responsibility) { p.Clauses[0].Side = "client" }, `side "client"`},
		"no norm":               {func(p *Policy, _ []Responsibility) { p.Chapters[2].Norms = p.Chapters[2].Norms[1:] }, "chapter BKP: 2 norms"},
		"control without row":   {func(p *Policy, _ []Responsibility) { p.Catalogue[0].Clauses = []string{"MCO.UPD.P9"} }, "no clause MCO.UPD.P9"},
		"short id in catalogue": {func(p *Policy, _ []Responsibility) { p.Catalogue[0].Clauses = []string{"UPD.P1"} }, "no clause UPD.P1"},
		"scope":                 {func(p *Policy, _ []Responsibility) { p.Catalogue[0].Scope = "C" }, `scope "C"`},
		"input":                 {func(p *Policy, _ []Responsibility) { p.Catalogue[0].From = []string{"rumour"} }, `from "rumour"`},
		"default":               {func(p *Policy, _ []Responsibility) { p.Parameters[0].Default = "800%" }, `"800%" is no percentage`},
		"type":                  {func(p *Policy, _ []Responsibility) { p.Parameters[0].Type = "share" }, `unknown type "share"`},
		"parameter twice":       {func(p *Policy, _ []Responsibility) { p.Parameters[1].ID = p.Parameters[0].ID }, "cpu-threshold stands twice"},
		"parameter of nothing":  {func(p *Policy, _ []Responsibility) { p.Parameters[0].Controls = []string{"cpu"} }, "no control cpu"},
		"free figure":           {func(p *Policy, _ []Responsibility) { p.Parameters[0].Weaker = "" }, "that nothing weakens"},
		"row of no clause":      {func(_ *Policy, r []Responsibility) { r[1].Clauses = []string{"MCS.ENC.T1"} }, "no clause MCS.ENC.T1"},
		"row without letters":   {func(_ *Policy, r []Responsibility) { r[1].Provider = "C" }, "want one side that answers"},
		"fit":                   {func(_ *Policy, r []Responsibility) { r[1].Fit = "none" }, `fit "none" with 1 clauses`},
		"note in one language":  {func(_ *Policy, r []Responsibility) { r[1].NoteFR = "" }, "no text in fr"},
	} {
		p, err := load(embedded)
		if err != nil {
			t.Fatal(err)
		}
		rows := slices.Clone(matrix(t))
		c.plant(p, rows)
		if got := faults(p, rows); !slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, c.want) }) {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}
