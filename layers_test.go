package vigie

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers says what each room may import of this module, the picture of docs/design.md. A trailing /* stands for
// every package below; "+" means everything but the rooms behind it.
var layers = map[string]string{
	"internal/policy":                  "",
	"internal/inventory":               "",
	"internal/kinds":                   "inventory kinds/apis",
	"internal/kinds/apis":              "",
	"internal/source":                  "inventory kinds source/secrets",
	"internal/source/secrets":          "",
	"internal/source/files":            "inventory kinds source source/files/manifest",
	"internal/source/files/manifest":   "",
	"internal/source/git":              "inventory kinds source source/files source/files/manifest",
	"internal/source/git/gittest":      "",
	"internal/source/mustgather":       "inventory kinds source source/files/manifest",
	"internal/source/render":           "source/files/manifest source/render/chart source/render/kustomize",
	"internal/source/render/chart":     "source/files/manifest",
	"internal/source/render/kustomize": "source/files/manifest",
	"internal/gather":                  "inventory kinds",
	"internal/gather/given":            "inventory kinds gather",
	"internal/control":                 "inventory policy",
	"internal/control/trial":           "control inventory kinds lang policy gather gather/given scan source source/files source/git source/secrets",
	"internal/control/controltest":     "control control/trial gather/given inventory kinds policy scan source/git/gittest",
	"internal/controls":                "control controls/*",
	"internal/controls/newcontrol":     "policy",
	"internal/controls/*":              "control inventory kinds kinds/apis policy",
	"internal/scan":                    "source gather control inventory",
	"internal/register":                "policy",
	"internal/posture":                 "control policy register",
	"internal/lang":                    "",
	"internal/report":                  "control posture policy lang inventory register",
	"internal/app/config":              "control inventory kinds policy register",
	"internal/app":                     "+ cli",
	"internal/cli":                     "app lang report policy control controls controls/own",
	"cmd/vigie":                        "cli",
}

// TestLayers parses the files itself: a test that asks go list is answered from the cache and misses edits.
func TestLayers(t *testing.T) {
	const module = "vigie/"
	seen := map[string]bool{}
	err := fs.WalkDir(os.DirFS("."), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || d.Name() == "testdata" || p == "bench" || p == "sandbox" || p == "ui") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		room := path.Dir(p)
		if room == "." {
			return nil
		}
		may, ok := layers[room]
		if !ok {
			may, ok = layers[path.Dir(room)+"/*"]
			seen[path.Dir(room)+"/*"] = true
		}
		seen[room] = true
		if !ok {
			t.Errorf("%s: the room %s is in no layer: add it to docs/design.md and here", p, room)
			return nil
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			to, ours := strings.CutPrefix(name, module)
			if ours && !allowed(may, strings.TrimPrefix(to, "internal/")) {
				t.Errorf("%s imports %s: its layer may import only %q", p, to, may)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range layers {
		if !seen[room] {
			t.Errorf("the layer %s has no room any more: delete it", room)
		}
	}
}

func allowed(may, to string) bool {
	words := strings.Fields(may)
	if len(words) > 0 && words[0] == "+" {
		return !slices.Contains(words[1:], to)
	}
	return slices.Contains(words, to) || slices.Contains(words, path.Dir(to)+"/*")
}
