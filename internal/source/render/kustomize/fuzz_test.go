package kustomize

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"vigie/internal/source/files/manifest"
)

// TestMain takes from the process what a worker does not have either.
func TestMain(m *testing.M) {
	http.DefaultTransport = nowhere{}
	os.Setenv("PATH", "")
	os.Exit(m.Run())
}

type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("nowhere") }

// asked is a tree that notes what leads out of it.
type asked struct {
	manifest.RenderTree
	t testing.TB
}

func (a asked) Read(name string) ([]byte, error) {
	data, err := a.RenderTree.Read(name)
	if err == nil && (strings.HasPrefix(name, "..") || strings.HasPrefix(name, "/")) {
		a.t.Errorf("%q was read", name)
	}
	return data, err
}

// FuzzRender renders any kustomization over any file. It is rendered or said why not, nothing leads out, and what is
// planted in the file never stands in a trouble.
func FuzzRender(f *testing.F) {
	cm := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: PLANTED}\n"
	f.Add("resources: [a.yaml]\nnamePrefix: x-\n", cm)
	f.Add("resources: [../../x, /etc/passwd, http://x.example.com/y]\n", cm)
	f.Add("resources: [a.yaml]\npatches: [{path: a.yaml}]\nsecretGenerator: [{name: s, literals: [a=b], files: [a.yaml]}]\n", cm)
	f.Add("resources: [a.yaml]\nreplacements: [{source: {kind: ConfigMap, fieldPath: data.x}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.y]}]}]\n", cm)
	f.Add("buildMetadata: [managedByLabel]\nresources: [a.yaml]\n", "PLANTED: {")
	f.Add("transformers: [a.yaml]\nvars: [{name: PLANTED}]\n", "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\npath: /etc/passwd\n")
	f.Fuzz(func(t *testing.T, kustomization, file string) {
		tree := asked{manifest.NewMemory(map[string][]byte{"k/kustomization.yaml": []byte(kustomization), "k/a.yaml": []byte(file)}), t}
		out := Render("k", tree)
		if out.Done == (len(out.Troubles) > 0) {
			t.Fatalf("%+v", out)
		}
		for _, tr := range out.Troubles {
			if tr.File == "" || tr.Line < 1 || tr.Values["what"] == "" {
				t.Errorf("%+v", tr)
			}
			for _, v := range tr.Values {
				if s, ok := v.(string); ok && strings.Contains(s, "PLANTED") && !strings.Contains(kustomization, "PLANTED") {
					t.Errorf("%+v", tr)
				}
			}
		}
		for _, x := range out.Texts {
			if x.File == "" || strings.HasPrefix(x.File, "..") || x.Line < 1 {
				t.Errorf("%+v", x)
			}
		}
	})
}
