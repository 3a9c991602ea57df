package manifest

import (
	"context"
	"errors"
	"maps"
	"path"
	"sync"
)

// ErrOutside is a name that leads out of the tree, by itself or through a link.
var ErrOutside = errors.New("it leads out of the tree")

// A RenderTree is a folder, an archive or a Tree while it is read. Names are slash-separated and begin at its top, "." is the top
// itself; nothing outside of it can be reached. Its methods may be called by several goroutines at once. They fail with
// fs.ErrNotExist where nothing stands, with ErrOutside where a name leads out.
type RenderTree interface {
	// Look tells what stands at a name: its name without links, and whether it is a directory.
	Look(name string) (real string, dir bool, err error)
	// List gives the names in a directory in order, those of directories with a slash behind.
	List(dir string) ([]string, error)
	// Read gives what a regular file holds. A file over MaxRenderInput is refused.
	Read(name string) ([]byte, error)
}

// MaxRenderInput is the largest file that a chart or a kustomization may use. Helm's own bound is 5 MiB.
const MaxRenderInput = 16 << 20

// A Renderer turns charts and kustomizations into manifests. Render may be called by several goroutines at once. It
// reads nothing but the tree, and keeps every value of it out of its troubles.
type Renderer interface {
	Render(ctx context.Context, job RenderJob, t RenderTree) Rendering
}

// A RenderJob is one chart or kustomization.
type RenderJob struct {
	Dir   string // of the tree
	Chart bool   // false: a kustomization
}

// A Rendering is what became of a chart or kustomization.
type Rendering struct {
	Done     bool // Texts are what it gives, but for what Troubles name
	Texts    []RenderedText
	Troubles []Trouble
	Used     []string // the files of the tree that were read for it, by their names without links
}

// A RenderedText is a stream of documents, and where in the tree they come from.
type RenderedText struct {
	File   string // of the tree; "charts/packed.tgz!name" in a packed chart
	Text   []byte
	Lines  []int  // the line in File, from 1, of each line of Text; nil: as Line and Source say
	Line   int    // from 1: where Source, or what made Text, begins in File
	Source []byte // the document of File that Text was made from: fields are looked for there; nil: Line is all that is known
}

// A Trouble is why something was not rendered, or not whole.
type Trouble struct {
	File   string         // of the tree
	Line   int            // from 1; 0 where no line is meant
	Reason string         // ReasonChartFailed, ReasonChartDependency or ReasonKustomizationFailed
	Values map[string]any // strings and ints; never a value of the tree
}

// rendered is what is known of the file behind a text that was rendered.
type rendered struct {
	RenderedText
	again bool // another text of the same file was counted
}

// at is the line in the file of a line of the text.
func (r *rendered) at(line int) int {
	switch {
	case line <= 0:
		return line
	case len(r.Lines) == 0:
		return max(r.Line, 1)
	}
	return r.Lines[min(line, len(r.Lines))-1]
}

// place says where in its file a document stands whose lines are those of the text.
func (r *rendered) place(d *Document) {
	if len(r.Lines) > 0 {
		from := min(max(d.Line, 1), len(r.Lines)) - 1
		d.Line, d.Lines = r.Lines[from], r.Lines[from:]
		return
	}
	d.Line, d.Text = max(r.Line, 1), r.Source
}

// rendering is a tree whose charts and kustomizations are rendered before its files are read.
type rendering struct {
	*argument
	layout  *layout
	tree    RenderTree
	at      func(name string) string // how a name in the tree is shown
	top     func(dir string) string  // a directory as the root of a tree
	taken   map[string]bool          // files whose objects were rendered
	counted map[string]bool          // files that a text was handed on of
}

// renderAll renders what a tree holds. A file that taken names has no other objects than the rendered ones.
func (r *rendering) renderAll() {
	r.taken, r.counted = map[string]bool{}, map[string]bool{}
	if r.renderer == nil {
		r.charts(r.layout, r.at)
		return
	}
	var charts []RenderJob
	for _, dir := range r.layout.applications() {
		charts = append(charts, RenderJob{Dir: dir, Chart: true})
	}
	r.renderRound(charts)
	tried, done := map[string]bool{}, map[string]bool{}
	for todo := r.layout.overlays(); len(todo) > 0 && r.ctx.Err() == nil; {
		var jobs []RenderJob
		for _, dir := range todo {
			tried[dir] = true
			jobs = append(jobs, RenderJob{Dir: dir})
		}
		maps.Copy(done, r.renderRound(jobs))
		todo = r.layout.leftBy(todo, done, tried)
	}
}

// renderRound renders jobs side by side, hands on what they give in their order, and tells which of them were rendered.
func (r *rendering) renderRound(jobs []RenderJob) (done map[string]bool) {
	out := make([]Rendering, len(jobs))
	var wg sync.WaitGroup
	free := make(chan struct{}, r.workers)
	for i, j := range jobs {
		free <- struct{}{}
		wg.Go(func() {
			out[i] = r.renderer.Render(r.ctx, j, r.tree)
			<-free
		})
	}
	wg.Wait()
	done = map[string]bool{}
	if r.ctx.Err() != nil {
		return done
	}
	for i, o := range out {
		done[jobs[i].Dir] = o.Done
		r.take(jobs[i], o)
	}
	return done
}

// take hands on one rendering.
func (r *rendering) take(j RenderJob, o Rendering) {
	root := r.top(j.Dir)
	for _, t := range o.Troubles {
		r.problem(Problem{File: r.at(t.File), Line: t.Line, Root: root, Reason: t.Reason, Values: t.Values})
	}
	if !o.Done {
		return
	}
	if !j.Chart {
		for _, name := range o.Used {
			r.taken[name] = true
		}
	}
	for _, t := range o.Texts {
		s := &source{argument: r.argument, file: r.at(t.File), root: root, base: path.Base(t.File), rendered: &rendered{t, r.counted[t.File]}}
		r.counted[t.File] = true
		s.content(t.Text)
	}
}

// isTaken reports a file that is read no more: its objects were rendered. What is no manifest of its own is named as
// before.
func (r *rendering) isTaken(real string, as role) bool {
	return r.taken[real] && (as == ordinary || as == chartValues)
}
