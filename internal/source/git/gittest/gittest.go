// Package gittest makes small repositories for tests, object by object: no git program is needed, and the same files
// give the same hashes on every machine.
package gittest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Began is the moment of the first commit of a repository; each further one is a day later.
var Began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// What a file of a commit is, where it is not its content. A content that begins with Link is the target of a symbolic
// link; one that begins with Submodule stands for another repository.
const (
	Link      = "\x00link:"
	Submodule = "\x00submodule:"
)

// A Repo is a repository under construction.
type Repo struct {
	Dir string // the Git directory
	st  *filesystem.Storage
	tb  testing.TB
	n   int
}

// New makes an empty repository; dir is its Git directory, which is made.
func New(tb testing.TB, dir string) *Repo {
	tb.Helper()
	for _, d := range []string{"objects", "refs/heads", "refs/tags"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(d)), 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	r := &Repo{Dir: dir, tb: tb, st: filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRUDefault())}
	r.write("HEAD", "ref: refs/heads/main\n")
	return r
}

func (r *Repo) write(name, text string) {
	r.tb.Helper()
	name = filepath.Join(r.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		r.tb.Fatal(err)
	}
}

// Ref sets a reference, such as refs/heads/main.
func (r *Repo) Ref(name, hash string) { r.write(name, hash+"\n") }

// Object stores an object and gives its hash.
func (r *Repo) Object(t plumbing.ObjectType, data []byte) string {
	r.tb.Helper()
	o := &plumbing.MemoryObject{}
	o.SetType(t)
	if _, err := o.Write(data); err != nil {
		r.tb.Fatal(err)
	}
	h, err := r.st.SetEncodedObject(o)
	if err != nil {
		r.tb.Fatal(err)
	}
	return h.String()
}

// Tree stores the files of a tree, by their slash-separated names, and gives its hash.
func (r *Repo) Tree(files map[string]string) string {
	r.tb.Helper()
	type entry struct {
		mode, hash string
	}
	entries := map[string]entry{} // a folder sorts as if its name ended in a slash
	folders := map[string]map[string]string{}
	for name, text := range files {
		first, rest, deep := strings.Cut(name, "/")
		switch {
		case deep:
			if folders[first] == nil {
				folders[first] = map[string]string{}
			}
			folders[first][rest] = text
		case strings.HasPrefix(text, Link):
			entries[name] = entry{"120000", r.Object(plumbing.BlobObject, []byte(strings.TrimPrefix(text, Link)))}
		case strings.HasPrefix(text, Submodule):
			entries[name] = entry{"160000", strings.TrimPrefix(text, Submodule)}
		default:
			entries[name] = entry{"100644", r.Object(plumbing.BlobObject, []byte(text))}
		}
	}
	for name, inside := range folders {
		entries[name+"/"] = entry{"40000", r.Tree(inside)}
	}
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		e := entries[name]
		h := plumbing.NewHash(e.hash)
		fmt.Fprintf(&b, "%s %s\x00%s", e.mode, strings.TrimSuffix(name, "/"), h[:])
	}
	return r.Object(plumbing.TreeObject, b.Bytes())
}

// Commit stores a commit of these files and gives its hash. Its moment is a day after the commit before it.
func (r *Repo) Commit(files map[string]string, parents ...string) string {
	r.tb.Helper()
	return r.CommitTree(r.Tree(files), parents...)
}

// CommitTree stores a commit of a tree.
func (r *Repo) CommitTree(tree string, parents ...string) string {
	r.tb.Helper()
	at := Began.AddDate(0, 0, r.n).Unix()
	r.n++
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", tree)
	for _, p := range parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author A <a@example.test> %d +0000\ncommitter C <c@example.test> %d +0000\n\ncommit %d\n", at, at, r.n)
	return r.Object(plumbing.CommitObject, []byte(b.String()))
}

// Tag stores an annotated tag of a commit and its reference.
func (r *Repo) Tag(name, hash string) string {
	r.tb.Helper()
	tag := r.Object(plumbing.TagObject, []byte(fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger T <t@example.test> 1 +0000\n\nt\n", hash, name)))
	r.Ref("refs/tags/"+name, tag)
	return tag
}

// Linear makes one commit of each set of files, on the branch main, and gives their hashes. A file that a set does not
// name is gone.
func (r *Repo) Linear(sets ...map[string]string) (hashes []string) {
	r.tb.Helper()
	var parents []string
	for _, files := range sets {
		h := r.Commit(files, parents...)
		parents = []string{h}
		hashes = append(hashes, h)
	}
	r.Ref("refs/heads/main", hashes[len(hashes)-1])
	return hashes
}
