package gen_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/bench/gen"
)

// TestFormsHoldTheSameObjects reads each form back, by its own rules, and compares every object with the generator's.
func TestFormsHoldTheSameObjects(t *testing.T) {
	o := gen.Options{Objects: 137, Seed: 2}
	want := map[string]string{}
	for obj := range gen.All(o) {
		id, raw := canonical(t, obj.YAML)
		want[id] = string(raw)
	}
	for _, test := range []struct {
		form  gen.Form
		files int
	}{{gen.YAML, 1}, {gen.JSON, 1}, {gen.Dir, 11}, {gen.Files, 137}} {
		t.Run(string(test.form), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out")
			st, err := gen.Write(o, test.form, path)
			if err != nil {
				t.Fatal(err)
			}
			files, size, docs := readBack(t, test.form, path)
			if files != test.files || st.Files != test.files {
				t.Errorf("%d files, counted as %d, want %d", files, st.Files, test.files)
			}
			if st.Bytes != size {
				t.Errorf("%d bytes, counted as %d", size, st.Bytes)
			}
			if st.Objects != 137 || st.Applications != 11 || st.Namespaces != 3 {
				t.Errorf("counted %+v", st)
			}
			if len(docs) != len(want) {
				t.Errorf("%d objects, want %d", len(docs), len(want))
			}
			for _, doc := range docs {
				id, raw := canonical(t, doc)
				if want[id] != string(raw) {
					t.Errorf("%s differs or is unknown:\n%s\nwant\n%s", id, raw, want[id])
				}
			}
		})
	}
}

func readBack(t *testing.T, form gen.Form, path string) (files int, size int64, docs [][]byte) {
	t.Helper()
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(p)
		files++
		size += int64(len(text))
		if form == gen.JSON {
			var list struct {
				APIVersion, Kind string
				Items            []json.RawMessage
			}
			if err := json.Unmarshal(text, &list); err != nil {
				return err
			}
			if list.APIVersion != "v1" || list.Kind != "List" {
				t.Errorf("%s %s, want v1 List", list.APIVersion, list.Kind)
			}
			for _, item := range list.Items {
				docs = append(docs, item)
			}
			return err
		}
		docs = append(docs, bytes.Split(bytes.TrimPrefix(text, []byte("---\n")), []byte("\n---\n"))...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, size, docs
}

func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.yaml")
	if err := os.WriteFile(taken, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		options gen.Options
		form    gen.Form
		path    string
		want    string
	}{
		{"unknown form", gen.Options{Objects: 1}, "toml", filepath.Join(dir, "a"), `form "toml" is unknown`},
		{"no objects", gen.Options{}, gen.YAML, filepath.Join(dir, "b"), "at least 1 is needed"},
		{"a file in its place", gen.Options{Objects: 1}, gen.YAML, taken, "file exists"},
		{"a file in its place, JSON", gen.Options{Objects: 1}, gen.JSON, taken, "file exists"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := gen.Write(test.options, test.form, test.path)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	if text, err := os.ReadFile(taken); err != nil || string(text) != "mine" {
		t.Errorf("the file that stood there is now %q (%v)", text, err)
	}
}
