package manifest

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// A quick reader turns the plain block YAML that tools write straight into JSON. It makes no garbage: its nodes are
// spans of the text, kept in a list that the next document reuses.
//
// It refuses whatever it is not sure of (anchors, tags, folded texts, tabs, escapes, several lines of one plain
// scalar, a key that stands twice, a fault of any kind): the document then goes to the library, which alone decides what
// a text means and what is wrong with it. What the quick reader does take must be, byte for byte, what the library makes
// of it: the differential tests hold that.
type quick struct {
	text  []byte
	pos   int // where the next line begins
	next  line
	nodes []node
	bad   bool
	aux   []byte // texts that do not stand in the document as they are read
	order []int32
	buf   []byte
	odd   map[string]scalar // plain scalars that the library was asked about
}

// A node is a value, and the key that it stands under where it is a member.
type node struct {
	key         []byte
	text        []byte // of a scalar
	kind        nodeKind
	first, next int32 // of its children; of its siblings. 0: none, since the root is nobody's
}

type nodeKind uint8

const (
	aText    nodeKind = iota
	aLiteral          // JSON that stands for itself: a number, true, false, null
	aMap
	aSeq
)

// A line is where the next line that says something stands.
type line struct {
	indent, at int // at: of its first sign
	none       bool
}

const (
	quickDepth = 60
	quickKey   = 500     // of a key's length: the library's own limit is 1,024
	quickText  = 4 << 20 // of a document's
	quickOdd   = 4096    // scalars remembered
)

// load begins a document. item: it is a list of one item, that item is the value.
func (q *quick) load(text []byte, item bool) (root int32, ok bool) {
	if bytes.IndexByte(text, '\r') >= 0 { // a line end of two signs is one: a text has no other carriage return
		text = bytes.ReplaceAll(text, []byte("\r\n"), newline)
	}
	if len(text) == 0 || len(text) > quickText || !printable(text) || bytes.Contains(text, []byte("$patch")) {
		return 0, false
	}
	q.text, q.pos, q.bad, q.aux = text, 0, false, q.aux[:0]
	q.nodes = append(q.nodes[:0], node{})
	q.skip()
	switch {
	case q.next.none:
		return 0, false
	case item:
		list := q.sequence(q.next.indent, 0)
		root = q.nodes[list].first
		if root == 0 || q.nodes[root].next != 0 {
			return 0, false
		}
	case q.next.indent != 0 || q.dash(q.next.at):
		return 0, false
	default:
		root = q.mapping(0, 0)
	}
	return root, !q.bad && q.next.none && q.nodes[root].kind == aMap
}

// quickly takes a piece that is one ordinary object in plain YAML; false: the library is to read it.
func (w *worker) quickly(p *piece) bool {
	if w.limits.Depth < quickDepth || w.bounded(p.text) != nil {
		return false
	}
	q := &w.quick
	root, ok := q.load(p.text, p.part != nil)
	if !ok {
		return false
	}
	h := q.head(root)
	if h.version.state != good || h.kind.state != good || p.judge(h) != (verdict{}) {
		return false
	}
	q.buf, q.order = q.buf[:0], q.order[:0]
	if q.write(root); q.bad {
		return false
	}
	obj := bytes.Clone(q.buf)
	if cap(q.buf) > 4<<20 { // one large object must not cost every worker its size for ever
		*q = quick{}
	}
	w.object(p, h, obj)
	return true
}

// head reads what the root says of itself.
func (q *quick) head(root int32) *head {
	h := &head{}
	for c := q.nodes[root].first; c != 0; c = q.nodes[c].next {
		n := q.nodes[c]
		switch string(n.key) {
		case "apiVersion":
			h.version = q.label(n)
		case "kind":
			h.kind = q.label(n)
		case "items":
			return &head{} // a list is not ordinary: the library reads it
		}
	}
	return h
}

func (q *quick) label(n node) label {
	if n.kind != aText {
		return label{state: wrong}
	}
	return labelOf(string(n.text))
}

