package manifest

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// This file finds where JSON values begin and end, by brackets and quotes alone, at some hundreds of megabytes a
// second: enough to cut a large list for all workers. Whether what stands between is right is checked value by value.

// A scanFault is where a scan ended that should have gone on.
type scanFault struct {
	at     int
	reason string
}

// What a byte is outside of a string.
const (
	inert byte = iota // space, and what numbers and words are made of
	quote
	opening
	closing
	alien // nothing that JSON has
)

var classes = func() (t [256]byte) {
	for i := range t {
		t[i] = alien
	}
	for _, c := range " \t\r\n,:+-.0123456789eEtrufalsn" {
		t[c] = inert
	}
	t['"'], t['{'], t['['], t['}'], t[']'] = quote, opening, opening, closing, closing
	return t
}()

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// skipString gives the end of the string whose quote stands at i.
func skipString(data []byte, i int) (end int, f *scanFault) {
	for i = remarkable(data, i+1); i < len(data); i = remarkable(data, i) {
		switch data[i] {
		case '"':
			return i + 1, nil
		case '\\':
			i += 2
		default: // a control character
			if skipSpace(data, i) == len(data) { // the end that every file's last line is given
				return 0, &scanFault{i, ReasonTruncated}
			}
			return 0, &scanFault{i, ReasonJSONSyntax}
		}
	}
	return 0, &scanFault{len(data), ReasonTruncated}
}

// remarkable is where the next quote, backslash or control character stands. It looks at eight bytes at once: a byte of
// x is zero where the lowest bit set in (x-ones)&^x&highs says so, and less than n where (x-n*ones)&^x&highs does.
func remarkable(data []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(data); i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		quote, back := x^('"'*ones), x^('\\'*ones)
		if hit := ((quote-ones)&^quote | (back-ones)&^back | (x-' '*ones)&^x) & highs; hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for i < len(data) && data[i] != '"' && data[i] != '\\' && data[i] >= ' ' {
		i++
	}
	return i
}

// skipValue gives the end of the value that begins at i. depth bounds brackets within each other.
func skipValue(data []byte, i, depth int) (end int, f *scanFault) {
	if i >= len(data) {
		return 0, &scanFault{len(data), ReasonTruncated}
	}
	switch classes[data[i]] {
	case quote:
		return skipString(data, i)
	case opening:
		return skipNested(data, i, depth)
	}
	return skipWord(data, i)
}

// skipWord gives the end of a number, true, false or null.
func skipWord(data []byte, i int) (end int, f *scanFault) {
	for end = i; end < len(data) && classes[data[end]] == inert && strings.IndexByte(" \t\r\n,:", data[end]) < 0; end++ {
	}
	if end == i {
		return 0, &scanFault{i, ReasonJSONSyntax}
	}
	return end, nil
}

func skipNested(data []byte, i, depth int) (end int, f *scanFault) {
	var space [64]byte
	open := space[:0]
	for i < len(data) {
		switch c := data[i]; classes[c] {
		case quote:
			if i, f = skipString(data, i); f != nil {
				return 0, f
			}
			continue
		case opening:
			if open = append(open, c+2); len(open) > depth { // in ASCII a bracket closes two after it opens
				return 0, &scanFault{i, ReasonTooDeep}
			}
		case closing:
			if open[len(open)-1] != c {
				return 0, &scanFault{i, ReasonJSONSyntax}
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return i + 1, nil
			}
		case alien:
			return 0, &scanFault{i, ReasonJSONSyntax}
		}
		i++
	}
	return 0, &scanFault{len(data), ReasonTruncated}
}

// A cursor goes through the members of an object or the elements of an array.
type cursor struct {
	data  []byte
	at    int
	depth int
	begun bool
	close byte
	end   int        // after the closing bracket, once it was reached
	fault *scanFault // why there is no next one, where it is not the end
}

// within stands before the first member or element of the object or array at an offset.
func within(data []byte, at, depth int) *cursor {
	return &cursor{data: data, at: at + 1, depth: depth - 1, close: data[at] + 2}
}

// more moves to the next member or element.
func (c *cursor) more() bool {
	if c.end > 0 || c.fault != nil {
		return false
	}
	c.at = skipSpace(c.data, c.at)
	if c.at >= len(c.data) {
		return c.stop(len(c.data), ReasonTruncated)
	}
	switch b := c.data[c.at]; {
	case b == c.close:
		c.end = c.at + 1
		return false
	case c.begun && b != ',':
		return c.stop(c.at, ReasonJSONSyntax)
	case c.begun:
		c.at = skipSpace(c.data, c.at+1)
	}
	c.begun = true
	return true
}

func (c *cursor) stop(at int, reason string) bool {
	c.fault = &scanFault{at, reason}
	return false
}

// element gives where the next element begins and ends.
func (c *cursor) element() (from, to int, ok bool) {
	if !c.more() {
		return 0, 0, false
	}
	to, f := skipValue(c.data, c.at, c.depth)
	if f != nil {
		c.fault = f
		return 0, 0, false
	}
	from, c.at = c.at, to
	return from, to, true
}

// A jsonMember is a member of an object: where its name begins, where its value begins and ends.
type jsonMember struct {
	quoted       []byte
	at, from, to int
}

// name is the member's name, unescaped.
func (m jsonMember) name() string { return unquoted(m.quoted) }

// unquoted is the text of a JSON string; empty where it is none.
func unquoted(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if inner := string(raw[1 : len(raw)-1]); strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	out, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return ""
	}
	return string(out)
}

func (c *cursor) member() (m jsonMember, ok bool) {
	if !c.more() {
		return m, false
	}
	if c.at >= len(c.data) {
		return m, c.stop(len(c.data), ReasonTruncated)
	}
	if c.data[c.at] != '"' {
		return m, c.stop(c.at, ReasonJSONSyntax)
	}
	m.at = c.at
	end, f := skipString(c.data, c.at)
	if f != nil {
		c.fault = f
		return m, false
	}
	m.quoted = c.data[m.at:end]
	if c.at = skipSpace(c.data, end); c.at >= len(c.data) {
		return m, c.stop(len(c.data), ReasonTruncated)
	}
	if c.data[c.at] != ':' {
		return m, c.stop(c.at, ReasonJSONSyntax)
	}
	m.from = skipSpace(c.data, c.at+1)
	if m.to, f = skipValue(c.data, m.from, c.depth); f != nil {
		c.fault = f
		return m, false
	}
	c.at = m.to
	return m, true
}

// pointerText writes a JSON pointer as pathText writes a path.
func pointerText(p jsontext.Pointer) string {
	var path []any
	for token := range p.Tokens() {
		if n, err := strconv.Atoi(token); err == nil {
			path = append(path, n)
			continue
		}
		path = append(path, token)
	}
	return pathText(path)
}
