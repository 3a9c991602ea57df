package own

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"vigie/internal/policy"
)

// form is a check as it is written.
type form struct {
	APIVersion string         `yaml:"apiVersion"` // vigie/v1
	Kind       string         `yaml:"kind"`       // Check
	ID         string         `yaml:"id"`
	Version    int            `yaml:"version"` // left out: 1
	Clauses    []string       `yaml:"clauses"` // full or short ids
	Severity   string         `yaml:"severity"`
	Title      policy.Text    `yaml:"title"`
	Why        policy.Text    `yaml:"why"`
	Objects    []objectForm   `yaml:"objects"`    // what it looks at: kinds
	Workloads  bool           `yaml:"workloads"`  // or every workload, with its pod template as pod
	When       string         `yaml:"when"`       // an object for which this is false has nothing to judge
	Parts      *partsForm     `yaml:"parts"`      // each piece of the object by itself
	Parameters []string       `yaml:"parameters"` // of the policy, as params["id"]
	Constants  map[string]any `yaml:"constants"`  // figures of its own, as constants.name
	Reasons    []reasonForm   `yaml:"reasons"`    // the first whose when is true counts; none: pass
}

type objectForm struct {
	Group string `yaml:"group"` // empty: core
	Kind  string `yaml:"kind"`
}

type partsForm struct {
	In   []string `yaml:"in"`   // paths such as pod.spec.containers, object.spec.ports
	Kind string   `yaml:"kind"` // what a piece is called: container, port, host, ...
	Name string   `yaml:"name"` // the field that names it; left out: name
}

type reasonForm struct {
	Key      string            `yaml:"key"`
	Verdict  string            `yaml:"verdict"` // fail (left out), unknown, pass
	Severity string            `yaml:"severity"`
	Clauses  []string          `yaml:"clauses"`
	When     string            `yaml:"when"`
	At       string            `yaml:"at"`     // the field it is about, below the object, or below the piece
	Values   map[string]string `yaml:"values"` // expressions that fill {name} in the texts
	Message  policy.Text       `yaml:"message"`
	Remedy   policy.Text       `yaml:"remedy"`
	Example  string            `yaml:"example"`
}

// decode reads one document strictly: an unknown key is refused, with the right spelling where one is near.
func decode(n *yaml.Node) (*form, error) {
	raw, err := yaml.Marshal(n)
	if err != nil {
		return nil, err
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	f := &form{}
	if err := d.Decode(f); err != nil {
		var te *yaml.TypeError
		if errors.As(err, &te) {
			return nil, errors.New(strings.Join(te.Errors, "; ") + spelling(te.Errors))
		}
		return nil, err
	}
	if f.APIVersion != "vigie/v1" || f.Kind != "Check" {
		return nil, fmt.Errorf("apiVersion %q, kind %q: want vigie/v1 and Check", f.APIVersion, f.Kind)
	}
	return f, nil
}

var keys = []string{
	"apiVersion", "kind", "id", "version", "clauses", "severity", "title", "why", "objects", "workloads", "when", "parts",
	"parameters", "constants", "reasons", "group", "in", "name", "key", "verdict", "at", "values", "message", "remedy", "example", "en", "fr",
}

func spelling(faults []string) string {
	for _, f := range faults {
		_, rest, ok := strings.Cut(f, "field ")
		word, _, also := strings.Cut(rest, " not found")
		if ok && also {
			if near := policy.Nearest(word, keys); len(near) > 0 {
				return "; did you mean " + near[0] + "?"
			}
		}
	}
	return ""
}
