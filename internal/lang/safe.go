package lang

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Safe makes a foreign text harmless: what a terminal would obey or an eye would not see (controls, escapes, line
// ends, marks that turn the direction of writing, bytes that are no UTF-8) is shown as an escape, such as \x1b or \n.
// What is printable stays as it is, so that a name can be copied.
func Safe(s string) string {
	i := 0
	for i < len(s) && s[i] >= ' ' && s[i] < 0x7f {
		i++
	}
	if i == len(s) {
		return s
	}
	return string(appendSafe(append(make([]byte, 0, len(s)+16), s[:i]...), s[i:]))
}

// appendSafe is Safe into dst.
func appendSafe(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			dst = fmt.Appendf(dst, `\x%02x`, s[i])
		case unicode.IsGraphic(r):
			dst = append(dst, s[i:i+n]...)
		default:
			dst = appendEscape(dst, r)
		}
		i += n
	}
	return dst
}

func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	switch {
	case r < 0x80:
		return fmt.Appendf(dst, `\x%02x`, r)
	case r > 0xffff:
		return fmt.Appendf(dst, `\U%08x`, r)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// Terminal fits a text for a terminal: the narrow no-break space, which many show as a box or not at all, becomes the
// plain no-break space.
func Terminal(s string) string { return strings.ReplaceAll(s, "\u202f", "\u00a0") }

// Typeset sets the spaces of a French text: no-break before : and %, narrow no-break before ; ! ? and inside « ». A
// text in another language is given back.
func (l Lang) Typeset(s string) string {
	if l != French {
		return s
	}
	return french.Replace(s)
}

var french = strings.NewReplacer(
	" :", "\u00a0:", " %", "\u00a0%", " ;", "\u202f;", " !", "\u202f!", " ?", "\u202f?", "« ", "«\u202f", " »", "\u202f»",
	"\u00a0;", "\u202f;", "\u00a0!", "\u202f!", "\u00a0?", "\u202f?", "«\u00a0", "«\u202f", "\u00a0»", "\u202f»", "’", "'",
)
