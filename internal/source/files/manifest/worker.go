package manifest

import (
	"maps"
	"slices"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
)

// piece parses a piece and says what it is.
func (w *worker) piece(p piece) {
	w.guard(&p)
	if p.part != nil {
		w.done(p.part)
	}
}

// guard makes a panic of a parser the problem of the one piece. A panic of the sink is not the parser's, and goes on.
func (w *worker) guard(p *piece) {
	defer func() {
		if w.telling {
			return
		}
		if e := recover(); e != nil {
			reason := ReasonYAMLSyntax
			if p.json {
				reason = ReasonJSONSyntax
			}
			w.enc, w.val = encoder{}, validator{} // what they held may be half done
			w.fault(p, &fault{reason: reason, values: map[string]any{"what": "parser-failed"}})
		}
	}()
	switch {
	case p.src.raw:
		w.raw(p)
	case p.json:
		w.json(p)
	default:
		w.yaml(p)
	}
}

// raw hands a file over as it stands.
func (w *worker) raw(p *piece) {
	if n := int64(len(p.text)); n > w.limits.DocumentBytes {
		w.fault(p, &fault{reason: ReasonTooLarge, values: map[string]any{"what": "document", "limit": w.limits.DocumentBytes, "size": n}})
		return
	}
	says := p.src.says
	if says == nil {
		says = &list{}
	}
	w.tell(p, func(worker int) {
		p.src.found.Add(1)
		w.sink.Document(worker, Document{
			Root: p.src.root, File: p.src.file, Line: p.line, Index: p.index, APIVersion: says.version, Kind: says.kind, Text: p.text,
		})
	})
}

// tell says something of a piece: at once, or when the list that it was cut from is known to be right.
func (w *worker) tell(p *piece, say func(worker int)) {
	if p.part != nil && p.part.of.held {
		p.part.says = append(p.part.says, say)
		return
	}
	w.telling = true
	say(w.id)
	w.telling = false
}

func (w *worker) fault(p *piece, f *fault) {
	pr := Problem{
		File: p.src.file, Root: p.src.root, Line: p.line + f.line, Index: p.index, Reason: f.reason, Values: f.values,
		Kind: f.kind, Namespace: f.namespace, Name: f.name,
	}
	if first, ok := pr.Values["first"].(int); ok {
		pr.Values["first"] = p.line + first
	}
	w.tell(p, func(int) { p.src.problem(pr) })
}

func (w *worker) foreign(p *piece, what string) {
	f := Foreign{File: p.src.file, Line: p.line, Index: p.index, What: what}
	w.tell(p, func(int) { p.src.foreign(f) })
}

func (w *worker) emptyList(p *piece) {
	f := Foreign{File: p.src.file, Line: p.line, Index: p.index, What: WhatEmpty, List: true}
	w.tell(p, func(int) { p.src.foreign(f) })
}

func (w *worker) object(p *piece, h *head, obj []byte) {
	d := Document{
		Root: p.src.root, File: p.src.file, Line: p.line, Index: p.index, APIVersion: h.version.text, Kind: h.kind.text, List: p.list != nil,
		JSON: obj, Text: p.text,
	}
	if r := p.src.rendered; r != nil {
		r.place(&d)
	}
	w.tell(p, func(worker int) {
		p.src.found.Add(1)
		w.sink.Document(worker, d)
	})
}

// yaml parses a piece of YAML.
func (w *worker) yaml(p *piece) {
	if p.part != nil && p.part.of.continued && p.part == p.part.of.parts[0] {
		list := *p
		list.line = p.part.of.whole.line
		w.fault(&list, &fault{reason: ReasonListContinues})
	}
	if w.quickly(p) {
		return
	}
	v, f := w.decode(p.text)
	if f != nil {
		if p.part != nil && f.reason == ReasonYAMLSyntax {
			p.part.of.failed.Store(true)
		}
		if key, ok := f.values["key"].(string); ok && p.part != nil { // the path is the item's own
			f.values["key"] = strings.TrimPrefix(strings.TrimPrefix(key, "[0]"), ".")
		}
		w.fault(p, f)
		return
	}
	if p.part != nil { // the text is a list of one item
		l, ok := v.([]any)
		if !ok || len(l) != 1 {
			p.part.of.failed.Store(true)
			w.fault(p, &fault{reason: ReasonYAMLSyntax, values: map[string]any{"what": "syntax"}})
			return
		}
		v = l[0]
	}
	w.yamlValue(p, v)
}

