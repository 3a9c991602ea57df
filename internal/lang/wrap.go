package lang

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Width is the number of columns that s takes in a terminal. A colour (ESC [ ... m) takes none.
func Width(s string) (n int) {
	inColor := false
	for _, r := range s {
		switch {
		case r == '\x1b':
			inColor = true
		case inColor:
			inColor = r != 'm'
		default:
			n += columns(r)
		}
	}
	return n
}

func columns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Wrap folds s at its plain spaces into lines of at most columns, each beginning with indent. A word that is longer
// stays whole, so that it can be copied. There is no newline at the end.
func Wrap(s string, columns int, indent string) string { return Hang(indent, s, columns, indent) }

// Hang is Wrap with another beginning of the first line.
func Hang(first, s string, columns int, indent string) string {
	var b strings.Builder
	b.WriteString(first)
	at, fresh := Width(first), true
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' }) {
		w := Width(word)
		switch {
		case fresh && (at+w <= columns || at <= Width(indent)):
		case fresh, at+1+w > columns:
			b.WriteString("\n" + indent)
			at = Width(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at, fresh = at+w, false
	}
	return b.String()
}

// Pad fills s with spaces up to a width in columns.
func Pad(s string, columns int) string {
	if n := columns - Width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
