package secrets

import (
	"encoding/json"
	"sigs.k8s.io/yaml"
	"strings"
)

// document reads a value that is itself JSON, or YAML of Kubernetes' objects, as what it is. ok is false for other
// text.
func (s *Scanner) document(v string, a asked) (hits []hit, ok bool) {
	if len(v) < 2 {
		return nil, false
	}
	if v[0] == '{' || v[0] == '[' {
		if !json.Valid([]byte(v)) {
			return nil, false
		}
		return s.inside([]byte(v), a), true
	}
	if !strings.Contains(v, "kind:") || !strings.Contains(v, "apiVersion:") {
		return nil, false
	}
	for _, doc := range strings.Split("\n"+v, "\n---") {
		j, err := yaml.YAMLToJSON([]byte(strings.TrimPrefix(doc, "\r")))
		if err != nil {
			return nil, false // a template, for instance: its lines are read
		}
		hits = append(hits, s.inside(j, a)...)
	}
	return hits, true
}

func (s *Scanner) inside(j []byte, a asked) []hit {
	w := s.walker(j)
	defer s.release(w)
	w.inner, w.asked = true, a
	if first := w.space(); first == '{' {
		w.kind = w.siblingText(w.pos, "kind")
		w.group, _, _ = strings.Cut(w.siblingText(w.pos, "apiVersion"), "/")
	}
	c := frame{area: areaRoot, place: a.hint.place, name: []byte(a.name), depth: 1}
	w.value(&c)
	return w.sunk
}
