package config

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A rule gives a value to the namespaces that match a pattern.
type rule struct{ glob, value string }

// rules are in the order in which they are asked: the first that matches counts.
type rules []rule

// sort puts exact names first, then patterns with more letters, then production, staging and the rest. The order in
// the file does not count, so that a file says the same after its keys were sorted.
func (rs rules) sort() {
	rank := map[string]int{Production: -2, Staging: -1}
	slices.SortFunc(rs, func(a, b rule) int {
		return cmp.Or(
			cmp.Compare(exactness(b.glob), exactness(a.glob)), cmp.Compare(rank[a.value], rank[b.value]),
			cmp.Compare(a.value, b.value), cmp.Compare(a.glob, b.glob),
		)
	})
}

func (rs rules) find(ns string) string {
	if ns == "" {
		return "" // "*" means every namespace, and this is none
	}
	for _, r := range rs {
		if ok, err := path.Match(r.glob, ns); ok && err == nil {
			return r.value
		}
	}
	return ""
}

// exact is the exactness of a name without a pattern.
const exact = 1 << 20

// exactness is the number of letters that a pattern holds fast; more than any pattern's for an exact name.
func exactness(glob string) int {
	if !strings.ContainsAny(glob, `*?[\`) {
		return exact
	}
	n, class := 0, false
	for _, r := range glob {
		switch {
		case class:
			class = r != ']'
		case r == '[':
			class = true
		case r != '*' && r != '?':
			n++
		}
	}
	return n
}

// globForm holds the patterns that can match a namespace, whose name is small letters, digits and dashes.
var globForm = regexp.MustCompile(`^([a-z0-9*?-]|\[\^?[a-z0-9-]+\])+$`)

// badGlob says what is wrong with a pattern of namespaces; "" where nothing is.
func badGlob(glob string) (reason string) {
	if _, err := path.Match(glob, ""); err != nil {
		return "bad-pattern"
	}
	if !globForm.MatchString(glob) || exactness(glob) == exact && !namespaceForm.MatchString(glob) {
		return "pattern-never"
	}
	return ""
}

// badPath says what is wrong with a pattern of paths; "" where nothing is.
func badPath(glob string) (reason string) {
	if path.IsAbs(glob) || strings.ContainsAny(glob, `\:`) {
		return "path-outside" // a backslash or a colon is another system's path
	}
	for _, part := range strings.Split(glob, "/") {
		if part == ".." {
			return "path-outside"
		}
		if _, err := path.Match(part, ""); err != nil {
			return "bad-pattern"
		}
	}
	return ""
}

// covers reports whether the pattern matches the path, or a folder above it. ** is any number of names.
func covers(pattern, rel string) bool {
	names := strings.Split(path.Clean(rel), "/")
	// reach[j]: what was read of the pattern so far matches the first j names.
	reach := make([]bool, len(names)+1)
	reach[0] = true
	for _, part := range strings.Split(strings.TrimSuffix(path.Clean(pattern), "/"), "/") {
		next := make([]bool, len(names)+1)
		for j := range reach {
			switch {
			case part == "**":
				next[j] = reach[j] || j > 0 && next[j-1]
			case j > 0 && reach[j-1]:
				next[j], _ = path.Match(part, names[j-1])
			}
		}
		reach = next
	}
	return slices.Contains(reach[1:], true)
}
