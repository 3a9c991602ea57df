package controls_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigie/internal/control"
	"vigie/internal/controls"
	"vigie/internal/policy"
)

// TestAll holds every control complete, listed, and as the catalogue has it.
func TestAll(t *testing.T) {
	all := controls.All()
	if err := control.Validate(all); err != nil {
		t.Fatal(err)
	}
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, c := range all {
		listed[strings.ReplaceAll(c.ID, "-", "")] = true
		planned, ok := p.Planned(c.ID)
		if !ok {
			t.Errorf("%s is not in the catalogue", c.ID)
			continue
		}
		if planned.Severity != c.Severity.String() || planned.Scope != c.Scope.String() || !slices.Equal(slices.Sorted(slices.Values(planned.Clauses)), slices.Sorted(slices.Values(c.Clauses))) {
			t.Errorf("%s: %s %s %v, the catalogue has %s %s %v", c.ID, c.Severity, c.Scope, c.Clauses, planned.Severity, planned.Scope, planned.Clauses)
		}
		for _, id := range c.Params {
			par, ok := p.Parameter(id)
			if !ok || !slices.Contains(par.Controls, c.ID) {
				t.Errorf("%s reads the parameter %s, which the policy does not give it", c.ID, id)
			}
		}
	}
	folders, err := filepath.Glob("*/doc.en.md")
	if err != nil || len(folders) == 0 {
		t.Fatal("no control's folder")
	}
	for _, f := range folders {
		if !listed[filepath.Dir(f)] {
			t.Errorf("%s is in no list: go generate ./internal/controls", filepath.Dir(f))
		}
	}
	if src, err := os.ReadFile("all.go"); err != nil || strings.Count(string(src), ".Control,") != len(folders) {
		t.Errorf("all.go lists not what is there (%v): go generate ./internal/controls", err)
	}
}
