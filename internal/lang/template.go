package lang

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Template is a sentence with holes:
//
//	{name}           the value; a list is joined, a moment and a duration are written out
//	{name:size}      a number of bytes
//	{name|one|many}  a word that agrees with the number name
//
// A hole alone in brackets whose value is empty is left out with them: "not ready ({why})" becomes "not ready".
//
// A number that some word agrees with is a count, and is written with its groups; any other may be a port or a line,
// and is not.
type Template struct {
	parts []part
}

type part struct {
	text      string // before the hole
	name      string // empty: the sentence ends here
	one, many string
	form      form
}

type form uint8

const (
	plain form = iota
	count
	size
	plural
)

var hole = regexp.MustCompile(`\{([a-z][a-zA-Z0-9_]*)(?::(size)|\|([^|{}]*)\|([^|{}]*))?\}`)

// Parse reads a sentence. Braces that hold no name are text.
func Parse(sentence string) Template {
	var t Template
	at := 0
	counted := map[string]bool{}
	for _, m := range hole.FindAllStringSubmatchIndex(sentence, -1) {
		p := part{text: sentence[at:m[0]], name: sentence[m[2]:m[3]]}
		switch {
		case m[4] >= 0:
			p.form = size
		case m[6] >= 0:
			p.form, p.one, p.many = plural, sentence[m[6]:m[7]], sentence[m[8]:m[9]]
			counted[p.name] = true
		}
		t.parts = append(t.parts, p)
		at = m[1]
	}
	t.parts = append(t.parts, part{text: sentence[at:]})
	for i, p := range t.parts {
		if p.form == plain && counted[p.name] {
			t.parts[i].form = count
		}
	}
	return t
}

// Names lists the values that the sentence needs, in order of name, each once.
func (t Template) Names() (names []string) {
	for _, p := range t.parts {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Complete reports whether values holds everything that the sentence needs.
func (t Template) Complete(values map[string]any) bool {
	for _, p := range t.parts {
		if _, ok := values[p.name]; !ok && p.name != "" {
			return false
		}
	}
	return true
}

// Append writes the sentence in l to dst. A value that is not given leaves its hole to be seen. Texts among the values
// are made Safe, and cut where they are longer than 600 characters.
func (t Template) Append(dst []byte, l Lang, values map[string]any) []byte {
	skip := 0
	for i, p := range t.parts {
		dst = append(dst, p.text[skip:]...)
		skip = 0
		if p.name == "" {
			continue
		}
		v, ok := values[p.name]
		if !ok {
			dst = append(append(append(dst, '{'), p.name...), '}')
			continue
		}
		if Empty(v) && t.bracketed(i) {
			dst = bytes.TrimSuffix(bytes.TrimSuffix(dst, []byte("(")), []byte(" "))
			skip = 1
			continue
		}
		dst = p.append(dst, l, v)
	}
	return dst
}

// bracketed reports that the hole of part i stands alone in brackets.
func (t Template) bracketed(i int) bool {
	return strings.HasSuffix(t.parts[i].text, "(") && strings.HasPrefix(t.parts[i+1].text, ")")
}

// Empty reports a value that would be written as nothing: a text or a list without content.
func Empty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return v == nil
}

// MayBeEmpty reports whether every hole of that name stands alone in brackets or in quotes: the sentence is right where
// its value is empty.
func (t Template) MayBeEmpty(name string) bool {
	for i, p := range t.parts {
		if p.name == name && !t.bracketed(i) && !t.quoted(i) {
			return false
		}
	}
	return true
}

func (t Template) quoted(i int) bool {
	before, after := t.parts[i].text, t.parts[i+1].text
	return strings.HasSuffix(before, `"`) && strings.HasPrefix(after, `"`) ||
		strings.HasSuffix(strings.TrimRight(before, " \u00a0\u202f"), "«") && strings.HasPrefix(strings.TrimLeft(after, " \u00a0\u202f"), "»")
}

func (p part) append(dst []byte, l Lang, v any) []byte {
	switch n, isNumber := toNumber(v); {
	case p.form == plural && l.singular(n):
		return append(dst, p.one...)
	case p.form == plural:
		return append(dst, p.many...)
	case p.form == size && isNumber:
		return append(dst, l.Size(int64(n))...)
	case p.form == count && isNumber && n == float64(int64(n)):
		return append(dst, l.Number(int64(n))...)
	}
	return l.appendValue(dst, v)
}

func (l Lang) appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendSafe(dst, cut(v))
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int32:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return append(dst, l.Decimal(v, 2)...)
	case time.Duration:
		return append(dst, l.Duration(v)...)
	case time.Time:
		return append(dst, l.Moment(v)...)
	case []string:
		return appendSafe(dst, cut(l.List(v)))
	case []any: // a list that was read back from JSON
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = fmt.Sprint(w)
		}
		return appendSafe(dst, cut(l.List(words)))
	}
	return appendSafe(dst, cut(fmt.Sprint(v)))
}

// longest is what a sentence shows of one value, in bytes.
const longest = 600

func cut(s string) string {
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

func toNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// Fill writes a sentence with its values in l.
func Fill(l Lang, sentence string, values map[string]any) string {
	if !strings.Contains(sentence, "{") {
		return sentence
	}
	return string(Parse(sentence).Append(nil, l, values))
}
