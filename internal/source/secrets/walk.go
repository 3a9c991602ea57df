package secrets

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"sigs.k8s.io/yaml"
)

// A walker goes once over the JSON of one object and looks at its strings where they stand. It builds nothing of
// what it passes: most manifests hold no candidate, and then it allocates nothing.
type walker struct {
	s     *Scanner
	src   []byte
	pos   int
	bad   bool // the JSON broke off: stop
	group string
	kind  string
	fixed Place // of every sighting, where the caller gives it

	steps []step // from the root to where the walker stands
	found []Sighting

	// JSON that stands in a string: hits go up to whoever examines the string.
	inner bool
	asked asked
	sunk  []hit
	spans []span // of the strings of one list
}

// A step is a key or an index.
type step struct {
	key   []byte // raw, without quotes; nil for an index
	index int
}

// A span is a string's bounds without its quotes, raw.
type span struct {
	start, end int
	escaped    bool
	index      int
}

func (s *Scanner) walker(src []byte) *walker {
	w, _ := s.pool.Get().(*walker)
	if w == nil {
		w = &walker{s: s}
	}
	steps, spans := w.steps[:0], w.spans[:0]
	*w = walker{s: s, src: src, steps: steps, spans: spans}
	return w
}

// release gives a walker back without anything of what it read.
func (s *Scanner) release(w *walker) {
	clear(w.steps[:cap(w.steps)])
	*w = walker{s: s, steps: w.steps[:0], spans: w.spans[:0]}
	s.pool.Put(w)
}

func (w *walker) take() []Sighting { return w.found }

// document reads a value that is itself JSON, or YAML of Kubernetes' objects, as what it is. ok is false for other
// text.
func (s *Scanner) document(v string, a asked) (hits []hit, ok bool) {
	if len(v) < 2 {
		return nil, false
	}
	if v[0] == '{' || v[0] == '[' {
		if !json.Valid([]byte(v)) {
			return nil, false
		}
		return s.inside([]byte(v), a), true
	}
	if !strings.Contains(v, "kind:") || !strings.Contains(v, "apiVersion:") {
		return nil, false
	}
	for _, doc := range strings.Split("\n"+v, "\n---") {
		j, err := yaml.YAMLToJSON([]byte(strings.TrimPrefix(doc, "\r")))
		if err != nil {
			return nil, false // a template, for instance: its lines are read
		}
		hits = append(hits, s.inside(j, a)...)
	}
	return hits, true
}

func (s *Scanner) inside(j []byte, a asked) []hit {
	w := s.walker(j)
	defer s.release(w)
	w.inner, w.asked = true, a
	if first := w.space(); first == '{' {
		w.kind = w.siblingText(w.pos, "kind")
		w.group, _, _ = strings.Cut(w.siblingText(w.pos, "apiVersion"), "/")
	}
	c := frame{area: areaRoot, place: a.hint.place, name: []byte(a.name), depth: 1}
	w.value(&c)
	return w.sunk
}

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

// value walks the value at pos.
func (w *walker) value(c *frame) {
	switch first := w.space(); {
	case w.bad:
	case c.depth > maxJSONDepth:
		w.bad = true
	case first == '{':
		w.object(c)
	case first == '[':
		w.list(c)
	case first == '"':
		if sp, ok := w.text(); ok {
			w.leaf(c, c.name, sp)
		}
	default:
		start := w.pos
		w.scalar()
		if digit(first) {
			w.number(c, c.name, string(w.src[start:w.pos]))
		}
	}
}

// object walks an object; pos is at its brace.
func (w *walker) object(c *frame) {
	begin := w.pos
	w.pos++
	depth := len(w.steps)
	w.steps = append(w.steps, step{})
	defer func() { w.steps = w.steps[:depth] }()
	var p pairing
	before := len(w.found)
	for {
		first := w.space()
		if first == '}' {
			w.pos++
			break
		}
		if first == ',' {
			w.pos++
			continue
		}
		if w.bad || first != '"' {
			w.bad = true
			return
		}
		k, ok := w.text()
		if !ok || w.space() != ':' {
			w.bad = true
			return
		}
		w.pos++
		key := w.src[k.start:k.end]
		w.steps[depth] = step{key: key}
		if k.escaped {
			key = []byte(w.decode(k))
		}
		w.member(c, key, begin, &p)
		if w.bad {
			return
		}
	}
	if p.value.end > 0 || p.number != "" {
		w.steps[depth] = step{key: p.valueKey}
		w.paired(c, &p)
	}
	if p.key && w.inner {
		if secret := jwkSecret(w.src[begin:w.pos]); secret != "" {
			w.sunk = append(w.sunk, hit{rule: RulePrivateKey, value: secret})
		}
	}
	if c.container && p.name.end > 0 {
		w.contain(before, w.decode(p.name))
	}
}

