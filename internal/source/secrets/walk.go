package secrets

import (
	"bytes"
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

	looked int // bytes gone over aside

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
	index      int
	kinds      byte // of its bytes
}

func (sp span) escaped() bool { return sp.kinds&escapeByte != 0 }

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
			w.number(c, c.name, w.src[start:w.pos])
		}
	}
}

// object walks an object; pos is at its brace.
func (w *walker) object(c *frame) {
	begin := w.pos
	w.pos++
	depth := len(w.steps)
	w.steps = append(w.steps, step{})
	before := len(w.found)
	var p pairing
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
		if first != '"' {
			w.bad = true
		}
		if w.bad {
			return
		}
		k, _ := w.text()
		if w.space() != ':' {
			w.bad = true
			return
		}
		w.pos++
		key := w.src[k.start:k.end]
		w.steps[depth] = step{key: key}
		if k.escaped() {
			key = []byte(w.decode(k))
		}
		w.member(c, key, begin, &p)
		if w.bad {
			return
		}
	}
	if p.value.end > 0 || p.number != nil {
		w.steps[depth] = step{key: p.valueKey}
		w.paired(c, &p)
	}
	w.steps = w.steps[:depth]
	if p.kty && w.inner {
		if secret := jwkSecret(w.src[begin:w.pos]); secret != "" {
			w.sunk = append(w.sunk, hit{rule: RulePrivateKey, value: secret})
		}
	}
	if c.container && p.name.end > 0 && len(w.found) > before {
		w.contain(before, w.decode(p.name))
	}
}

// pairing is what an object of a list says as name and value.
type pairing struct {
	name     span
	value    span
	number   []byte
	valueKey []byte // raw
	kty      bool   // as JSON web keys have
}

// member walks one member's value.
func (w *walker) member(c *frame, key []byte, begin int, p *pairing) {
	first := w.space()
	if w.bad {
		return
	}
	k := w.s.known(key)
	switch first {
	case '{', '[':
		child, skip := w.under(c, key, k, first, begin)
		if skip {
			w.skip()
			return
		}
		w.value(&child)
	case '"':
		w.textMember(c, key, k, begin, p)
	default:
		start := w.pos
		w.scalar()
		number := w.src[start:w.pos]
		switch {
		case !digit(first):
		case k.role == roleValue && c.plain() && p.value.end == 0 && p.number == nil:
			p.number, p.valueKey = number, w.steps[len(w.steps)-1].key
		case k.class.noun == nounPassword:
			child := frame{area: c.area, place: c.place, name: key, within: c.within}
			w.number(&child, key, number)
		}
	}
}

// textMember looks at a member that is a string. Most end here at once: neither their name nor their form says
// anything.
func (w *walker) textMember(c *frame, key []byte, k *named, begin int, p *pairing) {
	sp, ok := w.text()
	if !ok {
		return
	}
	if c.plain() {
		switch k.role {
		case roleName:
			if p.name.end == 0 || len(key) == len("name") {
				p.name = sp
			}
		case roleValue:
			if p.value.end == 0 && p.number == nil {
				p.value, p.valueKey = sp, w.steps[len(w.steps)-1].key
				return
			}
		case roleKty:
			p.kty = true
		case roleImage: // an image's name holds no secret, but for what is no image's name
			if sp.kinds&(spaceByte|atByte) == 0 || bytes.Contains(w.src[sp.start:sp.end], []byte("@sha256:")) {
				return
			}
		case roleSkipText:
			return
		case roleType:
			if c.area == areaRoot {
				return
			}
		}
	}
	switch c.area {
	case areaSecretData, areaSecretText, areaBinaryData:
	case areaMeta:
		if k.role == roleName || k.role == roleMeta {
			return
		}
		fallthrough
	default:
		if !w.worth(k.class, sp, c.place) {
			return
		}
	}
	child, skip := w.under(c, key, k, '"', begin)
	if !skip {
		w.leaf(&child, key, sp)
	}
}

// plain reports a frame whose keys are fields, not data.
func (c *frame) plain() bool { return c.area == areaFree || c.area == areaRoot }

// worth reports whether a string can hold a secret at all, by the class of its name and its bytes.
func (w *walker) worth(k class, sp span, place Place) bool {
	n := sp.end - sp.start
	if n < minSecret {
		return false
	}
	if k.tells() && (n >= minGenericLength || k.noun != nounVague && (!k.weak || k.noun == nounPassword)) {
		return true
	}
	return n >= 8 && candidate(w.src[sp.start:sp.end], sp.kinds, place)
}

// paired judges the value of an object under the name that the object gives it.
func (w *walker) paired(c *frame, p *pairing) {
	name := w.src[p.name.start:p.name.end]
	switch {
	case p.name.end == 0:
		name = p.valueKey
	case p.name.escaped():
		name = []byte(w.decode(p.name))
	}
	if p.number == nil && !w.worth(w.s.classOf(name), p.value, c.place) {
		return
	}
	child := *c
	child.name, child.part = name, name
	if p.number != nil {
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
	w.steps = w.steps[:depth]
}
