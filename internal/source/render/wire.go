package render

import (
	"errors"
	"io/fs"

	"vigie/internal/source/files/manifest"
	"vigie/internal/source/render/chart"
)

// A task is what a worker is told to do.
type task struct {
	Job    manifest.RenderJob
	Chart  chart.Options
	Output int64
	Memory int64
}

// A say is what a worker says: one of the two.
type say struct {
	Ask    *ask
	Result *manifest.Rendering
}

// An ask is a question about the tree.
type ask struct {
	Op   op
	Name string
}

type op int

const (
	look op = iota + 1
	list
	read
)

// An answer is what the tree says.
type answer struct {
	Real  string
	Dir   bool
	Names []string
	Data  []byte
	Fault string // one of faults; empty: none
}

// faults are the errors of a tree that mean something to whoever asks; of all others it is enough that there is one.
var faults = map[string]error{"outside": manifest.ErrOutside, "missing": fs.ErrNotExist, "unreadable": errUnreadable}

var errUnreadable = errors.New("cannot be read")

func faultOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, manifest.ErrOutside):
		return "outside"
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	}
	return "unreadable"
}

func (a answer) err() error {
	if a.Fault == "" {
		return nil
	}
	if err := faults[a.Fault]; err != nil {
		return err
	}
	return errUnreadable
}

// answerOf asks the tree, and notes what was read.
func answerOf(t manifest.RenderTree, q ask, used map[string]bool) (a answer) {
	var err error
	switch q.Op {
	case look:
		a.Real, a.Dir, err = t.Look(q.Name)
	case list:
		a.Names, err = t.List(q.Name)
	case read:
		if a.Data, err = t.Read(q.Name); err == nil {
			if a.Real, _, err = t.Look(q.Name); err == nil {
				used[a.Real] = true
			}
		}
	default:
		err = errUnreadable
	}
	a.Fault = faultOf(err)
	return a
}
