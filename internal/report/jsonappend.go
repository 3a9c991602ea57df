package report

import (
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// object appends the members of one JSON object. Everything is appended to one buffer: a check can say a hundred
// thousand findings, and an encoder that reflects is several times slower.
type object struct {
	buf  []byte
	open bool // a member stands there already
}

func (o *object) key(name string) {
	if o.open {
		o.buf = append(o.buf, ',')
	}
	o.open = true
	o.buf = append(append(append(o.buf, '"'), name...), '"', ':')
}

func (o *object) begin(name string) {
	if name != "" {
		o.key(name)
	}
	o.buf, o.open = append(o.buf, '{'), false
}

func (o *object) end() { o.buf, o.open = append(o.buf, '}'), true }

// list begins an array of objects; row or item begins each of them, end ends it.
func (o *object) list(name string) {
	o.key(name)
	o.buf, o.open = append(o.buf, '['), false
}

func (o *object) endList() { o.buf, o.open = append(o.buf, ']'), true }

// item begins an object of an array.
func (o *object) item() {
	if o.open {
		o.buf = append(o.buf, ',')
	}
	o.buf, o.open = append(o.buf, '{'), false
}

// row is item on a line of its own, so that two reports can be compared line by line.
func (o *object) row() {
	if o.open {
		o.buf = append(o.buf, ',')
	}
	o.buf, o.open = append(o.buf, '\n', '{'), false
}

func (o *object) text(name, v string) {
	o.key(name)
	o.buf = appendQuoted(o.buf, v)
}

func (o *object) optional(name, v string) {
	if v != "" {
		o.text(name, v)
	}
}

func (o *object) number(name string, v int) {
	o.key(name)
	o.buf = strconv.AppendInt(o.buf, int64(v), 10)
}

func (o *object) flag(name string, v bool) {
	o.key(name)
	o.buf = strconv.AppendBool(o.buf, v)
}

// moment writes RFC 3339, or null for the zero time.
func (o *object) moment(name string, t time.Time) {
	o.key(name)
	if t.IsZero() {
		o.buf = append(o.buf, "null"...)
		return
	}
	o.buf = appendMoment(o.buf, t)
}

func appendMoment(dst []byte, t time.Time) []byte {
	return append(t.AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
}

func (o *object) null(name string) {
	o.key(name)
	o.buf = append(o.buf, "null"...)
}

func (o *object) texts(name string, vs []string) {
	o.key(name)
	o.buf = appendTexts(o.buf, vs)
}

func appendTexts(dst []byte, vs []string) []byte {
	dst = append(dst, '[')
	for i, v := range vs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, v)
	}
	return append(dst, ']')
}

// values writes what fills a sentence, in order of name. A duration is {"seconds": n} and a moment {"time": "..."}, so
// that a reader knows them from texts.
func (o *object) values(name string, vs map[string]any) {
	o.begin(name)
	var room [8]string
	names := room[:0]
	for k := range vs {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		if o.open {
			o.buf = append(o.buf, ',')
		}
		o.open = true
		o.buf = append(appendQuoted(o.buf, k), ':')
		o.buf = appendValue(o.buf, vs[k])
	}
	o.end()
}

func appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return appendQuoted(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int32:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	case time.Duration:
		dst = append(dst, `{"seconds":`...)
		return append(strconv.AppendFloat(dst, v.Seconds(), 'f', -1, 64), '}')
	case time.Time:
		return append(appendMoment(append(dst, `{"time":`...), v), '}')
	case []string:
		return appendTexts(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, e)
		}
		return append(dst, ']')
	}
	return appendQuoted(dst, fmt.Sprint(v))
}

// appendQuoted writes a JSON string of printable characters alone: a line of the stream can be shown on a terminal.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && s[i] >= ' ' && s[i] < utf8.RuneSelf-1 && s[i] != '"' && s[i] != '\\' {
			i++
		}
		dst = append(dst, s[start:i]...)
		if i == len(s) {
			break
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r != utf8.RuneError && unicode.IsGraphic(r):
			dst = append(dst, s[i:i+n]...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, hi, lo)
		default: // a byte that is no UTF-8 is U+FFFD here
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
		i += n
	}
	return append(dst, '"')
}
