package kinds

import "strings"

// dockerHub is the registry of a reference that names none, and officialImages its path for a name without a slash
// (the grammar of distribution/reference, normalize.go).
const (
	dockerHub      = "docker.io"
	dockerHubIndex = "index.docker.io"
	officialImages = "library/"
)

// An ImageRef is an image reference in its parts. A colon before the last slash belongs to a port.
type ImageRef struct {
	Registry string // host or host:port, lower case; of a reference that names none, the default one
	Path     string // of the repository below the registry
	Tag      string
	Digest   string // algorithm:hex
	Short    bool   // the reference names no registry
}

// ParseImage reads a reference as people write it. What stands before an @ and is no repository is let go of: people
// have put passwords there.
func ParseImage(image string) (r ImageRef) {
	name, rest, at := strings.Cut(strings.TrimSpace(image), "@")
	if at && strings.Contains(rest, "/") {
		return ParseImage(rest)
	}
	if strings.Contains(rest, ":") {
		r.Digest = rest
	}
	slash := strings.LastIndex(name, "/")
	last, tag, _ := strings.Cut(name[slash+1:], ":")
	name, r.Tag = name[:slash+1]+last, tag
	first, path, ok := strings.Cut(name, "/")
	switch {
	case ok && isRegistry(first):
		r.Registry, r.Path = RegistryHost(first), path
	default:
		r.Registry, r.Path, r.Short = dockerHub, name, true
	}
	if r.Registry == dockerHub && r.Path != "" && !strings.Contains(r.Path, "/") {
		r.Path = officialImages + r.Path
	}
	return r
}

// RegistryHost writes a registry's host in the one form in which hosts are compared.
func RegistryHost(host string) string {
	host = strings.ToLower(host)
	if host == dockerHubIndex {
		return dockerHub
	}
	return host
}

// isRegistry tells a registry from the first part of a path.
func isRegistry(first string) bool {
	return strings.ContainsAny(first, ".:") || first == "localhost" || first != strings.ToLower(first)
}

// Repository is the reference without its tag and digest: registry/path.
func (r ImageRef) Repository() string { return r.Registry + "/" + r.Path }

// ShownImage is the image without what stands before an @ that begins no digest: people have put passwords there.
func ShownImage(image string) string {
	if i := strings.LastIndex(image, "@"); i >= 0 && !strings.HasPrefix(image[i+1:], "sha") {
		return image[i+1:]
	}
	if i := strings.Index(image, "@"); i >= 0 && strings.Contains(image[i+1:], "/") {
		return ShownImage(image[i+1:])
	}
	return image
}

// HasPlaceholder reports a text that is only known once somebody fills its variables in: ${X}, $(X), {{ x }}.
func HasPlaceholder(text string) bool {
	return strings.Contains(text, "${") || strings.Contains(text, "$(") || strings.Contains(text, "{{")
}

// RunningDigest reads the imageID of a container's status. A runtime gives the digest of the manifest that it pulled
// (repository@sha256:...), or where it knows no repository the id of the image itself; the two name different things
// and are not to be compared: manifest tells them apart. An empty digest: the container has not started.
func RunningDigest(imageID string) (digest string, manifest bool) {
	if _, after, ok := strings.Cut(imageID, "://"); ok {
		imageID = after
	}
	if i := strings.LastIndex(imageID, "@"); i >= 0 {
		return imageID[i+1:], true
	}
	return strings.TrimPrefix(imageID, "sha256:"), false
}
