package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A standIn is an image of a tenant's manifests, whose program is not here: the workload takes its place under its name.
type standIn struct {
	image string   // as the manifests have it
	ports []string // that it is to answer on
	ends  bool     // as a job's program does
}

// uid is whom the images run as: manifests ask for a user that is not root without naming one, since the platform gives one.
const uid = "1001"

// entrypoint is what the image runs where the manifest names nothing else; the manifest's arguments come after it.
func (s standIn) entrypoint() []string {
	if len(s.ports) == 0 && !s.ends {
		return []string{"/workload", "sleep"}
	}
	return append(append([]string{"/workload", "app"}, s.ports...), "--")
}

// names gives the names by which containerd looks for the image: that of its digest where the manifest has one, whatever
// the tag beside it is, else that of its tag (github.com/distribution/reference, ParseDockerRef). An image with a tag has
// the name of its true digest too, as one that was pulled does.
func (s standIn) names(digest string) ([]string, error) {
	name, pinned, isPinned := strings.Cut(s.image, "@")
	tag := "latest"
	if at := strings.LastIndex(name, ":"); at > strings.LastIndex(name, "/") {
		name, tag = name[:at], name[at+1:]
	}
	if host, _, _ := strings.Cut(name, "/"); !strings.ContainsAny(host, ".:") || host == name {
		return nil, fmt.Errorf("the image %s names no registry", s.image)
	}
	if isPinned {
		return []string{name + "@" + pinned}, nil
	}
	return []string{name + ":" + tag, name + "@" + digest}, nil
}

// blob describes a piece of an image layout.
type blob struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// layout writes an archive of images that share a layer, in the layout of the Open Container Initiative
// (github.com/opencontainers/image-spec, image-layout.md): each is an image of its own, so that a container's status
// names the one that its manifest does. The form of Docker, as pack writes it, knows no name with a digest.
func layout(program string, of []standIn, to string) error {
	binary, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	layer, err := archive(entry{"tmp", nil, 0o1777, ""}, entry{"workload", binary, 0o755, ""}, entry{"sh", nil, 0o777, "workload"})
	if err != nil {
		return err
	}
	var entries []entry
	add := func(media string, data []byte) blob {
		b := blob{MediaType: media, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(data)), Size: len(data)}
		entries = append(entries, entry{"blobs/sha256/" + strings.TrimPrefix(b.Digest, "sha256:"), data, 0o644, ""})
		return b
	}
	const oci = "application/vnd.oci.image."
	shared := add(oci+"layer.v1.tar", layer)
	var index []blob
	for _, s := range of {
		config, err := json.Marshal(map[string]any{
			"architecture": runtime.GOARCH, "os": "linux",
			"config": map[string]any{
				"Entrypoint": s.entrypoint(), "User": uid, "Env": []string{"PATH=/"}, "WorkingDir": "/",
				"Labels": map[string]string{"sandbox.local/stands-for": s.image}, // makes the image one of its own
			},
			"rootfs": map[string]any{"type": "layers", "diff_ids": []string{shared.Digest}},
		})
		if err != nil {
			return err
		}
		manifest, err := json.Marshal(map[string]any{
			"schemaVersion": 2, "mediaType": oci + "manifest.v1+json", "config": add(oci+"config.v1+json", config), "layers": []blob{shared},
		})
		if err != nil {
			return err
		}
		b := add(oci+"manifest.v1+json", manifest)
		names, err := s.names(b.Digest)
		if err != nil {
			return err
		}
		for _, name := range names {
			// The name that containerd takes as it is.
			b.Annotations = map[string]string{"io.containerd.image.name": name}
			index = append(index, b)
		}
	}
	list, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": oci + "index.v1+json", "manifests": index})
	if err != nil {
		return err
	}
	entries = append(entries, entry{"index.json", list, 0o644, ""}, entry{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644, ""})
	whole, err := archive(entries...)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, whole, 0o644)
}

// containerd runs ctr against the cluster's, whose socket lies in the node's own folders.
func (c Cluster) containerd(ctx context.Context, args ...string) error {
	p, err := c.programs()
	if err != nil {
		return err
	}
	first, err := c.first()
	if err != nil {
		return err
	}
	// The kernel shows the file system that a process sees below its own folder in /proc.
	socket := filepath.Join("/proc", first, "root", "run", "containerd", "containerd.sock")
	return run(ctx, os.Environ(), append([]string{p.In("runtime", "ctr"), "-a", socket, "-n", "k8s.io"}, args...)...)
}

// first is the number of the first process of the cluster's namespaces.
func (c Cluster) first() (string, error) {
	if c.keeper() == 0 {
		return "", c.isDown()
	}
	pid, err := os.ReadFile(c.in("pid1"))
	if err != nil {
		return "", fmt.Errorf("cluster %d has no namespaces, since it has no node: %w", c.N, err)
	}
	return strings.TrimSpace(string(pid)), nil
}

// importImages makes the images known to containerd.
func (c Cluster) importImages(ctx context.Context, of []standIn) error {
	p, err := c.programs()
	if err != nil {
		return err
	}
	archive := c.in("images", "tenant.tar")
	if err := layout(p.In("images", "workload"), of, archive); err != nil {
		return fmt.Errorf("pack the tenant's images: %w", err)
	}
	return c.containerd(ctx, "images", "import", archive)
}

// standIns gives the images of pods, each once: with every port that any of its containers has.
func standIns(pods []podOf) []standIn {
	by := map[string]*standIn{}
	for _, p := range pods {
		for i, container := range slices.Concat(p.spec.InitContainers, p.spec.Containers) {
			if strings.TrimSpace(container.Image) == "" {
				continue // a trigger fills it in
			}
			s := by[container.Image]
			if s == nil {
				s = &standIn{image: container.Image, ends: true}
				by[container.Image] = s
			}
			s.ends = s.ends && (p.ends || i < len(p.spec.InitContainers))
			for _, port := range container.Ports {
				if n := fmt.Sprint(port.ContainerPort); port.Protocol != "UDP" && !slices.Contains(s.ports, n) {
					s.ports = append(s.ports, n)
				}
			}
		}
	}
	var out []standIn
	for _, s := range by {
		slices.Sort(s.ports)
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b standIn) int { return cmp.Compare(a.image, b.image) })
	return out
}

// removeImages makes them unknown again; one that is not there is none.
func (c Cluster) removeImages(ctx context.Context, of []standIn) error {
	for _, s := range of {
		names, err := s.names("")
		if err != nil {
			return err
		}
		if err := c.containerd(ctx, "images", "rm", names[0]); err != nil {
			return err
		}
	}
	return nil
}
