package secrets

import (
	"strings"
)

// An asked value: what is known about a string before its text is read.
type asked struct {
	name  string // of the field, variable or key; for gitleaks' rules that want one
	class class
	hint  hint
	file  string // name of the file that the string is the content of
	level int    // of text inside text
}

// examine finds the secrets in one string.
func (s *Scanner) examine(v string, a asked) []hit {
	if a.level > maxLevels {
		return nil
	}
	v = strings.TrimSpace(v)
	if reference(v) && !strings.ContainsAny(v, " \n") {
		return nil
	}
	hits, rest := keyBlocks(v)
	if len(hits) > 0 || len(rest) != len(v) {
		if strings.TrimSpace(rest) == "" {
			return hits
		}
		v = strings.TrimSpace(rest)
	}
	if h, ok := s.document(v, a); ok {
		return single(append(hits, h...))
	}
	inside, rule, done := unwrap(v)
	if done {
		if rule != "" {
			hits = append(hits, hit{rule: rule, value: v})
		}
		return hits
	}
	if inside != "" {
		b := a
		b.level, b.class, b.hint.text = a.level+1, class{}, false
		if h := s.examine(inside, b); len(h) > 0 {
			return single(append(hits, h...))
		}
	}
	if len(hits) == 0 && !strings.Contains(v, "\n") {
		hits = s.named(v, a)
	}
	return single(append(hits, s.lines(v, a)...))
}

// named judges a whole value by its name, and lets gitleaks say what a vague name leaves open.
func (s *Scanner) named(v string, a asked) []hit {
	if a.hint.place == Label && !random(v) {
		return nil
	}
	if h, ok := neo4j(v, a); ok {
		return []hit{h}
	}
	if rule := judge(a.class, v, a.hint); rule != "" {
		return []hit{{rule: rule, value: v}}
	}
	vague := a.class.noun == nounVague || a.class.weak
	if !vague || !a.class.tells() || a.hint.within || !random(v) || uuid(v) || placeholder(v) || hashed(v) || publicText(v) {
		return nil
	}
	if s.rules.generic(a.name, v) {
		return []hit{{rule: RuleGenericKey, value: v}}
	}
	return nil
}

// neo4j knows NEO4J_AUTH=user/password.
func neo4j(v string, a asked) (hit, bool) {
	user, password, ok := strings.Cut(v, "/")
	if !ok || user != "neo4j" || a.class.noun != nounAuth || len(password) < minSecret || placeholder(password) || password == "none" {
		return hit{}, false
	}
	return hit{rule: RuleBasicAuth, value: password}, true
}

// lines reads a text line by line.
func (s *Scanner) lines(text string, a asked) []hit {
	l := &lineReader{s: s, a: a, code: codeFile(a.file), budget: 16*len(text) + 1<<16}
	for text != "" {
		line := text
		if j := strings.IndexByte(text, '\n'); j >= 0 {
			line, text = text[:j], text[j+1:]
		} else {
			text = ""
		}
		if len(line) < 4 && l.left == 0 {
			continue
		}
		l.rest = text
		l.line(strings.TrimSuffix(line, "\r"))
		if len(l.hits) > maxSightings {
			break
		}
	}
	return l.hits
}

// A lineReader reads the lines of one text. Of the lines before it keeps the name that a `name:` gave to the `value:`
// that may follow.
type lineReader struct {
	s    *Scanner
	a    asked
	code bool   // the file is a program
	rest string // what follows the line
	hits []hit

	name string // given by a line before
	left int    // lines for which it holds
	note bool   // the line is a comment

	budget int // bytes of values that may yet be judged: text made of nothing but pairs must not take its square
}

func (l *lineReader) line(line string) {
	if l.left > 0 {
		l.left--
	}
	stem := hasStem(line) || l.left > 0 || l.a.file == "userlist.txt"
	site := strings.Contains(line, "://") || strings.Contains(line, "@tcp") || strings.Contains(line, "jdbc:")
	runs := hasRun(line)
	command := commandStart(line)
	if !stem && !site && !runs && !command {
		return
	}
	trimmed := strings.TrimLeft(line, " \t")
	l.note = strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, ";") || strings.HasPrefix(trimmed, "<!--") || strings.HasPrefix(trimmed, "* ") || strings.HasPrefix(trimmed, "-- ")
	if runs {
		var h []hit
		h, line = blobs(line)
		l.hits = append(l.hits, h...)
		line = withoutPublic(line)
	}
	if site {
		l.hits = append(l.hits, urlSecrets(line, l.note)...)
	}
	if stem {
		l.headers(line)
		l.pairs(line)
		l.elements(line)
		l.beside(line)
		l.directive(trimmed)
		l.hits = append(l.hits, sqlSecrets(line)...)
	}
	if command || stem && (strings.Contains(line, " -") || strings.HasPrefix(line, "-")) {
		for _, h := range l.s.commandLine(shellWords(line), nil, l.a.hint.place) {
			l.hits = append(l.hits, hit{rule: h.rule, value: h.value})
		}
	}
	if runs {
		for _, w := range windows(line) {
			l.hits = append(l.hits, l.s.rules.find(w, l.a.file)...)
		}
	}
}

// codeFile reports files of programs, where an unquoted value is an expression.
func codeFile(file string) bool {
	i := strings.LastIndexByte(file, '.')
	return i >= 0 && codeEnds[strings.ToLower(file[i+1:])]
}

var codeEnds = words("py js mjs ts tsx lua groovy go java kt rb pl php rs c h cpp cs scala rego star jsonnet libsonnet j2 tmpl tpl gotmpl sql vue html")