// yamlValue says what a parsed piece is.
func (w *worker) yamlValue(p *piece, v any) {
	m, ok := v.(map[any]any)
	if !ok {
		w.noMap(p, v)
		return
	}
	h := headOfYAML(m, p.text)
	switch verdict := p.judge(h); {
	case verdict.fault != nil:
		verdict.fault.identity = identityOfMap(m)
		w.fault(p, verdict.fault)
	case verdict.what != "":
		w.foreign(p, verdict.what)
	case verdict.list:
		w.yamlItems(p, h, m)
	default:
		w.yamlObject(p, h, m)
	}
}

func (w *worker) yamlObject(p *piece, h *head, m map[any]any) {
	if p.list != nil || p.src.says != nil { // what the list says of its items, what the place says of the document
		m["apiVersion"], m["kind"] = h.version.text, h.kind.text
	}
	obj, f := w.encode(m, p.text)
	if f != nil {
		w.fault(p, f)
		return
	}
	w.object(p, h, obj)
}

func identityOfMap(m map[any]any) (id identity) {
	kind, _ := m["kind"].(string)
	id.kind = wordOf(kind)
	meta, _ := m["metadata"].(map[any]any)
	for _, key := range []string{"namespace", "name"} {
		text, _ := meta[key].(string)
		id.set(key, text)
	}
	return id
}

// noMap says what a document is that is no map.
func (w *worker) noMap(p *piece, v any) {
	what := roleWhat[p.src.role]
	l, isList := v.([]any)
	switch {
	case p.list == nil && v == nil:
		w.foreign(p, WhatEmpty)
	case p.list == nil && what != "" && isList:
		w.foreign(p, what)
	case isList && (p.list != nil || slices.ContainsFunc(l, isObject)):
		w.fault(p, &fault{reason: ReasonNotAnObject, values: map[string]any{"what": "list"}})
	case p.list == nil && strings.EqualFold(extension(p.src.base), ".json"):
		w.foreign(p, WhatJSONData)
	case isList:
		w.foreign(p, WhatOther)
	default:
		w.fault(p, &fault{reason: ReasonNotAnObject, values: map[string]any{"what": "scalar"}})
	}
}

func extension(base string) string {
	if i := strings.LastIndexByte(base, '.'); i >= 0 {
		return base[i:]
	}
	return ""
}

// isObject reports a map that says what object it is.
func isObject(v any) bool {
	m, _ := v.(map[any]any)
	_, version := m["apiVersion"]
	_, kind := m["kind"]
	return version && kind
}

// frameFault checks what stands around the items of a list: no JSON is made of it otherwise.
func (w *worker) frameFault(m map[any]any, text []byte) *fault {
	frame := maps.Clone(m)
	delete(frame, "items")
	_, f := w.encode(frame, text)
	return f
}

// yamlItems says what the items of a list are that was parsed whole.
func (w *worker) yamlItems(p *piece, h *head, m map[any]any) {
	items, _ := m["items"].([]any)
	l := itemsOf(h, p.list)
	if f := w.frameFault(m, p.text); f != nil {
		w.fault(p, f)
		return
	}
	if h.continued {
		w.fault(p, &fault{reason: ReasonListContinues})
	}
	switch {
	case l.depth > maxLists:
		w.fault(p, &fault{reason: ReasonTooDeep, values: map[string]any{"what": "lists", "limit": maxLists}})
		return
	case len(items) == 0:
		w.emptyList(p)
		return
	}
	texts := itemTexts(p.text, len(items))
	for i, v := range items {
		it := *p
		it.list, it.alone = l, false
		it.text, it.line = texts[i].text, p.line+texts[i].line
		w.yamlValue(&it, v)
	}
}

type placed struct {
	text []byte
	line int // from the first line of the list's text
}

// itemTexts finds the lines of a list's items, each from its first to the next one's. Where they cannot be told, each
// item has all of the text.
func itemTexts(text []byte, n int) []placed {
	out := make([]placed, n)
	for i := range out {
		out[i].text = text
	}
	root := nodes(text)
	if root == nil {
		return out
	}
	if root.Kind == yamlv3.SequenceNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	items, _ := field(root, "items")
	if items == nil {
		return out
	}
	items = resolved(items)
	if len(items.Content) != n {
		return out
	}
	starts := lineStarts(text)
	for i, c := range items.Content {
		from := min(c.Line-1, len(starts)-1)
		to := len(text)
		if i+1 < n {
			to = starts[min(max(items.Content[i+1].Line-1, from+1), len(starts)-1)]
		}
		if to <= starts[from] {
			to = len(text)
		}
		out[i] = placed{text[starts[from]:to:to], from}
	}
	return out
}

// lineStarts is where each line begins.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for at := lineEnd(text, 0); at < len(text); at = lineEnd(text, at) {
		starts = append(starts, at)
	}
	return starts
}
