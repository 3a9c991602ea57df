package git

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/source/files/manifest"
	"vigie/internal/source/git/gittest"
)

// shop is a repository of three commits in dir/.git: the image says which.
func shop(t *testing.T) (dir string, r *gittest.Repo, hashes []string) {
	t.Helper()
	dir = t.TempDir()
	r = gittest.New(t, filepath.Join(dir, ".git"))
	var sets []map[string]string
	for _, v := range []string{"one", "two", "three"} {
		sets = append(sets, map[string]string{
			"deploy/web.yaml": pod("web", v), "deploy/sub/db.json": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"db","namespace":"shop"}}`,
			"README.md": "text " + v,
		})
	}
	sets[0]["old/gone.yaml"] = pod("gone", "one")
	hashes = r.Linear(sets...)
	r.Tag("v1", hashes[0])
	r.Ref("refs/tags/light", hashes[1])
	r.Ref("refs/heads/feature/x", hashes[1])
	r.Ref("refs/remotes/origin/main", hashes[1])
	r.Ref("refs/remotes/origin/HEAD", hashes[0])
	return dir, r, hashes
}

func TestRevision(t *testing.T) {
	dir, _, hashes := shop(t)
	for rev, want := range map[string]int{
		"": 2, "HEAD": 2, "@": 2, "main": 2, "refs/heads/main": 2, "heads/main": 2, "v1": 0, "refs/tags/v1": 0, "v1^{commit}": 0, "v1^{}": 0, "light": 1,
		"feature/x": 1, "origin/main": 1, "origin": 0, "HEAD~": 1, "HEAD~1": 1, "HEAD~2": 0, "HEAD^": 1, "HEAD^^": 0, "HEAD^1~1": 0, "HEAD^0": 2, "main~1": 1,
		hashes[0]: 0, hashes[1][:7]: 1, strings.ToUpper(hashes[2][:9]): 2, hashes[0][:4]: 0,
	} {
		s, err := read(t, &Source{Paths: []string{dir}, Revision: rev})
		if err != nil {
			t.Errorf("%q: %v", rev, err)
			continue
		}
		got := s.stats.Revisions[0]
		if got.Commit != hashes[want] || !got.At.Equal(gittest.Began.AddDate(0, 0, want)) {
			t.Errorf("%q: commit %s of %s, want %s", rev, got.Commit, got.At, hashes[want])
		}
		objects := []string{"Pod db deploy/sub/db.json", "Pod web deploy/web.yaml"}
		if want == 0 {
			objects = append(objects, "Pod gone old/gone.yaml")
		}
		wantLines(t, rev, s.objects(dir), objects...)
	}
	for _, rev := range []string{
		"nowhere", "v2", "HEAD~3", "HEAD^2", "HEAD@{1}", "main@{upstream}", ":/text", "HEAD^{tree}", "HEAD~x", "-x", "../HEAD", "config", "HEAD:deploy", "abc", "ffffffff",
		"refs/heads/../../HEAD", "a b", "x\x00y", "main..feature/x", "^main", "~1",
	} {
		if _, err := read(t, &Source{Paths: []string{dir}, Revision: rev}); !errors.Is(err, ErrRevision) {
			t.Errorf("%q: error %v, want ErrRevision", rev, err)
		}
	}
	gone := strings.Repeat("0123", 10)
	if _, err := read(t, &Source{Paths: []string{dir}, Revision: gone}); err == nil {
		t.Error("the hash of no object is read")
	}
}

func TestRevisionOfNoCommit(t *testing.T) {
	dir, r, hashes := shop(t)
	r.Ref("refs/tags/tree", r.Tree(map[string]string{"a": "b"}))
	r.Ref("refs/tags/loop", "ref: refs/tags/loop")
	r.Ref("refs/heads/out", "ref: config")
	for _, rev := range []string{"tree", "loop", "out"} {
		if _, err := read(t, &Source{Paths: []string{dir}, Revision: rev}); !errors.Is(err, ErrRevision) {
			t.Errorf("%s: error %v, want ErrRevision", rev, err)
		}
	}
	twice := r.Tag("twice", r.Tag("once", hashes[0]))
	r.Ref("refs/tags/twice", twice)
	if s := mustRead(t, &Source{Paths: []string{dir}, Revision: "twice"}); s.stats.Revisions[0].Commit != hashes[0] {
		t.Errorf("the tag of a tag is commit %s", s.stats.Revisions[0].Commit)
	}
}

// TestPlaces reads repositories of each form, and folders of them.
func TestPlaces(t *testing.T) {
	dir, _, _ := shop(t)
	bare := filepath.Join(t.TempDir(), "shop.git")
	program(t, dir, "clone", "-q", "--bare", dir, bare)
	tree := filepath.Join(t.TempDir(), "further")
	program(t, dir, "worktree", "add", "-q", tree, "light")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, rev string
		want      []string
	}{
		{dir, "v1", []string{"Pod db deploy/sub/db.json", "Pod gone old/gone.yaml", "Pod web deploy/web.yaml"}},
		{filepath.Join(dir, "deploy"), "v1", []string{"Pod db sub/db.json", "Pod web web.yaml"}},
		{filepath.Join(dir, "deploy", "sub"), "main", []string{"Pod db db.json"}},
		{filepath.Join(dir, "old"), "v1", []string{"Pod gone gone.yaml"}},
		{bare, "v1", []string{"Pod db deploy/sub/db.json", "Pod gone old/gone.yaml", "Pod web deploy/web.yaml"}},
		{filepath.Join(bare, "old"), "v1", []string{"Pod gone gone.yaml"}},
		{tree, "", []string{"Pod db deploy/sub/db.json", "Pod web deploy/web.yaml"}},
		{tree, "main", []string{"Pod db deploy/sub/db.json", "Pod web deploy/web.yaml"}},
		{link, "", []string{"Pod db deploy/sub/db.json", "Pod web deploy/web.yaml"}},
	} {
		s, err := read(t, &Source{Paths: []string{c.path}, Revision: c.rev})
		if err != nil {
			t.Errorf("%s at %q: %v", c.path, c.rev, err)
			continue
		}
		wantLines(t, c.path+" at "+c.rev, s.objects(c.path), c.want...)
	}
	file := filepath.Join(dir, "deploy", "web.yaml")
	s := mustRead(t, &Source{Paths: []string{file}, Revision: "v1"})
	wantLines(t, "one file", s.objects(dir), "Pod web deploy/web.yaml")
	if _, err := read(t, &Source{Paths: []string{filepath.Join(dir, "old")}, Revision: "main"}); !errors.Is(err, ErrRevision) {
		t.Errorf("a folder that the revision lacks: %v", err)
	}
	if _, err := read(t, &Source{Paths: []string{t.TempDir()}}); !errors.Is(err, ErrRepository) {
		t.Errorf("no repository: %v", err)
	}
	head := mustRead(t, &Source{Paths: []string{tree}})
	if head.stats.Revisions[0].Commit == mustRead(t, &Source{Paths: []string{dir}}).stats.Revisions[0].Commit {
		t.Error("the HEAD of a further worktree is that of the first")
	}
	twice := mustRead(t, &Source{Paths: []string{dir, filepath.Join(dir, ".")}})
	if n := len(twice.objects(dir)); n != 2 {
		t.Errorf("a path given twice gives %d objects, want 2", n)
	}
}

// TestForms holds what is read equal over the forms in which git keeps the same objects.
func TestForms(t *testing.T) {
	dir, _, hashes := shop(t)
	want := mustRead(t, &Source{Paths: []string{dir}, Revision: "v1"}).objects(dir)
	packed := filepath.Join(t.TempDir(), "packed")
	program(t, dir, "clone", "-q", "--bare", dir, packed)
	program(t, packed, "gc", "-q", "--aggressive", "--prune=now")
	if refs, err := os.ReadFile(filepath.Join(packed, "packed-refs")); err != nil || !strings.Contains(string(refs), "refs/tags/v1") {
		t.Fatalf("the references are not packed: %v", err)
	}
	shared := filepath.Join(t.TempDir(), "shared")
	program(t, dir, "clone", "-q", "--bare", "--shared", packed, shared)
	if _, err := os.Stat(filepath.Join(shared, "objects", "info", "alternates")); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{packed, shared} {
		for _, rev := range []string{"v1", hashes[0], hashes[0][:8], "main~2"} {
			s := mustRead(t, &Source{Paths: []string{p}, Revision: rev})
			wantLines(t, p+" "+rev, s.objects(p), want...)
			wantLines(t, p+" "+rev, s.unread(p))
		}
	}
}

// TestNotRead names what of a revision is not read.
func TestNotRead(t *testing.T) {
	dir := t.TempDir()
	r := gittest.New(t, filepath.Join(dir, ".git"))
	secret := filepath.Join(dir, "outside.yaml")
	if err := os.WriteFile(secret, []byte(pod("outside", "x")), 0o644); err != nil {
		t.Fatal(err)
	}
	r.Linear(map[string]string{
		"a.yaml":             pod("a", "1"),
		"vendor/lib":         gittest.Submodule + strings.Repeat("ab", 20),
		"big.yaml":           "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("0", 64) + "\nsize 12345\n",
		"huge.yaml":          "# " + strings.Repeat("x", 4096) + "\n" + pod("huge", "1"),
		"links/in.yaml":      gittest.Link + "../a.yaml",
		"links/data.yaml":    gittest.Link + "../text.txt",
		"links/out.yaml":     gittest.Link + "../../outside.yaml",
		"links/abs.yaml":     gittest.Link + secret,
		"links/dead.yaml":    gittest.Link + "nothing.yaml",
		"links/loop.yaml":    gittest.Link + "loop.yaml",
		"links/folder":       gittest.Link + "..",
		"links/pass.yaml":    gittest.Link + "/etc/passwd",
		"text.txt":           pod("text", "1"),
		"two/\x1b[31mx.yaml": pod("escape", "1"),
		"chart/Chart.yaml":   "apiVersion: v2\nname: c\n", "chart/templates/a.yaml": "{{ x }}",
		"pack.tar.gz": "x",
	})
	s := mustRead(t, &Source{Paths: []string{dir}, Options: manifest.Options{Limits: manifest.Limits{FileBytes: 2048}}})
	wantLines(t, "objects", s.objects(dir), "Pod a a.yaml", "Pod text links/data.yaml", "Pod escape two/\x1b[31mx.yaml")
	wantLines(t, "unread", s.unread(dir),
		"submodule vendor/lib", "lfs-pointer big.yaml", "too-large huge.yaml", "link-outside links/out.yaml", "link-outside links/abs.yaml",
		"unreadable links/dead.yaml", "link-cycle links/loop.yaml", "link-outside links/pass.yaml", "chart-not-rendered chart/Chart.yaml")
	ignored := mustRead(t, &Source{Paths: []string{dir}, Options: manifest.Options{Ignore: func(name string) bool {
		return name == "links" || name == "vendor" || name == "chart" || name == "huge.yaml" || name == "big.yaml"
	}}})
	wantLines(t, "unread but for what is ignored", ignored.unread(dir))
}

// TestDamage holds that what a repository lacks or holds damaged is named, and the rest read.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	r := gittest.New(t, filepath.Join(dir, ".git"))
	r.Linear(map[string]string{"a.yaml": pod("a", "1"), "b.yaml": pod("b", "1"), "c.yaml": pod("c", "1"), "sub/d.yaml": pod("d", "1"), "e.yaml": pod("e", "1")})
	object := func(hash string) string { return filepath.Join(r.Dir, "objects", hash[:2], hash[2:]) }
	blob := func(text string) string { return object(r.Object(3, []byte(text))) }
	if err := os.Remove(blob(pod("a", "1"))); err != nil {
		t.Fatal(err)
	}
	cut, err := os.ReadFile(blob(pod("b", "1")))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(blob(pod("c", "1")))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		blob(pod("b", "1")): cut[:len(cut)/2], blob(pod("e", "1")): other, object(r.Tree(map[string]string{"d.yaml": pod("d", "1")})): []byte("no object"),
	} {
		if err := os.Chmod(name, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := mustRead(t, &Source{Paths: []string{dir}})
	wantLines(t, "objects", s.objects(dir), "Pod c c.yaml")
	wantLines(t, "unread", s.unread(dir), "object-missing a.yaml", "object-broken b.yaml", "object-broken e.yaml", "object-broken sub")
	h := mustRead(t, &Source{Paths: []string{dir}, History: true})
	if got := strings.Join(h.unread(dir), "\n"); !strings.Contains(got, "history-incomplete .") || !strings.Contains(got, "history-not-understood .") {
		t.Errorf("a damaged history is not named:\n%s", got)
	}
}

func TestDamagedPack(t *testing.T) {
	dir, _, _ := shop(t)
	packed := filepath.Join(t.TempDir(), "packed")
	program(t, dir, "clone", "-q", "--bare", dir, packed)
	program(t, packed, "gc", "-q", "--aggressive", "--prune=now")
	packs, err := filepath.Glob(filepath.Join(packed, "objects", "pack", "*.pack"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("packs: %v %v", packs, err)
	}
	whole, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(packs[0], 0o644); err != nil {
		t.Fatal(err)
	}
	for at := 12; at < len(whole)-20; at += 7 {
		bad := append([]byte{}, whole...)
		bad[at] ^= 0x55
		if err := os.WriteFile(packs[0], bad, 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := read(t, &Source{Paths: []string{packed}, Revision: "main", History: true})
		if err != nil {
			continue // the commit itself is damaged: said as an error
		}
		if n := len(s.objects(packed)); n < 2 && len(s.inv.Unread) == 0 {
			t.Fatalf("byte %d damaged: %d objects of 2 are read, and nothing is said", at, n)
		}
	}
}

// TestNothingRuns holds that a repository is data: what git would run, its configuration, hooks and attributes, is not.
func TestNothingRuns(t *testing.T) {
	dir, r, _ := shop(t)
	mark := filepath.Join(t.TempDir(), "ran")
	touch := "touch " + mark
	config := "[core]\n\tfsmonitor = " + touch + "\n\tsshCommand = " + touch + "\n\tpager = " + touch + "\n\thooksPath = hooks\n\talternateRefsCommand = " + touch +
		"\n[filter \"x\"]\n\tsmudge = " + touch + "\n\tclean = " + touch + "\n\tprocess = " + touch + "\n[include]\n\tpath = /etc/passwd\n[remote \"origin\"]\n\turl = ext::" + touch +
		"\n\tpromisor = true\n[uploadpack]\n\tpackObjectsHook = " + touch + "\n[credential]\n\thelper = !" + touch + "\n"
	if err := os.WriteFile(filepath.Join(r.Dir, "config"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"post-checkout", "pre-auto-gc", "fsmonitor-watchman", "reference-transaction"} {
		if err := os.MkdirAll(filepath.Join(r.Dir, "hooks"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.Dir, "hooks", hook), []byte("#!/bin/sh\n"+touch+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := listing(t, r.Dir)
	s := mustRead(t, &Source{Paths: []string{dir}, Revision: "v1", AllRefs: true})
	if len(s.objects(dir)) != 3 {
		t.Errorf("objects: %v", s.objects(dir))
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("a command of the repository ran")
	}
	if after := listing(t, r.Dir); after != before {
		t.Error("the repository was written to")
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		b.WriteString(p + " " + info.ModTime().String() + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestFormat refuses what cannot be read, by its name.
func TestFormat(t *testing.T) {
	for config, want := range map[string]string{
		"[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n": "sha256",
		"[extensions]\n  refStorage = reftable\n":                                        "reftable",
	} {
		dir, r, _ := shop(t)
		if err := os.WriteFile(filepath.Join(r.Dir, "config"), []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := read(t, &Source{Paths: []string{dir}})
		if !errors.Is(err, ErrRepository) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one that names %s", config, err, want)
		}
	}
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, ".git"), []byte("gitdir: /nowhere\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, &Source{Paths: []string{broken}}); !errors.Is(err, ErrRepository) {
		t.Errorf("a worktree of no repository: %v", err)
	}
}
