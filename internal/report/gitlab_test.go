package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"vigie/internal/control"
)

type gitlabIssue struct {
	Description, Fingerprint, Severity string
	Check                              string `json:"check_name"`
	Location                           struct {
		Path  string
		Lines struct{ Begin int }
	}
}

// TestGitLab holds the report to GitLab's form, and that it holds what counts and what is unknown, each once.
func TestGitLab(t *testing.T) {
	schema := schemaAt(t, "testdata/gitlab.schema.json")
	for name, s := range streams(t) {
		out := export(t, "gitlab", s, "fr")
		if err := validate(schema, string(out)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var all []gitlabIssue
		if err := json.Unmarshal(out, &all); err != nil {
			t.Fatal(err)
		}
		seen, n := map[string]bool{}, map[string]int{}
		for _, is := range all {
			if seen[is.Fingerprint] {
				t.Errorf("%s: the fingerprint %s stands twice", name, is.Fingerprint)
			}
			seen[is.Fingerprint] = true
			n[is.Severity]++
		}
		gaps := 0
		for _, g := range s.gaps {
			if g.File != "" {
				gaps++
			}
		}
		for severity, want := range map[string]int{
			"blocker": s.sum.Severities[control.Critical], "critical": s.sum.Severities[control.High], "major": s.sum.Severities[control.Medium],
			"minor": s.sum.Severities[control.Low], "info": s.sum.Verdicts[control.Unknown] + gaps,
		} {
			if n[severity] != want {
				t.Errorf("%s: %d of severity %s, want %d", name, n[severity], severity, want)
			}
		}
	}
	for _, bad := range []string{`{}`, `[{"description":"x","check_name":"y","fingerprint":"z","severity":"high","location":{"path":"a","lines":{"begin":1}}}]`,
		`[{"description":"x","check_name":"y","fingerprint":"z","severity":"info","location":{"path":"/a","lines":{"begin":1}}}]`} {
		if err := validate(schema, bad); err == nil {
			t.Errorf("the schema takes %s", bad)
		}
	}
}

// TestGitLabPlaces holds that every path is relative: to the repository, to the tree, or the object's own name.
func TestGitLabPlaces(t *testing.T) {
	s := few(t)
	s.findings[0].Place.File = "/builds/shop/deploy/a.yaml"
	s.meta.Source, s.meta.Paths = "live", nil
	var out bytes.Buffer
	h, err := New("gitlab", &out, Options{Lang: "en", Base: "/builds/shop"})
	if err != nil {
		t.Fatal(err)
	}
	s.play(t, h)
	var paths []string
	var all []gitlabIssue
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	for _, is := range all {
		paths = append(paths, is.Location.Path)
	}
	if got := strings.Join(paths, " "); !strings.Contains(got, " deploy/a.yaml ") || !strings.Contains(got, " Namespace/prod") {
		t.Errorf("paths %s", got)
	}
}
