package git

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// ErrRevision is a revision that the repository does not have, or that is written in a form that is not read.
var ErrRevision = errors.New("no such revision")

// refRules are where a short name is looked for, in git's own order (gitrevisions(7)).
var refRules = []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"}

// step is one of ~, ~N, ^, ^N, ^{}, ^{commit} after a name.
var step = regexp.MustCompile(`^(~(\d{0,7})|\^(\d{1,4})|\^\{(|commit)\}|\^)`)

// refName is what a name of a reference may be made of (git-check-ref-format(1)), without what it may not hold.
var refName = regexp.MustCompile(`^[^\x00-\x20\x7f~^:?*\[\\]+$`)

// topRef are the references that stand beside refs/: HEAD, FETCH_HEAD and their like.
var topRef = regexp.MustCompile(`^([A-Z]+_)*HEAD$`)

// resolve gives the commit that a revision names: a branch, a tag, a remote's branch, a full or short hash, HEAD or @,
// each perhaps followed by ~N or ^N.
func (r *repo) resolve(ctx context.Context, rev string) (plumbing.Hash, error) {
	name := rev
	if i := strings.IndexAny(rev, "~^"); i >= 0 {
		name = rev[:i]
	}
	steps := rev[len(name):]
	h, err := r.named(ctx, name)
	if err != nil {
		return h, fmt.Errorf("revision %q: %w", rev, err)
	}
	h, t, err := r.peel(ctx, h)
	if err != nil {
		return h, fmt.Errorf("revision %q: %w", rev, err)
	}
	if t != plumbing.CommitObject {
		return h, fmt.Errorf("revision %q: %w: it names a %s, want a commit", rev, ErrRevision, t)
	}
	for steps != "" {
		m := step.FindStringSubmatch(steps)
		if m == nil {
			return h, fmt.Errorf("revision %q: %w: %q is not understood; name a branch, a tag or a hash, with ~N or ^N", rev, ErrRevision, steps)
		}
		steps = steps[len(m[0]):]
		if h, err = r.walkBack(ctx, h, m); err != nil {
			return h, fmt.Errorf("revision %q: %w", rev, err)
		}
	}
	return h, nil
}

// walkBack takes one step: N first parents, or the Nth parent.
func (r *repo) walkBack(ctx context.Context, h plumbing.Hash, m []string) (plumbing.Hash, error) {
	times, parent := 1, 1
	switch {
	case strings.HasPrefix(m[0], "^{"):
		return h, nil
	case m[2] != "":
		times, _ = strconv.Atoi(m[2]) // the form holds digits alone
	case m[3] != "":
		parent, _ = strconv.Atoi(m[3])
	}
	if parent == 0 {
		return h, nil
	}
	for range times {
		c, err := r.commit(ctx, h)
		if err != nil {
			return h, err
		}
		if len(c.parents) < parent {
			return h, fmt.Errorf("%w: commit %s has %d parents here", ErrRevision, h.String()[:12], len(c.parents))
		}
		h = c.parents[parent-1]
	}
	return h, nil
}

// named gives the object that a name stands for.
func (r *repo) named(ctx context.Context, name string) (plumbing.Hash, error) {
	switch {
	case name == "@":
		name = "HEAD"
	case plumbing.IsHash(name):
		return plumbing.NewHash(name), nil
	case !refName.MatchString(name), strings.HasPrefix(name, "-"), strings.HasPrefix(name, "/"), strings.Contains(name, ".."), strings.Contains(name, "@{"):
		return plumbing.ZeroHash, fmt.Errorf("%w: the form is not read; name a branch, a tag or a hash", ErrRevision)
	}
	for _, rule := range refRules {
		full := strings.ReplaceAll(rule, "%s", name)
		if rule == "%s" && !strings.HasPrefix(name, "refs/") && !topRef.MatchString(name) {
			continue // a file of another name at the top is no reference
		}
		h, err := r.reference(plumbing.ReferenceName(full))
		if err == nil {
			return h, nil
		}
		if !errors.Is(err, plumbing.ErrReferenceNotFound) {
			return plumbing.ZeroHash, fmt.Errorf("%w: reference %s: %w", ErrRevision, full, err)
		}
	}
	return r.short(ctx, name)
}

// maxSymbolic bounds references to references, as git does.
const maxSymbolic = 5

// reference follows a reference to an object.
func (r *repo) reference(name plumbing.ReferenceName) (plumbing.Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range maxSymbolic {
		ref, err := r.st.Reference(name)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		if ref.Type() == plumbing.HashReference {
			return ref.Hash(), nil
		}
		if name = ref.Target(); !strings.HasPrefix(string(name), "refs/") {
			return plumbing.ZeroHash, errors.New("it leads out of the references")
		}
	}
	return plumbing.ZeroHash, errors.New("it leads from reference to reference")
}

// short finds the one commit whose hash begins so; a tag of it counts too.
func (r *repo) short(ctx context.Context, prefix string) (plumbing.Hash, error) {
	prefix = strings.ToLower(prefix)
	raw, err := hex.DecodeString(prefix[:len(prefix)&^1])
	if err != nil || len(prefix) < 4 || len(prefix) > 40 || strings.Trim(prefix, "0123456789abcdef") != "" {
		return plumbing.ZeroHash, fmt.Errorf("%w: no branch, tag or hash of that name", ErrRevision)
	}
	var all, found []plumbing.Hash
	r.mu.Lock()
	for _, st := range r.stores() {
		some, e := st.HashesWithPrefix(raw)
		all, err = append(all, some...), errors.Join(err, e)
	}
	r.mu.Unlock()
	if err != nil {
		return plumbing.ZeroHash, fmt.Errorf("%w: look for a hash: %w", ErrRevision, err)
	}
	for _, h := range all {
		if !strings.HasPrefix(h.String(), prefix) {
			continue
		}
		if _, t, err := r.peel(ctx, h); err == nil && t == plumbing.CommitObject {
			found = append(found, h)
		}
	}
	switch len(unique(found)) {
	case 0:
		return plumbing.ZeroHash, fmt.Errorf("%w: no branch, tag or hash of that name", ErrRevision)
	case 1:
		return found[0], nil
	}
	return plumbing.ZeroHash, fmt.Errorf("%w: %d commits begin so; give more digits", ErrRevision, len(unique(found)))
}

func unique(hs []plumbing.Hash) map[plumbing.Hash]bool {
	out := map[plumbing.Hash]bool{}
	for _, h := range hs {
		out[h] = true
	}
	return out
}

// tips are the commits that the references name, of branches, tags, remotes and all others, and HEAD.
func (r *repo) tips(ctx context.Context) (tips []plumbing.Hash, err error) {
	var named []plumbing.Hash
	r.mu.Lock()
	iter, err := r.st.IterReferences()
	if err == nil {
		err = iter.ForEach(func(ref *plumbing.Reference) error {
			if ref.Type() == plumbing.HashReference {
				named = append(named, ref.Hash())
			}
			return nil
		})
	}
	r.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("list the references of %q: %w: %w", r.dir, ErrRepository, err)
	}
	for _, h := range named {
		h, t, err := r.peel(ctx, h)
		if err != nil {
			tips = append(tips, h) // the walk says that it cannot be read
			continue
		}
		if t == plumbing.CommitObject {
			tips = append(tips, h)
		}
	}
	return tips, nil
}