// printable reports that a text holds no control character, no line break but "\n", and nothing that YAML refuses.
func printable(text []byte) bool {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError || r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xfff0 && r <= 0xffff {
			return false
		}
		i += n
	}
	return true
}

func (q *quick) fail() int32 {
	q.bad = true
	q.next = line{none: true}
	return 0
}

// skip moves to the next line that says something.
func (q *quick) skip() {
	for q.pos < len(q.text) {
		at := q.pos
		for at < len(q.text) && q.text[at] == ' ' {
			at++
		}
		if at < len(q.text) && q.text[at] != '\n' && q.text[at] != '#' {
			q.next = line{indent: at - q.pos, at: at}
			return
		}
		q.pos = lineEnd(q.text, at)
	}
	q.next = line{none: true}
}

func (q *quick) dash(at int) bool {
	return q.text[at] == '-' && (at+1 == len(q.text) || q.text[at+1] == ' ' || q.text[at+1] == '\n')
}

func (q *quick) add(n node) int32 {
	q.nodes = append(q.nodes, n)
	return int32(len(q.nodes) - 1)
}

// block reads the collection that the next line begins.
func (q *quick) block(depth int) int32 {
	if depth > quickDepth || q.next.none {
		return q.fail()
	}
	if q.dash(q.next.at) {
		return q.sequence(q.next.indent, depth)
	}
	return q.mapping(q.next.indent, depth)
}

func (q *quick) sequence(indent, depth int) int32 {
	self := q.add(node{kind: aSeq})
	last := int32(0)
	for !q.next.none && q.next.indent == indent && q.dash(q.next.at) {
		v := q.element(indent, depth)
		if q.bad {
			return 0
		}
		q.link(self, &last, v)
	}
	if !q.next.none && q.next.indent > indent {
		return q.fail()
	}
	return self
}

// link hangs a child behind the last one.
func (q *quick) link(parent int32, last *int32, child int32) {
	if *last == 0 {
		q.nodes[parent].first = child
	} else {
		q.nodes[*last].next = child
	}
	*last = child
}

// element reads what stands behind a dash: a mapping that begins there is as far indented as its first key.
func (q *quick) element(indent, depth int) int32 {
	at := q.next.at + 1
	for at < len(q.text) && q.text[at] == ' ' {
		at++
	}
	if at == len(q.text) || q.text[at] == '\n' || q.text[at] == '#' {
		return q.below(at, indent, indent+1, depth)
	}
	if q.dash(at) {
		return q.fail() // a list in a list's line: seldom written
	}
	inner := indent + at - q.next.at
	if _, _, is := q.key(at); is {
		if depth >= quickDepth {
			return q.fail()
		}
		q.next = line{indent: inner, at: at}
		return q.mapping(inner, depth+1)
	}
	if q.bad {
		return 0
	}
	return q.inline(at, indent, depth)
}

// below reads the value that stands in the lines below, at least from an indentation on; null where there is none.
func (q *quick) below(at, indent, from, depth int) int32 {
	q.pos = lineEnd(q.text, at)
	q.skip()
	if q.next.none || q.next.indent < from || q.next.indent == indent && !q.dash(q.next.at) {
		return q.add(node{kind: aLiteral, text: null})
	}
	return q.block(depth + 1)
}

var null = []byte("null")

func (q *quick) mapping(indent, depth int) int32 {
	self := q.add(node{kind: aMap})
	last := int32(0)
	for !q.next.none && q.next.indent == indent {
		if q.dash(q.next.at) {
			return q.fail()
		}
		key, at, is := q.key(q.next.at)
		if !is {
			return q.fail()
		}
		v := q.member(at, indent, depth)
		if q.bad {
			return 0
		}
		q.nodes[v].key = key
		q.link(self, &last, v)
	}
	if !q.next.none && q.next.indent > indent {
		return q.fail()
	}
	if last == 0 {
		return q.fail()
	}
	return self
}

// member reads the value behind a key's colon.
func (q *quick) member(at, indent, depth int) int32 {
	for at < len(q.text) && q.text[at] == ' ' {
		at++
	}
	if at == len(q.text) || q.text[at] == '\n' || q.text[at] == '#' && q.text[at-1] == ' ' {
		return q.below(at, indent, indent, depth)
	}
	return q.inline(at, indent, depth)
}

