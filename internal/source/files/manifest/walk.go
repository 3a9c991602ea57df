package manifest

import (
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A folder is a directory that was given as an argument. It is opened as a root: no name leads out of it, whatever the
// links in it say and however they change while it is read.
type folder struct {
	*argument
	root     *os.Root
	files    map[string]*entry // by their names without links
	links    []string
	archives []string
	unread   []Problem // with names in the folder, until it is known to which tree each belongs
}

// An entry is a file of a folder that is to be read.
type entry struct {
	name string // what it is shown as, and what its place in the tree is taken from
	real string // without links
	size int64
}

// maxHops bounds links in links.
const maxHops = 40

// versioned are the directories of version control, which hold what once was.
var versioned = map[string]bool{".git": true, ".hg": true, ".svn": true}

// directory reads every manifest below a directory, each once, whatever number of links lead to it.
func (a *argument) directory() {
	root, err := os.OpenRoot(a.path)
	if err != nil {
		a.problem(Problem{File: a.shown, Root: a.shown, Reason: ReasonUnreadable, Values: why(err, "directory")})
		return
	}
	a.opened = append(a.opened, root)
	f := &folder{argument: a, root: root, files: map[string]*entry{}}
	f.walk()
	for _, l := range f.links {
		f.link(l)
	}
	f.readAll()
}

// at is how a name in the folder is shown.
func (f *folder) at(name string) string { return filepath.Join(f.shown, filepath.FromSlash(name)) }

func (f *folder) say(name, reason string, values map[string]any) {
	f.unread = append(f.unread, Problem{File: name, Reason: reason, Values: values})
}

// walk finds files and links, directory by directory, following nothing.
func (f *folder) walk() {
	for todo := []string{"."}; len(todo) > 0 && f.ctx.Err() == nil; {
		dir := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		list, err := f.list(dir)
		if err != nil {
			f.say(dir, ReasonUnreadable, why(err, "directory"))
		}
		for _, d := range list {
			name := path.Join(dir, d.Name())
			switch {
			case f.ignore != nil && f.ignore(name):
				f.found.Add(1)
			case d.IsDir():
				if !versioned[d.Name()] {
					todo = append(todo, name)
				}
			case d.Type()&fs.ModeSymlink != 0:
				f.links = append(f.links, name)
			default:
				f.file(name, name, d)
			}
		}
	}
}

// list gives what a directory holds, as far as it can be read.
func (f *folder) list(dir string) ([]fs.DirEntry, error) {
	d, err := f.root.Open(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.ReadDir(-1)
}

// statted is what both a directory's entry and a file's description tell.
type statted interface {
	Type() fs.FileMode
	Info() (fs.FileInfo, error)
}

// showFile lets whoever asked see an ordinary file.
func (f *folder) showFile(name, real string, d statted) {
	if f.run.visit == nil || d.Type() != 0 || name != real {
		return
	}
	e := &Entry{Name: name, open: func() (io.ReadCloser, error) {
		in, _, err := openRegular(f.root.OpenFile, filepath.FromSlash(real))
		return in, err
	}}
	f.run.visit(e)
}

// file notes a file, or says why it is not read.
func (f *folder) file(name, real string, d statted) {
	f.showFile(name, real, d)
	switch t := d.Type(); {
	case t&(fs.ModeNamedPipe|fs.ModeDevice) != 0, t != 0 && isManifest(name): // sockets are common, and no manifests
		f.say(name, ReasonSpecialFile, map[string]any{"what": specialName(t)})
	case t != 0:
	case isManifest(name):
		info, err := d.Info()
		if err != nil {
			f.say(name, ReasonUnreadable, why(err, "file"))
			return
		}
		f.note(&entry{name: name, real: real, size: info.Size()})
	case isArchive(name) && name == real:
		f.archives = append(f.archives, name)
		f.foreign(Foreign{File: f.at(name), What: WhatArchive})
	}
}

func specialName(t fs.FileMode) string {
	switch {
	case t&fs.ModeNamedPipe != 0:
		return "fifo"
	case t&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}

// note keeps a file once. Of several names the plainest is shown: Kubernetes mounts a ConfigMap's files as links into
// directories that begin with two dots.
func (f *folder) note(e *entry) {
	if had := f.files[e.real]; had == nil || hidden(had.name) && !hidden(e.name) {
		f.files[e.real] = e
	}
}

func hidden(name string) bool { return strings.HasPrefix(name, "..") || strings.Contains(name, "/..") }

// readAll reads the files that were found.
func (f *folder) readAll() {
	entries := make([]*entry, 0, len(f.files))
	for _, e := range f.files {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b *entry) int { return strings.Compare(a.name, b.name) })
	names := make([]string, len(entries))
	real := map[string]*entry{}
	for i, e := range entries {
		names[i], real[e.name] = e.name, e
	}
	l := f.layoutOf(append(names, f.archives...), func(name string) []byte { return f.peek(real[name]) })
	r := &rendering{argument: f.argument, layout: l, tree: f, at: f.at, top: f.at}
	r.renderAll()
	for _, p := range f.unread {
		p.File, p.Root = f.at(p.File), f.at(l.root(p.File))
		f.problem(p)
	}
	top := realPath(f.path)
	for _, e := range entries {
		if f.ctx.Err() != nil {
			return
		}
		role := l.role(e.name)
		if r.isTaken(e.real, role) {
			f.first(filepath.Join(top, filepath.FromSlash(e.real)))
			continue
		}
		if role == chartTemplate || !f.first(filepath.Join(top, filepath.FromSlash(e.real))) {
			continue
		}
		s := &source{argument: f.argument, file: f.at(e.name), root: f.at(l.root(e.name)), base: path.Base(e.name), role: role}
		if s.described(e.name) {
			continue
		}
		if e.size > smallFile {
			s.hand(f.load(s, e))
			continue
		}
		f.submit(func(w *worker) {
			data, err := f.load(s, e)
			if err == nil {
				s.cut(data, w.piece)
				return
			}
			s.hand(nil, err)
		})
	}
}

// load reads a file of the folder.
func (f *folder) load(s *source, e *entry) ([]byte, error) {
	in, size, err := openRegular(f.root.OpenFile, filepath.FromSlash(e.real))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return readAll(s.ctx, in, size, s.limits.FileBytes)
}

// peek reads a file that the layout needs.
func (f *folder) peek(e *entry) []byte {
	in, size, err := openRegular(f.root.OpenFile, filepath.FromSlash(e.real))
	if err != nil {
		return nil
	}
	defer in.Close()
	data, err := readAll(f.ctx, in, size, layoutBytes)
	if err != nil {
		return nil // it is read again with the others, and what is wrong is said then
	}
	return data
}

// charts says which charts helm has to render first.
func (a *argument) charts(l *layout, at func(name string) string) {
	for _, c := range l.notRendered() {
		a.problem(Problem{
			File: at(c.name), Line: 1, Root: at(path.Dir(c.name)), Reason: ReasonChartNotRendered,
			Values: map[string]any{"templates": c.templates},
		})
	}
}
