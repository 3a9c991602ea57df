package manifest

import (
	"bytes"
	"strings"
)

// A state is how apiVersion or kind stands in a document.
type state int

const (
	absent  state = iota
	nothing       // null or ""
	wrong         // no string
	good
)

// A label is apiVersion or kind.
type label struct {
	state state
	text  string
}

func labelOf(s string) label {
	if s == "" {
		return label{state: nothing}
	}
	return label{good, s}
}

// vigieVersion is the apiVersion of what is Vigie's own: checks of the tenant's, facts.
const vigieVersion = "vigie/v1"

// A head is what a document says of itself, enough to know what to do with it.
type head struct {
	version, kind label
	items         state // good: a list
	patch         bool  // "$patch" stands in it
	continued     bool  // the API server said that more items follow than were asked for
	named         bool  // it has a name: a list has none, a custom resource whose kind ends in List has
	helmfile      bool  // it has releases, and neither apiVersion nor kind
}

// isList reports a list of objects: a List, or a kind that ends so, has items and no name.
func (h *head) isList() bool {
	if h.kind.text == "List" {
		return true
	}
	return strings.HasSuffix(h.kind.text, "List") && (h.items == good || h.items == nothing) && !h.named
}

// A verdict is what to do with a document.
type verdict struct {
	fault *fault // it is a problem
	what  string // it is foreign
	list  bool   // its items are what counts
}

// judge decides by the head, the role of the file, and the list that the document is an item of. It completes the head
// from the list.
func (p *piece) judge(h *head) verdict {
	switch {
	case p.src.role == kustomization, strings.HasPrefix(h.version.text, "kustomize.config.k8s.io/"):
		return verdict{what: WhatKustomization}
	case h.version.text == vigieVersion:
		return verdict{what: WhatVigie}
	case p.src.role == chartFile && h.kind.state == absent:
		return verdict{what: WhatChart}
	case p.src.role == kustomizePatch, p.src.role == generatorData:
		return verdict{what: roleWhat[p.src.role]}
	case h.patch:
		return verdict{what: WhatKustomizePatch}
	}
	switch {
	case p.list != nil:
		p.list.complete(h)
	case p.src.says != nil && h.version.state == absent && h.kind.state == absent:
		p.src.says.complete(h)
	}
	switch {
	case h.version.state == absent && h.kind.state == absent && p.list == nil && p.src.rendered == nil:
		return verdict{what: p.data(h)}
	case h.kind.state != good:
		return verdict{fault: h.kind.missing(ReasonNoKind)}
	case h.version.state != good:
		return verdict{fault: h.version.missing(ReasonNoAPIVersion)}
	case h.isList():
		if h.items == wrong {
			return verdict{fault: &fault{reason: ReasonNotAnObject, values: map[string]any{"what": "items"}}}
		}
		return verdict{list: true}
	}
	return verdict{}
}

func (l label) missing(reason string) *fault {
	f := &fault{reason: reason}
	if l.state == wrong {
		f.values = map[string]any{"what": "not-a-string"}
	}
	return f
}

// data says what a map with neither apiVersion nor kind is.
func (p *piece) data(h *head) string {
	base := strings.ToLower(p.src.base)
	switch {
	case p.src.role == chartValues:
		return WhatValues
	case h.helmfile, strings.HasPrefix(base, "helmfile"):
		return WhatHelmfile
	case strings.HasSuffix(base, ".json"):
		return WhatJSONData
	}
	return WhatValues
}

// A list is what the items of a list take from it.
type list struct {
	version, kind string // of items that do not say; empty: they must
	depth         int    // of lists in lists
}

// itemsOf is the list whose head is h, inside of another one or none.
func itemsOf(h *head, outer *list) *list {
	l := &list{depth: 1}
	if outer != nil {
		l.depth = outer.depth + 1
	}
	if kind := strings.TrimSuffix(h.kind.text, "List"); kind != "" {
		l.version, l.kind = h.version.text, kind
	}
	return l
}

func (l *list) complete(h *head) {
	if h.version.state == absent && l.version != "" {
		h.version = label{good, l.version}
	}
	if h.kind.state == absent && l.kind != "" {
		h.kind = label{good, l.kind}
	}
}

// headOfYAML reads the head of a parsed map.
func headOfYAML(m map[any]any, text []byte) *head {
	h := &head{version: yamlLabel(m, "apiVersion"), kind: yamlLabel(m, "kind")}
	if items, ok := m["items"]; ok {
		switch items.(type) {
		case []any:
			h.items = good
		case nil:
			h.items = nothing
		default:
			h.items = wrong
		}
	}
	if meta, ok := m["metadata"].(map[any]any); ok {
		name, _ := meta["name"].(string)
		h.named = name != ""
		more, _ := meta["continue"].(string)
		h.continued = more != ""
	}
	_, h.helmfile = m["releases"].([]any)
	h.patch = bytes.Contains(text, []byte("$patch")) && holdsPatch(m)
	return h
}

func yamlLabel(m map[any]any, key string) label {
	switch v, ok := m[key]; v := v.(type) {
	case string:
		return labelOf(v)
	case nil:
		if !ok {
			return label{}
		}
		return label{state: nothing}
	default:
		return label{state: wrong}
	}
}

// holdsPatch looks for the key that only a strategic merge patch has.
func holdsPatch(v any) bool {
	switch v := v.(type) {
	case map[any]any:
		if _, ok := v["$patch"]; ok {
			return true
		}
		for _, c := range v {
			if holdsPatch(c) {
				return true
			}
		}
	case []any:
		for _, c := range v {
			if holdsPatch(c) {
				return true
			}
		}
	}
	return false
}
