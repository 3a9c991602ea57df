package manifest

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// A doc is one document, or one item of a list, on its way.
type doc struct {
	*run
	file   file
	worker int
	index  int
	piece
	listKind, listVersion string // what the items of a list are, where they do not say
	depth                 int    // of lists in lists
}

const maxLists = 4

// guard makes a panic of a parser a problem of the one document.
func (d *doc) guard(f func()) {
	defer func() {
		if recover() != nil {
			d.problem("yaml-syntax", d.line, nil)
		}
	}()
	f()
}

func (d *doc) problem(reason string, line int, values map[string]any) {
	d.sink.Problem(Problem{Root: d.file.root, File: d.file.name, Line: line, Index: d.index, Reason: reason, Values: values})
}

func (d *doc) foreign(what string) {
	d.sink.Foreign(Foreign{File: d.file.name, Line: d.line, Index: d.index, What: what})
}

// yaml parses the document.
func (d *doc) yaml() {
	if looksJSON(d.text) && jsontext.Value(d.text).IsValid() {
		d.object(bytes.Clone(d.text))
		return
	}
	if items, ok := splitList(d.text); ok && d.items(items) {
		return
	}
	if int64(len(d.text)) > d.limits.Document {
		d.problem("too-large", d.line, map[string]any{"size": len(d.text), "limit": d.limits.Document})
		return
	}
	obj, p := parse(d.text, d.limits.Depth)
	if p != nil {
		if p.Line > 0 {
			p.Line += d.line - 1
		} else {
			p.Line = d.line
		}
		p.Root, p.File, p.Index = d.file.root, d.file.name, d.index
		d.sink.Problem(*p)
		return
	}
	d.object(obj)
}

// parse turns YAML into JSON, or says why it cannot. The line is the document's own, from 1; 0: not known.
func parse(text []byte, depth int64) ([]byte, *Problem) {
	if deep(text, depth) {
		return nil, &Problem{Reason: "too-deep", Values: map[string]any{"limit": depth}}
	}
	obj, err := yaml.YAMLToJSONStrict(text)
	if err == nil {
		return obj, nil
	}
	// Strict mode also refuses a key that overrides a merged one, which is right; see which it was.
	obj, lenient := yaml.YAMLToJSON(text)
	if lenient != nil {
		return nil, syntax(lenient)
	}
	if p := duplicate(text); p != nil {
		return nil, p
	}
	return obj, nil
}

var lineOf = regexp.MustCompile(`line (\d+)`)

// syntax maps an error of the library to a reason. Its text may quote the document, so only the line is kept.
func syntax(err error) *Problem {
	p := &Problem{Reason: "yaml-syntax"}
	if m := lineOf.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
	}
	switch msg := err.Error(); {
	case strings.Contains(msg, "excessive aliasing"):
		p.Reason = "too-many-aliases"
	case strings.Contains(msg, "exceeded max depth"), strings.Contains(msg, "too deep"):
		p.Reason = "too-deep"
	}
	return p
}

// duplicate finds the first key that a mapping holds twice, a merge key apart.
func duplicate(text []byte) *Problem {
	var n yamlv3.Node
	if yamlv3.Unmarshal(text, &n) != nil {
		return nil
	}
	p := &Problem{Reason: "duplicate-key"}
	path, line := twice(&n, nil)
	if line == 0 {
		return nil
	}
	p.Line, p.Values = line, map[string]any{"key": strings.Join(path, ".")}
	p.Kind, p.Namespace, p.Name = identity(&n)
	return p
}

func twice(n *yamlv3.Node, path []string) ([]string, int) {
	switch n.Kind {
	case yamlv3.DocumentNode, yamlv3.SequenceNode:
		for _, c := range n.Content {
			if p, line := twice(c, path); line > 0 {
				return p, line
			}
		}
	case yamlv3.MappingNode:
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			here := append(path[:len(path):len(path)], k.Value)
			if seen[k.Value] && k.Value != "<<" && k.Kind == yamlv3.ScalarNode {
				return here, k.Line
			}
			seen[k.Value] = true
			if p, line := twice(n.Content[i+1], here); line > 0 {
				return p, line
			}
		}
	}
	return nil, 0
}

// identity reads what a node says it is, as far as it says it once.
func identity(n *yamlv3.Node) (kind, ns, name string) {
	get := func(m *yamlv3.Node, key string) *yamlv3.Node {
		if m == nil || m.Kind != yamlv3.MappingNode {
			return nil
		}
		for i := 0; i+1 < len(m.Content); i += 2 {
			if m.Content[i].Value == key {
				return m.Content[i+1]
			}
		}
		return nil
	}
	word := func(n *yamlv3.Node) string {
		if n == nil || n.Kind != yamlv3.ScalarNode {
			return ""
		}
		return n.Value
	}
	if n.Kind == yamlv3.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	meta := get(n, "metadata")
	return word(get(n, "kind")), word(get(meta, "namespace")), word(get(meta, "name"))
}