// key reads a key and the colon behind it: is says that there is one.
func (q *quick) key(at int) (key []byte, after int, is bool) {
	end := at
	if c := q.text[at]; c == '"' || c == '\'' {
		if key, end = q.quoted(at); q.bad {
			return nil, 0, false
		}
	} else {
		for end < len(q.text) && keySign[q.text[end]] {
			end++
		}
		key = q.text[at:end]
	}
	if end == at || end-at > quickKey || end >= len(q.text) || q.text[end] != ':' || end+1 < len(q.text) && q.text[end+1] != ' ' && q.text[end+1] != '\n' {
		return nil, 0, false
	}
	if c := q.text[at]; c != '"' && c != '\'' {
		if s := q.resolve(key); q.bad || s.literal != nil {
			q.fail() // a key that is no text: the library says which
			return nil, 0, false
		}
	}
	return key, end + 1, true
}

// keySign are the signs of which plain keys are made here.
var keySign = signs("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./")

func signs(s string) (t [256]bool) {
	for i := range len(s) {
		t[s[i]] = true
	}
	return t
}

// inline reads a value that begins in this line and, but for a literal text, ends in it.
func (q *quick) inline(at, indent, depth int) int32 {
	var v int32
	switch c := q.text[at]; c {
	case '|':
		return q.literal(at, indent)
	case '"', '\'':
		text, end := q.quoted(at)
		if q.bad {
			return 0
		}
		v, at = q.add(node{kind: aText, text: text}), end
	case '[', '{':
		v, at = q.flow(at, depth+1)
	default:
		v, at = q.scalar(at)
	}
	if q.bad || !q.rest(at) {
		return q.fail()
	}
	q.pos = lineEnd(q.text, at)
	q.skip()
	if !q.next.none && q.next.indent > indent {
		return q.fail() // it goes on, or is wrong
	}
	return v
}

// rest reports that nothing but a comment follows in the line.
func (q *quick) rest(at int) bool {
	from := at
	for at < len(q.text) && q.text[at] == ' ' {
		at++
	}
	return at == len(q.text) || q.text[at] == '\n' || q.text[at] == '#' && at > from
}

// scalar reads a plain scalar up to the end of its line or a comment.
func (q *quick) scalar(at int) (int32, int) {
	end := at
	for end < len(q.text) && q.text[end] != '\n' {
		switch q.text[end] {
		case ':':
			if end+1 == len(q.text) || q.text[end+1] == ' ' || q.text[end+1] == '\n' {
				return q.fail(), end
			}
		case '#':
			if q.text[end-1] == ' ' {
				return q.plain(q.text[at:end]), end - 1
			}
		}
		end++
	}
	return q.plain(q.text[at:end]), end
}

func (q *quick) plain(text []byte) int32 {
	text = bytes.TrimRight(text, " ")
	if len(text) == 0 || notFirst[text[0]] || text[0] == '-' && len(text) > 1 && text[1] == ' ' {
		return q.fail()
	}
	s := q.resolve(text)
	if s.literal != nil {
		return q.add(node{kind: aLiteral, text: s.literal})
	}
	return q.add(node{kind: aText, text: text})
}

// notFirst are the signs that begin no plain scalar, or one that is better left to the library.
var notFirst = signs("-?:,[]{}#&*!|>'\"%@`=<")

func init() { notFirst['-'] = false }

// quoted reads a quoted text that ends in its line and holds no escape.
func (q *quick) quoted(at int) (text []byte, end int) {
	quote := q.text[at]
	for end = at + 1; end < len(q.text); end++ {
		switch c := q.text[end]; {
		case c == '\n', c == '\\' && quote == '"':
			q.fail()
			return nil, 0
		case c == quote && quote == '\'' && end+1 < len(q.text) && q.text[end+1] == '\'':
			return q.doubled(at)
		case c == quote:
			return q.text[at+1 : end], end + 1
		}
	}
	q.fail()
	return nil, 0
}

