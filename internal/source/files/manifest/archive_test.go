package manifest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// An inTar is an entry of a tar that a test makes.
type inTar struct {
	name, body, link string
	kind             byte
}

func makeTar(t testing.TB, entries ...inTar) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Linkname: e.link, Size: int64(len(e.body)), Mode: 0o644}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func makeZip(t testing.TB, entries ...inTar) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		switch e.kind {
		case tar.TypeSymlink:
			h.SetMode(fs.ModeSymlink | 0o777)
			e.body = e.link
		case tar.TypeDir:
			h.SetMode(fs.ModeDir | 0o755)
		default:
			h.SetMode(0o644)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(f, e.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var inside = []inTar{
	{name: "./", kind: tar.TypeDir},
	{name: "./a.yaml", body: pod("old")},
	{name: "d/b.json", body: jsonPod("b")},
	{name: "d/kustomization.yaml", body: "patches: [{path: p.yaml}]\n"},
	{name: "d/p.yaml", body: pod("patch")},
	{name: "shop/Chart.yaml", body: "name: shop\napiVersion: v2\n"},
	{name: "shop/templates/x.yaml", body: "{{"},
	{name: "README.md", body: "no"},
	{name: "plain", body: pod("plain")},
	{name: "nested.zip", body: "PK"},
	{name: "../up.yaml", body: pod("up")},
	{name: "/etc/abs.yaml", body: pod("abs")},
	{name: "l/a.yaml", kind: tar.TypeSymlink, link: "../a.yaml"},
	{name: "l/named.yaml", kind: tar.TypeSymlink, link: "../plain"},
	{name: "l/out.yaml", kind: tar.TypeSymlink, link: "../../x.yaml"},
	{name: "l/abs.yaml", kind: tar.TypeSymlink, link: "/etc/x.yaml"},
	{name: "l/gone.yaml", kind: tar.TypeSymlink, link: "gone"},
	{name: "l/x.yaml", kind: tar.TypeSymlink, link: "y.yaml"},
	{name: "l/y.yaml", kind: tar.TypeSymlink, link: "x.yaml"},
	{name: "a.yaml", body: pod("new")},
	{name: "broken.yaml", body: "a: ["},
}

func found(archive string) (out []string) {
	for _, l := range []string{
		":0#0 X", "!../up.yaml:0#0 archive-entry-unsafe", "!/etc/abs.yaml:0#0 archive-entry-unsafe", "!a.yaml:1#1 doc v1 Pod new",
		"!broken.yaml:1#1 yaml-syntax what=expected-value", "!d/b.json:1#1 doc v1 Pod b", "!d/kustomization.yaml:1#1 foreign kustomization",
		"!d/p.yaml:1#1 foreign kustomize-patch", "!l/abs.yaml:0#0 link-outside", "!l/gone.yaml:0#0 unreadable what=link", "!l/named.yaml:1#1 doc v1 Pod plain",
		"!l/out.yaml:0#0 link-outside", "!l/x.yaml:0#0 link-cycle", "!l/y.yaml:0#0 link-cycle", "!nested.zip:0#0 foreign archive",
		"!shop/Chart.yaml:1#0 chart-not-rendered templates=1", "!shop/Chart.yaml:1#1 foreign chart",
	}[1:] {
		out = append(out, archive+l)
	}
	return out
}

// TestArchives reads one tree in each form, from a file and from a stream.
func TestArchives(t *testing.T) {
	plain := makeTar(t, append(inside,
		inTar{name: "hard.yaml", kind: tar.TypeLink, link: "./a.yaml"}, inTar{name: "fifo.yaml", kind: tar.TypeFifo})...)
	for name, data := range map[string][]byte{"t.tar": plain, "t.tar.gz": zipped(t, plain), "t.tgz": zipped(t, plain), "no-ending": plain, "t.zip": makeZip(t, inside...)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, name), data)
			lines := found(name)
			special := name + "!fifo.yaml:0#0 special-file what=fifo"
			if name != "t.zip" {
				lines = append(lines[:7:7], append([]string{special}, lines[7:]...)...)
			}
			r, st := read(t, Options{}, filepath.Join(dir, name))
			want(t, r, dir, lines...)
			if st.Files != 7 {
				t.Errorf("%+v", st)
			}
			for _, d := range r.docs {
				root := filepath.Join(dir, name)
				if nameOf(d) == "b" {
					root += "!d"
				}
				if d.Root != root {
					t.Errorf("%s: root %s, want %s", d.File, d.Root, root)
				}
			}
			in, _ := read(t, Options{Stdin: bytes.NewReader(data)}, "-")
			for i := range lines {
				lines[i] = strings.Replace(lines[i], name+"!", "-!", 1)
			}
			want(t, in, "", lines...)
		})
	}
}

