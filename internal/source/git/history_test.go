package git

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source/files/manifest"
	"vigie/internal/source/git/gittest"
)

// TestHistory: each value once, with the first commit that holds it; what stands in the revision is not past.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	r := gittest.New(t, filepath.Join(dir, ".git"))
	h := r.Linear(
		map[string]string{"app.yaml": pod("web", "1")},
		map[string]string{"app.yaml": "# a line\n" + withSecret("app", valueA)},
		map[string]string{"moved/app.yaml": withSecret("app", valueA), "copy.yaml": withSecret("copy", valueA), "keep.yaml": withSecret("keep", valueC)},
		map[string]string{"moved/app.yaml": withSecret("app", valueB), "keep.yaml": withSecret("keep", valueC)},
		map[string]string{"keep.yaml": withSecret("keep", valueC)},
	)
	s := mustRead(t, &Source{Paths: []string{dir}, History: true})
	wantLines(t, "past", s.past(dir),
		"ConfigMap app "+h[1][:8]+" app.yaml:6", "ConfigMap app "+h[3][:8]+" moved/app.yaml:5")
	wantLines(t, "unread", s.unread(dir))
	if s.stats.Commits != 5 {
		t.Errorf("%d commits were walked, want 5", s.stats.Commits)
	}
	only := map[inventory.Input]bool{kinds.SecretsBrought: true, kinds.Objects: true}
	brought, _ := kinds.SecretsBrought.In(s.inv.View(inventory.Cluster, only, gittest.Began))
	if len(brought) != 3 {
		t.Errorf("%d values have a commit, want 3", len(brought))
	}
	for _, it := range kinds.Objects.In(s.inv.View(inventory.Space{Namespace: "shop"}, only, gittest.Began)) {
		for _, x := range it.Object.Sightings {
			if c := brought[x.Digest]; c.Hash != h[2] || !c.At.Equal(gittest.Began.AddDate(0, 0, 2)) {
				t.Errorf("the secret that stands was brought by %+v, want %s", c, h[2])
			}
		}
	}
	holds(t, s, valueA, valueB, valueC)
	at := mustRead(t, &Source{Paths: []string{dir}, Revision: h[1], History: true})
	wantLines(t, "past of an earlier revision", at.past(dir))
	none := mustRead(t, &Source{Paths: []string{dir}})
	wantLines(t, "past without --history", none.past(dir))
}

// TestHistoryMerged walks branches that were merged, in the order of their clocks, and those that were not.
func TestHistoryMerged(t *testing.T) {
	dir := t.TempDir()
	r := gittest.New(t, filepath.Join(dir, ".git"))
	base := r.Commit(map[string]string{"a.yaml": pod("a", "1")})
	left := r.Commit(map[string]string{"a.yaml": pod("a", "1"), "l.yaml": withSecret("l", valueA)}, base)
	right := r.Commit(map[string]string{"a.yaml": pod("a", "1"), "r.yaml": withSecret("r", valueA)}, base)
	merge := r.Commit(map[string]string{"a.yaml": pod("a", "2")}, left, right)
	r.Ref("refs/heads/main", merge)
	side := r.Commit(map[string]string{"s.yaml": withSecret("s", valueB)}, base)
	r.Tag("side", side)
	s := mustRead(t, &Source{Paths: []string{dir}, History: true})
	wantLines(t, "past of main", s.past(dir), "ConfigMap l "+left[:8]+" l.yaml:5")
	all := mustRead(t, &Source{Paths: []string{dir}, AllRefs: true})
	wantLines(t, "past of all", all.past(dir), "ConfigMap l "+left[:8]+" l.yaml:5", "ConfigMap s "+side[:8]+" s.yaml:5")
	if all.stats.Commits != 5 || s.stats.Commits != 4 {
		t.Errorf("commits: %d of main, %d of all, want 4 and 5", s.stats.Commits, all.stats.Commits)
	}
}

