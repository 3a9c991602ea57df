package registryallowed

import (
	"strings"

	"vigie/internal/kinds"
)

// A pattern is a registry, or the beginning of a repository in it, by whole components: registry.example.com/shop allows
// registry.example.com/shop/app and not registry.example.com/shopping/app. A * stands for any text within a component.
type pattern []string

// parsePattern reads a word of the parameter. People paste addresses: a scheme and a last slash do not count.
func parsePattern(word string) pattern {
	if _, after, ok := strings.Cut(word, "://"); ok {
		word = after
	}
	p := pattern(strings.Split(strings.TrimRight(word, "/"), "/"))
	p[0] = kinds.RegistryHost(p[0])
	return p
}

func (p pattern) allows(ref kinds.ImageRef) bool {
	parts := strings.Split(ref.Repository(), "/")
	if len(p) > len(parts) {
		return false
	}
	for i, want := range p {
		if !kinds.MatchGlob(want, parts[i]) {
			return false
		}
	}
	return true
}
