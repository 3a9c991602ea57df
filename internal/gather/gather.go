// Package gather brings facts in: what is measured, fetched, configured or known of our own past, as opposed to the
// objects that a source reads.
package gather

import (
	"context"

	"vigie/internal/inventory"
)

// A Gatherer adds facts to an inventory under construction. What it cannot get it records as a gap; it does not fail.
type Gatherer interface {
	Gather(ctx context.Context, b *inventory.Builder)
}

// Func is a function that is a Gatherer.
type Func func(ctx context.Context, b *inventory.Builder)

// Gather implements Gatherer.
func (f Func) Gather(ctx context.Context, b *inventory.Builder) { f(ctx, b) }
