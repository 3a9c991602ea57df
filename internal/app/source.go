package app

import (
	"context"
	"errors"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source"
	"vigie/internal/source/files"
	"vigie/internal/source/files/manifest"
	"vigie/internal/source/git"
	"vigie/internal/source/mustgather"
)

// Sources are the words of --source.
var Sources = []string{"auto", "files", "git", "mustgather"}

type intakeOf = func(*inventory.Builder) *source.Intake

// A picked source is where the objects of a check come from.
type picked struct {
	source func(intakeOf) source.Source
	origin kinds.Origin
	unset  inventory.State // of a list that the source says nothing of
	close  func()          // ends what the source holds; may be nil
}

// pick chooses the source: as it was told, else Git where a revision is asked for, else by what the paths hold.
func (c *Check) pick(ctx context.Context) (picked, error) {
	o := manifest.Options{Stdin: c.opt.Stdin, Ignore: c.config.Ignored}
	renderer := c.renderer()
	if renderer != nil {
		o.Render = renderer
	}
	p, err := c.sourceOf(ctx, o)
	if err != nil {
		return picked{}, err // nothing was rendered yet
	}
	if renderer != nil {
		p.close = renderer.Close
	}
	if c.facts.Source != "" {
		p.origin = kinds.Origin(c.facts.Source)
	}
	if len(c.facts.Coverage) > 0 {
		p.unset = c.facts.Unset()
	}
	return p, nil
}

func (c *Check) sourceOf(ctx context.Context, o manifest.Options) (picked, error) {
	asked := c.opt.Revision != "" || c.opt.History || c.opt.AllRefs
	switch c.opt.Source {
	case "git":
		return c.git(o), nil
	case "", "auto":
		if asked {
			return c.git(o), nil
		}
	default:
		if asked {
			return picked{}, usage("--source %s: --revision, --history and --all-refs are of git", c.opt.Source)
		}
	}
	if c.opt.Source == "files" {
		return c.files(o), nil
	}
	return c.filesOrDumps(ctx, o)
}

func (c *Check) files(o manifest.Options) picked {
	return picked{origin: kinds.FromFiles, unset: inventory.Complete, source: func(in intakeOf) source.Source {
		return &files.Source{Paths: c.opt.Paths, Options: o, Progress: c.opt.Progress, Intake: in}
	}}
}

func (c *Check) git(o manifest.Options) picked {
	return picked{origin: kinds.FromGit, unset: inventory.Complete, source: func(in intakeOf) source.Source {
		return &git.Source{
			Paths: c.opt.Paths, Revision: c.opt.Revision, Options: o, Progress: c.opt.Progress, Intake: in,
			History: c.opt.History || c.opt.AllRefs, AllRefs: c.opt.AllRefs,
		}
	}}
}

// filesOrDumps looks at the paths. Manifests are complete, a dump is complete for what it holds: the two cannot stand in
// one inventory.
func (c *Check) filesOrDumps(ctx context.Context, o manifest.Options) (picked, error) {
	var dumps []mustgather.Dump
	var none string
	for _, p := range c.opt.Paths {
		if p == "-" {
			none = p
			continue
		}
		d, ok, err := mustgather.Detect(ctx, p, o)
		switch {
		case wrongPath(err):
			return picked{}, &UsageError{err}
		case err != nil:
			return picked{}, err
		case ok:
			dumps = append(dumps, d)
		default:
			none = p
		}
	}
	switch {
	case none == "":
	case c.opt.Source == "mustgather":
		return picked{}, usage("--source mustgather: %q: %w", none, mustgather.ErrNoDump)
	case len(dumps) > 0:
		return picked{}, usage("%q is a dump of a cluster, %q is not: check them one after the other", dumps[0].Path, none)
	default:
		return c.files(o), nil
	}
	return picked{origin: kinds.FromMustGather, unset: inventory.NotCollected, source: func(in intakeOf) source.Source {
		return &mustgather.Source{Dumps: dumps, Options: o, Progress: c.opt.Progress, Intake: in}
	}}, nil
}

// wrongPath reports an error that the user mends by naming something else.
func wrongPath(err error) bool {
	for _, e := range []error{manifest.ErrPath, git.ErrRepository, git.ErrRevision, mustgather.ErrNoDump} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (c *Check) checkSource() error {
	for _, s := range append([]string{""}, Sources...) {
		if c.opt.Source == s {
			return nil
		}
	}
	return usage("--source %q: want %s", c.opt.Source, listed(Sources))
}
