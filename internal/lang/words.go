package lang

import "strings"

// T chooses between the two languages, for a sentence that stands where it is used.
func (l Lang) T(en, fr string) string { return l.choose(en, fr) }

// One reports whether n takes the singular: in English 1 alone, in French also 0.
func (l Lang) One(n int) bool { return l.singular(float64(n)) }

// Int writes a count, its digits grouped.
func (l Lang) Int(n int) string { return l.Number(int64(n)) }

// Count is a number with its noun: Count(2, "file", "files") is "2 files".
func (l Lang) Count(n int, one, many string) string {
	if l.One(n) {
		return l.Int(n) + " " + one
	}
	return l.Int(n) + " " + many
}

// Pad fills s with spaces to columns columns.
func Pad(s string, columns int) string {
	if w := Width(s); w < columns {
		return s + strings.Repeat(" ", columns-w)
	}
	return s
}
