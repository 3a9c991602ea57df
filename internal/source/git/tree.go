package git

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"vigie/internal/source/files/manifest"
)

// maxDepth bounds folders within folders: git itself has no bound, a file system has one near this.
const maxDepth = 1000

// lister makes a manifest.Tree of a tree object.
type lister struct {
	*repo
	ctx  context.Context
	into *manifest.Tree
}

// list puts what a tree holds below dir. Only the names are read: of files, nothing is.
func (l *lister) list(h plumbing.Hash, dir string, depth int) {
	if depth > maxDepth {
		l.say(dir, &manifest.Failure{Reason: manifest.ReasonTooDeep, Values: map[string]any{"what": "nesting", "limit": int64(maxDepth)}})
		return
	}
	entries, err := l.tree(l.ctx, h)
	if err != nil {
		l.say(dir, err)
		return
	}
	for _, e := range entries {
		name := path.Join(dir, e.name)
		switch e.mode & modeKind {
		case modeFolder:
			if e.name != ".git" { // git writes none; a hand-made one is not the repository's
				l.list(e.hash, name, depth+1)
			}
		case modeSubmodule:
			l.say(name, &manifest.Failure{Reason: manifest.ReasonSubmodule})
		case modeLink:
			l.link(e, name)
		default:
			l.into.Files = append(l.into.Files, manifest.TreeFile{Name: name, Read: l.reader(e.hash)})
		}
	}
}

// reader reads a file when it is asked for.
func (r *repo) reader(h plumbing.Hash) func(context.Context, int64) ([]byte, error) {
	return func(ctx context.Context, limit int64) ([]byte, error) {
		data, err := r.read(ctx, h, plumbing.BlobObject, limit)
		if err == nil && isLFSPointer(data) {
			return nil, &manifest.Failure{Reason: manifest.ReasonLFSPointer}
		}
		return data, err
	}
}

// lfsVersion begins a pointer of Git LFS (git-lfs/git-lfs, docs/spec.md), which is at most 1024 bytes long.
var lfsVersion = []byte("version https://git-lfs.github.com/spec/")

func isLFSPointer(data []byte) bool { return len(data) < 1024 && bytes.HasPrefix(data, lfsVersion) }

// maxLink is how long the target of a link may be: PATH_MAX.
const maxLink = 4096

func (l *lister) link(e treeEntry, name string) {
	target, err := l.read(l.ctx, e.hash, plumbing.BlobObject, maxLink)
	switch {
	case err != nil && manifest.IsManifest(name):
		l.say(name, err)
	case err == nil && len(target) > 0:
		l.into.Files = append(l.into.Files, manifest.TreeFile{Name: name, Link: string(target)})
	}
}

func (l *lister) say(name string, err error) {
	var f *manifest.Failure
	if !errors.As(err, &f) {
		if l.ctx.Err() != nil {
			return
		}
		f = &manifest.Failure{Reason: manifest.ReasonUnreadable, Values: map[string]any{"why": "input/output error", "what": "directory"}}
	}
	if name == "" {
		name = "."
	}
	l.into.Unread = append(l.into.Unread, manifest.Problem{File: name, Reason: f.Reason, Values: f.Values})
}

// below finds the tree of a folder. What stands there may be a file: then base names it. ok is false where nothing of
// that name stands in the tree.
func (r *repo) below(ctx context.Context, top plumbing.Hash, prefix string) (dir plumbing.Hash, file *treeEntry, ok bool, err error) {
	if prefix == "." {
		return top, nil, true, nil
	}
	for rest := prefix; ; {
		first, more, deeper := strings.Cut(rest, "/")
		entries, err := r.tree(ctx, top)
		if err != nil {
			return top, nil, false, err
		}
		e := find(entries, first)
		switch {
		case e == nil, deeper && e.mode&modeKind != modeFolder:
			return top, nil, false, nil
		case !deeper && e.mode&modeKind != modeFolder:
			return top, e, true, nil
		}
		top = e.hash
		if !deeper {
			return top, nil, true, nil
		}
		rest = more
	}
}

func find(entries []treeEntry, name string) *treeEntry {
	for i := range entries {
		if entries[i].name == name {
			return &entries[i]
		}
	}
	return nil
}
