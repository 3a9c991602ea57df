package kustomize

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"vigie/internal/source/files/manifest"
)

// top is where the tree stands in the library's file system: deep enough that ".." out of the tree is seen as such, and
// does not end at the root of the file system, which has no parent.
const top = "/tree.of.the.rendering/held/to/it"

// files is the tree as the library's file system. It is read-only; what stands outside of the tree does not exist.
type files struct {
	tree          manifest.RenderTree
	dir           string
	kustomization string // the file of dir
	ownOrigins    bool   // it asks for origins by itself: they stay
	refused       string // the first name that led out
	cache         map[string][]byte
}

var _ filesys.FileSystem = (*files)(nil)

func newFiles(tree manifest.RenderTree, dir string) *files {
	f := &files{tree: tree, dir: dir, cache: map[string][]byte{}}
	f.kustomization, _ = fileOf(tree, dir)
	return f
}

// abs is a name of the tree in the file system.
func (f *files) abs(name string) string { return path.Join(top, name) }

var errReadOnly = errors.New("nothing is written here")

// inside is a path of the file system as a name of the tree.
func (f *files) inside(p string) (string, error) {
	p = filepath.ToSlash(filepath.Clean(p))
	if p == top {
		return ".", nil
	}
	if name, ok := strings.CutPrefix(p, top+"/"); ok {
		return name, nil
	}
	if f.refused == "" {
		f.refused = p
	}
	return "", manifest.ErrOutside
}

func (f *files) look(p string) (string, bool, error) {
	name, err := f.inside(p)
	if err != nil {
		return "", false, err
	}
	real, dir, err := f.tree.Look(name)
	if errors.Is(err, manifest.ErrOutside) && f.refused == "" {
		f.refused = p
	}
	return real, dir, err
}

// Create implements filesys.FileSystem.
func (*files) Create(string) (filesys.File, error) { return nil, errReadOnly }

// Mkdir implements filesys.FileSystem.
func (*files) Mkdir(string) error { return errReadOnly }

// MkdirAll implements filesys.FileSystem.
func (*files) MkdirAll(string) error { return errReadOnly }

// RemoveAll implements filesys.FileSystem.
func (*files) RemoveAll(string) error { return errReadOnly }

// WriteFile implements filesys.FileSystem.
func (*files) WriteFile(string, []byte) error { return errReadOnly }

// Open implements filesys.FileSystem. The library reads whole files.
func (*files) Open(string) (filesys.File, error) { return nil, fs.ErrInvalid }

// IsDir implements filesys.FileSystem.
func (f *files) IsDir(p string) bool {
	_, dir, err := f.look(p)
	return err == nil && dir
}

// Exists implements filesys.FileSystem.
func (f *files) Exists(p string) bool {
	_, _, err := f.look(p)
	return err == nil
}

// ReadDir implements filesys.FileSystem.
func (f *files) ReadDir(p string) ([]string, error) {
	name, err := f.inside(p)
	if err != nil {
		return nil, err
	}
	names, err := f.tree.List(name)
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], "/")
	}
	return names, err
}

// CleanedAbs implements filesys.FileSystem.
func (f *files) CleanedAbs(p string) (filesys.ConfirmedDir, string, error) {
	real, dir, err := f.look(p)
	switch {
	case err != nil:
		return "", "", err
	case dir:
		return filesys.ConfirmedDir(f.abs(real)), "", nil
	}
	return filesys.ConfirmedDir(f.abs(path.Dir(real))), path.Base(real), nil
}

// Glob implements filesys.FileSystem. No path of a kustomization is a pattern.
func (*files) Glob(string) ([]string, error) { return nil, nil }

// Walk implements filesys.FileSystem.
func (f *files) Walk(string, filepath.WalkFunc) error { return fs.ErrInvalid }

// ReadFile implements filesys.FileSystem. To the kustomization that is rendered it adds that each object be marked with
// its origin.
func (f *files) ReadFile(p string) ([]byte, error) {
	real, dir, err := f.look(p)
	switch {
	case err != nil:
		return nil, err
	case dir:
		return nil, fs.ErrInvalid
	}
	if data, ok := f.cache[real]; ok {
		return data, nil
	}
	data, err := f.tree.Read(real)
	if err != nil {
		return nil, err
	}
	if own, _, err := f.tree.Look(f.kustomization); err == nil && own == real {
		data = f.withOrigins(data)
	}
	f.cache[real] = data
	return data, nil
}

const originAnnotations = "originAnnotations"

// withOrigins asks for origins at the end of a kustomization, or in its own list; as it was where neither can be done.
func (f *files) withOrigins(data []byte) []byte {
	var had struct {
		BuildMetadata []string `json:"buildMetadata"`
	}
	if yaml.Unmarshal(data, &had) != nil {
		return data
	}
	for _, m := range had.BuildMetadata {
		if m == originAnnotations {
			f.ownOrigins = true
			return data
		}
	}
	var all map[string]any
	if len(had.BuildMetadata) > 0 {
		if yaml.UnmarshalStrict(data, &all) != nil {
			return data
		}
		all["buildMetadata"] = append(had.BuildMetadata, originAnnotations)
		if more, err := yaml.Marshal(all); err == nil {
			return more
		}
		return data
	}
	more := append(append([]byte{}, data...), "\nbuildMetadata: ["+originAnnotations+"]\n"...)
	if yaml.Unmarshal(more, &had) == nil && len(had.BuildMetadata) == 1 {
		return more
	}
	return data
}
