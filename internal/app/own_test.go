package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/app"
)

// TestExampleChecks runs the cases of the checks that the example tenant wrote.
func TestExampleChecks(t *testing.T) {
	checks, err := app.Checks([]string{"../../examples/checks"}, "", "en")
	if err != nil {
		t.Fatal(err)
	}
	tested, err := app.TestChecks(checks)
	if err != nil {
		t.Fatal(err)
	}
	if len(tested) != 3 {
		t.Errorf("%d checks, want 3", len(tested))
	}
	for _, r := range tested {
		if r.Cases == 0 || r.Failed > 0 || len(r.Faults) > 0 {
			t.Errorf("%s: %d cases, %d failed: %s", r.Check.ID, r.Cases, r.Failed, strings.Join(r.Faults, "\n"))
		}
	}
}

// TestFaultsAreSaid holds that a case that is wrong, a reason without a case and a check without any are faults.
func TestFaultsAreSaid(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile("../../examples/checks/boutique.yaml")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(whole), "\n---\n")
	file := filepath.Join(dir, "checks.yaml")
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, first)
	faults := func() string {
		t.Helper()
		checks, err := app.Checks([]string{file}, "", "en")
		if err != nil {
			t.Fatal(err)
		}
		tested, err := app.TestChecks(checks)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(tested[0].Faults, "\n")
	}
	if got := faults(); !strings.Contains(got, "no case: want ") {
		t.Errorf("without a case: %s", got)
	}
	at := filepath.Join(dir, "testdata", "boutique-cost-centre", "a.txtar")
	write(at, "wrong\n-- objects.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: []}\n-- want --\npass Pod shop/a\n")
	for _, want := range []string{"a.txtar: got:", "fail Pod shop/a: no-cost-centre", `no case gives the reason "malformed"`, "no case passes"} {
		if got := faults(); !strings.Contains(got, want) {
			t.Errorf("a wrong case: %s\nwant %q", got, want)
		}
	}
	write(at, "no want\n-- objects.yaml --\napiVersion: v1\n")
	if got := faults(); !strings.Contains(got, "no section want") {
		t.Errorf("a case without want: %s", got)
	}
	write(at, "out\n-- ../out.yaml --\nx\n-- want --\n")
	if got := faults(); !strings.Contains(got, "leads out of the case") {
		t.Errorf("a case that leads out: %s", got)
	}
}
