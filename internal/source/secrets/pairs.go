package secrets

import "strings"

// pairs finds key=value, key: value, "key": "value" and key := value anywhere in a line.
func (l *lineReader) pairs(line string) {
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c != '=' && c != ':' {
			continue
		}
		if end := l.pairAt(line, i); end > i {
			i = end
		}
	}
}

// pairAt reads the pair whose separator is at i. It gives where the value ends where that was judged, else i.
func (l *lineReader) pairAt(line string, i int) int {
	c := line[i]
	next := byte(' ')
	if i+1 < len(line) {
		next = line[i+1]
	}
	switch {
	case i > 0 && strings.IndexByte("=!<>~", line[i-1]) >= 0, c == '=' && (next == '=' || next == '~'), c == ':' && (next == ':' || next == '/' || next == '='):
		return i // a comparison, an address
	}
	key, start, quotedKey := keyBefore(line, i)
	if key == "" {
		return i
	}
	h := hint{place: l.a.hint.place, text: true, note: l.note}
	v := i + 1
	if next == '>' {
		v++
	}
	for v < len(line) && (line[v] == ' ' || line[v] == '\t') {
		v++
	}
	spaced := v > i+1 || i > 0 && line[i-1] == ' '
	if c == ':' && v == i+1 && !quotedKey && v < len(line) && line[v] != '"' && line[v] != '\'' {
		if !random(until(line[v:], " \t\"',;")) {
			return i // host:port, image:tag, user:password
		}
	}
	if l.budget <= 0 || !l.heeds(key) {
		return i
	}
	begins := lineBegins(line[:start])
	value, end := l.valueAt(line[:min(len(line), v+maxValue)], v, begins, c, &h)
	l.budget -= len(value) + 16
	h.loose = c == ':' && !begins && !h.quoted
	if value == "" {
		return i
	}
	if !h.quoted && (l.code || expression(value, spaced && c == '=')) {
		return i
	}
	if l.pair(key, value, h) {
		return end
	}
	return i
}

// heeds reports whether a name matters at all.
func (l *lineReader) heeds(key string) bool {
	switch l.s.known([]byte(key)).role {
	case roleName:
		return true
	case roleValue:
		return l.left > 0
	}
	switch strings.ToLower(key) {
	case "name", "key", "envname":
		return true
	case "value", "default", "content", "defaultvalue":
		return l.left > 0
	}
	return l.s.classOf([]byte(key)).tells()
}

// pair judges one pair of a text. It remembers the value of `name` for the `value` that follows.
func (l *lineReader) pair(key, value string, h hint) bool {
	switch strings.ToLower(key) {
	case "name", "key", "envname":
		l.name, l.left = value, maxNameLines
		return false
	case "value", "default", "content", "defaultvalue":
		if l.left == 0 {
			return false
		}
		key = l.name
	}
	c := l.s.classOf([]byte(key))
	if !c.tells() {
		return false
	}
	hits := l.s.named(value, asked{name: key, class: c, hint: h})
	if len(hits) == 0 && h.quoted && !h.note && strings.HasPrefix(value, pemBegin) {
		hits, _ = keyBlocks(value)
	}
	l.hits = append(l.hits, hits...)
	return len(hits) > 0
}

