package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	oscal "github.com/defenseunicorns/go-oscal/src/types/oscal-1-1-3"

	"vigie/internal/control"
	"vigie/internal/posture"
)

func oscalOf(t *testing.T, s *stream) *oscal.AssessmentResults {
	t.Helper()
	var doc oscal.OscalModels
	dec := json.NewDecoder(bytes.NewReader(export(t, "oscal", s, "en")))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil || doc.AssessmentResults == nil || len(doc.AssessmentResults.Results) != 1 {
		t.Fatalf("no assessment results: %v", err)
	}
	return doc.AssessmentResults
}

func all[T any](list *[]T) []T {
	if list == nil {
		return nil
	}
	return *list
}

func propOf(list *[]oscal.Property, name string) string {
	for _, p := range all(list) {
		if p.Name == name && p.Ns == oscalSpace {
			return p.Value
		}
	}
	return ""
}

// TestOSCALStates holds that nothing but a clause that holds is satisfied, and that each state can be told.
func TestOSCALStates(t *testing.T) {
	want := map[posture.State][2]string{
		posture.Pass: {"satisfied", "pass"}, posture.Fail: {"not-satisfied", "fail"}, posture.Unknown: {"not-satisfied", "other"},
		posture.Waived: {"not-satisfied", "other"}, posture.Deviates: {"not-satisfied", "other"},
	}
	for name, s := range streams(t) {
		r := oscalOf(t, s).Results[0]
		byID := map[string]oscal.Finding{}
		for _, f := range all(r.Findings) {
			byID[f.Target.TargetId] = f
		}
		in, out := map[string]bool{}, map[string]bool{}
		for _, c := range all(r.ReviewedControls.ControlSelections[0].IncludeControls) {
			in[c.ControlId] = true
		}
		for _, c := range all(r.ReviewedControls.ControlSelections[0].ExcludeControls) {
			out[c.ControlId] = true
		}
		if len(in)+len(out) != len(s.clauses) || len(byID) != len(in) {
			t.Errorf("%s: %d clauses: %d reviewed, %d excluded, %d findings", name, len(s.clauses), len(in), len(out), len(byID))
		}
		for _, c := range s.clauses {
			f, ok := byID[c.ID]
			if c.State == posture.NotApplicable {
				if ok || !out[c.ID] {
					t.Errorf("%s: %s is not applicable, and a finding", name, c.ID)
				}
				continue
			}
			if got := [2]string{f.Target.Status.State, f.Target.Status.Reason}; got != want[c.State] || !in[c.ID] || propOf(f.Props, "state") != c.State.String() {
				t.Errorf("%s: %s is %s, and its finding %v %s", name, c.ID, c.State, got, propOf(f.Props, "state"))
			}
		}
	}
}

// TestOSCALReferences holds that each identifier is one thing's alone, and that what is referred to is there.
func TestOSCALReferences(t *testing.T) {
	for name, s := range streams(t) {
		doc := oscalOf(t, s)
		r := doc.Results[0]
		kinds := map[string]string{}
		define := func(kind, id string) {
			if kinds[id] != "" {
				t.Errorf("%s: %s is a %s and a %s", name, id, kinds[id], kind)
			}
			if id[14] != '5' {
				t.Errorf("%s: %s is not of version 5", name, id)
			}
			kinds[id] = kind
		}
		refer := func(kind, id string) {
			if kinds[id] != kind {
				t.Errorf("%s: no %s is %s", name, kind, id)
			}
		}
		define("document", doc.UUID)
		define("result", r.UUID)
		define("resource", (*doc.BackMatter.Resources)[0].UUID)
		for _, c := range all(r.LocalDefinitions.Components) {
			define("tool", c.UUID)
		}
		for _, i := range all(r.LocalDefinitions.InventoryItems) {
			define("item", i.UUID)
		}
		for _, o := range all(r.Observations) {
			define("observation", o.UUID)
		}
		for _, k := range all(r.Risks) {
			define("risk", k.UUID)
		}
		refer("resource", strings.TrimPrefix(doc.ImportAp.Href, "#"))
		for _, o := range all(r.Observations) {
			for _, sub := range all(o.Subjects) {
				refer("item", sub.SubjectUuid)
			}
			for _, origin := range all(o.Origins) {
				refer("tool", origin.Actors[0].ActorUuid)
			}
		}
		for _, k := range all(r.Risks) {
			for _, o := range all(k.RelatedObservations) {
				refer("observation", o.ObservationUuid)
			}
		}
		for _, f := range all(r.Findings) {
			define("finding", f.UUID)
			for _, o := range all(f.RelatedObservations) {
				refer("observation", o.ObservationUuid)
			}
			for _, k := range all(f.RelatedRisks) {
				refer("risk", k.RiskUuid)
			}
		}
	}
}

