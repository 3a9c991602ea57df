// Package apis is the table of the API kinds that Kubernetes and OpenShift serve themselves: which version of which
// kind came when, and is gone since when. It says nothing of custom resources.
package apis

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
