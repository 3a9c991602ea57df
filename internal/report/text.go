package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// TextOptions say how a terminal report looks.
type TextOptions struct {
	Lang     lang.Lang
	Color    bool
	ByObject bool // findings under their object, not worst first
	All      bool // every finding, not only the worst
	Width    int  // columns; 0: 100
}

// worstShown is how many findings a report shows unless all are asked for.
const worstShown = 10

// textHandler keeps what fails or is unknown; of passes only the counts.
type textHandler struct {
	w       *bufio.Writer
	o       TextOptions
	l       lang.Lang
	meta    Meta
	gaps    []Gap
	fails   []Finding
	unknown []Finding
	clauses []posture.Clause
	seen    int // findings of any verdict
}

// NewText makes the handler of the terminal report. Everything is written at the end.
func NewText(w io.Writer, o TextOptions) Handler {
	if o.Width == 0 {
		o.Width = 100
	}
	return &textHandler{w: bufio.NewWriter(w), o: o, l: o.Lang}
}

func (h *textHandler) Meta(m Meta) error {
	h.meta = m
	return nil
}

func (h *textHandler) Gap(g Gap) error {
	h.gaps = append(h.gaps, g)
	return nil
}

func (h *textHandler) Finding(f *Finding) error {
	h.seen++
	switch f.Verdict {
	case control.Fail:
		h.fails = append(h.fails, *f)
	case control.Unknown:
		if f.Reason != control.ReasonGap || h.o.All || f.Subject.Kind == "Namespace" {
			h.unknown = append(h.unknown, *f)
		}
	case control.Pass, control.NotApplicable:
	}
	return nil
}

func (h *textHandler) Clause(c posture.Clause) error {
	h.clauses = append(h.clauses, c)
	return nil
}

func (h *textHandler) Summary(s Summary) error {
	h.head()
	if s.Empty {
		h.nothing()
	} else {
		h.table(s)
		h.findings(s)
	}
	h.notSeen(s)
	h.total(s)
	return h.w.Flush()
}

// say writes a line: prose of ours, with the no-break spaces of a terminal.
func (h *textHandler) say(format string, args ...any) {
	fmt.Fprintln(h.w, lang.Terminal(fmt.Sprintf(format, args...)))
}

