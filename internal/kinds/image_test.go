package kinds_test

import (
	"testing"

	"vigie/internal/kinds"
)

func TestParseImage(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for image, want := range map[string]kinds.ImageRef{
		"":                                      {Registry: "docker.io", Short: true},
		"app":                                   {Registry: "docker.io", Path: "library/app", Short: true},
		"app:1":                                 {Registry: "docker.io", Path: "library/app", Tag: "1", Short: true},
		"team/app:1":                            {Registry: "docker.io", Path: "team/app", Tag: "1", Short: true},
		"index.docker.io/app:1":                 {Registry: "docker.io", Path: "library/app", Tag: "1"},
		"Registry.Example.test/shop/app":        {Registry: "registry.example.test", Path: "shop/app"},
		"registry.example.test:5000/app":        {Registry: "registry.example.test:5000", Path: "app"},
		"registry.example.test:5000/app:1":      {Registry: "registry.example.test:5000", Path: "app", Tag: "1"},
		"registry:5000/app":                     {Registry: "registry:5000", Path: "app"},
		"localhost/app":                         {Registry: "localhost", Path: "app"},
		"a/b@" + digest:                         {Registry: "docker.io", Path: "a/b", Digest: digest, Short: true},
		"a/b:latest@" + digest:                  {Registry: "docker.io", Path: "a/b", Tag: "latest", Digest: digest, Short: true},
		"registry.example.test:5000/a@what":     {Registry: "registry.example.test:5000", Path: "a"},
		"user:word@registry.example.test/app:1": {Registry: "registry.example.test", Path: "app", Tag: "1"},
		"user:word@registry.example.test:5000/app@" + digest: {Registry: "registry.example.test:5000", Path: "app", Digest: digest},
		" registry.example.test/a:1 ":                        {Registry: "registry.example.test", Path: "a", Tag: "1"},
	} {
		if got := kinds.ParseImage(image); got != want {
			t.Errorf("%s: %+v, want %+v", image, got, want)
		}
	}
}

func TestShownImage(t *testing.T) {
	for image, want := range map[string]string{
		"app:1": "app:1", "a@sha256:00": "a@sha256:00",
		"user:word@registry.example.test/app":           "registry.example.test/app",
		"user:word@registry.example.test/app@sha256:00": "registry.example.test/app@sha256:00",
	} {
		if got := kinds.ShownImage(image); got != want {
			t.Errorf("%s: %s, want %s", image, got, want)
		}
	}
}

func TestRunningDigest(t *testing.T) {
	for id, want := range map[string]struct {
		digest   string
		manifest bool
	}{
		"":                                   {"", false},
		"registry.example.test/app@sha256:1": {"sha256:1", true},
		"docker-pullable://registry.example.test/app@sha256:1": {"sha256:1", true},
		"docker://sha256:2": {"2", false},
		"sha256:2":          {"2", false},
		"2":                 {"2", false},
	} {
		digest, manifest := kinds.RunningDigest(id)
		if digest != want.digest || manifest != want.manifest {
			t.Errorf("%s: %s %v, want %v", id, digest, manifest, want)
		}
	}
}
