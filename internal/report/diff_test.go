package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/posture"
	"vigie/internal/register"
)

// result is a stream of a few findings.
func result(fs ...*Finding) *stream {
	s := &stream{meta: Meta{Version: "1", Lang: "en", At: noon, Tenant: "boutique", Controls: map[string]int{"plain-secret": 2, "drain-blocked": 1, "image-pinned": 3}}, findings: fs}
	s.count()
	return s
}

func latest(name string) *Finding {
	return found(imagePinned, control.Fail, "latest", ref("Deployment", "prod", name), name+".yaml", 3, control.Values{"container": "app", "image": "app:latest"})
}

func passes(name string) *Finding {
	return found(imagePinned, control.Pass, "", ref("Deployment", "prod", name), name+".yaml", 1, nil)
}

func waivedUntil(f *Finding, end time.Time) *Finding {
	f.Waiver = &register.Waiver{Control: f.Control.ID, Subject: f.Subject.Short(), Reason: "why", Approver: "me", Expires: end}
	return f
}

func names(fs []Finding) (out []string) {
	for _, f := range fs {
		out = append(out, f.Subject.Name)
	}
	return out
}

// said is the differences in short.
func said(c Changes) string {
	var changed []string
	for _, ch := range c.Changed {
		changed = append(changed, ch.After.Subject.Name+" "+strings.Join(ch.What, "+"))
	}
	return fmt.Sprintf("new %v mended %v gone %v lost %v changed %v same %d", names(c.New), names(c.Mended), names(c.Gone), names(c.Lost), changed, c.Same)
}

