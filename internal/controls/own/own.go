// Package own makes controls of the checks that a tenant writes: YAML files with expressions in CEL, the same fields
// as a built-in control, and the same engine below. A check sees whole objects with every value of a secret masked;
// it reaches no network, no file and no clock but the evaluation's, and its cost is bounded.
package own

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vigie/internal/control"
	"vigie/internal/policy"
)

// limits hold a folder of checks to what a person writes.
const (
	maxFile   = 1 << 20
	maxChecks = 1000
)

// A Check is a control of one's own, and where it was written.
type Check struct {
	*control.Control
	File string
	Line int // of its document
}

// Load reads the checks of files and folders (each *.yaml and *.yml below a folder, but for testdata). taken says
// which ids are the product's own. Every fault of every file is in the error, each with file, line, reason and the way
// out.
func Load(paths []string, pol *policy.Policy) (checks []Check, err error) {
	l := &loader{policy: pol, ids: map[string]string{}}
	for _, p := range paths {
		l.path(p)
	}
	if len(paths) > 0 && len(l.checks) == 0 && len(l.faults) == 0 {
		l.faults = append(l.faults, fmt.Errorf("%s: no check: want YAML files with kind: Check", strings.Join(paths, ", ")))
	}
	return l.checks, errors.Join(l.faults...)
}

type loader struct {
	policy *policy.Policy
	checks []Check
	ids    map[string]string // id -> file:line
	faults []error
}

func (l *loader) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf(format, args...))
}

func (l *loader) path(p string) {
	st, err := os.Stat(p)
	switch {
	case err != nil:
		l.fault("read checks: %w", err)
	case !st.IsDir():
		l.file(p)
	default:
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				l.fault("read checks: %w", err)
			case d.IsDir() && path != p && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
				return fs.SkipDir
			case d.Type().IsRegular() && slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(path)):
				l.file(path)
			}
			return nil
		})
		if err != nil {
			l.fault("read checks: %w", err)
		}
	}
}

func (l *loader) file(path string) {
	f, err := os.Open(path)
	if err != nil {
		l.fault("read checks: %w", err)
		return
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		l.fault("read checks: %w", err)
	case len(data) > maxFile:
		l.fault("%s: over %d bytes: a check is a short text; split the file", path, maxFile)
	default:
		l.documents(path, data)
	}
}

func (l *loader) documents(path string, data []byte) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		err := d.Decode(&n)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			l.fault("%s: %w", path, err)
			return
		}
		if len(n.Content) == 0 || n.Content[0].Tag == "!!null" {
			continue
		}
		if len(l.checks) >= maxChecks {
			l.fault("%s: over %d checks", path, maxChecks)
			return
		}
		l.document(path, &n)
	}
}

func (l *loader) document(path string, n *yaml.Node) {
	line := n.Content[0].Line
	at := fmt.Sprintf("%s:%d", path, line)
	f, err := decode(n)
	if err != nil {
		l.fault("%s: %w", at, err)
		return
	}
	c, err := f.control(l.policy, path)
	if err != nil {
		l.fault("%s: check %q: %w", at, f.ID, err)
		return
	}
	if first, twice := l.ids[c.ID]; twice {
		l.fault("%s: check %q: the id stands at %s already", at, c.ID, first)
		return
	}
	l.ids[c.ID] = at
	l.checks = append(l.checks, Check{Control: c, File: path, Line: line})
}
