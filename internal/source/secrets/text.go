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
		return []hit{{rule: genericRule, value: v}}
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
	l := &lineReader{s: s, a: a, code: codeFile(a.file)}
	for i := 0; text != ""; i++ {
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
}

func (l *lineReader) line(line string) {
	if l.left > 0 {
		l.left--
	}
	stem := hasStem([]byte(line)) || l.left > 0
	site := strings.Contains(line, "://") || strings.Contains(line, "@tcp") || strings.Contains(line, "jdbc:")
	runs := hasRun([]byte(line))
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
		l.directive(trimmed)
		l.hits = append(l.hits, sqlSecrets(line)...)
	}
	if command || stem && strings.Contains(line, " -") {
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

// headers finds Authorization: Basic and Bearer wherever they stand.
func (l *lineReader) headers(line string) {
	low := strings.ToLower(line)
	for _, scheme := range []string{"basic ", "bearer "} {
		for from := 0; ; {
			i := strings.Index(low[from:], scheme)
			if i < 0 {
				break
			}
			i += from
			from = i + len(scheme)
			if i > 0 && (letter(low[i-1]) || len(low) != len(line)) {
				continue
			}
			v := until(strings.TrimLeft(line[from:], " "), " \t\"'`,;<>\\")
			if l.note && !random(v) {
				continue
			}
			if rule := judgeScheme(strings.TrimSpace(scheme), v); rule != "" {
				l.hits = append(l.hits, hit{rule: rule, value: v})
			}
		}
	}
}

// elements finds <password>value</password>, and remembers <name> for the <value> that follows.
func (l *lineReader) elements(line string) {
	for {
		i := strings.IndexByte(line, '<')
		if i < 0 {
			return
		}
		line = line[i+1:]
		tag := until(line, "> \t/")
		open := strings.IndexByte(line, '>')
		if tag == "" || open < 0 || tag[0] == '!' || tag[0] == '?' {
			continue
		}
		body := line[open+1:]
		end := strings.Index(body, "</")
		if end <= 0 {
			continue
		}
		l.pair(tag, strings.TrimSpace(body[:end]), hint{place: l.a.hint.place, text: true, quoted: true, note: l.note})
	}
}

// directives are words of configuration files that a password follows after a space.
var directives = words("requirepass masterauth bindpw rootpw password passwd auth-pass ssl_password_phrase smtp_password auth_pass dbpassword")

// directive finds `requirepass value`, and the passwords of .netrc.
func (l *lineReader) directive(line string) {
	fields := strings.Fields(line)
	if len(fields) < 2 || l.note {
		return
	}
	add := func(v string) {
		v = strings.Trim(v, `"';`)
		if rule := judge(class{noun: nounPassword}, v, l.a.hint); rule != "" {
			l.hits = append(l.hits, hit{rule: rule, value: v})
		}
	}
	if fields[0] == "sentinel" && len(fields) == 4 && fields[1] == "auth-pass" {
		add(fields[3])
	}
	if directives[fields[0]] && len(fields) == 2 {
		v := strings.Trim(fields[1], `"';`)
		if strings.Contains(fields[0], "pass") && fields[0] != "password" && fields[0] != "passwd" || hasDigit(v) || knownDefaults[bare(v)] {
			add(v)
		}
	}
	if fields[0] == "machine" || fields[0] == "login" || fields[0] == "default" {
		for i := 1; i+1 < len(fields); i++ {
			if fields[i] == "password" {
				add(fields[i+1])
			}
		}
	}
}

// sqlSecrets finds IDENTIFIED BY 'x' and PASSWORD 'x'.
func sqlSecrets(line string) (hits []hit) {
	upperLine := strings.ToUpper(line)
	if len(upperLine) != len(line) {
		return nil
	}
	for _, mark := range []string{"IDENTIFIED BY ", "PASSWORD ", "PASSWORD("} {
		for from := 0; ; {
			i := strings.Index(upperLine[from:], mark)
			if i < 0 {
				break
			}
			from += i + len(mark)
			v := strings.TrimLeft(line[from:], " ")
			if v == "" || v[0] != '\'' && v[0] != '"' || !sqlLine(upperLine) {
				continue
			}
			v = until(v[1:], v[:1])
			if len(v) >= minSecret && !placeholder(v) && !hashed(v) {
				hits = append(hits, hit{rule: RuleSQLPassword, value: v})
			}
		}
	}
	return hits
}

func sqlLine(upperLine string) bool {
	for _, w := range []string{"CREATE ", "ALTER ", "SET ", "GRANT "} {
		if strings.Contains(upperLine, w) {
			return true
		}
	}
	upperLine = strings.TrimSpace(upperLine)
	return strings.HasPrefix(upperLine, "IDENTIFIED ") || strings.HasPrefix(upperLine, "WITH ") || strings.HasPrefix(upperLine, "PASSWORD ")
}
