package render

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/source/render/chart"
)

const deployment = `{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- toYaml .Values.labels | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
      {{- range .Values.containers }}
      - name: {{ . }}
        image: "registry.example.com/{{ . }}:{{ $.Chart.AppVersion }}"
      {{- end }}
      - name: last
        image: last
{{- end }}
{{- if .Values.service }}
---
apiVersion: v1
kind: Service
metadata:
  name: web
{{- end }}
`

func webChart() map[string]string {
	return map[string]string{
		"web/Chart.yaml":              "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: \"9\"\ndependencies:\n- {name: cache, version: 1.x.x, condition: cache.enabled, repository: https://charts.example.com}\n- {name: queue, version: 1.0.0, repository: https://charts.example.com}\n- {name: opt, version: 1.0.0, condition: opt.enabled, repository: https://charts.example.com}\n- {name: near, version: 1.0.0, repository: \"file://../near\"}\n- {name: cache, version: 1.x.x, alias: second, repository: https://charts.example.com}\n",
		"web/values.yaml":             "enabled: true\nservice: true\nreplicas: 1\nlabels: {a: b, c: d}\ncontainers: [one, two]\ncache: {enabled: true}\nopt: {enabled: false}\n",
		"web/.helmignore":             "ignored/\n",
		"web/ignored/x.yaml":          "a: 1\n",
		"web/values.schema.json":      `{"$ref": "file:///etc/passwd"}`,
		"web/templates/_helpers.tpl":  "{{- define \"web.name\" -}}\n{{ .Release.Name }}\n{{- end }}\n",
		"web/templates/web.yaml":      deployment,
		"web/templates/NOTES.txt":     "Thank you: {{ .Release.Name }}\n",
		"web/templates/off.yaml":      "{{ if false }}\nkind: X\n{{ end }}\n",
		"web/templates/hook.yaml":     "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations: {helm.sh/hook: pre-install}\n",
		"web/templates/tests/up.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: up, annotations: {helm.sh/hook: test}}\n",
		"web/templates/world.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: world\ndata:\n  lookup: {{ lookup \"v1\" \"Secret\" \"\" \"x\" | toJson | quote }}\n  host: {{ getHostByName \"localhost\" | quote }}\n" +
			"  version: {{ .Capabilities.KubeVersion.Version }}\n  route: {{ .Capabilities.APIVersions.Has \"route.openshift.io/v1/Route\" | quote }}\n  file: {{ .Files.Get \"files/x.txt\" | quote }}\n",
		"web/files/x.txt":                     "text\n",
		"web/crds/crd.yaml":                   "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: xs.example.com}\n",
		"web/charts/cache-1/Chart.yaml":       "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
		"web/charts/cache-1/values.yaml":      "size: small\n",
		"web/charts/cache-1/templates/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Chart.Name }}\ndata: {size: {{ .Values.size }}}\n",
		"near/Chart.yaml":                     "apiVersion: v2\nname: near\ntype: library\nversion: 1.0.0\n",
		"near/templates/_l.tpl":               "{{ define \"near\" }}near{{ end }}",
	}
}

// TestChart renders a chart with all that charts have.
func TestChart(t *testing.T) {
	dir := tree(t, webChart())
	s := check(t, renderer(t, Options{Chart: chart.Options{KubeVersion: "1.31.0", APIs: []string{"v1", "route.openshift.io/v1/Route"}}}), dir)
	want(t, s,
		"web/Chart.yaml:7 chart-dependency dependency=queue",
		"web/charts/cache-1/templates/c.yaml:1 ConfigMap /cache",
		"web/charts/cache-1/templates/c.yaml:1 ConfigMap /second",
		"web/crds/crd.yaml:1 CustomResourceDefinition /xs.example.com",
		"web/templates/hook.yaml:1 Job /migrate",
		"web/templates/tests/up.yaml:1 Pod /up",
		"web/templates/web.yaml:2 Deployment /web",
		"web/templates/web.yaml:23 Service /web",
		"web/templates/world.yaml:1 ConfigMap /world",
	)
	d, _ := s.docWith(t, "web", "Deployment")
	for _, c := range []struct {
		line int
		path []any
	}{
		{5, []any{"metadata", "name"}}, {7, []any{"metadata", "labels"}}, {8, []any{"metadata", "labels", "c"}}, {10, []any{"spec", "replicas"}},
		{15, []any{"spec", "template", "spec", "containers", 0, "name"}}, {16, []any{"spec", "template", "spec", "containers", 1, "image"}},
		{18, []any{"spec", "template", "spec", "containers", 2, "name"}}, {19, []any{"spec", "template", "spec", "containers", 2, "image"}},
	} {
		if got := lineOf(d, c.path...); got != c.line {
			t.Errorf("%v is said to stand in line %d, want %d", c.path, got, c.line)
		}
	}
	_, world := s.doc(t, "world")
	data := world["data"].(map[string]any)
	for key, want := range map[string]string{"lookup": "{}", "host": "", "version": "v1.31.0", "route": "true", "file": "text\n"} {
		if data[key] != want {
			t.Errorf("%s: %q, want %q", key, data[key], want)
		}
	}
}

