package secrets

import (
	"strings"
)

// What a line says of a secret otherwise than by a pair of name and value.

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
		body := line[open+1 : min(len(line), open+1+maxValue)]
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
	switch {
	case len(fields) == 3 && fields[0] == "stats" && fields[1] == "auth" && userPassword(fields[2]): // HAProxy
		l.hits = append(l.hits, hit{rule: RuleBasicAuth, value: fields[2]})
	case l.a.file == "userlist.txt" && len(fields) == 2: // PgBouncer
		add(fields[1])
	}
	if fields[0] == "machine" || fields[0] == "login" || fields[0] == "default" {
		for i := 1; i+1 < len(fields); i++ {
			if fields[i] == "password" {
				add(fields[i+1])
			}
		}
	}
}

// beside finds a value in quotes that follows a name after a space or a comma: header "value", define('NAME', 'value').
// Sentences look so too, so the value must look random.
func (l *lineReader) beside(line string) {
	for i := 1; i < len(line); i++ {
		q := line[i]
		if q != '"' && q != '\'' || l.budget <= 0 {
			continue
		}
		end := strings.IndexByte(line[i+1:min(len(line), i+1+maxValue)], q)
		if end < 0 {
			return
		}
		value := line[i+1 : i+1+end]
		before := strings.TrimRight(line[max(0, i-maxKeyName):i], " \t")
		gap := line[i-1] == ' ' || line[i-1] == '\t' || line[i-1] == ','
		if name := lastName(strings.TrimSuffix(before, ",")); name != "" && gap {
			l.budget -= len(value) + 16
			if c := l.s.classOf([]byte(name)); c.tells() && random(value) {
				l.pair(name, value, hint{place: l.a.hint.place, text: true, quoted: true, note: l.note})
			}
		}
		i += end + 1
	}
}

// lastName gives the name that text ends with, in quotes or not.
func lastName(text string) string {
	if n := len(text); n > 1 && (text[n-1] == '"' || text[n-1] == '\'') {
		return text[strings.LastIndexByte(text[:n-1], text[n-1])+1 : n-1]
	}
	start := len(text)
	for start > 0 && nameByte(text[start-1]) {
		start--
	}
	return text[start:]
}

// sqlSecrets finds IDENTIFIED BY 'x' and PASSWORD 'x'.
func sqlSecrets(line string) (hits []hit) {
	upperLine := strings.ToUpper(line)
	if len(upperLine) != len(line) || !sqlLine(upperLine) {
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
			if v == "" || v[0] != '\'' && v[0] != '"' {
				continue
			}
			v = until(v[1:min(len(v), maxValue)], v[:1])
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
