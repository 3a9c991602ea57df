package manifest

import (
	"bytes"
	"sync/atomic"
)

// A yamlList is a List in block style, as kubectl writes it, cut at its items before it is parsed: so each item has its
// line, a large one is parsed by all workers, and one that is broken does not take the others with it.
//
// The cut is at each line of the items' indentation that begins with "- ". No block or plain scalar goes on at that
// indentation, and a quote or bracket that is open there makes the item before it fail. Where an item fails, the list is
// parsed whole and nothing of the cut is used, unless the whole fails too or is too large: so what was cut is held back
// until all of it is known to be right.
type yamlList struct {
	whole   piece
	items   *list
	held    bool // small enough to be parsed whole
	parts   []*part
	waiting atomic.Int32
	failed  atomic.Bool
	// continued: the API server said that more follows
	continued bool
}

// A part is an item of a yamlList, and what is to be said of it.
type part struct {
	of   *yamlList
	says []func(worker int)
}

// cutYAMLList puts the items of a list in block style; false: the piece is none.
func (p *piece) cutYAMLList(r *run, put func(piece)) bool {
	if !looksLikeList(p.text) {
		return false
	}
	frame, items := splitItems(p.text, int(r.limits.DocumentValues))
	if len(items) == 0 || int64(len(frame)) > r.limits.DocumentBytes {
		return false
	}
	v, err := parseYAML(frame, true)
	m, ok := v.(map[any]any)
	if err != nil || !ok {
		return false
	}
	h := headOfYAML(m, frame)
	if verdict := p.judge(h); !verdict.list || (&worker{run: r}).frameFault(m, frame) != nil {
		return false
	}
	l := &yamlList{whole: *p, items: itemsOf(h, p.list), held: int64(len(p.text)) <= r.limits.DocumentBytes, continued: h.continued}
	l.waiting.Store(int32(len(items)))
	for range items {
		l.parts = append(l.parts, &part{of: l})
	}
	lines := &lineCounter{data: p.text}
	for i, it := range items {
		put(piece{
			src: p.src, text: p.text[it.from:it.to:it.to], line: p.line + lines.at(it.from), index: p.index, list: l.items, part: l.parts[i],
		})
	}
	return true
}

// looksLikeList is a quick test that no ordinary document passes.
func looksLikeList(text []byte) bool {
	i := bytes.Index(text, []byte("kind: "))
	return i >= 0 && (bytes.HasPrefix(text, []byte("items:")) || bytes.Contains(text, []byte("\nitems:"))) && bytes.Contains(text, []byte("List"))
}

type span struct{ from, to int }

// splitItems gives what stands around the items, with an empty list in their place, and where each item stands. No
// items: the text cannot be cut.
func splitItems(text []byte, most int) (frame []byte, items []span) {
	start := 0
	if !bytes.HasPrefix(text, []byte("items:")) {
		start = bytes.Index(text, []byte("\nitems:")) + 1
	}
	at := lineEnd(text, start)
	if rest := bytes.TrimSpace(text[start+len("items:") : at]); len(rest) > 0 && rest[0] != '#' {
		return nil, nil
	}
	first, indent := at, -1
	for at < len(text) {
		end := lineEnd(text, at)
		row := text[at:end]
		bare := bytes.TrimLeft(row, " ")
		spaces := len(row) - len(bare)
		switch {
		case len(bytes.TrimSpace(bare)) == 0, bare[0] == '#':
		case indent < 0 && !isDash(bare), len(items) > most:
			return nil, nil
		case indent < 0 || spaces == indent && isDash(bare):
			if indent < 0 {
				indent = spaces
			} else {
				items[len(items)-1].to = at
			}
			items = append(items, span{from: at, to: len(text)})
		case spaces > indent:
		case spaces == 0:
			items[len(items)-1].to = at
			return frameOf(text, start, at), items
		default:
			return nil, nil
		}
		at = end
	}
	if indent < 0 || first >= len(text) {
		return nil, nil
	}
	return frameOf(text, start, len(text)), items
}

func frameOf(text []byte, from, to int) []byte {
	frame := append([]byte{}, text[:from]...)
	frame = append(frame, "items: []\n"...)
	return append(frame, text[to:]...)
}

func isDash(bare []byte) bool { return len(bare) > 0 && bare[0] == '-' && ends(bare, 1) }

func lineEnd(text []byte, from int) int {
	if i := bytes.IndexByte(text[from:], '\n'); i >= 0 {
		return from + i + 1
	}
	return len(text)
}

// done counts an item that was parsed. Whoever comes last says what all of them hold back.
func (w *worker) done(pt *part) {
	l := pt.of
	if l.waiting.Add(-1) > 0 || !l.held {
		return
	}
	if l.failed.Load() && w.wholeList(l) {
		return
	}
	for _, pt := range l.parts {
		for _, say := range pt.says { // what is held is no longer guarded: only the sink runs
			say(w.id)
		}
		pt.says = nil
	}
}

// wholeList parses a list that could not be cut; false: it cannot be parsed whole either.
func (w *worker) wholeList(l *yamlList) bool {
	v, f := w.decode(l.whole.text)
	if f != nil {
		return false
	}
	p := l.whole
	w.yamlValue(&p, v)
	return true
}