// TestHistoryPlaces keeps the search to the folder or file that was named, and leaves out what is ignored.
func TestHistoryPlaces(t *testing.T) {
	dir := t.TempDir()
	r := gittest.New(t, filepath.Join(dir, ".git"))
	h := r.Linear(
		map[string]string{"a/x.yaml": withSecret("x", valueA), "a/q.yaml": withSecret("q", valueB), "b/z.yaml": withSecret("z", valueC), "a/bad.yaml": "a: [", "a/values.yaml": "x: 1"},
		map[string]string{"a/x.yaml": pod("x", "1"), "a/q.yaml": pod("q", "1"), "b/z.yaml": pod("z", "1")},
	)
	folder := mustRead(t, &Source{Paths: []string{filepath.Join(dir, "a")}, History: true})
	wantLines(t, "a folder", folder.past(dir), "ConfigMap x "+h[0][:8]+" a/x.yaml:5", "ConfigMap q "+h[0][:8]+" a/q.yaml:5")
	wantLines(t, "what was not understood", folder.unread(dir), "history-not-understood a")
	file := mustRead(t, &Source{Paths: []string{filepath.Join(dir, "a", "q.yaml")}, History: true})
	wantLines(t, "a file", file.past(dir), "ConfigMap q "+h[0][:8]+" a/q.yaml:5")
	some := mustRead(t, &Source{Paths: []string{dir}, History: true, Options: manifest.Options{Ignore: func(name string) bool { return name == "a" }}})
	wantLines(t, "what is not ignored", some.past(dir), "ConfigMap z "+h[0][:8]+" b/z.yaml:5")
}

// TestShallow says where a history ends that was not fetched whole.
func TestShallow(t *testing.T) {
	dir, _, hashes := shop(t)
	shallow := filepath.Join(t.TempDir(), "shallow")
	program(t, dir, "clone", "-q", "--bare", "--depth", "2", "file://"+dir, shallow)
	if _, err := os.Stat(filepath.Join(shallow, "shallow")); err != nil {
		t.Fatal(err)
	}
	s := mustRead(t, &Source{Paths: []string{shallow}, Revision: "main", History: true})
	wantLines(t, "unread", s.unread(shallow), "history-shallow .")
	if s.stats.Commits != 2 {
		t.Errorf("%d commits, want 2", s.stats.Commits)
	}
	wantLines(t, "the tree itself", s.objects(shallow), "Pod db deploy/sub/db.json", "Pod web deploy/web.yaml")
	if _, err := read(t, &Source{Paths: []string{shallow}, Revision: hashes[0]}); err == nil {
		t.Error("a commit that the clone lacks is read")
	}
	// A clone without its shallow file lacks objects and does not say why.
	if err := os.Remove(filepath.Join(shallow, "shallow")); err != nil {
		t.Fatal(err)
	}
	s = mustRead(t, &Source{Paths: []string{shallow}, Revision: "main", History: true})
	wantLines(t, "unread", s.unread(shallow), "history-incomplete .")
}

// TestClocks: the order is that of commits, whatever their clocks say.
func TestClocks(t *testing.T) {
	for line, want := range map[string]time.Time{
		"C <c@x> 1772442000 +0100":   time.Unix(1772442000, 0).UTC(),
		"C > <c@x> 1772442000 +0100": time.Unix(1772442000, 0).UTC(),
		"C <c@x> -5 +0000":           {}, "C <c@x>": {}, "": {}, "C <c@x> x": {}, "C <c@x> 99999999999999999999 +0000": {},
	} {
		if got := whenOf([]byte(line)); !got.Equal(want) {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
}

// FuzzParseTree: whatever a tree holds, what is read of it has names that stay inside.
func FuzzParseTree(f *testing.F) {
	hash := strings.Repeat("\x01", 20)
	for _, s := range []string{"", "100644 a.yaml\x00" + hash, "40000 sub\x00" + hash + "120000 l\x00" + hash, "160000 m\x00" + hash, "100644 ..\x00" + hash, "9 a\x00" + hash, "100644 a\x00short"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, ok := parseTree(data)
		if !ok {
			return
		}
		for _, e := range entries {
			if !filepath.IsLocal(e.name) || strings.Contains(e.name, "/") {
				t.Errorf("the name %q leads out of its folder", e.name)
			}
		}
	})
}
