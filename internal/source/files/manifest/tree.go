package manifest

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
)

// A Tree is a set of files that lie on no disk by themselves, such as the tree of a revision in a repository.
type Tree struct {
	Path  string // as the user named it; names are shown below it
	Key   string // names the top across trees: a file of one Key joined with its name is read once
	Files []TreeFile
	// Unread are what could not be listed: File is a name below Path, Root is filled in.
	Unread []Problem
}

// A TreeFile is a file of a Tree.
type TreeFile struct {
	Name string // slash-separated, below the top
	Size int64  // as far as it is known; 0: not known
	Link string // where a symbolic link leads, as it is written; empty: an ordinary file
	// Read gives the content, at most limit bytes. It is called by several goroutines, more than once for a file that says
	// what others are. An error may be a *Failure.
	Read func(ctx context.Context, limit int64) ([]byte, error)
}

// A Failure is why a file of a Tree was not read, where a reason says it.
type Failure struct {
	Reason string // one of the Reason constants
	Values map[string]any
}

func (f *Failure) Error() string { return f.Reason }

// TooLarge is the Failure of a file over a limit.
func TooLarge(limit, size int64) *Failure {
	return &Failure{ReasonTooLarge, map[string]any{"what": "file", "limit": limit, "size": size}}
}

// ReadTrees reads trees as Read reads directories: the same names, layouts, limits and links that stay inside.
func ReadTrees(ctx context.Context, trees []Tree, o Options, sink Sink) (Stats, error) {
	r := newRun(ctx, o, sink)
	var args []*argument
	r.start()
	for i := range trees {
		t := &trees[i]
		a := &argument{run: r, path: t.Path, shown: filepath.Clean(t.Path), form: directory}
		args = append(args, a)
		g := &grove{argument: a, tree: t, files: map[string]*TreeFile{}, others: map[string]*TreeFile{}, links: map[string]string{}, skip: map[string]bool{}}
		g.readAll()
	}
	return r.end(args)
}

// A grove is a Tree that is being read.
type grove struct {
	*argument
	tree     *Tree
	files    map[string]*TreeFile // manifests, by the names that they are shown as
	others   map[string]*TreeFile // what a link may make a manifest
	links    map[string]string    // where each leads, from the top
	archives []string
	unread   []Problem
	skip     map[string]bool // folders that were asked about: ignored or not
	folders  map[string]bool // that hold something; nil: nobody asked
}

func (g *grove) at(name string) string { return filepath.Join(g.shown, filepath.FromSlash(name)) }

func (g *grove) say(name, reason string, values map[string]any) {
	g.unread = append(g.unread, Problem{File: name, Reason: reason, Values: values})
}

// ignored reports a file that is ignored itself, or in a folder that is.
func (g *grove) ignored(name string) bool {
	if g.ignore == nil {
		return false
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		known, asked := g.skip[dir]
		if !asked {
			known = g.ignore(dir)
			g.skip[dir] = known
		}
		if known {
			return true
		}
	}
	return g.ignore(name)
}

// sort puts each file where it belongs by its name.
func (g *grove) sort() {
	for i := range g.tree.Files {
		f := &g.tree.Files[i]
		switch {
		case g.ignored(f.Name):
			g.found.Add(1)
		case !filepath.IsLocal(filepath.FromSlash(f.Name)):
			g.say(f.Name, ReasonArchiveEntryUnsafe, nil)
		case f.Link != "":
			g.links[f.Name] = linkTarget(f.Name, f.Link)
		case isManifest(f.Name):
			g.files[f.Name] = f
		default:
			g.others[f.Name] = f
			if isArchive(f.Name) {
				g.archives = append(g.archives, f.Name)
				g.foreign(Foreign{File: g.at(f.Name), What: WhatArchive})
			}
		}
	}
	for _, p := range g.tree.Unread {
		if g.ignored(p.File) {
			g.found.Add(1)
			continue
		}
		g.unread = append(g.unread, p)
	}
	for name := range g.links {
		g.follow(name)
	}
}

// follow looks where a link leads. What lies in the tree is read there; nothing outside is.
func (g *grove) follow(name string) {
	to := name
	for hops := 0; ; hops++ {
		next, ok := g.links[to]
		if !ok {
			break
		}
		if hops > maxHops {
			g.say(name, ReasonLinkCycle, nil)
			return
		}
		if to = next; path.IsAbs(to) || !filepath.IsLocal(filepath.FromSlash(to)) {
			g.say(name, ReasonLinkOutside, nil)
			return
		}
	}
	switch {
	case !isManifest(name) || g.files[to] != nil:
	case g.others[to] != nil:
		g.files[name] = g.others[to]
	case !g.holds(to):
		g.say(name, ReasonUnreadable, map[string]any{"why": "no such file or directory", "what": "link"})
	}
}

// holds reports a folder of the tree.
func (g *grove) holds(dir string) bool {
	if g.folders == nil {
		g.folders = map[string]bool{".": true}
		for _, f := range g.tree.Files {
			for d := path.Dir(f.Name); !g.folders[d] && d != "/"; d = path.Dir(d) {
				g.folders[d] = true
			}
		}
	}
	return g.folders[dir]
}

func (g *grove) readAll() {
	g.sort()
	names := make([]string, 0, len(g.files))
	for name := range g.files {
		names = append(names, name)
	}
	slices.Sort(names)
	l := g.layoutOf(append(slices.Clone(names), g.archives...), g.peek)
	r := &rendering{argument: g.argument, layout: l, tree: newUnder(g), at: g.at, top: g.at}
	r.renderAll()
	for _, p := range g.unread {
		p.File, p.Root = g.at(p.File), g.at(l.root(p.File))
		g.problem(p)
	}
	for _, name := range names {
		if g.ctx.Err() != nil {
			return
		}
		f, role := g.files[name], l.role(name)
		if r.isTaken(f.Name, role) {
			g.first(g.tree.Key + "\x00" + path.Join("/", f.Name))
			continue
		}
		if role == chartTemplate || !g.first(g.tree.Key+"\x00"+path.Join("/", f.Name)) {
			continue
		}
		s := &source{argument: g.argument, file: g.at(name), root: g.at(l.root(name)), base: path.Base(name), role: role}
		if s.described(name) {
			continue
		}
		if f.Size > smallFile {
			s.hand(f.read(g.run))
			continue
		}
		g.submit(func(w *worker) {
			data, err := f.read(g.run)
			if err == nil {
				s.cut(data, w.piece)
				return
			}
			s.hand(nil, err)
		})
	}
}

// read gives a file's content within the limits.
func (f *TreeFile) read(r *run) ([]byte, error) {
	limit := r.limits.FileBytes
	if f.Size > limit {
		return nil, TooLarge(limit, f.Size)
	}
	data, err := f.Read(r.ctx, limit)
	if err == nil && int64(len(data)) > limit {
		return nil, errTooLarge
	}
	return data, err
}

// peek reads a file that the layout needs; what is wrong with it is said when it is read with the others.
func (g *grove) peek(name string) []byte {
	f := g.files[name]
	if f == nil || f.Size > layoutBytes {
		return nil
	}
	data, err := f.Read(g.ctx, layoutBytes)
	if err != nil && !errors.Is(err, context.Canceled) {
		return nil
	}
	return data
}
