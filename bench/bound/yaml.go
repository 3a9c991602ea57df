package main

import (
	"bytes"
	"errors"

	"sigs.k8s.io/yaml"
)

var (
	separator  = []byte("\n---\n")
	versionKey = []byte("apiVersion: ")
	kindKey    = []byte("kind: ")
)

func decodeYAML(text []byte, obj any) error { return yaml.Unmarshal(text, obj) }

// cutYAML cuts a file at its separators. The kind is found in the first lines, unparsed.
func cutYAML(text []byte, yield func(document)) error {
	text = bytes.TrimPrefix(text, separator[1:])
	for more := true; more; {
		var doc []byte
		doc, text, more = bytes.Cut(text, separator)
		d := document{kind: sniffYAML(doc), text: doc, decode: decodeYAML}
		if d.kind.apiVersion == "" || d.kind.kind == "" {
			return errors.New("a document names no kind")
		}
		yield(d)
	}
	return nil
}

func sniffYAML(doc []byte) (m typeMeta) {
	for len(doc) > 0 && (m.apiVersion == "" || m.kind == "") {
		var line []byte
		line, doc, _ = bytes.Cut(doc, []byte("\n"))
		if v, ok := bytes.CutPrefix(line, versionKey); ok {
			m.apiVersion = string(v)
		} else if v, ok := bytes.CutPrefix(line, kindKey); ok {
			m.kind = string(v)
		}
	}
	return m
}
