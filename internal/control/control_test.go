package control_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/policy"
)

type thing struct{}

var (
	t0     = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	things = &inventory.Kind[thing]{Resource: "things", Kind: "Thing"}
	others = &inventory.Kind[thing]{Resource: "others", Kind: "Other"}
	backup = &inventory.Fact[time.Time]{Key: "last backup", MaxAge: time.Hour}
	shop   = inventory.Space{Namespace: "shop"}
)

func item(ns, name string) inventory.Item[thing] {
	return inventory.Item[thing]{Ref: inventory.Ref{Kind: "Thing", Namespace: ns, Name: name}, Object: &thing{}}
}

func made(run func(*control.Eval), needs ...inventory.Input) *control.Control {
	return &control.Control{
		ID: "x", Version: 1, Clauses: []string{"A", "B"}, Scope: control.Namespace, Severity: control.High, Needs: needs, Run: run,
		Reasons: []control.Reason{
			{Key: "bad", Verdict: control.Fail}, {Key: "half", Verdict: control.Fail, Clauses: []string{"B"}, Severity: control.Low},
			{Key: "who-knows", Verdict: control.Unknown}, {Key: "note", Verdict: control.Pass},
		},
	}
}

func eval(t *testing.T, inv *inventory.Inventory, now time.Time, cs ...*control.Control) (out []control.Finding) {
	t.Helper()
	set := control.Settings{Parameter: func(string, inventory.Space) policy.Value { return policy.Value{} }}
	err := control.Run(context.Background(), inv, cs, set, now, func(f *control.Finding) error {
		out = append(out, *f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func words(fs []control.Finding) (out []string) {
	for _, f := range fs {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Verdict, f.Subject, f.Reason)))
	}
	return out
}

func TestVerdictsOfANamespace(t *testing.T) {
	each := func(e *control.Eval) {
		for _, it := range things.In(e.View) {
			control.On(e, it).FailIfWhole("bad", nil, others)
		}
	}
	build := func(f func(*inventory.Builder)) *inventory.Inventory {
		b := inventory.NewBuilder("", t0, inventory.Complete)
		b.Touch(shop)
		f(b)
		return b.Freeze()
	}
	for _, c := range []struct {
		name string
		inv  *inventory.Inventory
		want []string
	}{
		{"no subject", build(func(*inventory.Builder) {}), []string{"not-applicable Namespace shop"}},
		{"seen and whole", build(func(b *inventory.Builder) { things.Add(b, item("shop", "a")) }), []string{"fail Thing shop/a bad"}},
		{"an absence from a list that was denied", build(func(b *inventory.Builder) {
			things.Add(b, item("shop", "a"))
			b.SetState(others, shop, inventory.Denied, "list others: forbidden")
		}), []string{"unknown Thing shop/a gap", "unknown Namespace shop gap"}},
		{"an absence from a list that is partial", build(func(b *inventory.Builder) {
			things.Add(b, item("shop", "a"))
			b.Degrade(shop, "1 document was not understood")
		}), []string{"unknown Thing shop/a gap", "unknown Namespace shop gap"}},
		{"an absence from what is not served", build(func(b *inventory.Builder) {
			things.Add(b, item("shop", "a"))
			b.SetState(others, shop, inventory.NotServed, "")
		}), []string{"fail Thing shop/a bad"}},
	} {
		if got := words(eval(t, c.inv, t0, made(each, things, others))); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestPanic holds that a control that breaks says so for its namespace alone, and proves nothing there.
func TestPanic(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	things.Add(b, item("shop", "a"))
	things.Add(b, item("bank", "b"))
	inv := b.Freeze()
	broken := made(func(e *control.Eval) {
		for _, it := range things.In(e.View) {
			control.On(e, it).Pass()
			if e.Space().Namespace == "shop" {
				others.In(e.View) // not declared
			}
		}
	}, things)
	got := eval(t, inv, t0, broken)
	if w := words(got); !slices.Equal(w, []string{"pass Thing bank/b", "unknown Namespace shop control-broken"}) {
		t.Errorf("%q", w)
	}
	if got[1].Values["control"] != "x" || !strings.Contains(fmt.Sprint(got[1].Values["panic"]), "others") {
		t.Errorf("values %v: want the control and what it read", got[1].Values)
	}
}

func TestUndeclaredReasonIsBroken(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	things.Add(b, item("shop", "a"))
	for name, say := range map[string]func(control.Subject){
		"an undeclared reason":       func(s control.Subject) { s.Fail("nowhere", nil) },
		"a reason of another kind":   func(s control.Subject) { s.Fail("note", nil) },
		"a failure without a reason": func(s control.Subject) { s.Fail("", nil) },
	} {
		c := made(func(e *control.Eval) { say(control.On(e, things.In(e.View)[0])) }, things)
		if got := words(eval(t, b.Freeze(), t0, c)); !slices.Equal(got, []string{"unknown Namespace shop control-broken"}) {
			t.Errorf("%s: %q", name, got)
		}
		b = inventory.NewBuilder("", t0, inventory.Complete)
		things.Add(b, item("shop", "a"))
	}
}

func TestUntil(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	things.Add(b, item("shop", "a"))
	backup.Put(b, shop, t0, t0)
	inv := b.Freeze()
	soon := t0.Add(10 * time.Minute)
	c := made(func(e *control.Eval) {
		s := control.On(e, things.In(e.View)[0])
		s.Part("x", "fact").Pass()
		s.Part("x", "own").Until(soon).Pass()
	}, things, backup)
	got := eval(t, inv, t0, c)
	if !got[0].Until.Equal(t0.Add(time.Hour)) || !got[1].Until.Equal(soon) {
		t.Errorf("until %s and %s, want the fact's end and the control's own", got[0].Until, got[1].Until)
	}
	if w := words(eval(t, inv, t0.Add(time.Hour), c)); !slices.Contains(w, "unknown Namespace shop gap") {
		t.Errorf("after the fact's end: %q", w)
	}
}

func TestReasonDecidesClausesAndSeverity(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	things.Add(b, item("shop", "a"))
	c := made(func(e *control.Eval) {
		s := control.On(e, things.In(e.View)[0])
		s.Fail("bad", nil)
		s.Fail("half", nil)
	}, things)
	got := eval(t, b.Freeze(), t0, c)
	if !slices.Equal(got[0].Clauses(), []string{"A", "B"}) || got[0].Severity() != control.High {
		t.Errorf("%v %s", got[0].Clauses(), got[0].Severity())
	}
	if !slices.Equal(got[1].Clauses(), []string{"B"}) || got[1].Severity() != control.Low {
		t.Errorf("%v %s", got[1].Clauses(), got[1].Severity())
	}
}

func TestFingerprint(t *testing.T) {
	c := made(nil, things)
	base := control.Finding{Control: c, Subject: item("shop", "a").Ref, Part: control.Part{Kind: "container", Name: "app"}, Reason: "bad"}
	moved := base
	moved.Place = inventory.Place{File: "elsewhere.yaml", Line: 9}
	moved.Values = control.Values{"n": 1}
	moved.SeenAt = t0
	if base.Fingerprint() != moved.Fingerprint() || len(base.Fingerprint()) != 32 {
		t.Errorf("a move changed it: %s %s", base.Fingerprint(), moved.Fingerprint())
	}
	for name, change := range map[string]func(*control.Finding){
		"reason": func(f *control.Finding) { f.Reason = "half" }, "part": func(f *control.Finding) { f.Part.Name = "b" },
		"name": func(f *control.Finding) { f.Subject.Name = "b" }, "namespace": func(f *control.Finding) { f.Subject.Namespace = "b" },
		"cluster": func(f *control.Finding) { f.Subject.Cluster = "b" }, "border": func(f *control.Finding) { f.Part = control.Part{Kind: "containe", Name: "rapp"} },
	} {
		other := base
		change(&other)
		if other.Fingerprint() == base.Fingerprint() {
			t.Errorf("another %s, the same fingerprint", name)
		}
	}
}

func TestEmitErrorEnds(t *testing.T) {
	b := inventory.NewBuilder("", t0, inventory.Complete)
	for i := range 200 {
		things.Add(b, item(fmt.Sprintf("ns%03d", i), "a"))
	}
	full := errors.New("disk full")
	n := 0
	c := made(func(e *control.Eval) { control.On(e, things.In(e.View)[0]).Pass() }, things)
	err := control.Run(context.Background(), b.Freeze(), []*control.Control{c}, control.Settings{}, t0, func(*control.Finding) error {
		if n++; n == 3 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || n != 3 {
		t.Errorf("%v after %d findings", err, n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := control.Run(ctx, b.Freeze(), []*control.Control{c}, control.Settings{}, t0, func(*control.Finding) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

const doc = "# T\n\nWhy.\n\n## bad\n\nIs {n} {n|thing|things}.\n\nRemedy: mend it.\n\n```yaml\na: b\n```\n"

func TestValidate(t *testing.T) {
	fr := strings.ReplaceAll(doc, "Remedy:", "Remède\u00a0:")
	good := func() *control.Control {
		return &control.Control{
			ID: "x-y", Version: 1, Clauses: []string{"A"}, Scope: control.Namespace, Severity: control.Low, Needs: []inventory.Input{things},
			Reasons: []control.Reason{{Key: "bad", Verdict: control.Fail}}, Run: func(*control.Eval) {},
			Docs: fstest.MapFS{"doc.en.md": {Data: []byte(doc)}, "doc.fr.md": {Data: []byte(fr)}},
		}
	}
	if err := control.Validate([]*control.Control{good()}); err != nil {
		t.Fatal(err)
	}
	docs := func(en, fr string) fstest.MapFS {
		return fstest.MapFS{"doc.en.md": {Data: []byte(en)}, "doc.fr.md": {Data: []byte(fr)}}
	}
	for want, change := range map[string]func(*control.Control){
		"kebab":                  func(c *control.Control) { c.ID = "X_y" },
		"are required":           func(c *control.Control) { c.Clauses = nil },
		"scope and severity":     func(c *control.Control) { c.Severity = 0 },
		"not the control's":      func(c *control.Control) { c.Reasons[0].Clauses = []string{"Z"} },
		"doc.fr.md":              func(c *control.Control) { c.Docs = fstest.MapFS{"doc.en.md": {Data: []byte(doc)}} },
		"name different values":  func(c *control.Control) { c.Docs = docs(doc, strings.ReplaceAll(fr, "{n}", "{m}")) },
		"a sentence and a remed": func(c *control.Control) { c.Docs = docs(doc, strings.ReplaceAll(fr, "Remède\u00a0: mend it.", "")) },
		"command to copy":        func(c *control.Control) { c.Docs = docs(strings.Split(doc, "```")[0], fr) },
		"is not the control's":   func(c *control.Control) { c.Docs = docs(doc+"\n## extra\n\nX.\n\nRemedy: y.\n", fr) },
	} {
		c := good()
		change(c)
		if err := control.Validate([]*control.Control{c}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
	if err := control.Validate([]*control.Control{good(), good()}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("twice: %v", err)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]control.Version{"1.29": {Major: 1, Minor: 29}, "v1.30.2": {Major: 1, Minor: 30}, "1.9": {Major: 1, Minor: 9}} {
		if v, err := control.ParseVersion(text); err != nil || v != want {
			t.Errorf("%s: %v %v", text, v, err)
		}
	}
	for _, text := range []string{"", "1", "latest", "x1.2"} {
		if v, err := control.ParseVersion(text); err == nil {
			t.Errorf("%q: %v", text, v)
		}
	}
}
