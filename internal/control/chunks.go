package control

import "sync"

// chunks keep what was said in pieces of one size. One list of the 100,000 findings of a large namespace would be
// copied whole each time that it grows; a piece that was emitted serves again, so that a check makes no more of them
// than are under way.
type chunks []*chunk

const chunkSize = 64

type chunk struct {
	n    int
	list [chunkSize]Finding
}

var free = sync.Pool{New: func() any { return new(chunk) }}

func (c *chunks) add(f Finding) {
	last := len(*c) - 1
	if last < 0 || (*c)[last].n == chunkSize {
		*c = append(*c, free.Get().(*chunk))
		last++
	}
	p := (*c)[last]
	p.list[p.n] = f
	p.n++
}

// emit hands on each finding, and takes back each piece that was.
func (c chunks) emit(to func(*Finding) error) error {
	for _, p := range c {
		for k := range p.n {
			if err := to(&p.list[k]); err != nil {
				return err
			}
		}
		p.release()
	}
	return nil
}

// drop forgets all that was said.
func (c *chunks) drop() {
	for _, p := range *c {
		p.release()
	}
	*c = nil
}

// release gives the piece back empty: it holds on to nothing, and who kept a finding of it sees at once that it is gone.
func (p *chunk) release() {
	clear(p.list[:p.n])
	p.n = 0
	free.Put(p)
}
