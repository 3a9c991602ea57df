package main

import (
	"fmt"
	"time"

	"vigie/bench/gen"
)

// The sizes at which the targets hold.
const (
	middle = 20_000
	large  = 100_000
)

// A state says what became of a target.
type state string

const (
	met        state = "met"
	missed     state = "MISSED"
	unmeasured state = "not measured"
)

// A verdict is one target on one case.
type verdict struct {
	Target string // with its figure
	Where  string
	Got    string // "" where it was not measured
	State  state
}

// A figure is what was measured for a target: a number, and whether the truth may lie above it only.
type figure struct {
	value   float64
	atLeast bool
}

// A target compares a figure of a case with a limit.
type target struct {
	name    string
	limit   float64
	faster  bool // the figure must reach the limit; else stay within it
	applies func(Case) bool
	figure  func(Results, Case) (figure, bool)
	show    func(float64) string
}

// targets are those of the product, in their order.
var targets = []target{
	{"vigie within 2.2 times the bound", 2.2, false, at(middle, isYAML), overBound, times},
	{"vigie within 3 times the bound of JSON", 3, false, at(middle, isJSON), overBound, times},
	{"vigie at least 1.2 times faster than kube-score, many namespaces", 1.2, true, at(middle, in(Many)), overKubeScore, times},
	{"vigie at least 5 times faster than kube-score, one namespace", 5, true, at(middle, in(One)), overKubeScore, times},
	{"100,000 objects within 5.5 times 20,000", 5.5, false, at(large, always), growth, times},
	{"one namespace within 1.3 times many", 1.3, false, func(c Case) bool { return c.Objects >= middle && c.Space == One }, concentration, times},
	{"peak memory under 300 MiB at 20,000", 300 << 20, false, at(middle, always), peakMemory, bytesShown},
	{"peak memory under 1.1 GiB at 100,000", 1.1 * (1 << 30), false, at(large, always), peakMemory, bytesShown},
}

// startLimit is the target for the start of the program, which no case has part in.
const startLimit = 50 * time.Millisecond

func judge(r Results, start time.Duration, cases []Case) (out []verdict) {
	for _, t := range targets {
		any := false
		for _, c := range cases {
			if t.applies(c) {
				any = true
				out = append(out, t.judge(r, c))
			}
		}
		if !any {
			out = append(out, verdict{Target: t.name, Where: "no such case was asked for", State: unmeasured})
		}
	}
	v := verdict{Target: "start-up under 50 ms", Where: "vigie version", State: unmeasured}
	if start > 0 {
		v.Got, v.State = fmt.Sprintf("%.0f ms", float64(start.Microseconds())/1000), metWhen(start < startLimit)
	}
	return append(out, v)
}

func (t target) judge(r Results, c Case) verdict {
	v := verdict{Target: t.name, Where: c.String(), State: unmeasured}
	f, ok := t.figure(r, c)
	if !ok {
		return v
	}
	v.Got = t.show(f.value)
	switch {
	case t.faster:
		v.State = metWhen(f.value >= t.limit)
		if f.atLeast {
			v.Got = "at least " + v.Got
			if v.State == missed { // the truth may lie above the limit
				v.State = unmeasured
			}
		}
	default:
		v.State = metWhen(f.value <= t.limit)
	}
	return v
}

func metWhen(ok bool) state {
	if ok {
		return met
	}
	return missed
}

func at(size int, more func(Case) bool) func(Case) bool {
	return func(c Case) bool { return c.Objects == size && more(c) }
}

func always(Case) bool             { return true }
func isJSON(c Case) bool           { return c.Form == gen.JSON }
func isYAML(c Case) bool           { return c.Form != gen.JSON }
func in(s Space) func(Case) bool   { return func(c Case) bool { return c.Space == s } }
func times(v float64) string       { return fmt.Sprintf("%.2f times", v) }
func bytesShown(v float64) string  { return mebibytes(int64(v)) }
func (c Case) with(n int) Case     { c.Objects = n; return c }
func (c Case) within(s Space) Case { c.Space = s; return c }

// bestOf gives the best run of a tool on a case.
func bestOf(r Results, c Case, t Tool) (Sample, bool) {
	o := r[c][t]
	if o == nil {
		return Sample{}, false
	}
	return o.best()
}

// ratio divides the best times of two outcomes.
func ratio(r Results, c Case, t Tool, d Case, u Tool) (figure, bool) {
	over, ok := bestOf(r, c, t)
	under, also := bestOf(r, d, u)
	if !ok || !also || under.Wall == 0 {
		return figure{}, false
	}
	return figure{value: float64(over.Wall) / float64(under.Wall)}, true
}

// grown is the time of a tool over that at a smaller size: of rounds of pairs where there are any, else of the best runs.
func grown(r Results, c Case, t Tool, from int) (figure, bool) {
	if o := r[c][t]; o != nil {
		if ratio, ok := o.paired(); ok {
			return figure{value: ratio}, true
		}
	}
	return ratio(r, c, t, c.with(from), t)
}

func overBound(r Results, c Case) (figure, bool) { return ratio(r, c, Vigie, c, Bound) }
func growth(r Results, c Case) (figure, bool)    { return grown(r, c, Vigie, middle) }
func concentration(r Results, c Case) (figure, bool) {
	return ratio(r, c, Vigie, c.within(Many), Vigie)
}

// overKubeScore counts with the limit where kube-score did not end within it.
func overKubeScore(r Results, c Case) (figure, bool) {
	if f, ok := ratio(r, c, KubeScore, c, Vigie); ok {
		return f, true
	}
	vigie, ok := bestOf(r, c, Vigie)
	o := r[c][KubeScore]
	if !ok || o == nil || o.AtLeast.Wall == 0 {
		return figure{}, false
	}
	return figure{value: float64(o.AtLeast.Wall) / float64(vigie.Wall), atLeast: true}, true
}

func peakMemory(r Results, c Case) (figure, bool) {
	o := r[c][Vigie]
	if o == nil || len(o.Samples) == 0 {
		return figure{}, false
	}
	return figure{value: float64(o.peak())}, true
}
