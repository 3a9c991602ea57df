package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// A file is one file to be read: open gives its bytes.
type file struct {
	name  string // shown
	root  string
	patch bool // a kustomization names it as a patch
	open  func() (io.ReadCloser, error)
}

// path reads one argument.
func (r *run) path(p string, stdin io.Reader) error {
	if p == "-" {
		if stdin == nil {
			return fmt.Errorf("standard input: %w", ErrPath)
		}
		before := r.docs.Load()
		r.one(file{name: "-", root: "-", open: func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }})
		r.nothing(p, before)
		return nil
	}
	info, err := os.Stat(p)
	if err != nil {
		return fmt.Errorf("%q: %w", p, errors.Join(ErrPath, bare(err)))
	}
	before := r.docs.Load()
	switch {
	case info.IsDir():
		err = r.directory(p)
	case info.Mode().IsRegular() && archiveKind(p) != "":
		r.archive(p)
	case info.Mode().IsRegular(), info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice|fs.ModeSocket) != 0:
		r.one(file{name: p, root: p, open: func() (io.ReadCloser, error) { return os.Open(p) }})
	default:
		err = fmt.Errorf("%q: %w", p, ErrPath)
	}
	if err == nil {
		r.nothing(p, before)
	}
	return err
}

// nothing says that a path held no document at all: an empty set is never good news.
func (r *run) nothing(p string, before int64) {
	if r.docs.Load() == before && r.ctx.Err() == nil {
		r.sink.Problem(Problem{Root: p, File: p, Reason: "nothing-found"})
	}
}

// bare is the cause of a path error, without the path: the caller says it.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func isManifest(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return isKustomization(name)
}

// directory reads every manifest below dir. The directory is opened as a root: no name leads out of it.
func (r *run) directory(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("%q: %w", dir, errors.Join(ErrPath, bare(err)))
	}
	defer root.Close()
	t := &tree{run: r, dir: dir, root: root, fsys: root.FS(), marks: map[string]mark{}, patches: map[string]bool{}}
	if err := fs.WalkDir(t.fsys, ".", t.visit); err != nil {
		return err
	}
	t.queue()
	return nil
}

// A tree is a directory that is being walked.
type tree struct {
	*run
	dir     string
	root    *os.Root
	fsys    fs.FS
	names   []string        // manifests, in order
	marks   map[string]mark // directories that begin a tree of their own
	patches map[string]bool // files that a kustomization names as patches
}

type mark struct{ chart, kustomization bool }

func (t *tree) shown(name string) string { return filepath.Join(t.dir, filepath.FromSlash(name)) }

