package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seeds are the cases of other tools' faults: small, and each odd in its way.
func seeds(f *testing.F) {
	f.Helper()
	found, err := filepath.Glob("../../../controls/testdata/cases/*/input.yaml")
	if err != nil || len(found) == 0 {
		f.Fatal("no cases to begin from")
	}
	for _, p := range found {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 4096 {
			f.Add(b)
		}
	}
	for _, s := range []string{"", "---", "--- {a: b}\n...\n", "\ufeff", "\xff\xfea\x00", `{"kind":"List","apiVersion":"v1","items":[{}]}`, "a: &a [*a]\n", "%YAML 1.1\n---\na: b\n", "{[", "a: |\n  ---\n  b\n"} {
		f.Add([]byte(s))
	}
}

// FuzzRead holds that whatever the bytes, reading ends, what comes out is valid JSON, and its lines are in the file.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		s := &seen{}
		o := Options{Stdin: bytes.NewReader(data), Workers: 1, Limits: Limits{Depth: 100}}
		if _, err := Read(context.Background(), []string{"-"}, o, s); err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 2
		for _, d := range s.docs {
			if !json.Valid(d.JSON) || d.APIVersion == "" || d.Kind == "" {
				t.Errorf("a document that is none: %q %q", d.APIVersion, d.Kind)
			}
			if d.Line < 1 || d.Line > lines {
				t.Errorf("line %d of %d", d.Line, lines)
			}
		}
		for _, p := range s.problems {
			if p.Line < 0 || p.Line > lines+1 || p.Reason == "" {
				t.Errorf("a problem on line %d of %d: %q", p.Line, lines, p.Reason)
			}
		}
		if len(s.docs)+len(s.problems)+len(s.foreign) == 0 && len(bytes.TrimSpace(data)) > 0 && !strings.ContainsAny(string(data), "[{") {
			t.Errorf("nothing was said of %q", data)
		}
	})
}

// FuzzLocate holds that a line is found inside the document or not at all.
func FuzzLocate(f *testing.F) {
	f.Add([]byte("a: {b: [c]}\n"), "a", 0)
	f.Add([]byte("a: &x {b: 1}\nc:\n  <<: *x\n"), "c", 1)
	f.Add([]byte("&a [*a]"), "a", 0)
	f.Fuzz(func(t *testing.T, text []byte, key string, index int) {
		if len(text) > 16<<10 {
			return
		}
		if got := Locate(text, key, index, key); got < 0 || got > bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r"))+strings.Count(string(text), "\u2028")+strings.Count(string(text), "\u2029")+strings.Count(string(text), "\u0085")+1 {
			t.Errorf("line %d", got)
		}
	})
}

// FuzzSplitJSON holds the scan of brackets and quotes to encoding/json: on valid JSON it finds the same elements.
func FuzzSplitJSON(f *testing.F) {
	for _, s := range []string{`[1,"a",{"b":[2]}]`, `[]`, `["\\\"",""]`, `[ {} , [ ] ]`, `[-1e5, true,null]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want []json.RawMessage
		if len(data) > 16<<10 || json.Unmarshal(data, &want) != nil || want == nil {
			return
		}
		got, ok := scanArray(data)
		if !ok || len(got) != len(want) {
			t.Fatalf("%d elements (%v), want %d", len(got), ok, len(want))
		}
		for i := range got {
			if !bytes.Equal(bytes.TrimSpace(got[i]), bytes.TrimSpace(want[i])) {
				t.Errorf("element %d: %q, want %q", i, got[i], want[i])
			}
		}
	})
}
