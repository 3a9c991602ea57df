package mustgather

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/inventory"
	"vigie/internal/source/files/manifest"
)

// packed makes a tar of headers and contents as they are given.
func packed(t *testing.T, name string, entries ...any) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		h, text := entries[i].(tar.Header), entries[i+1].(string)
		h.Mode, h.Size = 0o644, int64(len(text))
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	if strings.HasSuffix(name, ".gz") {
		data = gzipped(t, data)
	}
	path := filepath.Join(t.TempDir(), name)
	write(t, path, data)
	return path
}

func reasons(s seen) string {
	var out []string
	for _, u := range s.inv.Unread {
		out = append(out, u.Reason)
	}
	return strings.Join(out, " ")
}

func file(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeReg} }

// TestTruncated: of an archive that ends early, what was whole is read, the end is named, and no list is whole that was
// not seen whole.
func TestTruncated(t *testing.T) {
	path := packed(t, "d.tar.gz", file("namespaces/shop/core/pods.yaml"), livePods, file("namespaces/shop/core/services.yaml"), strings.ReplaceAll(livePods, "Pod", "Service"),
		file("namespaces/shop/apps/deployments.yaml"), strings.Repeat("# padding that does not compress well: 8f3a9c1e7b\n", 4000))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, n := range []int{len(whole) / 2, len(whole) * 9 / 10, len(whole) - 9} {
		cut := filepath.Join(t.TempDir(), "d.tar.gz")
		write(t, cut, whole[:n])
		d, ok, err := Detect(context.Background(), cut, manifest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		s := read(t, d.Path, manifest.Options{})
		if strings.Contains(reasons(s), manifest.ReasonArchiveBroken) {
			told++
		}
		if got := s.state("state list deployments.apps in shop: "); strings.HasSuffix(got, ": complete") {
			t.Errorf("cut at %d: %s", n, got)
		}
	}
	if told == 0 {
		t.Error("no archive that ends early is named")
	}
}

// TestBomb: an archive that unpacks to far more than itself is given up, and said to be.
func TestBomb(t *testing.T) {
	path := packed(t, "d.tar.gz", file("namespaces/shop/core/pods.yaml"), livePods, file("namespaces/shop/core/zeros.log"), strings.Repeat("\x00", 40<<20))
	s := read(t, path, manifest.Options{Limits: manifest.Limits{ArchiveRatio: 50}})
	if !strings.Contains(reasons(s), manifest.ReasonArchiveTooLarge) {
		t.Errorf("unread: %s", reasons(s))
	}
	many := packed(t, "e.tar", file("namespaces/shop/core/pods.yaml"), livePods, file("namespaces/shop/core/a.yaml"), livePods, file("namespaces/shop/core/b.yaml"), livePods)
	s = read(t, many, manifest.Options{Limits: manifest.Limits{ArchiveEntries: 2}})
	if !strings.Contains(reasons(s), manifest.ReasonArchiveTooLarge) {
		t.Errorf("unread: %s", reasons(s))
	}
}

// TestOutside: links and names that lead out are named, and nothing outside is read.
func TestOutside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.yaml")
	write(t, outside, []byte(livePods))
	path := packed(t, "d.tar", file("namespaces/shop/core/services.yaml"), strings.ReplaceAll(livePods, "Pod", "Service"),
		tar.Header{Name: "namespaces/shop/core/pods.yaml", Typeflag: tar.TypeSymlink, Linkname: outside}, "",
		tar.Header{Name: "namespaces/shop/apps/deployments.yaml", Typeflag: tar.TypeSymlink, Linkname: "../../../../x.yaml"}, "",
		file("../../etc/x.yaml"), livePods, file("/namespaces/shop/core/configmaps.yaml"), livePods)
	s := read(t, path, manifest.Options{})
	if got := reasons(s); !strings.Contains(got, manifest.ReasonLinkOutside) || !strings.Contains(got, manifest.ReasonArchiveEntryUnsafe) || s.stats.Objects != 1 {
		t.Errorf("unread: %s, %d objects", got, s.stats.Objects)
	}
	if got := s.state("state list pods in shop: "); strings.HasSuffix(got, ": complete") {
		t.Error(got)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "namespaces/shop/core/services.yaml"), []byte(strings.ReplaceAll(livePods, "Pod", "Service")))
	for name, to := range map[string]string{"pods.yaml": outside, "configmaps.yaml": "../../../../../../../../../etc/passwd"} {
		if err := os.Symlink(to, filepath.Join(dir, "namespaces/shop/core", name)); err != nil {
			t.Fatal(err)
		}
	}
	s = read(t, dir, manifest.Options{})
	if got := reasons(s); strings.Count(got, manifest.ReasonLinkOutside) != 2 || s.stats.Objects != 1 {
		t.Errorf("unread: %s, %d objects", got, s.stats.Objects)
	}
}

// TestNames: names with escapes and of no use are what they are.
func TestNames(t *testing.T) {
	path := packed(t, "d.tar", file("namespaces/shop/core/pods.yaml"), livePods, file("namespaces/a\x1b[31m/core/pods.yaml"), livePods,
		file("namespaces//core/pods.yaml"), livePods, file("namespaces/..hidden/core/services.yaml"), "apiVersion: v1\nkind: ServiceList\nitems: []\n")
	s := read(t, path, manifest.Options{})
	if s.stats.Objects != 1 { // the same pod three times
		t.Errorf("%d objects, want 1", s.stats.Objects)
	}
	for _, sp := range s.inv.Spaces() {
		if strings.Contains(sp.Namespace, "/") {
			t.Errorf("a space %q", sp.Namespace)
		}
	}
}

// TestNoDump refuses what is none.
func TestNoDump(t *testing.T) {
	if _, _, err := Detect(context.Background(), filepath.Join(t.TempDir(), "none"), manifest.Options{}); !errors.Is(err, manifest.ErrPath) {
		t.Errorf("a path that does not exist: %v", err)
	}
	if _, err := (&Source{}).Read(context.Background(), inventory.NewBuilder("", clock, inventory.NotCollected)); !errors.Is(err, ErrNoDump) {
		t.Errorf("no dump at all: %v", err)
	}
	for name, data := range map[string]string{"x.tar.gz": "\x1f\x8b\x08garbage", "x.tar": "", "x.zip": "PK\x03\x04", "x.yaml": livePods} {
		path := filepath.Join(t.TempDir(), name)
		write(t, path, []byte(data))
		if d, ok, err := Detect(context.Background(), path, manifest.Options{}); ok || err != nil {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
}
