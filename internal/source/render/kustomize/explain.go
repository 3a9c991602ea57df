package kustomize

import (
	"errors"
	"io/fs"
	"strings"

	"vigie/internal/source/files/manifest"
)

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// says maps what the library says to a key. Its messages may quote whole documents: nothing of one is repeated but the
// name in a first group, where it stands in the kustomization.
var says = []struct {
	message pattern
	what    string
}{
	{lazily(`cycle detected`), "cycle"},
	{lazily(`unknown field "([A-Za-z0-9_]{1,60})"`), "field"},
	{lazily(`external plugins disabled|unable to load external plugin|unable to load builtin|not a generator|not a transformer`), "plugin"},
	{lazily(`(?i)enable-helm|helm`), "helm"},
	{lazily(`already registered id|may not add resource|multiple matches for|found multiple`), "conflict"},
	{lazily(`no matches for Id|no resource matches strategic merge patch|failed to find unique target|unable to find patch target|nothing selected by|unable to find field`), "target"},
	{lazily(`expected kind (!= )?'Component'`), "component"},
	{lazily(`(?i)malformed yaml|yaml: |json: |already set in map|already defined at|missing Resource metadata|missing metadata|unable to parse`), "yaml"},
	{lazily(`no 'git' program|reaches nothing|unable to fetch|evalsymlink failure|new root`), "remote"},
}

// explain says why the library stopped.
func (f *files) explain(err error) manifest.Trouble {
	msg := err.Error()
	if f.refused != "" && (errors.Is(err, manifest.ErrOutside) || strings.Contains(msg, manifest.ErrOutside.Error())) {
		return f.trouble("outside", "")
	}
	for _, s := range says {
		m := s.message().FindStringSubmatch(msg)
		if m == nil {
			continue
		}
		if len(m) > 1 && s.what == "field" {
			return f.trouble(s.what, m[1])
		}
		return f.trouble(s.what, "")
	}
	return f.trouble("other", "")
}

// trouble is what is said of the kustomization as a whole. A name counts where it stands in its file.
func (f *files) trouble(what, name string) manifest.Trouble {
	t := manifest.Trouble{File: f.kustomization, Line: 1, Reason: manifest.ReasonKustomizationFailed, Values: map[string]any{"what": what}}
	if data, err := f.tree.Read(f.kustomization); err == nil && name != "" && strings.Contains(string(data), name) {
		t.Line, t.Values["name"] = lineWith(data, name), name
	}
	return t
}
