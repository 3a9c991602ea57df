package controls_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/control"
	"vigie/internal/control/trial"
	"vigie/internal/controls"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source/git/gittest"
)

// TestGapNeverPasses holds the first law of the product over every control and every case of its own: what is taken
// out of sight, one input at a time, in one space or in all, never turns what was not a pass into one.
func TestGapNeverPasses(t *testing.T) {
	mutations := 0
	for _, c := range controls.All() {
		files, err := filepath.Glob(filepath.Join(strings.ReplaceAll(c.ID, "-", ""), "testdata", "*.txtar"))
		if err != nil || len(files) == 0 {
			t.Errorf("%s: no case", c.ID)
		}
		for _, file := range files {
			mutations += gapsOf(t, c, file)
		}
	}
	fmt.Printf("inputs taken away: %d\n", mutations)
	if mutations < 500 {
		t.Errorf("only %d inputs were taken away: the test sees too little", mutations)
	}
}

func gapsOf(t *testing.T, c *control.Control, file string) (n int) {
	o, err := trial.Open(file, t.TempDir(), []*control.Control{c}, func(path string, trees []map[string]string) { gittest.New(t, path).Linear(trees...) })
	if err != nil {
		t.Fatal(err)
	}
	inv, _, err := o.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	set := o.Settings(inv)
	whole := verdicts(t, c, inv, set, o)
	for _, in := range c.Inputs() {
		if in == kinds.TrustRoots {
			continue // what the tenant declares, as a parameter is: nobody looks for it, so nobody can fail to see it
		}
		for _, spaces := range choices(inv, in) {
			for _, st := range []inventory.State{inventory.Denied, inventory.NotCollected} {
				if st == inventory.NotCollected && strings.HasSuffix(in.Name(), ".authorization.openshift.io") {
					continue // a cluster serves these objects in Kubernetes' group too, and that list was read whole
				}
				n++
				b := inv.Edit(inv.At)
				for _, s := range spaces {
					b.SetState(in, s, st, "taken away by a test")
				}
				for key, v := range verdicts(t, c, b.Freeze(), set, o) {
					before, there := whole[key]
					if v == control.Pass && there && before != control.Pass {
						t.Errorf("%s: %s: %s in %v is %s: %s passes, and was %s", c.ID, filepath.Base(file), in.Name(), spaces, st, key, before)
					}
				}
			}
		}
	}
	return n
}

// choices are the sets of spaces from which an input is taken: each by itself, and all.
func choices(inv *inventory.Inventory, in inventory.Input) (out [][]inventory.Space) {
	if in.PerCluster() {
		return [][]inventory.Space{{inventory.Cluster}}
	}
	for _, s := range inv.Spaces() {
		out = append(out, []inventory.Space{s})
	}
	if len(out) > 1 {
		out = append(out, inv.Spaces())
	}
	return out
}

// verdicts are the worst verdict of each subject and part.
func verdicts(t *testing.T, c *control.Control, inv *inventory.Inventory, set control.Settings, o *trial.Opened) map[string]control.Verdict {
	t.Helper()
	rank := map[control.Verdict]int{}
	for i, v := range control.Verdicts() {
		rank[v] = i
	}
	out := map[string]control.Verdict{}
	err := control.Run(context.Background(), inv, []*control.Control{c}, set, o.Now, func(f *control.Finding) error {
		if f.Reason == control.ReasonBroken {
			t.Errorf("%s: panicked: %v", c.ID, f.Values["panic"])
		}
		key := fmt.Sprintf("%s, %s, document %d", f.Subject, f.Part, f.Place.Doc)
		if old, ok := out[key]; !ok || rank[f.Verdict] < rank[old] {
			out[key] = f.Verdict
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
