package registryallowed

import (
	"testing"

	"vigie/internal/control/controltest"
	"vigie/internal/kinds"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

// TestPattern: whole components from the left, the port a part of the host, * within one component.
func TestPattern(t *testing.T) {
	for _, c := range []struct {
		word, image string
		want        bool
	}{
		{"registry.example.test", "registry.example.test/shop/app:1", true},
		{"registry.example.test", "registry.example.test:5000/shop/app:1", false},
		{"registry.example.test:5000", "registry.example.test:5000/shop/app:1", true},
		{"registry.example.test", "evil.test/registry.example.test/app", false},
		{"registry.example.test", "registry.example.test.evil.test/app", false},
		{"registry.example.test", "app:1", false},
		{"registry.example.test/shop", "registry.example.test/shop/app:1", true},
		{"registry.example.test/shop", "registry.example.test/shopping/app:1", false},
		{"registry.example.test/shop", "registry.example.test/other/shop/app:1", false},
		{"registry.example.test/shop/app", "registry.example.test/shop/app@sha256:00", true},
		{"registry.example.test/shop/app", "registry.example.test/shop/app/debug:1", true},
		{"registry.example.test/shop/app/x", "registry.example.test/shop/app:1", false},
		{"https://Registry.Example.test/shop/", "registry.example.test/shop/app", true},
		{"*.example.test", "registry.example.test/app", true},
		{"*.example.test", "registry.example.test:5000/app", false},
		{"*.example.test:*", "registry.example.test:5000/app", true},
		{"*.example.test", "evil.test/x.example.test/app", false},
		{"registry.example.test/*/app", "registry.example.test/shop/app", true},
		{"registry.example.test/*/app", "registry.example.test/shop/web/app", false},
		{"registry.example.test/shop-*", "registry.example.test/shop-eu/app", true},
		{"*", "anything.test/at/all", true},
		{"docker.io", "app:1", true},
		{"docker.io/library", "app", true},
		{"docker.io/library", "team/app", false},
		{"index.docker.io/team", "team/app", true},
	} {
		if got := parsePattern(c.word).allows(kinds.ParseImage(c.image)); got != c.want {
			t.Errorf("%s allows %s: %v", c.word, c.image, got)
		}
	}
}
