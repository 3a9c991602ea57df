package imagepinned

import (
	"testing"

	"vigie/internal/control/controltest"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

func TestParse(t *testing.T) {
	for image, want := range map[string]reference{
		"app":                               {},
		"app:1":                             {tag: "1"},
		"registry.example.test:5000/app":    {},
		"registry.example.test:5000/app:1":  {tag: "1"},
		"a/b@sha256:00":                     {digest: "sha256:00"},
		"a/b:latest@sha256:00":              {tag: "latest", digest: "sha256:00"},
		"registry.example.test:5000/a@what": {},
	} {
		if got := parse(image); got != want {
			t.Errorf("%s: %+v, want %+v", image, got, want)
		}
	}
}

func TestShown(t *testing.T) {
	for image, want := range map[string]string{
		"app:1": "app:1", "user:word@registry.example.test/app": "registry.example.test/app", "a@sha256:00": "a@sha256:00",
	} {
		if got := shown(image); got != want {
			t.Errorf("%s: %s, want %s", image, got, want)
		}
	}
}
