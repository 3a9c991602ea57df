package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vigie/bench/gen"
)

// A Space says over how many namespaces the objects are spread.
type Space string

// The spaces.
const (
	Many Space = "many" // a namespace for 5 applications
	One  Space = "one"
)

// Spaces lists both.
var Spaces = []Space{Many, One}

// namespaces holds what the generator's flag takes for each.
var namespaces = map[Space]string{Many: "many", One: "1"}

// A Case is one input.
type Case struct {
	Objects int
	Space   Space
	Form    gen.Form
}

func (c Case) String() string {
	return fmt.Sprintf("%s objects, %s, %s", thousands(c.Objects), c.Space, c.Form)
}

// An Outcome is what became of one tool on one case.
type Outcome struct {
	Samples []Sample // of runs that did their work
	Note    string   // why there are none or fewer, or what is wrong with them
	AtLeast Sample   // of a run that was ended by its limits: it would have taken more
	// Paired is the time over that of the size before, a ratio for each round of pairs; none for most tools.
	Paired []float64
}

// best is the run that was disturbed least.
func (o Outcome) best() (Sample, bool) {
	if len(o.Samples) == 0 {
		return Sample{}, false
	}
	return slices.MinFunc(o.Samples, func(a, b Sample) int { return int(a.Wall - b.Wall) }), true
}

// median is the lower one of the middle two where their number is even.
func (o Outcome) median() time.Duration {
	walls := make([]time.Duration, len(o.Samples))
	for i, s := range o.Samples {
		walls[i] = s.Wall
	}
	slices.Sort(walls)
	return walls[(len(walls)-1)/2]
}

func (o Outcome) mean() (mean time.Duration) {
	for _, s := range o.Samples {
		mean += s.Wall / time.Duration(len(o.Samples))
	}
	return mean
}

// paired is the median of the rounds of pairs.
func (o Outcome) paired() (ratio float64, ok bool) {
	if len(o.Paired) == 0 {
		return 0, false
	}
	all := slices.Sorted(slices.Values(o.Paired))
	return all[(len(all)-1)/2], true
}

// peak is the largest peak memory of all runs.
func (o Outcome) peak() (bytes int64) {
	for _, s := range o.Samples {
		bytes = max(bytes, s.PeakRSS)
	}
	return bytes
}

// Results holds every outcome.
type Results map[Case]map[Tool]*Outcome

// measureAll generates each case, runs the tools in turn on it so that a disturbance meets all of them, and removes it.
func (w *workshop) measureAll(ctx context.Context) (Results, error) {
	results := Results{}
	for _, size := range w.sizes {
		for _, space := range w.spaces {
			for _, form := range w.forms {
				c := Case{size, space, form}
				outcomes, err := w.measureCase(ctx, c, results)
				if err != nil {
					return nil, err
				}
				results[c] = outcomes
			}
		}
	}
	return results, nil
}

// data is where the objects of a case lie.
func (w *workshop) data(c Case) string {
	path := filepath.Join(w.dir, "data", fmt.Sprintf("%d-%s-%s", c.Objects, c.Space, c.Form))
	if c.Form == gen.YAML || c.Form == gen.JSON {
		path += "." + string(c.Form)
	}
	return path
}

func (w *workshop) measureCase(ctx context.Context, c Case, before Results) (map[Tool]*Outcome, error) {
	path := w.data(c)
	if err := w.generate(ctx, c, path); err != nil {
		return nil, err
	}
	outcomes := map[Tool]*Outcome{}
	tools := w.present()
	for _, t := range tools {
		outcomes[t] = &Outcome{Note: w.refuse(t, c, before)}
	}
	for range w.runs {
		for _, t := range tools {
			if err := w.once(ctx, t, c, path, outcomes[t]); err != nil {
				return nil, err
			}
		}
	}
	if o := outcomes[Vigie]; w.verify && o != nil && o.Note == "" && len(o.Samples) > 0 {
		var wrong bool
		if o.Note, wrong = w.verifyObjects(ctx, c, path); wrong {
			o.Samples = nil // speed is worth nothing where input was left out
		}
	}
	if err := w.pairs(ctx, c, path, outcomes[Vigie]); err != nil {
		return nil, err
	}
	for _, t := range tools {
		w.say("%s: %s %s", c, t, outcomes[t])
	}
	if err := os.RemoveAll(path); err != nil {
		return nil, fmt.Errorf("remove data: %w", err)
	}
	return outcomes, nil
}

