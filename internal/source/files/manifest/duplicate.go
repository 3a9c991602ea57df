package manifest

import (
	"bytes"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v2"
	yamlv3 "go.yaml.in/yaml/v3"
)

// duplicate finds the first key that a map of the document itself holds twice. Keys that only a merge ("<<") brings
// twice are an override, and right: nil. err is what strict mode said; nil where the doubt arose elsewhere.
func duplicate(text []byte, err error) *fault {
	root := nodes(text)
	if root == nil {
		return saidDuplicate(text, err)
	}
	s := twice{budget: 1 << 22}
	if s.search(root) {
		return &fault{
			reason: ReasonDuplicateKey, line: min(s.line, lastLine(text)), identity: identityOf(root),
			values: map[string]any{"key": pathText(s.path), "first": s.first},
		}
	}
	if bytes.Contains(text, []byte("<<")) {
		return nil
	}
	return saidDuplicate(text, err)
}

// saidDuplicate believes strict mode, where the second parser has no answer.
func saidDuplicate(text []byte, err error) *fault {
	if err == nil {
		return nil
	}
	msg := err.Error()
	_, after, _ := strings.Cut(msg, "line ")
	_, key, _ := strings.Cut(after, ": key ")
	key, _, _ = strings.Cut(key, " already set in map")
	if unquoted, err := strconv.Unquote(key); err == nil {
		key = unquoted
	}
	line := min(saidLine("line "+after), lastLine(text))
	return &fault{reason: ReasonDuplicateKey, line: line, values: map[string]any{"key": key}, identity: peek(text)}
}

// nodes parses a text into the nodes that know their lines; nil where it cannot.
func nodes(text []byte) (root *yamlv3.Node) {
	defer func() {
		if recover() != nil {
			root = nil
		}
	}()
	var doc yamlv3.Node
	if yamlv3.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// twice is a search for a key that stands twice.
type twice struct {
	budget      int
	path        []any
	line, first int // from 0
}

func (s *twice) search(n *yamlv3.Node) bool {
	if s.budget--; s.budget < 0 {
		return false
	}
	switch n.Kind {
	case yamlv3.SequenceNode:
		for i, c := range n.Content {
			s.path = append(s.path, i)
			if s.search(c) {
				return true
			}
			s.path = s.path[:len(s.path)-1]
		}
	case yamlv3.MappingNode:
		return s.mapping(n)
	default: // scalars hold no key, and what an alias stands for is searched where it is written
	}
	return false
}

func (s *twice) mapping(n *yamlv3.Node) bool {
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		key := nodeKey(k)
		s.path = append(s.path, k.Value) // as it is written: y, where the JSON has true
		if k.Kind == yamlv3.ScalarNode && !isMerge(k) {
			if first, ok := seen[key]; ok {
				s.line, s.first = k.Line-1, first
				return true
			}
			seen[key] = k.Line - 1
		}
		if s.search(n.Content[i+1]) {
			return true
		}
		s.path = s.path[:len(s.path)-1]
	}
	return false
}

func isMerge(k *yamlv3.Node) bool {
	return k.Value == "<<" && k.Style&(yamlv3.SingleQuotedStyle|yamlv3.DoubleQuotedStyle) == 0
}

// special is what a plain scalar begins with that YAML 1.1 may not read as text.
const special = "yYnNtTfFoO~+-.0123456789!"

// nodeKey is a key as the JSON has it: on is true, 0x10 is 16.
func nodeKey(k *yamlv3.Node) string {
	for k.Kind == yamlv3.AliasNode && k.Alias != nil {
		k = k.Alias
	}
	quoted := k.Style & (yamlv3.SingleQuotedStyle | yamlv3.DoubleQuotedStyle | yamlv3.LiteralStyle | yamlv3.FoldedStyle)
	if quoted != 0 || k.Tag == "!!str" && k.Style&yamlv3.TaggedStyle != 0 || k.Value == "" || strings.IndexByte(special, k.Value[0]) < 0 || len(k.Value) > 64 {
		return k.Value
	}
	var v any
	if yaml.Unmarshal([]byte(k.Value), &v) != nil {
		return k.Value
	}
	if text, ok := keyText(v); ok {
		return text
	}
	return k.Value
}

// pathText writes a path as people do: spec.containers[0].env, data["a.b"].
func pathText(path []any) string {
	var b strings.Builder
	for _, step := range path {
		switch s := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(s) + "]")
		case string:
			switch {
			case strings.ContainsAny(s, ".[]\"' \n") || s == "":
				b.WriteString("[" + strconv.Quote(s) + "]")
			case b.Len() > 0:
				b.WriteString("." + s)
			default:
				b.WriteString(s)
			}
		}
	}
	return b.String()
}
