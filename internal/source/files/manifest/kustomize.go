package manifest

import (
	"io/fs"
	"path"
	"strings"

	"sigs.k8s.io/yaml"
)

// isKustomization tells a kustomization by its name, as kustomize does.
func isKustomization(base string) bool {
	return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
}

// kustomization begins a tree, and notes the files that hold pieces of objects rather than objects.
func (t *tree) kustomization(name string) {
	dir := path.Dir(name)
	m := t.marks[dir]
	m.kustomization = true
	t.marks[dir] = m
	data, err := fs.ReadFile(t.fsys, name)
	if err != nil || len(data) > 1<<20 {
		return // it is read again with the other files, and said then
	}
	type target struct {
		Path string `json:"path"`
	}
	var k struct {
		Patches         []target `json:"patches"`
		PatchesMerge    []string `json:"patchesStrategicMerge"`
		PatchesJSON     []target `json:"patchesJson6902"`
		Replacements    []target `json:"replacements"`
		Transformers    []string `json:"transformers"`
		Configurations  []string `json:"configurations"`
		HelmValuesFiles []struct {
			ValuesFile string `json:"valuesFile"`
		} `json:"helmCharts"`
	}
	if yaml.Unmarshal(data, &k) != nil {
		return
	}
	add := func(p string) {
		if p != "" && !strings.Contains(p, "\n") {
			t.patches[path.Join(dir, p)] = true
		}
	}
	for _, l := range [][]target{k.Patches, k.PatchesJSON, k.Replacements} {
		for _, p := range l {
			add(p.Path)
		}
	}
	for _, l := range [][]string{k.PatchesMerge, k.Transformers, k.Configurations} {
		for _, p := range l {
			add(p)
		}
	}
	for _, h := range k.HelmValuesFiles {
		add(h.ValuesFile)
	}
}
