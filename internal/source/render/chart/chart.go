// Package chart renders Helm charts by Helm's own engine, as helm template does, from files that a tree hands out.
//
// What is not there: a cluster (lookup finds nothing, no capability beyond those that are given), the network
// (dependencies that are not in the tree are named, getHostByName gives nothing), the environment. A chart's schema of
// values is not applied: it may refer to files and addresses anywhere.
package chart

import (
	"context"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	helm "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"

	"vigie/internal/source/files/manifest"
)

// Options say what a chart is told of the world.
type Options struct {
	// Namespace is the release's. Empty: it is not known, templates get the empty text, and what they put into
	// metadata.namespace names no namespace.
	Namespace   string
	KubeVersion string   // such as 1.31; empty: the newest that Helm knows
	APIs        []string // what the cluster serves, "group/version" and "group/version/Kind"; nil: what Helm believes
	Values      []Values // in order: later ones override
}

// Values are a values file that was given.
type Values struct {
	Chart string // the chart's name or its directory in the tree; empty: all charts
	File  string // as it was given, for troubles
	Data  []byte
}

// maxRetries bounds how many templates are left out one after the other.
const maxRetries = 50

// Render renders the chart of a directory. A template that fails is left out and named; the others are rendered.
func Render(dir string, tree manifest.RenderTree, o Options) manifest.Rendering {
	r := &rendering{dir: dir, tree: tree, paths: map[*common.File]string{}, owner: map[*helm.Chart]string{}}
	c, err := r.load(dir, 0)
	if err != nil {
		r.fail(err)
		return r.out
	}
	values := r.values(c, o.Values)
	r.local(c, dir, 0)
	r.crds(c)
	if err := chartutil.ProcessDependencies(c, values); err != nil {
		r.fail(&loadError{path.Join(dir, "Chart.yaml"), "dependencies", ""})
		return r.out
	}
	r.missing(c)
	top, err := commonutil.ToRenderValuesWithSchemaValidation(c, values, release(c, o), capabilities(o), true)
	if err != nil {
		r.fail(&loadError{path.Join(dir, "values.yaml"), "values-file", ""})
		return r.out
	}
	r.out.Done = true
	r.execute(c, top)
	return r.out
}

// release is the release that the chart is rendered for: the first revision, named as the chart.
func release(c *helm.Chart, o Options) common.ReleaseOptions {
	return common.ReleaseOptions{Name: c.Name(), Namespace: o.Namespace, Revision: 1, IsInstall: true}
}

func capabilities(o Options) *common.Capabilities {
	caps := common.DefaultCapabilities.Copy()
	if v, err := common.ParseKubeVersion(o.KubeVersion); o.KubeVersion != "" && err == nil {
		caps.KubeVersion = *v
	}
	if o.APIs != nil {
		caps.APIVersions = o.APIs
	}
	return caps
}

// rendering is the rendering of one chart.
type rendering struct {
	dir   string
	tree  manifest.RenderTree
	paths map[*common.File]string // where in the tree each file of the chart stands
	owner map[*helm.Chart]string  // the Chart.yaml of each chart
	names map[string]*common.File // templates by the name that the engine gives them
	out   manifest.Rendering
}

func (r *rendering) trouble(t manifest.Trouble) { r.out.Troubles = append(r.out.Troubles, t) }

// execute runs the templates until none fails.
func (r *rendering) execute(c *helm.Chart, top common.Values) {
	r.names = map[string]*common.File{}
	r.name(c)
	e := engine.Engine{CustomTemplateFuncs: madeUp()}
	for range maxRetries {
		out, err := e.RenderWithContext(context.Background(), c, top)
		if err == nil {
			r.collect(out)
			return
		}
		f := r.explain(err)
		r.trouble(f.trouble)
		if f.template == "" || !drop(c, r.names[f.template]) {
			return
		}
		delete(r.names, f.template)
	}
}

// name notes under which names the engine has the templates of a chart and those in it.
func (r *rendering) name(c *helm.Chart) {
	for _, f := range c.Templates {
		r.names[path.Join(c.ChartFullPath(), f.Name)] = f
	}
	for _, d := range c.Dependencies() {
		r.name(d)
	}
}

// drop takes a template out of a chart, wherever in it it stands; false: it is not there.
func drop(c *helm.Chart, f *common.File) bool {
	if f == nil {
		return false
	}
	before := len(c.Templates)
	c.Templates = slices.DeleteFunc(slices.Clone(c.Templates), func(t *common.File) bool { return t == f })
	dropped := len(c.Templates) < before
	for _, d := range c.Dependencies() {
		dropped = drop(d, f) || dropped
	}
	return dropped
}

// notes is what a chart tells its user: no manifest.
const notes = "NOTES.txt"

// collect keeps what the templates gave. Hooks and tests are objects like others: somebody will apply them.
func (r *rendering) collect(out map[string]string) {
	names := make([]string, 0, len(out))
	for name := range out {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f, text := r.names[name], out[name]
		if f == nil || strings.HasSuffix(name, notes) || strings.TrimSpace(text) == "" {
			continue
		}
		r.out.Texts = append(r.out.Texts, manifest.RenderedText{File: r.paths[f], Text: []byte(text), Lines: align(f.Data, []byte(text))})
	}
}

// missing names the dependencies that are switched on and that the tree does not hold.
func (r *rendering) missing(c *helm.Chart) {
	for _, d := range c.Metadata.Dependencies {
		if d == nil || slices.ContainsFunc(c.Dependencies(), func(have *helm.Chart) bool { return have.Name() == d.Name }) {
			continue
		}
		file := r.owner[c]
		if file == "" {
			file = path.Join(r.dir, "Chart.yaml")
		}
		t := manifest.Trouble{File: file, Line: 1, Reason: manifest.ReasonChartDependency, Values: map[string]any{"dependency": shown(d.Name)}}
		if data, err := r.tree.Read(file); err == nil {
			t.Line = lineWith(data, d.Name)
		}
		r.trouble(t)
	}
	for _, d := range c.Dependencies() {
		r.missing(d)
	}
}

// crds gives the custom resource definitions of packed charts: those of others stand in the tree, and are read there.
func (r *rendering) crds(c *helm.Chart) {
	for _, f := range c.CRDObjects() {
		if file := r.paths[f.File]; strings.Contains(file, "!") {
			r.out.Texts = append(r.out.Texts, manifest.RenderedText{File: file, Text: f.File.Data, Lines: upTo(f.File.Data)})
		}
	}
}