// pairs measures how vigie's time grows from the size before to the largest. A machine that is shared is slow for some
// seconds and fast for some: the best of short runs meets a moment that long runs never do. So in each round the smaller
// size runs until it took about as long as the larger one, half of it before and half of it after, and the mean counts.
func (w *workshop) pairs(ctx context.Context, c Case, path string, o *Outcome) error {
	at := slices.Index(w.sizes, c.Objects)
	if at <= 0 || at < len(w.sizes)-1 || o == nil || o.Note != "" || len(o.Samples) == 0 {
		return nil
	}
	small := c.with(w.sizes[at-1])
	smallPath := w.data(small)
	if err := w.generate(ctx, small, smallPath); err != nil {
		return err
	}
	times := c.Objects / small.Objects
	for range w.runs {
		var smaller, larger Outcome
		for i := range times + 1 {
			var err error
			if i == times/2 {
				err = w.once(ctx, Vigie, c, path, &larger)
			} else {
				err = w.once(ctx, Vigie, small, smallPath, &smaller)
			}
			if err != nil {
				return err
			}
		}
		if len(larger.Samples) == 1 && len(smaller.Samples) == times {
			o.Paired = append(o.Paired, float64(larger.Samples[0].Wall)/float64(smaller.mean()))
		}
	}
	if err := os.RemoveAll(smallPath); err != nil {
		return fmt.Errorf("remove data: %w", err)
	}
	return nil
}

// once runs a tool once more, unless that is refused or it used enough time.
func (w *workshop) once(ctx context.Context, t Tool, c Case, path string, o *Outcome) error {
	var used time.Duration
	for _, s := range o.Samples {
		used += s.Wall
	}
	if o.Note != "" || used >= w.enough {
		return nil
	}
	cmd, err := w.command(t, c, path)
	if err != nil {
		return fmt.Errorf("run %s on %s: %w", t, c, err)
	}
	s, err := measure(ctx, cmd, w.limits)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errLimit):
		o.Note, o.AtLeast = err.Error(), s
	case err != nil:
		o.Note = "failed: " + err.Error()
	default:
		if o.Note = fault(t, c, s); o.Note == "" {
			s.Stdout = nil
			o.Samples = append(o.Samples, s)
		}
	}
	return nil
}

// fault says why a run that ended by itself did not do its work.
func fault(t Tool, c Case, s Sample) string {
	if !slices.Contains(accepted[t], s.Exit) {
		return fmt.Sprintf("failed with exit %d: %s", s.Exit, lastLine(s.Stderr))
	}
	switch t {
	case KubeScore: // its 1 is both "findings" and "could not"
		if strings.Contains(s.Stderr, "Failed to") {
			return "failed: " + lastLine(s.Stderr)
		}
	case Bound:
		var r struct{ Objects int }
		if err := json.Unmarshal(s.Stdout, &r); err != nil || r.Objects != c.Objects {
			return fmt.Sprintf("failed: it read %d objects", r.Objects)
		}
	}
	return ""
}

// refuse says why a tool is not to be run on a case at all: "" where it is.
func (w *workshop) refuse(t Tool, c Case, before Results) string {
	if t != KubeScore {
		return ""
	}
	want, from := expected(before, t, c)
	if want > w.limits.wall {
		return fmt.Sprintf("not run: %.0f s to be expected from %s, the limit is %.0f s", want.Seconds(), from, w.limits.wall.Seconds())
	}
	return ""
}

// expected tells from smaller cases of the same shape how long a tool will take: by the power of growth between the
// last two, at least linear; where the last one did not end, at least its time in proportion. 0 where nothing is known.
func expected(before Results, t Tool, c Case) (time.Duration, string) {
	type point struct{ n, seconds float64 }
	var points []point
	for smaller, outcomes := range before {
		if smaller.Space != c.Space || smaller.Form != c.Form || smaller.Objects >= c.Objects || outcomes[t] == nil {
			continue
		}
		s, ok := outcomes[t].best()
		if !ok {
			s = outcomes[t].AtLeast
		}
		if s.Wall > 0 {
			points = append(points, point{float64(smaller.Objects), s.Wall.Seconds()})
		}
	}
	if len(points) == 0 {
		return 0, ""
	}
	slices.SortFunc(points, func(a, b point) int { return int(a.n - b.n) })
	last, power := points[len(points)-1], 1.0
	if len(points) > 1 {
		prev := points[len(points)-2]
		power = max(1, math.Log(last.seconds/prev.seconds)/math.Log(last.n/prev.n))
	}
	seconds := last.seconds * math.Pow(float64(c.Objects)/last.n, power)
	return time.Duration(seconds * float64(time.Second)), fmt.Sprintf("%.1f s at %s", last.seconds, thousands(int(last.n)))
}
