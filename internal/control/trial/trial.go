// Package trial runs a control over one txtar case, through the same reader and engine as the program: a test of the
// product's own controls, and what vigie controls test does for those of a tenant.
//
// A case holds a comment that says what it shows, then sections: facts.yaml (optional: see package given),
// parameters (optional: lines "id value"), any number of manifests (*.yaml, *.json), and want, one line a finding:
//
//	fail Deployment shop/web, container app: no-tag
//	pass PodDisruptionBudget shop/web
//	unknown Namespace shop: gap
//
// A want line may end in " @ objects.yaml:12", which also holds the place of the finding.
package trial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"vigie/internal/control"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
	"vigie/internal/scan"
	"vigie/internal/source/git"
)

// clock is the moment of a case that names none.
var clock = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

// Coverage is what the cases of a control showed together.
type Coverage struct {
	Reasons            map[string]bool
	Pass, Gap, Partial bool
}

// Missing lists what no case shows, each as a sentence: a reason, a pass.
func (cov *Coverage) Missing(c *control.Control) (out []string) {
	for _, r := range c.Reasons {
		if !cov.Reasons[r.Key] {
			out = append(out, fmt.Sprintf("no case gives the reason %q", r.Key))
		}
	}
	if !cov.Pass {
		out = append(out, "no case passes")
	}
	return out
}

// An Opened is a case made ready to run.
type Opened struct {
	scan.Scan
	Want string // lines
}

// Open writes the manifests of a case into an empty folder dir and gives the scan of them. An error is a case that
// cannot be run.
//
// Manifests below commits/1, commits/2 and so on are the trees of the commits of a repository, oldest first: commit makes
// that repository in dir, and the case is read from its last one, with its history. Where commit is nil, such a case
// cannot be run.
func Open(file, dir string, cs []*control.Control, commit Committer) (*Opened, error) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		return nil, fmt.Errorf("read case: %w", err)
	}
	facts, params, want := &given.Facts{}, "", ""
	wants := false
	var commits []map[string]string
	for _, f := range a.Files {
		switch f.Name {
		case "facts.yaml":
			if facts, err = given.Parse(f.Data); err != nil {
				return nil, err
			}
		case "parameters":
			params = string(f.Data)
		case "want":
			want, wants = string(f.Data), true
		default:
			if n, name, ok := ofCommit(f.Name); ok {
				for len(commits) < n {
					commits = append(commits, map[string]string{})
				}
				commits[n-1][name] = string(f.Data)
				continue
			}
			if err := write(dir, f); err != nil {
				return nil, err
			}
		}
	}
	if !wants {
		return nil, errors.New("the case has no section want: it would hold nothing")
	}
	parameter, err := Parameters(params)
	if err != nil {
		return nil, err
	}
	o := &Opened{Scan: Scan(facts, []string{dir}, cs, parameter), Want: want}
	if commits != nil {
		if commit == nil {
			return nil, errors.New("the case needs a repository, which cannot be made here")
		}
		commit(filepath.Join(dir, ".git"), commits)
		o.Source = &git.Source{Paths: []string{dir}, History: true, Intake: intakeOf(facts, kinds.FromGit, cs)}
	}
	return o, nil
}

// A Committer makes a repository at a path, a commit for each tree (path to text), oldest first.
type Committer func(path string, trees []map[string]string)

// ofCommit takes "commits/N/NAME" apart.
func ofCommit(file string) (n int, name string, ok bool) {
	rest, ok := strings.CutPrefix(file, "commits/")
	number, name, deep := strings.Cut(rest, "/")
	n, err := strconv.Atoi(number)
	return n, name, ok && deep && err == nil && n > 0 && n < 100
}

// Case runs the case of a file in an empty folder dir, notes in cov what it shows, and gives what is wrong: nothing
// where every finding is the one wanted.
func Case(c *control.Control, file, dir string, cov *Coverage, commit Committer) (wrong []string, err error) {
	o, err := Open(file, dir, []*control.Control{c}, commit)
	if err != nil {
		return nil, err
	}
	h := &recorder{dir: dir, cov: cov}
	if _, err := o.Run(context.Background(), func() time.Duration { return 0 }, h); err != nil {
		return nil, err
	}
	h.compare(o.Want)
	return h.wrong, nil
}

// write puts one section of a case into dir, and nowhere else.
func write(dir string, f txtar.File) error {
	if !filepath.IsLocal(f.Name) {
		return fmt.Errorf("section %q leads out of the case", f.Name)
	}
	path := filepath.Join(dir, f.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, f.Data, 0o644)
}

// Parameters reads lines "id value" into a Settings.Parameter.
func Parameters(lines string) (func(string, inventory.Space) policy.Value, error) {
	p, err := policy.Load()
	if err != nil {
		return nil, err
	}
	values := map[string]policy.Value{}
	for _, par := range p.Parameters {
		values[par.ID] = par.DefaultValue()
	}
	for l := range strings.Lines(lines) {
		id, text, ok := strings.Cut(strings.TrimSpace(l), " ")
		if !ok {
			continue
		}
		par, known := p.Parameter(id)
		if !known {
			return nil, fmt.Errorf("parameter %q is not the policy's", id)
		}
		if values[id], err = par.Parse(strings.TrimSpace(text)); err != nil {
			return nil, err
		}
	}
	return func(id string, _ inventory.Space) policy.Value {
		v, ok := values[id]
		if !ok {
			panic(fmt.Sprintf("parameter %q is not the policy's", id))
		}
		return v
	}, nil
}
