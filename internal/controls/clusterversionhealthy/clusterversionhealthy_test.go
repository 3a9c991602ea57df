package clusterversionhealthy

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vigie/internal/control"
	"vigie/internal/control/controltest"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/source"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

// untils keeps when time alone changes a verdict, by condition.
type untils map[string]string

func (u untils) Begin(*inventory.Inventory, source.Stats) error { return nil }

func (u untils) Finding(f *control.Finding) error {
	if !f.Until.IsZero() {
		u[f.Verdict.String()+" "+f.Part.Name] = f.Until.UTC().Format(time.RFC3339)
	}
	return nil
}

// TestUntil holds that an update within its time is said to be so until it is not.
func TestUntil(t *testing.T) {
	now := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "version.yaml")
	const object = `
apiVersion: config.openshift.io/v1
kind: ClusterVersion
metadata: {name: version}
status:
  desired: {version: 4.20.3}
  conditions:
  - {type: Available, status: "True"}
  - {type: Failing, status: "False"}
  - {type: Progressing, status: "True", lastTransitionTime: "2026-11-25T07:00:00Z"}
`
	if err := os.WriteFile(path, []byte(object), 0o600); err != nil {
		t.Fatal(err)
	}
	got := untils{}
	scan := controltest.Scan(&given.Facts{Now: &now}, []string{path}, []*control.Control{Control}, controltest.Parameters(t, ""))
	if _, err := scan.Run(context.Background(), func() time.Duration { return 0 }, got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got["pass Progressing"] != "2026-11-25T08:30:00Z" {
		t.Errorf("got %v, want the update alone until 08:30", got)
	}
}
