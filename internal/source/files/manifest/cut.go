package manifest

import (
	"bytes"
	"strings"
)

// A piece is a text that is parsed by itself: a document, or an item of a list.
type piece struct {
	src   *source
	text  []byte
	line  int // of its first line in the file, from 1
	index int // of its document, from 1
	json  bool
	list  *list // it is an item of this list; nil: it is a document
	part  *part // it was cut out of a YAML list, and waits for the rest of it
	alone bool  // its document is this and nothing else
}

// A cutter cuts the bytes of a file into pieces.
type cutter struct {
	src   *source
	put   func(piece)
	index int // of the latest document
}

// cut reads a file's bytes and puts its pieces.
func (s *source) cut(data []byte, put func(piece)) {
	s.bytes.Add(int64(len(data)))
	if s.raw {
		s.files.Add(1)
		s.documents.Add(1)
		s.sink.File(s.file, 1)
		put(piece{src: s, text: data, line: 1, index: 1, alone: true})
		return
	}
	text, reason := plainText(data)
	switch {
	case reason == ReasonBinary && strings.HasPrefix(s.base, "._") && bytes.HasPrefix(data, appleDouble):
		s.foreign(Foreign{File: s.file, What: WhatOther})
		return
	case reason != "":
		s.fail(reason, nil)
		return
	}
	c := &cutter{src: s, put: put}
	docs := newSplitter(text)
	for {
		doc, line := docs.document()
		if doc == nil || s.ctx.Err() != nil {
			break
		}
		c.document(doc, line)
	}
	switch {
	case c.index == 0 && s.rendered != nil: // a template with nothing switched on
		return
	case c.index == 0:
		s.sink.Foreign(Foreign{File: s.file, What: WhatEmpty}) // it does not count: nothing was found
		return
	}
	if s.rendered == nil || !s.rendered.again {
		s.files.Add(1)
	}
	s.documents.Add(int64(c.index))
	s.sink.File(s.file, c.index)
}

func (c *cutter) document(text []byte, line int) {
	if beginsJSON(text) {
		c.json(text, line)
		return
	}
	c.index++
	c.yaml(text, line)
}

// beginsJSON tells JSON from YAML in flow style and from templates, by its first two signs.
func beginsJSON(text []byte) bool {
	i := skipSpace(text, 0)
	if i == len(text) || text[i] != '{' && text[i] != '[' {
		return false
	}
	next := skipSpace(text, i+1)
	switch {
	case next == len(text), text[next] == '"', text[next] == text[i]+2:
		return true
	}
	return text[i] == '[' && strings.IndexByte("{[-0123456789tfn", text[next]) >= 0
}

func (c *cutter) yaml(text []byte, line int) {
	p := piece{src: c.src, text: text, line: line, index: c.index, alone: true}
	if !p.cutYAMLList(c.src.run, c.put) {
		c.put(p)
	}
}

// json cuts the JSON values that follow each other in a text. What begins like JSON and is YAML in flow style is left
// to the YAML parser, as kubectl does, unless it is too large to be parsed twice.
func (c *cutter) json(text []byte, line int) {
	before := c.index
	at, f := c.values(text, line)
	if f == nil {
		return
	}
	if c.index == before && int64(len(text)) <= c.src.limits.DocumentBytes && f.reason != ReasonTooDeep {
		v, wrong := (&worker{run: c.src.run}).decode(text)
		if wrong == nil && isCollection(v) || wrong != nil && wrong.reason == ReasonDuplicateKey {
			c.index++
			c.put(piece{src: c.src, text: text, line: line, index: c.index, alone: true})
			return
		}
	}
	c.broken(text, line, at, f)
}

func isCollection(v any) bool {
	switch v.(type) {
	case map[any]any, []any:
		return true
	}
	return false
}

// values puts JSON values until the text ends or one is broken: where that one begins, and why.
func (c *cutter) values(text []byte, line int) (at int, f *scanFault) {
	lines := &lineCounter{data: text}
	for at = skipSpace(text, 0); at < len(text); {
		end, f := skipValue(text, at, int(c.src.limits.Depth))
		if f != nil {
			return at, f
		}
		if text[at] != '{' && text[at] != '[' {
			return at, &scanFault{at, ReasonJSONSyntax}
		}
		c.index++
		rest := skipComments(text, end)
		p := piece{src: c.src, text: text[at:end], line: line + lines.at(at), index: c.index, json: true, alone: rest == len(text)}
		if !p.cutJSONList(c.src.run, c.put) {
			c.put(p)
		}
		at = rest
	}
	return at, nil
}

// skipComments skips what may stand after JSON in a stream of YAML: space, and comments after a space.
func skipComments(text []byte, at int) int {
	for {
		next := skipSpace(text, at)
		if next == at || next == len(text) || text[next] != '#' {
			return next
		}
		at = lineEnd(text, next)
		if at == len(text) {
			return at
		}
		at-- // the line end is the space before another comment
	}
}

