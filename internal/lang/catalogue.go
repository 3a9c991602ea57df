package lang

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed sentences.yaml
var sentencesFile []byte

// A sentence is one entry of the catalogue.
type sentence struct {
	EN string `yaml:"en"`
	FR string `yaml:"fr"`
}

// catalogue is every sentence by its key, its French typeset. It is read once, at the first sentence.
var catalogue = sync.OnceValue(func() map[string]map[Lang]Template {
	entries, err := decode(sentencesFile)
	if err != nil {
		panic(err) // a fault of the build, held by this package's tests
	}
	all := make(map[string]map[Lang]Template, len(entries))
	for key, s := range entries {
		all[key] = map[Lang]Template{English: Parse(s.EN), French: Parse(French.Typeset(s.FR))}
	}
	return all
})

func decode(data []byte) (entries map[string]sentence, err error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&entries); err != nil {
		return nil, fmt.Errorf("read sentences.yaml: %w", err)
	}
	return entries, nil
}

// Values fill the holes of a sentence.
type Values = map[string]any

// Say gives the sentence of that key in l, its holes filled. A key that is not there is a fault of the caller's.
func (l Lang) Say(key string, values Values) string {
	t, ok := catalogue()[key]
	if !ok {
		panic(fmt.Sprintf("no sentence %q in the catalogue", key))
	}
	return string(t[Of(string(l))].Append(nil, l, values))
}

// Has reports whether the catalogue holds a sentence of that key.
func Has(key string) bool {
	_, ok := catalogue()[key]
	return ok
}

// Keys lists the keys of the catalogue, in order.
func Keys() []string { return slices.Sorted(maps.Keys(catalogue())) }
