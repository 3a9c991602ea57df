// Package kustomize renders kustomizations by kustomize's own library, from files that a tree hands out.
//
// What kustomize would fetch (remote bases and files), run (exec and Go plugins, functions, helm) or read elsewhere
// (absolute paths, ".." out of the tree) is looked for before anything is rendered, and named. The library is told to
// allow none of it either, and its file system is the tree: what the look before misses ends there.
package kustomize

import (
	"path"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"

	"vigie/internal/source/files/manifest"
)

// maxTroubles bounds what is said of one kustomization.
const maxTroubles = 20

// Render renders the kustomization of a directory: whole, or not at all.
func Render(dir string, tree manifest.RenderTree) (out manifest.Rendering) {
	f := newFiles(tree, dir)
	look := &look{tree: tree, seen: map[string]bool{}}
	look.at(dir, 0)
	switch {
	case len(look.troubles) > 0:
		return manifest.Rendering{Troubles: look.troubles[:min(len(look.troubles), maxTroubles)]}
	case look.nothing:
		return manifest.Rendering{Done: true}
	}
	defer func() {
		if recover() != nil { // the library's, on a strange document
			out = manifest.Rendering{Troubles: []manifest.Trouble{f.trouble("other", "")}}
		}
	}()
	m, err := krusty.MakeKustomizer(options()).Run(f, f.abs(dir))
	if err != nil {
		return manifest.Rendering{Troubles: []manifest.Trouble{f.explain(err)}}
	}
	texts, err := f.texts(m)
	if err != nil {
		return manifest.Rendering{Troubles: []manifest.Trouble{f.explain(err)}}
	}
	return manifest.Rendering{Done: true, Texts: texts}
}

// options allow files of the whole tree, which many repositories need, and no plugin but the library's own.
func options() *krusty.Options {
	o := krusty.MakeDefaultOptions()
	o.LoadRestrictions = types.LoadRestrictionsNone // the tree holds
	o.PluginConfig = types.DisabledPluginConfig()
	return o
}

// texts are the objects, each with the place that it comes from.
func (f *files) texts(m resmap.ResMap) ([]manifest.RenderedText, error) {
	var texts []manifest.RenderedText
	for _, r := range m.Resources() {
		t := manifest.RenderedText{File: f.kustomization, Line: 1}
		if o, err := r.GetOrigin(); err == nil && o != nil && o.Repo == "" {
			f.place(&t, r, o)
		}
		if !f.ownOrigins {
			if err := r.SetOrigin(nil); err != nil {
				return nil, err
			}
		}
		text, err := r.AsYAML()
		if err != nil {
			return nil, err
		}
		t.Text = text
		texts = append(texts, t)
	}
	return texts, nil
}

// fileNames are the names under which a kustomization may stand.
func fileNames() []string { return konfig.RecognizedKustomizationFileNames() }

// fileOf is the file of a directory's kustomization; "" where there is none, several where there is more than one.
func fileOf(tree manifest.RenderTree, dir string) (name string, several bool) {
	for _, base := range fileNames() {
		if _, isDir, err := tree.Look(path.Join(dir, base)); err == nil && !isDir {
			several = name != ""
			name = path.Join(dir, base)
			if several {
				break
			}
		}
	}
	return name, several
}