// paint colours a word, where colour is wanted. The word says the same without it.
func (h *textHandler) paint(code, s string) string {
	if !h.o.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

const (
	bold   = "1"
	red    = "31"
	yellow = "33"
	green  = "32"
	blue   = "34"
	faint  = "2"
)

var severityColor = map[control.Severity]string{control.Critical: "1;31", control.High: red, control.Medium: yellow, control.Low: blue}

var stateColor = map[posture.State]string{
	posture.Fail: red, posture.Deviates: yellow, posture.Unknown: yellow, posture.Waived: blue, posture.Pass: green, posture.NotApplicable: faint,
}

// head says what was looked at, and with what eyes.
func (h *textHandler) head() {
	l, m := h.l, h.meta
	name := m.Tenant
	if name == "" {
		name = strings.Join(m.Paths, " ")
	}
	counts := []string{
		l.Count(m.Objects, l.T("object", "objet"), l.T("objects", "objets")) + " " + l.T("in", "dans") + " " + l.Count(m.Files, l.T("file", "fichier"), l.T("files", "fichiers")),
		l.Count(m.Namespaces, l.T("namespace", "espace de noms"), l.T("namespaces", "espaces de noms")),
	}
	eyes := l.T("Files only: no cluster, no metrics, no provider.", "Fichiers seuls : ni cluster, ni mesures, ni fournisseur.")
	if m.Source != "files" {
		eyes = l.T("Source: ", "Source : ") + m.Source + "."
	}
	h.say("%s", lang.Wrap(h.paint(bold, lang.Safe(name))+l.T(": ", " : ")+strings.Join(counts, ", ")+". "+eyes, h.o.Width, ""))
	var also []string
	if m.Platform != "" {
		also = append(also, l.T("platform ", "plateforme ")+m.Platform)
	}
	if m.ClusterVersion != "" {
		also = append(also, "Kubernetes "+m.ClusterVersion)
	}
	if m.TargetVersion != "" {
		also = append(also, l.T("to come ", "à venir ")+m.TargetVersion)
	}
	if !m.EnvironmentsSet && m.Objects > 0 {
		also = append(also, l.T("no environment declared: nothing counts as production", "aucun environnement déclaré : rien ne compte comme production"))
	}
	if len(also) > 0 {
		h.say("%s", lang.Wrap(strings.Join(also, ", "), h.o.Width, ""))
	}
}

func (h *textHandler) nothing() {
	h.say("%s", h.paint(yellow, h.l.T("No object was read: nothing was evaluated, and nothing holds.", "Aucun objet n'a été lu : rien n'a été évalué, et rien n'est établi.")))
}

// table is the clauses by chapter.
func (h *textHandler) table(s Summary) {
	l := h.l
	h.say("%s  %s", h.paint(bold, l.T("CLAUSES", "CLAUSES")), h.counted(s))
	pol, err := policy.Load()
	if err != nil {
		return
	}
	last := ""
	for _, ch := range pol.Chapters {
		by, fails := h.chapter(ch.Key)
		if len(by) == 0 {
			continue
		}
		part := ch.Part
		if part == last {
			part = ""
		} else {
			last = part
		}
		row := lang.Pad("     "+lang.Pad(part, 5)+chapterWord(ch.Key, l), 32)
		for _, st := range []posture.State{posture.Fail, posture.Deviates, posture.Unknown, posture.Waived, posture.Pass, posture.NotApplicable} {
			cell := ""
			if n := by[st]; n > 0 {
				cell = fmt.Sprintf("%2d %s", n, shortState(st, l))
			}
			if st == posture.Deviates && s.Clauses[st] == 0 || st == posture.Waived && s.Clauses[st] == 0 || st == posture.NotApplicable && s.Clauses[st] == 0 {
				continue
			}
			row += h.paint(stateColor[st], cell) + strings.Repeat(" ", max(0, stateWidth(st, l)-lang.Width(cell)))
		}
		h.say("%s", strings.TrimRight(row+strings.Join(fails, " "), " "))
	}
	fmt.Fprintln(h.w)
}

// chapterWord is a chapter in a word or two.
func chapterWord(key string, l lang.Lang) string {
	return in(map[string]text{
		"UPD": {EN: "updates", FR: "mises à jour"}, "MON": {EN: "monitoring", FR: "supervision"}, "BKP": {EN: "backup", FR: "sauvegarde"},
		"SEC": {EN: "secrets", FR: "secrets"}, "IAM": {EN: "access", FR: "accès"}, "VUL": {EN: "vulnerabilities", FR: "vulnérabilités"},
		"ENC": {EN: "encryption", FR: "chiffrement"}, "LOG": {EN: "logs", FR: "journalisation"}, "INC": {EN: "continuity", FR: "continuité"},
		"GEN": {EN: "general", FR: "général"}, "RACI": {EN: "responsibilities", FR: "responsabilités"},
	}[key], l)
}

// shortState is a state for a column.
func shortState(st posture.State, l lang.Lang) string {
	if st == posture.NotApplicable {
		return "N/A"
	}
	return in(stateWords[st], l)
}

func stateWidth(st posture.State, l lang.Lang) int { return lang.Width(shortState(st, l)) + 6 }

func (h *textHandler) chapter(key string) (map[posture.State]int, []string) {
	by, fails := map[posture.State]int{}, []string{}
	for _, c := range h.clauses {
		if chapterOf(c.ID) != key {
			continue
		}
		by[c.State]++
		if c.State == posture.Fail || c.State == posture.Deviates {
			fails = append(fails, policy.ShortID(c.ID))
		}
	}
	return by, fails
}

func chapterOf(id string) string {
	key, _, _ := strings.Cut(policy.ShortID(id), ".")
	return key
}

// counted is "67: 12 fail, 48 unknown, 1 waived, 3 pass": the states sum to all clauses.
func (h *textHandler) counted(s Summary) string {
	total, parts := 0, []string{}
	for _, st := range posture.States() {
		n := s.Clauses[st]
		total += n
		if n > 0 {
			parts = append(parts, h.paint(stateColor[st], h.l.Int(n)+" "+in(stateWords[st], h.l)))
		}
	}
	return h.l.Int(total) + h.l.T(": ", " : ") + strings.Join(parts, ", ")
}

// findings are the failures, worst first, or under their objects.
func (h *textHandler) findings(s Summary) {
	l, fails := h.l, h.fails
	open := make([]Finding, 0, len(fails))
	for i := range fails {
		if fails[i].Waiver == nil && !fails[i].Baselined || h.o.All {
			open = append(open, fails[i])
		}
	}
	if h.o.All {
		open = append(open, h.unknown...)
	}
	if h.o.ByObject {
		h.byObject(open)
		return
	}
	slices.SortStableFunc(open, worse)
	shown := len(open)
	if !h.o.All {
		shown = min(shown, worstShown)
	}
	switch {
	case len(open) == 0:
		h.good(s)
		return
	case shown < len(open):
		h.say("%s  %s", h.paint(bold, l.T("WORST FINDINGS", "CONSTATS LES PLUS GRAVES")), fmt.Sprintf(l.T("%s of %s (all: --all)", "%s sur %s (tous : --all)"), l.Int(shown), l.Int(len(open))))
	default:
		h.say("%s  %s", h.paint(bold, l.T("FINDINGS", "CONSTATS")), l.Int(len(open)))
	}
	for i := range open[:shown] {
		h.finding(&open[i], false)
	}
	fmt.Fprintln(h.w)
}

// good is the sentence for no failure: it names the unknowns that are left.
func (h *textHandler) good(s Summary) {
	l := h.l
	h.say("%s", lang.Wrap(h.paint(green, l.T("No finding fails.", "Aucun constat n'est non conforme."))+" "+
		fmt.Sprintf(l.T("%s stay unknown: none of them counts as passed.", "%s : rien de cela ne compte comme conforme."), l.Count(s.Clauses[posture.Unknown], l.T("clause", "clause reste non vérifiable"), l.T("clauses", "clauses restent non vérifiables"))), h.o.Width, ""))
	fmt.Fprintln(h.w)
}

// worse orders findings: failures first, by severity, then clause and place.
func worse(a, b Finding) int {
	rank := func(f *Finding) int {
		switch {
		case f.Verdict != control.Fail:
			return 2
		case !f.Counted():
			return 1
		}
		return 0
	}
	return cmp.Or(rank(&a)-rank(&b), int(b.Severity())-int(a.Severity()), cmp.Compare(first(a.Clauses()), first(b.Clauses())),
		a.Subject.Compare(b.Subject), cmp.Compare(a.Part.String(), b.Part.String()), cmp.Compare(a.Reason, b.Reason))
}

func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

func (h *textHandler) byObject(open []Finding) {
	slices.SortStableFunc(open, func(a, b Finding) int { return cmp.Or(a.Subject.Compare(b.Subject), worse(a, b)) })
	var last inventory.Ref
	for i := range open {
		f := &open[i]
		if i == 0 || f.Subject != last {
			last = f.Subject
			h.say("%s", h.paint(bold, lang.Safe(Object(f.Subject))))
		}
		h.finding(f, true)
	}
	fmt.Fprintln(h.w)
}

// Object is a subject as a person reads it: namespace/Kind/name.
func Object(r inventory.Ref) string {
	kind := strings.SplitN(r.Short(), " ", 2)[0]
	parts := []string{kind}
	if r.Name != "" {
		parts = append(parts, r.Name)
	}
	switch {
	case r.Namespace != "":
		parts = append([]string{r.Namespace}, parts...)
	case r.Root != "":
		parts = append([]string{"(" + r.Root + ")"}, parts...)
	}
	return strings.Join(parts, "/")
}

// finding is two lines: what is wrong and where; and how to mend it.
func (h *textHandler) finding(f *Finding, underObject bool) {
	l := h.l
	mark, color := in(severityWords[f.Severity()], l), severityColor[f.Severity()]
	if f.Verdict == control.Unknown {
		mark, color = "?", yellow
	}
	width := 10
	indent := strings.Repeat(" ", width)
	clause := lang.Pad(policy.ShortID(first(f.Clauses())), 8)
	what := lang.Safe(f.Message(l))
	if !underObject {
		what = lang.Safe(Object(f.Subject)) + l.T(": ", " : ") + what
	}
	if f.Waiver != nil {
		what += " (" + l.T("waived until ", "sous dérogation jusqu'au ") + l.End(f.Waiver.Expires) + ", " + lang.Safe(f.Waiver.Approver) + ")"
	}
	if f.Baselined {
		what += " (" + l.T("in the baseline", "dans la référence") + ")"
	}
	body := strings.TrimPrefix(lang.Wrap(clause+" "+what, h.o.Width, indent), indent)
	h.say("%s%s", h.paint(color, lang.Pad(mark, width)), body)
	remedy, _ := f.Remedy(l)
	second := ""
	if f.Place.File != "" {
		second = fmt.Sprintf("%s:%d", lang.Safe(f.Place.File), f.place())
	}
	if remedy != "" {
		if second != "" {
			second += "\u00a0\u00a0 "
		}
		second += l.T("remedy: ", "remède : ") + lang.Safe(remedy)
	}
	if second != "" {
		h.say("%s", h.paint(faint, lang.Wrap(second, h.o.Width, indent)))
	}
}

// notSeen says what could not be known, and what would change that.
func (h *textHandler) notSeen(s Summary) {
	l := h.l
	unknown := 0
	by := map[posture.Cause]int{}
	for _, c := range h.clauses {
		if c.State != posture.Unknown {
			continue
		}
		unknown++
		if len(c.Causes) > 0 {
			by[c.Causes[0].Cause]++
		}
	}
	if unknown == 0 && len(h.gaps) == 0 {
		return
	}
	h.say("%s  %s", h.paint(bold, l.T("NOT SEEN", "NON VU")), fmt.Sprintf(l.T("%s; none of them counts as passed", "%s ; aucune ne compte comme conforme"),
		l.Count(unknown, l.T("clause is unknown", "clause est non vérifiable"), l.T("clauses are unknown", "clauses sont non vérifiables"))))
	for _, c := range posture.Causes() {
		if n := by[c]; n > 0 {
			words := causeWords[c]
			noun := words.many
			if l.One(n) {
				noun = words.one
			}
			h.say("%s  %s %s", fmt.Sprintf("%8s", l.Int(n)), lang.Pad(in(noun, l), 38), h.paint(faint, in(words.step, l)))
		}
	}
	h.unreadable(s)
}

// unreadable lists the documents that were not understood, and the lists that were not read.
func (h *textHandler) unreadable(Summary) {
	l, n := h.l, len(h.gaps)
	for i, g := range h.gaps {
		if i == 20 && !h.o.All && n > 25 {
			h.say("%8s  %s", "", fmt.Sprintf(l.T("and %s more (all: --all)", "et %s autres (tous : --all)"), l.Int(n-i)))
			return
		}
		where := g.Input
		if g.Space.Namespace != "" {
			where += " (" + lang.Safe(g.Space.Namespace) + ")"
		}
		if g.File != "" {
			where = lang.Safe(g.File)
			if g.Line > 0 {
				where += fmt.Sprintf(":%d", g.Line)
			}
		}
		h.say("%s", h.paint(yellow, lang.Wrap(where+l.T(": ", " : ")+lang.Safe(g.Sentence(l)), h.o.Width, "          ")))
	}
}

// total is the last two lines: the counts, and the exit code in words.
func (h *textHandler) total(s Summary) {
	l := h.l
	n, parts := 0, []string{}
	for _, sev := range control.Severities() {
		if c := s.Severities[sev]; c > 0 {
			n += c
			parts = append(parts, l.Int(c)+" "+in(severityWords[sev], l))
		}
	}
	row := l.Count(n, l.T("finding", "constat"), l.T("findings", "constats"))
	if n > 0 {
		row += l.T(": ", " : ") + strings.Join(parts, ", ")
	}
	row += "."
	if s.Waived > 0 {
		row += " " + fmt.Sprintf(l.T("%s waived until %s.", "%s sous dérogation jusqu'au %s."), l.Count(s.Waived, l.T("more is", "de plus est"), l.T("more are", "de plus sont")), l.End(s.WaivedTo))
	}
	if s.Baselined > 0 {
		row += " " + fmt.Sprintf(l.T("%s in the baseline.", "%s dans la référence."), l.Count(s.Baselined, l.T("more stands", "de plus figure"), l.T("more stand", "de plus figurent")))
	}
	h.say("%s", lang.Wrap(row, h.o.Width, ""))
	h.say("%s", h.paint(bold, exitWords(s, l))+"   "+h.next(s))
}

// exitWords says the exit code in words.
func exitWords(s Summary, l lang.Lang) string {
	level := s.FailOn
	for sev, w := range severityWords {
		if sev.String() == s.FailOn {
			level = in(w, l)
		}
	}
	switch s.Exit {
	case 1:
		return fmt.Sprintf(l.T("exit 1: findings at or above \"%s\"", "sortie 1 : constats de gravité « %s » ou plus"), level)
	case 3:
		return l.T("exit 3: something given could not be read or judged", "sortie 3 : quelque chose de donné n'a pas pu être lu ou jugé")
	}
	if s.FailOn == "never" {
		return l.T("exit 0: findings never fail here", "sortie 0 : les constats ne font jamais échouer ici")
	}
	return fmt.Sprintf(l.T("exit 0: nothing at or above \"%s\"", "sortie 0 : rien de gravité « %s » ou plus"), level)
}

// next is the step that a person would take now.
func (h *textHandler) next(s Summary) string {
	l := h.l
	if s.Empty {
		return l.T("next: name a directory that holds manifests", "ensuite : nommer un répertoire qui contient des manifestes")
	}
	var worst *Finding
	for i := range h.fails {
		if f := &h.fails[i]; f.Counted() && (worst == nil || worse(*f, *worst) < 0) {
			worst = f
		}
	}
	if worst == nil {
		return l.T("next: -o html", "ensuite : -o html")
	}
	return l.T("next: vigie explain ", "ensuite : vigie explain ") + policy.ShortID(first(worst.Clauses())) + l.T(", or -o html", ", ou -o html")
}
