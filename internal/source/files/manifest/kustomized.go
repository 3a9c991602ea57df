package manifest

import (
	"maps"
	"path"
	"slices"
)

// A kustomized is a directory with a kustomization.
type kustomized struct {
	component bool     // it changes what others include it into, and stands for nothing alone
	names     []string // what it takes from elsewhere, as directories of the tree; files and what is not there, too
}

func newKustomized(dir string, k map[any]any) *kustomized {
	kind, _ := k["kind"].(string)
	c := &kustomized{component: kind == "Component"}
	for _, key := range []string{"resources", "bases", "components", "generators", "transformers", "validators"} {
		for _, e := range listOf(k[key]) {
			if p, ok := e.(string); ok && !path.IsAbs(p) {
				c.names = append(c.names, path.Join(dir, p))
			}
		}
	}
	return c
}

// includes are the kustomizations that the one of a directory takes in.
func (l *layout) includes(dir string) (in []string) {
	for _, name := range l.kusts[dir].names {
		if l.kusts[name] != nil {
			in = append(in, name)
		}
	}
	return in
}

// reach adds to seen what a kustomization takes in, and what that takes in.
func (l *layout) reach(dir string, seen map[string]bool) {
	for _, in := range l.includes(dir) {
		if !seen[in] {
			seen[in] = true
			l.reach(in, seen)
		}
	}
}

// overlays are the kustomizations that stand for something by themselves: no other one takes them in. Of several that
// take in each other the first is one: somebody must say that they do.
func (l *layout) overlays() (found []string) {
	taken := map[string]bool{}
	for dir := range l.kusts {
		for _, in := range l.includes(dir) {
			if in != dir {
				taken[in] = true
			}
		}
	}
	seen := map[string]bool{}
	dirs := slices.Sorted(maps.Keys(l.kusts))
	for _, round := range []bool{false, true} {
		for _, dir := range dirs {
			if l.kusts[dir].component || seen[dir] || taken[dir] != round {
				continue
			}
			seen[dir] = true
			found = append(found, dir)
			l.reach(dir, seen)
		}
	}
	return found
}

// leftBy are the kustomizations that those which were not rendered take in, and that nobody else rendered: what can be
// seen of them is seen.
func (l *layout) leftBy(tried []string, done, before map[string]bool) (left []string) {
	covered := map[string]bool{}
	for dir := range done {
		if done[dir] {
			l.reach(dir, covered)
		}
	}
	next := map[string]bool{}
	for _, dir := range tried {
		if done[dir] {
			continue
		}
		for _, in := range l.includes(dir) {
			if !covered[in] && !before[in] && !l.kusts[in].component {
				next[in] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(next))
}

// applications are the charts that are installed by themselves: not within another one, and no library.
func (l *layout) applications() (found []string) {
	for dir, c := range l.charts {
		if l.outermost(dir) == dir && !c.library {
			found = append(found, dir)
		}
	}
	slices.Sort(found)
	return found
}
