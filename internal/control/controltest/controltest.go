// Package controltest runs a control over the txtar cases of its testdata folder: see package trial for their form.
// The cases of a control together must give every reason that it declares, a pass, a gap and a partial input.
package controltest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigie/internal/control"
	"vigie/internal/control/trial"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
	"vigie/internal/scan"
	"vigie/internal/source/git/gittest"
)

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
	cov := &trial.Coverage{Reasons: map[string]bool{}}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			wrong, err := trial.Case(c, file, t.TempDir(), cov, func(path string, trees []map[string]string) { gittest.New(t, path).Linear(trees...) })
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range wrong {
				t.Error(w)
			}
		})
	}
	for _, m := range missing(c, cov) {
		t.Error(m)
	}
}

// Scan is a scan of paths with the facts that a case states.
func Scan(facts *given.Facts, paths []string, cs []*control.Control, parameter func(string, inventory.Space) policy.Value) scan.Scan {
	return trial.Scan(facts, paths, cs, parameter)
}

// Parameters reads lines "id value" into a Settings.Parameter.
func Parameters(t testing.TB, lines string) func(string, inventory.Space) policy.Value {
	t.Helper()
	parameter, err := trial.Parameters(lines)
	if err != nil {
		t.Fatal(err)
	}
	return parameter
}

// missing is what the cases of a built-in control do not show: a gap and a partial input too.
func missing(c *control.Control, cov *trial.Coverage) []string {
	out := cov.Missing(c)
	if !cov.Gap {
		out = append(out, "no case has a gap in a need of the control")
	}
	if !cov.Partial && !onlyFacts(c) {
		out = append(out, "no case has a partial input")
	}
	return out
}

// onlyFacts reports a control that reads no list: a fact is there or it is not, it cannot be partial.
func onlyFacts(c *control.Control) bool {
	return !slices.ContainsFunc(c.Needs, func(in inventory.Input) bool {
		return in == kinds.Objects || slices.ContainsFunc(kinds.Entries(), func(e kinds.Entry) bool { return e.Input == in })
	})
}
