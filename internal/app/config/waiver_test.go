package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"vigie/internal/register"
)

var clock = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

func catalogue(t testing.TB) (ids []string) {
	for _, c := range loadPolicy(t).Catalogue {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestWrongWaivers(t *testing.T) {
	rules := WaiverRules{Now: clock, MaxLength: 90 * 24 * time.Hour, Controls: catalogue(t)}
	wrong(t, "testdata/wrong-waivers.txtar", "waivers.yaml", func(name string, data []byte) Problems {
		ws, problems := ParseWaivers(name, data, rules)
		if len(ws) > 0 {
			t.Errorf("%s applies though it is not right", ws[0].Subject)
		}
		return problems
	})
}

func TestWaivers(t *testing.T) {
	const file = `# who answers for what
version: 1
waivers:
- control: probes-present
  subject: Deployment shop/web
  reason: |
    migration of the legacy front end,
    done by the end of the year
  approver: role:security-lead
  expires: 2026-12-31
- {control: vulnerability-deadline, subject: Certificate.cert-manager.io shop/*, vulnerability: CVE-2026-00001, reason: "no: not reachable", approver: Ana, expires: 2026-12-31T18:00:00+01:00}
- {control: image-pinned, subject: "ClusterRole system:x y/z", part: container app, reason: r, approver: a, expires: '2020-01-01'}
- {control: image-pinned, subject: Deployment shop/bad, reason: r, approver: a, expires: tomorrow}
- {control: image-pinned, subject: Deployment shop/last, reason: r, approver: a, expires: "2027-01-01T00:00:00.5Z"}
`
	ws, problems := ParseWaivers("w.yaml", []byte(file), WaiverRules{Now: clock, Controls: catalogue(t)})
	if len(problems) != 1 || problems[0].Waiver != 4 || problems[0].Line != 13 || problems[0].Key != "waivers.expires" || problems[0].Reason != "bad-date" {
		t.Errorf("problems: %v", problems)
	}
	want := []register.Waiver{
		{Control: "probes-present", Subject: "Deployment shop/web", Reason: "migration of the legacy front end, done by the end of the year",
			Approver: "role:security-lead", Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), File: "w.yaml", Line: 4},
		{Control: "vulnerability-deadline", Subject: "Certificate.cert-manager.io shop/*", Vulnerability: "CVE-2026-00001", Reason: "no: not reachable",
			Approver: "Ana", Expires: time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC), File: "w.yaml", Line: 11},
		{Control: "image-pinned", Subject: "ClusterRole system:x y/z", Part: "container app", Reason: "r", Approver: "a",
			Expires: time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC), File: "w.yaml", Line: 12},
		{Control: "image-pinned", Subject: "Deployment shop/last", Reason: "r", Approver: "a",
			Expires: time.Date(2027, 1, 1, 0, 0, 0, 5e8, time.UTC), File: "w.yaml", Line: 14},
	}
	for i := range ws {
		ws[i].Expires = ws[i].Expires.UTC()
	}
	if !reflect.DeepEqual(ws, want) {
		t.Errorf("got  %+v\nwant %+v", ws, want)
	}
}

// TestDayEnds holds the meaning of a day: it is in force to its last moment in UTC, and has ended at the next.
func TestDayEnds(t *testing.T) {
	e := WaiverEntry{Control: "c", Subject: "Pod a/b", Reason: "r", Approver: "a"}
	for _, c := range []struct {
		expires string
		now     string
		inForce bool
	}{
		{"2026-12-31", "2026-12-31T23:59:59.999999999Z", true},
		{"2026-12-31", "2027-01-01T00:00:00Z", false},
		{"2026-12-31", "2027-01-01T00:30:00+01:00", true},
		{"2028-02-29", "2028-02-29T12:00:00Z", true},
		{"2026-06-01T12:00:00Z", "2026-06-01T11:59:59Z", true},
		{"2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z", false}, // case 107: the end that equals now has ended
		{"2026-06-01T14:00:00+02:00", "2026-06-01T12:00:00Z", false},
	} {
		e.Expires = c.expires
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		w, problems := e.Judge("f", 3, 1, WaiverRules{Now: now})
		if len(problems) > 0 || w.InForce(now) != c.inForce {
			t.Errorf("%s at %s: in force %v, want %v (%v)", c.expires, c.now, w.InForce(now), c.inForce, problems)
		}
	}
}

