// Package controltest runs a control over the txtar cases of its testdata folder, through the same reader and
// engine as the program.
//
// A case holds a comment that says what it shows, then sections: facts.yaml (optional: see package given),
// parameters (optional: lines "id value"), any number of manifests (*.yaml, *.json), and want, one line a finding:
//
//	fail Deployment shop/web, container app: no-tag
//	pass PodDisruptionBudget shop/web
//	unknown Namespace shop: gap
//
// Manifests below commits/1, commits/2 and so on are the trees of the commits of a repository, oldest first: the case is
// then read from its last one, with its history.
//
// A want line may end in " @ objects.yaml:12", which also holds the place of the finding. The cases of a control
// together must give every reason that it declares, a pass, a gap and a partial input.
package controltest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"vigie/internal/control"
	"vigie/internal/gather"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
	"vigie/internal/scan"
	"vigie/internal/source"
	"vigie/internal/source/files"
	"vigie/internal/source/git"
	"vigie/internal/source/git/gittest"
	"vigie/internal/source/secrets"
)

// clock is the moment of a case that names none.
var clock = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

// Run runs every testdata/*.txtar of the caller's folder.
func Run(t *testing.T, c *control.Control) {
	t.Helper()
	if err := control.Validate([]*control.Control{c}); err != nil {
		t.Fatal(err)
	}
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no testdata/*.txtar")
	}
	cov := coverage{reasons: map[string]bool{}}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runCase(t, c, file, &cov) })
	}
	cov.check(t, c)
}

// coverage is what the cases of a control showed together.
type coverage struct {
	reasons            map[string]bool
	pass, gap, partial bool
}

func (cov *coverage) check(t *testing.T, c *control.Control) {
	t.Helper()
	for _, r := range c.Reasons {
		if !cov.reasons[r.Key] {
			t.Errorf("no case gives the reason %q", r.Key)
		}
	}
	if !cov.pass {
		t.Error("no case passes")
	}
	if !cov.gap {
		t.Error("no case has a gap in a need of the control")
	}
	if !cov.partial && !onlyFacts(c) {
		t.Error("no case has a partial input")
	}
}

// onlyFacts reports a control that reads no list: a fact is there or it is not, it cannot be partial.
func onlyFacts(c *control.Control) bool {
	return !slices.ContainsFunc(c.Needs, func(in inventory.Input) bool {
		return in == kinds.Objects || slices.ContainsFunc(kinds.Entries(), func(e kinds.Entry) bool { return e.Input == in })
	})
}

func runCase(t *testing.T, c *control.Control, file string, cov *coverage) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	facts, params, want := &given.Facts{}, "", ""
	var commits []map[string]string
	for _, f := range a.Files {
		switch f.Name {
		case "facts.yaml":
			if facts, err = given.Parse(f.Data); err != nil {
				t.Fatal(err)
			}
		case "parameters":
			params = string(f.Data)
		case "want":
			want = string(f.Data)
		default:
			if n, name, ok := ofCommit(f.Name); ok {
				for len(commits) < n {
					commits = append(commits, map[string]string{})
				}
				commits[n-1][name] = string(f.Data)
				continue
			}
			path := filepath.Join(dir, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	h := &recorder{t: t, dir: dir, cov: cov}
	s := Scan(facts, []string{dir}, []*control.Control{c}, Parameters(t, params))
	if commits != nil {
		gittest.New(t, filepath.Join(dir, ".git")).Linear(commits...)
		s.Source = &git.Source{Paths: []string{dir}, History: true, Intake: intakeOf(facts, kinds.FromGit)}
	}
	if _, err := s.Run(context.Background(), func() time.Duration { return 0 }, h); err != nil {
		t.Fatal(err)
	}
	h.compare(want)
}

// Parameters reads lines "id value" into a Settings.Parameter.
func Parameters(t testing.TB, lines string) func(string, inventory.Space) policy.Value {
	t.Helper()
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{}
	for _, l := range strings.Split(strings.TrimSpace(lines), "\n") {
		if id, v, ok := strings.Cut(l, " "); ok {
			set[id] = strings.TrimSpace(v)
		}
	}
	return func(id string, _ inventory.Space) policy.Value {
		par, ok := p.Parameter(id)
		if !ok {
			t.Fatalf("parameter %q is not the policy's", id)
		}
		text := par.Default
		if v, ok := set[id]; ok {
			text = v
		}
		v, err := par.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Scan is a scan of paths with the facts that a case states.
func Scan(facts *given.Facts, paths []string, cs []*control.Control, parameter func(string, inventory.Space) policy.Value) scan.Scan {
	now := clock
	if facts.Now != nil {
		now = *facts.Now
	}
	origin := kinds.FromFiles
	if facts.Source != "" {
		origin = kinds.Origin(facts.Source)
	}
	return scan.Scan{
		Unset: facts.Unset(), Controls: cs, Now: now, Gatherers: []gather.Gatherer{facts},
		Source:   &files.Source{Paths: paths, Intake: intakeOf(facts, origin)},
		Settings: func(*inventory.Inventory) control.Settings { return settings(facts, parameter) },
	}
}

func intakeOf(facts *given.Facts, origin kinds.Origin) func(*inventory.Builder) *source.Intake {
	return func(b *inventory.Builder) *source.Intake {
		return &source.Intake{Builder: b, Scanner: secrets.New(secrets.Options{}), Origin: origin, Target: facts.TargetNamespace}
	}
}

// ofCommit takes "commits/N/NAME" apart.
func ofCommit(file string) (n int, name string, ok bool) {
	rest, ok := strings.CutPrefix(file, "commits/")
	number, name, deep := strings.Cut(rest, "/")
	n, err := strconv.Atoi(number)
	return n, name, ok && deep && err == nil && n > 0 && n < 100
}

func settings(facts *given.Facts, parameter func(string, inventory.Space) policy.Value) control.Settings {
	version := func(s string) control.Version {
		v, err := control.ParseVersion(s)
		if err != nil {
			return control.Version{}
		}
		return v
	}
	set := control.Settings{
		Platform: control.Plain, Cluster: version(facts.ClusterVersion), Target: version(facts.TargetVersion),
		Parameter:   control.WithFigures(facts.Figure, parameter),
		Environment: func(inventory.Space, map[string]string) string { return facts.Environment },
	}
	if facts.Platform != "" {
		set.Platform = control.Platform(facts.Platform)
	}
	return set
}

// recorder keeps what a case gave, as want lines.
type recorder struct {
	t   *testing.T
	dir string
	cov *coverage
	got []line
}

type line struct{ text, place string }

// Begin implements scan.Handler.
func (r *recorder) Begin(inv *inventory.Inventory, _ source.Stats) error {
	for _, u := range inv.Unread {
		r.t.Logf("not read: %s:%d %s", filepath.Base(u.Place.File), u.Place.Line, u.Reason)
	}
	return nil
}

// Finding implements scan.Handler.
func (r *recorder) Finding(f *control.Finding) error {
	r.note(f)
	l := line{text: f.Verdict.String() + " " + f.Subject.Short()}
	if p := f.Part.String(); p != "" {
		l.text += ", " + p
	}
	if f.Reason != "" {
		l.text += ": " + f.Reason
	}
	if f.Place.File != "" {
		rel, err := filepath.Rel(r.dir, f.Place.File)
		if err != nil {
			return err
		}
		l.place = fmt.Sprintf("%s:%d", filepath.ToSlash(rel), f.Line())
	}
	r.got = append(r.got, l)
	return nil
}

// note counts what the finding shows, and holds its sentence to its values.
func (r *recorder) note(f *control.Finding) {
	r.cov.reasons[f.Reason] = true
	r.cov.pass = r.cov.pass || f.Verdict == control.Pass
	for _, g := range f.Gaps {
		r.cov.gap = r.cov.gap || g.State.IsGap()
		r.cov.partial = r.cov.partial || g.State == inventory.Partial
	}
	if f.Reason == control.ReasonBroken {
		r.t.Errorf("the control panicked: %v", f.Values["panic"])
		return
	}
	if f.Reason == "" || f.Reason == control.ReasonGap {
		return
	}
	for _, lang := range control.Languages() {
		d, err := f.Control.Doc(lang)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, name := range control.Placeholders(d.Reasons[f.Reason].Message) {
			if _, ok := f.Values[name]; !ok {
				r.t.Errorf("%s: %s: the sentence of %s names {%s}, the finding has no such value", f.Subject.Short(), lang, f.Reason, name)
			}
		}
	}
}

func (r *recorder) compare(want string) {
	r.t.Helper()
	var got, wanted []string
	places := map[string]string{}
	for _, l := range strings.Split(strings.TrimSpace(want), "\n") {
		text, place, _ := strings.Cut(strings.TrimSpace(l), " @ ")
		if text != "" {
			wanted = append(wanted, text)
			places[text] = place
		}
	}
	for _, l := range r.got {
		got = append(got, l.text)
		if p := places[l.text]; p != "" && p != l.place {
			r.t.Errorf("%s: at %s, want %s", l.text, l.place, p)
		}
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		r.t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"))
	}
}