func (t *tree) visit(name string, d fs.DirEntry, err error) error {
	if e := t.ctx.Err(); e != nil {
		return e
	}
	if err != nil {
		t.sink.Problem(Problem{Root: t.dir, File: t.shown(name), Reason: "unreadable", Values: map[string]any{"why": bare(err).Error()}})
		if d != nil && d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if name != "." && t.ignore != nil && t.ignore(name) {
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if d.IsDir() {
		if d.Name() == ".git" {
			return fs.SkipDir
		}
		return nil
	}
	base := path.Base(name)
	if base == "Chart.yaml" {
		m := t.marks[path.Dir(name)]
		m.chart = true
		t.marks[path.Dir(name)] = m
	}
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		t.link(name)
	case !isManifest(base):
		if archiveKind(base) != "" {
			t.sink.Foreign(Foreign{File: t.shown(name), What: "archive"})
		}
	case !d.Type().IsRegular():
		t.sink.Problem(Problem{Root: t.dir, File: t.shown(name), Reason: "special-file"})
	default:
		if isKustomization(base) {
			t.kustomization(name)
		}
		t.names = append(t.names, name)
	}
	return nil
}

// link follows a link to a file that stays inside and would not be read at its own place; links to directories, and
// to manifests, are read where they point.
func (t *tree) link(name string) {
	info, err := t.root.Stat(filepath.FromSlash(name))
	switch {
	case err == nil && info.Mode().IsRegular() && isManifest(path.Base(name)):
		real, e1 := filepath.EvalSymlinks(t.shown(name))
		base, e2 := filepath.EvalSymlinks(t.dir)
		if e1 == nil && e2 == nil {
			if rel, e := filepath.Rel(base, real); e == nil && filepath.IsLocal(rel) && isManifest(rel) && !strings.Contains(filepath.ToSlash(rel)+"/", ".git/") {
				return
			}
		}
		t.names = append(t.names, name)
	case err == nil && info.IsDir(), !isManifest(path.Base(name)) && !errors.Is(err, syscall.ELOOP) && err == nil:
	case errors.Is(err, syscall.ELOOP):
		t.sink.Problem(Problem{Root: t.dir, File: t.shown(name), Reason: "link-cycle"})
	case err != nil && strings.Contains(err.Error(), "escapes"):
		t.sink.Problem(Problem{Root: t.dir, File: t.shown(name), Reason: "link-outside"})
	case err != nil && isManifest(path.Base(name)):
		t.sink.Problem(Problem{Root: t.dir, File: t.shown(name), Reason: "unreadable", Values: map[string]any{"why": bare(err).Error()}})
	}
}

// rootOf is the nearest directory above name that begins a tree of its own.
func (t *tree) rootOf(name string) (dir string, m mark) {
	for d := path.Dir(name); ; d = path.Dir(d) {
		if m, ok := t.marks[d]; ok {
			return d, m
		}
		if d == "." || d == "/" {
			return ".", mark{}
		}
	}
}

// queue reads the files that were found, several at once.
func (t *tree) queue() {
	charts := map[string]bool{}
	var todo []file
	for _, name := range t.names {
		dir, m := t.rootOf(name)
		f := file{name: t.shown(name), root: t.shown(dir), patch: t.patches[name]}
		if m.chart {
			rel := strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
			if strings.HasPrefix(rel, "templates/") {
				if !charts[dir] {
					charts[dir] = true
					t.sink.Problem(Problem{Root: f.root, File: t.shown(path.Join(dir, "Chart.yaml")), Line: 1, Reason: "chart-not-rendered"})
				}
				continue
			}
			if !strings.HasPrefix(rel, "crds/") {
				t.docs.Add(1)
				t.sink.Foreign(Foreign{File: f.name, Line: 1, Index: 1, What: "chart"})
				continue
			}
		}
		f.open = func() (io.ReadCloser, error) { return t.root.Open(filepath.FromSlash(name)) }
		todo = append(todo, f)
	}
	t.each(len(todo), func(_, i int) { t.one(todo[i]) })
}

// each calls do for 0..n-1, on as many goroutines as there are workers.
func (r *run) each(n int, do func(worker, i int)) {
	if n <= 1 || r.workers == 1 {
		for i := range n {
			if r.ctx.Err() == nil {
				do(0, i)
			}
		}
		return
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for w := range min(r.workers, n) {
		wg.Go(func() {
			for r.ctx.Err() == nil {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				do(w, i)
			}
		})
	}
	wg.Wait()
}

// one reads a file and its documents.
func (r *run) one(f file) {
	rc, err := f.open()
	if err != nil {
		reason := "unreadable"
		if strings.Contains(err.Error(), "escapes") {
			reason = "link-outside"
		}
		r.docs.Add(1)
		r.sink.Problem(Problem{Root: f.root, File: f.name, Reason: reason, Values: map[string]any{"why": bare(err).Error()}})
		return
	}
	data, err := readAll(rc, r.limits.File)
	rc.Close()
	if err != nil {
		r.docs.Add(1)
		p := Problem{Root: f.root, File: f.name, Reason: "unreadable", Values: map[string]any{"why": bare(err).Error()}}
		if errors.Is(err, errTooLarge) {
			p.Reason, p.Values = "too-large", map[string]any{"limit": r.limits.File}
		}
		r.sink.Problem(p)
		return
	}
	r.content(f, data)
}

var errTooLarge = errors.New("over the limit")

// readAll reads to the end, at most limit bytes. A regular file's size is asked for first: one allocation.
func readAll(rc io.Reader, limit int64) ([]byte, error) {
	size := int64(0)
	if f, ok := rc.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
	}
	if size > limit {
		return nil, errTooLarge
	}
	buf := make([]byte, 0, size+1)
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, max(len(buf), 64<<10))
		}
		n, err := rc.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, errTooLarge
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
