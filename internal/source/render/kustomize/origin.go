package kustomize

import (
	"bytes"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/yaml"

	"vigie/internal/source/files/manifest"
)

// place says where an object comes from: the document of a file that it was, or the generator that made it.
func (f *files) place(t *manifest.RenderedText, r *resource.Resource, o *resource.Origin) {
	switch {
	case o.Path != "":
		f.document(t, r, path.Join(f.dir, o.Path))
	case o.ConfiguredIn != "":
		f.generator(t, r, path.Join(f.dir, o.ConfiguredIn))
	}
}

// document finds the document that an object began as. Its name may have been given a prefix and a suffix since: the
// longest name of its kind that stands in the object's is taken.
func (f *files) document(t *manifest.RenderedText, r *resource.Resource, file string) {
	data, err := f.ReadFile(f.abs(file))
	if err != nil {
		return
	}
	t.File = file
	best := -1
	for _, d := range documents(data) {
		if d.kind != r.GetKind() || !strings.Contains(r.GetName(), d.name) || len(d.name) <= best {
			continue
		}
		best = len(d.name)
		t.Line, t.Source = d.line, d.text
	}
}

// generator finds the line at which a generator is given the name that begins an object's.
func (f *files) generator(t *manifest.RenderedText, r *resource.Resource, file string) {
	if _, dir, err := f.tree.Look(file); err != nil || dir {
		if file, _ = fileOf(f.tree, file); file == "" {
			return
		}
	}
	data, err := f.tree.Read(file)
	if err != nil {
		return
	}
	t.File = file
	best, n := -1, 0
	for line := range bytes.Lines(data) {
		n++
		key, value, ok := strings.Cut(strings.TrimLeft(strings.TrimSpace(string(line)), "- {"), ":")
		name := strings.Trim(strings.TrimSpace(value), `"'`)
		if name, _, _ = strings.Cut(name, ","); !ok || key != "name" || name == "" {
			continue
		}
		if strings.Contains(r.GetName(), name) && len(name) > best {
			best, t.Line = len(name), n
		}
	}
}

// A document is one of a file, as it stands there.
type document struct {
	kind, name string
	line       int
	text       []byte
}

// documents are those of a file that name a kind. A list counts as one of its items' kinds would: not at all.
func documents(data []byte) (found []document) {
	line, begin := 1, 1
	var text []byte
	put := func() {
		rest, skipped := content(text)
		var head struct {
			Kind     string `json:"kind"`
			Metadata struct {
				Name         string `json:"name"`
				GenerateName string `json:"generateName"`
			} `json:"metadata"`
		}
		if len(rest) > 0 && yaml.Unmarshal(rest, &head) == nil && head.Kind != "" {
			name := head.Metadata.Name
			if name == "" {
				name = head.Metadata.GenerateName
			}
			found = append(found, document{head.Kind, name, begin + skipped, rest})
		}
	}
	at := 0
	for row := range bytes.Lines(data) {
		if trimmed := bytes.TrimRight(row, " \t\r\n"); bytes.Equal(trimmed, []byte("---")) {
			put()
			text, begin = nil, line+1
			at += len(row)
			line++
			continue
		}
		if text == nil {
			text = data[at:at:len(data)]
		}
		text = text[: len(text)+len(row) : cap(text)]
		at += len(row)
		line++
	}
	put()
	return found
}

// content drops the lines before the first that says something, and tells how many.
func content(text []byte) (rest []byte, skipped int) {
	for len(text) > 0 {
		row, after, _ := bytes.Cut(text, []byte("\n"))
		if t := bytes.TrimSpace(row); len(t) > 0 && t[0] != '#' {
			return text, skipped
		}
		text = after
		skipped++
	}
	return nil, skipped
}
