package lang

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name string
		flag string
		env  map[string]string
		want Lang
	}{
		{"nothing", "", nil, English},
		{"the flag counts first", "fr", map[string]string{"LC_ALL": "en_GB.UTF-8"}, French},
		{"the flag in capitals", "FR", nil, French},
		{"LANG", "", map[string]string{"LANG": "fr_FR.UTF-8"}, French},
		{"LC_ALL before LANG", "", map[string]string{"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, English},
		{"LC_MESSAGES before LANG", "", map[string]string{"LC_MESSAGES": "fr", "LANG": "de_DE"}, French},
		{"LC_ALL before LC_MESSAGES", "", map[string]string{"LC_ALL": "fr_CA@x", "LC_MESSAGES": "en"}, French},
		{"an empty variable is not set", "", map[string]string{"LC_ALL": "", "LANG": "fr"}, French},
		{"another language", "", map[string]string{"LANG": "frr_DE.UTF-8"}, English},
		{"a tag", "", map[string]string{"LANG": "fr-BE"}, French},
	} {
		if got := Detect(c.flag, func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFill(t *testing.T) {
	for _, c := range []struct {
		l        Lang
		sentence string
		values   Values
		want     string
	}{
		{English, "plain", nil, "plain"},
		{English, "{n} {n|file|files}", Values{"n": 0}, "0 files"},
		{English, "{n} {n|file|files}", Values{"n": 1}, "1 file"},
		{English, "{n} {n|file|files}", Values{"n": 1.5}, "1.5 files"},
		{English, "{n} {n|file|files}", Values{"n": -1}, "-1 file"},
		{French, "{n} {n|fichier|fichiers}", Values{"n": 0}, "0 fichier"},
		{French, "{n} {n|fichier|fichiers}", Values{"n": 1.5}, "1,5 fichier"},
		{French, "{n} {n|fichier|fichiers}", Values{"n": 2}, "2 fichiers"},
		{French, "{n} {n|fichier|fichiers}", Values{"n": int64(12345)}, "12\u202f345 fichiers"},
		{English, "{n} {n|file|files}", Values{"n": int32(12345)}, "12,345 files"},
		{English, "port {port}", Values{"port": 8080}, "port 8080"}, // no count: not grouped
		{English, "{a}: {b}", Values{"a": "x", "b": []string{"p", "q", "r"}}, "x: p, q and r"},
		{French, "{b}", Values{"b": []string{"p", "q"}}, "p et q"},
		{French, "{b}", Values{"b": []any{"p", "q", 3}}, "p, q et 3"},
		{English, "{missing} {missing|a|b}", nil, "{missing} {missing}"},
		{English, "{} {A} {a b} {n|one}", Values{"n": 1}, "{} {A} {a b} {n|one}"},
		{English, "not ready ({why}).", Values{"why": ""}, "not ready."},
		{French, "pas prêt ({why}) : voir", Values{"why": []string{}}, "pas prêt : voir"},
		{English, "({why}) {n|one|many}", Values{"why": "", "n": 1}, " one"},
		{English, "not ready ({why}, {b})", Values{"why": "", "b": "x"}, "not ready (, x)"},
		{English, "not ready ({why})", nil, "not ready ({why})"},
		{English, "{s:size}", Values{"s": int64(10 << 20)}, "10\u00a0MiB"},
		{French, "{s:size}", Values{"s": 1536 << 20}, "1,5\u00a0Gio"},
		{English, "{s:size}", Values{"s": "big"}, "big"},
		{French, "{d}", Values{"d": 36 * time.Hour}, "1 jour 12 heures"},
		{French, "{t}", Values{"t": time.Date(2026, 11, 25, 8, 42, 0, 0, time.UTC)}, "25 nov. 2026, 08:42 UTC"},
		{English, "{b} {n}", Values{"b": true, "n": nil}, "true <nil>"},
		{English, "{s}", Values{"s": "a\x1b[31m\nb"}, `a\x1b[31m\nb`},
		{English, "{s}", Values{"s": []string{"\u202e", "b"}}, `\u202e and b`},
		{English, "{s}", Values{"s": strings.Repeat("é", 600)}, strings.Repeat("é", 300) + "…"},
	} {
		if got := Fill(c.l, c.sentence, c.values); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.l, c.sentence, got, c.want)
		}
	}
	tmpl := Parse("{b} {a} {a|x|y}")
	if got := strings.Join(tmpl.Names(), " "); got != "a b" {
		t.Errorf("names %q", got)
	}
	if b := Parse(`{b} ({a}) ({b}) "{c}" « {c} » "{d} e"`); !b.MayBeEmpty("a") || b.MayBeEmpty("b") || !b.MayBeEmpty("c") || b.MayBeEmpty("d") {
		t.Error("MayBeEmpty is wrong")
	}
	if tmpl.Complete(Values{"a": 1}) || !tmpl.Complete(Values{"a": 1, "b": 2}) {
		t.Error("Complete is wrong")
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{English.Number(999), "999"}, {English.Number(1000), "1,000"}, {English.Number(-1234567), "-1,234,567"},
		{French.Number(1000), "1\u202f000"}, {French.Number(1234567), "1\u202f234\u202f567"}, {French.Int(-5), "-5"},
		{French.Decimal(0.25, 1), "0,2"}, {English.Decimal(1234.5, 2), "1,234.5"},
		{English.Size(0), "0\u00a0B"}, {French.Size(1), "1\u00a0o"}, {English.Size(1024), "1\u00a0KiB"}, {French.Size(3 << 30), "3\u00a0Gio"},
		{English.Size(1 << 60), "1,024\u00a0PiB"},
		{English.Count(1, "object", "objects"), "1 object"}, {French.Count(0, "objet", "objets"), "0 objet"}, {French.Count(2000, "objet", "objets"), "2\u202f000 objets"},
		{English.List(nil), ""}, {English.List([]string{"a"}), "a"}, {French.Or([]string{"a", "b", "c"}), "a, b ou c"}, {English.Or([]string{"a", "b"}), "a or b"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestMoments(t *testing.T) {
	paris, delhi, newfoundland := time.FixedZone("CET", 3600), time.FixedZone("", 5*3600+1800), time.FixedZone("", -(3*3600+1800))
	at := time.Date(2026, 11, 25, 9, 42, 0, 0, paris)
	for _, c := range []struct{ got, want string }{
		{English.Moment(at), "25 Nov 2026, 09:42 UTC+1"}, {French.Moment(at), "25 nov. 2026, 09:42 UTC+1"}, {English.Moment(at.UTC()), "25 Nov 2026, 08:42 UTC"},
		{Zone(at.In(delhi)), "UTC+5:30"}, {Zone(at.In(newfoundland)), "UTC-3:30"},
		{French.Day(time.Date(2027, 1, 1, 0, 0, 0, 0, paris)), "1er janvier 2027"}, {English.Day(at), "25 November 2026"},
		{French.Moment(time.Date(2026, 5, 1, 0, 5, 0, 0, time.UTC)), "1 mai 2026, 00:05 UTC"},
		// The end of a day is that day, however it is written.
		{English.End(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)), "31 December 2026"},
		{French.End(time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)), "31 décembre 2026"},
		{French.End(time.Date(2027, 1, 1, 0, 0, 0, 0, paris)), "31 décembre 2026 (UTC+1)"},
		{English.End(time.Date(2026, 12, 31, 18, 0, 0, 0, paris)), "31 Dec 2026, 18:00 UTC+1"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0:                          {"0\u00a0ms", "0\u00a0ms"},
		1500 * time.Microsecond:    {"1.5\u00a0ms", "1,5\u00a0ms"},
		time.Second:                {"1 second", "1 seconde"},
		90 * time.Second:           {"1 minute 30 seconds", "1 minute 30 secondes"},
		15 * time.Minute:           {"15 minutes", "15 minutes"},
		time.Hour + time.Second:    {"1 hour", "1 heure"},
		24 * time.Hour:             {"24 hours", "24 heures"},
		36 * time.Hour:             {"1 day 12 hours", "1 jour 12 heures"},
		504 * time.Hour:            {"21 days", "21 jours"},
		-2 * time.Hour:             {"-2 hours", "-2 heures"},
		48*time.Hour + time.Minute: {"2 days", "2 jours"},
	} {
		if en, fr := English.Duration(d), French.Duration(d); en != want[0] || fr != want[1] {
			t.Errorf("%s: %q %q, want %q", d, en, fr, want)
		}
	}
}

// TestSafe holds that nothing of an input moves a cursor, ends a line or hides.
func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "é 漢 🙂 a\u00a0b\u202fc": "é 漢 🙂 a\u00a0b\u202fc", "a\x1b[31mb": `a\x1b[31mb`, "a\nb\tc\r": `a\nb\tc\r`,
		"a\u202eb": `a\u202eb`, "a\u2066b\u200f": `a\u2066b\u200f`, "a\u200bb": `a\u200bb`, "a\u009bb": `a\u009bb`, "a\x00\x7f": `a\x00\x7f`,
		"a\xffb": `a\xffb`, "\u2028": `\u2028`, "\U000e0001": `\U000e0001`, "\ufeffa": `\ufeffa`, "a\ufffd": "a\ufffd",
	} {
		if got := Safe(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("a\x1b[2J\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		out := Safe(s)
		if !utf8.ValidString(out) {
			t.Errorf("%q: %q is no UTF-8", s, out)
		}
		for _, r := range out {
			if !unicode.IsGraphic(r) {
				t.Errorf("%q: %U is left", s, r)
			}
		}
		if Safe(out) != out {
			t.Errorf("%q: safe is not safe twice", s)
		}
	})
}

func TestTypeset(t *testing.T) {
	for in, want := range map[string]string{
		"a : b ; c ! d ? e %": "a\u00a0: b\u202f; c\u202f! d\u202f? e\u00a0%",
		"« a »":               "«\u202fa\u202f»",
		"l’un\u00a0; deux":    "l'un\u202f; deux",
		"maxUnavailable: 1":   "maxUnavailable: 1",
	} {
		if got := French.Typeset(in); got != want || French.Typeset(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if English.Typeset(in) != in {
			t.Errorf("%q: English has no such spaces", in)
		}
	}
	if got := Terminal("a\u202f; b\u00a0: c"); got != "a\u00a0; b\u00a0: c" {
		t.Errorf("%q", got)
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Wrap("one two\u00a0three four", 10, "  "), "  one\n  two\u00a0three\n  four"},
		{Wrap("one  two\nthree", 20, ""), "one two three"},
		{Wrap("a-word-that-is-longer-than-the-line b", 10, "  "), "  a-word-that-is-longer-than-the-line\n  b"},
		{Wrap("", 10, "  "), "  "},
		{Wrap("漢漢 漢漢", 8, ""), "漢漢\n漢漢"},
		{Hang("* ", "one two three", 8, "  "), "* one\n  two\n  three"},
		{Hang("a first part that is wide ", "two", 20, "    "), "a first part that is wide\n    two"},
		{Pad("é漢", 5), "é漢  "}, {Pad("long", 2), "long"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for s, want := range map[string]int{"abc": 3, "e\u0301": 1, "漢": 2, "\x1b[1;31mred\x1b[0m": 3, "ＦＵＬＬ": 8, "déjà": 4} {
		if got := Width(s); got != want {
			t.Errorf("%q is %d wide, want %d", s, got, want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	tmpl, values := Parse("Container {container} runs {image}: the tag latest can be any version"), Values{"container": "app", "image": "shop:latest"}
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		dst = tmpl.Append(dst[:0], English, values)
	}
}

func BenchmarkCatalogue(b *testing.B) {
	for b.Loop() {
		if _, err := decode(sentencesFile); err != nil {
			b.Fatal(err)
		}
	}
}
