package manifest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// An Entry is a file that List came to.
type Entry struct {
	Name string // slash-separated, below the directory or in the archive; it stays inside
	Size int64  // in an archive; 0 in a directory, where nobody asked yet
	open func() (io.ReadCloser, error)
}

// Head gives the first bytes of the file, at most limit; what could be read of them. Only while List visits it.
func (e *Entry) Head(limit int64) []byte {
	in, err := e.open()
	if err != nil {
		return nil
	}
	defer in.Close()
	data, _ := io.ReadAll(io.LimitReader(in, limit)) // the reader says later what cannot be read
	return data
}

// ErrStop ends a List early.
var ErrStop = errors.New("stop")

// List visits the ordinary files of a directory or an archive, manifests or not, without following any link. Into asks
// whether the folder of a directory is looked into, "." first; nil: all are. What cannot be read is left out: Read says
// what that is. The error is visit's, but for ErrStop, or that the path cannot be opened at all. A path that is neither
// directory nor archive has no files.
func List(ctx context.Context, name string, o Options, into func(dir string) bool, visit func(*Entry) error) error {
	r := newRun(ctx, o, nil)
	args, err := r.arguments([]string{name})
	if err != nil {
		return err
	}
	a := args[0]
	switch a.form {
	case directory:
		err = a.listFolder(into, visit)
	case regular:
		err = a.listArchive(visit)
	}
	if errors.Is(err, ErrStop) {
		return nil
	}
	return err
}

func (a *argument) listFolder(into func(string) bool, visit func(*Entry) error) error {
	root, err := os.OpenRoot(a.path)
	if err != nil {
		return nil //nolint:nilerr // Read says it
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case a.ctx.Err() != nil:
			return a.ctx.Err()
		case err != nil && d != nil && d.IsDir():
			return fs.SkipDir
		case err != nil:
			return nil //nolint:nilerr // Read says it
		case d.IsDir():
			if versioned[d.Name()] || into != nil && !into(name) {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		e := &Entry{Name: name, open: func() (io.ReadCloser, error) {
			f, _, err := openRegular(root.OpenFile, name)
			return f, err
		}}
		return visit(e)
	})
}

func (a *argument) listArchive(visit func(*Entry) error) error {
	f, size, err := openRegular(os.OpenFile, a.path)
	if err != nil {
		return nil //nolint:nilerr // Read says it
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := f.ReadAt(head, 0)
	kind := archiveOf(head[:n], a.shown)
	if kind == noArchive {
		return nil
	}
	p := &packed{argument: a, kind: kind, in: f, size: size}
	var said error
	err = p.each(func(e *packedEntry) error {
		if !e.safe || !e.mode.IsRegular() {
			return nil
		}
		said = visit(&Entry{Name: strings.TrimPrefix(path.Clean(e.name), "./"), Size: e.size, open: func() (io.ReadCloser, error) {
			in, err := e.open()
			return io.NopCloser(in), err
		}})
		return said
	})
	if said != nil {
		return said
	}
	if err != nil && a.ctx.Err() != nil {
		return a.ctx.Err()
	}
	return nil // a broken archive ends early here; Read says how
}
