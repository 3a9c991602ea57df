package main

import (
	"bytes"
	"encoding/json"
	"errors"
)

func decodeJSON(text []byte, obj any) error { return json.Unmarshal(text, obj) }

var (
	itemsKey   = []byte(`"items":`)
	structural = [256]bool{'"': true, '{': true, '}': true, ']': true}
)

// cutList cuts the items out of a List by counting braces outside of strings, and reads the kind of each in passing.
// json.RawMessage and a walk with json.Decoder would scan every byte with their full state machine a second time, on
// one core, while the decoders wait. Nothing is left unchecked by it: json.Unmarshal validates each item.
func cutList(text []byte, yield func(document)) error {
	at := bytes.Index(text, itemsKey)
	if at < 0 {
		return errors.New("no items: a List is needed")
	}
	text = text[at+len(itemsKey):]
	depth, start := 0, 0
	var kind typeMeta
	for i := 0; i < len(text); i++ {
		if !structural[text[i]] {
			continue
		}
		switch text[i] {
		case '"':
			end := endOfString(text, i)
			if depth == 1 {
				kind.read(text, i, end)
			}
			i = end
		case '{':
			if depth++; depth == 1 {
				start, kind = i, typeMeta{}
			}
		case '}':
			if depth--; depth > 0 {
				continue
			}
			if kind.apiVersion == "" || kind.kind == "" {
				return errors.New("an item names no kind")
			}
			yield(document{kind: kind, text: text[start : i+1], decode: decodeJSON})
		case ']':
			if depth == 0 {
				return nil
			}
		}
	}
	return errors.New("the list does not end")
}

// read takes the value behind the key that stands at text[from:to], both quotes included, where it is one of ours.
func (m *typeMeta) read(text []byte, from, to int) {
	var field *string
	switch string(text[from+1 : min(to, len(text))]) {
	case "apiVersion":
		field = &m.apiVersion
	case "kind":
		field = &m.kind
	default:
		return
	}
	rest := bytes.TrimLeft(text[min(to+1, len(text)):], " :")
	if len(rest) == 0 || rest[0] != '"' {
		return
	}
	value, _, _ := bytes.Cut(rest[1:], []byte{'"'})
	*field = string(value)
}

// endOfString gives the index of the quote that ends the string which begins at i, or the length of the text.
func endOfString(text []byte, i int) int {
	for from := i + 1; ; {
		n := bytes.IndexByte(text[from:], '"')
		if n < 0 {
			return len(text)
		}
		end := from + n
		slashes := 0
		for text[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return end
		}
		from = end + 1
	}
}
