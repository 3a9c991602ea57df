package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Problem is one thing that is not right in a file. It carries data; In makes the sentence of it.
type Problem struct {
	File       string
	Line       int               // from 1; 0: the file as a whole
	Column     int               // from 1, in characters; 0: not known
	Key        string            // where in the file, as keys joined by dots; empty: the file as a whole
	Reason     string            // the key of the sentence
	Values     map[string]string // what the sentence names; never a secret
	Suggestion string            // the right spelling; empty: none is near
	Waiver     int               // the number, from 1, of the waiver that does not apply for this; 0: none
}

// Error is the sentence in English, with its place: vigie.yaml:7: unknown key "enviroments": did you mean ...
func (p Problem) Error() string { return p.In("en") }

// In is the sentence in a language, with its place; anything but "fr" is English.
func (p Problem) In(lang string) string {
	l := english
	if lang == "fr" {
		l = french
	}
	s, ok := sentences[p.Reason]
	if !ok {
		panic(fmt.Sprintf("no sentence for the reason %q", p.Reason))
	}
	text := p.fill(l, s.body[l])
	switch {
	case strings.Contains(s.body[l], "suggestion}"):
	case p.Suggestion != "":
		text += p.fill(l, didYouMean[l])
	default:
		text += p.fill(l, s.hint[l])
	}
	if p.Waiver > 0 {
		text = fmt.Sprintf(doesNotApply[l], p.Waiver) + text
	}
	return p.place() + text
}

func (p Problem) place() string {
	file := p.File
	if strings.ContainsFunc(file, unprintable) {
		file = strconv.Quote(file)
	}
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d: ", file, p.Line)
	}
	return file + ": "
}

// holes are {name}: a value in quotes; {=name}: as it is; {#name}: a word of ours; {|name}: choices.
var holes = regexp.MustCompile(`\{[=#|]?[a-z]+\}`)

func (p Problem) fill(l language, body string) string {
	return holes.ReplaceAllStringFunc(body, func(hole string) string {
		name := strings.Trim(hole, "{=#|}")
		v := p.value(name)
		switch hole[1] {
		case '=':
			return printable(v, longestText)
		case '#':
			return words[v][l]
		case '|':
			return choices(l, v)
		}
		return quoted(l, v)
	})
}

func (p Problem) value(name string) string {
	switch name {
	case "key":
		return p.Key
	case "suggestion":
		return p.Suggestion
	}
	return p.Values[name]
}

// longest is what a sentence shows of one value in quotes, in characters.
const longest = 60

// printable cuts a value and escapes what a terminal would obey.
func printable(v string, max int) string {
	if r := []rune(v); len(r) > max {
		v = string(r[:max]) + "…"
	}
	if strings.ContainsFunc(v, unprintable) {
		q := strconv.Quote(v)
		return q[1 : len(q)-1]
	}
	return v
}

// unprintable finds characters that are no text: controls, and those that turn the direction of writing.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Bidi_Control, r)
}

// quoted is a value in the quotation marks of the language.
func quoted(l language, v string) string {
	if l == french {
		return "«\u00a0" + printable(v, longest) + "\u00a0»"
	}
	return `"` + strings.ReplaceAll(printable(v, longest), `"`, `\"`) + `"`
}

// choices writes "a,b,c" as a, b or c.
func choices(l language, v string) string {
	list := strings.Split(v, ",")
	last := len(list) - 1
	if last == 0 {
		return v
	}
	return strings.Join(list[:last], ", ") + [...]string{" or ", " ou "}[l] + list[last]
}

// Problems are all that is not right in one or several files, in their order. It is an error when it is not empty:
// see Err.
type Problems []Problem

// Error is one line a problem, in English.
func (ps Problems) Error() string { return ps.In("en") }

// In is one line a problem, in a language.
func (ps Problems) In(lang string) string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.In(lang)
	}
	return strings.Join(lines, "\n")
}

// Err is the problems as an error, or nil where there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// sort puts the problems of one file in the order of its lines.
func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
