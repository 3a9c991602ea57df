package manifest

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	yamlv3 "go.yaml.in/yaml/v3"
)

// An identity is what a document that is not understood says it is, as far as it can be told.
type identity struct{ kind, namespace, name string }

// word is what a kind, a namespace or a name can be: nothing else of a broken document is repeated.
var word = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$`) })

func wordOf(s string) string {
	if word().MatchString(s) {
		return s
	}
	return ""
}

// identityOf reads an identity from the nodes of a document.
func identityOf(root *yamlv3.Node) (id identity) {
	for root.Kind == yamlv3.SequenceNode && len(root.Content) == 1 { // the item of a list
		root = root.Content[0]
	}
	get := func(n *yamlv3.Node, key string) string {
		if c, _ := field(n, key); c != nil && c.Kind == yamlv3.ScalarNode {
			return wordOf(c.Value)
		}
		return ""
	}
	id.kind = get(root, "kind")
	if meta, _ := field(root, "metadata"); meta != nil {
		id.namespace, id.name = get(meta, "namespace"), get(meta, "name")
	}
	return id
}

// peekBytes is how much of a broken document is looked at.
const peekBytes = 64 << 10

// peek reads an identity from a text that does not parse: "kind:" on a line of the outermost indentation, "name:" and
// "namespace:" on the first lines below "metadata:", or in its braces. What is not plain is left.
func peek(text []byte) (id identity) {
	if b := bytes.TrimLeft(text, " \t\r\n"); len(b) > 0 && (b[0] == '{' || b[0] == '[') {
		return id
	}
	outer, meta, below := -1, false, -1
	for line := range bytes.Lines(text[:min(len(text), peekBytes)]) {
		row := strings.TrimRight(string(line), " \t\r\n")
		bare := strings.TrimLeft(row, " ")
		if outer < 0 && strings.HasPrefix(bare, "- ") {
			row = strings.Replace(row, "- ", "  ", 1)
			bare = strings.TrimLeft(row, " ")
		}
		indent := len(row) - len(bare)
		if bare == "" || bare[0] == '#' || strings.HasPrefix(bare, "---") {
			continue
		}
		if outer < 0 {
			outer = indent
		}
		key, value, _ := strings.Cut(bare, ":")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		switch {
		case indent == outer:
			meta = key == "metadata"
			below = -1
			if key == "kind" && id.kind == "" {
				id.kind = wordOf(value)
			}
			if meta && strings.HasPrefix(value, "{") {
				id.braces(value)
			}
		case meta && (below < 0 || indent == below):
			below = indent
			id.set(key, value)
		}
	}
	return id
}

func (id *identity) braces(flow string) {
	for _, pair := range strings.Split(strings.Trim(flow, "{} "), ",") {
		key, value, _ := strings.Cut(pair, ":")
		id.set(strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"'`))
	}
}

func (id *identity) set(key, value string) {
	switch {
	case key == "name" && id.name == "":
		id.name = wordOf(value)
	case key == "namespace" && id.namespace == "":
		id.namespace = wordOf(value)
	}
}
