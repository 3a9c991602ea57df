package trial

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	sentences "vigie/internal/lang"
	"vigie/internal/source"
)

// recorder keeps what a case gave, as want lines.
type recorder struct {
	dir    string
	cov    *Coverage
	got    []line
	wrong  []string
	unread []inventory.Unread
}

type line struct{ text, place string }

// Begin implements scan.Handler.
func (r *recorder) Begin(inv *inventory.Inventory, _ source.Stats) error {
	r.unread = inv.Unread
	return nil
}

// Finding implements scan.Handler.
func (r *recorder) Finding(f *control.Finding) error {
	r.note(f)
	l := line{text: f.Verdict.String() + " " + f.Subject.Short()}
	if p := f.Part.String(); p != "" {
		l.text += ", " + p
	}
	if f.Reason != "" {
		l.text += ": " + f.Reason
	}
	l.text = strings.TrimSpace(l.text) // the cluster as a whole has no name
	if f.Place.File != "" {
		rel, err := filepath.Rel(r.dir, f.Place.File)
		if err != nil {
			return err
		}
		l.place = fmt.Sprintf("%s:%d", filepath.ToSlash(rel), f.Line())
	}
	r.got = append(r.got, l)
	return nil
}

func (r *recorder) fault(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// note counts what the finding shows, and holds its sentence to its values.
func (r *recorder) note(f *control.Finding) {
	r.cov.Reasons[f.Reason] = true
	r.cov.Pass = r.cov.Pass || f.Verdict == control.Pass
	for _, g := range f.Gaps {
		r.cov.Gap = r.cov.Gap || g.State.IsGap()
		r.cov.Partial = r.cov.Partial || g.State == inventory.Partial
	}
	if f.Reason == control.ReasonBroken {
		r.fault("the control panicked: %v", f.Values["panic"])
		return
	}
	if f.Reason == "" || f.Reason == control.ReasonGap {
		return
	}
	for _, lang := range control.Languages() {
		d, err := f.Control.Doc(lang)
		if err != nil {
			r.fault("%v", err)
			return
		}
		sentence := sentences.Parse(d.Reasons[f.Reason].Message)
		for _, name := range sentence.Names() {
			v, ok := f.Values[name]
			switch {
			case !ok:
				r.fault("%s: %s: the sentence of %s names {%s}, the finding has no such value", f.Subject.Short(), lang, f.Reason, name)
			case sentences.Empty(v) && !sentence.MayBeEmpty(name):
				r.fault("%s: %s: the sentence of %s names {%s}, which is empty in this finding", f.Subject.Short(), lang, f.Reason, name)
			}
		}
	}
}

func (r *recorder) compare(want string) {
	var got, wanted []string
	places := map[string]string{}
	for _, l := range strings.Split(strings.TrimSpace(want), "\n") {
		text, place, _ := strings.Cut(strings.TrimSpace(l), " @ ")
		if text != "" {
			wanted = append(wanted, text)
			places[text] = place
		}
	}
	for _, l := range r.got {
		got = append(got, l.text)
		if p := places[l.text]; p != "" && p != l.place {
			r.fault("%s: at %s, want %s", l.text, l.place, p)
		}
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		r.fault("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"))
		for _, u := range r.unread {
			r.fault("not read: %s:%d %s", filepath.Base(u.Place.File), u.Place.Line, u.Reason)
		}
	}
}
