package config

import (
	"path"
	"regexp"
	"strings"
	"unicode"

	"vigie/internal/kinds"
)

var (
	kindForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(\.[a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$`)
	// The forms that other tools, and our own reports, write: shop/Deployment/web, Deployment/web, Deployment/shop/web.
	slashForm = regexp.MustCompile(`^(?:([a-z0-9*?-]+)/)?([A-Za-z][A-Za-z0-9]*)/(?:([a-z0-9*?-]+)/)?([^/\s]+)$`)
)

// subject reports whether a text names an object as a waiver does, and gives the right spelling where one is near.
func subject(s string) (near string, ok bool) {
	kind, rest, found := strings.Cut(s, " ")
	if found && rest != "" && kindForm.MatchString(kind) && strings.TrimSpace(rest) == rest {
		if _, err := path.Match(s, ""); err != nil {
			return "", false
		}
		return "", true
	}
	if found {
		if right := kindSpelt(kind); right != "" && strings.TrimSpace(rest) != "" {
			return right + " " + strings.TrimSpace(rest), false
		}
		return "", false
	}
	m := slashForm.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	kind, ns := kindSpelt(m[2]), m[1]+m[3]
	if kind == "" || m[1] != "" && m[3] != "" {
		return "", false
	}
	if ns != "" {
		return kind + " " + ns + "/" + m[4], false
	}
	return kind + " " + m[4], false
}

// kindSpelt is a kind in its right spelling, from any case, from its plural (deployments) and with its group kept;
// "" where it cannot be told.
func kindSpelt(word string) string {
	kind, group, grouped := strings.Cut(word, ".")
	suffix := ""
	if grouped {
		suffix = "." + strings.ToLower(group)
	}
	for _, e := range kinds.Entries() {
		if strings.EqualFold(e.Kind, kind) || strings.EqualFold(e.Resource, kind) {
			return e.Kind + suffix
		}
	}
	if kind != "" && unicode.IsUpper(rune(kind[0])) && kindForm.MatchString(kind+suffix) {
		return kind + suffix
	}
	return ""
}