// pairing is what an object of a list says as name and value.
type pairing struct {
	name     span
	value    span
	number   string
	valueKey []byte
	key      bool // it has kty, as JSON web keys have
}

// member walks one member's value.
func (w *walker) member(c *frame, key []byte, begin int, p *pairing) {
	first := w.space()
	if w.bad {
		return
	}
	child, skip := w.under(c, key, first, begin)
	if skip {
		w.skip()
		return
	}
	if first != '"' && !digit(first) || c.area != areaFree && c.area != areaRoot {
		w.value(&child)
		return
	}
	switch string(key) {
	case "name", "key":
		if first == '"' {
			sp, ok := w.text()
			if ok && (p.name.end == 0 || string(key) == "name") {
				p.name = sp
			}
			if ok {
				w.leaf(&child, key, sp)
			}
			return
		}
	case "value", "default":
		if p.value.end > 0 || p.number != "" {
			break
		}
		start := w.pos
		p.valueKey = w.steps[len(w.steps)-1].key
		if first == '"' {
			p.value, _ = w.text()
		} else {
			w.scalar()
			p.number = string(w.src[start:w.pos])
		}
		return
	case "kty":
		p.key = true
	}
	w.value(&child)
}

// paired judges the value of an object under the name that the object gives it.
func (w *walker) paired(c *frame, p *pairing) {
	name := p.valueKey
	if p.name.end > 0 {
		name = w.src[p.name.start:p.name.end]
		if p.name.escaped {
			name = []byte(w.decode(p.name))
		}
	}
	child := *c
	child.name, child.part = name, name
	if p.number != "" {
		w.number(&child, name, p.number)
		return
	}
	w.leaf(&child, name, p.value)
}

// list walks a list; pos is at its bracket.
func (w *walker) list(c *frame) {
	w.pos++
	depth := len(w.steps)
	w.steps = append(w.steps, step{})
	defer func() { w.steps = w.steps[:depth] }()
	mark := len(w.spans)
	child := *c
	child.depth++
	for i := 0; ; {
		first := w.space()
		if first == ']' {
			w.pos++
			break
		}
		if first == ',' {
			w.pos++
			continue
		}
		if w.bad {
			return
		}
		w.steps[depth] = step{index: i}
		if first == '"' && c.words {
			sp, ok := w.text()
			if !ok {
				return
			}
			sp.index = i
			w.spans = append(w.spans, sp)
		} else {
			w.value(&child)
		}
		if w.bad {
			return
		}
		i++
	}
	if c.words {
		w.command(c, w.spans[mark:], depth)
	}
	w.spans = w.spans[:mark]
}

// text reads the string at pos.
func (w *walker) text() (span, bool) {
	w.pos++
	sp := span{start: w.pos}
	i := bytes.IndexByte(w.src[w.pos:], '"')
	if i < 0 {
		w.bad, w.pos = true, len(w.src)
		return sp, false
	}
	if bytes.IndexByte(w.src[w.pos:w.pos+i], '\\') < 0 {
		w.pos += i + 1
		sp.end = w.pos - 1
		return sp, true
	}
	sp.escaped = true
	for w.src[w.pos] != '"' {
		if w.src[w.pos] == '\\' {
			w.pos++
		}
		if w.pos++; w.pos >= len(w.src) {
			w.bad, w.pos = true, len(w.src)
			return sp, false
		}
	}
	w.pos++
	sp.end = w.pos - 1
	return sp, true
}

// decode gives a string without its escapes.
func (w *walker) decode(sp span) string {
	raw := w.src[sp.start:sp.end]
	if !sp.escaped {
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
