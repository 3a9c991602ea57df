package manifest

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A validator checks the syntax of JSON values, and that no name stands twice in an object.
type validator struct {
	dec *jsontext.Decoder
}

// check gives the fault of the one value that text is; nil: it has none.
func (v *validator) check(text []byte) *fault {
	if v.dec == nil {
		v.dec = jsontext.NewDecoder(bytes.NewBuffer(text))
	} else {
		v.dec.Reset(bytes.NewBuffer(text))
	}
	_, err := v.dec.ReadValue()
	if err == nil {
		if _, err = v.dec.ReadToken(); errors.Is(err, io.EOF) {
			return nil
		}
		return &fault{reason: ReasonJSONSyntax, line: lineAt(text, int(v.dec.InputOffset()))}
	}
	return jsonFault(text, err)
}

func jsonFault(text []byte, err error) *fault {
	f := &fault{reason: ReasonJSONSyntax}
	var syn *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		f.reason, f.line = ReasonTruncated, lastLine(text)
	case !errors.As(err, &syn):
	case errors.Is(syn.Err, jsontext.ErrDuplicateName):
		f.reason, f.line = ReasonDuplicateKey, lineAt(text, int(syn.ByteOffset))
		f.values = map[string]any{"key": pointerText(syn.JSONPointer)}
		f.identity = jsonIdentity(text)
	case !utf8.Valid(text):
		f.reason, f.line = ReasonNotUTF8, lineAt(text, validUTF8(text))
	default:
		off := min(int(syn.ByteOffset), len(text))
		if f.line = lineAt(text, off); skipSpace(text, off) == len(text) {
			f.reason = ReasonTruncated
		}
	}
	return f
}

func lineAt(text []byte, off int) int {
	return min(bytes.Count(text[:max(0, min(off, len(text)))], newline), lastLine(text))
}

// jsonIdentity reads who an object with a name that stands twice is: the first that it says.
func jsonIdentity(text []byte) (id identity) {
	if len(text) == 0 || text[0] != '{' {
		return id
	}
	c := within(text, 0, 10_000)
	for m, ok := c.member(); ok; m, ok = c.member() {
		switch value := text[m.from:m.to]; m.name() {
		case "kind":
			if id.kind == "" {
				id.kind = wordOf(unquoted(value))
			}
		case "metadata":
			if value[0] != '{' {
				continue
			}
			meta := within(value, 0, 10_000)
			for m, ok := meta.member(); ok; m, ok = meta.member() {
				id.set(m.name(), unquoted(value[m.from:m.to]))
			}
		}
	}
	return id
}
