package render

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"sync/atomic"

	"vigie/internal/source/files/manifest"
)

// A worker is a process that renders.
type worker struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *gob.Decoder
	to   *gob.Encoder
	flow *bufio.Writer
	last dying
	once sync.Once
}

// start starts a worker.
func start(program string) (*worker, error) {
	w := &worker{cmd: exec.Command(program, WorkerFlag)}
	// No variable is handed on: no proxy, no path to programs, no home with a configuration. TZ makes templates say the
	// same everywhere; a directory for temporary files that does not exist is written to by nobody.
	w.cmd.Env = []string{"TZ=UTC", "LANG=C.UTF-8", "TMPDIR=/nonexistent", "HOME=/nonexistent"}
	w.cmd.Dir = "/"
	w.cmd.Stderr = &w.last
	var err error
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	w.flow = bufio.NewWriter(w.in)
	w.to, w.out = gob.NewEncoder(w.flow), gob.NewDecoder(bufio.NewReader(out))
	return w, nil
}

// render has a worker do one task. After an error the worker has ended.
func (w *worker) render(ctx context.Context, t task, tree manifest.RenderTree, used map[string]bool) (out manifest.Rendering, err error) {
	defer context.AfterFunc(ctx, func() { _ = w.cmd.Process.Kill() })()
	if err = w.send(t); err == nil {
		out, err = w.answer(tree, used)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = w.cmd.Process.Kill()
		w.end()
	}
	return out, err
}

// answer answers what the worker asks until it has a result.
func (w *worker) answer(tree manifest.RenderTree, used map[string]bool) (manifest.Rendering, error) {
	for {
		var s say
		if err := w.out.Decode(&s); err != nil {
			return manifest.Rendering{}, fmt.Errorf("hear from a worker: %w", err)
		}
		switch {
		case s.Result != nil:
			return *s.Result, nil
		case s.Ask == nil:
			return manifest.Rendering{}, fmt.Errorf("hear from a worker: %w", io.ErrUnexpectedEOF)
		}
		if err := w.send(answerOf(tree, *s.Ask, used)); err != nil {
			return manifest.Rendering{}, err
		}
	}
}

func (w *worker) send(v any) error {
	if err := w.to.Encode(v); err != nil {
		return fmt.Errorf("tell a worker: %w", err)
	}
	if err := w.flow.Flush(); err != nil {
		return fmt.Errorf("tell a worker: %w", err)
	}
	return nil
}

// end lets a worker go, and waits for it: it ends when nobody speaks to it any more.
func (w *worker) end() {
	w.once.Do(func() {
		_ = w.in.Close()
		_ = w.cmd.Wait() // how it ended was heard, or does not matter
	})
}

// outOfMemory reports that an ended worker was ended by its bound.
func (w *worker) outOfMemory() bool { return w.last.memory.Load() }

// dying hears what a worker prints. It keeps nothing of it: libraries print what they read. Only the words with which
// the runtime ends a program count.
type dying struct{ memory atomic.Bool }

// memoryWords are what the runtime says where it gets no memory for the heap, a stack or a thread.
var memoryWords = [][]byte{
	[]byte("out of memory"), []byte("cannot allocate memory"), []byte("stack exceeds"), []byte("cannot map pages"),
	[]byte("failed to create new OS thread"), []byte("newosproc"), []byte("pthread_create failed"),
}

// Write implements io.Writer.
func (d *dying) Write(p []byte) (int, error) {
	for _, words := range memoryWords {
		if bytes.Contains(p, words) {
			d.memory.Store(true)
		}
	}
	return len(p), nil
}
