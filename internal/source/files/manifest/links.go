package manifest

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// link looks where a link leads. Files within the folder are read there; directories are, without it.
func (f *folder) link(name string) {
	real, info, err := f.resolve(name)
	switch {
	case errors.Is(err, ErrOutside):
		f.say(name, ReasonLinkOutside, nil)
	case errors.Is(err, errCycle):
		f.say(name, ReasonLinkCycle, nil)
	case err != nil && (isManifest(name) || !errors.Is(err, fs.ErrNotExist)):
		f.say(name, ReasonUnreadable, why(err, "link"))
	case err != nil:
	case info.IsDir():
		if real == "." || name == real || strings.HasPrefix(name, real+"/") {
			f.say(name, ReasonLinkCycle, nil)
		}
	default:
		f.file(name, real, fs.FileInfoToDirEntry(info))
	}
}

var (
	errCycle = errors.New("the link leads to itself")
)

// resolve follows the links of a name within the folder, by itself: os.Root would, but does not tell where it came to.
func (f *folder) resolve(name string) (real string, info fs.FileInfo, err error) {
	todo := strings.Split(name, "/")
	cur, hops := ".", 0
	for len(todo) > 0 {
		step := todo[0]
		todo = todo[1:]
		switch step {
		case "", ".":
			continue
		case "..":
			if cur == "." {
				return "", nil, ErrOutside
			}
			cur = path.Dir(cur)
			continue
		}
		next := path.Join(cur, step)
		if info, err = f.root.Lstat(filepath.FromSlash(next)); err != nil {
			return "", nil, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			cur = next
			continue
		}
		if hops++; hops > maxHops {
			return "", nil, errCycle
		}
		target, err := f.root.Readlink(filepath.FromSlash(next))
		if err != nil {
			return "", nil, err
		}
		target, ok := f.inside(filepath.ToSlash(target))
		if !ok {
			return "", nil, ErrOutside
		}
		if strings.HasPrefix(target, "/") {
			cur = "."
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	info, err = f.root.Lstat(filepath.FromSlash(cur))
	return cur, info, err
}

// inside makes an absolute target one from the folder's top, marked by a leading slash; false: it is not in there.
func (f *folder) inside(target string) (string, bool) {
	if !path.IsAbs(target) {
		return target, true
	}
	abs, _ := filepath.Abs(f.path)
	for _, top := range []string{abs, realPath(f.path)} {
		top = strings.TrimSuffix(filepath.ToSlash(top), "/")
		if rest, ok := strings.CutPrefix(path.Clean(target), top); ok && (rest == "" || rest[0] == '/') {
			return "/" + rest, true
		}
	}
	return "", false
}
