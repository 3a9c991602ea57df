package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// A form is what kind of thing a path is.
type form int

const (
	regular form = iota
	directory
	stream // a pipe, a terminal, standard input
)

// arguments looks at what the paths are, before anything is read.
func (r *run) arguments(paths []string) ([]*argument, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("read: %w: name a file, a directory or -", ErrPath)
	}
	var args []*argument
	for _, p := range paths {
		a := &argument{run: r, path: p, shown: filepath.Clean(p)}
		if err := a.look(); err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	return args, nil
}

func (a *argument) look() error {
	if a.path == "-" {
		if a.form = stream; a.stdin == nil {
			return fmt.Errorf("read standard input: %w", ErrPath)
		}
		return nil
	}
	info, err := os.Stat(a.path)
	switch {
	case errors.Is(err, fs.ErrPermission): // it exists for all we know: said when it is read
		return nil
	case err != nil:
		return fmt.Errorf("read %q: %w (%w)", a.path, ErrPath, cause(err))
	case info.IsDir():
		a.form = directory
	case info.Mode().IsRegular():
	case info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice) != 0:
		a.form = stream
	default:
		return fmt.Errorf("read %q: %w", a.path, ErrPath)
	}
	return nil
}

// cause is a path error without the path, which the caller says.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func why(err error, what string) map[string]any {
	return map[string]any{"why": cause(err).Error(), "what": what}
}

// whole is the source of an argument that is one file.
func (a *argument) whole() *source {
	base := filepath.Base(a.shown)
	return &source{argument: a, file: a.shown, root: a.shown, base: base, role: roleByName(base)}
}

func (a *argument) read() {
	if a.form == directory {
		a.directory()
		return
	}
	real := "-" // no path: those are absolute
	if a.path != "-" {
		real = realPath(a.path)
	}
	if !a.first(real) {
		return
	}
	if a.form == stream {
		a.stream()
		return
	}
	a.regular()
}

// first reports that a file was not read before, and notes that it is now. One that was counts as found.
func (a *argument) first(real string) bool {
	if a.seen[real] {
		a.found.Add(1)
		return false
	}
	a.seen[real] = true
	return true
}

// realPath is a path without links; the path itself where that cannot be told.
func realPath(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		p = abs
	}
	if real, err := filepath.EvalSymlinks(p); err == nil {
		return real
	}
	return p
}

func (a *argument) regular() {
	s := a.whole()
	f, size, err := openRegular(os.OpenFile, a.path)
	if err != nil {
		s.hand(nil, err)
		return
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := f.ReadAt(head, 0)
	if kind := archiveOf(head[:n], a.shown); kind != noArchive {
		a.archive(kind, f, size)
		return
	}
	data, err := readAll(a.ctx, f, size, a.limits.FileBytes)
	s.hand(data, err)
}

func (a *argument) stream() {
	s := a.whole()
	data, err := a.drain()
	if err == nil {
		if kind := archiveOf(data[:min(len(data), 512)], a.shown); kind != noArchive {
			a.archive(kind, bytes.NewReader(data), int64(len(data)))
			return
		}
	}
	s.hand(data, err)
}

// hand gives on what was read, or says why it was not.
func (s *source) hand(data []byte, err error) {
	var f *Failure
	switch {
	case err == nil:
		s.content(data)
	case errors.As(err, &f):
		s.fail(f.Reason, f.Values)
	case errors.Is(err, errTooLarge):
		s.fail(ReasonTooLarge, map[string]any{"what": "file", "limit": s.limits.FileBytes})
	case errors.Is(err, errSpecial):
		s.fail(ReasonSpecialFile, map[string]any{"what": "fifo"})
	case s.ctx.Err() != nil:
	default:
		s.fail(ReasonUnreadable, why(err, "file"))
	}
}

var (
	errTooLarge = errors.New("over the limit")
	errSpecial  = errors.New("no regular file")
)

// openRegular opens a file that was a regular one a moment ago. Should it be a pipe by now, opening does not wait for
// whoever writes to it.
func openRegular(open func(string, int, fs.FileMode) (*os.File, error), name string) (*os.File, int64, error) {
	f, err := open(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errSpecial
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// drain reads a stream to its end. Opening a pipe and reading from it may wait for ever: that is given up when the
// context is cancelled, though a reader that cannot be closed may wait on until the process ends.
func (a *argument) drain() ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		in := a.stdin
		if a.path != "-" {
			f, err := os.Open(a.path)
			if err != nil {
				done <- result{nil, err}
				return
			}
			defer f.Close()
			defer context.AfterFunc(a.ctx, func() { f.Close() })()
			in = f
		}
		data, err := readAll(a.ctx, in, 0, a.limits.FileBytes)
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-a.ctx.Done():
		return nil, a.ctx.Err()
	}
}

// readAll reads to the end, at most limit bytes. size is what it is believed to be: one allocation where it is right.
func readAll(ctx context.Context, in io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, errTooLarge
	}
	buf := make([]byte, 0, size+1)
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, max(len(buf), 64<<10))
		}
		n, err := in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			return nil, errTooLarge
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
	}
}
