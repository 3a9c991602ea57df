package chart

import (
	"strings"
	"testing"

	"vigie/internal/source/files/manifest"
)

// FuzzRender renders charts of any template, values and Chart.yaml. What is planted in the values never stands in a
// trouble.
func FuzzRender(f *testing.F) {
	f.Add("kind: {{ .Values.x }}", "x: 1\n", "apiVersion: v2\nname: c\nversion: 1.0.0\n")
	f.Add("{{ fail .Values.x }}", "x: PLANTED\n", "apiVersion: v2\nname: c\nversion: 1.0.0\n")
	f.Add("{{ include .Values.x . }}{{ index .Values.x 3 }}", "x: PLANTED\n", "name: c\n")
	f.Add("{{ tpl .Values.x . }}", "x: \"{{ PLANTED }}\"\n", "apiVersion: v1\nname: c\nversion: 1\n")
	f.Add("{{ atoi .Values.x | add .Values.x.y }}", "x: [PLANTED]\n", "apiVersion: v2\nname: c\nversion: 1.0.0\ntype: library\n")
	f.Fuzz(func(t *testing.T, template, values, meta string) {
		for _, word := range []string{"range", "until", "repeat", "seq", "gen", "crypt", "ass", "rand", "indent"} {
			if strings.Contains(template+values, word) {
				return // bombs are for a worker
			}
		}
		tree := manifest.NewMemory(map[string][]byte{"c/Chart.yaml": []byte(meta), "c/values.yaml": []byte(values), "c/templates/t.yaml": []byte(template)})
		out := Render("c", tree, Options{})
		if !out.Done && len(out.Troubles) == 0 {
			t.Fatal("nothing was rendered, and nobody says why")
		}
		for _, tr := range out.Troubles {
			if tr.File == "" || tr.Reason == "" || tr.Values["what"] == "" {
				t.Errorf("%+v", tr)
			}
			for _, v := range tr.Values {
				if s, ok := v.(string); ok && strings.Contains(s, "PLANTED") && !strings.Contains(template, "PLANTED") && !strings.Contains(meta, "PLANTED") {
					t.Errorf("%+v", tr)
				}
			}
		}
		for _, x := range out.Texts {
			if x.File == "" || strings.HasPrefix(x.File, "..") {
				t.Errorf("%+v", x)
			}
		}
	})
}
