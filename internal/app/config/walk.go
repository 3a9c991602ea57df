package config

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"vigie/internal/policy"
)

// A walker goes through the nodes of one file and notes what is not right. Nodes are walked rather than decoded
// into types, because the decoder stops at its first fault, takes the last of two equal keys in some places, and
// turns what it likes into text.
type walker struct {
	file     string
	policy   *policy.Policy
	begin    string                // a line that such a file begins with
	waiver   int                   // the number of the waiver being read; 0: none
	values   map[string]*yaml.Node // by the keys that lead to it: the value of each known key
	problems Problems
}

func newWalker(file string, p *policy.Policy) *walker {
	return &walker{file: file, begin: "tenant: boutique", policy: p, values: map[string]*yaml.Node{}}
}

// A reader reads one value. at names it: the keys that lead to it.
type reader func(w *walker, at string, n *yaml.Node)

// A field is one key of a mapping whose keys are known.
type field struct {
	key  string
	read reader
}

// most bounds the problems of one file: a file that is none of ours would give one a line.
const most = 200

// full reports whether nothing more is to be read, because there are too many problems.
func (w *walker) full() bool { return len(w.problems) > most }

// note adds a problem at a node. values are pairs of name and value.
func (w *walker) note(n *yaml.Node, at, reason, suggestion string, values ...string) {
	switch {
	case w.full():
		return
	case len(w.problems) == most:
		w.problems = append(w.problems, Problem{File: w.file, Line: n.Line, Column: n.Column, Reason: "too-many", Values: map[string]string{"most": strconv.Itoa(most)}})
		return
	}
	p := Problem{File: w.file, Line: n.Line, Column: n.Column, Key: at, Reason: reason, Suggestion: suggestion, Waiver: w.waiver}
	for i := 0; i+1 < len(values); i += 2 {
		if p.Values == nil {
			p.Values = map[string]string{}
		}
		p.Values[values[i]] = values[i+1]
	}
	w.problems = append(w.problems, p)
}

// is reports whether a node is of the kind that is wanted, and notes what it is otherwise. want is a key of words.
func (w *walker) is(at string, n *yaml.Node, kind yaml.Kind, want string) bool {
	got := wordOf(n)
	switch {
	case n.Kind == yaml.AliasNode:
		w.note(n, at, "alias", "", "name", n.Value)
	case n.Style&yaml.TaggedStyle != 0 && n.ShortTag() != "!!str":
		w.note(n, at, "tag", "", "tag", n.Tag)
	case got == "":
		w.note(n, at, "no-value", "")
	case n.Kind == kind:
		return true
	case at == "":
		w.note(n, at, "wrong-root", "", "got", got, "begin", w.begin)
	default:
		w.note(n, at, "wrong-type", "", "want", want, "got", got)
	}
	return false
}

// wordOf is the word for what a node is; "" for nothing.
func wordOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "mapping"
	case yaml.SequenceNode:
		return "list"
	}
	if n.ShortTag() == "!!null" {
		return ""
	}
	if what, ok := ambiguity(n); ok {
		return what
	}
	return "text"
}

// mapping reads a mapping whose keys are known.
func (w *walker) mapping(at string, n *yaml.Node, fields []field) {
	w.pairs(at, n, func(k, v *yaml.Node) {
		for _, f := range fields {
			if f.key == k.Value {
				w.values[join(at, f.key)] = v
				f.read(w, join(at, f.key), v)
				return
			}
		}
		w.unknownKey(at, k, fields)
	})
}

func (w *walker) unknownKey(at string, k *yaml.Node, fields []field) {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	key := join(at, k.Value)
	near := nearest(k.Value, known)
	if at == "" {
		if near == "" {
			near = nested[k.Value]
		}
		w.note(k, key, "unknown-key", near, "name", k.Value, "known", strings.Join(known, ","))
		return
	}
	w.note(k, key, "unknown-key-in", near, "name", k.Value, "in", at, "known", strings.Join(known, ","))
}

// entries reads a mapping whose keys are free.
func (w *walker) entries(at string, n *yaml.Node, read func(name string, k, v *yaml.Node)) {
	w.pairs(at, n, func(k, v *yaml.Node) {
		if name, ok := w.text(at, k, longestKey); ok {
			read(name, k, v)
		}
	})
}

// pairs gives each key with its value, and notes what cannot be a key and what stands twice. Of two equal keys the
// second is read too, so that its own faults are told.
func (w *walker) pairs(at string, n *yaml.Node, read func(k, v *yaml.Node)) {
	if !w.is(at, n, yaml.MappingNode, "mapping") {
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content) && !w.full(); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.ShortTag() == "!!merge":
			w.note(k, join(at, k.Value), "merge", "")
			continue
		case k.Kind == yaml.ScalarNode && k.ShortTag() == "!!null":
			w.note(k, at, "empty-key", "")
			continue
		case k.Kind == yaml.AliasNode:
			w.is(at, k, yaml.ScalarNode, "text")
			continue
		case k.Kind != yaml.ScalarNode:
			w.note(k, at, "key-type", "", "got", wordOf(k))
			continue
		case first[k.Value] > 0:
			w.note(k, join(at, k.Value), "duplicate-key", "", "name", k.Value, "first", strconv.Itoa(first[k.Value]))
		default:
			first[k.Value] = k.Line
		}
		read(k, v)
	}
}

// list reads a list. An empty one says nothing, or the opposite of what was meant, and is a fault.
func (w *walker) list(at string, n *yaml.Node, read func(item *yaml.Node)) {
	if !w.is(at, n, yaml.SequenceNode, "list") {
		return
	}
	if len(n.Content) == 0 {
		w.note(n, at, "no-value", "")
	}
	for _, item := range n.Content {
		if w.full() {
			return
		}
		read(item)
	}
}

// texts reads a list of texts, of which none may stand twice. check, where it is given, notes what is wrong with
// one and says whether it may stay.
func (w *walker) texts(at string, n *yaml.Node, check func(n *yaml.Node, v string) bool) []string {
	var out []string
	w.list(at, n, func(item *yaml.Node) {
		v, ok := w.text(at, item, longestText)
		switch {
		case !ok:
		case slices.Contains(out, v):
			w.note(item, at, "duplicate-value", "", "value", v)
		case check == nil || check(item, v):
			out = append(out, v)
		}
	})
	return out
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

// nearest is the spelling among words that was probably meant; "" where none is near.
func nearest(word string, among []string) string {
	plain := plainly(word)
	for _, a := range among {
		if plainly(a) == plain {
			return a
		}
	}
	if len(word) > 3 { // of fewer letters any two may differ
		for _, near := range policy.Nearest(word, among) {
			return near
		}
	}
	return within(plain, among)
}

// within is the one word that holds plain (cpu-threshold for cpu); "" where none does, or several.
func within(plain string, among []string) (found string) {
	for _, a := range among {
		switch {
		case len(plain) < 3 || !strings.Contains(plainly(a), plain):
		case found != "":
			return ""
		default:
			found = a
		}
	}
	return found
}

// plainly is a word without what people confuse: capitals, dashes, underscores, dots, and the plural.
func plainly(word string) string {
	return strings.TrimSuffix(strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(word)), "s")
}
