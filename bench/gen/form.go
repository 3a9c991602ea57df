package gen

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

// A Form is the way in which the objects lie on disk.
type Form string

// The forms. A path is a file for YAML and JSON, else a directory that must not exist or be empty.
const (
	YAML  Form = "yaml"  // one file of many documents
	JSON  Form = "json"  // one List, indented as kubectl prints it
	Dir   Form = "dir"   // a directory, a file of many documents for each application
	Files Form = "files" // a directory, a file for each object, in a directory for each application
)

// Forms lists every form.
var Forms = []Form{YAML, Dir, Files, JSON}

// Stats counts what was written.
type Stats struct {
	Objects, Applications, Namespaces, Files int
	Bytes                                    int64 // on disk, in the form asked for
	YAMLBytes                                int64 // of the objects as YAML documents without separators
	Faults                                   map[string]int
}

// Write makes the objects of the options in a form below path.
func Write(o Options, form Form, path string) (Stats, error) {
	if err := o.Validate(); err != nil {
		return Stats{}, err
	}
	begin := map[Form]func(string) writer{YAML: newYAML, JSON: newJSON, Dir: newDir, Files: newFiles}[form]
	if begin == nil {
		return Stats{}, fmt.Errorf("generate objects: form %q is unknown: use one of %v", form, Forms)
	}
	w := begin(path)
	st := Stats{Faults: map[string]int{}}
	spaces := map[string]bool{}
	var last *App
	for obj := range All(o) {
		if err := w.object(obj); err != nil {
			return Stats{}, errors.Join(fmt.Errorf("generate objects in %q: %w", path, err), w.close())
		}
		if obj.App != last {
			last = obj.App
			st.Applications++
			spaces[last.Namespace] = true
			if last.Fault != "" {
				st.Faults[last.Fault]++
			}
		}
		st.Objects++
		st.YAMLBytes += int64(len(obj.YAML))
	}
	if err := w.close(); err != nil {
		return Stats{}, fmt.Errorf("generate objects in %q: %w", path, err)
	}
	st.Namespaces = len(spaces)
	st.Files, st.Bytes = w.size()
	return st, nil
}

// A writer puts objects down in one form.
type writer interface {
	object(Object) error
	close() error
	size() (files int, bytes int64)
}

// out is the file being written, and the sizes of all that were.
type out struct {
	file  *os.File
	buf   *bufio.Writer
	path  string
	files int
	bytes int64
}

// open ends the file before and begins the one at path; an open file of the same path is written on.
func (w *out) open(path string) (first bool, err error) {
	if w.path == path {
		return false, nil
	}
	if err := w.close(); err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return false, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return false, err
	}
	w.file, w.path, w.buf = f, path, bufio.NewWriterSize(f, 1<<18)
	w.files++
	return true, nil
}

func (w *out) Write(p []byte) (int, error) {
	w.bytes += int64(len(p))
	return w.buf.Write(p)
}

func (w *out) close() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.buf.Flush(), w.file.Close())
	w.file, w.path = nil, ""
	return err
}

func (w *out) size() (int, int64) { return w.files, w.bytes }

// yamlWriter writes documents; name gives the file of each.
type yamlWriter struct {
	out
	name func(Object) string
}

func newYAML(path string) writer { return &yamlWriter{name: func(Object) string { return path }} }

func newDir(path string) writer {
	return &yamlWriter{name: func(o Object) string { return filepath.Join(path, o.App.Name+".yaml") }}
}

func newFiles(path string) writer {
	return &yamlWriter{name: func(o Object) string { return filepath.Join(path, o.App.Name, templateName(o.Kind)) }}
}

func (w *yamlWriter) object(obj Object) error {
	if _, err := w.open(w.name(obj)); err != nil {
		return err
	}
	return writeDocument(w, obj)
}

// jsonWriter writes one List.
type jsonWriter struct {
	out
	to     string
	indent bytes.Buffer
}

func newJSON(path string) writer { return &jsonWriter{to: path} }

func (w *jsonWriter) object(obj Object) error {
	first, err := w.open(w.to)
	if err != nil {
		return err
	}
	raw, err := yaml.YAMLToJSONStrict(obj.YAML)
	if err != nil {
		return err
	}
	lead := ",\n        "
	if first {
		lead = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        "
	}
	w.indent.Reset()
	w.indent.WriteString(lead)
	if err := json.Indent(&w.indent, raw, "        ", "    "); err != nil {
		return err
	}
	_, err = w.Write(w.indent.Bytes())
	return err
}

func (w *jsonWriter) close() error {
	if w.file == nil {
		return nil
	}
	tail := []byte("\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n")
	_, err := w.Write(tail)
	return errors.Join(err, w.out.close())
}
