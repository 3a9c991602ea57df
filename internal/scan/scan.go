// Package scan is the spine: source, gatherers, controls, handler, in that order.
package scan

import (
	"context"
	"time"

	"vigie/internal/control"
	"vigie/internal/gather"
	"vigie/internal/inventory"
	"vigie/internal/source"
)

// A Handler receives one scan: what was read, then each finding in an order that is the same at every run.
type Handler interface {
	Begin(*inventory.Inventory, source.Stats) error
	Finding(*control.Finding) error
}

// A Scan is one evaluation of controls over what a source gives. A dump that says when it was collected is judged as of
// that moment: a backup of its evening was not late on its morning, whenever somebody looks at it. What time changes
// since then is posture's to say, by each finding's Until.
type Scan struct {
	Cluster   string          // name in findings; empty for files
	Unset     inventory.State // of an input that the source says nothing of
	Source    source.Source
	Gatherers []gather.Gatherer
	Controls  []*control.Control
	// Settings gives what the configuration says, once the objects are known (the platform is seen in them).
	Settings func(*inventory.Inventory) control.Settings
	Now      time.Time
	Fixed    bool // Now stands, whenever a dump says that it was collected
}

// Timing says where a scan's time went.
type Timing struct{ Read, Evaluate time.Duration }

// Run reads, gathers, evaluates, and hands everything to the handler. since gives the time elapsed, for Timing.
func (s Scan) Run(ctx context.Context, since func() time.Duration, to Handler) (Timing, error) {
	inv, stats, err := s.Read(ctx)
	if err != nil {
		return Timing{}, err
	}
	if !stats.Collected.IsZero() && !s.Fixed {
		s.Now = stats.Collected
	}
	t := Timing{Read: since()}
	if err := to.Begin(inv, stats); err != nil {
		return t, err
	}
	err = control.Run(ctx, inv, s.Controls, s.Settings(inv), s.Now, to.Finding)
	t.Evaluate = since() - t.Read
	return t, err
}

// Read is the first half of Run: the inventory alone.
func (s Scan) Read(ctx context.Context) (*inventory.Inventory, source.Stats, error) {
	b := inventory.NewBuilder(s.Cluster, s.Now, s.Unset)
	stats, err := s.Source.Read(ctx, b)
	if err != nil {
		return nil, stats, err
	}
	if !stats.Collected.IsZero() && !s.Fixed {
		b.At(stats.Collected)
	}
	for _, g := range s.Gatherers {
		g.Gather(ctx, b)
	}
	return b.Freeze(), stats, nil
}
