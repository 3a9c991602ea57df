package source

import (
	"errors"
	"sync/atomic"
	"time"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source/secrets"
)

// An Intake takes objects into an inventory. It is safe for concurrent use.
type Intake struct {
	Builder *inventory.Builder
	Scanner *secrets.Scanner
	Origin  kinds.Origin
	// Origins are those of single documents, by their number in their file, where one stream holds several trees.
	Origins map[int]kinds.Origin
	Target  string                        // namespace of the objects that name none; empty: not declared
	Keep    func(group, kind string) bool // of which kinds whole objects are kept, for checks of one's own; nil: of none
	Clock   func() time.Time              // counts the time spent scanning for secrets; nil: not counted
	// OnSighting is told of each secret in clear that the inventory takes in; nil: nobody is.
	OnSighting func(kinds.Sighting)

	scanning atomic.Int64
}

// Scanning is the time spent looking for secrets, summed over all goroutines.
func (in *Intake) Scanning() time.Duration { return time.Duration(in.scanning.Load()) }

func (in *Intake) scan(group, kind string, object []byte) []kinds.Sighting {
	if in.Scanner == nil {
		return nil
	}
	if in.Clock == nil {
		return sightings(in.Scanner.Object(group, kind, object))
	}
	start := in.Clock()
	found := sightings(in.Scanner.Object(group, kind, object))
	in.scanning.Add(int64(in.Clock().Sub(start)))
	return found
}

// origin is where the document at place came from.
func (in *Intake) origin(place inventory.Place) kinds.Origin {
	if o, ok := in.Origins[place.Doc]; ok {
		return o
	}
	return in.Origin
}

// Take adds one object. What is not of its kind's shape is recorded as an unread document; ok says whether the
// object was taken in.
func (in *Intake) Take(apiVersion, kind string, object []byte, place inventory.Place, root string) (ref inventory.Ref, ok bool) {
	group, _ := kinds.SplitAPIVersion(apiVersion)
	m := kinds.Manifest{
		APIVersion: apiVersion, Kind: kind, JSON: object, Place: place, Origin: in.origin(place), Root: root, Target: in.Target,
	}
	m.Sightings = in.scan(group, kind, object)
	m.Keep = in.Keep != nil && in.Keep(group, kind)
	ref, err := kinds.Add(in.Builder, m)
	if err != nil {
		in.refuse(err, ref, place, root)
		return ref, false
	}
	in.tell(m.Sightings)
	if kind == "Secret" || kind == "ConfigMap" {
		in.release(ref, object, place)
	}
	return ref, true
}

func (in *Intake) tell(found []kinds.Sighting) {
	if in.OnSighting == nil {
		return
	}
	for _, s := range found {
		in.OnSighting(s)
	}
}

// Sightings are the secrets that stand in clear in an object, which is not taken in.
func (in *Intake) Sightings(apiVersion, kind string, object []byte) []kinds.Sighting {
	group, _ := kinds.SplitAPIVersion(apiVersion)
	return in.scan(group, kind, object)
}

func (in *Intake) refuse(err error, ref inventory.Ref, place inventory.Place, root string) {
	u := inventory.Unread{Place: place, Root: root, Reason: "wrong-type", Ref: ref}
	var te *kinds.TypeError
	if errors.As(err, &te) {
		u.Values = map[string]any{"path": te.Path, "want": te.Want}
		u.Place.Line = place.LineOf(te.Steps()...)
	}
	in.Builder.AddUnread(u)
}

func sightings(found []secrets.Sighting) (out []kinds.Sighting) {
	for _, s := range found {
		k := kinds.Sighting{Path: s.Path, Place: string(s.Place), Rule: s.Rule, Length: s.Length, Digest: s.Digest}
		switch {
		case s.Place == "env":
			k.Part = inventory.Part{Kind: "env", Name: s.Part}
		case s.Container != "":
			k.Part = inventory.Part{Kind: "container", Name: s.Container}
		case s.Part != "":
			k.Part = inventory.Part{Kind: "key", Name: s.Part}
		}
		out = append(out, k)
	}
	return out
}