// TestMadeUp renders what templates make up: equal each time, and no secret that stands in the tree.
func TestMadeUp(t *testing.T) {
	dir := tree(t, map[string]string{"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/s.yaml": `{{- $ca := genCA "ca" 365 }}
{{- $cert := genSignedCert "web" nil (list "web") 30 $ca }}
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData:
  password: {{ randAlphaNum 16 }}
  bytes: {{ randBytes 8 }}
  number: {{ randNumeric 4 | quote }}
  id: {{ uuidv4 }}
  key: {{ genPrivateKey "rsa" }}
  tls.key: {{ $cert.Key | quote }}
  tls.crt: {{ $cert.Cert | quote }}
  length: {{ randAlphaNum 2000000000 | len | quote }}
`})
	_, s := check(t, renderer(t, Options{}), dir).doc(t, "s")
	data := s["stringData"].(map[string]any)
	for key, want := range map[string]string{"password": "xxxxxxxxxxxxxxxx", "bytes": "xxxxxxxx", "number": "0000", "length": "4096"} {
		if data[key] != want {
			t.Errorf("%s: %v", key, data[key])
		}
	}
	for _, key := range []string{"key", "tls.key"} {
		if text := data[key].(string); strings.Trim(text, "x") != "" || text == "" {
			t.Errorf("%s: %s", key, text)
		}
	}
	if cert := data["tls.crt"].(string); !strings.Contains(cert, "BEGIN CERTIFICATE") {
		t.Errorf("no certificate: %s", cert)
	}
}

// TestChartValues takes the values that are given, in order, for all charts or for one.
func TestChartValues(t *testing.T) {
	dir := tree(t, map[string]string{
		"a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n", "a/values.yaml": "x: {one: 1, two: 2}\n",
		"a/templates/t.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: {{ .Release.Namespace }}}\ndata: {one: \"{{ .Values.x.one }}\", two: \"{{ .Values.x.two }}\", three: \"{{ .Values.x.three }}\"}\n",
		"b/Chart.yaml":       "apiVersion: v2\nname: b\nversion: 1.0.0\n", "b/templates/t.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {three: \"{{ .Values.x.three }}\"}\n",
	})
	s := check(t, renderer(t, Options{Chart: chart.Options{Namespace: "shop", Values: []chart.Values{
		{File: "all.yaml", Data: []byte("x: {two: 20, three: 30}\n")}, {Chart: "a", File: "a.yaml", Data: []byte("x: {three: 300}\n")},
	}}}), dir)
	_, a := s.doc(t, "a")
	_, b := s.doc(t, "b")
	if got := a["data"].(map[string]any); got["one"] != "1" || got["two"] != "20" || got["three"] != "300" {
		t.Error(got)
	}
	if got := b["data"].(map[string]any); got["three"] != "30" {
		t.Error(got)
	}
	if ns := a["metadata"].(map[string]any)["namespace"]; ns != "shop" {
		t.Error(ns)
	}
}

// TestPackedCharts renders a packed chart, and one that is packed in another.
func TestPackedCharts(t *testing.T) {
	sub := pack(t, map[string]string{
		"sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n", "sub/templates/s.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-sub\n",
		"sub/crds/c.yaml": "# it\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ys.example.com}\n",
	})
	files := map[string]string{
		"top/Chart.yaml": "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies: [{name: sub, version: 1.0.0}]\n", "top/charts/sub-1.0.0.tgz": string(sub),
		"top/templates/t.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: top}\n", "top/charts/broken.tgz": "no archive",
	}
	r := renderer(t, Options{})
	want(t, check(t, r, tree(t, files)),
		"top/charts/broken.tgz:1 chart-failed what=packed",
		"top/charts/sub-1.0.0.tgz!crds/c.yaml:2 CustomResourceDefinition /ys.example.com",
		"top/charts/sub-1.0.0.tgz!templates/s.yaml:1 ConfigMap /top-sub",
		"top/templates/t.yaml:1 ConfigMap /top",
	)
	delete(files, "top/charts/broken.tgz")
	archive := filepath.Join(t.TempDir(), "top-1.0.0.tgz")
	if err := os.WriteFile(archive, pack(t, files), 0o644); err != nil {
		t.Fatal(err)
	}
	s := check(t, r, archive)
	for i := range s.lines {
		s.lines[i] = strings.TrimPrefix(s.lines[i], archive+"!")
	}
	want(t, s,
		"top/charts/sub-1.0.0.tgz!crds/c.yaml:2 CustomResourceDefinition /ys.example.com",
		"top/charts/sub-1.0.0.tgz!templates/s.yaml:1 ConfigMap /top-sub",
		"top/templates/t.yaml:1 ConfigMap /top",
	)
}

