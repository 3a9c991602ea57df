package manifest

import (
	"context"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// A run is one Read. One goroutine, the caller's, walks the paths, reads large files and cuts them into pieces; the
// workers read small files and parse pieces. So a large file is parsed by all of them, and at most one is held whole.
type run struct {
	ctx      context.Context
	sink     Sink
	limits   Limits
	workers  int
	ignore   func(string) bool
	hints    func(string) Hint
	visit    func(*Entry)
	flat     bool
	renderer Renderer // nil: charts and kustomizations are read as they stand
	stdin    io.Reader
	seen     map[string]bool // real paths that were read; used by the walking goroutine alone

	opened []io.Closer // directories, which jobs read from until the end
	jobs   chan func(*worker)
	wg     sync.WaitGroup
	heavy  sync.Mutex // held while a large YAML document is parsed: its tree needs many times its size

	files, documents, bytes atomic.Int64
}

// smallFile is up to which size a worker reads and cuts a file by itself.
const smallFile = 512 << 10

// heavyFrom is the size from which YAML documents are parsed one after the other.
const heavyFrom = 1 << 20

// batchBytes is about how much text is handed to a worker at once.
const batchBytes = 64 << 10

// A worker parses. What it holds is used again from document to document.
type worker struct {
	*run
	id  int
	enc encoder
	val validator

	quick quick

	telling bool // the sink is being called
}

func newRun(ctx context.Context, o Options, sink Sink) *run {
	r := &run{
		ctx: ctx, sink: sink, limits: o.Limits.filled(), workers: o.Workers, ignore: o.Ignore, hints: o.Describe, visit: o.Visit,
		flat: o.Flat, renderer: o.Render, stdin: o.Stdin, seen: map[string]bool{},
	}
	if r.workers <= 0 {
		r.workers = runtime.GOMAXPROCS(0)
	}
	return r
}

// end waits for the workers, and says which arguments held nothing.
func (r *run) end(args []*argument) (Stats, error) {
	r.stop()
	for _, a := range args {
		a.finish()
	}
	st := Stats{Files: int(r.files.Load()), Documents: int(r.documents.Load()), Bytes: r.bytes.Load()}
	return st, r.ctx.Err()
}

func (r *run) start() {
	r.jobs = make(chan func(*worker), 2*r.workers)
	for id := range r.workers {
		r.wg.Go(func() {
			w := &worker{run: r, id: id}
			for job := range r.jobs {
				if r.ctx.Err() == nil {
					job(w)
				}
			}
		})
	}
}

func (r *run) stop() {
	close(r.jobs)
	r.wg.Wait()
	for _, c := range r.opened {
		_ = c.Close() // only read from
	}
}

// submit hands a job to a worker, and waits until one has room for it: what is in flight stays bounded.
func (r *run) submit(job func(*worker)) {
	select {
	case r.jobs <- job:
	case <-r.ctx.Done():
	}
}

// A batch collects pieces for one job.
type batch struct {
	run    *run
	pieces []piece
	bytes  int
}

func (b *batch) put(p piece) {
	b.pieces = append(b.pieces, p)
	if b.bytes += len(p.text) + 64; b.bytes >= batchBytes {
		b.flush()
	}
}

func (b *batch) flush() {
	if len(b.pieces) == 0 {
		return
	}
	pieces := b.pieces
	b.pieces, b.bytes = nil, 0
	b.run.submit(func(w *worker) {
		for _, p := range pieces {
			if w.ctx.Err() != nil {
				return
			}
			w.piece(p)
		}
	})
}

// content cuts the bytes of a file into pieces: in a worker where the file is small, else here, for all workers.
func (s *source) content(data []byte) {
	if len(data) <= smallFile {
		s.submit(func(w *worker) { s.cut(data, w.piece) })
		return
	}
	b := &batch{run: s.run}
	s.cut(data, b.put)
	b.flush()
}
