package git

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source"
	"vigie/internal/source/git/gittest"
	"vigie/internal/source/secrets"
)

// pod is a manifest with an image by which a test knows it again.
func pod(name, image string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: shop}\nspec: {containers: [{name: a, image: %q}]}\n", name, image)
}

// withSecret is a ConfigMap that holds a made-up secret.
func withSecret(name, value string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: shop}\ndata:\n  password: %s\n", name, value)
}

// values of secrets, of no use anywhere.
const (
	valueA = "Zk8vQp2LwX5tRn7c"
	valueB = "Hd4sWq9MbV3yTk6f"
	valueC = "Rt5xJn8CgL2pFz7w"
)

// seen is what a source read.
type seen struct {
	stats source.Stats
	inv   *inventory.Inventory
}

func read(t testing.TB, s *Source) (seen, error) {
	t.Helper()
	b := inventory.NewBuilder("", gittest.Began, inventory.Complete)
	s.Intake = func(b *inventory.Builder) *source.Intake {
		return &source.Intake{Builder: b, Scanner: secrets.New(secrets.Options{}), Origin: kinds.FromGit}
	}
	st, err := s.Read(context.Background(), b)
	if err != nil {
		return seen{}, err
	}
	return seen{st, b.Freeze()}, nil
}

func mustRead(t testing.TB, s *Source) seen {
	t.Helper()
	out, err := read(t, s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// objects lists what was taken in, as "Kind name file", without the directory that was read.
func (s seen) objects(under string) (out []string) {
	only := map[inventory.Input]bool{kinds.Objects: true}
	for _, sp := range s.inv.Spaces() {
		for _, it := range kinds.Objects.In(s.inv.View(sp, only, gittest.Began)) {
			out = append(out, fmt.Sprintf("%s %s %s", it.Ref.Kind, it.Ref.Name, rel(under, it.Place.File)))
		}
	}
	slices.Sort(out)
	return out
}

func rel(under, file string) string {
	r, err := filepath.Rel(under, file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(r)
}

// unread lists what was not, as "reason file".
func (s seen) unread(under string) (out []string) {
	for _, u := range s.inv.Unread {
		out = append(out, u.Reason+" "+rel(under, u.Place.File))
	}
	slices.Sort(out)
	return out
}

// past lists the secrets of the history, as "Kind name commit file:line".
func (s seen) past(under string) (out []string) {
	only := map[inventory.Input]bool{kinds.PastSecrets: true}
	for _, it := range kinds.PastSecrets.In(s.inv.View(inventory.Cluster, only, gittest.Began)) {
		out = append(out, fmt.Sprintf("%s %s %s %s:%d", it.Ref.Kind, it.Ref.Name, it.Object.Commit.Hash[:8], rel(under, it.Place.File), it.Place.Line))
	}
	slices.Sort(out)
	return out
}

func wantLines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n\t%s\nwant:\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// program runs git itself, which must change what is read as little as another layout of the same objects does.
func program(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.test",
		"GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@example.test", "LC_ALL=C",
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// holds fails where the value of a secret stands anywhere in what was read, however it is printed.
func holds(t *testing.T, s seen, values ...string) {
	t.Helper()
	var text strings.Builder
	only := map[inventory.Input]bool{kinds.Objects: true, kinds.PastSecrets: true, kinds.SecretsBrought: true}
	for _, sp := range s.inv.Spaces() {
		v := s.inv.View(sp, only, gittest.Began)
		brought, _ := kinds.SecretsBrought.In(v)
		for _, x := range []any{kinds.PastSecrets.In(v), brought} {
			raw, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(raw)
		}
		for _, it := range kinds.Objects.In(v) {
			fmt.Fprintf(&text, "%+v", it.Object)
		}
	}
	fmt.Fprintf(&text, "%+v", s.inv.Unread)
	for _, v := range values {
		if strings.Contains(text.String(), v) {
			t.Errorf("the value of a secret is kept")
		}
	}
}
