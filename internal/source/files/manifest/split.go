package manifest

import "bytes"

// A splitter cuts a YAML stream into its documents, at the lines "---" and "...", alone or followed by a space. YAML
// allows no such line inside of any scalar, so the cut needs no parsing. JSON may stand in the stream as a document: no
// JSON holds such a line either.
type splitter struct {
	data  []byte
	start int // of the document that comes next
	lines lineCounter
	next  [len(markers)]int // where each marker stands next; -1: nowhere
}

// markers are what begins a line that ends a document. Files that were put together hold byte-order marks anywhere.
var markers = [...][]byte{[]byte("\n---"), []byte("\n..."), []byte("\n\xef\xbb\xbf---")}

func newSplitter(data []byte) *splitter {
	s := &splitter{data: data, lines: lineCounter{data: data}}
	for i := range s.next {
		s.find(i, 0)
	}
	return s
}

// find looks for marker i from an offset on.
func (s *splitter) find(i, from int) {
	for {
		at := bytes.Index(s.data[from:], markers[i])
		if at < 0 {
			s.next[i] = -1
			return
		}
		at += from
		if ends(s.data, at+len(markers[i])) {
			s.next[i] = at
			return
		}
		from = at + 1
	}
}

// ends reports that the word that ends at i is a word of its own.
func ends(data []byte, i int) bool {
	return i >= len(data) || data[i] == '\n' || data[i] == '\r' || data[i] == ' ' || data[i] == '\t'
}

// line gives the next marker line from an offset on: where it begins, where its marker ends, whether it begins a
// document ("---").
func (s *splitter) line(from int) (at, after int, begins bool) {
	if from == 0 { // no line end stands before the first line
		begin := len(s.data) - len(bytes.TrimPrefix(s.data, bom))
		for _, m := range markers[:2] {
			if bytes.HasPrefix(s.data[begin:], m[1:]) && ends(s.data, begin+3) {
				return 0, begin + 3, m[1] == '-'
			}
		}
	}
	at = -1
	which := 0
	for i := range s.next {
		for s.next[i] >= 0 && s.next[i]+1 < from {
			s.find(i, from-1)
		}
		if s.next[i] >= 0 && (at < 0 || s.next[i] < at) {
			at, which = s.next[i], i
		}
	}
	if at < 0 {
		return len(s.data), len(s.data), false
	}
	return at + 1, at + len(markers[which]), which != 1
}

// document gives the next document that holds something, from its first line of content on, and that line's number
// from 1; nil at the end. Content on the line of the "---" keeps that marker before it.
func (s *splitter) document() (text []byte, line int) {
	for s.start < len(s.data) {
		from := s.start
		at, after, begins := s.line(from)
		if begins && at == from && after > at { // the document begins here
			if !s.restOf(after) {
				s.start = s.nextLine(after)
				if text, line := s.take(s.start); text != nil {
					return text, line
				}
				continue
			}
			end, _, _ := s.line(after)
			s.start = end
			return bytes.TrimPrefix(s.data[from:end], bom), s.lines.at(from) + 1
		}
		if text, line := s.take(from); text != nil {
			return text, line
		}
	}
	return nil, 0
}

// take gives what stands from an offset to the next marker, and moves on; nil where that is nothing.
func (s *splitter) take(from int) ([]byte, int) {
	at, after, begins := s.line(from)
	body := content(s.data[from:at])
	if begins && onlyDirectives(body) {
		at, after, begins = s.line(after) // directives belong to the document that follows them
		body = content(s.data[from:at])
	}
	s.start = at
	if !begins && at < len(s.data) {
		if s.start = after; !s.restOf(after) {
			s.start = s.nextLine(after)
		}
	}
	if len(body) == 0 {
		return nil, 0
	}
	off := at - len(body)
	return body, s.lines.at(off) + 1
}

// restOf reports whether more than a comment follows on the line.
func (s *splitter) restOf(after int) bool {
	rest := bytes.TrimLeft(s.data[after:s.nextLine(after)], " \t\r\n")
	return len(rest) > 0 && rest[0] != '#'
}

func (s *splitter) nextLine(from int) int {
	if i := bytes.IndexByte(s.data[from:], '\n'); i >= 0 {
		return from + i + 1
	}
	return len(s.data)
}

// content drops the lines before the first that says something, and its byte-order mark.
func content(text []byte) []byte {
	for len(text) > 0 {
		text = bytes.TrimPrefix(text, bom)
		line, rest, _ := bytes.Cut(text, newline)
		if t := bytes.TrimLeft(line, " \t\r"); len(t) > 0 && t[0] != '#' {
			return text
		}
		text = rest
	}
	return nil
}

// onlyDirectives reports that a text holds lines that begin with "%", and comments.
func onlyDirectives(text []byte) bool {
	if len(text) == 0 || text[0] != '%' {
		return false
	}
	for len(text) > 0 {
		if text[0] != '%' {
			return false
		}
		_, text, _ = bytes.Cut(text, newline)
		text = content(text)
	}
	return true
}
