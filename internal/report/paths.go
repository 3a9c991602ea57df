package report

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"vigie/internal/inventory"
)

// repoPath is a file as a repository names it: with slashes, without "./", and relative to base where it is absolute
// and lies below it.
func repoPath(file, base string) string {
	p := path.Clean(filepath.ToSlash(file))
	if base == "" || !path.IsAbs(p) {
		return p
	}
	root := strings.TrimSuffix(path.Clean(filepath.ToSlash(base)), "/")
	if rest, ok := strings.CutPrefix(p, root+"/"); ok {
		return rest
	}
	return p
}

// fileURI is repoPath as a URI reference: what is not allowed in one is percent-encoded, byte by byte.
func fileURI(file, base string) string {
	p := repoPath(file, base)
	u := url.URL{Path: p}
	if path.IsAbs(p) {
		u.Scheme = "file"
	}
	return u.String()
}

// treeOf is the one tree that a check of files looked at, for a finding that is about no file of it; empty where there
// are several, or none.
func treeOf(m Meta) string {
	if len(m.Paths) != 1 || m.Paths[0] == "-" || m.Source != "files" && m.Source != "git" {
		return ""
	}
	return m.Paths[0]
}

// inRepo is the whole name of a subject, for programs: namespace/Kind/name, without a word of any language.
func inRepo(r inventory.Ref) string {
	kind, _, _ := strings.Cut(r.Short(), " ")
	var parts []string
	for _, s := range []string{r.Cluster, r.Root, r.Namespace, kind, r.Name} {
		if s != "" && s != "." {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "/")
}

// ids gives each finding a name that no other of its report has: its fingerprint, and for a further finding of the same
// fingerprint (an object that stands in two files) one made of it and of its number.
type ids map[string]int

func (seen ids) of(fingerprint string) string {
	seen[fingerprint]++
	n := seen[fingerprint]
	if n == 1 {
		return fingerprint
	}
	sum := sha256.Sum256([]byte(fingerprint + " " + strconv.Itoa(n)))
	return hex.EncodeToString(sum[:16])
}
