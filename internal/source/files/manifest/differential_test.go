package manifest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// corpora are trees of real manifests: the cases of this repository, and other people's, which lie beside it where they
// are at hand and are never part of it. VIGIE_DATA names further ones.
func corpora(t *testing.T) (dirs []string) {
	t.Helper()
	candidates := []string{
		"../../../controls/testdata/cases", "../../../../examples", "../../../../../shared/data/cloud-temple-how-to",
		"../../../../../shared/data/microservices-demo", "../../../../../shared/data/insights-archive-sample",
	}
	for _, dir := range append(candidates, filepath.SplitList(os.Getenv("VIGIE_DATA"))...) {
		if _, err := os.Stat(dir); err != nil {
			t.Logf("ABSENT, and not tested: %s", dir)
			continue
		}
		dirs = append(dirs, dir)
	}
	if len(dirs) == 0 {
		t.Fatal("no corpus at all: the cases are part of the repository")
	}
	return dirs
}

// TestReference holds what is read from every real manifest to the libraries that kubectl reads with: its splitter of
// streams, and sigs.k8s.io/yaml.
func TestReference(t *testing.T) {
	compared := 0
	for _, dir := range corpora(t) {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !isManifest(name) || isKustomization(filepath.Base(name)) || d.Name() == "Chart.yaml" {
				return err
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			ref := reference(data)
			r, _ := read(t, Options{}, name)
			var got [][]byte
			slices.SortFunc(r.docs, func(a, b Document) int { return a.Index - b.Index })
			for _, d := range r.docs {
				got = append(got, compact(t, d.JSON))
			}
			if len(ref) > len(got) && len(r.problems) > 0 { // what the reference takes with a key set twice, we do not
				ref = slices.DeleteFunc(ref, func(d []byte) bool {
					return !slices.ContainsFunc(got, func(g []byte) bool { return bytes.Equal(g, d) })
				})
			}
			if !slices.EqualFunc(got, ref, bytes.Equal) {
				t.Errorf("%s: %d documents, the reference has %d, or they differ\n%s", name, len(got), len(ref), r)
			}
			compared += len(ref)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d documents compared", compared)
	if compared < 100 {
		t.Errorf("only %d documents compared", compared)
	}
}

// reference reads objects as kubectl does; byte-order marks are cut off, which kubectl leaves to its parser.
func reference(data []byte) (docs [][]byte) {
	if len(data) > 0 && (data[0] == '{' || data[0] == '[') {
		return referenceJSON(data)
	}
	in := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(bytes.ReplaceAll(data, bom, nil))))
	for {
		doc, err := in.Read()
		if err != nil {
			return docs
		}
		if j, err := yaml.YAMLToJSON(doc); err == nil && objectLike(j) {
			docs = append(docs, j)
		}
	}
}

func referenceJSON(data []byte) (docs [][]byte) {
	in := json.NewDecoder(bytes.NewReader(data))
	for {
		var v json.RawMessage
		if err := in.Decode(&v); err != nil {
			return docs
		}
		if objectLike(v) {
			var b bytes.Buffer
			if json.Compact(&b, v) == nil {
				docs = append(docs, b.Bytes())
			}
		}
	}
}

// objectLike reports an object that says what it is. Names are case-sensitive, which encoding/json's fields are not.
func objectLike(j []byte) bool {
	var h map[string]any
	if json.Unmarshal(j, &h) != nil {
		return false
	}
	version, _ := h["apiVersion"].(string)
	kind, _ := h["kind"].(string)
	return version != "" && kind != "" && !bytes.Contains(j, []byte(`"$patch"`)) && !strings.HasPrefix(version, "kustomize.config.k8s.io/") && version != "vigie/v1"
}

func compact(t *testing.T, j []byte) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, j); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCorpora counts what is in other people's trees, where they are at hand.
func TestCorpora(t *testing.T) {
	for name, want := range map[string]struct{ objects, files, problems int }{
		"cloud-temple-how-to": {91, 32, 0}, "microservices-demo": {139, 73, 1}, "insights-archive-sample": {100, 197, 0},
	} {
		dir := "../../../../../shared/data/" + name
		if _, err := os.Stat(dir); err != nil {
			t.Logf("ABSENT, and not tested: %s", dir)
			continue
		}
		r, st := read(t, Options{}, dir)
		if len(r.docs) != want.objects || st.Files != want.files || len(r.problems) != want.problems {
			t.Errorf("%s: %d objects in %d files, %d problems, want %+v", name, len(r.docs), st.Files, len(r.problems), want)
		}
	}
}

// TestEncode holds the encoder to encoding/json, byte by byte, for the values that a YAML parser gives.
func TestEncode(t *testing.T) {
	for _, text := range []string{
		"a: \"\\\"\\\\ \\b\\f\\n\\r\\t\\x00\\x1f\\x7f <>& \\u2028\\u2029 é \\U0001F600\"\n",
		"a: [1, -1, 0, 9223372036854775807, -9223372036854775808, 18446744073709551615, 1e400, 1.5, 1e21, 1e-7, 100000000000000000000.0, 1e-6, -0.0]\n",
		"1: a\n-1: b\n1.5: c\ntrue: d\n0x10: e\n9223372036854775807: f\n.inf: g\n-.inf: h\n.nan: i\n1e30: j\n",
		"a: !!binary aGVsbG8=\nb: !!binary /////w==\nc: !!str 1\nd: !!float 1\ne: 2001-12-14t21:59:43.10-05:00\nf: !custom x\ng: !!set {a, b}\nh: 012\ni: 1_0\nj: +1\nk: 0b11\n",
		"b: {d: [], c: {}, a: [{}, [], ~]}\na: ~\n'': x\n",
	} {
		want, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		w := &worker{run: &run{limits: DefaultLimits()}}
		v, f := w.decode([]byte(text))
		if f != nil {
			t.Errorf("%q: %+v", text, f)
			continue
		}
		got, f := w.encode(v, []byte(text))
		if f != nil || !bytes.Equal(got, want) {
			t.Errorf("%q:\n%s\nwant\n%s %v", text, got, want, f)
		}
	}
}
