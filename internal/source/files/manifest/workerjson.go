package manifest

import (
	"strings"
)

// json says what a JSON value is.
func (w *worker) json(p *piece) {
	if p.text[0] == '[' {
		w.jsonArray(p)
		return
	}
	if p.text[0] != '{' {
		w.fault(p, &fault{reason: ReasonNotAnObject, values: map[string]any{"what": "scalar"}})
		return
	}
	if p.list != nil && p.cutJSONList(w.run, w.piece) {
		return
	}
	h, f := scanHead(p.text, 0, int(w.limits.Depth))
	if f != nil { // its brackets are right, what stands between them is not
		w.flow(p, w.val.check(p.text))
		return
	}
	h.patch = jsonHoldsPatch(p.text)
	own := h.head
	verdict := p.judge(&h.head)
	if verdict.what != "" && !h.twice {
		w.foreign(p, verdict.what)
		return
	}
	if n := int64(len(p.text)); n > w.limits.DocumentBytes {
		w.fault(p, &fault{reason: ReasonTooLarge, values: map[string]any{"what": "document", "limit": w.limits.DocumentBytes, "size": n}})
		return
	}
	if f := w.val.check(p.text); f != nil {
		w.flow(p, f)
		return
	}
	switch {
	case verdict.fault != nil:
		verdict.fault.identity = jsonIdentity(p.text)
		w.fault(p, verdict.fault)
	case verdict.list:
		w.jsonList(p, &h)
	default:
		w.object(p, &h.head, completed(p.text, &own, &h.head))
	}
}

// jsonList says what became of a list that could not be cut by its brackets.
func (w *worker) jsonList(p *piece, h *jsonHead) {
	switch {
	case p.list != nil && p.list.depth >= maxLists:
		w.fault(p, &fault{reason: ReasonTooDeep, values: map[string]any{"what": "lists", "limit": maxLists}})
	case h.itemsFrom == 0:
		w.emptyList(p)
	default:
		w.flow(p, nil)
	}
}

// jsonArray says what an array is that stands alone: kubectl takes no object from one.
func (w *worker) jsonArray(p *piece) {
	what := roleWhat[p.src.role]
	switch {
	case p.list == nil && what != "":
		w.foreign(p, what)
	case p.list != nil || holdsObject(p.text, int(w.limits.Depth)):
		w.fault(p, &fault{reason: ReasonNotAnObject, values: map[string]any{"what": "list"}})
	case strings.EqualFold(extension(p.src.base), ".json"):
		w.foreign(p, WhatJSONData)
	default:
		w.foreign(p, WhatOther)
	}
}

func holdsObject(array []byte, depth int) bool {
	c := within(array, 0, depth)
	for from, to, ok := c.element(); ok; from, to, ok = c.element() {
		if array[from] != '{' {
			continue
		}
		if h, f := scanHead(array[from:to], 0, depth); f == nil && h.version.state != absent && h.kind.state != absent {
			return true
		}
	}
	return false
}

// flow tries as YAML in flow style what is no JSON, as kubectl does; f is the fault of the JSON.
func (w *worker) flow(p *piece, f *fault) {
	if f == nil {
		f = &fault{reason: ReasonJSONSyntax}
	}
	if f.reason == ReasonJSONSyntax && (p.alone || p.list != nil) {
		if v, yf := w.decode(p.text); yf == nil && isCollection(v) {
			w.yamlValue(p, v)
			return
		}
	}
	w.fault(p, f)
}

// completed is the object with what its list says of it; the text itself, where the object says it.
func completed(text []byte, own, h *head) []byte {
	if own.version.state != absent && own.kind.state != absent {
		return text
	}
	out := append(make([]byte, 0, len(text)+64), '{')
	if own.version.state == absent {
		out = append(appendString(append(out, `"apiVersion":`...), h.version.text), ',')
	}
	if own.kind.state == absent {
		out = append(appendString(append(out, `"kind":`...), h.kind.text), ',')
	}
	if text[skipSpace(text, 1)] == '}' {
		return append(out[:len(out)-1], '}')
	}
	return append(out, text[1:]...)
}