func diffOf(t *testing.T, before, after *stream) Changes {
	t.Helper()
	c, err := Known(known).Diff(bytes.NewReader(jsonOf(t, before)), bytes.NewReader(jsonOf(t, after)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDiff(t *testing.T) {
	end := noon.Add(240 * time.Hour)
	moved, other, grave := latest("a"), latest("a"), latest("a")
	moved.Place = inventory.Place{File: "elsewhere.yaml", Line: 9}
	other.Values = control.Values{"container": "app", "image": "app2:latest"}
	severe := *imagePinned
	severe.Severity, severe.Version = control.High, 4
	grave.Control = &severe
	lineOnly := latest("a")
	lineOnly.Place.Line = 77
	unknownA := found(imagePinned, control.Unknown, "tag-not-seen", ref("Deployment", "prod", "a"), "a.yaml", 1, control.Values{"tag": "x"})
	gap := func(r inventory.Ref) *Finding {
		return found(imagePinned, control.Unknown, control.ReasonGap, r, "", 0, nil)
	}
	notRun := result()
	notRun.meta.Controls = map[string]int{"plain-secret": 2}
	unread := result()
	unread.gaps = []Gap{UnreadGap(inventory.Unread{Place: inventory.Place{File: "a.yaml", Line: 2}, Reason: "yaml-syntax"})}
	for _, c := range []struct {
		name          string
		before, after *stream
		want          string
	}{
		{"nothing changed", result(latest("a")), result(latest("a")), "new [] mended [] gone [] lost [] changed [] same 1"},
		{"new", result(passes("a")), result(latest("a")), "new [a] mended [] gone [] lost [] changed [] same 0"},
		{"mended", result(latest("a")), result(passes("a")), "new [] mended [a] gone [] lost [] changed [] same 0"},
		{"the object is not there", result(latest("a")), result(passes("b")), "new [] mended [] gone [a] lost [] changed [] same 0"},
		{"the object is unknown", result(latest("a")), result(unknownA), "new [] mended [] gone [] lost [a] changed [] same 0"},
		{"the namespace is unknown", result(latest("a")), result(passes("b"), gap(inventory.Ref{Kind: "Namespace", Name: "prod"})), "new [] mended [] gone [] lost [a] changed [] same 0"},
		{"another namespace is unknown", result(latest("a")), result(passes("a"), gap(inventory.Ref{Kind: "Namespace", Name: "staging"})), "new [] mended [a] gone [] lost [] changed [] same 0"},
		{"the tenant is unknown", result(latest("a")), result(gap(inventory.Ref{Kind: "Tenant"})), "new [] mended [] gone [] lost [a] changed [] same 0"},
		{"the control did not run", result(latest("a")), notRun, "new [] mended [] gone [] lost [a] changed [] same 0"},
		{"the file was not understood", result(latest("a")), unread, "new [] mended [] gone [] lost [a] changed [] same 0"},
		{"moved to another file", result(latest("a")), result(moved), "new [] mended [] gone [] lost [] changed [a place] same 0"},
		{"moved in its file", result(latest("a")), result(lineOnly), "new [] mended [] gone [] lost [] changed [] same 1"},
		{"other values", result(latest("a")), result(other), "new [] mended [] gone [] lost [] changed [a values] same 0"},
		{"graver", result(latest("a")), result(grave), "new [] mended [] gone [] lost [] changed [a severity] same 0"},
		{"a waiver came", result(latest("a")), result(waivedUntil(latest("a"), end)), "new [] mended [] gone [] lost [] changed [a waiver] same 0"},
		{"a waiver ended", result(waivedUntil(latest("a"), end)), result(latest("a")), "new [a] mended [] gone [] lost [] changed [] same 0"},
		{"a waiver was prolonged", result(waivedUntil(latest("a"), end)), result(waivedUntil(latest("a"), end.Add(time.Hour))), "new [] mended [] gone [] lost [] changed [a waiver] same 0"},
		{"waived from the first day", result(passes("a")), result(waivedUntil(latest("a"), end)), "new [] mended [] gone [] lost [] changed [] same 0"},
		{"still waived", result(waivedUntil(latest("a"), end)), result(waivedUntil(latest("a"), end)), "new [] mended [] gone [] lost [] changed [] same 0"},
	} {
		if got := said(diffOf(t, c.before, c.after)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestDiffGolden(t *testing.T) {
	before, after := sample(t), sample(t)
	after.meta.At = noon.Add(24 * time.Hour)
	after.findings = after.findings[1:] // cart's secret is not there
	after.findings = append(after.findings, found(plainSecret, control.Pass, "", ref("Deployment", "prod", "payment"), "payment/deploy.yaml", 1, nil), latest("fresh"))
	after.findings[2].Values = control.Values{"min": 3, "count": 3}
	for i, f := range after.findings {
		if f.Waiver != nil {
			after.findings[i] = latest("stock-db")
			after.findings[i].Subject = f.Subject
			after.findings[i].Part = f.Part
		}
	}
	for i := range after.clauses {
		if after.clauses[i].ID == "MCS.ENC.R2" {
			after.clauses[i].State = posture.Fail
		}
	}
	after.count()
	c := diffOf(t, before, after)
	for _, l := range lang.All() {
		var out bytes.Buffer
		if err := c.Write(&out, l); err != nil {
			t.Fatal(err)
		}
		golden(t, "diff."+string(l)+".txt", out.Bytes())
	}
	var out bytes.Buffer
	if err := c.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "diff.jsonl", out.Bytes())
	count := map[string]int{}
	var sum map[string]int
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var l map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &l); err != nil || len(l) != 1 {
			t.Fatalf("%v: %s", err, line)
		}
		for kind, v := range l {
			count[kind]++
			if kind == "summary" {
				if err := json.Unmarshal(v, &sum); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for kind, n := range sum {
		if kind == "clauses" {
			kind = "clause"
		}
		if kind != "same" && count[kind] != n {
			t.Errorf("%d lines of %s, and the summary says %d", count[kind], kind, n)
		}
	}
}

func TestDiffRefuses(t *testing.T) {
	good := jsonOf(t, sample(t))
	for _, c := range []struct {
		before, after, want string
	}{{"x", string(good), "first result: "}, {string(good), "", "second result: "}} {
		if _, err := Diff(strings.NewReader(c.before), strings.NewReader(c.after)); !errors.Is(err, ErrNotKept) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	c := diffOf(t, sample(t), result())
	if err := c.Write(&failing{10}, "fr"); !errors.Is(err, errFull) {
		t.Errorf("%v, want the writer's error", err)
	}
	if err := c.WriteJSON(&failing{10}); !errors.Is(err, errFull) {
		t.Errorf("%v, want the writer's error", err)
	}
}
