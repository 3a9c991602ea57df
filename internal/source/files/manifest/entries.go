package manifest

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// A packedEntry is an entry of an archive.
type packedEntry struct {
	name string // cleaned
	safe bool   // the name stays inside
	mode fs.FileMode
	link string // what a link points to, from the archive's top
	size int64
	open func() (io.Reader, error)
}

// each goes through the entries of the archive.
func (p *packed) each(visit func(e *packedEntry) error) error {
	if p.kind == zipFile {
		return p.eachZip(visit)
	}
	in, err := p.stream()
	if err != nil {
		return err
	}
	t := tar.NewReader(in)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return rest(in)
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		e := p.entry(h.Name, h.FileInfo().Mode(), h.Size)
		e.open = func() (io.Reader, error) { return t, nil }
		switch h.Typeflag {
		case tar.TypeLink:
			e.mode, e.link = fs.ModeSymlink, path.Clean(h.Linkname)
		case tar.TypeSymlink:
			e.link = linkTarget(e.name, h.Linkname)
		}
		if err := p.visit(e, visit); err != nil {
			return err
		}
	}
}

// rest reads what follows the last entry, so that the checksum is seen. Zeros that a tape leaves are no fault.
func rest(in io.Reader) error {
	if _, err := io.Copy(io.Discard, in); err != nil && !errors.Is(err, gzip.ErrHeader) {
		return err
	}
	return nil
}

func (p *packed) eachZip(visit func(e *packedEntry) error) error {
	z, err := zip.NewReader(p.in, p.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return err
	}
	for _, f := range z.File {
		e := p.entry(strings.ReplaceAll(f.Name, `\`, "/"), f.Mode(), int64(min(f.UncompressedSize64, 1<<62)))
		e.open = func() (io.Reader, error) {
			if f.Flags&1 != 0 {
				return nil, errEncrypted
			}
			rc, err := f.Open()
			return &meter{p, rc}, err
		}
		if e.mode&fs.ModeSymlink != 0 {
			e.link = linkTarget(e.name, e.text())
		}
		if err := p.visit(e, visit); err != nil {
			return err
		}
	}
	return nil
}

func linkTarget(name, target string) string {
	if path.IsAbs(target) {
		return target
	}
	return path.Join(path.Dir(name), target)
}

// text is a short entry's content: where a zip's link leads.
func (e *packedEntry) text() string {
	in, err := e.open()
	if err != nil {
		return ""
	}
	data, _ := io.ReadAll(io.LimitReader(in, 4096))
	return string(data)
}

func (p *packed) entry(name string, mode fs.FileMode, size int64) *packedEntry {
	clean := path.Clean(name)
	return &packedEntry{name: clean, safe: filepath.IsLocal(filepath.FromSlash(clean)), mode: mode, size: size}
}

func (p *packed) visit(e *packedEntry, visit func(e *packedEntry) error) error {
	if p.entries++; p.entries > p.limits.ArchiveEntries {
		return &overError{"entries", p.limits.ArchiveEntries}
	}
	if err := p.ctx.Err(); err != nil {
		return err
	}
	return visit(e)
}
