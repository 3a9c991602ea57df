package kustomize

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"sigs.k8s.io/yaml"

	"vigie/internal/source/files/manifest"
)

// maxDepth bounds kustomizations in kustomizations.
const maxDepth = 64

// look goes through a kustomization and all that it takes in, before any of it is rendered.
type look struct {
	tree     manifest.RenderTree
	seen     map[string]bool
	troubles []manifest.Trouble
	nothing  bool // the kustomization that was begun with asks for nothing
}

// a fileOfFields is the kustomization that is looked at.
type looked struct {
	*look
	dir, file string
	text      []byte
}

func (l *look) at(dir string, depth int) {
	if l.seen[dir] || depth > maxDepth {
		return // what goes in a circle the library names
	}
	l.seen[dir] = true
	file, several := fileOf(l.tree, dir)
	k := &looked{look: l, dir: dir, file: file}
	if file == "" {
		k.file = path.Join(dir, "kustomization.yaml")
		k.say("missing", "kustomization.yaml", "")
		return
	}
	if several {
		k.say("several", "", "")
		return
	}
	var err error
	if k.text, err = l.tree.Read(file); err != nil {
		k.refused(err, path.Base(file))
		return
	}
	var fields map[string]any
	if yaml.Unmarshal(k.text, &fields) != nil {
		k.say("yaml", "", "")
		return
	}
	if depth == 0 && asksNothing(fields) {
		l.nothing = true
		return
	}
	k.fields(fields, depth)
}