func pack(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestChartFaults names why a chart is not rendered whole, and renders the rest.
func TestChartFaults(t *testing.T) {
	const good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"a value that is not there", "templates/t.yaml", "a: 1\nb: {{ .Values.x.y.z }}\n", "c/templates/t.yaml:2 chart-failed what=nothing-there name=.Values.x.y.z"},
		{"fail", "templates/t.yaml", "\n{{ fail (printf \"no: %s\" .Values.secret) }}\n", "c/templates/t.yaml:2 chart-failed what=stopped"},
		{"required", "templates/t.yaml", "{{ required \"give it\" .Values.none }}\n", "c/templates/t.yaml:1 chart-failed what=stopped"},
		{"syntax", "templates/t.yaml", "a: {{ if }}\n", "c/templates/t.yaml:1 chart-failed what=template-syntax"},
		{"a function", "templates/t.yaml", "a: {{ env \"HOME\" }}\n", "c/templates/t.yaml:1 chart-failed what=no-function name=env"},
		{"a template", "templates/t.yaml", "\na: {{ include \"none\" . }}\n", "c/templates/t.yaml:2 chart-failed what=no-template name=none"},
		{"a template by a value", "templates/t.yaml", "a: {{ include .Values.secret . }}\n", "c/templates/t.yaml:1 chart-failed what=no-template"},
		{"a function on a value", "templates/t.yaml", "a: {{ .Values.secret | mustToDate \"2006\" }}\n", "c/templates/t.yaml:1 chart-failed what=function-failed name=mustToDate"},
		{"in a helper", "templates/_h.tpl", "{{ define \"h\" }}\n{{ .Values.x.y.z }}{{ end }}", "c/templates/_h.tpl:2 chart-failed what=nothing-there name=.Values.x.y.z"},
		{"recursion", "templates/t.yaml", "{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}", "c/templates/t.yaml:1 chart-failed what=recursion"},
		{"tpl", "templates/t.yaml", "\n\nx: {{ tpl .Values.tpl . }}\n", "c/templates/t.yaml:3 chart-failed what=no-function"},
		{"a wrong type", "templates/t.yaml", "x: {{ range .Values.secret.a }}{{ end }}\n", "c/templates/t.yaml:1 chart-failed what=no-field name=a"},
		{"no chart", "Chart.yaml", "a: 1\n", "c/Chart.yaml:1 chart-failed what=chart-yaml"},
		{"values", "values.yaml", "a: [\n", "c/values.yaml:1 chart-failed what=values-file"},
		{"not YAML", "templates/t.yaml", "a: 1\nb: {{ .Values.secret }}: x\n", "c/templates/t.yaml:2 yaml-syntax what=value-not-allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{
				"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/good.yaml": good, "c/values.yaml": "secret: Hunter2-Q8\ntpl: \"{{ Hunter2Q8 }}\"\n",
			}
			files["c/"+c.file] = c.text
			if c.name == "in a helper" {
				files["c/templates/use.yaml"] = "a: {{ include \"h\" . }}"
			}
			s := check(t, renderer(t, Options{}), tree(t, files))
			var lines []string
			for _, l := range s.lines {
				if l != "c/templates/good.yaml:1 ConfigMap /good" {
					lines = append(lines, l)
				}
			}
			if len(lines) == len(s.lines) && c.file != "Chart.yaml" && c.file != "values.yaml" {
				t.Errorf("the other template was not rendered: %v", s.lines)
			}
			if len(lines) == 0 || lines[0] != c.want {
				t.Errorf("%v, want %s", lines, c.want)
			}
			if strings.Contains(strings.Join(s.lines, "\n"), "unter2") {
				t.Errorf("a value is shown: %v", s.lines)
			}
		})
	}
}
