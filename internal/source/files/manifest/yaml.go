package manifest

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v2"
	yamlv3 "go.yaml.in/yaml/v3"
)

// A fault is why a text was not understood.
type fault struct {
	reason string
	line   int // from the first line of the text, as 0
	values map[string]any
	identity
}

// A moreError is a text that goes on after its document, where nothing says that another begins. kubectl drops the rest
// in silence.
type moreError struct{ line int } // from 0

func (moreError) Error() string { return "content after the document" }

// errPanic is a parser that gave up in a way it should not have.
var errPanic = errors.New("the parser panicked")

// decode reads one YAML document as kubectl does. It parses with the library below sigs.k8s.io/yaml, because that one
// has no way to ask whether the text was read to its end, and goes from text to JSON in three steps where two do.
func (w *worker) decode(text []byte) (any, *fault) {
	if f := w.bounded(text); f != nil {
		return nil, f
	}
	if len(text) >= heavyFrom {
		w.heavy.Lock()
		defer w.heavy.Unlock()
	}
	v, err := parseYAML(text, true)
	if err == nil {
		return v, nil
	}
	if !onlySetTwice(err) {
		return nil, yamlFault(text, err)
	}
	if f := duplicate(text, err); f != nil {
		return nil, f
	}
	// Strict mode also refuses a key that overrides a merged one, which is right: case 007.
	if v, err = parseYAML(text, false); err != nil {
		return nil, yamlFault(text, err)
	}
	return v, nil
}

// bounded refuses what would need too much memory to parse.
func (w *worker) bounded(text []byte) *fault {
	if n := int64(len(text)); n > w.limits.DocumentBytes {
		return &fault{reason: ReasonTooLarge, values: map[string]any{"what": "document", "limit": w.limits.DocumentBytes, "size": n}, identity: peek(text)}
	}
	if len(text) < estimateFrom {
		return nil
	}
	n := int64(0)
	for _, mark := range []string{",", "\n", "[", "{"} {
		n += int64(bytes.Count(text, []byte(mark)))
	}
	if n > w.limits.DocumentValues {
		return &fault{reason: ReasonTooLarge, values: map[string]any{"what": "values", "limit": w.limits.DocumentValues, "size": n}, identity: peek(text)}
	}
	return nil
}

func parseYAML(text []byte, strict bool) (v any, err error) {
	defer func() {
		if recover() != nil {
			v, err = nil, errPanic
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.SetStrict(strict)
	if err = dec.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	var more any
	switch err = dec.Decode(&more); {
	case errors.Is(err, io.EOF):
		return v, nil
	case err != nil && !strings.Contains(err.Error(), "<document start>"):
		return nil, err
	}
	if err != nil { // such an error's line is one too few
		return nil, moreError{saidLine(err.Error()) + 1}
	}
	return nil, moreError{}
}

// onlySetTwice reports an error of strict mode alone.
func onlySetTwice(err error) bool {
	var te *yaml.TypeError
	if !errors.As(err, &te) {
		return false
	}
	for _, e := range te.Errors {
		if !strings.HasSuffix(e, "already set in map") {
			return false
		}
	}
	return true
}

// yamlSays maps what the library says to what a Problem says. Its messages may quote the document, so no part of one
// is ever kept. The first that fits is taken.
var yamlSays = []struct{ message, reason, what string }{
	{"excessive aliasing", ReasonTooManyAliases, ""},
	{"exceeded max depth", ReasonTooDeep, "nesting"},
	{"UTF-8", ReasonNotUTF8, ""},
	{"control characters are not allowed", ReasonYAMLSyntax, "control-character"},
	{"unknown anchor", ReasonYAMLSyntax, "unknown-anchor"},
	{"value contains itself", ReasonYAMLSyntax, "anchor-in-itself"},
	{"map key", ReasonYAMLSyntax, "key-not-text"},
	{"found unexpected end of stream", ReasonYAMLSyntax, "unclosed-quote"},
	{"found unexpected document indicator", ReasonYAMLSyntax, "unclosed-quote"},
	{"did not find expected ',' or ']'", ReasonYAMLSyntax, "unclosed-bracket"},
	{"did not find expected ',' or '}'", ReasonYAMLSyntax, "unclosed-brace"},
	{"did not find expected key", ReasonYAMLSyntax, "expected-key"},
	{"did not find expected node content", ReasonYAMLSyntax, "expected-value"},
	{"did not find expected '-' indicator", ReasonYAMLSyntax, "expected-dash"},
	{"could not find expected ':'", ReasonYAMLSyntax, "expected-colon"},
	{"mapping values are not allowed", ReasonYAMLSyntax, "value-not-allowed"},
	{"mapping keys are not allowed", ReasonYAMLSyntax, "value-not-allowed"},
	{"block sequence entries are not allowed", ReasonYAMLSyntax, "list-not-allowed"},
	{"tab character", ReasonYAMLSyntax, "tab"},
	{"cannot start any token", ReasonYAMLSyntax, "bad-character"},
	{"escape", ReasonYAMLSyntax, "bad-escape"},
	{"incompatible YAML document", ReasonYAMLSyntax, "yaml-version"},
	{"undefined tag handle", ReasonYAMLSyntax, "bad-tag"},
	{"cannot decode", ReasonYAMLSyntax, "bad-tag"},
	{"!!binary", ReasonYAMLSyntax, "bad-tag"},
}

func yamlFault(text []byte, err error) *fault {
	f := &fault{reason: ReasonYAMLSyntax, values: map[string]any{"what": "syntax"}, identity: peek(text)}
	var more moreError
	switch {
	case errors.As(err, &more):
		f.line, f.values["what"] = more.line, "content-after-document"
	case errors.Is(err, errPanic):
		f.values["what"] = "parser-failed"
	default:
		f.said(text, err.Error())
	}
	f.line = min(f.line, lastLine(text))
	return f
}

// said takes reason and line from a message of the library.
func (f *fault) said(text []byte, msg string) {
	f.line = saidLine(msg)
	for _, s := range yamlSays {
		if !strings.Contains(msg, s.message) {
			continue
		}
		f.reason, f.values = s.reason, nil
		if s.what != "" {
			f.values = map[string]any{"what": s.what}
		}
		break
	}
	switch { // some messages name no line
	case f.reason == ReasonNotUTF8:
		f.line = bytes.Count(text[:validUTF8(text)], newline)
	case f.values["what"] == "key-not-text":
		f.line = keyLine(nodes(text))
	case strings.Contains(msg, "anchor '"):
		_, name, _ := strings.Cut(msg, "anchor '")
		name, _, _ = strings.Cut(name, "'")
		if i := bytes.Index(text, []byte("*"+name)); i >= 0 {
			f.line = bytes.Count(text[:i], newline)
		}
	}
}

// keyLine finds the first key that is a map or a list, as a template's braces are.
func keyLine(n *yamlv3.Node) int {
	if n == nil {
		return 0
	}
	for i, c := range n.Content {
		if n.Kind == yamlv3.MappingNode && i%2 == 0 && c.Kind != yamlv3.ScalarNode {
			return max(c.Line-1, 0)
		}
		if line := keyLine(c); line > 0 {
			return line
		}
	}
	return 0
}

// saidLine is the line that a message of the library begins with, as 0 for its first.
func saidLine(msg string) int {
	_, after, ok := strings.Cut(strings.TrimPrefix(msg, "yaml: "), "line ")
	digits, _, _ := strings.Cut(after, ":")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return 0
	}
	return max(n-1, 0)
}

// validUTF8 is how much of a text is UTF-8.
func validUTF8(text []byte) int {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		c, n := utf8.DecodeRune(text[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}
