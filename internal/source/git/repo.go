package git

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// ErrRepository is a path that leads to no repository that can be read.
var ErrRepository = errors.New("no Git repository that can be read")

// A repo is a repository that is open for reading. Nothing of it is run: no hook, no filter, no command that its
// configuration names; of that configuration two words are looked at, by formatOf.
type repo struct {
	mu      sync.Mutex // the storage shares descriptors and indexes between reads
	st      *filesystem.Storage
	others  []*filesystem.Storage // repositories whose objects this one borrows
	dir     string                // the Git directory, absolute
	shallow map[plumbing.Hash]bool
}

// deltaCache is how much memory may hold objects that others are deltas of.
const deltaCache = 48 << 20

// A place is where a path lies: its repository's Git directory, and the folder of the tree that it names.
type place struct {
	gitDir string
	prefix string // slash-separated; "." is the top
}

// locate finds the repository that a path lies in. The path may be a worktree, a bare repository, or a folder below
// either, also one that stands in no present tree.
func locate(name string) (place, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return place{}, fmt.Errorf("find the repository of %q: %w", name, err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	for dir := abs; ; dir = filepath.Dir(dir) {
		gitDir, err := gitDirOf(dir)
		if err != nil {
			return place{}, fmt.Errorf("open the repository of %q: %w: %w", name, ErrRepository, err)
		}
		if gitDir != "" {
			prefix, err := filepath.Rel(dir, abs)
			if err != nil || !filepath.IsLocal(prefix) {
				prefix = "."
			}
			return place{gitDir, filepath.ToSlash(prefix)}, nil
		}
		if dir == filepath.Dir(dir) {
			return place{}, fmt.Errorf("find the repository of %q: %w: name a repository, or a folder of one", name, ErrRepository)
		}
	}
}

// gitDirOf is the Git directory of a worktree or bare repository; empty where the folder is neither.
func gitDirOf(dir string) (string, error) {
	dot := filepath.Join(dir, ".git")
	info, err := os.Stat(dot)
	switch {
	case err == nil && info.IsDir() && isGitDir(dot):
		return dot, nil
	case err == nil && info.Mode().IsRegular():
		return linked(dir, dot)
	case isGitDir(dir):
		return dir, nil
	}
	return "", nil
}

// linked reads the file .git of a further worktree or a submodule, which says where its Git directory is.
func linked(dir, file string) (string, error) {
	to, ok := strings.CutPrefix(firstLine(file), "gitdir: ")
	if !ok {
		return "", errors.New("its file .git does not say where the repository is")
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(dir, to)
	}
	if !exists(filepath.Join(to, "HEAD")) {
		return "", errors.New("its file .git leads to no repository")
	}
	return filepath.Clean(to), nil
}

// isGitDir reports what git takes for a Git directory: HEAD, objects and refs stand there.
func isGitDir(dir string) bool {
	return exists(filepath.Join(dir, "HEAD")) && exists(filepath.Join(dir, "objects")) && exists(filepath.Join(dir, "refs"))
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// firstLine is the first line of a small file; empty where it cannot be read.
func firstLine(name string) string {
	lines := linesOf(name)
	if len(lines) == 0 {
		return ""
	}
	return strings.TrimRight(lines[0], " \t\r")
}

// open opens the repository of a Git directory.
func open(gitDir string) (*repo, error) {
	common := gitDir
	if to := firstLine(filepath.Join(gitDir, "commondir")); to != "" {
		if !filepath.IsAbs(to) {
			to = filepath.Join(gitDir, to)
		}
		common = filepath.Clean(to)
	}
	if err := formatOf(filepath.Join(common, "config")); err != nil {
		return nil, fmt.Errorf("open the repository %q: %w: %w", gitDir, ErrRepository, err)
	}
	files := osfs.New(gitDir, osfs.WithBoundOS())
	if common != gitDir {
		files = dotgit.NewRepositoryFilesystem(files, osfs.New(common, osfs.WithBoundOS()))
	}
	r := &repo{dir: common, shallow: map[plumbing.Hash]bool{}}
	r.st = storage(files)
	for _, dir := range alternates(common) {
		r.others = append(r.others, storage(osfs.New(dir, osfs.WithBoundOS())))
	}
	edges, err := r.st.Shallow()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the repository %q: read its file shallow: %w: %w", gitDir, ErrRepository, err)
	}
	for _, h := range edges {
		r.shallow[h] = true
	}
	return r, nil
}

func storage(files billy.Filesystem) *filesystem.Storage {
	return filesystem.NewStorageWithOptions(files, cache.NewObjectLRU(deltaCache), filesystem.Options{ExclusiveAccess: true, KeepDescriptors: true})
}

func (r *repo) close() {
	for _, st := range r.stores() {
		_ = st.Close() // only read from
	}
}

// stores are the repository's own storage and those that it borrows from.
func (r *repo) stores() []*filesystem.Storage {
	return append([]*filesystem.Storage{r.st}, r.others...)
}

// maxAlternates bounds repositories that borrow from others, as git does.
const maxAlternates = 5

// alternates are the repositories that objects are borrowed from, as clone --shared and --reference leave them
// (gitrepository-layout(5), objects/info/alternates), each once. The library reads only those whose path is absolute, and
// anew for each object.
func alternates(common string) (dirs []string) {
	seen := map[string]bool{common: true}
	level := []string{common}
	for range maxAlternates {
		var next []string
		for _, dir := range level {
			for _, to := range linesOf(filepath.Join(dir, "objects", "info", "alternates")) {
				if !filepath.IsAbs(to) {
					to = filepath.Join(dir, "objects", to)
				}
				at := filepath.Dir(filepath.Clean(to))
				if filepath.Base(to) != "objects" || seen[at] || !exists(to) {
					continue // what only it holds is named as missing
				}
				seen[at] = true
				next = append(next, at)
			}
		}
		dirs = append(dirs, next...)
		level = next
	}
	return dirs
}

func linesOf(name string) (out []string) {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() && len(out) < 1000 {
		if l := lines.Text(); l != "" && l[0] != '#' {
			out = append(out, l)
		}
	}
	return out
}

// formatOf refuses the repositories whose objects or references cannot be read: those with SHA-256 names, those that
// keep references in tables. Nothing else of the configuration is looked at.
func formatOf(config string) error {
	f, err := os.Open(config)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	section := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.ToLower(strings.TrimSpace(lines.Text()))
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(section, "[extensions]") {
			continue
		}
		switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); {
		case key == "objectformat" && value != "sha1":
			return fmt.Errorf("its objects have %s names: only sha1 is read", value)
		case key == "refstorage" && value != "files":
			return fmt.Errorf("it keeps its references as %s: only files are read", value)
		}
	}
	return lines.Err()
}
