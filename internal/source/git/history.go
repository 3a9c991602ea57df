package git

import (
	"cmp"
	"container/heap"
	"context"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source"
	"vigie/internal/source/files/manifest"
)

// A history walks the commits of one repository, parents before children, and lists each file content that they brought
// once: what a commit shares with those before it costs nothing.
type history struct {
	*repo
	ctx     context.Context
	order   []*node
	trees   map[treeKey]bool // walked
	paths   map[string]int   // folders by number: most trees stand at the same few
	blobs   map[plumbing.Hash]bool
	ignore  func(rel string) bool
	at      string // folder of the tree that is looked at
	only    string // one file of it; empty: all
	shown   string // the path that stands for the folder
	into    manifest.Tree
	missing int  // objects that could not be read
	cut     bool // the clone is shallow, and the walk came to where it ends
}

type treeKey struct {
	hash plumbing.Hash
	path int
}

// A node is a commit among the others.
type node struct {
	hash     plumbing.Hash
	commit   commit
	children []*node
	waits    int // parents not yet come
}

// history looks for secrets in the history of each root, and puts what it finds into the inventory. It gives the number
// of commits that were walked.
func (s *Source) history(ctx context.Context, b *inventory.Builder, in *source.Intake, roots []*root, current map[string]bool) (int, error) {
	found := &pastSink{scanner: in, digests: map[string]*past{}}
	commits := 0
	for _, rt := range roots {
		h := &history{
			repo: rt.repo, ctx: ctx, trees: map[treeKey]bool{}, paths: map[string]int{}, blobs: map[plumbing.Hash]bool{},
			ignore: s.Options.Ignore, at: rt.at, only: rt.only, shown: rt.shown,
		}
		tips := []plumbing.Hash{rt.commit}
		if s.AllRefs {
			all, err := rt.repo.tips(ctx)
			if err != nil {
				return commits, err
			}
			tips = append(tips, all...)
		}
		if err := h.walk(tips); err != nil {
			return commits, err
		}
		commits += len(h.order)
		found.begin(h)
		o := s.Options
		o.Flat, o.Ignore, o.Describe = true, nil, nil
		if _, err := manifest.ReadTrees(ctx, []manifest.Tree{h.into}, o, found); err != nil {
			return commits, err
		}
		h.gaps(b, found)
	}
	found.put(b, current)
	return commits, nil
}

// walk goes through the commits.
func (h *history) walk(tips []plumbing.Hash) error {
	nodes, err := h.collect(tips)
	if err != nil {
		return err
	}
	var ready ready
	for _, n := range nodes {
		if n.waits == 0 {
			ready = append(ready, n)
		}
	}
	heap.Init(&ready)
	for len(ready) > 0 {
		if h.ctx.Err() != nil {
			return h.ctx.Err()
		}
		n := heap.Pop(&ready).(*node)
		h.order = append(h.order, n)
		h.bring(n)
		for _, c := range n.children {
			if c.waits--; c.waits == 0 {
				heap.Push(&ready, c)
			}
		}
		n.children = nil
	}
	return nil
}

// collect reads every commit that the tips rest on.
func (h *history) collect(tips []plumbing.Hash) (map[plumbing.Hash]*node, error) {
	nodes := map[plumbing.Hash]*node{}
	gone := map[plumbing.Hash]bool{}
	for todo := tips; len(todo) > 0; {
		if h.ctx.Err() != nil {
			return nil, h.ctx.Err()
		}
		hash := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if nodes[hash] != nil || gone[hash] {
			continue
		}
		c, err := h.commit(h.ctx, hash)
		if err != nil {
			gone[hash] = true
			h.miss()
			continue
		}
		h.cut = h.cut || h.shallow[hash]
		nodes[hash] = &node{hash: hash, commit: c}
		todo = append(todo, c.parents...)
	}
	for _, n := range nodes {
		for p := range unique(n.commit.parents) {
			if before := nodes[p]; before != nil {
				before.children = append(before.children, n)
				n.waits++
			}
		}
	}
	return nodes, nil
}

// miss notes an object of the history that could not be read.
func (h *history) miss() {
	if h.ctx.Err() == nil {
		h.missing++
	}
}

// bring lists what a commit brought.
func (h *history) bring(n *node) {
	dir, _, ok, err := h.below(h.ctx, n.commit.tree, h.at)
	if err != nil {
		h.miss()
		return
	}
	if ok {
		h.folder(len(h.order)-1, dir, ".", 0)
	}
}

func (h *history) number(dir string) int {
	n, ok := h.paths[dir]
	if !ok {
		n = len(h.paths)
		h.paths[dir] = n
	}
	return n
}

func (h *history) folder(commit int, hash plumbing.Hash, dir string, depth int) {
	key := treeKey{hash, h.number(dir)}
	if h.trees[key] || h.ctx.Err() != nil {
		return
	}
	h.trees[key] = true
	entries, err := h.tree(h.ctx, hash)
	if err != nil || depth > maxDepth {
		h.miss()
		return
	}
	for _, e := range entries {
		name := path.Join(dir, e.name)
		kind := e.mode & modeKind
		switch {
		case h.only != "" && name != h.only:
		case kind == modeSubmodule || kind == modeLink || h.ignore != nil && h.ignore(name):
		case kind == modeFolder:
			h.folder(commit, e.hash, name, depth+1)
		case manifest.IsManifest(name) && !h.blobs[e.hash]:
			h.blobs[e.hash] = true
			// The number of the commit stands before the name, so that whoever reads the file finds it again.
			h.into.Files = append(h.into.Files, manifest.TreeFile{Name: strconv.Itoa(commit) + "/" + name, Read: h.reader(e.hash)})
		}
	}
}

