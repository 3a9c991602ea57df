package manifest

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	bom        = []byte("\xef\xbb\xbf")
	bomUTF16LE = []byte("\xff\xfe")
	bomUTF16BE = []byte("\xfe\xff")
	bomUTF32LE = []byte("\xff\xfe\x00\x00")
	bomUTF32BE = []byte("\x00\x00\xfe\xff")
	newline    = []byte("\n")
	// appleDouble begins the files that macOS puts beside others in its archives, named "._" and theirs.
	appleDouble = []byte("\x00\x05\x16\x07")
)

// sniffed is how far a file is searched for what no text holds.
const sniffed = 8 << 10

// plainText makes UTF-8 with usual line ends of what shells and editors write, where data stands as far as it can; or
// says why it is no text. Broken UTF-8 further on is the matter of the document that holds it.
func plainText(data []byte) (text []byte, reason string) {
	switch {
	case bytes.HasPrefix(data, bomUTF32LE), bytes.HasPrefix(data, bomUTF32BE):
		return nil, ReasonNotUTF8
	case bytes.HasPrefix(data, bomUTF16LE):
		data = fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, bomUTF16BE):
		data = fromUTF16(data[2:], binary.BigEndian)
	}
	if data == nil {
		return nil, ReasonNotUTF8
	}
	if bytes.IndexByte(data[:min(len(data), sniffed)], 0) >= 0 {
		return nil, ReasonBinary
	}
	loneCR(data)
	if n := len(data); n > 0 && data[n-1] != '\n' {
		// As kubectl's reader does: the last line of a block scalar ends like the others. Whoever read data left room.
		data = append(data, '\n')
	}
	return data, ""
}

// fromUTF16 gives nil for what is not UTF-16.
func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	if len(data)%2 != 0 {
		return nil
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i += 2 {
		c := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(c) {
			if i += 2; i >= len(data) {
				return nil
			}
			if c = utf16.DecodeRune(c, rune(order.Uint16(data[i:]))); c == utf8.RuneError {
				return nil
			}
		}
		out = utf8.AppendRune(out, c)
	}
	return out
}

// loneCR makes the line ends of old systems, a CR alone, those of today. YAML reads both alike; JSON allows neither in
// a string.
func loneCR(data []byte) {
	for at := 0; ; {
		i := bytes.IndexByte(data[at:], '\r')
		if i < 0 {
			return
		}
		at += i + 1
		if at == len(data) || data[at] != '\n' {
			data[at-1] = '\n'
		}
	}
}

// lineCounter gives the line of offsets, from 0; ascending ones without counting twice.
type lineCounter struct {
	data     []byte
	off, row int
}

func (l *lineCounter) at(off int) int {
	off = min(off, len(l.data))
	if off < l.off {
		l.off, l.row = 0, 0
	}
	l.row += bytes.Count(l.data[l.off:off], newline)
	l.off = off
	return l.row
}

// lastLine is the line, from 0, of the last byte of text.
func lastLine(text []byte) int {
	return bytes.Count(bytes.TrimSuffix(text, newline), newline)
}
