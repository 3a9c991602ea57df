package rollouthealthy

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"vigie/internal/control"
	"vigie/internal/control/controltest"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

// TestAfter holds n periods after a moment, whatever the zone of this process.
func TestAfter(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("far", 9*3600)
	for _, c := range []struct {
		schedule, zone, from string
		n                    int
		want                 string // empty: never
	}{
		{"0 1 * * *", "", "2026-11-22T01:05:00Z", 3, "2026-11-25T01:05:00Z"},
		{"0 1 * * *", "", "2026-11-22T01:00:00Z", 3, "2026-11-25T01:00:00Z"},
		{"0 1 * * *", "", "2026-11-22T15:00:00Z", 1, "2026-11-23T15:00:00Z"},
		{"*/5 * * * *", "", "2026-11-25T07:51:30Z", 3, "2026-11-25T08:06:30Z"},
		{"@hourly", "", "2026-11-25T04:10:00Z", 2, "2026-11-25T06:10:00Z"},
		{"@every 90m", "", "2026-11-25T04:00:00Z", 3, "2026-11-25T08:30:00Z"},
		{"@monthly", "", "2026-11-01T00:02:00Z", 2, "2027-01-01T00:02:00Z"},
		// Friday's success, weekdays alone: Monday's run is the first that can be missed.
		{"0 1 * * 1-5", "", "2026-11-20T01:05:00Z", 2, "2026-11-24T01:05:00Z"},
		{"0 9,17 * * *", "", "2026-11-24T17:10:00Z", 3, "2026-11-26T09:10:00Z"},
		// 01:30 in Paris is 00:30 UTC in winter, 23:30 UTC in summer.
		{"30 1 * * *", "Europe/Paris", "2026-11-23T00:31:00Z", 1, "2026-11-24T00:31:00Z"},
		{"TZ=Asia/Tokyo 0 9 * * *", "", "2026-11-24T00:10:00Z", 1, "2026-11-25T00:10:00Z"},
		{"CRON_TZ=Asia/Tokyo 0 9 * * *", "Europe/Paris", "2026-11-24T00:10:00Z", 1, "2026-11-25T00:10:00Z"},
		{"0 0 29 2 *", "", "2024-02-29T00:10:00Z", 1, "2028-02-29T00:10:00Z"},
		{"0 0 30 2 *", "", "2026-11-24T00:00:00Z", 3, ""},
	} {
		sched, err := parseSchedule(cronJobOf(c.schedule, c.zone))
		if err != nil {
			t.Errorf("%s: %v", c.schedule, err)
			continue
		}
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		got := kinds.Periods(sched, from, c.n)
		text := ""
		if !got.IsZero() {
			text = got.UTC().Format(time.RFC3339)
		}
		if text != c.want {
			t.Errorf("%s %s: %d periods after %s: %s, want %s", c.schedule, c.zone, c.n, c.from, text, c.want)
		}
	}
}

func TestBadSchedules(t *testing.T) {
	for _, c := range [][2]string{
		{"whenever", ""}, {"", ""}, {"* * * *", ""}, {"* * * * * *", ""}, {"0 25 * * *", ""}, {"*/0 * * * *", ""},
		{"@sometimes", ""}, {"@every", ""}, {"0 0 * * 7", ""}, {"TZ=UTC", ""}, {"TZ=UTC TZ=UTC 0 1 * * *", ""},
		{"TZ=Local 0 1 * * *", ""}, {"0 1 * * *", "Local"}, {"0 1 * * *", "Mars/Olympus"}, {"0 1 * * *", "UTC 0"},
	} {
		if _, err := parseSchedule(cronJobOf(c[0], c[1])); err == nil {
			t.Errorf("%q in %q was read", c[0], c[1])
		}
	}
	empty := ""
	o := cronJobOf("@daily", "")
	o.Spec.TimeZone = &empty
	if _, err := parseSchedule(o); err == nil {
		t.Error("an empty time zone was read")
	}
}

func cronJobOf(schedule, zone string) *batchv1.CronJob {
	o := &batchv1.CronJob{}
	o.Spec.Schedule = schedule
	if zone != "" {
		o.Spec.TimeZone = &zone
	}
	return o
}

// untils keeps when time alone changes a verdict, by subject.
type untils map[string]string

func (u untils) Begin(*inventory.Inventory, source.Stats) error { return nil }

func (u untils) Finding(f *control.Finding) error {
	if !f.Until.IsZero() {
		u[f.Verdict.String()+" "+f.Subject.Short()] = f.Until.UTC().Format(time.RFC3339)
	}
	return nil
}

// TestUntil holds the first moment at which a verdict that hangs on the clock can change.
func TestUntil(t *testing.T) {
	now := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "objects.yaml")
	const objects = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: down, namespace: shop}
spec: {replicas: 2, template: {spec: {containers: [{name: a, image: "a:1"}]}}}
status: {observedGeneration: 1, replicas: 2, conditions: [{type: Available, status: "False", lastTransitionTime: "2026-11-25T07:50:00Z"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: good, namespace: shop}
spec: {template: {spec: {containers: [{name: a, image: "a:1"}]}}}
status: {observedGeneration: 1, replicas: 1, availableReplicas: 1}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: night, namespace: shop}
spec: {schedule: "0 1 * * *", jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: "a:1"}]}}}}}
status: {lastSuccessfulTime: "2026-11-24T01:10:00Z"}
`
	if err := os.WriteFile(path, []byte(objects), 0o600); err != nil {
		t.Fatal(err)
	}
	got := untils{}
	scan := controltest.Scan(&given.Facts{Now: &now}, []string{path}, []*control.Control{Control}, controltest.Parameters(t, ""))
	if _, err := scan.Run(context.Background(), func() time.Duration { return 0 }, got); err != nil {
		t.Fatal(err)
	}
	want := untils{"pass Deployment shop/down": "2026-11-25T08:05:00Z", "pass CronJob shop/night": "2026-11-27T01:10:00Z"}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: until %s, want %s", k, got[k], v)
		}
	}
}
