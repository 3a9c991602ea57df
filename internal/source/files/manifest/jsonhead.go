package manifest

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// A jsonHead is the head of a JSON object and where things stand in it.
type jsonHead struct {
	head
	itemsFrom, itemsTo int // of the array; from is 0 where there is none
	twice              bool
	end                int
}

// scanHead reads the head of the JSON object at an offset. Where the scan fails, what was read so far is given too.
func scanHead(data []byte, at, depth int) (h jsonHead, f *scanFault) {
	c := within(data, at, depth)
	for m, ok := c.member(); ok; m, ok = c.member() {
		h.take(data, m)
	}
	if c.fault != nil {
		h.brokenItems(data, at, c)
	}
	h.end = c.end
	return h, c.fault
}

func (h *jsonHead) take(data []byte, m jsonMember) {
	value := data[m.from:m.to]
	switch m.name() {
	case "apiVersion":
		h.twice = h.twice || h.version.state != absent
		h.version = jsonLabel(value)
	case "kind":
		h.twice = h.twice || h.kind.state != absent
		h.kind = jsonLabel(value)
	case "items":
		h.twice = h.twice || h.items != absent
		switch value[0] {
		case '[':
			h.items, h.itemsFrom, h.itemsTo = good, m.from, m.to
		case 'n':
			h.items = nothing
		default:
			h.items = wrong
		}
	case "metadata":
		if value[0] == '{' {
			h.named, h.continued = hasText(value, "name"), hasText(value, "continue")
		}
	case "releases":
		h.helmfile = value[0] == '['
	}
}

// brokenItems notes the beginning of items that do not end: those that are whole can still be read.
func (h *jsonHead) brokenItems(data []byte, at int, c *cursor) {
	from := skipSpace(data, c.at)
	if h.items == absent && from < len(data) && data[from] == ':' && bytes.HasSuffix(bytes.TrimRight(data[at:c.at], " \t\r\n"), []byte(`"items"`)) {
		if from = skipSpace(data, from+1); from < len(data) && data[from] == '[' {
			h.itemsFrom, h.itemsTo = from, len(data)
		}
	}
}

func jsonLabel(value []byte) label {
	switch value[0] {
	case '"':
		return labelOf(unquoted(value))
	case 'n':
		return label{state: nothing}
	}
	return label{state: wrong}
}

func hasText(object []byte, key string) bool {
	c := within(object, 0, 10_000)
	for m, ok := c.member(); ok; m, ok = c.member() {
		if m.name() == key {
			return jsonLabel(object[m.from:m.to]).state == good
		}
	}
	return false
}

// jsonHoldsPatch looks for the key that only a strategic merge patch has.
func jsonHoldsPatch(data []byte) bool {
	if !bytes.Contains(data, []byte(`"$patch"`)) {
		return false
	}
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		t, err := dec.ReadToken()
		if err != nil {
			return false
		}
		if kind, n := dec.StackIndex(dec.StackDepth()); kind == '{' && n%2 == 1 && t.Kind() == '"' && t.String() == "$patch" {
			return true
		}
	}
}
