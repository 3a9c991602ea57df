package manifest

import (
	"go.yaml.in/yaml/v2"
)

// A scalar is what a plain scalar means: JSON of its own, or (nil) the text that it is.
type scalar struct {
	literal []byte
	refused bool
}

// words are the plain scalars of letters that are no text in YAML 1.1 (go.yaml.in/yaml/v2, resolve.go).
var words = map[string][]byte{}

func init() {
	for json, all := range map[string][]string{
		"true":  {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"},
		"false": {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"},
		"null":  {"~", "null", "Null", "NULL"},
	} {
		for _, w := range all {
			words[w] = []byte(json)
		}
	}
}

// resolve says what a plain scalar means. Only what begins like a number is worth a question.
func (q *quick) resolve(text []byte) scalar {
	switch c := text[0]; {
	case c >= '0' && c <= '9':
		return q.number(text)
	case c == '-' && len(text) > 1 && (isLetter(text[1]) || text[1] == '-'):
		return scalar{} // a flag
	case c == '+', c == '-', c == '.':
		return q.ask(text)
	case c == '~' && len(text) > 1:
		return q.ask(text)
	case len(text) <= 5:
		return scalar{literal: words[string(text)]}
	}
	return scalar{}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// number tells ordinary whole numbers and quantities by themselves, and asks about the rest.
func (q *quick) number(text []byte) scalar {
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	switch {
	case digits == len(text) && digits <= 18 && (digits == 1 || text[0] != '0'):
		return scalar{literal: text}
	case digits < len(text) && suffix[text[digits]]:
		return scalar{} // 100m, 128Mi, 30s: no number of YAML goes on like this
	}
	return q.ask(text)
}

// suffix are the letters that follow the digits of a quantity or duration; e, x, o and b may be a number's own.
var suffix = signs("mMkKGgTtPpsShHdDiIuU")

// ask lets the library say what a scalar means, and remembers it.
func (q *quick) ask(text []byte) scalar {
	if s, ok := q.odd[string(text)]; ok {
		q.bad = q.bad || s.refused
		return s
	}
	s := meaning(text)
	if q.odd == nil || len(q.odd) >= quickOdd {
		q.odd = map[string]scalar{}
	}
	if len(text) <= 64 {
		q.odd[string(text)] = s
	}
	q.bad = q.bad || s.refused
	return s
}

func meaning(text []byte) (s scalar) {
	defer func() {
		if recover() != nil {
			s = scalar{refused: true}
		}
	}()
	var v map[string]any
	if yaml.Unmarshal(append([]byte("a: "), text...), &v) != nil {
		return scalar{refused: true}
	}
	switch x := v["a"].(type) {
	case string:
		if x != string(text) {
			return scalar{refused: true}
		}
		return scalar{}
	case int, int64, uint64, float64, bool, nil:
		e := &encoder{limit: 1 << 10, depth: 1}
		if e.value(x); e.fault == nil {
			return scalar{literal: e.buf}
		}
	}
	return scalar{refused: true}
}