// deep reports nesting beyond the limit in flow style, which the library would follow with its stack; block style
// is bounded by its indentation.
func deep(text []byte, limit int64) bool {
	if int64(bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{"))) <= limit && int64(bytes.Count(text, []byte("- - "))) == 0 {
		return false
	}
	depth, worst := int64(0), int64(0)
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
			worst = max(worst, depth)
		case ']', '}':
			depth = max(depth-1, 0)
		case '\n':
			if depth > 0 && worst > limit {
				return true
			}
		}
	}
	return worst > limit && !balancedText(text)
}

// balancedText reports that brackets close again and again: they stand in text, not in depth.
func balancedText(text []byte) bool {
	return bytes.Count(text, []byte("]")) >= bytes.Count(text, []byte("["))/2
}

// head is what every object says first. Values are kept as JSON, so that a wrong type is seen.
type head struct {
	APIVersion jsontext.Value `json:"apiVersion"`
	Kind       jsontext.Value `json:"kind"`
	Metadata   jsontext.Value `json:"metadata"`
	Items      jsontext.Value `json:"items"`
	Patch      jsontext.Value `json:"$patch"`
}

var lax = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

func word(v jsontext.Value) (string, bool) {
	if v.Kind() != '"' {
		return "", len(v) == 0 || v.Kind() == 'n'
	}
	var s string
	err := json.Unmarshal(v, &s, lax)
	return s, err == nil
}

// object looks at what a document is, and hands it on.
func (d *doc) object(obj []byte) {
	trimmed := bytes.TrimSpace(obj)
	if len(trimmed) == 0 || bytes.Equal(trimmed, []byte("null")) {
		d.foreign("empty")
		return
	}
	if trimmed[0] != '{' {
		if trimmed[0] == '[' && bytes.Contains(trimmed, []byte(`"apiVersion"`)) {
			d.problem("not-an-object", d.line, nil)
			return
		}
		d.foreign("data")
		return
	}
	var h head
	if err := json.Unmarshal(obj, &h, lax); err != nil {
		d.problem(reasonOf(err), d.line, nil)
		return
	}
	version, okV := word(h.APIVersion)
	kind, okK := word(h.Kind)
	if d.listKind != "" && version == "" && kind == "" && okV && okK {
		version, kind = d.listVersion, d.listKind
	}
	switch {
	case isKustomization(lastName(d.file.name)), strings.HasPrefix(version, "kustomize.config.k8s.io/"):
		d.foreign("kustomization")
	case d.file.patch, len(h.Patch) > 0:
		d.foreign("kustomize-patch")
	case !okV || okV && version == "" && kind != "":
		d.problem("no-api-version", d.line, nil)
	case !okK || version != "" && kind == "":
		d.problem("no-kind", d.line, nil)
	case version == "":
		d.foreign("values")
	case strings.HasSuffix(kind, "List") && h.Items.Kind() == '[' && !named(h.Metadata):
		d.list(version, kind, obj, h.Items)
	default:
		d.sink.Document(d.worker, Document{
			Root: d.file.root, File: d.file.name, Line: d.line, Index: d.index, APIVersion: version, Kind: kind, JSON: obj, Text: d.text,
		})
	}
}

func lastName(p string) string {
	return p[strings.LastIndexAny(p, "/\\!")+1:]
}

// named reports that an object has a name: a list has none, a custom resource whose kind ends in List has.
func named(meta jsontext.Value) bool {
	var m struct {
		Name string `json:"name"`
	}
	return json.Unmarshal(meta, &m, lax) == nil && m.Name != ""
}

func reasonOf(err error) string {
	var syn *jsontext.SyntacticError
	if errors.As(err, &syn) && strings.Contains(syn.Error(), "depth") {
		return "too-deep"
	}
	return "json-syntax"
}

// list hands on the items of a list that was parsed whole.
func (d *doc) list(version, kind string, obj, items []byte) {
	if d.depth >= maxLists {
		d.problem("too-deep", d.line, map[string]any{"limit": maxLists})
		return
	}
	vals, _ := scanArray(items)
	lines := d.itemLines(len(vals))
	itemKind := strings.TrimSuffix(kind, "List")
	for i, v := range vals {
		it := &doc{run: d.run, file: d.file, worker: d.worker, index: d.index, piece: piece{text: v, line: lines[i]}, depth: d.depth + 1}
		if itemKind != "" {
			it.listKind, it.listVersion = itemKind, version
		}
		it.guard(func() { it.object(v) })
	}
}

// itemLines finds where the items of a YAML list begin, by a walk of its nodes.
func (d *doc) itemLines(n int) []int {
	lines := make([]int, n)
	for i := range lines {
		lines[i] = d.line
	}
	if looksJSON(d.text) {
		return lines
	}
	for i := range lines {
		lines[i] = d.line + Locate(d.text, "items", i)
	}
	return lines
}
