package manifest

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

func jsonUnmarshal(data []byte, into any) error { return json.Unmarshal(data, into, lax) }

// skip finds the end of the JSON value that begins at i, by its brackets and quotes alone. Syntax within is checked
// later, value by value.
func skip(data []byte, i int) (end int, ok bool) {
	depth := 0
	for i < len(data) {
		switch c := data[i]; c {
		case '"':
			i = closing(data, i+1)
			if i < 0 {
				return 0, false
			}
			if depth == 0 {
				return i + 1, true
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1, true
			}
			if depth < 0 {
				return 0, false
			}
		case ',', ':':
			if depth == 0 {
				return 0, false
			}
		case ' ', '\t', '\r', '\n':
		default:
			if depth == 0 { // a number, true, false, null
				for i < len(data) && !bytes.ContainsRune([]byte(",]} \t\r\n"), rune(data[i])) {
					i++
				}
				return i, true
			}
		}
		i++
	}
	return 0, false
}

// closing finds the quote that ends the string whose content begins at i; -1: none.
func closing(data []byte, i int) int {
	for {
		j := bytes.IndexByte(data[i:], '"')
		if j < 0 {
			return -1
		}
		j += i
		back := j - 1
		for back >= i && data[back] == '\\' {
			back--
		}
		if (j-1-back)%2 == 0 {
			return j
		}
		i = j + 1
	}
}

func space(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\r' || data[i] == '\n') {
		i++
	}
	return i
}

// scanArray gives the elements of a JSON array as they stand. The values share data's memory.
func scanArray(data []byte) (vals [][]byte, ok bool) {
	i := space(data, 0)
	if i >= len(data) || data[i] != '[' {
		return nil, false
	}
	i = space(data, i+1)
	if i < len(data) && data[i] == ']' {
		return nil, true
	}
	for {
		end, ok := skip(data, i)
		if !ok {
			return nil, false
		}
		vals = append(vals, data[i:end])
		i = space(data, end)
		if i >= len(data) {
			return nil, false
		}
		switch data[i] {
		case ',':
			i = space(data, i+1)
		case ']':
			return vals, true
		default:
			return nil, false
		}
	}
}

// scanObject gives the members of a JSON object as they stand. A name that stands twice makes it not ok.
func scanObject(data []byte) (members map[string]jsontext.Value, ok bool) {
	i := space(data, 0)
	if i >= len(data) || data[i] != '{' {
		return nil, false
	}
	members = map[string]jsontext.Value{}
	i = space(data, i+1)
	for i < len(data) && data[i] == '"' {
		end := closing(data, i+1)
		if end < 0 {
			return nil, false
		}
		name := string(data[i+1 : end])
		i = space(data, end+1)
		if i >= len(data) || data[i] != ':' {
			return nil, false
		}
		i = space(data, i+1)
		stop, ok := skip(data, i)
		if !ok {
			return nil, false
		}
		if _, twice := members[name]; twice {
			return nil, false
		}
		members[name] = jsontext.Value(data[i:stop])
		i = space(data, stop)
		if i < len(data) && data[i] == ',' {
			i = space(data, i+1)
			continue
		}
		return members, i < len(data) && data[i] == '}'
	}
	return members, i < len(data) && data[i] == '}'
}

// jsonProblem says what is wrong with JSON, and where.
func jsonProblem(data []byte) Problem {
	p := Problem{Reason: "json-syntax", Line: 1}
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	_, err := dec.ReadValue()
	if err == nil {
		_, err = dec.ReadToken() // what follows
	}
	var syn *jsontext.SyntacticError
	if errors.As(err, &syn) {
		off := min(int(syn.ByteOffset), len(data))
		p.Line = 1 + bytes.Count(data[:off], newline)
		switch {
		case errors.Is(err, jsontext.ErrDuplicateName):
			p.Reason, p.Values = "duplicate-key", map[string]any{"key": dotted(string(syn.JSONPointer))}
		case bytes.Contains([]byte(syn.Error()), []byte("depth")):
			p.Reason = "too-deep"
		case off >= len(bytes.TrimRight(data, " \t\r\n")):
			p.Reason = "truncated"
		}
	} else if err != nil {
		p.Reason, p.Line = "truncated", 1+bytes.Count(data, newline)
	}
	return p
}

func dotted(pointer string) string {
	pointer = string(bytes.ReplaceAll(bytes.TrimPrefix([]byte(pointer), []byte("/")), []byte("/"), []byte(".")))
	if len(pointer) > 200 {
		pointer = pointer[:200]
	}
	return pointer
}
