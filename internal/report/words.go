package report

import (
	"fmt"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// words is how one language says the events of a stream: by the catalogue, and by the documents of the controls. It
// reads each document once. It is for one goroutine.
type words struct {
	lang.Lang
	docs map[string]doc // by the control's id
}

// doc is one control's document, made ready.
type doc struct {
	title, why string
	reasons    map[string]reasonDoc
}

type reasonDoc struct {
	message, remedy lang.Template
	example         string
}

func newWords(l lang.Lang) *words { return &words{Lang: l, docs: map[string]doc{}} }

// doc gives the document of a control; an empty one where this version has none.
func (w *words) doc(c *control.Control) doc {
	if d, ok := w.docs[c.ID]; ok {
		return d
	}
	d := doc{}
	if c.Docs != nil || c.Texts != nil {
		if read, err := c.Doc(string(w.Lang)); err == nil { // a broken document is held by the controls' own tests
			d = doc{title: w.Typeset(read.Title), why: w.Typeset(read.Why), reasons: map[string]reasonDoc{}}
			for key, r := range read.Reasons {
				d.reasons[key] = reasonDoc{lang.Parse(w.Typeset(r.Message)), lang.Parse(w.Typeset(r.Remedy)), r.Example}
			}
		}
	}
	w.docs[c.ID] = d
	return d
}

// title names a control in words, or by its id where this version does not have it.
func (w *words) title(c *control.Control) string {
	if t := w.doc(c).title; t != "" {
		return t
	}
	return c.ID
}

// message is the sentence of a finding: never empty, never with an escape of the input.
func (w *words) message(f *Finding) string {
	switch f.Reason {
	case "":
		return w.Say("verdict."+f.Verdict.String(), nil)
	case control.ReasonGap:
		return w.gapMessage(f.Gaps)
	case control.ReasonBroken:
		return w.Say("broken", f.Values)
	}
	r, ok := w.doc(f.Control).reasons[f.Reason]
	switch {
	case ok && (f.Said == "" || r.message.Complete(f.Values)):
		return string(r.message.Append(nil, w.Lang, f.Values))
	case f.Said != "":
		return lang.Safe(f.Said)
	}
	return lang.Safe(f.Reason)
}

// remedy says what to do, in one line, and what to copy. Both may be empty.
func (w *words) remedy(f *Finding) (line, example string) {
	switch f.Reason {
	case control.ReasonGap:
		return w.gapRemedy(f.Gaps)
	case control.ReasonBroken:
		return w.Say("broken.remedy", nil), ""
	}
	r := w.doc(f.Control).reasons[f.Reason]
	return strings.TrimSuffix(string(r.remedy.Append(nil, w.Lang, f.Values)), "."), r.example
}

// object is a subject as a person reads it: namespace/Kind/name, the kind with its group where people write that.
func (w *words) object(r inventory.Ref) string {
	kind, _, _ := strings.Cut(r.Short(), " ")
	switch {
	case r.Kind == "Tenant" && r.Name == "":
		return w.Say("subject.tenant", nil)
	case r.Kind == "Cluster" && r.Name == "":
		return w.Say("subject.cluster", nil)
	case r.Kind == "Namespace" && r.Name == "":
		return w.root(r.Root)
	case r.Kind == "Namespace":
		return "Namespace/" + lang.Safe(r.Name)
	case r.Namespace != "":
		return lang.Safe(r.Namespace + "/" + kind + "/" + r.Name)
	case r.Root != "" && r.Root != ".":
		return lang.Safe("(" + r.Root + ")/" + kind + "/" + r.Name)
	}
	return lang.Safe(kind + "/" + r.Name)
}

// objectPart is object with the part, unless the sentence names it already.
func (w *words) objectPart(f *Finding, message string) string {
	s := w.object(f.Subject)
	if f.Part.Name == "" || strings.Contains(message, lang.Safe(f.Part.Name)) {
		return s
	}
	kind := f.Part.Kind
	if lang.Has("part." + kind) {
		kind = w.Say("part."+kind, nil)
	}
	return s + ", " + lang.Safe(kind) + " " + lang.Safe(f.Part.Name)
}

// place is file:line; empty for what was read from no file.
func place(f *Finding) string {
	switch line := lineOf(f); {
	case f.Place.File == "":
		return ""
	case line > 0:
		return fmt.Sprintf("%s:%d", lang.Safe(f.Place.File), line)
	}
	return lang.Safe(f.Place.File)
}

func (w *words) severity(s control.Severity) string { return w.Say("severity."+s.String(), nil) }

func (w *words) state(s posture.State) string { return w.Say("state."+s.String(), nil) }

// states counts clauses of one state: "48 unknown", "3 non conformes".
func (w *words) states(s posture.State, n int) string {
	return w.Say("states."+s.String(), lang.Values{"n": n})
}

func (w *words) ground(g posture.Ground) string {
	if key := "ground." + string(g); lang.Has(key) {
		return w.Say(key, nil)
	}
	return lang.Safe(string(g))
}

// cause says for n clauses why they are unknown, and what would tell.
func (w *words) cause(c posture.Cause, n int) (why, step string) {
	if !lang.Has("cause." + string(c)) { // a stream of another version may name one that is not known here
		return lang.Safe(string(c)), ""
	}
	return w.Say("cause."+string(c), lang.Values{"n": n}), w.Say("step."+string(c), nil)
}

// waiver says until when, by whom and why.
func (w *words) waiver(f *Finding) string {
	return w.Say("waiver", lang.Values{"end": w.End(f.Waiver.Expires), "approver": f.Waiver.Approver, "reason": f.Waiver.Reason})
}

// chapterWord is what a chapter is called in a table.
func (w *words) chapterWord(ch *chapter) string {
	if key := "chapter." + ch.Key; lang.Has(key) {
		return w.Say(key, nil)
	}
	return ch.Title.In(string(w.Lang))
}

// shortIDs are the clauses of a finding as people cite them.
func shortIDs(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = policy.ShortID(id)
	}
	return out
}

func chapterOf(clause string) string {
	key, _, _ := strings.Cut(policy.ShortID(clause), ".")
	return key
}
