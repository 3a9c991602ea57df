package secrets

import (
	"github.com/go-json-experiment/json/jsontext"
	"strings"
)

// The tokens of JSON, as far as a walker needs them. What reads the object into the inventory judges its syntax; here
// broken JSON only ends the walk.

// space passes white space and gives the byte after it.
func (w *walker) space() byte {
	for w.pos < len(w.src) {
		switch c := w.src[w.pos]; c {
		case ' ', '\t', '\n', '\r':
			w.pos++
		default:
			return c
		}
	}
	w.bad = true
	return 0
}

// text reads the string at pos.
func (w *walker) text() (span, bool) {
	src, i, kinds := w.src, w.pos+1, byte(0)
	sp := span{start: i}
	for i < len(src) && src[i] != '"' {
		kinds |= byteKinds[src[i]]
		if src[i] == '\\' {
			i++
		}
		i++
	}
	if i >= len(src) {
		w.bad, w.pos = true, len(src)
		return sp, false
	}
	sp.end, sp.kinds = i, kinds
	w.pos = i + 1
	return sp, true
}

// decode gives a string without its escapes.
func (w *walker) decode(sp span) string {
	raw := w.src[sp.start:sp.end]
	if !sp.escaped() {
		return string(raw)
	}
	out, _ := jsontext.AppendUnquote(nil, w.src[sp.start-1:sp.end+1])
	return string(out)
}

// scalar passes a number, true, false or null.
func (w *walker) scalar() {
	start := w.pos
	for w.pos < len(w.src) && strings.IndexByte(",]} \t\r\n:\"{[", w.src[w.pos]) < 0 {
		w.pos++
	}
	w.bad = w.bad || w.pos == start
}

// skip passes a value without looking into it.
func (w *walker) skip() {
	depth := 0
	for w.pos < len(w.src) {
		switch w.src[w.pos] {
		case '"':
			if _, ok := w.text(); !ok {
				return
			}
		case '{', '[':
			depth++
			w.pos++
		case '}', ']':
			depth--
			w.pos++
		case ',', ' ', '\t', '\n', '\r', ':':
			w.pos++
			continue
		default:
			w.scalar()
			if w.bad {
				return
			}
		}
		if depth <= 0 {
			return
		}
	}
	w.bad = true
}
