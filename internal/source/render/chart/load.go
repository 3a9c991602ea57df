package chart

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	helm "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/ignore"

	"vigie/internal/source/files/manifest"
)

const (
	maxDepth  = 16       // charts in charts
	maxFiles  = 10_000   // of one chart
	maxLoaded = 64 << 20 // bytes of one chart and those in it
)

// A loadError is a chart that cannot be loaded. It holds nothing of the file.
type loadError struct {
	file, what, name string
}

func (e *loadError) Error() string { return e.what + ": " + e.file }

// load reads the chart of a directory and those in its charts/. Helm's own loader reads from the disk, and follows
// links out of the chart.
func (r *rendering) load(dir string, depth int) (*helm.Chart, error) {
	if depth > maxDepth {
		return nil, &loadError{path.Join(dir, "Chart.yaml"), "too-deep", ""}
	}
	rules := ignore.Empty()
	if data, err := r.tree.Read(path.Join(dir, ignore.HelmIgnore)); err == nil {
		if parsed, err := ignore.Parse(bytes.NewReader(data)); err == nil {
			rules = parsed
		}
	}
	rules.AddDefaults()
	w := &walked{rendering: r, top: dir, rules: rules}
	if err := w.walk("."); err != nil {
		return nil, err
	}
	return r.assemble(dir, w.files, depth)
}

// walked gathers the files of a chart, without those that .helmignore leaves out.
type walked struct {
	*rendering
	top   string
	rules *ignore.Rules
	files map[string][]byte
	bytes int
}

func (w *walked) walk(dir string) error {
	names, err := w.tree.List(path.Join(w.top, dir))
	if err != nil {
		return &loadError{path.Join(w.top, "Chart.yaml"), "unreadable", ""}
	}
	for _, entry := range names {
		base, isDir := strings.CutSuffix(entry, "/")
		name := path.Join(dir, base)
		if w.rules.Ignore(name, info{base, isDir}) {
			continue
		}
		if isDir {
			if strings.Count(name, "/") > 4*maxDepth {
				return &loadError{path.Join(w.top, "Chart.yaml"), "too-deep", ""}
			}
			if err := w.walk(name); err != nil {
				return err
			}
			continue
		}
		if err := w.keep(name); err != nil {
			return err
		}
	}
	return nil
}

func (w *walked) keep(name string) error {
	data, err := w.tree.Read(path.Join(w.top, name))
	if err != nil {
		if errors.Is(err, manifest.ErrOutside) {
			return &loadError{path.Join(w.top, name), "outside", ""}
		}
		return nil // said with the other files
	}
	if w.bytes += len(data); w.bytes > maxLoaded || len(w.files) >= maxFiles {
		return &loadError{path.Join(w.top, "Chart.yaml"), "too-large", ""}
	}
	if w.files == nil {
		w.files = map[string][]byte{}
	}
	w.files[name] = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	return nil
}

// info is what the rules of .helmignore ask of a file.
type info struct {
	name string
	dir  bool
}

func (i info) Name() string     { return i.name }
func (info) Size() int64        { return 0 }
func (info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool      { return i.dir }
func (info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// assemble makes a chart of its files, and adds those in charts/, as Helm does.
func (r *rendering) assemble(dir string, files map[string][]byte, depth int) (*helm.Chart, error) {
	var own []*archive.BufferedFile
	inner := map[string]map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		below, ok := strings.CutPrefix(name, "charts/")
		if !ok {
			own = append(own, &archive.BufferedFile{Name: name, Data: files[name]})
			continue
		}
		first, rest, _ := strings.Cut(below, "/")
		if inner[first] == nil {
			inner[first] = map[string][]byte{}
		}
		inner[first][rest] = files[name]
	}
	c, err := loader.LoadFiles(own)
	if err != nil {
		return nil, loadFault(dir, err)
	}
	r.own(c, dir+"/")
	for _, name := range slices.Sorted(maps.Keys(inner)) {
		sub, err := r.inner(path.Join(dir, "charts", name), name, inner[name], depth)
		switch {
		case err != nil:
			r.fail(err)
		case sub != nil:
			c.AddDependency(sub)
		}
	}
	return c, nil
}

// inner is a chart in the charts/ of another one; nil: it is none.
func (r *rendering) inner(at, name string, files map[string][]byte, depth int) (*helm.Chart, error) {
	packed, isFile := files[""]
	switch {
	case strings.IndexAny(name, "_.") == 0, path.Ext(name) == ".prov":
		return nil, nil
	case isFile && path.Ext(name) == ".tgz":
		sub, err := loader.LoadArchive(bytes.NewReader(packed))
		if err != nil {
			return nil, &loadError{at, "packed", ""}
		}
		r.own(sub, at+"!")
		return sub, nil
	case isFile:
		return nil, nil
	case files["Chart.yaml"] == nil:
		return nil, nil // Helm would stop; what stands there is no chart, and is read as it is
	}
	if depth >= maxDepth {
		return nil, &loadError{path.Join(at, "Chart.yaml"), "too-deep", ""}
	}
	return r.assemble(at, files, depth+1)
}

// own notes where the files of a chart, and of those packed in it, stand.
func (r *rendering) own(c *helm.Chart, prefix string) {
	r.owner[c] = prefix + "Chart.yaml"
	for _, list := range [][]*common.File{c.Templates, c.Files} {
		for _, f := range list {
			r.paths[f] = strings.TrimPrefix(prefix+f.Name, "./")
		}
	}
	for _, d := range c.Dependencies() {
		r.own(d, prefix+"charts/"+d.Name()+"/")
	}
}

// local adds the dependencies that the chart names as directories of the tree, and that nobody has copied into charts/.
func (r *rendering) local(c *helm.Chart, dir string, depth int) {
	for _, d := range c.Metadata.Dependencies {
		if d == nil {
			continue
		}
		at, ok := strings.CutPrefix(d.Repository, "file://")
		if !ok || path.IsAbs(at) || depth >= maxDepth || slices.ContainsFunc(c.Dependencies(), func(have *helm.Chart) bool { return have.Name() == d.Name }) {
			continue
		}
		at = path.Join(dir, at)
		if _, _, err := r.tree.Look(path.Join(at, "Chart.yaml")); err != nil {
			continue // named as missing
		}
		sub, err := r.load(at, depth+1)
		if err != nil {
			r.fail(err)
			continue
		}
		r.local(sub, at, depth+1)
		c.AddDependency(sub)
	}
}

// values are what was given for the chart, one file over the other.
func (r *rendering) values(c *helm.Chart, given []Values) map[string]any {
	all := map[string]any{}
	for _, v := range given {
		if v.Chart != "" && v.Chart != c.Name() && path.Clean(v.Chart) != r.dir {
			continue
		}
		more, err := loader.LoadValues(bytes.NewReader(v.Data))
		if err != nil {
			r.trouble(manifest.Trouble{
				File: path.Join(r.dir, "Chart.yaml"), Line: 1, Reason: manifest.ReasonChartFailed, Values: map[string]any{"what": "values-given", "name": shown(v.File)},
			})
			continue
		}
		all = loader.MergeMaps(all, more)
	}
	return all
}

// CheckValues reports values that are no YAML map. It says nothing of what they hold.
func CheckValues(data []byte) error {
	if _, err := loader.LoadValues(bytes.NewReader(data)); err != nil {
		return errors.New("want a YAML map")
	}
	return nil
}
