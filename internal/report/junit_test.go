package report

import (
	"encoding/xml"
	"strings"
	"testing"

	"vigie/internal/control"
)

type junitOutcome struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Body    string `xml:",chardata"`
}

type junitDoc struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Suites   []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Name    string        `xml:"name,attr"`
			Class   string        `xml:"classname,attr"`
			Failure *junitOutcome `xml:"failure"`
			Error   *junitOutcome `xml:"error"`
			Skipped *junitOutcome `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func junitOf(t *testing.T, s *stream) (doc junitDoc) {
	t.Helper()
	if err := xml.Unmarshal(export(t, "junit", s, "en"), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestJUnit holds that a case passes only where the finding does, and that the counts are those of the cases.
func TestJUnit(t *testing.T) {
	for name, s := range streams(t) {
		doc := junitOf(t, s)
		kinds, passed := map[string]int{}, 0
		tests, failures, errs := 0, 0, 0
		for _, suite := range doc.Suites {
			skipped, failed, broken, names := 0, 0, 0, map[string]bool{}
			for _, c := range suite.Cases {
				if names[c.Name] || c.Class != "vigie."+suite.Name {
					t.Errorf("%s: the case %q of %s stands twice, or in %s", name, c.Name, suite.Name, c.Class)
				}
				names[c.Name] = true
				switch {
				case c.Failure != nil:
					failed++
					kinds["fail"]++
				case c.Error != nil:
					broken++
					kinds["error"]++
				case c.Skipped != nil:
					skipped++
					kinds[c.Skipped.Type]++
					if c.Skipped.Message == "" {
						t.Errorf("%s: %s is skipped without a word", name, c.Name)
					}
				default:
					passed++
				}
			}
			if suite.Tests != len(suite.Cases) || suite.Skipped != skipped || suite.Failures != failed || suite.Errors != broken {
				t.Errorf("%s: the counts of %s do not agree: %d %d %d %d", name, suite.Name, suite.Tests, suite.Failures, suite.Errors, suite.Skipped)
			}
			tests, failures, errs = tests+suite.Tests, failures+suite.Failures, errs+suite.Errors
		}
		if doc.Tests != tests || doc.Failures != failures || doc.Errors != errs || tests != len(s.findings)+len(s.gaps) {
			t.Errorf("%s: %d cases of %d findings and %d gaps", name, doc.Tests, len(s.findings), len(s.gaps))
		}
		broken := 0
		for _, f := range s.findings {
			if f.Reason == control.ReasonBroken {
				broken++
			}
		}
		if passed != s.sum.Verdicts[control.Pass] || kinds["fail"] != s.sum.counted() || kinds["error"] != broken ||
			kinds["unknown"] != s.sum.Verdicts[control.Unknown]-broken+len(s.gaps) || kinds["waived"] != s.sum.Waived ||
			kinds["baselined"] != s.sum.Baselined || kinds["not-applicable"] != s.sum.Verdicts[control.NotApplicable] {
			t.Errorf("%s: %d passed, %v; the summary says %+v", name, passed, kinds, s.sum)
		}
	}
}

// TestJUnitBody holds that a failure says where it stands and what to copy.
func TestJUnitBody(t *testing.T) {
	doc := junitOf(t, sample(t))
	for _, suite := range doc.Suites {
		if suite.Name != "plain-secret" {
			continue
		}
		f := suite.Cases[0].Failure
		for _, want := range []string{"prod/Deployment/payment", "payment/deploy.yaml:41", "SEC.R1 ", "\n  valueFrom:\n"} {
			if !strings.Contains(f.Body, want) {
				t.Errorf("the failure lacks %q:\n%s", want, f.Body)
			}
		}
		if f.Type != "critical" || suite.Cases[0].Name != "prod/Deployment/payment, env PSP_TOKEN" {
			t.Errorf("%s %s", f.Type, suite.Cases[0].Name)
		}
	}
}
