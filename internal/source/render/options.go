// Package render renders Helm charts and kustomizations by their own libraries, held to the tree that they stand in.
//
// Templates are programs of strangers: they may loop, ask for all memory, or make a library look elsewhere. So they run
// in a process of their own, a worker: this same program, started with the one argument WorkerFlag. A worker holds no
// environment, can open no file and no connection and start nothing, and asks this process for each file of the tree by
// name. It is ended where it takes too long or too much memory. What its libraries print is read by nobody. A worker is
// started at the first chart or kustomization, never before.
//
// No control, no object and no report may be known here: text goes out, and why there is none.
package render

import (
	"time"

	"vigie/internal/source/render/chart"
)

// WorkerFlag is the only argument of a worker. It begins with a dash, so that a program that does not know it ends at
// once with wrong use.
const WorkerFlag = "-vigie-render-worker"

// Options say how to render.
type Options struct {
	Chart   chart.Options
	Limits  Limits // zero fields take the defaults
	Command string // the program that knows WorkerFlag; empty: this one
}

// Limits bound one rendering.
type Limits struct {
	Time   time.Duration // of one chart or kustomization
	Memory int64         // bytes that a worker may take
	Output int64         // bytes of the text that one chart or kustomization may give
	Slow   int           // after so many that took too long no other one is tried
}

// DefaultLimits are far above what is installed anywhere: the largest public charts render in a second, to some MiB.
func DefaultLimits() Limits {
	return Limits{Time: 20 * time.Second, Memory: 1 << 30, Output: 32 << 20, Slow: 3}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	if l.Time <= 0 {
		l.Time = d.Time
	}
	if l.Memory <= 0 {
		l.Memory = d.Memory
	}
	if l.Output <= 0 {
		l.Output = d.Output
	}
	if l.Slow <= 0 {
		l.Slow = d.Slow
	}
	return l
}
