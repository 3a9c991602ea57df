package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/posture"
)

// exports are the formats for other programs.
var exports = []string{"sarif", "junit", "gitlab", "markdown", "csv", "oscal"}

func handlerOf(t testing.TB, format string, w io.Writer, l lang.Lang) Handler {
	t.Helper()
	h, err := New(format, w, Options{Lang: l})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func export(t testing.TB, format string, s *stream, l lang.Lang) []byte {
	t.Helper()
	var out bytes.Buffer
	s.play(t, handlerOf(t, format, &out, l))
	return out.Bytes()
}

// twice is the sample with findings that share a fingerprint, and one whose time has come.
func twice(t testing.TB) *stream {
	s := sample(t)
	other := *s.findings[0].Finding
	other.Place = inventory.Place{File: "other/deploy.yaml", Line: 2}
	third := other
	third.Place.File = "third/deploy.yaml"
	stale := *s.findings[len(s.findings)-3].Finding
	stale.Until = noon.Add(-time.Hour)
	s.findings = append(s.findings, &Finding{Finding: &other}, &Finding{Finding: &third}, &Finding{Finding: &stale})
	s.count()
	return s
}

// streams are all that the tests of a format play.
func streams(t testing.TB) map[string]*stream {
	return map[string]*stream{"sample": sample(t), "hostile": hostile(t), "empty": empty(), "twice": twice(t), "nothing": {meta: Meta{Lang: "en", At: noon, Source: "live"}}}
}

func TestFormats(t *testing.T) {
	if got, want := strings.Join(Formats(), " "), "text json html "+strings.Join(exports, " "); got != want {
		t.Errorf("formats %s, want %s", got, want)
	}
	if _, err := New("xml", io.Discard, Options{}); err == nil || !strings.Contains(err.Error(), `"xml"`) || !strings.Contains(err.Error(), "oscal") {
		t.Errorf("an unknown format: %v", err)
	}
	for _, name := range Formats() { // New makes what the makers of old make
		var got bytes.Buffer
		s := sample(t)
		s.play(t, handlerOf(t, name, &got, "fr"))
		want := map[string][]byte{"json": jsonOf(t, s), "text": textOf(t, s, TextOptions{Lang: "fr"}), "html": []byte(htmlOf(t, s, "fr"))}[name]
		if want != nil && !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: New writes something else", name)
		}
	}
}

// TestExportsAgain holds that the same stream gives the same bytes, at a second time and out of a kept result.
func TestExportsAgain(t *testing.T) {
	for name, s := range streams(t) {
		kept := jsonOf(t, s)
		for _, format := range exports {
			for _, l := range lang.All() {
				first := export(t, format, s, l)
				if !bytes.Equal(first, export(t, format, s, l)) {
					t.Errorf("%s %s %s: a second time it is another", name, format, l)
				}
				if name == "hostile" { // bytes that are no UTF-8 are not kept as they were
					continue
				}
				var again bytes.Buffer
				if err := Read(bytes.NewReader(kept), known, handlerOf(t, format, &again, l)); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(first, again.Bytes()) {
					t.Errorf("%s %s %s: out of a kept result it is another: %s", name, format, l, difference(first, again.Bytes()))
				}
			}
		}
	}
}

// difference shows where two texts part.
func difference(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	cut := func(s []byte) []byte { return s[max(0, i-80):min(len(s), i+120)] }
	return fmt.Sprintf("\n%s\n%s", cut(a), cut(b))
}

// TestExportsPrintable holds that no format carries what a terminal would obey, or what is no text.
func TestExportsPrintable(t *testing.T) {
	for name, s := range streams(t) {
		for _, format := range exports {
			out := export(t, format, s, "fr")
			if !utf8.Valid(out) {
				t.Errorf("%s %s: not UTF-8", name, format)
			}
			if format == "csv" {
				out = bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
			}
			for _, r := range string(out) {
				if r != '\n' && !unicode.IsGraphic(r) {
					t.Errorf("%s %s: %U stands there", name, format, r)
					break
				}
			}
		}
	}
}

// TestExportsWriteFails holds that a report that could not be written is an error.
func TestExportsWriteFails(t *testing.T) {
	data := jsonOf(t, sample(t))
	for _, format := range exports {
		if err := Read(bytes.NewReader(data), known, handlerOf(t, format, &failing{100}, "en")); !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want the writer's error", format, err)
		}
	}
}

