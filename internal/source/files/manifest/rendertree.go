package manifest

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// clean makes a name of a tree plain, and refuses one that leads out.
func clean(name string) (string, error) {
	if path.IsAbs(name) {
		return "", ErrOutside
	}
	name = path.Clean(name)
	if name == ".." || strings.HasPrefix(name, "../") {
		return "", ErrOutside
	}
	return name, nil
}

// Look implements RenderTree.
func (f *folder) Look(name string) (string, bool, error) {
	if path.IsAbs(name) {
		return "", false, ErrOutside
	}
	real, info, err := f.resolve(name)
	if err != nil {
		return "", false, err
	}
	return real, info.IsDir(), nil
}

// List implements RenderTree.
func (f *folder) List(dir string) ([]string, error) {
	real, isDir, err := f.Look(dir)
	switch {
	case err != nil:
		return nil, err
	case !isDir:
		return nil, fs.ErrNotExist
	}
	list, err := f.list(real)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(list))
	for _, d := range list {
		name := d.Name()
		switch {
		case d.IsDir():
			name += "/"
		case d.Type()&fs.ModeSymlink != 0:
			if _, isDir, err := f.Look(path.Join(real, name)); err == nil && isDir {
				name += "/"
			}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Read implements RenderTree. A pipe or device is never waited for.
func (f *folder) Read(name string) ([]byte, error) {
	real, dir, err := f.Look(name)
	switch {
	case err != nil:
		return nil, err
	case dir:
		return nil, errSpecial
	}
	in, size, err := openRegular(f.root.OpenFile, filepath.FromSlash(real))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return readAll(f.ctx, in, size, MaxRenderInput)
}

// memory is a RenderTree of files that are held in memory, as those of an archive. A file over the limit is nil.
type memory struct {
	files map[string][]byte
	dirs  map[string]map[string]bool // what a directory holds
}

// NewMemory is a RenderTree of files by their names. One that is nil is there, and too large to be used.
func NewMemory(files map[string][]byte) RenderTree { return newMemory(files) }

func newMemory(files map[string][]byte) *memory {
	m := &memory{files: files, dirs: map[string]map[string]bool{".": {}}}
	for name := range files {
		for at, entry := path.Dir(name), path.Base(name); ; at, entry = path.Dir(at), path.Base(at)+"/" {
			if m.dirs[at] == nil {
				m.dirs[at] = map[string]bool{}
			}
			m.dirs[at][entry] = true
			if at == "." {
				break
			}
		}
	}
	return m
}

// Look implements RenderTree.
func (m *memory) Look(name string) (string, bool, error) {
	name, err := clean(name)
	if err != nil {
		return "", false, err
	}
	if _, ok := m.files[name]; ok {
		return name, false, nil
	}
	if m.dirs[name] != nil {
		return name, true, nil
	}
	return "", false, fs.ErrNotExist
}

// List implements RenderTree.
func (m *memory) List(dir string) ([]string, error) {
	real, isDir, err := m.Look(dir)
	switch {
	case err != nil:
		return nil, err
	case !isDir:
		return nil, fs.ErrNotExist
	}
	names := make([]string, 0, len(m.dirs[real]))
	for name := range m.dirs[real] {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Read implements RenderTree.
func (m *memory) Read(name string) ([]byte, error) {
	real, dir, err := m.Look(name)
	switch {
	case err != nil:
		return nil, err
	case dir:
		return nil, errSpecial
	case m.files[real] == nil:
		return nil, errTooLarge
	}
	return m.files[real], nil
}

// under is a Tree as a RenderTree: its files by their names, links followed within it.
type under struct {
	*grove
	names  *memory // what stands there
	byName map[string]*TreeFile
}

func newUnder(g *grove) *under {
	u := &under{grove: g}
	if g.renderer != nil && !g.flat {
		files := map[string][]byte{}
		u.byName = map[string]*TreeFile{}
		for i := range g.tree.Files {
			if f := &g.tree.Files[i]; f.Link == "" && filepath.IsLocal(filepath.FromSlash(f.Name)) {
				files[f.Name], u.byName[f.Name] = nil, f
			}
		}
		u.names = newMemory(files)
	}
	return u
}

// Look implements RenderTree.
func (u *under) Look(name string) (string, bool, error) {
	name, err := clean(name)
	if err != nil {
		return "", false, err
	}
	for range maxHops {
		next, err := u.step(name)
		if err != nil {
			return "", false, err
		}
		if next == name {
			return u.names.Look(name)
		}
		name = next
	}
	return "", false, errCycle
}

// step follows the first link in a name.
func (u *under) step(name string) (string, error) {
	parts := strings.Split(name, "/")
	for i := range parts {
		to, ok := u.links[strings.Join(parts[:i+1], "/")]
		if !ok {
			continue
		}
		return clean(path.Join(append([]string{to}, parts[i+1:]...)...))
	}
	return name, nil
}

// List implements RenderTree.
func (u *under) List(dir string) ([]string, error) {
	real, isDir, err := u.Look(dir)
	switch {
	case err != nil:
		return nil, err
	case !isDir:
		return nil, fs.ErrNotExist
	}
	names, err := u.names.List(real)
	for link := range u.links {
		if path.Dir(link) != real {
			continue
		}
		name := path.Base(link)
		if _, isDir, err := u.Look(link); err == nil && isDir {
			name += "/"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, err
}

// Read implements RenderTree.
func (u *under) Read(name string) ([]byte, error) {
	real, dir, err := u.Look(name)
	switch {
	case err != nil:
		return nil, err
	case dir:
		return nil, errSpecial
	}
	data, err := u.byName[real].Read(u.ctx, MaxRenderInput)
	if err == nil && len(data) > MaxRenderInput {
		err = errTooLarge
	}
	return data, err
}
