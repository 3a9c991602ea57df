package manifest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// quickSeeds are texts at the edges of what the quick reader takes.
var quickSeeds = []string{
	"a: b\n", "a:\n  b: 1\n  c: [x, y]\n", "a:\n- b\n- c: d\n  e: f\n", "a:\n  - b\n  -\n    c: d\n  -\n", "a: |\n  x\n   y\n\n  z\nb: |-\n  x\n\n\nc: d\n",
	"a: 'it''s'\nb: \"x # y\" # z\nc: x#y\nd: x #y\n", "a: 100m\nb: 1e3\nc: 0x10\nd: 010\ne: 1_000\nf: 1.50\ng: 12:30:45\nh: 2001-12-14\ni: -1\nj: +1\nk: .5\nl: -c\nm: 1.2.3.4\n",
	"y: 1\n", "a: y\nb: Yes\nc: NULL\nd: ~\ne:\nf: ''\ng: on\nh: offf\n", "a: {b: c, d: [e, {f: 1}], g: 'h', \"i\": \"j\"}\nk: []\nl: {}\n", "a: [a b, -c, 8080, 'x']\n",
	"a: b\n c: d\n", "a: b\n\n  c\n", "a: b: c\n", "a:\n  b: c\n d: e\n", "a: 'b\n  c'\n", "a: \"b\\n\"\n", "a: &x b\nc: *x\n", "a: !!str 1\n", "<<: {a: b}\n", "? a\n: b\n", "a: >\n  b\n",
	"a: |2\n    b\n", "a: |+\n  b\n\n", "a: |\n\n\n  b\n", "a: |\n   \n  b\n", "a: |\n  b\n # c\n  d\n", "a: |\n  b\n# c\nd: e\n", "a: |\n  b", "- |\n  b\n", "a:\n- |\n  b\n- - c\n", "a:\n-  b: c\n   d: |\n     e\n",
	"a: b\na: c\n", "a: b\n'a': c\n", "1: a\n", "null: a\n", "a.b/c-d_e: f\n", ".a: b\n", "a: @b\n", "a: `b\n", "a: %b\n", "a: =\n", "a: <<\n", "a: -\n", "a: - b\n", "a: ?b\n", "a: :b\n", "a: b:\n", "a :b\n", "a:b\n", "\"a\":b\n", "'a' : b\n",
	"a: é\nb: \u00a0\nc: \u2028\n", "a: b\t\n", "a:\tb\n", "a: b\r\n", "a: |\r\n  b\r\n\r\nc: 'd'\r\n", "a: b\rc\n", "a: b\r\r\n", "# c\n\n  # d\na: b # e\n# f\n", "a: {b: c}d\n", "a: 'b'c\n", "a: [b]#c\n", "a: [b,]\n", "a: [,b]\n", "a: [b: c]\n", "a: {b}\n", "a: {b:c}\n", "a: {b: }\n", "a: [b\n  ]\n",
	"a:\n# b\n  c: d\n", "a:\n  # b\n- c\n", "a:\n- b\nc: d\n- e\n", "a:\n  - b\n - c\n", "a:\n- b:\n  - c\n  d: e\n", "a:\n  b:\n  - c:\n    - d\n", "a: --- b\n", "a: ...\n", "a: .inf\nb: .NaN\nc: -.inf\n", "a: 18446744073709551616\nb: 999999999999999999\nc: 9999999999999999999\n",
	"a: 0b11\nb: 0o7\nc: 1e\nd: 0\ne: 00\nf: 1x\ng: 5m0s\nh: 1i\nj: 1d\nk: 1u\n", "a: true # b\nb: True\nc: tRue\n", "a: ''''\nb: ''\nc: ' '\n", "a: \"\"\n", "a: b  \n", "a: |  \n  b\n", "a: | # c\n  b\n", "a: |-# c\n  b\n",
}

// FuzzQuick holds the quick reader to the library: what it takes means the same to the byte, and what the library
// refuses it refuses.
func FuzzQuick(f *testing.F) {
	for _, s := range quickSeeds {
		f.Add([]byte(s), false)
		f.Add([]byte("- "+strings.ReplaceAll(s, "\n", "\n  ")+"\n"), true)
	}
	q := &quick{}
	f.Fuzz(func(t *testing.T, text []byte, item bool) { sameAsLibrary(t, q, text, item) })
}

func sameAsLibrary(t *testing.T, q *quick, text []byte, item bool) (taken bool) {
	t.Helper()
	if strings.Contains(string(text), "---") || strings.Contains(string(text), "...") {
		return false // the splitter cuts there
	}
	root, ok := q.load(text, item)
	if !ok {
		return false
	}
	q.buf, q.order = q.buf[:0], q.order[:0]
	if q.write(root); q.bad {
		return false
	}
	want, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Fatalf("%q is taken as %s, the library refuses it: %v", text, q.buf, err)
	}
	if item {
		want = bytes.TrimSuffix(bytes.TrimPrefix(want, []byte("[")), []byte("]"))
	}
	if !bytes.Equal(q.buf, want) {
		t.Fatalf("%q is\n%s\nfor the library\n%s", text, q.buf, want)
	}
	return true
}

// TestQuickTakes holds that ordinary manifests are taken at all: refused, each would still be read right, and slowly.
func TestQuickTakes(t *testing.T) {
	q := &quick{}
	taken, all := 0, 0
	for _, root := range []string{"../../../../examples", "../../../../../shared/data"} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" && filepath.Ext(path) != ".yml" {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			docs := newSplitter(data)
			for {
				doc, _ := docs.document()
				if doc == nil {
					return nil
				}
				if bytes.Contains(doc, []byte("{{")) || bytes.Contains(doc, []byte("$patch")) {
					continue // a chart's template, a patch: no object
				}
				all++
				if sameAsLibrary(t, q, doc, false) {
					taken++
				}
			}
		})
		if os.IsNotExist(err) {
			t.Logf("ABSENT, and not tested: %s", root)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d documents taken", taken, all)
	if taken*10 < all*9 {
		t.Errorf("%d of %d documents taken: the quick reader is of no use", taken, all)
	}
}
