package manifest

import (
	"bytes"
	"regexp"

	yamlv3 "go.yaml.in/yaml/v3"
)

// locateBytes is up to which size a text is searched: a line in what is larger helps nobody.
const locateBytes = 32 << 20

// Locate gives the line, counted from the first line of text as 0, of the field at path, or of the nearest field above
// it that stands there; 0 where none does. A step is a string (a key, as the JSON has it) or an int (an index). A field
// that an alias or a merge brings is found where it is written. text is that of a Document: YAML or JSON, a document or
// the item of a list. It is parsed on each call: this is for the few findings that a person looks at.
func Locate(text []byte, path ...any) int {
	if len(text) > locateBytes || len(path) == 0 {
		return 0
	}
	if i := skipSpace(text, 0); i < len(text) && (text[i] == '{' || text[i] == '[') {
		if off, ok := locateJSON(text, i, path); ok {
			return bytes.Count(text[:off], newline)
		}
	}
	root := nodes(text)
	if root == nil {
		// The item of a list may name an anchor that stands in another one.
		root = nodes(dangling.ReplaceAllFunc(text, func(m []byte) []byte {
			return bytes.Replace(m, []byte("*"), []byte("_"), 1)
		}))
	}
	if root == nil {
		return 0
	}
	if _, byName := path[0].(string); byName && root.Kind == yamlv3.SequenceNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	line := 1
	for _, step := range path {
		next, at := child(root, step)
		if next == nil {
			break
		}
		root, line = next, at
	}
	return max(0, min(line-1, lastLine(text)))
}

var dangling = regexp.MustCompile(`[\s\[{,:-]\*[A-Za-z0-9_-]+`)

// child is the field or item of a node, and its line: a field begins at its key.
func child(n *yamlv3.Node, step any) (*yamlv3.Node, int) {
	n = resolved(n)
	switch s := step.(type) {
	case int:
		if n.Kind == yamlv3.SequenceNode && s >= 0 && s < len(n.Content) {
			return n.Content[s], n.Content[s].Line
		}
	case string:
		return field(n, s)
	}
	return nil, 0
}

func resolved(n *yamlv3.Node) *yamlv3.Node {
	for n.Kind == yamlv3.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// field is the value of a key, and the line of the key. What a map merges is looked at last.
func field(n *yamlv3.Node, key string) (*yamlv3.Node, int) {
	return fieldOf(n, key, map[*yamlv3.Node]bool{})
}

// fieldOf visits no node twice: a map may merge itself.
func fieldOf(n *yamlv3.Node, key string, seen map[*yamlv3.Node]bool) (*yamlv3.Node, int) {
	n = resolved(n)
	if n.Kind != yamlv3.MappingNode || seen[n] {
		return nil, 0
	}
	seen[n] = true
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; (k.Value == key || nodeKey(k) == key) && !isMerge(k) {
			return n.Content[i+1], k.Line
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isMerge(n.Content[i]) {
			continue
		}
		from := []*yamlv3.Node{n.Content[i+1]}
		if m := resolved(n.Content[i+1]); m.Kind == yamlv3.SequenceNode {
			from = m.Content
		}
		for _, m := range from {
			if v, line := fieldOf(m, key, seen); v != nil {
				return v, line
			}
		}
	}
	return nil, 0
}

// locateJSON gives the offset of the last step of path that stands there; not ok where the text is no JSON.
func locateJSON(text []byte, at int, path []any) (off int, ok bool) {
	if end, fault := skipValue(text, at, 10_000); fault != nil || skipSpace(text, end) != len(text) {
		return 0, false
	}
	off = at
	for _, step := range path {
		name, value := -1, -1
		switch s := step.(type) {
		case string:
			name, value = memberAt(text, at, s)
		case int:
			value = elementAt(text, at, s)
			name = value
		}
		if value < 0 {
			break
		}
		off, at = name, value
	}
	return off, true
}

// memberAt gives the offsets of a member's name and value in the object at an offset; -1 where there is none.
func memberAt(text []byte, at int, key string) (name, value int) {
	if text[at] != '{' {
		return -1, -1
	}
	c := within(text, at, 10_000)
	for m, ok := c.member(); ok; m, ok = c.member() {
		if m.name() == key {
			return m.at, m.from
		}
	}
	return -1, -1
}

// elementAt gives the offset of an element of the array at an offset; -1 where there is none.
func elementAt(text []byte, at, index int) int {
	if text[at] != '[' {
		return -1
	}
	c := within(text, at, 10_000)
	for i := 0; ; i++ {
		from, _, ok := c.element()
		if !ok {
			return -1
		}
		if i == index {
			return from
		}
	}
}
