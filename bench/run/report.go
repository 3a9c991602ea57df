package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

const none = "--"

// String is one line for the log.
func (o *Outcome) String() string {
	var parts []string
	if s, ok := o.best(); ok {
		parts = append(parts, fmt.Sprintf("%.3f s, %s, %d runs", s.Wall.Seconds(), mebibytes(o.peak()), len(o.Samples)))
	}
	if o.Note != "" {
		parts = append(parts, o.Note)
	}
	return strings.Join(parts, "; ")
}

// cases lists what was asked for, in the order of the tables.
func (c config) cases() (out []Case) {
	for _, size := range c.sizes {
		for _, form := range c.forms {
			for _, space := range c.spaces {
				out = append(out, Case{size, space, form})
			}
		}
	}
	return out
}

// report prints every table.
func report(out io.Writer, w *workshop, r Results, verdicts []verdict) error {
	cases := w.cases()
	fmt.Fprintf(out, "%s, %s/%s, %d cores, seed %d. Best of up to %d runs, in turn; ratios are of the best. Peaks below %s cannot be told apart.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), w.seed, w.runs, mebibytes(residentBytes(os.Getpid())))
	type section struct {
		title string
		print func(io.Writer, []Case, Results)
	}
	sections := []section{
		{"Time in seconds: best (median)", timeTable},
		{"Processor seconds and peak memory in MiB", costTable},
	}
	if len(w.sizes) > 1 {
		sections = append(sections, section{"Growth: time at a size over time at the size before", w.growthTable})
	}
	if len(w.spaces) > 1 {
		sections = append(sections, section{"One namespace over many: ratio of times", spaceTable})
	}
	if w.timings {
		sections = append(sections, section{"vigie by phase, in milliseconds of its best run", phaseTable})
	}
	for _, t := range sections {
		fmt.Fprintf(out, "\n%s\n", t.title)
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		t.print(table, cases, r)
		if err := table.Flush(); err != nil {
			return err
		}
	}
	notes(out, w, r)
	return targetTable(out, verdicts)
}

func row(out io.Writer, cells ...string) { fmt.Fprintln(out, strings.Join(cells, "\t")+"\t") }

func (c Case) cells() []string {
	return []string{thousands(c.Objects), string(c.Space), string(c.Form)}
}

func timeTable(out io.Writer, cases []Case, r Results) {
	row(out, "objects", "namespaces", "form", "bound", "vigie", "kube-score", "vigie/bound", "kube-score/vigie")
	for _, c := range cases {
		cells := c.cells()
		for _, t := range Tools {
			cells = append(cells, timeCell(r[c][t]))
		}
		row(out, append(cells, ratioCell(overBound(r, c)), ratioCell(overKubeScore(r, c)))...)
	}
}

func costTable(out io.Writer, cases []Case, r Results) {
	row(out, "objects", "namespaces", "form", "bound s", "vigie s", "kube-score s", "bound MiB", "vigie MiB", "kube-score MiB")
	for _, c := range cases {
		cells := c.cells()
		for _, t := range Tools {
			cell := none
			if s, ok := bestOf(r, c, t); ok {
				cell = fmt.Sprintf("%.2f", s.CPU.Seconds())
			}
			cells = append(cells, cell)
		}
		for _, t := range Tools {
			cell := none
			if o := r[c][t]; o != nil && len(o.Samples) > 0 {
				cell = fmt.Sprint(o.peak() >> 20)
			}
			cells = append(cells, cell)
		}
		row(out, cells...)
	}
}

func (c config) growthTable(out io.Writer, cases []Case, r Results) {
	row(out, "objects", "over", "namespaces", "form", "bound", "vigie", "kube-score")
	for i := 1; i < len(c.sizes); i++ {
		for _, now := range cases {
			if now.Objects != c.sizes[i] {
				continue
			}
			cells := []string{thousands(now.Objects), thousands(c.sizes[i-1]), string(now.Space), string(now.Form)}
			for _, t := range Tools {
				cells = append(cells, ratioCell(grown(r, now, t, c.sizes[i-1])))
			}
			row(out, cells...)
		}
	}
}

func spaceTable(out io.Writer, cases []Case, r Results) {
	row(out, "objects", "form", "bound", "vigie", "kube-score")
	for _, c := range cases {
		if c.Space != One {
			continue
		}
		cells := []string{thousands(c.Objects), string(c.Form)}
		for _, t := range Tools {
			cells = append(cells, ratioCell(ratio(r, c, t, c.within(Many), t)))
		}
		row(out, cells...)
	}
}

func phaseTable(out io.Writer, cases []Case, r Results) {
	row(out, "objects", "namespaces", "form", "wall", "read", "evaluate", "report", "read/wall", "secrets", "secrets/processor")
	for _, c := range cases {
		cells := c.cells()
		s, ok := bestOf(r, c, Vigie)
		t, also := timings(s.Stderr)
		if !ok || !also {
			row(out, append(cells, none, none, none, none, none, none, none)...)
			continue
		}
		cells = append(cells, millis(ptr(ms(s.Wall))), millis(t.Read), millis(t.Evaluate), millis(t.Report),
			share(t.Read, ms(s.Wall)), millis(t.Secrets), share(t.Secrets, ms(s.CPU)))
		row(out, cells...)
	}
}

// notes says what is missing from the tables and why.
func notes(out io.Writer, w *workshop, r Results) {
	fmt.Fprintln(out)
	for _, t := range w.tools {
		if why := w.absent[t]; why != "" {
			fmt.Fprintf(out, "%s was not measured: %s\n", t, why)
		}
	}
	for _, c := range w.cases() {
		for _, t := range w.tools {
			if o := r[c][t]; o != nil && o.Note != "" {
				fmt.Fprintf(out, "%s: %s %s\n", c, t, o.Note)
			}
		}
	}
}

func targetTable(out io.Writer, verdicts []verdict) error {
	fmt.Fprintln(out, "\nTargets")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, v := range verdicts {
		got := v.Got
		if got == "" {
			got = none
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", v.State, v.Target, got, v.Where)
	}
	return table.Flush()
}

func timeCell(o *Outcome) string {
	if o == nil {
		return none
	}
	s, ok := o.best()
	switch {
	case ok:
		return fmt.Sprintf("%.3f (%.3f)", s.Wall.Seconds(), o.median().Seconds())
	case o.AtLeast.Wall > 0:
		return fmt.Sprintf("> %.0f", o.AtLeast.Wall.Seconds())
	}
	return none
}

func ratioCell(f figure, ok bool) string {
	switch {
	case !ok:
		return none
	case f.atLeast:
		return fmt.Sprintf("> %.2f", f.value)
	}
	return fmt.Sprintf("%.2f", f.value)
}

func millis(v *float64) string {
	if v == nil {
		return none
	}
	return fmt.Sprintf("%.0f", *v)
}

func share(v *float64, of float64) string {
	if v == nil || of == 0 {
		return none
	}
	return fmt.Sprintf("%.0f %%", 100**v/of)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func ptr(v float64) *float64 { return &v }

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// thousands writes a number with a comma every three digits.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