// TestBrokenArchives reads what can be read, and says what not.
func TestBrokenArchives(t *testing.T) {
	big := inTar{name: "z.yaml", body: strings.Repeat("# "+strings.Repeat("0123456789abcdef", 4)+"\n", 3000)}
	plain := makeTar(t, inTar{name: "a.yaml", body: pod("a")}, big)
	packed := zipped(t, makeTar(t, inTar{name: "a.yaml", body: pod("a")}, inTar{name: "n.bin", body: noise(200 << 10)}, inTar{name: "z.yaml", body: pod("z")}))
	flipped := bytes.Clone(packed)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	zipFile := makeZip(t, inTar{name: "a.yaml", body: pod("a")}, inTar{name: "b.yaml", body: pod("b")})
	wrongSum := bytes.Clone(zipFile)
	at := bytes.LastIndex(wrongSum, []byte("PK\x01\x02"))
	wrongSum[at+16] ^= 1
	encrypted := bytes.Clone(zipFile)
	encrypted[bytes.LastIndex(encrypted, []byte("PK\x01\x02"))+8] |= 1
	method := bytes.Clone(zipFile)
	method[bytes.LastIndex(method, []byte("PK\x01\x02"))+10] = 97
	for _, x := range []struct {
		name string
		data []byte
		want []string
	}{
		{"short.tar", plain[:len(plain)-4096-1024], []string{"!a.yaml:1#1 doc v1 Pod a", ":0#0 archive-broken what=truncated"}},
		{"short.tgz", packed[:len(packed)/2], []string{"!a.yaml:1#1 doc v1 Pod a", ":0#0 archive-broken what=truncated"}},
		{"sum.tgz", flipped, []string{"!a.yaml:1#1 doc v1 Pod a", "!z.yaml:1#1 doc v1 Pod z", ":0#0 archive-broken what=checksum"}},
		{"short.zip", zipFile[:len(zipFile)-30], []string{":0#0 archive-broken what=header"}},
		{"sum.zip", wrongSum, []string{"!a.yaml:1#1 doc v1 Pod a", "!b.yaml:0#0 archive-broken what=checksum"}},
		{"secret.zip", encrypted, []string{"!a.yaml:1#1 doc v1 Pod a", "!b.yaml:0#0 archive-broken what=encrypted"}},
		{"method.zip", method, []string{"!a.yaml:1#1 doc v1 Pod a", "!b.yaml:0#0 archive-broken what=method"}},
		{"text.tar", []byte("hello"), []string{":0#0 archive-broken what=truncated"}},
		{"noise.tar", []byte(noise(4096)), []string{":0#0 archive-broken what=header"}},
		{"text.tgz", []byte("hello, world: no gzip"), []string{":0#0 archive-broken what=header"}},
		{"text.zip", []byte("hello"), []string{":0#0 archive-broken what=header"}},
		{"none.tar", make([]byte, 1024), []string{":0#0 nothing-found"}},
		{"none.tgz", zipped(t, make([]byte, 1024)), []string{":0#0 nothing-found"}},
		{"none.zip", makeZip(t), []string{":0#0 nothing-found"}},
		{"empty.tar", nil, []string{":0#0 nothing-found"}},
		{"one.yaml.gz", zipped(t, []byte(pod("one"))), []string{":1#1 doc v1 Pod one"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, x.name), x.data)
			r, _ := read(t, Options{}, filepath.Join(dir, x.name))
			var lines []string
			for _, l := range x.want {
				lines = append(lines, x.name+l)
			}
			want(t, r, dir, lines...)
		})
	}
}

// noise is text that packs badly, always the same.
func noise(n int) string {
	var b strings.Builder
	x := uint32(1)
	for b.Len() < n {
		x = x*1664525 + 1013904223
		fmt.Fprintf(&b, "%08x", x)
	}
	return b.String()[:n]
}

// TestBombs unpacks little of what would unpack to much, and reads the rest.
func TestBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 18<<20)
	spaces := strings.Repeat(" ", 18<<20)
	many := []inTar{}
	for i := range 50 {
		many = append(many, inTar{name: fmt.Sprintf("%02d.yaml", i), body: pod("p")})
	}
	a := inTar{name: "a.yaml", body: pod("a")}
	docA := "!a.yaml:1#1 doc v1 Pod a"
	for _, x := range []struct {
		name   string
		data   []byte
		limits Limits
		want   []string
	}{
		{"ratio.tgz", zipped(t, makeTar(t, a, inTar{name: "x.bin", body: zeros}, inTar{name: "z.yaml", body: pod("z")})), Limits{}, []string{docA, ":0#0 archive-too-large what=ratio"}},
		{"ratio.yaml.gz", zipped(t, []byte(spaces)), Limits{}, []string{":0#0 archive-too-large what=ratio"}},
		{"ratio.zip", makeZip(t, a, inTar{name: "x.yaml", body: spaces}), Limits{}, []string{docA, ":0#0 archive-too-large what=ratio"}},
		{"unread.zip", makeZip(t, a, inTar{name: "x.bin", body: zeros}), Limits{}, []string{docA}},
		{"bytes.tar", makeTar(t, a, inTar{name: "x.bin", body: zeros[:2<<20]}), Limits{ArchiveBytes: 1 << 20}, []string{docA, ":0#0 archive-too-large what=bytes"}},
		{"bytes.zip", makeZip(t, a, inTar{name: "x.yaml", body: "# " + noise(2<<20)}), Limits{ArchiveBytes: 1 << 20}, []string{docA, ":0#0 archive-too-large what=bytes"}},
		{"file.tar", makeTar(t, a, inTar{name: "x.yaml", body: "# " + noise(2<<20)}), Limits{FileBytes: 1 << 20}, []string{docA, "!x.yaml:0#0 too-large what=file"}},
		{"entries.tar", makeTar(t, append([]inTar{a}, many...)...), Limits{ArchiveEntries: 1}, []string{docA, ":0#0 archive-too-large what=entries"}},
		{"entries.zip", makeZip(t, append([]inTar{a}, many...)...), Limits{ArchiveEntries: 1}, []string{docA, ":0#0 archive-too-large what=entries"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, x.name), x.data)
			r, _ := read(t, Options{Limits: x.limits}, filepath.Join(dir, x.name))
			var lines []string
			for _, l := range x.want {
				lines = append(lines, x.name+l)
			}
			want(t, r, dir, lines...)
		})
	}
}
