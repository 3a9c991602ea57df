// Package files reads manifests: files, directories, archives, standard input; charts and kustomizations as they render,
// where a renderer is given. Whole trees are read, so that an absence proves something, except where a document was not
// understood.
package files

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"vigie/internal/inventory"
	"vigie/internal/source"
	"vigie/internal/source/files/manifest"
)

// A Source reads the paths that a user named.
type Source struct {
	Paths    []string
	Options  manifest.Options
	Intake   func(*inventory.Builder) *source.Intake
	Progress func(files, documents int) // called now and then; may be nil
	// Reader reads instead of manifest.Read, for sources whose files lie on no disk; nil: Paths are read.
	Reader func(context.Context, manifest.Options, manifest.Sink) (manifest.Stats, error)
	// OnForeign is told of each document that is not Kubernetes'; may be nil.
	OnForeign func(manifest.Foreign)

	mu    sync.Mutex
	trees map[string]*tree
	stats source.Stats
	docs  atomic.Int64
	objs  atomic.Int64
}

// A tree is what stands below one root: the argument, a kustomization, a chart.
type tree struct {
	spaces map[inventory.Space]bool
	broken int // documents that were not understood
}

// text finds lines in a document's own bytes.
type text []byte

// Locate implements inventory.Locator.
func (t text) Locate(path ...any) int { return manifest.Locate(t, path...) }

// given finds lines in what a template gave, and tells them as lines of the template.
type given struct {
	text
	lines []int // of the template, for each line of the text
}

// Locate implements inventory.Locator.
func (g given) Locate(path ...any) int {
	at := min(g.text.Locate(path...), len(g.lines)-1)
	return g.lines[at] - g.lines[0]
}

// located finds lines in a document; nil where it stands nowhere as it is.
func located(d manifest.Document) inventory.Locator {
	switch {
	case len(d.Lines) > 0:
		return given{text(d.Text), d.Lines}
	case len(d.Text) == 0:
		return nil
	}
	return text(d.Text)
}

// Read implements source.Source.
func (s *Source) Read(ctx context.Context, b *inventory.Builder) (source.Stats, error) {
	s.trees = map[string]*tree{}
	k := &sink{Source: s, intake: s.Intake(b), builder: b}
	read := s.Reader
	if read == nil {
		read = func(ctx context.Context, o manifest.Options, to manifest.Sink) (manifest.Stats, error) {
			return manifest.Read(ctx, s.Paths, o, to)
		}
	}
	st, err := read(ctx, s.Options, k)
	if err != nil {
		return source.Stats{}, fmt.Errorf("read manifests: %w", err)
	}
	s.degrade(b)
	s.stats.Files, s.stats.Bytes = st.Files, st.Bytes
	s.stats.Documents, s.stats.Objects = int(s.docs.Load()), int(s.objs.Load())
	return s.stats, nil
}

// degrade makes the lists of a tree partial where one of its documents was not understood, and where objects that
// name a namespace stand beside objects that name none: those may belong to it.
func (s *Source) degrade(b *inventory.Builder) {
	for _, t := range s.trees {
		named, unnamed := false, false
		for sp := range t.spaces {
			named = named || sp.Named()
			unnamed = unnamed || !sp.Named() && !sp.IsCluster()
		}
		for sp := range t.spaces {
			switch {
			case t.broken > 0:
				b.Degrade(sp, fmt.Sprintf("documents of the tree that were not understood: %d", t.broken))
			case named && unnamed && !sp.IsCluster():
				b.Degrade(sp, "objects of the tree name no namespace")
			}
		}
		if t.broken > 0 {
			b.Degrade(inventory.Cluster, fmt.Sprintf("documents of the tree that were not understood: %d", t.broken))
		}
	}
}

func (s *Source) tree(root string) *tree {
	t := s.trees[root]
	if t == nil {
		t = &tree{spaces: map[inventory.Space]bool{}}
		s.trees[root] = t
	}
	return t
}

// sink takes what the reader finds. Its methods are called by several goroutines.
type sink struct {
	*Source
	intake  *source.Intake
	builder *inventory.Builder
}

// Document implements manifest.Sink.
func (k *sink) Document(_ int, d manifest.Document) {
	k.docs.Add(1)
	place := inventory.Place{File: d.File, Line: d.Line, Doc: d.Index, Text: located(d)}
	root := k.rootName(d.Root)
	ref, ok := k.intake.Take(d.APIVersion, d.Kind, d.JSON, place, root)
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.tree(d.Root)
	if !ok {
		t.broken++
		return
	}
	k.objs.Add(1)
	t.spaces[ref.Space()] = true
}

// rootName names a tree by its path below the argument, "." for the argument itself: it must survive a move.
func (k *sink) rootName(root string) string {
	for _, p := range k.Paths {
		if inside, ok := strings.CutPrefix(root, p+"!"); ok {
			return inside // a tree of its own inside an archive
		}
		if rel, err := filepath.Rel(p, root); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return "."
}

// Problem implements manifest.Sink.
func (k *sink) Problem(p manifest.Problem) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tree(p.Root).broken++
	k.builder.AddUnread(inventory.Unread{
		Place: inventory.Place{File: p.File, Line: p.Line, Doc: p.Index}, Root: k.rootName(p.Root), Reason: p.Reason, Values: p.Values,
		Ref: inventory.Ref{Kind: p.Kind, Namespace: p.Namespace, Name: p.Name},
	})
}

// Foreign implements manifest.Sink.
func (k *sink) Foreign(f manifest.Foreign) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stats.Foreign++
	if k.OnForeign != nil {
		k.OnForeign(f)
	}
}

// File implements manifest.Sink.
func (k *sink) File(string, int) {
	if k.Progress != nil {
		k.Progress(0, int(k.docs.Load()))
	}
}
