package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"vigie/internal/source/files/manifest"
)

// What objects other than files may hold. A tree of a million files is some 60 MB.
const (
	maxCommit = 16 << 20
	maxTree   = 128 << 20
)

// A commit is what is read of one: who made it is not.
type commit struct {
	tree    plumbing.Hash
	parents []plumbing.Hash
	at      time.Time // the committer's
}

// A treeEntry is one name of a tree.
type treeEntry struct {
	name string
	mode uint32 // as git writes it: 0o40000 folder, 0o120000 link, 0o160000 another repository's commit
	hash plumbing.Hash
}

const (
	modeKind      = 0o170000
	modeFolder    = 0o040000
	modeLink      = 0o120000
	modeSubmodule = 0o160000
)

// read gives the content of an object of that type. An error is a *manifest.Failure: the object is missing, damaged or
// too large.
func (r *repo) read(ctx context.Context, h plumbing.Hash, t plumbing.ObjectType, limit int64) (data []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		if e := recover(); e != nil { // a damaged pack must not end the run
			data, err = nil, broken(h)
		}
	}()
	st, size, err := r.holder(h)
	if err != nil {
		return nil, failure(h, err)
	}
	if size > limit {
		return nil, manifest.TooLarge(limit, size)
	}
	obj, err := st.EncodedObject(plumbing.AnyObject, h)
	if err != nil {
		return nil, failure(h, err)
	}
	if obj.Type() != t {
		return nil, broken(h)
	}
	in, err := obj.Reader()
	if err != nil {
		return nil, failure(h, err)
	}
	defer in.Close()
	var buf bytes.Buffer
	buf.Grow(int(size) + 1) // the reader of manifests ends the last line
	n, err := io.Copy(&buf, io.LimitReader(in, limit+1))
	switch {
	case err != nil:
		return nil, failure(h, err)
	case n > limit:
		return nil, manifest.TooLarge(limit, n)
	case n != size || plumbing.ComputeHash(obj.Type(), buf.Bytes()) != h:
		return nil, broken(h)
	}
	return buf.Bytes(), nil
}

// holder is the storage that holds an object, and the object's size. The lock is held.
func (r *repo) holder(h plumbing.Hash) (*filesystem.Storage, int64, error) {
	var first error
	for _, st := range r.stores() {
		size, err := st.EncodedObjectSize(h)
		if err == nil {
			return st, size, nil
		}
		if first == nil || errors.Is(first, plumbing.ErrObjectNotFound) {
			first = err
		}
	}
	return nil, 0, first
}

// failure is why an object was not read. The library's words stay out: they may quote what a damaged object holds.
func failure(h plumbing.Hash, err error) *manifest.Failure {
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return &manifest.Failure{Reason: manifest.ReasonObjectMissing, Values: map[string]any{"id": h.String()}}
	}
	return broken(h)
}

func broken(h plumbing.Hash) *manifest.Failure {
	return &manifest.Failure{Reason: manifest.ReasonObjectBroken, Values: map[string]any{"id": h.String()}}
}

// commit reads a commit.
func (r *repo) commit(ctx context.Context, h plumbing.Hash) (c commit, err error) {
	data, err := r.read(ctx, h, plumbing.CommitObject, maxCommit)
	if err != nil {
		return c, err
	}
	head, _, _ := bytes.Cut(data, []byte("\n\n"))
	for line := range bytes.Lines(head) {
		key, value, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
		switch string(key) {
		case "tree":
			c.tree = plumbing.NewHash(string(value))
		case "parent":
			c.parents = append(c.parents, plumbing.NewHash(string(value)))
		case "committer":
			c.at = whenOf(value)
		}
	}
	if c.tree.IsZero() {
		return c, broken(h)
	}
	if r.shallow[h] {
		c.parents = nil
	}
	return c, nil
}

// whenOf reads the moment at the end of "NAME <MAIL> SECONDS ZONE". The zero time is a line that names none.
func whenOf(committer []byte) time.Time {
	_, after, ok := bytes.Cut(committer, []byte("> "))
	if i := bytes.LastIndexByte(committer, '>'); ok && i >= 0 && i+2 <= len(committer) {
		after = committer[i+1:]
	}
	words := bytes.Fields(after)
	if len(words) == 0 {
		return time.Time{}
	}
	n, err := strconv.ParseInt(string(words[0]), 10, 64)
	if err != nil || n < 0 || n > 253402300799 { // the last second of the year 9999
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// tree reads a tree.
func (r *repo) tree(ctx context.Context, h plumbing.Hash) ([]treeEntry, error) {
	data, err := r.read(ctx, h, plumbing.TreeObject, maxTree)
	if err != nil {
		return nil, err
	}
	entries, ok := parseTree(data)
	if !ok {
		return nil, broken(h)
	}
	return entries, nil
}

// parseTree reads "MODE NAME\0HASH"... Names that no file system could have are damage.
func parseTree(data []byte) (entries []treeEntry, ok bool) {
	for len(data) > 0 {
		mode, rest, found := bytes.Cut(data, []byte(" "))
		name, rest, named := bytes.Cut(rest, []byte{0})
		if !found || !named || len(rest) < 20 {
			return nil, false
		}
		bits, err := strconv.ParseUint(string(mode), 8, 32)
		if err != nil || len(name) == 0 || bytes.IndexByte(name, '/') >= 0 || string(name) == "." || string(name) == ".." {
			return nil, false
		}
		e := treeEntry{name: string(name), mode: uint32(bits)}
		copy(e.hash[:], rest)
		entries = append(entries, e)
		data = rest[20:]
	}
	return entries, true
}

// peel follows tags to the object that they name.
func (r *repo) peel(ctx context.Context, h plumbing.Hash) (plumbing.Hash, plumbing.ObjectType, error) {
	for range maxTags {
		t, err := r.typeOf(h)
		if err != nil || t != plumbing.TagObject {
			return h, t, err
		}
		data, err := r.read(ctx, h, plumbing.TagObject, maxCommit)
		if err != nil {
			return h, t, err
		}
		line, _, _ := bytes.Cut(data, []byte("\n"))
		to, ok := bytes.CutPrefix(line, []byte("object "))
		if !ok {
			return h, t, broken(h)
		}
		h = plumbing.NewHash(string(to))
	}
	return h, plumbing.InvalidObject, fmt.Errorf("more than %d tags of tags", maxTags)
}

// maxTags bounds tags of tags.
const maxTags = 20

func (r *repo) typeOf(h plumbing.Hash) (t plumbing.ObjectType, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		if e := recover(); e != nil {
			err = broken(h)
		}
	}()
	st, size, err := r.holder(h)
	if err != nil {
		return plumbing.InvalidObject, failure(h, err)
	}
	if size > maxTree {
		return plumbing.BlobObject, nil // nothing else may be as large
	}
	obj, err := st.EncodedObject(plumbing.AnyObject, h)
	if err != nil {
		return plumbing.InvalidObject, failure(h, err)
	}
	return obj.Type(), nil
}
