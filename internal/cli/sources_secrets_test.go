package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/source/git/gittest"
)

// planted is the tree of plant, as file names and contents.
func planted(t *testing.T) (files map[string]string, secrets []string) {
	t.Helper()
	dir := t.TempDir()
	secrets = plant(t, dir)
	files = map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, secrets
}

// TestNoSecretLeavesGit plants secrets in a revision and in a history, and looks for them in every format.
func TestNoSecretLeavesGit(t *testing.T) {
	files, secrets := planted(t)
	dir := t.TempDir()
	gittest.New(t, filepath.Join(dir, ".git")).Linear(files, map[string]string{"calm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: calm, namespace: shop}\n"})
	for _, args := range [][]string{
		{"--revision", "HEAD~1"}, {"--revision", "HEAD~1", "--history"}, {"--history"}, {"--all-refs"}, {"--source", "git", "--history"},
	} {
		noSecret(t, dir, secrets, args, len(args) == 2 && args[0] == "--source")
	}
}

// TestNoSecretLeavesDump plants secrets in dumps of both kinds.
func TestNoSecretLeavesDump(t *testing.T) {
	files, secrets := planted(t)
	inspect, insights := t.TempDir(), t.TempDir()
	put := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(inspect, "namespaces/shop/shop.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, resourceVersion: \"1\"}\n")
	put(filepath.Join(insights, "insights-operator/gathers.json"), "{}")
	for name, text := range files {
		put(filepath.Join(inspect, "namespaces/shop/core/configmaps", name), text)
		put(filepath.Join(insights, "config/configmaps/shop/app", strings.TrimSuffix(name, ".yaml")+".json"), text)
	}
	odd := made("", 99)
	secrets = append(secrets, odd)
	put(filepath.Join(insights, "config/pod/shop/web.json"), `{"metadata":{"name":"web"},"spec":{"containers":[{"name":"a","image":"a:1","env":[{"name":"DB_PASSWORD","value":"`+odd+`"}]}]}}`)
	put(filepath.Join(insights, "config/node/n.json"), `{"metadata":{"name":"n","labels":7},"spec":"`+odd+`"}`)
	put(filepath.Join(insights, "config/new/thing.json"), `{"metadata":{"name":"t"},"password":"`+odd+`"}`)
	put(filepath.Join(insights, "config/secrets/shop/db/data.json"), `{"password":"`+base64.StdEncoding.EncodeToString([]byte(odd))+`"}`)
	for _, dir := range []string{inspect, insights} {
		noSecret(t, dir, secrets, nil, true)
	}
}

// noSecret checks a path in each format and language, and fails where a secret is shown. seen asks that some were found.
func noSecret(t *testing.T, path string, secrets, args []string, seen bool) {
	t.Helper()
	found := 0
	for _, form := range [][]string{
		{"-o", "text", "--all"}, {"-o", "text", "--by", "object", "--all", "--lang", "fr"}, {"-o", "json"}, {"-o", "html", "--timings"}, {"--facts", filepath.Join(path, "none")},
	} {
		var out bytes.Buffer
		env := Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, ProgressTerminal: true}
		Main(context.Background(), append(append([]string{"check", path}, args...), form...), env)
		if out.Len() == 0 {
			t.Errorf("%v %v: no output at all", args, form)
		}
		found = max(found, strings.Count(out.String(), "plain-secret-in-manifest"))
		for i, s := range secrets {
			for _, shape := range []string{s, base64.StdEncoding.EncodeToString([]byte(s))} {
				if at := strings.Index(out.String(), shape); at >= 0 {
					t.Errorf("%v %v: secret %d is shown after %q", args, form, i+1, out.String()[max(0, at-80):at])
				}
			}
		}
	}
	if seen && found == 0 {
		t.Errorf("%v: the planted secrets are not seen", args)
	}
}
