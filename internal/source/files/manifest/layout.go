package manifest

import (
	"path"
	"strings"
)

// A layout is what the files of a tree are to each other: which directory begins a tree of its own, which files a
// kustomization or a chart uses as something other than objects. Names are slash-separated, from the tree's top.
type layout struct {
	roots  map[string]bool // directories that hold a kustomization or a chart
	charts map[string]*chart
	kusts  map[string]*kustomized
	used   map[string]role // files that kustomizations name
	taken  map[string]bool // files that a kustomization takes objects from, whatever else it does with them
}

// A chart is a directory with a Chart.yaml.
type chart struct {
	templates int  // of it and of the charts in it
	packed    bool // charts are packed in it
	needs     bool // it depends on others
	library   bool // it is there for others, and has no objects of its own
	name      string
}

// layoutOf is the layout of a tree's names; an empty one where each file stands by itself.
func (r *run) layoutOf(names []string, read func(name string) []byte) *layout {
	if r.flat {
		names = nil
	}
	return newLayout(names, read)
}

// newLayout looks at all names of a tree. read gives what a file holds, nil where it cannot.
func newLayout(names []string, read func(name string) []byte) *layout {
	l := &layout{roots: map[string]bool{}, charts: map[string]*chart{}, kusts: map[string]*kustomized{}, used: map[string]role{}, taken: map[string]bool{}}
	for _, name := range names {
		switch dir, base := path.Split(name); {
		case isKustomization(base):
			l.roots[path.Clean(dir)] = true
			l.kustomization(path.Clean(dir), read(name))
		case base == "Chart.yaml":
			l.roots[path.Clean(dir)] = true
			l.charts[path.Clean(dir)] = newChart(name, read(name))
		}
	}
	for name := range l.taken {
		delete(l.used, name)
	}
	for _, name := range names {
		l.countTemplate(name)
	}
	return l
}

// wanted reports whether a layout needs to read a file.
func wanted(name string) bool {
	base := path.Base(name)
	return isKustomization(base) || base == "Chart.yaml"
}

func newChart(name string, data []byte) *chart {
	c := &chart{name: name}
	m := mapOf(data)
	deps, _ := m["dependencies"].([]any)
	c.needs = len(deps) > 0
	kind, _ := m["type"].(string)
	c.library = strings.EqualFold(kind, "library")
	return c
}

// above gives the nearest directory above a name that ok accepts; ok is "." for the tree's top.
func above(name string, ok func(dir string) bool) (string, bool) {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if ok(dir) {
			return dir, true
		}
		if dir == "." || dir == "/" {
			return ".", false
		}
	}
}

// root is the directory of the tree that a file belongs to; "." is the top.
func (l *layout) root(name string) string {
	dir, _ := above(name, func(d string) bool { return l.roots[d] })
	return dir
}

// chartOf gives the chart that a file belongs to, and its name within it.
func (l *layout) chartOf(name string) (dir, within string, ok bool) {
	dir, ok = above(name, func(d string) bool { return l.charts[d] != nil })
	if !ok {
		return "", "", false
	}
	if dir == "." {
		return dir, name, true
	}
	return dir, strings.TrimPrefix(name, dir+"/"), true
}

// outermost is the chart that a chart in its charts/ is rendered with.
func (l *layout) outermost(dir string) string {
	for {
		outer, within, ok := l.chartOf(dir)
		if dir == "." || !ok || !strings.HasPrefix(within, "charts/") {
			return dir
		}
		dir = outer
	}
}

func (l *layout) countTemplate(name string) {
	dir, within, ok := l.chartOf(name)
	if !ok {
		return
	}
	outer := l.charts[l.outermost(dir)]
	switch {
	case strings.HasPrefix(within, "templates/") && isManifest(name):
		outer.templates++
	case strings.HasPrefix(within, "charts/") && isArchive(name):
		outer.packed = true
	}
}

// notRendered gives the charts whose objects only helm can tell: one for a chart and those within it.
func (l *layout) notRendered() (found []*chart) {
	for dir, c := range l.charts {
		if l.outermost(dir) == dir && !c.library && (c.templates > 0 || c.packed || c.needs) {
			found = append(found, c)
		}
	}
	return found
}

// role is what a file is by its place.
func (l *layout) role(name string) role {
	base := path.Base(name)
	if isKustomization(base) {
		return kustomization
	}
	if _, within, ok := l.chartOf(name); ok {
		switch {
		case within == "Chart.yaml":
			return chartFile
		case strings.HasPrefix(within, "templates/"):
			return chartTemplate
		case l.used[name] == ordinary && !strings.HasPrefix(within, "crds/"):
			return chartValues
		}
	}
	return l.used[name]
}

// kustomization notes the files that a kustomization uses and that hold no objects of their own.
func (l *layout) kustomization(dir string, data []byte) {
	k := mapOf(data)
	l.kusts[dir] = newKustomized(dir, k)
	for _, key := range []string{"resources", "bases"} {
		for _, e := range listOf(k[key]) {
			if p, ok := e.(string); ok {
				l.taken[path.Join(dir, p)] = true
			}
		}
	}
	use := func(r role, v any) {
		p, _ := v.(string)
		if p == "" || strings.Contains(p, "\n") || path.IsAbs(p) {
			return
		}
		if name := path.Join(dir, p); l.used[name] == ordinary {
			l.used[name] = r
		}
	}
	for _, key := range []string{"patches", "patchesJson6902", "replacements"} {
		for _, e := range listOf(k[key]) {
			m, _ := e.(map[any]any)
			use(kustomizePatch, m["path"])
		}
	}
	for _, key := range []string{"patchesStrategicMerge", "transformers", "generators", "validators", "configurations", "crds"} {
		for _, e := range listOf(k[key]) {
			use(kustomizePatch, e)
		}
	}
	openAPI, _ := k["openapi"].(map[any]any)
	use(kustomizePatch, openAPI["path"])
	l.helmValues(k, use)
	for _, key := range []string{"configMapGenerator", "secretGenerator"} {
		for _, e := range listOf(k[key]) {
			m, _ := e.(map[any]any)
			for _, from := range []string{"files", "envs"} {
				for _, f := range listOf(m[from]) {
					use(generatorData, afterEquals(f))
				}
			}
			use(generatorData, m["env"])
		}
	}
}

func (l *layout) helmValues(k map[any]any, use func(role, any)) {
	for _, key := range []string{"helmCharts", "helmChartInflationGenerator"} {
		for _, e := range listOf(k[key]) {
			m, _ := e.(map[any]any)
			for _, v := range append(listOf(m["additionalValuesFiles"]), m["valuesFile"], m["values"]) {
				use(chartValues, v)
			}
		}
	}
}

// afterEquals is the file of a generator's "key=file".
func afterEquals(v any) any {
	text, ok := v.(string)
	if _, file, named := strings.Cut(text, "="); ok && named {
		return file
	}
	return v
}

func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}

// layoutBytes is up to which size a kustomization or Chart.yaml is looked at.
const layoutBytes = 1 << 20

// mapOf parses a file that a layout needs; empty where it cannot: the file is read again with the others, and what is
// wrong with it is said then.
func mapOf(data []byte) map[any]any {
	if len(data) > layoutBytes {
		return nil
	}
	text, reason := plainText(data)
	if reason != "" {
		return nil
	}
	doc, _ := newSplitter(text).document()
	v, err := parseYAML(doc, false)
	if err != nil {
		return nil
	}
	m, _ := v.(map[any]any)
	return m
}
