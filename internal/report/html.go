package report

import (
	"bufio"
	"embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

//go:embed page.html page.css
var page embed.FS

// htmlHandler gathers a check and writes one page at its end: one file, no network, both languages.
type htmlHandler struct {
	w       io.Writer
	first   lang.Lang
	meta    Meta
	gaps    []Gap
	found   []Finding
	clauses []posture.Clause
}

// NewHTML makes the handler of the page. first is the language that it opens in; the other is behind a switch.
func NewHTML(w io.Writer, first lang.Lang) Handler { return &htmlHandler{w: w, first: first} }

func (h *htmlHandler) Meta(m Meta) error {
	h.meta = m
	return nil
}

func (h *htmlHandler) Gap(g Gap) error {
	h.gaps = append(h.gaps, g)
	return nil
}

func (h *htmlHandler) Finding(f *Finding) error {
	if f.Verdict == control.Fail || f.Verdict == control.Unknown {
		h.found = append(h.found, *f)
	}
	return nil
}

func (h *htmlHandler) Clause(c posture.Clause) error {
	h.clauses = append(h.clauses, c)
	return nil
}

func (h *htmlHandler) Summary(s Summary) error {
	slices.SortStableFunc(h.found, worse)
	css, err := page.ReadFile("page.css")
	if err != nil {
		return err
	}
	t, err := template.New("page.html").Funcs(template.FuncMap{"both": both}).ParseFS(page, "page.html")
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(h.w, 64<<10)
	data := pageData{
		First: string(h.first), CSS: template.CSS(css), // the package's own file
		Views: []view{h.view(lang.English, s), h.view(lang.French, s)},
	}
	if h.first == lang.French {
		slices.Reverse(data.Views)
	}
	if err := t.Execute(b, data); err != nil {
		return err
	}
	return b.Flush()
}

// both gives a word in the language of a view.
func both(l, en, fr string) string { return lang.Lang(l).T(en, fr) }

type pageData struct {
	First string
	CSS   template.CSS
	Views []view
}

// A view is the page in one language.
type view struct {
	Lang, Title, Scope, Moment, Eyes, Exit, NoEnvironment string
	Tiles                                                 []tile
	Chapters                                              []chapterView
	Findings                                              []findingView
	Unknowns                                              []findingView
	MoreUnknown                                           int
	Causes                                                []causeView
	Gaps                                                  []gapView
	Clauses                                               []clauseView
	Total                                                 string
	Good                                                  string
}

type tile struct {
	State, Word string
	N           string
}

type chapterView struct {
	Key, Title string
	Bars       []bar
	Words      string
}

type bar struct {
	State string
	X, W  float64
	N     int
}

type findingView struct {
	Severity, SeverityWord, Verdict, Clauses, Object, Part, Message, Place, Remedy, Example, Waiver, Control, Team string
	Baselined                                                                                                      bool
}

type causeView struct{ N, Words, Step string }

type gapView struct{ Where, What string }

type clauseView struct {
	ID, Title, State, StateWord, Ground, Owner, Seen, Causes, Side string
}

// unknownsShown bounds the unknown findings on a page: beyond, the JSON has them all.
const unknownsShown = 500

func (h *htmlHandler) view(l lang.Lang, s Summary) view {
	m := h.meta
	v := view{
		Lang: string(l), Title: lang.Safe(m.Tenant), Scope: lang.Safe(strings.Join(m.Paths, " ")), Moment: l.Moment(m.At),
		Eyes: l.T("Files only: no cluster, no metrics, no provider.", "Fichiers seuls\u00a0: ni cluster, ni mesures, ni fournisseur."),
		Exit: exitWords(s, l),
	}
	if v.Title == "" {
		v.Title = v.Scope
	}
	if !m.EnvironmentsSet {
		v.NoEnvironment = l.T("No environment is declared: nothing counts as production.", "Aucun environnement n'est déclaré\u00a0: rien ne compte comme production.")
	}
	for _, st := range posture.States() {
		v.Tiles = append(v.Tiles, tile{st.String(), in(stateWords[st], l), l.Int(s.Clauses[st])})
	}
	v.Total = fmt.Sprintf(l.T("%s in %s, %s", "%s dans %s, %s"), l.Count(s.Objects, l.T("object", "objet"), l.T("objects", "objets")),
		l.Count(s.Files, l.T("file", "fichier"), l.T("files", "fichiers")), l.Count(s.Namespaces, l.T("namespace", "espace de noms"), l.T("namespaces", "espaces de noms")))
	v.Chapters, v.Clauses = h.chapters(l), h.clauseRows(l)
	for i := range h.found {
		f := &h.found[i]
		if f.Verdict == control.Fail {
			v.Findings = append(v.Findings, oneFinding(f, l))
		} else if len(v.Unknowns) < unknownsShown {
			v.Unknowns = append(v.Unknowns, oneFinding(f, l))
		} else {
			v.MoreUnknown++
		}
	}
	if s.Empty {
		v.Good = l.T("No object was read: nothing was evaluated, and nothing holds.", "Aucun objet n'a été lu\u00a0: rien n'a été évalué, et rien n'est établi.")
	} else if len(v.Findings) == 0 {
		v.Good = fmt.Sprintf(l.T("No finding fails. %d clauses stay unknown: none of them counts as passed.", "Aucun constat n'est non conforme. %d clauses restent non vérifiables\u00a0: aucune ne compte comme conforme."), s.Clauses[posture.Unknown])
	}
	v.Causes = h.causes(l)
	for _, g := range h.gaps {
		w := gapView{Where: g.Input, What: lang.Safe(g.Sentence(l))}
		if g.Space.Namespace != "" {
			w.Where += " (" + lang.Safe(g.Space.Namespace) + ")"
		}
		if g.File != "" {
			w.Where = lang.Safe(g.File)
			if g.Line > 0 {
				w.Where += fmt.Sprintf(":%d", g.Line)
			}
		}
		v.Gaps = append(v.Gaps, w)
	}
	return v
}

func oneFinding(f *Finding, l lang.Lang) findingView {
	remedy, example := f.Remedy(l)
	v := findingView{
		Severity: f.Severity().String(), SeverityWord: in(severityWords[f.Severity()], l), Verdict: f.Verdict.String(),
		Object: lang.Safe(Object(f.Subject)), Part: lang.Safe(f.Part.String()), Message: lang.Safe(f.Message(l)),
		Remedy: lang.Safe(remedy), Example: strings.TrimRight(example, "\n"), Control: f.Control.ID, Team: lang.Safe(f.Team), Baselined: f.Baselined,
	}
	var ids []string
	for _, id := range f.Clauses() {
		ids = append(ids, policy.ShortID(id))
	}
	v.Clauses = strings.Join(ids, " ")
	if f.Place.File != "" {
		v.Place = fmt.Sprintf("%s:%d", lang.Safe(f.Place.File), f.place())
	}
	if w := f.Waiver; w != nil {
		v.Waiver = fmt.Sprintf(l.T("Waived until %s by %s: %s", "Sous dérogation jusqu'au %s, par %s\u00a0: %s"), l.End(w.Expires), lang.Safe(w.Approver), lang.Safe(w.Reason))
	}
	return v
}

func (h *htmlHandler) chapters(l lang.Lang) (out []chapterView) {
	pol, err := policy.Load()
	if err != nil {
		return nil
	}
	for _, ch := range pol.Chapters {
		by, total := map[posture.State]int{}, 0
		for _, c := range h.clauses {
			if chapterOf(c.ID) == ch.Key {
				by[c.State]++
				total++
			}
		}
		if total == 0 {
			continue
		}
		v := chapterView{Key: ch.Key, Title: ch.Title.In(string(l))}
		x, words := 0.0, []string{}
		for _, st := range posture.States() {
			if n := by[st]; n > 0 {
				w := 100 * float64(n) / float64(total)
				v.Bars = append(v.Bars, bar{st.String(), x, w, n})
				x += w
				words = append(words, fmt.Sprintf("%d %s", n, in(stateWords[st], l)))
			}
		}
		v.Words = strings.Join(words, ", ")
		out = append(out, v)
	}
	return out
}

func (h *htmlHandler) clauseRows(l lang.Lang) (out []clauseView) {
	for _, c := range h.clauses {
		v := clauseView{
			ID: c.ID, Title: clauseTitle(c.ID, l), State: c.State.String(), StateWord: in(stateWords[c.State], l), Ground: in(groundWords[c.Ground], l),
			Owner: lang.Safe(c.Owner), Seen: fmt.Sprintf(l.T("%d of %d", "%d sur %d"), c.Seen, c.Of),
		}
		if v.Owner == "" {
			v.Owner = "--"
		}
		var why []string
		for _, b := range c.Causes {
			w := in(causeWords[b.Cause].one, l)
			if b.Control != "" {
				w = b.Control + l.T(": ", "\u00a0: ") + w
			}
			why = append(why, w)
		}
		v.Causes = strings.Join(why, "; ")
		out = append(out, v)
	}
	return out
}

func (h *htmlHandler) causes(l lang.Lang) (out []causeView) {
	by := map[posture.Cause]int{}
	for _, c := range h.clauses {
		if c.State == posture.Unknown && len(c.Causes) > 0 {
			by[c.Causes[0].Cause]++
		}
	}
	for _, c := range posture.Causes() {
		if n := by[c]; n > 0 {
			w := causeWords[c]
			noun := w.many
			if l.One(n) {
				noun = w.one
			}
			out = append(out, causeView{l.Int(n), in(noun, l), in(w.step, l)})
		}
	}
	return out
}