// TestOSCALSeen holds what an observation says: when, how long it is good for, by what method, of what.
func TestOSCALSeen(t *testing.T) {
	s := twice(t)
	r := oscalOf(t, s).Results[0]
	seen := all(r.Observations)
	words := 0
	for _, c := range s.clauses {
		if c.Ground == posture.Declared || c.Ground == posture.Attested {
			words++
		}
	}
	if words == 0 || len(seen) != len(s.gaps)+len(s.findings)+words {
		t.Fatalf("%d observations of %d findings, %d gaps, %d words", len(seen), len(s.findings), len(s.gaps), words)
	}
	for i, f := range s.findings {
		o := seen[len(s.gaps)+i]
		if propOf(o.Props, "fingerprint") != f.Fingerprint() || o.Methods[0] != "EXAMINE" || propOf(o.Props, "verdict") != f.Verdict.String() {
			t.Errorf("observation %d: %+v", i, o)
		}
		if (o.Expires == nil) != f.Until.IsZero() || o.Expires != nil && !o.Expires.Equal(f.Until) {
			t.Errorf("observation %d expires at %v, want %v", i, o.Expires, f.Until)
		}
		if stale := !f.Until.IsZero() && f.Until.Before(noon); stale != (propOf(o.Props, "stale") == "true") {
			t.Errorf("observation %d: stale is %v", i, stale)
		}
		if (propOf(o.Props, "waived-until") != "") != (f.Waiver != nil) {
			t.Errorf("observation %d: its waiver is not told", i)
		}
	}
	if last := seen[len(seen)-1]; last.Methods[0] != "INTERVIEW" {
		t.Errorf("a word is observed by %s", last.Methods)
	}
	s.meta.Source = "live"
	if o := all(oscalOf(t, s).Results[0].Observations)[0]; o.Methods[0] != "TEST" {
		t.Errorf("a running cluster is observed by %s", o.Methods)
	}
}

// TestOSCALRisks holds that failures that are alike are one risk, and that a waiver makes another, with its end.
func TestOSCALRisks(t *testing.T) {
	s := sample(t)
	risks := map[string]oscal.Risk{}
	for _, k := range all(oscalOf(t, s).Results[0].Risks) {
		risks[propOf(k.Props, "control")+" "+propOf(k.Props, "reason")+" "+k.Status] = k
	}
	if len(risks) != 5 {
		t.Errorf("%d risks", len(risks))
	}
	open, waived := risks["image-pinned latest open"], risks["image-pinned latest deviation-approved"]
	if n := len(all(open.RelatedObservations)); n != 13 || open.Deadline != nil {
		t.Errorf("%d failures are open, until %v", n, open.Deadline)
	}
	if n := len(all(waived.RelatedObservations)); n != 1 || waived.Deadline == nil || !strings.Contains(waived.Statement, "the supplier publishes this tag only") {
		t.Errorf("%d failures are waived: %+v", n, waived)
	}
	if fix := all(risks["plain-secret env open"].Remediations); len(fix) != 1 || !strings.Contains(fix[0].Description, "```\nenv:") {
		t.Errorf("the remedy is %+v", fix)
	}
	if f := (*risks["plain-secret env open"].Characterizations)[0].Facets[0]; f.Value != control.Critical.String() {
		t.Errorf("the severity is %+v", f)
	}
}

func TestMarkup(t *testing.T) {
	if got := markup("*a* {{ insert: param, x }} <b> & `c`"); got != "\\*a\\* \\{\\{ insert: param, x \\}\\} &lt;b&gt; &amp; \\`c\\`" {
		t.Errorf("%q", got)
	}
	if p := prop("x", "  \n "); p.Value != `\n` {
		t.Errorf("%q", p.Value)
	}
	if got := props(prop("a", ""), prop("b", " ")); got != nil {
		t.Errorf("%v", got)
	}
}
