package report

import (
	"fmt"
	"io"
	"strings"

	"vigie/internal/lang"
)

// Options say how a report is written. The zero value is English, without colour.
type Options struct {
	Lang lang.Lang
	// Base is the directory to which formats that link to files write absolute paths, where they lie below it: that of
	// the repository. Empty: paths stay as they were named.
	Base string
	Text TextOptions // of the terminal report alone; its Lang is Options.Lang
}

// formats are the forms of a report, by the word that asks for them.
var formats = []struct {
	name string
	make func(io.Writer, Options) Handler
}{
	{"text", func(w io.Writer, o Options) Handler {
		o.Text.Lang = o.Lang
		return NewText(w, o.Text)
	}},
	{"json", func(w io.Writer, _ Options) Handler { return NewJSON(w) }},
	{"html", func(w io.Writer, o Options) Handler { return NewHTML(w, o.Lang) }},
	{"sarif", NewSARIF},
	{"junit", NewJUnit},
	{"gitlab", NewGitLab},
	{"markdown", NewMarkdown},
	{"csv", NewCSV},
	{"oscal", NewOSCAL},
}

// Formats lists the words that New knows.
func Formats() (names []string) {
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// New makes the handler of that format. A word that is none of Formats is an error that names them.
func New(format string, w io.Writer, o Options) (Handler, error) {
	o.Lang = lang.Of(string(o.Lang))
	for _, f := range formats {
		if f.name == format {
			return f.make(w, o), nil
		}
	}
	return nil, fmt.Errorf("unknown format %q: want %s", format, strings.Join(Formats(), ", "))
}
