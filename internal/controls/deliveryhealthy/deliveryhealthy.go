// Package deliveryhealthy checks that what builds and delivers workloads works: builds, pipelines, Argo CD.
package deliveryhealthy

import (
	"cmp"
	"embed"
	"slices"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "delivery-healthy",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    []inventory.Input{kinds.Builds, kinds.PipelineRuns, kinds.Applications},
	Reasons: []control.Reason{
		{Key: "build-failed", Verdict: control.Fail},
		{Key: "pipeline-failed", Verdict: control.Fail},
		{Key: "neither-synced-nor-healthy", Verdict: control.Fail},
		{Key: "not-synced", Verdict: control.Pass},
		{Key: "not-healthy", Verdict: control.Pass},
		{Key: "sync-under-way", Verdict: control.Unknown},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	for _, l := range group(e, kinds.Builds, build) {
		l.judge(e, "build-failed", kinds.Builds)
	}
	for _, l := range group(e, kinds.PipelineRuns, pipelineRun) {
		l.judge(e, "pipeline-failed", kinds.PipelineRuns)
	}
	for _, it := range kinds.Applications.In(e.View) {
		application(control.On(e, it), it.Object)
	}
}

// An ending is how a run stands.
type ending uint8

const (
	untold    ending = iota // no status: a manifest
	underWay                // not ended
	cancelled               // somebody ended it: it says nothing of what it was to do
	succeeded
	failed
)

// A runOf is one run of a line of delivery, in a form that builds and pipelines share.
type runOf struct {
	line    inventory.Ref // what was run
	name    string        // of the run
	number  int           // its place in the line, where it has one
	begun   time.Time
	ending  ending
	why     string
	subject control.Subject // the line's, placed at the run
	path    []any           // where the run says how it ended
}

// A lineOf is a BuildConfig or a pipeline with its runs, the newest first: its faults keep their name from one run to
// the next.
type lineOf []runOf

// group gathers the runs of a kind into lines, in order of their first names.
func group[T any](e *control.Eval, kind *inventory.Kind[T], read func(inventory.Ref, *T) runOf) (lines []lineOf) {
	at := map[inventory.Ref]int{}
	for _, it := range kind.In(e.View) {
		r := read(it.Ref, it.Object)
		it.Ref = r.line
		r.subject = control.On(e, it)
		i, known := at[r.line]
		if !known {
			i = len(lines)
			at[r.line] = i
			lines = append(lines, nil)
		}
		lines[i] = append(lines[i], r)
	}
	for _, l := range lines {
		slices.SortStableFunc(l, func(a, b runOf) int {
			return cmp.Or(b.number-a.number, b.begun.Compare(a.begun), cmp.Compare(b.name, a.name))
		})
	}
	return lines
}

// judge looks at the last run that came to an end of its own. That none came after it rests on the list.
func (l lineOf) judge(e *control.Eval, reason string, kind inventory.Input) {
	for _, r := range l {
		switch r.ending {
		case succeeded:
			r.subject.Pass()
			return
		case failed:
			r.subject.At(r.path...).FailIfWhole(reason, control.Values{"run": r.name, "why": r.why}, kind)
			return
		case untold, underWay, cancelled:
		}
	}
	newest := l[0]
	if newest.ending == untold {
		newest.subject.Unknown("no-status", nil)
		return
	}
	newest.subject.NotApplicable() // nothing has ended yet
}
