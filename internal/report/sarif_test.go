package report

import (
	"encoding/json"
	"strings"
	"testing"

	"vigie/internal/control"
	"vigie/internal/lang"
)

type sarifDoc struct {
	Runs []struct {
		Language string
		Results  []struct {
			RuleID              string
			RuleIndex           int
			Kind, Level         string
			Message             struct{ Text string }
			PartialFingerprints map[string]string
			Suppressions        []struct{ Kind, Status, Justification string }
			Locations           []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine int }
				}
				LogicalLocations []struct{ FullyQualifiedName string }
			}
		}
		Invocations []struct {
			ExecutionSuccessful        bool
			ExitCode                   int
			ToolExecutionNotifications []struct {
				Level   string
				Message struct{ Text string }
			}
		}
		Tool struct {
			Driver struct {
				Name  string
				Rules []struct {
					ID                   string
					Help                 struct{ Text, Markdown string }
					DefaultConfiguration struct{ Level string }
					Relationships        []struct{ Target struct{ ID string } }
					Properties           struct{ Tags []string }
				}
			}
		}
		Taxonomies []struct {
			Taxa []struct {
				ID         string
				Properties struct{ State string }
			}
		}
	}
}

func sarifOf(t *testing.T, s *stream, l lang.Lang) sarifDoc {
	t.Helper()
	var doc sarifDoc
	if err := json.Unmarshal(export(t, "sarif", s, l), &doc); err != nil || len(doc.Runs) != 1 {
		t.Fatalf("%v, %d runs", err, len(doc.Runs))
	}
	return doc
}

// TestSARIF holds what stands in the results: a failure with its level and place, an unknown that is open, who answers
// for what is suppressed, rules with a help.
func TestSARIF(t *testing.T) {
	for name, s := range streams(t) {
		run := sarifOf(t, s, "en").Runs[0]
		var want []*Finding
		for _, f := range s.findings {
			if f.Verdict == control.Fail || f.Verdict == control.Unknown {
				want = append(want, f)
			}
		}
		if len(run.Results) != len(want) {
			t.Fatalf("%s: %d results, want %d", name, len(run.Results), len(want))
		}
		for i, f := range want {
			r := run.Results[i]
			level := map[control.Severity]string{control.Critical: "error", control.High: "error", control.Medium: "warning", control.Low: "note"}[f.Severity()]
			kind := "fail"
			if f.Verdict == control.Unknown {
				kind, level = "open", "none"
			}
			suppressed := 0
			if f.Waiver != nil {
				suppressed++
			}
			if f.Baselined {
				suppressed++
			}
			if r.RuleID != f.Control.ID || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.Kind != kind || r.Level != level ||
				r.PartialFingerprints["vigie/v1"] != f.Fingerprint() || len(r.Suppressions) != suppressed || r.Suppressions == nil {
				t.Errorf("%s: result %d of %s %s is %+v", name, i, f.Control.ID, f.Subject, r)
			}
			at := r.Locations[0].PhysicalLocation
			if f.Place.File != "" && (at.ArtifactLocation.URI != fileURI(f.Place.File, "") || at.Region.StartLine != lineOf(f)) {
				t.Errorf("%s: result %d is placed at %+v, want %s", name, i, at, place(f))
			}
			if f.Place.File == "" && name == "sample" && at.ArtifactLocation.URI != "examples/boutique" {
				t.Errorf("a result without a file is placed at %+v", at)
			}
		}
		if n := len(run.Invocations[0].ToolExecutionNotifications); n != len(s.gaps) {
			t.Errorf("%s: %d notifications of %d gaps", name, n, len(s.gaps))
		}
		if len(run.Taxonomies[0].Taxa) != len(s.clauses) {
			t.Errorf("%s: %d clauses, want %d", name, len(run.Taxonomies[0].Taxa), len(s.clauses))
		}
		if run.Invocations[0].ExecutionSuccessful == s.sum.Empty {
			t.Errorf("%s: successful and empty: %v", name, s.sum.Empty)
		}
	}
}

func TestSARIFWords(t *testing.T) {
	run := sarifOf(t, sample(t), "fr").Runs[0]
	if run.Language != "fr" || !strings.Contains(run.Results[0].Message.Text, "contient un secret en texte clair (non montré). Remède\u00a0: le mettre") {
		t.Errorf("%s: %s", run.Language, run.Results[0].Message.Text)
	}
	for _, r := range run.Results {
		if len(r.Suppressions) == 1 && r.Suppressions[0].Status != "accepted" {
			t.Errorf("%+v", r.Suppressions)
		}
	}
	rule := run.Tool.Driver.Rules[0]
	for _, want := range []string{"### `env`", "```\nenv:\n", "Remède"} {
		if !strings.Contains(rule.Help.Markdown, want) {
			t.Errorf("the help of %s lacks %q:\n%s", rule.ID, want, rule.Help.Markdown)
		}
	}
	if rule.DefaultConfiguration.Level != "error" || rule.Properties.Tags[0] != "security" || rule.Relationships[1].Target.ID != "MCS.SEC.R1" {
		t.Errorf("the rule %+v", rule)
	}
	if got := fenced("a\n```\nb\n"); got != "````\na\n```\nb\n````" {
		t.Errorf("%q", got)
	}
}