// broken reports a JSON value that does not end as it should, reads the whole items of the list that it may be, and
// goes on at the next line that begins a value. From there on a broken value takes no more than the lines up to the
// next such line.
func (c *cutter) broken(text []byte, line, at int, f *scanFault) {
	lines := &lineCounter{data: text}
	segment, begin := text, 0
	for c.src.ctx.Err() == nil {
		if f != nil {
			c.index++
			p := piece{src: c.src, text: segment[at:], line: line + lines.at(begin+at), index: c.index, json: true}
			c.report(&p, f.reason, line+lines.at(begin+min(f.at, len(segment)-1)))
			if p.salvage(c.src.run, c.put) {
				return
			}
		}
		if begin = nextValueLine(text, begin+at); begin < 0 {
			return
		}
		segment = text[begin:]
		if stop := nextValueLine(text, begin); stop >= 0 {
			segment = text[begin:stop]
		}
		if at, f = c.values(segment, line+lines.at(begin)); f == nil {
			at = max(len(segment)-1, 0) // the line end before the next value
		}
	}
}

func (c *cutter) report(p *piece, reason string, line int) {
	pr := Problem{File: c.src.file, Root: c.src.root, Index: p.index, Reason: reason, Line: line}
	if reason == ReasonTooDeep {
		pr.Values = map[string]any{"what": "nesting", "limit": c.src.limits.Depth}
	}
	c.src.problem(pr)
}

// nextValueLine is where the next line begins that begins with a bracket; -1: nowhere.
func nextValueLine(text []byte, from int) int {
	for {
		i := bytes.IndexByte(text[from:], '\n')
		if i < 0 || from+i+1 >= len(text) {
			return -1
		}
		from += i + 1
		if text[from] == '{' || text[from] == '[' {
			return from
		}
	}
}

// cutJSONList puts the items of a JSON list; false: the piece is none that can be cut.
func (p *piece) cutJSONList(r *run, put func(piece)) bool {
	if p.text[0] != '{' || !bytes.Contains(p.text, []byte(`"items"`)) {
		return false
	}
	h, f := scanHead(p.text, 0, int(r.limits.Depth))
	if f != nil || h.twice || p.list != nil && p.list.depth >= maxLists {
		return false
	}
	v := p.judge(&h.head)
	if !v.list || h.itemsFrom == 0 {
		return false
	}
	rest := len(p.text) - (h.itemsTo - h.itemsFrom)
	if int64(rest) > r.limits.DocumentBytes || !validFrame(p.text, h) {
		return false
	}
	small := int64(len(p.text)) <= r.limits.DocumentBytes
	if c := within(p.text, h.itemsFrom, int(r.limits.Depth)); small && !c.wellFormed() {
		return false // it may be YAML in flow style
	}
	if h.continued {
		p.src.problem(Problem{File: p.src.file, Root: p.src.root, Index: p.index, Reason: ReasonListContinues, Line: p.line})
	}
	c := within(p.text, h.itemsFrom, int(r.limits.Depth))
	n := p.putItems(c, itemsOf(&h.head, p.list), put)
	switch {
	case c.fault != nil:
		p.src.problem(Problem{
			File: p.src.file, Root: p.src.root, Index: p.index, Reason: c.fault.reason, Line: p.line + lineAt(p.text, c.fault.at),
		})
	case n == 0:
		p.src.foreign(Foreign{File: p.src.file, Line: p.line, Index: p.index, What: WhatEmpty, List: true})
	}
	return true
}

// wellFormed reports that the elements end where they should, and that nothing but them stands there.
func (c *cursor) wellFormed() bool {
	for _, _, ok := c.element(); ok; _, _, ok = c.element() {
	}
	return c.fault == nil
}

// validFrame checks what stands around the items of a list.
func validFrame(text []byte, h jsonHead) bool {
	frame := make([]byte, 0, len(text)-(h.itemsTo-h.itemsFrom)+2)
	frame = append(append(append(frame, text[:h.itemsFrom]...), "[]"...), text[h.itemsTo:]...)
	var v validator
	return v.check(frame) == nil
}

func (p *piece) putItems(c *cursor, l *list, put func(piece)) (n int) {
	lines := &lineCounter{data: p.text}
	for from, to, ok := c.element(); ok; from, to, ok = c.element() {
		put(piece{src: p.src, text: p.text[from:to:to], line: p.line + lines.at(from), index: p.index, json: true, list: l})
		n++
	}
	return n
}

// salvage puts the whole items of a list that does not end; false: it is none.
func (p *piece) salvage(r *run, put func(piece)) bool {
	if len(p.text) == 0 || p.text[0] != '{' {
		return false
	}
	h, f := scanHead(p.text, 0, int(r.limits.Depth))
	if f == nil || h.itemsFrom == 0 || h.kind.state != absent && !h.isList() && !strings.HasSuffix(h.kind.text, "List") {
		return false
	}
	l := &list{depth: 1}
	if h.version.state == good && h.kind.state == good {
		l = itemsOf(&h.head, nil)
	}
	p.putItems(within(p.text, h.itemsFrom, int(r.limits.Depth)), l, put)
	return true
}