// doubled reads a text in single quotes that holds some, each written twice.
func (q *quick) doubled(at int) (text []byte, end int) {
	from := len(q.aux)
	for end = at + 1; end < len(q.text) && q.text[end] != '\n'; end++ {
		if q.text[end] == '\'' {
			if end+1 == len(q.text) || q.text[end+1] != '\'' {
				return q.aux[from:len(q.aux):len(q.aux)], end + 1
			}
			end++
		}
		q.aux = append(q.aux, q.text[end])
	}
	q.fail()
	return nil, 0
}

// literal reads a literal text, kept (|) or stripped (|-) of its last line end.
func (q *quick) literal(at, indent int) int32 {
	strip := at+1 < len(q.text) && q.text[at+1] == '-'
	at++
	if strip {
		at++
	}
	if at >= len(q.text) || !q.rest(at) {
		return q.fail()
	}
	q.pos = lineEnd(q.text, at)
	begin, inner := q.pos, 0
	for q.pos < len(q.text) && q.text[q.pos] == '\n' {
		q.pos++
	}
	for q.pos+inner < len(q.text) && q.text[q.pos+inner] == ' ' {
		inner++
	}
	if inner <= indent || q.pos+inner == len(q.text) || q.text[q.pos+inner] == '\n' || q.text[len(q.text)-1] != '\n' {
		return q.fail()
	}
	from := len(q.aux)
	for range q.pos - begin {
		q.aux = append(q.aux, '\n')
	}
	said := len(q.aux)
	for q.pos < len(q.text) {
		end := lineEnd(q.text, q.pos)
		row := q.text[q.pos:end]
		spaces := 0
		for spaces < len(row) && row[spaces] == ' ' && spaces < inner {
			spaces++
		}
		if spaces < inner && row[spaces] != '\n' {
			break
		}
		q.aux = append(q.aux, row[spaces:]...)
		if len(row) > spaces+1 {
			said = len(q.aux)
		}
		q.pos = end
	}
	text := q.aux[from:said:said]
	if strip {
		text = text[:len(text)-1]
	}
	q.skip()
	if !q.next.none && q.next.indent > indent {
		return q.fail()
	}
	return q.add(node{kind: aText, text: text})
}

// sorted gives a mapping's members in order of key; false: one stands twice.
func (q *quick) sorted(self int32) (from int, ok bool) {
	from = len(q.order)
	for c := q.nodes[self].first; c != 0; c = q.nodes[c].next {
		q.order = append(q.order, c)
	}
	mine := q.order[from:]
	slices.SortFunc(mine, func(a, b int32) int { return bytes.Compare(q.nodes[a].key, q.nodes[b].key) })
	for i := 1; i < len(mine); i++ {
		if bytes.Equal(q.nodes[mine[i-1]].key, q.nodes[mine[i]].key) {
			return from, false
		}
	}
	return from, true
}

// write gives the JSON of a value, its members in order of key.
func (q *quick) write(self int32) {
	n := &q.nodes[self]
	switch n.kind {
	case aText:
		q.buf = appendText(q.buf, n.text)
	case aLiteral:
		q.buf = append(q.buf, n.text...)
	case aSeq:
		q.buf = append(q.buf, '[')
		for c := n.first; c != 0; c = q.nodes[c].next {
			if c != n.first {
				q.buf = append(q.buf, ',')
			}
			q.write(c)
		}
		q.buf = append(q.buf, ']')
	case aMap:
		from, ok := q.sorted(self)
		q.bad = q.bad || !ok
		q.buf = append(q.buf, '{')
		for i := from; i < len(q.order); i++ {
			if i > from {
				q.buf = append(q.buf, ',')
			}
			c := q.order[i]
			q.buf = append(appendText(q.buf, q.nodes[c].key), ':')
			till := len(q.order)
			q.write(c)
			q.order = q.order[:till]
		}
		q.buf = append(q.buf, '}')
		q.order = q.order[:from]
	}
}

// appendText is appendString of bytes.
func appendText(dst, s []byte) []byte {
	for _, c := range s {
		if !plain[c] {
			return appendString(dst, string(s))
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}
