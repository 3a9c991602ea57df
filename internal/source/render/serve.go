package render

import (
	"bufio"
	"encoding/gob"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"time"

	"vigie/internal/source/files/manifest"
	"vigie/internal/source/render/chart"
	"vigie/internal/source/render/kustomize"
)

// IsWorker reports that a program with these arguments, without its name, is to be a worker: it calls Serve and ends.
func IsWorker(args []string) bool { return slices.Equal(args, []string{WorkerFlag}) }

// Serve is a worker: it does task after task until in ends. It gives the process's exit code. From the first task on
// the process can open nothing and start nothing.
func Serve(in io.Reader, out io.Writer) int {
	http.DefaultTransport = nowhere{} // said as what it is, not as a lack of descriptors
	debug.SetMaxStack(64 << 20)
	flow := bufio.NewWriter(out)
	s := &served{from: gob.NewDecoder(bufio.NewReader(in)), to: gob.NewEncoder(flow), flow: flow}
	for {
		var t task
		if err := s.from.Decode(&t); err != nil {
			if errors.Is(err, io.EOF) {
				return 0
			}
			return 1
		}
		if !s.confined {
			s.confined = true
			watch(t.Memory)
			if err := confine(t.Memory); err != nil {
				return 1
			}
		}
		result := s.do(t)
		if err := s.say(say{Result: &result}); err != nil {
			return 1
		}
	}
}

// nowhere is a connection to nothing.
type nowhere struct{}

// RoundTrip implements http.RoundTripper.
func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("a worker reaches nothing")
}

// watch ends the process where it takes more memory than it may, and before the machine's is gone. The runtime's own
// bound makes it collect; the kernel's, where there is one, is the last.
func watch(limit int64) {
	debug.SetMemoryLimit(limit / 2)
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	tick := time.NewTicker(10 * time.Millisecond)
	go func() {
		for range tick.C {
			metrics.Read(sample)
			if int64(sample[0].Value.Uint64()-sample[1].Value.Uint64()) > limit {
				panic("out of memory: over the bound of a rendering")
			}
		}
	}()
}

// served is the worker's end of the wire. It is the tree as the libraries see it.
type served struct {
	from     *gob.Decoder
	to       *gob.Encoder
	flow     *bufio.Writer
	confined bool
}

func (s *served) do(t task) (out manifest.Rendering) {
	if t.Job.Chart {
		out = chart.Render(t.Job.Dir, s, t.Chart)
	} else {
		out = kustomize.Render(t.Job.Dir, s)
	}
	size := int64(0)
	for _, x := range out.Texts {
		size += int64(len(x.Text) + len(x.Source) + 8*len(x.Lines))
	}
	if size > t.Output {
		return failed(t.Job, s, tooLarge)
	}
	return out
}

func (s *served) say(v any) error {
	if err := s.to.Encode(v); err != nil {
		return err
	}
	return s.flow.Flush()
}

// ask asks for something of the tree. Without an answer there is nothing left to do.
func (s *served) ask(o op, name string) (a answer) {
	if err := s.say(say{Ask: &ask{o, name}}); err != nil {
		return answer{Fault: "unreadable"}
	}
	if err := s.from.Decode(&a); err != nil {
		return answer{Fault: "unreadable"}
	}
	return a
}

// Look implements manifest.RenderTree.
func (s *served) Look(name string) (string, bool, error) {
	a := s.ask(look, name)
	return a.Real, a.Dir, a.err()
}

// List implements manifest.RenderTree.
func (s *served) List(dir string) ([]string, error) {
	a := s.ask(list, dir)
	return a.Names, a.err()
}

// Read implements manifest.RenderTree.
func (s *served) Read(name string) ([]byte, error) {
	a := s.ask(read, name)
	return a.Data, a.err()
}
