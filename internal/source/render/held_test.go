package render

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/internal/source/files/manifest"
)

// TestHeldToTheTree gives charts and kustomizations that fetch, run and read elsewhere. A listener that would hear them,
// programs that would run and files that would be read stand ready.
func TestHeldToTheTree(t *testing.T) {
	var heard atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		heard.Add(1)
		_, _ = w.Write([]byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fetched}\n"))
	}))
	defer server.Close()
	outside := tree(t, map[string]string{
		"secret.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: outside}\n", "base/kustomization.yaml": "resources: [x.yaml]\n",
		"base/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: outside-base}\n",
	})
	ran := filepath.Join(outside, "ran")
	trap := "#!/bin/sh\ntouch " + ran + "\n"
	traps := t.TempDir()
	for _, name := range []string{"git", "helm", "sh", "docker", "Trap", "Trap.so"} {
		if err := os.WriteFile(filepath.Join(traps, name), []byte(trap), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", traps+":"+os.Getenv("PATH"))
	t.Setenv("KUSTOMIZE_PLUGIN_HOME", traps)
	a := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	up := "../" + filepath.Base(outside) // the temporary directories of a test lie beside each other
	for _, c := range []struct {
		name, text, what string
		more             map[string]string
	}{
		{"a remote file", "resources: [a.yaml, " + server.URL + "/x.yaml]\n", "remote", nil},
		{"a remote base", "resources: [a.yaml, \"github.com/example/base?ref=v1\"]\n", "remote", nil},
		{"a remote base by git", "resources: [a.yaml, \"git@git.example.com:x/base.git\"]\n", "remote", nil},
		{"a repository on this machine", "resources: [a.yaml, \"file://" + outside + "\"]\n", "remote", nil},
		{"a remote component", "resources: [a.yaml]\ncomponents: [\"" + server.URL + "/c\"]\n", "remote", nil},
		{"a remote patch", "resources: [a.yaml]\npatches: [{path: \"" + server.URL + "/p.yaml\"}]\n", "remote", nil},
		{"a remote file of a generator", "resources: [a.yaml]\nconfigMapGenerator: [{name: x, files: [\"k=" + server.URL + "/x\"]}]\n", "remote", nil},
		{"a remote schema", "resources: [a.yaml]\nopenapi: {path: \"" + server.URL + "/x.json\"}\n", "remote", nil},
		{"a remote transformer", "resources: [a.yaml]\ntransformers: [\"" + server.URL + "/x\"]\n", "remote", nil},
		{"a folder named as an address", "resources: [a.yaml, \"http://x/y\"]\n", "remote", map[string]string{"k/http:/x/y/kustomization.yaml": "resources: []\n"}},
		{"an address behind a base", "resources: [a.yaml, deep]\n", "remote", map[string]string{"k/deep/kustomization.yaml": "resources: [\"" + server.URL + "/x.yaml\"]\n"}},
		{"an absolute file", "resources: [a.yaml, " + outside + "/secret.yaml]\n", "absolute", nil},
		{"an absolute base", "resources: [a.yaml, " + outside + "/base]\n", "absolute", nil},
		{"an absolute file of a patch", "resources: [a.yaml]\npatches: [{path: " + outside + "/secret.yaml}]\n", "absolute", nil},
		{"an absolute variable file", "resources: [a.yaml]\nsecretGenerator: [{name: x, envs: [" + outside + "/secret.yaml]}]\n", "absolute", nil},
		{"a file above", "resources: [a.yaml, ../" + up + "/secret.yaml]\n", "outside", nil},
		{"a base above", "resources: [a.yaml, ../" + up + "/base]\n", "outside", nil},
		{"up and back in", "resources: [a.yaml, ../../../../../../../../../../etc/hostname]\n", "outside", nil},
		{"a file of the library's own generator", "resources: [a.yaml]\ngenerators: [g.yaml]\n", "outside", map[string]string{
			"k/g.yaml": "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nfiles: [" + outside + "/secret.yaml]\n"}},
		{"a helm chart", "resources: [a.yaml]\nhelmCharts: [{name: x, repo: \"" + server.URL + "\"}]\n", "helm", nil},
		{"a helm chart by a generator", "resources: [a.yaml]\ngenerators: [g.yaml]\n", "helm", map[string]string{
			"k/g.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: g}\nname: x\nrepo: " + server.URL + "\n"}},
		{"an exec plugin", "resources: [a.yaml]\ngenerators: [g.yaml]\n", "plugin", map[string]string{"k/g.yaml": "apiVersion: v1\nkind: Trap\nmetadata: {name: g}\n"}},
		{"an exec function", "resources: [a.yaml]\ntransformers: [g.yaml]\n", "plugin", map[string]string{"k/g.yaml": "apiVersion: x/v1\nkind: F\nmetadata:\n  name: g\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./trap.sh}\n", "k/trap.sh": trap}},
		{"a container function", "resources: [a.yaml]\nvalidators: [g.yaml]\n", "plugin", map[string]string{"k/g.yaml": "apiVersion: x/v1\nkind: F\nmetadata:\n  name: g\n  annotations:\n    config.kubernetes.io/function: |\n      container: {image: x}\n"}},
		{"an inline function", "resources: [a.yaml]\ntransformers:\n- |-\n  apiVersion: x/v1\n  kind: F\n  metadata:\n    name: g\n    annotations:\n      config.kubernetes.io/function: \"exec: {path: " + traps + "/Trap}\"\n", "plugin", nil},
		{"a function in a folder", "resources: [a.yaml]\ngenerators: [gen]\n", "plugin", map[string]string{"k/gen/kustomization.yaml": "resources: [g.yaml]\n", "k/gen/g.yaml": "apiVersion: v1\nkind: Trap\nmetadata: {name: g}\n"}},
		{"a link to a file outside", "resources: [a.yaml, link.yaml]\n", "outside", nil},
		{"a link to a folder outside", "resources: [a.yaml, linked]\n", "outside", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"k/kustomization.yaml": c.text, "k/a.yaml": a}
			for name, text := range c.more {
				files[name] = text
			}
			dir := tree(t, files)
			for name, target := range map[string]string{"k/link.yaml": filepath.Join(outside, "secret.yaml"), "k/linked": filepath.Join(outside, "base")} {
				if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			_ = os.Chmod(filepath.Join(dir, "k/trap.sh"), 0o755) // where it is there
			s := check(t, renderer(t, Options{}), dir)
			all := strings.Join(s.lines, "\n")
			if !strings.Contains(all, "kustomization-failed what="+c.what) {
				t.Errorf("%s\nwant %s", all, c.what)
			}
			for _, word := range []string{"fetched", "/outside"} {
				if strings.Contains(all, word) {
					t.Errorf("something from elsewhere is there: %s", all)
				}
			}
		})
	}
	t.Run("chart", func(t *testing.T) {
		dir := tree(t, map[string]string{
			"c/Chart.yaml":            "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n- {name: up, version: 1.0.0, repository: \"file://" + up + "\"}\n- {name: abs, version: 1.0.0, repository: \"file://" + outside + "\"}\n- {name: far, version: 1.0.0, repository: " + server.URL + "}\n",
			"c/values.schema.json":    `{"$ref": "` + server.URL + `/schema.json"}`,
			"c/templates/a.yaml":      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {host: {{ getHostByName \"localhost\" | quote }}, file: {{ .Files.Get \"../../" + filepath.Base(outside) + "/secret.yaml\" | quote }}, abs: {{ .Files.Get \"" + outside + "/secret.yaml\" | quote }}}\n",
			"c/templates/lookup.yaml": "{{ lookup \"v1\" \"Secret\" \"default\" \"\" | toYaml }}",
		})
		if err := os.Symlink(filepath.Join(outside, "secret.yaml"), filepath.Join(dir, "c/templates/link.yaml")); err != nil {
			t.Fatal(err)
		}
		s := check(t, renderer(t, Options{}), dir)
		all := strings.Join(s.lines, "\n")
		if strings.Contains(all, "/outside") || !strings.Contains(all, "link-outside") {
			t.Errorf("%s", all)
		}
	})
	if heard.Load() > 0 {
		t.Errorf("the listener was asked %d times", heard.Load())
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program was run")
	}
}

// TestConfined asks a worker to do what a library would have to do to get out.
func TestConfined(t *testing.T) {
	if os.Getenv("VIGIE_CONFINED") != "" {
		watch(1 << 30)
		if err := confine(1 << 30); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Open("/etc/hostname"); err == nil {
			t.Error("a file was opened")
		}
		if err := exec.Command("/bin/true").Run(); err == nil {
			t.Error("a program was run")
		}
		if answer, err := (&http.Client{Timeout: time.Second, Transport: &http.Transport{}}).Get(os.Getenv("VIGIE_CONFINED")); err == nil {
			answer.Body.Close()
			t.Error("a connection was made")
		}
		if err := os.WriteFile(filepath.Join(os.TempDir(), "vigie-confined"), []byte("x"), 0o644); err == nil {
			t.Error("a file was written")
		}
		return
	}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestConfined$", "-test.v")
	cmd.Env = append(os.Environ(), "VIGIE_CONFINED="+server.URL)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestBombs ends what would never end, and goes on with the next.
func TestBombs(t *testing.T) {
	r := renderer(t, Options{Limits: Limits{Time: 3 * time.Second, Memory: 384 << 20, Output: 4 << 20, Slow: 100}})
	for name, c := range map[string]struct{ template, what string }{
		"loops":                  {"{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}", "too-long"},
		"loops that print":       {"{{ $l := until 10000 }}{{ range $l }}{{ range $l }}{{ range $l }}xxxxxxxxxxxxxxxx{{ end }}{{ end }}{{ end }}", "too-large"},
		"a long text":            {"{{ repeat 2000000000 \"x\" }}", "too-large"},
		"a long list":            {"{{ until 2000000000 | len }}", "too-large"},
		"more than is wanted":    {"{{ repeat 5000000 \"x\" }}", "too-large"},
		"templates that include": {"{{ define \"a\" }}{{ range until 1000 }}{{ template \"b\" }}{{ end }}{{ end }}{{ define \"b\" }}{{ range until 1000 }}{{ template \"c\" }}{{ end }}{{ end }}{{ define \"c\" }}{{ range until 1000 }}{{ end }}{{ end }}{{ template \"a\" }}", "too-long"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t, map[string]string{"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/t.yaml": c.template})
			start := time.Now()
			got := strings.Join(check(t, r, dir).lines, "\n") // on a slow machine time ends before memory
			if got != "c/Chart.yaml:1 chart-failed what="+c.what && got != "c/Chart.yaml:1 chart-failed what=too-long" {
				t.Errorf("%s, want %s", got, c.what)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
	good := tree(t, map[string]string{"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/t.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"})
	want(t, check(t, r, good), "c/templates/t.yaml:1 ConfigMap /good")
	bomb := tree(t, map[string]string{"k/kustomization.yaml": "resources: [b.yaml]\n", "k/b.yaml": aliases()})
	if all := strings.Join(check(t, r, bomb).lines, "\n"); !strings.Contains(all, "kustomization-failed") {
		t.Error(all)
	}
	lost := New(Options{Command: filepath.Join(t.TempDir(), "none")})
	want(t, check(t, lost, good), "c/Chart.yaml:1 chart-failed what=no-worker")
	want(t, check(t, renderer(t, Options{Command: "/bin/true"}), good), "c/Chart.yaml:1 chart-failed what=crashed")
}

// aliases are a document that grows a thousandfold with each of its lines.
func aliases() string {
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\nl0: &l0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 9; i++ {
		before := "*l" + string(rune('0'+i-1))
		text += "l" + string(rune('0'+i)) + ": &l" + string(rune('0'+i)) + " [" + strings.Repeat(before+", ", 9) + before + "]\n"
	}
	return text
}

// TestGivenUp ends a rendering with its context.
func TestGivenUp(t *testing.T) {
	dir := tree(t, map[string]string{"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/t.yaml": "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"})
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	s := &seen{}
	if _, err := manifest.Read(ctx, []string{dir}, manifest.Options{Render: renderer(t, Options{})}, s); err == nil {
		t.Error("no error")
	}
	if time.Since(start) > 5*time.Second || len(s.lines) > 0 {
		t.Errorf("%s: %v", time.Since(start), s.lines)
	}
}
