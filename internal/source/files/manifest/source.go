package manifest

import (
	"path"
	"strings"
	"sync/atomic"
)

// A source is one file that is read: what is known of it before its first byte.
type source struct {
	*argument
	file string // shown
	root string
	base string // its name alone
	role role
	raw  bool  // handed over as it stands
	says *list // what the file's place says of documents that say neither apiVersion nor kind; nil: nothing

	rendered *rendered // nil: the file is read as it stands
	problems atomic.Int64
}

// described asks what the file's place says of it, by its name in the argument; true: that it holds no object, which is
// told.
func (s *source) described(name string) bool {
	if s.hints == nil {
		return false
	}
	h := s.hints(name)
	if h.Foreign {
		s.foreign(Foreign{File: s.file, What: WhatRecord})
		return true
	}
	s.raw = h.Raw
	if h.Kind != "" {
		s.says = &list{version: h.APIVersion, kind: h.Kind}
	}
	return false
}

// An argument is one path that the user gave.
type argument struct {
	*run
	path  string // as given
	shown string // cleaned; "-" for standard input
	form  form
	found atomic.Int64 // documents, problems, foreign files: what makes it not empty
}

// A role is what a file is by its place or name, whatever it holds.
type role int

const (
	ordinary role = iota
	kustomization
	kustomizePatch
	chartFile
	chartValues
	generatorData // what a kustomization puts into a ConfigMap or Secret
	chartTemplate // not read: it is no YAML yet
)

var roleWhat = map[role]string{
	kustomization: WhatKustomization, kustomizePatch: WhatKustomizePatch, chartFile: WhatChart, chartValues: WhatValues,
	generatorData: WhatOther,
}

// roleByName is the role of a file of which nothing but the name is known.
func roleByName(base string) role {
	switch {
	case isKustomization(base):
		return kustomization
	case base == "Chart.yaml":
		return chartFile
	}
	return ordinary
}

// isKustomization tells a kustomization by its name, as kustomize does.
func isKustomization(base string) bool {
	return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
}

// IsManifest reports whether a file of that name in a directory or archive is read.
func IsManifest(name string) bool { return isManifest(name) }

func isManifest(name string) bool {
	base := path.Base(name)
	switch strings.ToLower(path.Ext(base)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return isKustomization(base)
}

// isArchive tells an archive by its name.
func isArchive(name string) bool {
	n := strings.ToLower(name)
	for _, ext := range []string{".tar", ".tgz", ".tar.gz", ".zip"} {
		if strings.HasSuffix(n, ext) {
			return true
		}
	}
	return false
}

func (a *argument) problem(p Problem) {
	a.found.Add(1)
	a.sink.Problem(p)
}

func (a *argument) foreign(f Foreign) {
	a.found.Add(1)
	a.sink.Foreign(f)
}

// lines gives lines of a rendered text as those of its file, and takes from what is said of them what may be a value.
func (s *source) lines(line int, values map[string]any) int {
	if s.rendered == nil {
		return line
	}
	if first, ok := values["first"].(int); ok {
		values["first"] = s.rendered.at(first)
	}
	if _, ok := values["key"]; ok {
		values["key"] = "?" // a template may make a key of a value
	}
	return s.rendered.at(line)
}

// foreign reports a document of the file that is not Kubernetes'.
func (s *source) foreign(f Foreign) {
	f.Line = s.lines(f.Line, nil)
	s.argument.foreign(f)
}

// problem reports a document of the file. Of a file with very many only the first are told, and that there are more.
func (s *source) problem(p Problem) {
	p.Line = s.lines(p.Line, p.Values)
	switch n := s.problems.Add(1); {
	case n <= maxProblems:
		s.argument.problem(p)
	case n == maxProblems+1:
		s.fail(ReasonTooLarge, map[string]any{"what": "problems", "limit": maxProblems})
	}
}

// fail reports the file as a whole.
func (s *source) fail(reason string, values map[string]any) {
	s.argument.problem(Problem{File: s.file, Root: s.root, Reason: reason, Values: values})
}

// finish says that an argument held nothing at all: an empty set is never good news.
func (a *argument) finish() {
	if a.found.Load() == 0 && a.ctx.Err() == nil {
		a.sink.Problem(Problem{File: a.shown, Root: a.shown, Reason: ReasonNothingFound})
	}
}
