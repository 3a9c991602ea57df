package manifest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"strconv"
	"strings"
)

// An archiveKind is how an archive is packed.
type archiveKind int

const (
	noArchive archiveKind = iota
	tarFile
	gzFile // most likely of a tar
	zipFile
)

// archiveOf tells an archive by its first bytes, and by its name where those are of no archive at all.
func archiveOf(head []byte, name string) archiveKind {
	n := strings.ToLower(name)
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		return gzFile
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipFile
	case isTarHeader(head):
		return tarFile
	case strings.HasSuffix(n, ".tar"):
		return tarFile
	case strings.HasSuffix(n, ".tgz"), strings.HasSuffix(n, ".tar.gz"):
		return gzFile
	case strings.HasSuffix(n, ".zip"):
		return zipFile
	}
	return noArchive
}

// isTarHeader checks the sum that every tar header carries.
func isTarHeader(head []byte) bool {
	if len(head) < 512 {
		return false
	}
	const from, to = 148, 156
	want, err := strconv.ParseInt(strings.Trim(string(head[from:to]), " \x00"), 8, 64)
	if err != nil {
		return false
	}
	sum := int64((to - from) * ' ')
	for i, c := range head[:512] {
		if i < from || i >= to {
			sum += int64(c)
		}
	}
	return sum == want
}

// A packed is an archive that is being read. It is gone through twice: first for the names, which say what each file
// is; then for what is to be read. Where it holds a chart or a kustomization, it is held in memory between the two.
// Nothing is ever written to a disk.
type packed struct {
	*argument
	kind archiveKind
	in   io.ReaderAt
	size int64

	entries int64 // in this pass
	out     int64 // unpacked in this pass
}

// archive reads the manifests of an archive.
func (a *argument) archive(kind archiveKind, in io.ReaderAt, size int64) {
	p := &packed{argument: a, kind: kind, in: in, size: size}
	if kind == gzFile {
		single, err := p.single()
		if err != nil {
			p.stop(err)
			return
		}
		if single {
			return
		}
	}
	c := &contents{archive: p, last: map[string]int64{}, small: map[string][]byte{}, links: map[string]string{}}
	err := p.each(c.look)
	if planned := c.plan(); planned != nil {
		p.stop(planned)
		return
	}
	p.entries, p.out = 0, 0
	if again := p.each(c.read); err == nil {
		err = again
	}
	p.stop(err)
}

// stop says why an archive was not read to its end; nil: it was.
func (p *packed) stop(err error) {
	if err == nil || p.ctx.Err() != nil {
		return
	}
	pr := Problem{File: p.shown, Root: p.shown, Reason: ReasonArchiveBroken, Values: map[string]any{"what": brokenHow(err)}}
	if over := (*overError)(nil); errors.As(err, &over) {
		pr.Reason, pr.Values = ReasonArchiveTooLarge, map[string]any{"what": over.what, "limit": over.limit}
	}
	p.problem(pr)
}

func brokenHow(err error) string {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "truncated"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zip.ErrChecksum):
		return "checksum"
	case errors.Is(err, zip.ErrAlgorithm):
		return "method"
	case errors.Is(err, errEncrypted):
		return "encrypted"
	case errors.As(err, &corrupt):
		return "content"
	}
	return "header"
}

var errEncrypted = errors.New("encrypted")

// An overError is an archive that unpacks to more than it may.
type overError struct {
	what  string
	limit int64
}

func (e *overError) Error() string { return "archive over the limit of " + e.what }

// A meter counts what an archive unpacks to, read or not.
type meter struct {
	of *packed
	in io.Reader
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.in.Read(b)
	if over := m.of.count(int64(n)); over != nil {
		return n, over
	}
	if e := m.of.ctx.Err(); e != nil {
		return n, e
	}
	return n, err
}

func (p *packed) count(n int64) error {
	p.out += n
	switch {
	case p.out > p.limits.ArchiveBytes:
		return &overError{"bytes", p.limits.ArchiveBytes}
	case p.out > ratioFrom && p.out/max(p.size, 1) > p.limits.ArchiveRatio:
		return &overError{"ratio", p.limits.ArchiveRatio}
	}
	return nil
}

// stream is the archive unpacked, where it is one stream.
func (p *packed) stream() (io.Reader, error) {
	var in io.Reader = io.NewSectionReader(p.in, 0, p.size)
	if p.kind == gzFile {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = z
	}
	return &meter{p, in}, nil
}

// single reads a file that is packed by itself, such as manifest.yaml.gz; false: it is a tar.
func (p *packed) single() (bool, error) {
	in, err := p.stream()
	if err != nil {
		return false, err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return false, err
	}
	if isTarHeader(head[:n]) || bytes.Count(head[:n], []byte{0}) == len(head) { // a tar of nothing is all zeros
		p.out = 0
		return false, nil
	}
	data, err := readAll(p.ctx, io.MultiReader(bytes.NewReader(head[:n]), in), 0, p.limits.FileBytes)
	if err != nil && !errors.Is(err, errTooLarge) {
		return true, err
	}
	p.whole().hand(data, err)
	return true, nil
}