// gaps says what of the history was not seen.
func (h *history) gaps(b *inventory.Builder, found *pastSink) {
	place := inventory.Place{File: h.shown}
	say := func(reason string, values map[string]any) {
		b.AddUnread(inventory.Unread{Place: place, Root: ".", Reason: reason, Values: values})
	}
	if h.cut {
		say("history-shallow", map[string]any{"commits": len(h.order)})
	}
	if h.missing > 0 {
		say("history-incomplete", map[string]any{"n": h.missing})
	}
	if found.unread > 0 {
		say("history-not-understood", map[string]any{"n": found.unread, "file": found.unreadFile, "commit": found.unreadCommit})
	}
}

// ready are the commits whose parents all came, the oldest first.
type ready []*node

func (r ready) Len() int      { return len(r) }
func (r ready) Swap(i, k int) { r[i], r[k] = r[k], r[i] }
func (r ready) Less(i, k int) bool {
	return cmp.Or(r[i].commit.at.Compare(r[k].commit.at), strings.Compare(r[i].hash.String(), r[k].hash.String())) < 0
}

// Push implements heap.Interface.
func (r *ready) Push(n any) { *r = append(*r, n.(*node)) }

// Pop implements heap.Interface.
func (r *ready) Pop() any {
	old := *r
	n := old[len(old)-1]
	*r = old[:len(old)-1]
	return n
}

// A past is where a secret stood first.
type past struct {
	sighting kinds.Sighting
	ref      inventory.Ref
	walk     int // the history that it is of
	commit   int // its place in the order of commits
	hash     string
	at       time.Time
	file     string
	line     int
}

// before orders two places of one secret: by the order of commits, then by file and line. Histories of two repositories
// have no order but their clocks.
func (p *past) before(q *past) bool {
	if p.walk != q.walk {
		return p.at.Before(q.at)
	}
	return cmp.Or(p.commit-q.commit, strings.Compare(p.file, q.file), p.line-q.line) < 0
}

// pastSink looks for secrets in what a history brought. Its methods are called by several goroutines.
type pastSink struct {
	scanner *source.Intake
	h       *history
	walk    int

	mu                       sync.Mutex
	digests                  map[string]*past
	unread                   int // documents that were not understood
	unreadFile, unreadCommit string
}

// begin turns to the next history.
func (k *pastSink) begin(h *history) {
	k.h, k.unread, k.unreadFile, k.unreadCommit = h, 0, "", ""
	k.walk++
}

// where takes the number of the commit from before a name.
func (k *pastSink) where(file string) (n int, name string) {
	number, name, _ := strings.Cut(filepath.ToSlash(file), "/")
	n, _ = strconv.Atoi(number) // folder wrote it
	return n, filepath.Join(k.h.shown, filepath.FromSlash(name))
}

// Document implements manifest.Sink.
func (k *pastSink) Document(_ int, d manifest.Document) {
	found := k.scanner.Sightings(d.APIVersion, d.Kind, d.JSON)
	if len(found) == 0 {
		return
	}
	n, file := k.where(d.File)
	by := k.h.order[n]
	ref := kinds.Identify(kinds.Manifest{APIVersion: d.APIVersion, Kind: d.Kind, JSON: d.JSON, Root: ".", Target: k.scanner.Target})
	for _, s := range found {
		if k.settled(s.Digest, n) {
			continue
		}
		k.keep(&past{
			sighting: s, ref: ref, walk: k.walk, commit: n, hash: by.hash.String(), at: by.commit.at, file: file,
			line: d.Line + manifest.Locate(d.Text, s.Path...),
		})
	}
}

// settled reports that an earlier commit than the n-th is known to hold the secret: its line need not be found.
func (k *pastSink) settled(digest string, n int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	had := k.digests[digest]
	return had != nil && had.walk == k.walk && had.commit < n
}

func (k *pastSink) keep(p *past) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if had := k.digests[p.sighting.Digest]; had == nil || p.before(had) {
		k.digests[p.sighting.Digest] = p
	}
}

// Problem implements manifest.Sink.
func (k *pastSink) Problem(p manifest.Problem) {
	if p.Reason == manifest.ReasonNothingFound {
		return
	}
	n, file := k.where(p.File)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.unread++; k.unreadFile == "" || file < k.unreadFile {
		k.unreadFile = file
		if n < len(k.h.order) {
			k.unreadCommit = k.h.order[n].hash.String()[:12]
		}
	}
}

// Foreign implements manifest.Sink.
func (k *pastSink) Foreign(manifest.Foreign) {}

// File implements manifest.Sink.
func (k *pastSink) File(string, int) {}

// put hands on which commit brought each secret, and those secrets that do not stand in the revision itself.
func (k *pastSink) put(b *inventory.Builder, current map[string]bool) {
	brought := make(map[string]kinds.Commit, len(k.digests))
	for digest, p := range k.digests {
		c := kinds.Commit{Hash: p.hash, At: p.at}
		brought[digest] = c
		if current[digest] {
			continue
		}
		ref := p.ref
		ref.Cluster = b.Cluster()
		kinds.PastSecrets.Add(b, inventory.Item[kinds.PastSecret]{
			Ref: ref, Place: inventory.Place{File: p.file, Line: p.line}, Object: &kinds.PastSecret{Sighting: p.sighting, Commit: c},
		})
	}
	kinds.SecretsBrought.Put(b, inventory.Cluster, time.Time{}, brought)
}
