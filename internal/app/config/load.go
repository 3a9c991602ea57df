package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"vigie/internal/policy"
)

// Find gives the path of the configuration: the one that is named (by --config, else by VIGIE_CONFIG), else
// vigie.yaml in dir; "" where there is none. A file that is named and absent is told by Load. Folders above are not
// looked into: a check must not depend on what lies outside.
func Find(dir, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	path := filepath.Join(dir, Name)
	switch _, err := os.Lstat(path); {
	case err == nil:
		return path, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("look for the configuration %q: %w", path, err)
	}
	for _, near := range []string{"vigie.yml", ".vigie.yaml", ".vigie.yml", "Vigie.yaml"} {
		if _, err := os.Lstat(filepath.Join(dir, near)); err == nil {
			return "", fmt.Errorf("the configuration %q is not read: rename it to %s, or name it by --config", filepath.Join(dir, near), Name)
		}
	}
	return "", nil
}

// Load reads the configuration at path; "" gives Default. The error is of type Problems where the file is not
// right, or is no file.
func Load(path string) (*Config, error) {
	p, err := policy.Load()
	if err != nil {
		return nil, fmt.Errorf("load the configuration: %w", err)
	}
	if path == "" {
		return Default(p), nil
	}
	data, problem := read(path)
	if problem != nil {
		problem.Reason = "no-configuration"
		return nil, Problems{*problem}
	}
	c, problems := Parse(path, data, p)
	if slices.ContainsFunc(problems, func(p Problem) bool { return !p.mayBeOwn() }) {
		return nil, problems.Err()
	}
	c.unknown = problems
	return c, nil
}

// mayBeOwn reports a control that is none of the product's, and may be a check of one's own.
func (p Problem) mayBeOwn() bool {
	return p.Reason == "unknown-control" && ownForm.MatchString(p.Values["value"])
}

// ownForm is the form of a control's id.
var ownForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Unknown are the problems of controls.skip and controls.only with names that are of no control, no clause, and none of
// own, the ids of the checks of one's own. Load lets them pass: it does not read checks.
func (c *Config) Unknown(own []string) error {
	var left Problems
	for _, p := range c.unknown {
		if slices.Contains(own, p.Values["value"]) {
			continue
		}
		if near := nearest(p.Values["value"], own); p.Suggestion == "" && near != "" {
			p.Suggestion = near
		}
		left = append(left, p)
	}
	return left.Err()
}

// Parse reads the text of a configuration. name is the file's path: it stands in problems, and its folder is what
// the files of waivers are relative to. With problems, the configuration holds what was right: it is there to be
// looked at, not to judge by.
func Parse(name string, data []byte, p *policy.Policy) (*Config, Problems) {
	c := &Config{Version: 1, policy: p, dir: filepath.Dir(name)}
	w := newWalker(name, p)
	if n := w.root(data); n != nil {
		w.mapping("", n, c.fields())
		c.across(w)
	}
	c.compile()
	w.problems.sort()
	return c, w.problems
}
