package chart

import (
	"fmt"
	"strings"
	"testing"
)

// TestAlign finds the lines of templates as they are written.
func TestAlign(t *testing.T) {
	for name, c := range map[string]struct {
		template, text string
		want           []int
	}{
		"as it is":             {"a: 1\nb: 2\n", "a: 1\nb: 2\n", []int{1, 2}},
		"an action in a line":  {"a: 1\nb: {{ .x }}\nc: 3\n", "a: 1\nb: two\nc: 3\n", []int{1, 2, 3}},
		"not taken":            {"{{- if .x }}\na: 1\n{{- else }}\nb: 2\n{{- end }}\nc: 3\n", "\nb: 2\nc: 3\n", []int{3, 4, 6}},
		"a loop":               {"l:\n{{- range .x }}\n- name: {{ . }}\n  kind: k\n{{- end }}\nz: 1\n", "l:\n- name: a\n  kind: k\n- name: b\n  kind: k\nz: 1\n", []int{1, 3, 4, 3, 4, 6}},
		"lines of an action":   {"l:\n  {{- toYaml .x | nindent 2 }}\nz: 1\n", "l:\n  a: 1\n  b: 2\n  c: 3\nz: 1\n", []int{1, 2, 2, 2, 3}},
		"an action over lines": {"a: {{ include \"x\"\n  . }}\nb: 2\n", "a: x\nb: 2\n", []int{1, 3}},
		"a comment":            {"{{/* one\ntwo */}}\na: 1\n", "\na: 1\n", []int{2, 3}},
		"around actions":       {"x: \"{{ .a }}/{{ .b }}:latest\"\ny: \"{{ .c }}\"\n", "x: \"r/i:latest\"\ny: \"q\"\n", []int{1, 2}},
	} {
		if got := align([]byte(c.template), []byte(c.text)); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestAlignLong bounds its work.
func TestAlignLong(t *testing.T) {
	text := strings.Repeat("a: 1\nb: 2\nc: {{ .x }}\n", 3000)
	lines := align([]byte(text), []byte(strings.ReplaceAll(text, "{{ .x }}", "3")))
	for i, l := range lines {
		if l != i+1 {
			t.Fatalf("line %d is said to come from %d", i+1, l)
		}
	}
}

// FuzzAlign gives each line of a text a line of its template, whatever both are.
func FuzzAlign(f *testing.F) {
	f.Add("a: {{ .x }}\n{{- range }}\nb\n{{ end }}", "a: 1\nb\nb\n")
	f.Add("{{/*\n*/}}", "\n\n")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, template, text string) {
		if len(template) > 2000 || len(text) > 2000 {
			return
		}
		lines := align([]byte(template), []byte(text))
		if lines == nil {
			t.Fatal("no lines")
		}
		if n := len(split([]byte(text))); len(lines) != n {
			t.Fatalf("%d lines for %d", len(lines), n)
		}
		for _, l := range lines {
			if l < 1 || l > len(split([]byte(template))) {
				t.Fatalf("line %d of %q", l, template)
			}
		}
	})
}
