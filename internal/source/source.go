// Package source brings objects in: it defines what a source is, and the intake that every source hands its objects
// to, so that a manifest, a live object and a dump are read alike. A secret's value ends here: what goes on to the
// inventory are names, sizes, digests and the places where a secret stands in clear.
package source

import (
	"context"
	"time"

	"vigie/internal/inventory"
)

// A Source reads one tree, cluster or dump into an inventory under construction. It returns an error only where
// nothing can be read at all; everything else that could not be read is in the inventory, as a gap or an unread
// document.
type Source interface {
	Read(ctx context.Context, b *inventory.Builder) (Stats, error)
}

// Stats counts what a source went through.
type Stats struct {
	Files     int // opened and holding at least one document
	Documents int // understood or not, Kubernetes' or not
	Objects   int // taken into the inventory
	Foreign   int // recognised as not Kubernetes': values files, kustomizations, data
	Bytes     int64

	// What a source says of itself; empty where there is nothing to say.
	Layout    string     // of a dump: must-gather, inspect, insights
	Collected time.Time  // when a dump was made, where it says so
	Revisions []Revision // of Git, one a path
	Commits   int        // whose files were searched for secrets
}

// A Revision is a commit whose tree was read.
type Revision struct {
	Path   string
	Commit string // its full hash
	At     time.Time
}
