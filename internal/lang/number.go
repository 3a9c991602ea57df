package lang

import (
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// printers hold what x/text formats with; a Printer serves one goroutine at a time.
var printers = map[Lang]*sync.Pool{English: printersOf(language.BritishEnglish), French: printersOf(language.French)}

func printersOf(tag language.Tag) *sync.Pool {
	return &sync.Pool{New: func() any { return message.NewPrinter(tag) }}
}

// Number writes n with its groups of digits: 70,000 or 70 000 with narrow no-break spaces.
func (l Lang) Number(n int64) string {
	if -1000 < n && n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return l.format(number.Decimal(n))
}

// Int is Number of an int.
func (l Lang) Int(n int) string { return l.Number(int64(n)) }

// Decimal writes f with at most that many digits behind the point or comma.
func (l Lang) Decimal(f float64, digits int) string {
	return l.format(number.Decimal(f, number.MaxFractionDigits(digits)))
}

func (l Lang) format(v any) string {
	pool := printers[Of(string(l))]
	p := pool.Get().(*message.Printer)
	defer pool.Put(p)
	// The data of x/text are those of CLDR 32; since CLDR 34 French groups with the narrow space.
	return strings.ReplaceAll(p.Sprint(v), "\u00a0", "\u202f")
}

// List writes "a, b and c", or "a, b et c".
func (l Lang) List(words []string) string {
	return l.list(words, l.T(" and ", " et "))
}

// Or writes "a, b or c", or "a, b ou c".
func (l Lang) Or(words []string) string {
	return l.list(words, l.T(" or ", " ou "))
}

func (l Lang) list(words []string, last string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + last + words[n]
	}
	return strings.Join(words, "")
}

var sizes = [][2]string{{"KiB", "Kio"}, {"MiB", "Mio"}, {"GiB", "Gio"}, {"TiB", "Tio"}, {"PiB", "Pio"}}

// Size writes a number of bytes: "10 MiB", or "10 Mio".
func (l Lang) Size(bytes int64) string {
	if bytes < 1024 {
		return l.Number(bytes) + l.T("\u00a0B", "\u00a0o")
	}
	f, unit := float64(bytes)/1024, 0
	for f >= 1024 && unit < len(sizes)-1 {
		f, unit = f/1024, unit+1
	}
	return l.Decimal(f, 1) + "\u00a0" + l.T(sizes[unit][0], sizes[unit][1])
}

// singular reports whether a thing counted v times stands in the singular: in French up to 2, in English at 1 alone.
func (l Lang) singular(v float64) bool {
	if l == French {
		return -2 < v && v < 2
	}
	return v == 1 || v == -1
}

// One reports whether n things stand in the singular.
func (l Lang) One(n int) bool { return l.singular(float64(n)) }

// Count writes a number and the word that agrees with it: "1 object", "0 objet".
func (l Lang) Count(n int, one, many string) string {
	if l.One(n) {
		return l.Int(n) + " " + one
	}
	return l.Int(n) + " " + many
}
