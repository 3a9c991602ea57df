package manifest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// archiveKind tells an archive by its name: "zip", "tar", "tgz", or nothing.
func archiveKind(name string) string {
	n := strings.ToLower(name)
	switch {
	case strings.HasSuffix(n, ".zip"):
		return "zip"
	case strings.HasSuffix(n, ".tar"):
		return "tar"
	case strings.HasSuffix(n, ".tar.gz"), strings.HasSuffix(n, ".tgz"):
		return "tgz"
	}
	return ""
}

// An unpacking counts what came out of an archive, against a bomb.
type unpacking struct {
	*run
	name    string
	packed  int64
	out     int64
	entries int64
}

// archive reads the manifests of an archive in memory. Nothing is ever unpacked to a disk.
func (r *run) archive(name string) {
	info, err := os.Stat(name)
	if err != nil {
		r.broken(name, bare(err).Error())
		return
	}
	u := &unpacking{run: r, name: name, packed: info.Size()}
	if archiveKind(name) == "zip" {
		err = u.zip()
	} else {
		err = u.tar(archiveKind(name) == "tgz")
	}
	if err != nil && !errors.Is(err, errStop) {
		r.broken(name, "")
	}
}

var errStop = errors.New("said already")

func (r *run) broken(name, why string) {
	r.docs.Add(1)
	r.sink.Problem(Problem{Root: name, File: name, Reason: "archive-broken", Values: map[string]any{"why": why}})
}

func (u *unpacking) zip() error {
	z, err := zip.OpenReader(u.name)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, e := range z.File {
		if e.FileInfo().IsDir() {
			continue
		}
		if err := u.entry(e.Name, e.FileInfo().Mode().IsRegular(), e.Open); err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacking) tar(gzipped bool) error {
	f, err := os.Open(u.name)
	if err != nil {
		return err
	}
	defer f.Close()
	var src io.Reader = f
	if gzipped {
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		src = z
	}
	counted := &counter{r: src, u: u}
	t := tar.NewReader(counted)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if err := u.entry(h.Name, h.Typeflag == tar.TypeReg, func() (io.ReadCloser, error) { return io.NopCloser(t), nil }); err != nil {
			return err
		}
	}
}

// counter stops a stream that unpacks to too much, also between the entries that are read.
type counter struct {
	r io.Reader
	u *unpacking
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.u.bomb(c.n) {
		return n, c.u.tooLarge()
	}
	return n, err
}

func (u *unpacking) bomb(out int64) bool {
	return out > u.limits.Archive || out > 16<<20 && out/max(u.packed, 1) > u.limits.Ratio
}

func (u *unpacking) tooLarge() error {
	u.docs.Add(1)
	u.sink.Problem(Problem{Root: u.name, File: u.name, Reason: "archive-too-large", Values: map[string]any{"limit": u.limits.Archive, "ratio": u.limits.Ratio}})
	return errStop
}

// entry reads one entry of an archive.
func (u *unpacking) entry(name string, regular bool, open func() (io.ReadCloser, error)) error {
	if u.entries++; u.entries > u.limits.Entries || u.ctx.Err() != nil {
		return u.tooLarge()
	}
	if !isManifest(path.Base(name)) {
		return nil
	}
	shown := u.name + "!" + name
	if !filepath.IsLocal(filepath.FromSlash(name)) || !regular {
		u.docs.Add(1)
		reason := "archive-entry-unsafe"
		if filepath.IsLocal(filepath.FromSlash(name)) {
			reason = "special-file"
		}
		u.sink.Problem(Problem{Root: u.name, File: shown, Reason: reason})
		return nil
	}
	rc, err := open()
	if err != nil {
		return err
	}
	defer rc.Close()
	data, err := readAll(struct{ io.Reader }{rc}, min(u.limits.File, u.limits.Archive-u.out))
	u.out += int64(len(data))
	if errors.Is(err, errTooLarge) || err == nil && u.bomb(u.out) {
		return u.tooLarge()
	}
	if err != nil {
		return err
	}
	u.content(file{name: shown, root: u.name}, bytes.Clone(data))
	return nil
}
