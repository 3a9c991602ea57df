package secrets

import "strings"

// report records hits in the string where the walker stands.
func (w *walker) report(c *frame, hits []hit) {
	if len(hits) == 0 {
		return
	}
	if w.inner {
		for _, h := range hits {
			w.sunk = append(w.sunk, hit{rule: h.rule, value: h.value})
		}
		return
	}
	place := c.place
	if w.fixed != "" {
		place = w.fixed
	}
	for _, h := range hits {
		w.found = append(w.found, Sighting{
			Path: w.path(), Place: place, Part: w.part(c, place), Rule: h.rule, Length: len(h.value), Digest: w.s.digest(h.value),
		})
	}
}

// path gives the way from the root to where the walker stands.
func (w *walker) path() []any {
	p := make([]any, len(w.steps))
	for i, s := range w.steps {
		if s.key == nil {
			p[i] = s.index
			continue
		}
		p[i] = w.keyText(s.key)
	}
	return p
}

// keyText gives a key without escapes. key is a slice of src.
func (w *walker) keyText(key []byte) string {
	if strings.IndexByte(string(key), '\\') < 0 {
		return string(key)
	}
	start := cap(w.src) - cap(key)
	return w.decode(span{start: start, end: start + len(key), kinds: escapeByte})
}

// part names the part: the variable, the key, for Helm's values the way to it.
func (w *walker) part(c *frame, place Place) string {
	switch {
	case place == HelmValues:
		var names []string
		for _, s := range w.steps {
			if s.key != nil {
				names = append(names, w.keyText(s.key))
			}
		}
		if c.part != nil {
			names = append(names[:max(0, len(names)-1)], string(c.part))
		}
		return strings.Join(names, ".")
	case c.part != nil:
		return string(c.part)
	case place == Args || place == Command:
		return ""
	}
	return string(c.name)
}

// seek gives the first byte of the value of a member of the object that begins there, with pos at it. The caller
// puts pos back.
func (w *walker) seek(begin int, key string) (byte, bool) {
	w.pos = begin + 1
	for {
		switch w.space() {
		case ',':
			w.pos++
			continue
		case '"':
		default:
			return 0, false
		}
		k, ok := w.text()
		if !ok || w.space() != ':' {
			return 0, false
		}
		w.pos++
		first := w.space()
		if string(w.src[k.start:k.end]) == key {
			return first, !w.bad
		}
		w.skip()
		if w.bad {
			return 0, false
		}
	}
}

// aside runs look at an object that begins there and puts the walker back to where it stood, whatever it met. All
// such looks together are bounded: what is made of nothing but reasons to look must not take its square.
func (w *walker) aside(begin int, look func()) {
	if w.looked > 16*len(w.src)+maxBlock || len(w.steps) > maxSiblingDepth {
		return
	}
	pos, bad := w.pos, w.bad
	look()
	w.looked += max(0, w.pos-begin)
	w.pos, w.bad = pos, bad
}

// siblingText gives a string of the object that begins there, or "".
func (w *walker) siblingText(begin int, key string) (v string) {
	w.aside(begin, func() {
		if first, ok := w.seek(begin, key); ok && first == '"' {
			if sp, ok := w.text(); ok {
				v = w.decode(sp)
			}
		}
	})
	return v
}

// siblingList gives the strings of a list of the object that begins there.
func (w *walker) siblingList(begin int, key string) (list []string) {
	w.aside(begin, func() {
		if first, ok := w.seek(begin, key); !ok || first != '[' {
			return
		}
		w.pos++
		for {
			switch w.space() {
			case ',':
				w.pos++
			case '"':
				sp, ok := w.text()
				if !ok {
					return
				}
				list = append(list, w.decode(sp))
			default:
				return
			}
		}
	})
	return list
}

// hasMember reports whether the object that begins there has a string under any of the keys.
func (w *walker) hasMember(begin int, keys ...string) bool {
	for _, k := range keys {
		if w.siblingText(begin, k) != "" {
			return true
		}
	}
	return false
}
