package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vigie/internal/app/config"
	"vigie/internal/control"
	"vigie/internal/control/trial"
	"vigie/internal/controls"
	"vigie/internal/controls/own"
	"vigie/internal/policy"
)

// Checks finds the checks of one's own: in the files and folders named, else in those that the configuration names
// (configPath, or vigie.yaml where it is there).
func Checks(paths []string, configPath, lang string) ([]own.Check, error) {
	p, err := policy.Load()
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		path, err := config.Find(".", configPath)
		if err != nil {
			return nil, &UsageError{err}
		}
		c, err := config.Load(path)
		if err != nil {
			return nil, refusedIn(err, lang)
		}
		paths = c.CheckFiles()
	}
	return ownChecks(paths, p)
}

func ownChecks(paths []string, p *policy.Policy) ([]own.Check, error) {
	checks, err := own.Load(paths, p)
	if err != nil {
		return nil, &UsageError{err}
	}
	return checks, nil
}

func ids(checks []own.Check) (out []string) {
	for _, c := range checks {
		out = append(out, c.ID)
	}
	return out
}

// Controls lists every control: the product's, then those of one's own.
func Controls(checks []own.Check) []*control.Control {
	all := slices.Clone(controls.All())
	for _, c := range checks {
		all = append(all, c.Control)
	}
	return all
}

// A Tested is what the cases of one check gave.
type Tested struct {
	Check  own.Check
	Cases  int
	Failed int
	Faults []string // each names the case, or what no case shows
}

// TestChecks runs the cases of each check: testdata/ID/*.txtar beside its file. A check without cases is a fault: what
// nothing has tried is not known to work.
func TestChecks(checks []own.Check) ([]Tested, error) {
	var out []Tested
	for _, c := range checks {
		t, err := testCheck(c)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func testCheck(c own.Check) (Tested, error) {
	t := Tested{Check: c}
	pattern := filepath.Join(filepath.Dir(c.File), "testdata", c.ID, "*.txtar")
	files, err := filepath.Glob(pattern)
	if err != nil {
		return t, fmt.Errorf("find cases: %w", err)
	}
	if len(files) == 0 {
		t.Faults = []string{"no case: want " + filepath.ToSlash(pattern)}
		return t, nil
	}
	cov := &trial.Coverage{Reasons: map[string]bool{own.NotEvaluated: true}} // an expression that never fails to be evaluated is as it should be
	for _, f := range files {
		t.Cases++
		wrong, err := runCase(c.Control, f, cov)
		if err != nil {
			wrong = []string{err.Error()}
		}
		if len(wrong) > 0 {
			t.Failed++
			t.Faults = append(t.Faults, filepath.ToSlash(f)+": "+strings.Join(wrong, "\n"))
		}
	}
	t.Faults = append(t.Faults, cov.Missing(c.Control)...)
	return t, nil
}

func runCase(c *control.Control, file string, cov *trial.Coverage) (wrong []string, err error) {
	dir, err := os.MkdirTemp("", "vigie-case-*")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the case: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return trial.Case(c, file, dir, cov, nil)
}
