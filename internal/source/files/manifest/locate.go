package manifest

import (
	"fmt"

	yamlv3 "go.yaml.in/yaml/v3"
)

// Locate gives the line, counted from the document's first as 0, of the field at path (names and list indexes), or of
// the nearest field above it that stands there. JSON is read as the YAML that it is. It parses the document: it is for
// the few findings that a person looks at.
func Locate(text []byte, path ...any) int {
	var n yamlv3.Node
	if yamlv3.Unmarshal(text, &n) != nil || len(n.Content) == 0 {
		return 0
	}
	at, line := n.Content[0], 0
	for _, step := range path {
		next, l := child(at, step)
		if next == nil {
			break
		}
		at, line = next, l-1
	}
	return max(line, 0)
}

// child is the field or item of a node, and the line on which it begins: a field begins at its key.
func child(n *yamlv3.Node, step any) (*yamlv3.Node, int) {
	for n.Kind == yamlv3.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	switch n.Kind {
	case yamlv3.SequenceNode:
		if i, ok := step.(int); ok && i >= 0 && i < len(n.Content) {
			return n.Content[i], n.Content[i].Line
		}
	case yamlv3.MappingNode:
		key := fmt.Sprint(step)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i+1], n.Content[i].Line
			}
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "<<" {
				if c, l := child(n.Content[i+1], step); c != nil {
					return c, l
				}
			}
		}
	}
	return nil, 0
}
