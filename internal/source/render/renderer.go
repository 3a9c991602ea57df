package render

import (
	"context"
	"errors"
	"maps"
	"os"
	"path"
	"slices"
	"sync"
	"sync/atomic"

	"vigie/internal/source/files/manifest"
)

// A Renderer renders in workers, which it keeps for the next chart or kustomization. It implements manifest.Renderer.
type Renderer struct {
	opt  Options
	mu   sync.Mutex
	idle []*worker
	slow atomic.Int64
}

// New makes a Renderer. Nothing is started yet; Close ends what was.
func New(o Options) *Renderer {
	o.Limits = o.Limits.filled()
	return &Renderer{opt: o}
}

// Close ends the workers.
func (r *Renderer) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.idle {
		w.end()
	}
	r.idle = nil
}

// Why a worker gave nothing.
const (
	tooLong  = "too-long"
	tooLarge = "too-large"
	crashed  = "crashed"   // it ended in a way that it should not have
	noWorker = "no-worker" // it could not be started
)

// Render implements manifest.Renderer.
func (r *Renderer) Render(ctx context.Context, job manifest.RenderJob, t manifest.RenderTree) manifest.Rendering {
	if r.slow.Load() >= int64(r.opt.Limits.Slow) {
		return failed(job, t, tooLong)
	}
	w, err := r.take()
	if err != nil {
		return failed(job, t, noWorker)
	}
	bounded, cancel := context.WithTimeout(ctx, r.opt.Limits.Time)
	defer cancel()
	used := map[string]bool{}
	out, err := w.render(bounded, task{Job: job, Chart: r.opt.Chart, Output: r.opt.Limits.Output, Memory: r.opt.Limits.Memory}, t, used)
	switch {
	case err == nil:
		out.Used = slices.Sorted(maps.Keys(used))
		r.give(w)
		return out
	case errors.Is(bounded.Err(), context.DeadlineExceeded):
		r.slow.Add(1)
		return failed(job, t, tooLong)
	case w.outOfMemory():
		return failed(job, t, tooLarge)
	}
	return failed(job, t, crashed)
}

// failed is a rendering of which nothing is known but why.
func failed(job manifest.RenderJob, t manifest.RenderTree, what string) manifest.Rendering {
	tr := manifest.Trouble{File: path.Join(job.Dir, "Chart.yaml"), Line: 1, Reason: manifest.ReasonChartFailed, Values: map[string]any{"what": what}}
	if !job.Chart {
		tr.Reason = manifest.ReasonKustomizationFailed
		for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
			tr.File = path.Join(job.Dir, name)
			if _, _, err := t.Look(tr.File); err == nil {
				break
			}
		}
	}
	return manifest.Rendering{Troubles: []manifest.Trouble{tr}}
}

// take gives a worker that has nothing to do.
func (r *Renderer) take() (*worker, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.idle); n > 0 {
		w := r.idle[n-1]
		r.idle = r.idle[:n-1]
		return w, nil
	}
	program := r.opt.Command
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	return start(program)
}

func (r *Renderer) give(w *worker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, w)
}
