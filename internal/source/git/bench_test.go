package git

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source"
	"vigie/internal/source/files"
	"vigie/internal/source/git/gittest"
	"vigie/internal/source/secrets"
)

// The repository of the benchmarks: commits that each change a few of many manifests, packed as git packs.
const (
	benchCommits = 3000
	benchFiles   = 600
)

// generated makes the repository by git fast-import, once a run.
func generated(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "large.git")
	program(b, b.TempDir(), "init", "-q", "--bare", "-b", "main", dir)
	in, out := io.Pipe()
	go func() {
		for c := range benchCommits {
			fmt.Fprintf(out, "commit refs/heads/main\ncommitter C <c@example.test> %d +0000\ndata 1\nx\n", gittest.Began.Unix()+int64(c)*600)
			touched := []int{c % benchFiles, c * 7 % benchFiles, c * 31 % benchFiles}
			if c == 0 {
				touched = nil
				for i := range benchFiles {
					touched = append(touched, i)
				}
			}
			for _, i := range touched {
				text := workload(i, c)
				fmt.Fprintf(out, "M 100644 inline deploy/team-%02d/app-%03d.yaml\ndata %d\n%s\n", i%20, i, len(text), text)
			}
		}
		out.Close()
	}()
	cmd := exec.Command("git", "fast-import", "--quiet")
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, in, os.Stderr
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	program(b, dir, "gc", "-q", "--prune=now")
	return dir
}

// workload is a manifest of usual size, of which a commit changes the image; one in a hundred holds a secret.
func workload(i, c int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-%03d\n  namespace: team-%02d\nspec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n", i, i%20)
	for k := range 3 {
		fmt.Fprintf(&s, "      - name: c%d\n        image: registry.example.test/team/app-%03d:%d\n        env:\n", k, i, c)
		for e := range 12 {
			fmt.Fprintf(&s, "        - name: SETTING_%d\n          value: \"a value of some length, number %d\"\n", e, e*i)
		}
	}
	if i%100 == 7 {
		fmt.Fprintf(&s, "        - name: DB_PASSWORD\n          value: Zk8vQp2LwX5t%dRn7c\n", c/500)
	}
	return s.String()
}

func readFor(b *testing.B, s source.Source) source.Stats {
	b.Helper()
	inv := inventory.NewBuilder("", gittest.Began, inventory.Complete)
	st, err := s.Read(context.Background(), inv)
	if err != nil {
		b.Fatal(err)
	}
	inv.Freeze()
	return st
}

func intake(b *inventory.Builder) *source.Intake {
	return &source.Intake{Builder: b, Scanner: secrets.New(secrets.Options{}), Origin: kinds.FromGit}
}

// BenchmarkTree reads the tree of a revision: against git archive alone, which writes the same files to a pipe, and
// against the same files on a disk.
func BenchmarkTree(b *testing.B) {
	dir := generated(b)
	b.Run("vigie", func(b *testing.B) {
		for b.Loop() {
			readFor(b, &Source{Paths: []string{dir}, Intake: intake})
		}
	})
	b.Run("git-archive", func(b *testing.B) {
		for b.Loop() {
			pipe(b, dir, "archive", "--format=tar", "main")
		}
	})
	b.Run("files", func(b *testing.B) {
		out := b.TempDir()
		program(b, dir, "--work-tree", out, "checkout", "-q", "main", "--", ".")
		for b.Loop() {
			readFor(b, &files.Source{Paths: []string{out}, Intake: intake})
		}
	})
}

// BenchmarkHistory walks all commits and scans each content once: against git log -p, which a scanner of diffs reads,
// and against git listing and printing each content once.
func BenchmarkHistory(b *testing.B) {
	dir := generated(b)
	b.Run("vigie", func(b *testing.B) {
		for b.Loop() {
			st := readFor(b, &Source{Paths: []string{dir}, Intake: intake, History: true})
			if st.Commits != benchCommits {
				b.Fatalf("%d commits, want %d", st.Commits, benchCommits)
			}
		}
		b.ReportMetric(benchCommits/(b.Elapsed().Seconds()/float64(b.N)), "commits/s")
	})
	b.Run("git-log-p", func(b *testing.B) {
		for b.Loop() {
			pipe(b, dir, "log", "-p", "--full-history", "main")
		}
	})
	b.Run("git-cat-file", func(b *testing.B) {
		for b.Loop() {
			pipe(b, dir, "cat-file", "--batch", "--batch-all-objects", "--unordered")
		}
	})
}

// pipe runs git and reads what it writes.
func pipe(b *testing.B, dir string, args ...string) {
	b.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdout = dir, io.Discard
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
}