// few is a stream with one finding of each sort and some clauses, small enough to be read.
func few(t testing.TB) *stream {
	s := sample(t)
	seen := map[string]bool{}
	var kept []*Finding
	for _, f := range s.findings {
		key := fmt.Sprint(f.Control.ID, f.Verdict, f.Reason, f.Waiver != nil, f.Baselined)
		if !seen[key] {
			seen[key] = true
			kept = append(kept, f)
		}
	}
	s.findings = kept
	states := map[posture.State]bool{}
	var clauses []posture.Clause
	for _, c := range s.clauses {
		if !states[c.State] || c.Ground == posture.Declared {
			states[c.State] = true
			clauses = append(clauses, c)
		}
	}
	s.clauses = clauses
	s.count()
	return s
}

func TestExportsGolden(t *testing.T) {
	s := few(t)
	for _, l := range lang.All() {
		for _, format := range exports {
			golden(t, "few."+string(l)+"."+format, export(t, format, s, l))
		}
	}
	golden(t, "sample.en.markdown", export(t, "markdown", sample(t), "en"))
	golden(t, "sample.fr.markdown", export(t, "markdown", sample(t), "fr"))
	golden(t, "empty.fr.markdown", export(t, "markdown", empty(), "fr"))
}

// worst is a kept result of n findings all of which fail.
func worst(t testing.TB, n int) []byte {
	s := sample(t)
	s.findings = nil
	for i := range n {
		name := fmt.Sprintf("service-%05d", i)
		f := found(imagePinned, control.Fail, "latest", ref("Deployment", fmt.Sprintf("shop-%03d", i/100), name), "deploy/"+name+".yaml", i%90+1,
			control.Values{"container": "app", "image": "registry.example.test/shop/" + name + ":latest"})
		f.Part = control.Part{Kind: "container", Name: "app"}
		s.findings = append(s.findings, f)
	}
	s.count()
	return jsonOf(t, s)
}

// TestConvertTime prints how long 20,000 failures take in each format; a person compares it with the bound of 3 seconds.
func TestConvertTime(t *testing.T) {
	data := worst(t, 20_000)
	for _, format := range Formats() {
		var out bytes.Buffer
		start := time.Now()
		if err := Read(bytes.NewReader(data), known, handlerOf(t, format, &out, "en")); err != nil {
			t.Fatal(err)
		}
		t.Logf("20,000 failures: %-8s %6.0f ms, %5.1f MB", format, float64(time.Since(start).Microseconds())/1000, float64(out.Len())/1e6)
		if out.Len() == 0 {
			t.Errorf("%s: nothing was written", format)
		}
	}
}

func BenchmarkConvert(b *testing.B) {
	data := worst(b, 20_000)
	for _, format := range Formats() {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Read(bytes.NewReader(data), known, handlerOf(b, format, io.Discard, "en")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct{ file, base, path, uri string }{
		{"a/b.yaml", "", "a/b.yaml", "a/b.yaml"},
		{"./a//b.yaml", "/repo", "a/b.yaml", "a/b.yaml"},
		{"/repo/a/b.yaml", "/repo", "a/b.yaml", "a/b.yaml"},
		{"/repo/a/b.yaml", "/repo/", "a/b.yaml", "a/b.yaml"},
		{"/repository/b.yaml", "/repo", "/repository/b.yaml", "file:///repository/b.yaml"},
		{"/a", "/", "a", "a"},
		{"../a b.yaml", "/repo", "../a b.yaml", "../a%20b.yaml"},
		{"a:b/c#d?e.yaml", "", "a:b/c#d?e.yaml", "./a:b/c%23d%3Fe.yaml"},
		{"é\xff.yaml", "", "é\xff.yaml", "%C3%A9%FF.yaml"},
		{"-", "/repo", "-", "-"},
	} {
		if got := repoPath(c.file, c.base); got != c.path {
			t.Errorf("%q below %q: %q, want %q", c.file, c.base, got, c.path)
		}
		if got := fileURI(c.file, c.base); got != c.uri {
			t.Errorf("%q below %q: %q, want %q", c.file, c.base, got, c.uri)
		}
	}
}

func TestIDs(t *testing.T) {
	names, seen := ids{}, map[string]bool{}
	for _, fp := range []string{"a", "b", "a", "a", "b"} {
		id := names.of(fp)
		if seen[id] {
			t.Errorf("%q twice", id)
		}
		seen[id] = true
	}
	if !seen["a"] || !seen["b"] || ids(map[string]int{"a": 1}).of("a") != (ids{"a": 1}).of("a") {
		t.Error("the first keeps its fingerprint, the second has always the same name")
	}
}
