package control

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Languages are the languages that every document exists in.
func Languages() []string { return []string{"en", "fr"} }

// A Doc is one control's document in one language, as doc.en.md and doc.fr.md are written:
//
//	# Title
//
//	Why, in one or more paragraphs.
//
//	## reason-key
//
//	One sentence a finding, with {values}.
//
//	Remedy: one line.
//
//	(a fenced block: a manifest or a command to copy)
type Doc struct {
	Title, Why string
	Reasons    map[string]ReasonDoc
}

// A ReasonDoc is what a person reads of one reason.
type ReasonDoc struct {
	Message string // one sentence with {placeholders}; no full stop
	Remedy  string // one line
	Example string // to copy; may be empty for a reason that explains a pass
}

var (
	docMu    sync.Mutex
	docCache = map[*Control]map[string]*Doc{}
	fence    = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```\n?")
)

// Doc gives the control's document in lang.
func (c *Control) Doc(lang string) (*Doc, error) {
	if d := c.Texts[lang]; d != nil {
		return d, nil
	}
	docMu.Lock()
	defer docMu.Unlock()
	if d := docCache[c][lang]; d != nil {
		return d, nil
	}
	data, err := fs.ReadFile(c.Docs, "doc."+lang+".md")
	if err != nil {
		return nil, fmt.Errorf("control %q: %w", c.ID, err)
	}
	d, err := parseDoc(string(data))
	if err != nil {
		return nil, fmt.Errorf("control %q: doc.%s.md: %w", c.ID, lang, err)
	}
	if docCache[c] == nil {
		docCache[c] = map[string]*Doc{}
	}
	docCache[c][lang] = d
	return d, nil
}

func parseDoc(text string) (*Doc, error) {
	head, rest, _ := strings.Cut(text, "\n## ")
	title, why, ok := strings.Cut(strings.TrimPrefix(head, "# "), "\n")
	if !ok || !strings.HasPrefix(head, "# ") {
		return nil, fmt.Errorf("want a first line \"# Title\" and a text below it")
	}
	d := &Doc{Title: strings.TrimSpace(title), Why: strings.TrimSpace(why), Reasons: map[string]ReasonDoc{}}
	if rest == "" {
		return d, nil
	}
	for _, section := range strings.Split(rest, "\n## ") {
		key, body, _ := strings.Cut(section, "\n")
		r, err := parseReason(body)
		if err != nil {
			return nil, fmt.Errorf("reason %q: %w", key, err)
		}
		d.Reasons[strings.TrimSpace(key)] = r
	}
	return d, nil
}

func parseReason(body string) (r ReasonDoc, err error) {
	if m := fence.FindStringSubmatch(body); m != nil {
		r.Example = m[1]
		body = fence.ReplaceAllString(body, "")
	}
	for _, para := range strings.Split(body, "\n\n") {
		para = joinLines(para)
		switch {
		case para == "":
		case strings.HasPrefix(para, "Remedy:"):
			r.Remedy = strings.TrimSpace(strings.TrimPrefix(para, "Remedy:"))
		case strings.HasPrefix(para, "Remède"):
			_, after, _ := strings.Cut(para, ":")
			r.Remedy = strings.Trim(after, " \u00a0")
		case r.Message == "":
			r.Message = strings.TrimSuffix(para, ".")
		default:
			return r, fmt.Errorf("a third paragraph: want one sentence and one line \"Remedy: ...\"")
		}
	}
	return r, nil
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)(?:\|[^}]*)?\}`)

// Placeholders lists the values that a sentence names, in order of name, each once.
func Placeholders(sentence string) (names []string) {
	for _, m := range placeholder.FindAllStringSubmatch(sentence, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var (
	idForm     = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	remedyless = map[Verdict]bool{Pass: true}
)

// Validate reports the first control that is incomplete, named twice, or whose documents do not agree.
func Validate(all []*Control) error {
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.ID] {
			return fmt.Errorf("control %q: the id stands twice", c.ID)
		}
		seen[c.ID] = true
		if err := c.validate(); err != nil {
			return fmt.Errorf("control %q: %w", c.ID, err)
		}
	}
	return nil
}

func (c *Control) validate() error {
	switch {
	case !idForm.MatchString(c.ID):
		return fmt.Errorf("the id is not in kebab case")
	case c.Version < 1 || len(c.Clauses) == 0 || len(c.Needs) == 0 || len(c.Reasons) == 0 || c.Run == nil || c.Docs == nil && c.Texts == nil:
		return fmt.Errorf("version, clauses, needs, reasons, run and docs are required")
	case c.Scope == 0 || c.Severity == 0:
		return fmt.Errorf("scope and severity are required")
	}
	var docs []*Doc
	for _, lang := range Languages() {
		d, err := c.Doc(lang)
		if err != nil {
			return err
		}
		if d.Title == "" || d.Why == "" {
			return fmt.Errorf("doc.%s.md: title and reason why are required", lang)
		}
		docs = append(docs, d)
	}
	declared := map[string]bool{}
	for _, r := range c.Reasons {
		if !idForm.MatchString(r.Key) || declared[r.Key] {
			return fmt.Errorf("reason %q: not in kebab case, or twice", r.Key)
		}
		declared[r.Key] = true
		for _, cl := range r.Clauses {
			if !slices.Contains(c.Clauses, cl) {
				return fmt.Errorf("reason %q: clause %q is not the control's", r.Key, cl)
			}
		}
		if err := sameReason(r, docs); err != nil {
			return fmt.Errorf("reason %q: %w", r.Key, err)
		}
	}
	for i, d := range docs {
		for key := range d.Reasons {
			if !declared[key] {
				return fmt.Errorf("doc.%s.md: reason %q is not the control's", Languages()[i], key)
			}
		}
	}
	return nil
}

func sameReason(r Reason, docs []*Doc) error {
	for i, d := range docs {
		rd := d.Reasons[r.Key]
		if rd.Message == "" || rd.Remedy == "" && !remedyless[r.Verdict] {
			return fmt.Errorf("doc.%s.md: a sentence and a remedy are required", Languages()[i])
		}
		if r.Verdict == Fail && rd.Example == "" {
			return fmt.Errorf("doc.%s.md: a manifest or a command to copy is required", Languages()[i])
		}
	}
	if a, b := Placeholders(docs[0].Reasons[r.Key].Message), Placeholders(docs[1].Reasons[r.Key].Message); !slices.Equal(a, b) {
		return fmt.Errorf("the two languages name different values: %v and %v", a, b)
	}
	return nil
}

// joinLines folds a paragraph into one line. strings.Fields would also fold the no-break spaces of French.
func joinLines(para string) string {
	return strings.Join(strings.FieldsFunc(para, func(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == '\t' }), " ")
}
