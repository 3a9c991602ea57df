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
	margin, at, begun := Width(indent), Width(first), false
	line := first // what stands of the line; written without the spaces that end it
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' }) {
		w := Width(word)
		gap := 0
		if begun {
			gap = 1
		}
		switch {
		case at+gap+w > columns && (begun || at > margin):
			b.WriteString(strings.TrimRight(line, " "))
			b.WriteByte('\n')
			line, at = indent+word, margin+w
		case begun:
			line, at = line+" "+word, at+1+w
		default:
			line, at = line+word, at+w
		}
		begun = true
	}
	b.WriteString(line)
	return b.String()
}

// Pad fills s with spaces up to a width in columns.
func Pad(s string, columns int) string {
	if n := columns - Width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