// keyBefore gives the name before a separator, where it begins in the line, and whether it was in quotes.
func keyBefore(line string, i int) (key string, start int, quoted bool) {
	end := i
	for end > 0 && (line[end-1] == ' ' || line[end-1] == '\t' || line[end-1] == ':' || line[end-1] == ']' || line[end-1] == '?' || line[end-1] == '+') {
		end--
	}
	if end == 0 || i-end > 3 {
		return "", 0, false
	}
	if q := line[end-1]; q == '"' || q == '\'' || q == '`' {
		from := max(0, end-1-maxKeyName)
		if start = strings.LastIndexByte(line[from:end-1], q); start < 0 {
			return "", 0, false
		}
		start += from
		key = strings.TrimRight(line[start+1:end-1], `\`)
		return key, start, true
	}
	start = end
	for start > 0 && nameByte(line[start-1]) && end-start <= maxKeyName {
		start--
	}
	if end-start > maxKeyName {
		return "", 0, false
	}
	return strings.TrimLeft(line[start:end], "-./"), start, false
}

func nameByte(c byte) bool {
	return letter(c) || digit(c) || c == '_' || c == '.' || c == '-' || c == '/' || c >= 0x80
}

// lineBegins reports whether nothing but marks of lists, comments and declarations stands before a name.
func lineBegins(before string) bool {
	switch strings.TrimLeft(before, " \t-#;/*{,") {
	case "", "export ", "set ", "ENV ", "ARG ", "declare ", "local ", "const ", "let ", "var ", "global.":
		return true
	}
	return false
}

// valueAt reads the value that begins at v: in quotes, a block of YAML on the lines that follow, the rest of the line
// for a name that begins it, else up to what ends a word.
func (l *lineReader) valueAt(line string, v int, begins bool, sep byte, h *hint) (string, int) {
	if v >= len(line) || blockMark(line[v:]) {
		if v < len(line) && sep == ':' && begins {
			return l.nextLine(line), len(line)
		}
		return "", v
	}
	if tag := line[v]; tag == '&' && sep == ':' { // an anchor of YAML
		if j := strings.IndexByte(line[v:], ' '); j > 0 {
			v += j + 1
		}
	}
	if v >= len(line) {
		return "", v
	}
	escaped := ""
	if strings.HasPrefix(line[v:], `\"`) || strings.HasPrefix(line[v:], `\'`) {
		escaped = line[v : v+2]
	}
	switch q := line[v]; {
	case escaped != "":
		h.quoted = true
		if j := strings.Index(line[v+2:], escaped); j >= 0 {
			return line[v+2 : v+2+j], v + 2 + j
		}
		return "", v
	case q == '"' || q == '\'' || q == '`':
		h.quoted = true
		for j := v + 1; j < len(line); j++ {
			if line[j] == '\\' && q != '\'' {
				j++
			} else if line[j] == q {
				return line[v+1 : j], j
			}
		}
		return "", v // not closed: the name stands inside quotes itself
	}
	if begins {
		value := line[v:]
		if j := strings.Index(value, " #"); j >= 0 {
			value = value[:j]
		}
		value = strings.TrimRight(value, " \t")
		if sep == '=' || strings.HasSuffix(value, ",") || strings.HasSuffix(value, ";") {
			value = strings.TrimRight(until(value, " \t"), ",;\"')}]")
		}
		if strings.Contains(value, "&") && strings.Contains(value, "=") || strings.Contains(value, ";") && strings.Contains(value, "=") {
			value = until(value, "&;")
		}
		return value, v + len(value)
	}
	value := until(line[v:], " \t\"'`;&,)]}|<>\\")
	return value, v + len(value)
}

// blockMark reports the marks by which YAML says that the value is on the lines below.
func blockMark(v string) bool {
	switch strings.TrimRight(v, " \t") {
	case "|", ">", "|-", ">-", "|+", ">+":
		return true
	}
	return false
}

// nextLine gives the only line of the block below, or nothing where it has several.
func (l *lineReader) nextLine(line string) string {
	depth := len(line) - len(strings.TrimLeft(line, " "))
	value := ""
	for next := range strings.SplitSeq(l.rest[:min(len(l.rest), maxValue)], "\n") {
		t := strings.TrimSpace(next)
		if t == "" {
			continue
		}
		if len(next)-len(strings.TrimLeft(next, " ")) <= depth {
			break
		}
		if value != "" {
			return ""
		}
		value = t
	}
	return value
}

// expression reports an unquoted value that a program would work out rather than take: a call, an index, a list, a
// variable.
func expression(v string, spaced bool) bool {
	switch v[0] {
	case '{', '[', '(', '*', '!', '<', '&', '|', '%', '@':
		return true
	case '$':
		return variable(v) || !hasDigit(v)
	}
	if strings.HasSuffix(v, "{") || strings.HasSuffix(v, "(") || strings.Contains(v, "=>") || strings.Contains(v, "();") {
		return true
	}
	if i := strings.IndexAny(v, "(["); i > 0 && wordy(v[:i]) && strings.ContainsAny(v[i:], ")]") {
		return true
	}
	return spaced && chain(v)
}
