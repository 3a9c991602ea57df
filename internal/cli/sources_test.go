package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/source/git/gittest"
)

// run runs the command line and gives what it wrote.
func run(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	env := Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
	code = Main(context.Background(), args, env)
	return code, out.String(), errs.String()
}

// meta is the first line of a JSON report.
func meta(t *testing.T, out string) map[string]any {
	t.Helper()
	line, _, _ := strings.Cut(out, "\n")
	var m struct {
		Meta map[string]any `json:"meta"`
	}
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatalf("no meta line: %v\n%s", err, line)
	}
	return m.Meta
}

func deployment(image string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: app, image: \"" + image + "\"}]}}}\n"
}

func TestGitOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	r := gittest.New(t, filepath.Join(dir, ".git"))
	hashes := r.Linear(map[string]string{"web.yaml": deployment("app:latest")}, map[string]string{"web.yaml": deployment("app:1")})
	r.Tag("v1", hashes[0])
	if err := os.WriteFile(filepath.Join(dir, "web.yaml"), []byte("not: [read"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, old, _ := run("check", dir, "--revision", "v1", "--only", "image-pinned", "-o", "json")
	if m := meta(t, old); m["source"] != "git" || !strings.Contains(old, `"reason":"latest"`) {
		t.Errorf("v1: %v\n%s", m, old)
	}
	rev := meta(t, old)["revisions"].([]any)[0].(map[string]any)
	if rev["commit"] != hashes[0] || rev["asked"] != "v1" || rev["at"] != "2026-03-02T09:00:00Z" {
		t.Errorf("v1 is %v", rev)
	}
	code, now, _ := run("check", dir, "--history", "--only", "image-pinned", "-o", "json", "--fail-on", "medium")
	if m := meta(t, now); code != 0 || m["commits"] != 2.0 || strings.Contains(now, `"reason":"latest"`) {
		t.Errorf("HEAD: exit %d, %v\n%s", code, m, now)
	}
	for lang, want := range map[string]string{"en": "Git commit " + hashes[0][:12] + " (v1, 2 Mar 2026", "fr": "Git, commit " + hashes[0][:12] + " (v1,"} {
		_, text, _ := run("check", dir, "--revision", "v1", "--only", "image-pinned", "--lang", lang)
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%s: want %q in\n%s", lang, want, text)
		}
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"no such revision", []string{"check", dir, "--revision", "v9"}},
		{"no Git repository", []string{"check", t.TempDir(), "--revision", "v1"}},
		{"are of git", []string{"check", dir, "--revision", "v1", "--source", "files"}},
		{`--source "tape": want auto, files, git, mustgather`, []string{"check", dir, "--source", "tape"}},
	} {
		if code, _, errs := run(c.args...); code != 2 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %q; want %q", c.args, code, errs, c.want)
		}
	}
}

func TestDumpOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	dump := filepath.Join(dir, "must-gather.local.1")
	put := func(name, text string) {
		full := filepath.Join(dump, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("timestamp", "2026-03-02 10:00:00 +0100 CET m=+0.1\n2026-03-02 10:10:00 +0100 CET m=+600.1\n")
	put("img/version", "openshift/must-gather\n4.16.3\n")
	put("img/namespaces/shop/apps/deployments.yaml", "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- "+strings.ReplaceAll(strings.TrimSpace(deployment("app:latest")), "\n", "\n  ")+"\n")
	_, out, _ := run("check", dump, "-o", "json")
	m := meta(t, out)
	if m["source"] != "mustgather" || m["layout"] != "must-gather" || m["collected"] != "2026-03-02T09:10:00Z" {
		t.Errorf("meta: %v", m)
	}
	for _, want := range []string{
		`"reason":"latest"`, `{"gap":{"input":"list services","namespace":"shop","state":"not-collected"`, `"seen":"2026-03-02T09:10:00Z"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %s in\n%s", want, out)
		}
	}
	if strings.Contains(out, `"gap":{"input":"list deployments.apps"`) {
		t.Error("the list that the dump holds is a gap")
	}
	_, text, _ := run("check", dump, "--lang", "fr", "--only", "image-pinned")
	if want := "Une capture d'un cluster (must-gather), à la date du"; !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
		t.Errorf("want %q in\n%s", want, text)
	}
	plain := filepath.Join(dir, "plain.yaml")
	if err := os.WriteFile(plain, []byte(deployment("app:1")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"is a dump of a cluster", []string{"check", dump, plain}},
		{"no dump of a cluster", []string{"check", plain, "--source", "mustgather"}},
		{"no dump of a cluster", []string{"check", "-", "--source", "mustgather"}},
	} {
		if code, _, errs := run(c.args...); code != 2 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %q; want %q", c.args, code, errs, c.want)
		}
	}
	if _, out, _ := run("check", dump, "--source", "files", "-o", "json", "--only", "image-pinned"); meta(t, out)["source"] != "files" {
		t.Error("--source files reads a dump as one")
	}
}