// TestJudge is for entries that were read elsewhere: the facts of a case.
func TestJudge(t *testing.T) {
	e := WaiverEntry{Control: "probes-present", Subject: "Deployment shop/web", Reason: "migration", Approver: "role:security-lead", Expires: "2026-05-31 end of day"}
	_, problems := e.Judge("facts.yaml", 7, 2, WaiverRules{Now: clock})
	const en = `facts.yaml:7: waiver 2 does not apply: expires: "2026-05-31 end of day" is no date that can be read: want 2026-12-31 (that whole day, in UTC) or 2026-12-31T18:00:00+01:00`
	if problems.In("en") != en {
		t.Errorf("got  %s\nwant %s", problems.In("en"), en)
	}
	if _, problems := (WaiverEntry{}).Judge("f", 1, 1, WaiverRules{}); len(problems) != 5 {
		t.Errorf("an empty entry: %v", problems)
	}
}

func TestMaxLength(t *testing.T) {
	rules := WaiverRules{Now: clock, MaxLength: 36 * time.Hour} // until 2026-11-26T20:00:00Z
	e := WaiverEntry{Control: "c", Subject: "Pod a/b", Reason: "r", Approver: "a"}
	for expires, ok := range map[string]bool{
		"2026-11-26": true, "2026-11-27": false, "2026-11-26T20:00:00Z": true, "2026-11-26T21:00:00+01:00": true,
		"2026-11-26T20:00:01Z": false, "2020-01-01": true, "9999-12-31": false,
	} {
		e.Expires = expires
		if _, problems := e.Judge("f", 1, 1, rules); (len(problems) == 0) != ok {
			t.Errorf("%s: %v", expires, problems)
		}
	}
	for d, want := range map[time.Duration]string{24 * time.Hour: "1d", 90 * 24 * time.Hour: "90d", 36 * time.Hour: "36h0m0s", 240 * 24 * time.Hour: "240d"} {
		if got := length(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestLoadWaivers(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := "waivers: [{control: c, subject: Pod a/b, reason: r, approver: a, expires: 2026-12-31}]\n"
	paths := []string{write("a.yaml", one), filepath.Join(dir, "gone.yaml"), dir, write("empty.yaml", "# none\n"), write("none.yaml", "waivers: []\n"), write("b.yaml", one)}
	ws, problems := LoadWaivers(paths, WaiverRules{Now: clock})
	if len(ws) != 2 || ws[0].File != paths[0] || ws[1].File != paths[5] {
		t.Errorf("waivers: %+v", ws)
	}
	wantEN := paths[1] + ": cannot be read: the file does not exist: mend the path or remove it from the configuration\n" +
		dir + ": cannot be read: it is a folder: mend the path or remove it from the configuration"
	wantFR := paths[1] + ": lecture impossible\u00a0: le fichier n'existe pas\u00a0: corriger le chemin ou le retirer de la configuration\n" +
		dir + ": lecture impossible\u00a0: c'est un dossier\u00a0: corriger le chemin ou le retirer de la configuration"
	if got := problems.In("en"); got != wantEN {
		t.Errorf("got  %s\nwant %s", got, wantEN)
	}
	if got := problems.In("fr"); got != wantFR {
		t.Errorf("got  %s\nwant %s", got, wantFR)
	}
	if ws, problems := LoadWaivers(nil, WaiverRules{}); ws != nil || problems.Err() != nil {
		t.Errorf("no files: %v, %v", ws, problems)
	}
}

func TestSubject(t *testing.T) {
	for s, want := range map[string]string{ // "": right as it is; "-": wrong, and nothing near
		"Deployment shop/web": "", "Namespace shop": "", "HelmRelease.helm.sh shop/web": "", "Deployment sh?p/*": "",
		"User CN=a b,O=c/d": "", "ClusterRoleBinding system:x": "", "Deployment.apps shop/web": "",
		"Deployment": "-", "shop/web": "-", "Deployment  shop/web": "Deployment shop/web", " shop/web": "-",
		"statefulset shop/db": "StatefulSet shop/db", "Deployment/shop/web": "Deployment shop/web", "a/b/c/d": "-",
		"shop/Route/web": "Route shop/web", "MyThing/web": "MyThing web", "mything/web": "-", "Deployment.Apps x/y": "Deployment.apps x/y",
	} {
		near, ok := subject(s)
		if got := map[bool]string{true: "", false: near}[ok]; !ok && near == "" {
			if want != "-" {
				t.Errorf("%q: wrong, and nothing near; want %q", s, want)
			}
		} else if got != want || strings.TrimSpace(got) != got {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
