package policy

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml
var embedded embed.FS

const raciFile = "raci.yaml"

// Load gives the embedded policy. It is read once. An error is a fault of the build: an unknown key or a wrong type.
var Load = sync.OnceValues(func() (*Policy, error) { return load(embedded) })

// files are the policy's, in the order of the hash.
var files = []struct {
	name string
	into func(*Policy) any // nil: only named by the hash
}{
	{"chapters.yaml", func(p *Policy) any { return &p.Chapters }},
	{"clauses.yaml", func(p *Policy) any { return &p.Clauses }},
	{"catalogue.yaml", func(p *Policy) any { return &p.Catalogue }},
	{"parameters.yaml", func(p *Policy) any { return &p.Parameters }},
	{raciFile, nil},
}

func load(from fs.FS) (*Policy, error) {
	p := &Policy{}
	var err error
	if p.hash, err = hashOf(from); err != nil {
		return nil, err
	}
	errs := make([]error, len(files))
	var wg sync.WaitGroup
	for i, f := range files { // side by side: this is most of what a start takes
		if f.into != nil {
			wg.Go(func() { errs[i] = read(from, f.name, f.into(p)) })
		}
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p.typeset()
	p.index()
	return p, nil
}

// Hash names the data: 16 hexadecimal digits of the policy's files. It is that of the policy that Load gives, without
// reading it.
func Hash() string {
	h, err := hashOf(embedded)
	if err != nil {
		panic(err) // what is embedded can be read
	}
	return h
}

func hashOf(from fs.FS) (string, error) {
	sum := sha256.New()
	for _, f := range files {
		raw, err := fs.ReadFile(from, f.name)
		if err != nil {
			return "", fmt.Errorf("read policy: %w", err)
		}
		fmt.Fprintf(sum, "%s %d\n", f.name, len(raw))
		sum.Write(raw)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// read decodes one file into a pointer to a slice.
func read(from fs.FS, name string, into any) error {
	raw, err := fs.ReadFile(from, name)
	if err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read policy: %s: %w", name, err)
	}
	// A second document would be lost in silence.
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("read policy: %s: more than one document", name)
	}
	return nil
}

func (p *Policy) index() {
	p.clause, p.planned, p.param = map[string]int{}, map[string]int{}, map[string]int{}
	p.served = map[string][]Planned{}
	for i, c := range p.Clauses {
		p.clause[strings.ToUpper(c.ID)] = i
		p.clause[strings.ToUpper(c.Short())] = i
	}
	for i, c := range p.Catalogue {
		p.planned[c.ID] = i
		for _, id := range c.Clauses {
			p.served[id] = append(p.served[id], c)
		}
	}
	for i, par := range p.Parameters {
		p.param[par.ID] = i
	}
}

// typeset makes lines one text, and sets the French. The data keeps plain spaces and the policy's own apostrophes, so
// that it can be compared with the policy and typed.
func (p *Policy) typeset() {
	for i := range p.Chapters {
		p.Chapters[i].Title.typeset()
	}
	for i := range p.Clauses {
		p.Clauses[i].Title.typeset()
		p.Clauses[i].Text.typeset()
	}
	for i := range p.Parameters {
		p.Parameters[i].Title.typeset()
		p.Parameters[i].Description.typeset()
	}
}

func (t *Text) typeset() {
	t.EN = strings.ReplaceAll(t.EN, "\n", " ")
	t.FR = french.Replace(strings.ReplaceAll(t.FR, "\n", " "))
}

// french sets no-break spaces, and one apostrophe throughout.
var french = strings.NewReplacer(
	" :", "\u00a0:", " %", "\u00a0%",
	" ;", "\u202f;", " !", "\u202f!", " ?", "\u202f?", "« ", "«\u202f", " »", "\u202f»",
	"’", "'",
)
