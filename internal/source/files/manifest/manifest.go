// Package manifest turns paths into documents: files, directories, archives and standard input; YAML as kubectl means
// it (1.1), JSON, lists. It knows no kinds of objects. Whatever it does not understand it names, with file, line and
// reason, and goes on; nothing outside of the paths given is read.
package manifest

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync/atomic"
)

// ErrPath is a path that cannot be read at all: it does not exist, or is no file, directory or stream.
var ErrPath = errors.New("no such file, directory or stream")

// Options say how to read. The zero Options are good.
type Options struct {
	Limits  Limits    // zero fields take the defaults
	Workers int       // documents parsed at once; 0: as many as there are processors
	Stdin   io.Reader // read for the path "-"
	// Ignore is asked for each file and folder below a directory, by its path from there with slashes; nil: none.
	Ignore func(rel string) bool
}

// Limits bound what one run may take in. Each is in bytes unless it says otherwise.
type Limits struct {
	File     int64 // one file or stream, unpacked
	Document int64 // one YAML object that must be parsed whole
	Archive  int64 // an archive, unpacked
	Ratio    int64 // unpacked to packed, from 16 MiB on
	Entries  int64 // entries of an archive, a count
	Depth    int64 // nesting, a count
}

// DefaultLimits are generous for manifests and mean for bombs.
func DefaultLimits() Limits {
	return Limits{File: 1 << 30, Document: 16 << 20, Archive: 1 << 30, Ratio: 200, Entries: 200_000, Depth: 500}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	for _, p := range []struct{ v, def *int64 }{
		{&l.File, &d.File}, {&l.Document, &d.Document}, {&l.Archive, &d.Archive}, {&l.Ratio, &d.Ratio}, {&l.Entries, &d.Entries}, {&l.Depth, &d.Depth},
	} {
		if *p.v == 0 {
			*p.v = *p.def
		}
	}
	return l
}

// A Document is one object: a document of a YAML stream, a JSON value, or an item of a list.
type Document struct {
	Root             string // the tree it belongs to: nearest directory above, within the argument, that holds a kustomization or a chart; else the argument
	File             string // as the user named it; "archive!entry" inside an archive; "-" for standard input
	Line             int    // of its first line in File, from 1
	Index            int    // document N of the file, from 1; items of a list share their document's
	APIVersion, Kind string // never empty
	JSON             []byte // the object; the receiver's own
	Text             []byte // as it was written, for Locate
}

// A Problem is something that was not understood.
type Problem struct {
	Root, File            string
	Line, Index           int
	Reason                string         // a key of the reports' sentences
	Values                map[string]any // for the sentence; never a value of the document
	Kind, Namespace, Name string         // as far as they are known
}

// A Foreign is a document or file that is not Kubernetes', and known as such.
type Foreign struct {
	File        string
	Line, Index int
	What        string // values, kustomization, kustomize-patch, chart, data, archive
}

// A Sink takes what is found. Its methods are called by several goroutines at once, in no order.
type Sink interface {
	Document(worker int, d Document)
	Problem(p Problem)
	Foreign(f Foreign)
	File(path string, documents int)
}

// Stats counts what was gone through.
type Stats struct {
	Files     int // that held at least one document
	Documents int
	Bytes     int64
}

// A run is one Read.
type run struct {
	ctx     context.Context
	sink    Sink
	limits  Limits
	workers int
	ignore  func(string) bool
	files   atomic.Int64
	docs    atomic.Int64
	bytes   atomic.Int64
}

// Read reads every path. The error is ErrPath, or the context's.
func Read(ctx context.Context, paths []string, o Options, sink Sink) (Stats, error) {
	r := &run{ctx: ctx, sink: sink, limits: o.Limits.filled(), workers: o.Workers, ignore: o.Ignore}
	if r.workers <= 0 {
		r.workers = runtime.GOMAXPROCS(0)
	}
	for _, p := range paths {
		if err := r.path(p, o.Stdin); err != nil {
			return Stats{}, err
		}
	}
	st := Stats{Files: int(r.files.Load()), Documents: int(r.docs.Load()), Bytes: r.bytes.Load()}
	return st, ctx.Err()
}
