// Package mustgather reads dumps of a cluster: what oc adm must-gather and oc adm inspect write, and the archives of the
// Insights operator, as directories or as tar files. There the place of a file says which kind it holds, and which
// lists were collected whole: what a dump does not hold was not collected, which is not the same as none.
package mustgather

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source"
	"vigie/internal/source/files/manifest"
)

// ErrNoDump is a path that is read as a dump and is none.
var ErrNoDump = errors.New("no dump of a cluster: want what oc adm must-gather or oc adm inspect wrote, or an archive of the Insights operator")

// A Source reads the dumps that Detect found. The inventory's unset state must be NotCollected.
type Source struct {
	Dumps    []Dump
	Options  manifest.Options // Describe and Visit are the source's own
	Intake   func(*inventory.Builder) *source.Intake
	Progress func(files, documents int) // as in package files
	OnRecord func(file string)          // is told of each file that holds no object by its place; may be nil
}

// Read implements source.Source.
func (s *Source) Read(ctx context.Context, b *inventory.Builder) (source.Stats, error) {
	if len(s.Dumps) == 0 {
		return source.Stats{}, ErrNoDump
	}
	k := &sink{Source: s, intake: s.Intake(b), builder: b}
	var total source.Stats
	var layouts []string
	for i := range s.Dumps {
		k.begin(&s.Dumps[i])
		o := s.Options
		o.Describe, o.Visit, o.Flat = k.describe, k.dump.note, true
		st, err := manifest.Read(ctx, []string{k.dump.Path}, o, k)
		if err != nil {
			return source.Stats{}, fmt.Errorf("read the dump %q: %w", k.dump.Path, err)
		}
		k.finish()
		total.Files += st.Files
		total.Bytes += st.Bytes
		if at := k.dump.moment(); at.After(total.Collected) {
			total.Collected = at
		}
		if l := string(k.dump.Layout); !slices.Contains(layouts, l) {
			layouts = append(layouts, l)
		}
	}
	k.partial()
	total.Documents, total.Objects, total.Foreign = int(k.documents.Load()), k.objects, k.foreign
	total.Layout = strings.Join(layouts, ", ")
	return total, nil
}

// moment is when the dump was made; zero where it does not say so.
func (d *Dump) moment() time.Time {
	if at, ok := named(d.Path); ok && d.Layout == Insights && d.at.IsZero() {
		return at
	}
	return d.at
}

// sink takes what the reader finds. Its methods are called by several goroutines.
type sink struct {
	*Source
	intake  *source.Intake
	builder *inventory.Builder
	dump    *Dump

	documents atomic.Int64
	mu        sync.Mutex
	objects   int
	foreign   int
	taken     map[string]bool // who was taken in of this dump
	singles   []single
	lists     map[string]*listing // by file
	keys      map[configMap]map[string]manifest.Document
	gathers   []gather
}

// A single is an object that has a file for itself: it is taken in after the lists, for they hold most of them again.
type single struct {
	spot spot
	doc  manifest.Document
}

// A listing is a file that holds all of a resource in a namespace, if it holds a list.
type listing struct {
	spot   spot
	whole  bool // a list was seen in it
	broken bool // and something that was not understood
}

type configMap struct{ namespace, name string }

func (k *sink) begin(d *Dump) {
	k.dump, k.singles, k.gathers = d, nil, nil
	k.taken, k.lists, k.keys = map[string]bool{}, map[string]*listing{}, map[configMap]map[string]manifest.Document{}
}

func (k *sink) spot(name string) spot { return spotOf(k.dump.Layout, k.dump.place(name)) }

// describe tells the reader what a file's place says.
func (k *sink) describe(name string) manifest.Hint { return k.spot(name).hint(k.dump.Layout) }

