// Package apis is the table of the API kinds that Kubernetes and OpenShift serve themselves: which version of which
// kind came when, and is gone since when. It says nothing of custom resources.
package apis

import (
	"slices"
	"strings"
)

// A Kind is one kind of one API version, as "group/version Kind" (the group left out for core).
type Kind struct {
	Introduced  Minor
	Deprecated  Minor
	Removed     Minor
	Replacement string // "group/version Kind"; empty where there is none
}

// A Minor is a minor version of Kubernetes 1. 0 is never, or not known.
type Minor int

// Newest is the newest minor version that the table knows all of.
const Newest Minor = 37

// Find gives the table's row for an API version and kind.
func Find(apiVersion, kind string) (Kind, bool) {
	k, ok := table[apiVersion+" "+kind]
	return k, ok
}

// betasOff is the minor version since which a beta that comes is not served unless it is asked for (KEP-3136).
const betasOff = 24

// Served lists what a cluster of a minor version serves by itself, as Helm's Capabilities.APIVersions does:
// "group/version" and "group/version/Kind", in order. OpenShift's own APIs are among them where it is one.
func Served(minor Minor, openshift bool) []string {
	seen := map[string]bool{}
	for key, k := range table {
		version, kind, _ := strings.Cut(key, " ") // no group's name holds either word
		group := groupOf(key)
		switch {
		case strings.HasSuffix(group, ".openshift.io") && !openshift,
			k.Introduced > minor, k.Removed != 0 && k.Removed <= minor,
			strings.Contains(version, "alpha"), strings.Contains(version, "beta") && k.Introduced >= betasOff:
			continue
		}
		seen[version], seen[version+"/"+kind] = true, true
	}
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Covers reports whether the table is whole for a group: a kind of it that is not in the table is not served.
func Covers(group string) bool { return groups[group] }

var groups = func() map[string]bool {
	out := map[string]bool{}
	for key := range table {
		out[groupOf(key)] = true
	}
	return out
}()

func groupOf(key string) string {
	for i := range len(key) {
		switch key[i] {
		case '/':
			return key[:i]
		case ' ':
			return ""
		}
	}
	return ""
}
