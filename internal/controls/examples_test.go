package controls_test

import (
	"os"
	"path/filepath"
	"testing"

	"vigie/internal/app"
	"vigie/internal/control"
	"vigie/internal/controls"
	"vigie/internal/posture"
	"vigie/internal/report"
)

// tally counts what each control says over examples.
type tally map[string]map[control.Verdict]int

func (tally) Meta(report.Meta) error       { return nil }
func (tally) Gap(report.Gap) error         { return nil }
func (tally) Clause(posture.Clause) error  { return nil }
func (tally) Summary(report.Summary) error { return nil }
func (n tally) Finding(f *report.Finding) error {
	if n[f.Control.ID] == nil {
		n[f.Control.ID] = map[control.Verdict]int{}
	}
	n[f.Control.ID][f.Verdict]++
	return nil
}

// TestExamples holds the examples to show what the product finds: every control fails somewhere in them, and passes
// somewhere, so that a reader finds each fault, and its mend, in a file that works.
func TestExamples(t *testing.T) {
	n := tally{}
	dirs, err := filepath.Glob("../../examples/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if st, err := os.Stat(dir); err != nil || !st.IsDir() || filepath.Base(dir) == "checks" {
			continue
		}
		t.Chdir(dir)
		c, err := app.NewCheck(app.CheckOptions{Paths: []string{"."}, Facts: existing("facts.yaml"), Lang: "en"})
		if err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		if _, _, err := c.Run(t.Context(), n); err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		t.Chdir("../../internal/controls")
	}
	for _, c := range controls.All() {
		for _, v := range []control.Verdict{control.Fail, control.Pass} {
			if n[c.ID][v] == 0 {
				t.Errorf("%s: nothing in examples/ is a %s: %v", c.ID, v, n[c.ID])
			}
		}
	}
}

func existing(file string) string {
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}