// nameOf is a file's name below the dump's path.
func (k *sink) nameOf(file string) string {
	shown := filepath.Clean(k.dump.Path)
	if inside, ok := strings.CutPrefix(file, shown+"!"); ok {
		return filepath.ToSlash(inside)
	}
	if rel, err := filepath.Rel(shown, file); err == nil {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(file)
}

// listing notes a file whose place says that it holds a whole list; nil: it is none. The lock is held.
func (k *sink) listing(file string) *listing {
	l, ok := k.lists[file]
	if !ok {
		if s := k.spot(k.nameOf(file)); s.list {
			l = &listing{spot: s}
		}
		k.lists[file] = l
	}
	return l
}

// Document implements manifest.Sink.
func (k *sink) Document(_ int, d manifest.Document) {
	k.documents.Add(1)
	s := k.spot(k.nameOf(d.File))
	switch {
	case s.wrap == inKey:
		k.keep(s, d)
	case s.wrap == report:
		k.gathered(d)
	case d.List:
		k.item(d)
	default:
		k.mu.Lock()
		k.singles = append(k.singles, single{s, d})
		k.mu.Unlock()
	}
}

// keep notes a key of a ConfigMap, until all of them are known.
func (k *sink) keep(s spot, d manifest.Document) {
	k.mu.Lock()
	defer k.mu.Unlock()
	cm := configMap{s.namespace, s.name}
	if k.keys[cm] == nil {
		k.keys[cm] = map[string]manifest.Document{}
	}
	k.keys[cm][s.key] = d
}

// item takes in an item of a list.
func (k *sink) item(d manifest.Document) {
	ok := k.take(d, object{d.APIVersion, d.Kind, d.JSON})
	k.mu.Lock()
	defer k.mu.Unlock()
	if l := k.listing(d.File); l != nil {
		l.whole, l.broken = true, l.broken || !ok
	}
}

// text finds lines in a document's own bytes.
type text []byte

// Locate implements inventory.Locator.
func (t text) Locate(path ...any) int { return manifest.Locate(t, path...) }

// take takes one object in, unless it was before; false: it is not of its kind's shape.
func (k *sink) take(d manifest.Document, o object) bool {
	place := inventory.Place{File: d.File, Line: d.Line, Doc: d.Index, Text: text(d.Text)}
	if k.again(d, o) {
		return true
	}
	_, ok := k.intake.Take(o.apiVersion, o.kind, o.json, place, "")
	k.mu.Lock()
	defer k.mu.Unlock()
	if ok {
		k.objects++
	}
	return ok
}

// again reports an object that was taken in already. In an Insights archive that is one in two files of one name: files of
// two names are two objects, whatever the collector left of their own names.
func (k *sink) again(d manifest.Document, o object) bool {
	key := kinds.Identify(kinds.Manifest{APIVersion: o.apiVersion, Kind: o.kind, JSON: o.json, Origin: k.intake.Origin}).String()
	if k.dump.Layout == Insights {
		key += "\x00" + stem(path.Base(k.nameOf(d.File)))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	had := k.taken[key]
	k.taken[key] = true
	return had
}

// Problem implements manifest.Sink.
func (k *sink) Problem(p manifest.Problem) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l := k.listing(p.File); l != nil {
		l.broken = true
	}
	k.builder.AddUnread(inventory.Unread{
		Place: inventory.Place{File: p.File, Line: p.Line, Doc: p.Index}, Reason: p.Reason, Values: p.Values,
		Ref: inventory.Ref{Kind: p.Kind, Namespace: p.Namespace, Name: p.Name},
	})
}

// Foreign implements manifest.Sink.
func (k *sink) Foreign(f manifest.Foreign) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f.List {
		if l := k.listing(f.File); l != nil {
			l.whole = true
			return
		}
	}
	k.foreign++
	if f.What == manifest.WhatRecord && k.OnRecord != nil {
		k.OnRecord(f.File)
	}
}

// File implements manifest.Sink.
func (k *sink) File(string, int) {
	if k.Progress != nil {
		k.Progress(0, int(k.documents.Load()))
	}
}

// finish takes in what waited for the end of the dump, in an order that is the same at every run.
func (k *sink) finish() {
	slices.SortFunc(k.singles, func(a, b single) int {
		return cmp.Or(strings.Compare(a.doc.File, b.doc.File), a.doc.Index-b.doc.Index)
	})
	for _, s := range k.singles {
		k.single(s)
	}
	k.configMaps()
	k.states()
}

func (k *sink) single(s single) {
	d := s.doc
	o := object{d.APIVersion, d.Kind, d.JSON}
	if k.dump.Layout == Insights {
		var err error
		if o, err = shape(s.spot, d.APIVersion, d.Kind, original(d)); err != nil {
			k.nameless(s)
			return
		}
	}
	if !k.take(d, o) {
		return
	}
	if e, ok := kinds.ByResource("namespaces"); ok && o.kind == e.Kind && o.apiVersion == "v1" && k.dump.Layout != Insights {
		k.builder.SetState(e.Input, inventory.Space{Namespace: s.spot.name}, inventory.Complete, "")
	}
}

// original is the document without what its place was said to be.
func original(d manifest.Document) []byte {
	if len(d.Text) > 0 && d.Text[0] == '{' {
		return d.Text
	}
	return d.JSON
}

// nameless is a document without kind at a place that does not tell it: with a name it is an object that nobody can
// place, without it is a record.
func (k *sink) nameless(s single) {
	f, _ := fieldsOf(original(s.doc))
	name := metadata(f).text("name")
	if name == "" {
		k.Foreign(manifest.Foreign{File: s.doc.File, What: manifest.WhatRecord})
		return
	}
	k.Problem(manifest.Problem{
		File: s.doc.File, Line: s.doc.Line, Index: s.doc.Index, Reason: manifest.ReasonNoKind, Name: name, Namespace: metadata(f).text("namespace"),
	})
}

// configMaps makes one object of the keys of each ConfigMap.
func (k *sink) configMaps() {
	names := make([]configMap, 0, len(k.keys))
	for cm := range k.keys {
		names = append(names, cm)
	}
	slices.SortFunc(names, func(a, b configMap) int {
		return cmp.Or(strings.Compare(a.namespace, b.namespace), strings.Compare(a.name, b.name))
	})
	for _, cm := range names {
		data := map[string]string{}
		var first manifest.Document
		for key, d := range k.keys[cm] {
			data[key] = string(d.Text)
			if first.File == "" || d.File < first.File {
				first = d
			}
		}
		raw, err := json.Marshal(map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]string{"namespace": cm.namespace, "name": cm.name}, "data": data,
		}, json.Deterministic(true))
		if err != nil { // a key that is no text: its object is known to be there
			k.Problem(manifest.Problem{File: first.File, Reason: manifest.ReasonNotUTF8, Kind: "ConfigMap", Namespace: cm.namespace, Name: cm.name})
			continue
		}
		first.Text = nil // its lines are not the object's
		k.take(first, object{"v1", "ConfigMap", raw})
	}
}
