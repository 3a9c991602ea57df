package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"vigie/bench/typed"
)

// batch is the number of documents that one worker takes at a time: enough to make the hand-over cost nothing.
const batch = 64

// A task is one piece of work: a file still to be read and cut, or documents already cut.
type task struct {
	path string // where not empty, read and cut it first
	docs []document
}

// A document is one object's text, its kind already known.
type document struct {
	kind   typeMeta
	text   []byte
	decode func([]byte, any) error
}

type typeMeta struct{ apiVersion, kind string }

// Read decodes all objects of a file or of the .yaml files below a directory with so many workers. The order of the
// objects is not kept.
func Read(path string, workers int) ([]typed.Object, error) {
	tasks := make(chan task, 2*workers)
	results := make([]worker, workers)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i].work(tasks) })
	}
	err := produce(path, tasks)
	close(tasks)
	wg.Wait()
	var all []typed.Object
	for _, w := range results {
		if err == nil {
			err = w.err
		}
		all = append(all, w.objects...)
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// produce fills the channel: a directory gives its files to be cut by the workers, one file is cut here.
func produce(path string, tasks chan<- task) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(p, ".yaml") {
				tasks <- task{path: p}
			}
			return err
		})
	}
	var docs []document
	err = cutFile(path, func(d document) {
		if docs = append(docs, d); len(docs) == batch {
			tasks <- task{docs: docs}
			docs = nil
		}
	})
	tasks <- task{docs: docs}
	return err
}

func cutFile(path string, yield func(document)) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	cut := cutYAML
	if filepath.Ext(path) == ".json" {
		cut = cutList
	}
	if err := cut(text, yield); err != nil {
		return fmt.Errorf("cut %q: %w", path, err)
	}
	return nil
}

// A worker keeps what it decoded, and the first error.
type worker struct {
	objects []typed.Object
	err     error
}

func (w *worker) work(tasks <-chan task) {
	for t := range tasks {
		if w.err != nil {
			continue // the producer must not block
		}
		if t.path != "" {
			w.err = cutFile(t.path, w.decode)
			continue
		}
		for _, d := range t.docs {
			w.decode(d)
		}
	}
}

func (w *worker) decode(d document) {
	obj := typed.New(d.kind.apiVersion, d.kind.kind)
	if obj == nil {
		w.err = fmt.Errorf("kind %q of %q is none of the generator's", d.kind.kind, d.kind.apiVersion)
		return
	}
	if err := d.decode(d.text, obj); err != nil {
		w.err = fmt.Errorf("decode %s: %w", d.kind.kind, err)
		return
	}
	w.objects = append(w.objects, obj)
}
