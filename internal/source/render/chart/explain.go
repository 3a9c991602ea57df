package chart

import (
	"bytes"
	"errors"
	"path"
	"strconv"
	"strings"

	"vigie/internal/source/files/manifest"
)

// Errors of templates quote what the templates work on. So nothing of an error goes out but its kind, its place, and a
// name that stands in the line of the template that it points to.

// fail names a chart, or one in it, that was not loaded.
func (r *rendering) fail(err error) {
	var le *loadError
	if !errors.As(err, &le) {
		le = &loadError{path.Join(r.dir, "Chart.yaml"), "other", ""}
	}
	t := manifest.Trouble{File: strings.TrimPrefix(le.file, "./"), Line: 1, Reason: manifest.ReasonChartFailed, Values: map[string]any{"what": le.what}}
	if le.name != "" {
		t.Values["name"] = le.name
	}
	r.trouble(t)
}

// loadSays maps what Helm's loader says to a key and the file that is meant.
var loadSays = []struct{ message, what, file string }{
	{"cannot load values.yaml", "values-file", "values.yaml"},
	{"cannot load Chart.lock", "lock", "Chart.lock"},
	{"cannot load requirements", "chart-yaml", "requirements.yaml"},
	{"Chart.yaml", "chart-yaml", "Chart.yaml"},
	{"validation", "chart-yaml", "Chart.yaml"},
	{"chart.metadata", "chart-yaml", "Chart.yaml"},
}

func loadFault(dir string, err error) error {
	for _, s := range loadSays {
		if strings.Contains(err.Error(), s.message) {
			return &loadError{path.Join(dir, s.file), s.what, ""}
		}
	}
	return &loadError{path.Join(dir, "Chart.yaml"), "other", ""}
}

// A failure is a template that failed.
type failure struct {
	trouble  manifest.Trouble
	template string // the one to leave out, by the engine's name; empty: not known
}

// says maps what the engine says to a key. The last that an error holds counts: it is the cause. A first group is a name.
var says = []struct {
	message pattern
	what    string
}{
	{lazily(`nil pointer evaluating`), "nothing-there"},
	{lazily(`can't evaluate field ([A-Za-z0-9_]+) in type`), "no-field"},
	{lazily(`function "([A-Za-z0-9_]+)" not defined`), "no-function"},
	{lazily(`no template "([A-Za-z0-9._/-]+)"`), "no-template"},
	{lazily(`template "([A-Za-z0-9._/-]+)" not defined`), "no-template"},
	{lazily(`nested reference name|exceeded maximum template depth`), "recursion"},
	{lazily(`wrong type for value|incompatible types|wrong number of args|expected [a-z0-9]+; (?:found|got)|can't (?:range|iterate) over|not enough arguments`), "wrong-type"},
	{lazily(`error calling ([A-Za-z0-9_]+):`), "function-failed"},
}

var (
	placed    = lazily(`([^\s:()"<>]+):(\d+)(?::\d+)?`)
	evaluated = lazily(`at <([.$][A-Za-z0-9_.$]*)>`)
)

// explain says where and why the engine stopped.
func (r *rendering) explain(err error) failure {
	msg := err.Error()
	f := failure{trouble: manifest.Trouble{
		File: path.Join(r.dir, "Chart.yaml"), Line: 1, Reason: manifest.ReasonChartFailed, Values: map[string]any{"what": "template"},
	}}
	f.trouble.Values["what"], _ = cause(msg)
	// What comes behind a call of tpl are lines of a text that a value holds.
	known, _, _ := strings.Cut(msg, "error calling tpl")
	var source []byte
	for _, m := range placed().FindAllStringSubmatch(known, -1) {
		file := r.names[m[1]]
		if file == nil {
			continue
		}
		if f.template == "" {
			f.template = m[1]
		}
		f.trouble.File, source = r.paths[file], file.Data
		f.trouble.Line, _ = strconv.Atoi(m[2]) // digits alone
	}
	if _, name := cause(msg); name != "" && strings.Contains(lineOf(source, f.trouble.Line), name) {
		f.trouble.Values["name"] = name
	}
	return f
}

// cause is the key of what an error is about in the end, and the value, function or template that it names; empty: none.
func cause(msg string) (what, name string) {
	switch {
	case strings.HasPrefix(msg, "execution error at"), strings.Contains(msg, "error calling fail"), strings.Contains(msg, "error calling required"):
		return "stopped", "" // by the template itself
	case strings.HasPrefix(msg, "parse error") && !strings.Contains(msg, "not defined"):
		return "template-syntax", ""
	}
	what, last := "template", -1
	for _, s := range says {
		all := s.message().FindAllStringSubmatchIndex(msg, -1)
		if len(all) == 0 || all[len(all)-1][0] <= last {
			continue
		}
		m := all[len(all)-1]
		what, name, last = s.what, "", m[0]
		if len(m) > 2 && m[2] >= 0 {
			name = msg[m[2]:m[3]]
		}
	}
	if all := evaluated().FindAllStringSubmatch(msg, -1); len(all) > 0 && what == "nothing-there" {
		name = all[len(all)-1][1]
	}
	return what, name
}

// lineOf is a line of a text, from 1.
func lineOf(text []byte, n int) string {
	for line := range bytes.Lines(text) {
		if n--; n == 0 {
			return string(line)
		}
	}
	return ""
}

// lineWith is the first line, from 1, that holds a word; 1 where none does.
func lineWith(text []byte, word string) int {
	n := 0
	for line := range bytes.Lines(text) {
		if n++; word != "" && bytes.Contains(line, []byte(word)) {
			return n
		}
	}
	return 1
}

var plain = lazily(`^[A-Za-z0-9._/-]{1,120}$`)

// shown is a name of a file or chart, where it looks like one.
func shown(name string) string {
	if plain().MatchString(name) {
		return name
	}
	return "?"
}
