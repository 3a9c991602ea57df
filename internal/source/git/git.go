// Package git reads the tree of a revision of a local repository, without checking it out, and the secrets that stood
// in clear anywhere in its history. Files are read by the same reader as those of a disk. Nothing of the repository is
// run or written: no hook, no filter, no command of its configuration; nothing is fetched.
package git

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source"
	"vigie/internal/source/files"
	"vigie/internal/source/files/manifest"
)

// A Source reads the paths that a user named, as they stand in a revision.
type Source struct {
	Paths    []string // repositories, or folders or files of them
	Revision string   // as gitrevisions(7) writes it; empty: HEAD
	Options  manifest.Options
	Intake   func(*inventory.Builder) *source.Intake
	Progress func(files, documents int) // as in package files
	History  bool                       // look for secrets in every commit that the revision rests on
	AllRefs  bool                       // in every commit that any reference rests on, too
}

// A root is a path as it stands in the revision.
type root struct {
	path   string
	place  place
	repo   *repo
	commit plumbing.Hash
	head   commit
	at     string // folder of the tree that names are told from; "." is the top
	only   string // one file of it; empty: all
	shown  string // what stands for the folder
}

// Read implements source.Source. The error is ErrRepository, ErrRevision, or a path that does not stand in the revision.
func (s *Source) Read(ctx context.Context, b *inventory.Builder) (source.Stats, error) {
	repos := map[string]*repo{}
	defer func() {
		for _, r := range repos {
			r.close()
		}
	}()
	var trees []manifest.Tree
	var roots []*root
	for _, p := range s.Paths {
		rt, err := s.root(ctx, p, repos)
		if err != nil {
			return source.Stats{}, err
		}
		t, err := rt.list(ctx)
		if err != nil {
			return source.Stats{}, err
		}
		roots, trees = append(roots, rt), append(trees, t)
	}
	var intake *source.Intake
	current := &digests{seen: map[string]bool{}}
	f := &files.Source{
		Paths: s.Paths, Options: s.Options, Progress: s.Progress,
		Intake: func(b *inventory.Builder) *source.Intake {
			intake = s.Intake(b)
			intake.OnSighting = current.add
			return intake
		},
		Reader: func(ctx context.Context, o manifest.Options, sink manifest.Sink) (manifest.Stats, error) {
			return manifest.ReadTrees(ctx, trees, o, sink)
		},
	}
	st, err := f.Read(ctx, b)
	if err != nil {
		return st, err
	}
	for _, rt := range roots {
		st.Revisions = append(st.Revisions, source.Revision{Path: rt.path, Commit: rt.commit.String(), At: rt.head.at})
	}
	if s.History || s.AllRefs {
		st.Commits, err = s.history(ctx, b, intake, roots, current.seen)
	}
	return st, err
}

// digests are the secrets that stand in the revision itself.
type digests struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (d *digests) add(s kinds.Sighting) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[s.Digest] = true
}

// root finds a path's repository and the commit of the revision there.
func (s *Source) root(ctx context.Context, p string, repos map[string]*repo) (*root, error) {
	at, err := locate(p)
	if err != nil {
		return nil, err
	}
	r := repos[at.gitDir]
	if r == nil {
		if r, err = open(at.gitDir); err != nil {
			return nil, err
		}
		repos[at.gitDir] = r
	}
	rev := s.Revision
	if rev == "" {
		rev = "HEAD"
	}
	rt := &root{path: p, place: at, repo: r}
	if rt.commit, err = r.resolve(ctx, rev); err != nil {
		return nil, fmt.Errorf("read %q: %w", p, err)
	}
	if rt.head, err = r.commit(ctx, rt.commit); err != nil {
		return nil, fmt.Errorf("read %q: %w: commit %s: %w", p, ErrRepository, rt.commit, err)
	}
	return rt, nil
}

// list names what stands at the path in the revision.
func (rt *root) list(ctx context.Context) (manifest.Tree, error) {
	t := manifest.Tree{Path: rt.path, Key: rt.repo.dir + "\x00" + rt.commit.String() + "\x00" + rt.place.prefix}
	l := &lister{repo: rt.repo, ctx: ctx, into: &t}
	dir, file, ok, err := rt.repo.below(ctx, rt.head.tree, rt.place.prefix)
	switch {
	case err != nil:
		l.say(".", err)
		return t, ctx.Err()
	case !ok:
		return t, fmt.Errorf("read %q: %w: %s holds no %q", rt.path, ErrRevision, rt.commit.String()[:12], rt.place.prefix)
	case file != nil: // one file: named below its folder
		rt.at, rt.only = path.Dir(rt.place.prefix), file.name
		t.Path = filepath.Dir(rt.path)
		t.Files = []manifest.TreeFile{{Name: file.name, Read: rt.repo.reader(file.hash)}}
	default:
		rt.at = rt.place.prefix
		l.list(dir, "", 0)
	}
	rt.shown = t.Path
	return t, ctx.Err()
}