// asksNothing reports a kustomization with neither input nor rule, which the library refuses.
func asksNothing(fields map[string]any) bool {
	for key, v := range fields {
		switch key {
		case "apiVersion", "kind", "metadata":
			continue
		}
		switch v := v.(type) {
		case nil:
		case []any:
			if len(v) > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// say names what cannot be rendered, at the line of the kustomization that holds it.
func (k *looked) say(what, name, at string) {
	t := manifest.Trouble{File: k.file, Line: lineWith(k.text, at), Reason: manifest.ReasonKustomizationFailed, Values: map[string]any{"what": what}}
	if name != "" {
		t.Values["name"] = name
	}
	k.troubles = append(k.troubles, t)
}

// fields looks at all that leads to other files.
func (k *looked) fields(f map[string]any, depth int) {
	for _, key := range []string{"helmCharts", "helmChartInflationGenerator"} {
		if len(listOf(f[key])) > 0 {
			k.say("helm", key, key)
		}
	}
	for _, key := range []string{"resources", "bases", "components", "generators", "transformers", "validators"} {
		for _, e := range listOf(f[key]) {
			if p, ok := e.(string); ok && !inline(p) {
				k.entry(p, depth, key)
			}
		}
	}
	for _, key := range []string{"patches", "patchesJson6902", "replacements"} {
		for _, e := range listOf(f[key]) {
			k.path(mapOf(e)["path"])
		}
	}
	for _, key := range []string{"patchesStrategicMerge", "configurations", "crds"} {
		for _, e := range listOf(f[key]) {
			if p, ok := e.(string); ok && !inline(p) {
				k.path(p)
			}
		}
	}
	k.path(mapOf(f["openapi"])["path"])
	for _, key := range []string{"configMapGenerator", "secretGenerator"} {
		for _, e := range listOf(f[key]) {
			k.generator(mapOf(e), key == "secretGenerator")
		}
	}
}

// inline reports an entry that is itself a document.
func inline(p string) bool {
	return strings.ContainsAny(p, "\n{") || strings.Contains(p, ": ")
}

// entry looks at a file or directory that is taken in.
func (k *looked) entry(p string, depth int, key string) {
	real, dir, ok := k.find(p, "", true)
	switch {
	case !ok:
	case dir:
		k.at(real, depth+1)
	case key == "generators" || key == "transformers" || key == "validators":
		k.plugin(real, p)
	}
}

// plugin looks at the configuration of a generator or transformer: only those that the library brings are run.
func (k *looked) plugin(real, p string) {
	data, err := k.tree.Read(real)
	if err != nil {
		k.refused(err, p)
		return
	}
	for _, doc := range bytes.Split(data, []byte("\n---")) {
		var head struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
		}
		if yaml.Unmarshal(doc, &head) != nil || head.Kind == "" {
			continue
		}
		switch {
		case head.APIVersion != "builtin":
			k.say("plugin", shown(head.Kind), p)
		case head.Kind == "HelmChartInflationGenerator":
			k.say("helm", head.Kind, p)
		}
	}
}

// path looks at a file that is used.
func (k *looked) path(v any) {
	if p, ok := v.(string); ok && p != "" {
		k.find(p, "", true)
	}
}

// generator looks at the files of a generator. Of a secret's no name is repeated: it may be a value that somebody put
// in the wrong list.
func (k *looked) generator(g map[string]any, secret bool) {
	entries := append(listOf(g["files"]), listOf(g["envs"])...)
	for _, e := range append(entries, g["env"]) {
		p, ok := e.(string)
		if !ok || p == "" {
			continue
		}
		if _, file, named := strings.Cut(p, "="); named {
			p = file
		}
		at := ""
		if secret {
			at = fmt.Sprintf("name: %v", g["name"])
		}
		k.find(p, at, !secret)
	}
}

// remote is what kustomize takes for an address: a scheme, a user, a port or a path behind a host, a well-known host,
// a query. A file of the tree that is named so is taken for one, too.
var remote = lazily(`(?i)[:?@]|^(www\.)?github\.com/|_git/|\.git(/|$)`)

// find looks for what an entry names; ok is false where it has no place in the tree, which is said, with the entry's name
// or without it. at is a word of the line to point to; empty: the entry.
func (k *looked) find(p, at string, named bool) (real string, dir, ok bool) {
	if at == "" {
		at = p
	}
	name := ""
	if named {
		name = shown(p)
	}
	switch {
	case remote().MatchString(p):
		if named {
			name = host(p)
		}
		k.say("remote", name, at)
		return "", false, false
	case path.IsAbs(p):
		k.say("absolute", name, at)
		return "", false, false
	}
	real, dir, err := k.tree.Look(path.Join(k.dir, p))
	if strings.HasPrefix(path.Join(k.dir, p), "..") {
		err = manifest.ErrOutside
	}
	if err != nil {
		k.why(err, name, at)
		return "", false, false
	}
	return real, dir, true
}

// refused says why a file of the tree is not used.
func (k *looked) refused(err error, p string) { k.why(err, shown(p), p) }

func (k *looked) why(err error, name, at string) {
	switch {
	case errors.Is(err, manifest.ErrOutside):
		k.say("outside", name, at)
	case isMissing(err):
		k.say("missing", name, at)
	default:
		k.say("unreadable", name, at)
	}
}

var (
	hosted = lazily(`^(?:[A-Za-z0-9+.:-]*://|git::)?(?:[^@/]*@)?([A-Za-z0-9.-]+)`)
	plain  = lazily(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$|^\.[A-Za-z0-9._/-]{0,199}$|^/[A-Za-z0-9._/-]{0,199}$`)
)

// host is all that is repeated of an address: a user and a token may stand before it, and a token behind it.
func host(address string) string {
	if m := hosted().FindStringSubmatch(address); m != nil && strings.Contains(m[1], ".") {
		return m[1]
	}
	return "?"
}

// shown is the name of a file, field or kind, where it looks like one.
func shown(name string) string {
	if plain().MatchString(name) {
		return name
	}
	return "?"
}

func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}

func mapOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// lineWith is the first line, from 1, that holds a word outside of a comment, and best as a key; 1 where none does.
func lineWith(text []byte, word string) int {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if word != "" && bytes.HasPrefix(bytes.TrimLeft(line, " -"), []byte(word+":")) {
			return n
		}
	}
	return lineOf(text, word)
}

func lineOf(text []byte, word string) int {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if word != "" && bytes.Contains(line, []byte(word)) && !bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
			return n
		}
	}
	return 1
}
