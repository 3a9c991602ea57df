package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// images are the programs that pods run, each an image of its own: sandbox.local/NAME:1.
var images = []struct{ part, name string }{{"images", "pause"}, {"images", "workload"}, {"addons", "coredns"}, {"addons", "kube-state-metrics"}}

// An entry is a file of an archive; without text it is a folder, with a link a symbolic link.
type entry struct {
	name string
	text []byte
	mode int64
	link string
}

// pack writes an image of one layer that holds one static program, in the archive form of Docker that containerd imports
// (github.com/moby/docker-image-spec, spec v1.2: image layout, combined image JSON).
func pack(program, reference, to string) error {
	binary, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	name := filepath.Base(program)
	layer, err := archive(
		entry{"tmp", nil, 0o1777, ""}, entry{"etc", nil, 0o755, ""}, entry{name, binary, 0o755, ""},
		entry{"etc/passwd", []byte("root:x:0:0::/:/\nnobody:x:65534:65534::/:/\n"), 0o644, ""},
	)
	if err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": map[string]any{"Entrypoint": []string{"/" + name}, "Env": []string{"PATH=/"}, "WorkingDir": "/"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", sha256.Sum256(layer))}},
	})
	if err != nil {
		return err
	}
	file := fmt.Sprintf("%x.json", sha256.Sum256(config))
	manifest, err := json.Marshal([]any{map[string]any{"Config": file, "RepoTags": []string{reference}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return err
	}
	whole, err := archive(entry{file, config, 0o644, ""}, entry{"layer.tar", layer, 0o644, ""}, entry{"manifest.json", manifest, 0o644, ""})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, whole, 0o644)
}

func archive(entries ...entry) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.text)), Mode: e.mode, Typeflag: tar.TypeReg}
		switch {
		case e.link != "":
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		case e.text == nil:
			h.Name, h.Typeflag = e.name+"/", tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
