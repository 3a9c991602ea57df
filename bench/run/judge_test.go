package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"vigie/bench/gen"
)

func took(ms ...int) *Outcome {
	o := &Outcome{}
	for i, m := range ms {
		o.Samples = append(o.Samples, Sample{Wall: time.Duration(m) * time.Millisecond, PeakRSS: int64(i+1) * 100 << 20})
	}
	return o
}

func ended(after time.Duration) *Outcome {
	return &Outcome{Note: "ended", AtLeast: Sample{Wall: after}}
}

var (
	many20          = Case{middle, Many, gen.YAML}
	one20           = Case{middle, One, gen.YAML}
	json20          = Case{middle, Many, gen.JSON}
	many100, one100 = Case{large, Many, gen.YAML}, Case{large, One, gen.YAML}
)

func TestOutcome(t *testing.T) {
	for _, test := range []struct {
		ms           []int
		best, median int
	}{{[]int{7}, 7, 7}, {[]int{9, 4}, 4, 4}, {[]int{9, 4, 5}, 4, 5}, {[]int{8, 2, 4, 6}, 2, 4}} {
		o := took(test.ms...)
		s, ok := o.best()
		if !ok || s.Wall != time.Duration(test.best)*time.Millisecond || o.median() != time.Duration(test.median)*time.Millisecond {
			t.Errorf("%v: best %v, median %v", test.ms, s.Wall, o.median())
		}
		if o.peak() != int64(len(test.ms))*100<<20 {
			t.Errorf("%v: peak %d", test.ms, o.peak())
		}
	}
	if _, ok := (Outcome{}).best(); ok {
		t.Error("an outcome without runs has a best one")
	}
}

func TestJudge(t *testing.T) {
	const ( // indexes of targets
		bound = iota
		boundJSON
		peerMany
		peerOne
		growing
		spread
		memory20
		memory100
	)
	for _, test := range []struct {
		name    string
		results Results
		target  int
		where   Case
		got     string
		state   state
	}{
		{"within the bound", Results{many20: {Bound: took(100), Vigie: took(220)}}, bound, many20, "2.20 times", met},
		{"beyond the bound", Results{many20: {Bound: took(100), Vigie: took(221)}}, bound, many20, "2.21 times", missed},
		{"the best counts", Results{many20: {Bound: took(100, 90), Vigie: took(300, 90)}}, bound, many20, "1.00 times", met},
		{"no bound", Results{many20: {Vigie: took(200)}}, bound, many20, "", unmeasured},
		{"vigie failed", Results{many20: {Bound: took(100), Vigie: {Note: "failed"}}}, bound, many20, "", unmeasured},
		{"JSON has its own limit", Results{json20: {Bound: took(100), Vigie: took(290)}}, boundJSON, json20, "2.90 times", met},
		{"faster than the peer", Results{many20: {KubeScore: took(150), Vigie: took(100)}}, peerMany, many20, "1.50 times", met},
		{"not fast enough", Results{many20: {KubeScore: took(119), Vigie: took(100)}}, peerMany, many20, "1.19 times", missed},
		{"one namespace asks for more", Results{one20: {KubeScore: took(499), Vigie: took(100)}}, peerOne, one20, "4.99 times", missed},
		{"the peer did not end", Results{one20: {KubeScore: ended(time.Second), Vigie: took(100)}}, peerOne, one20, "at least 10.00 times", met},
		{"the peer did not end, too early", Results{one20: {KubeScore: ended(time.Second), Vigie: took(500)}}, peerOne, one20, "at least 2.00 times", unmeasured},
		{"the peer was not run", Results{one20: {KubeScore: {Note: "not run"}, Vigie: took(500)}}, peerOne, one20, "", unmeasured},
		{"linear", Results{many20: {Vigie: took(100)}, many100: {Vigie: took(550)}}, growing, many100, "5.50 times", met},
		{"not linear", Results{many20: {Vigie: took(100)}, many100: {Vigie: took(560)}}, growing, many100, "5.60 times", missed},
		{"rounds of pairs", Results{many20: {Vigie: took(100)}, many100: {Vigie: &Outcome{Samples: took(560).Samples, Paired: []float64{5.6, 4, 5.4}}}}, growing, many100, "5.40 times", met},
		{"no smaller size", Results{many100: {Vigie: took(560)}}, growing, many100, "", unmeasured},
		{"one like many", Results{many20: {Vigie: took(100)}, one20: {Vigie: took(130)}}, spread, one20, "1.30 times", met},
		{"one worse than many", Results{many100: {Vigie: took(100)}, one100: {Vigie: took(131)}}, spread, one100, "1.31 times", missed},
		{"the worst peak counts", Results{many20: {Vigie: took(1, 1, 1)}}, memory20, many20, "300 MiB", met},
		{"too much memory", Results{many20: {Vigie: took(1, 1, 1, 1)}}, memory20, many20, "400 MiB", missed},
		{"memory of the large", Results{many100: {Vigie: took(1, 1, 1, 1)}}, memory100, many100, "400 MiB", met},
	} {
		t.Run(test.name, func(t *testing.T) {
			var found bool
			for _, v := range judge(test.results, 0, []Case{many20, one20, json20, many100, one100}) {
				if v.Target != targets[test.target].name || v.Where != test.where.String() {
					continue
				}
				found = true
				if v.Got != test.got || v.State != test.state {
					t.Errorf("%q, %s; want %q, %s", v.Got, v.State, test.got, test.state)
				}
			}
			if !found {
				t.Errorf("no verdict on %s", test.where)
			}
		})
	}
}

func TestJudgeSaysWhatWasNotAsked(t *testing.T) {
	verdicts := judge(Results{}, 0, []Case{{1000, Many, gen.YAML}})
	if len(verdicts) != len(targets)+1 {
		t.Errorf("%d verdicts, want one for each target and the start", len(verdicts))
	}
	for _, v := range verdicts {
		if v.State != unmeasured {
			t.Errorf("%s is %s", v.Target, v.State)
		}
	}
	for start, want := range map[time.Duration]state{49 * time.Millisecond: met, 50 * time.Millisecond: missed} {
		verdicts := judge(Results{}, start, nil)
		if got := verdicts[len(verdicts)-1].State; got != want {
			t.Errorf("a start of %s is %s, want %s", start, got, want)
		}
	}
}

func TestExpected(t *testing.T) {
	shape := func(n int) Case { return Case{n, One, gen.YAML} }
	for _, test := range []struct {
		name   string
		before Results
		want   time.Duration
	}{
		{"nothing known", Results{}, 0},
		{"one size: linear", Results{shape(1000): {KubeScore: took(1000)}}, 100 * time.Second},
		{"growing with the square", Results{shape(1000): {KubeScore: took(100)}, shape(10_000): {KubeScore: took(10_000)}}, 1000 * time.Second},
		{"never less than linear", Results{shape(1000): {KubeScore: took(9_000)}, shape(10_000): {KubeScore: took(10_000)}}, 100 * time.Second},
		{"the last did not end", Results{shape(20_000): {KubeScore: ended(100 * time.Second)}}, 500 * time.Second},
		{"the last was not run", Results{shape(10_000): {KubeScore: took(1000)}, shape(20_000): {KubeScore: {Note: "not run"}}}, 10 * time.Second},
		{"other shapes say nothing", Results{Case{1000, Many, gen.YAML}: {KubeScore: took(1000)}, Case{1000, One, gen.JSON}: {KubeScore: took(1000)}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _ := expected(test.before, KubeScore, shape(large))
			if diff := got - test.want; diff < -time.Millisecond || diff > time.Millisecond {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestFault(t *testing.T) {
	c := Case{13, Many, gen.YAML}
	for _, test := range []struct {
		name   string
		tool   Tool
		sample Sample
		want   string
	}{
		{"vigie with findings", Vigie, Sample{Exit: 1}, ""},
		{"vigie incomplete", Vigie, Sample{Exit: 3}, ""},
		{"vigie used wrongly", Vigie, Sample{Exit: 2, Stderr: "a\nunknown flag\n"}, "failed with exit 2: unknown flag"},
		{"kube-score with findings", KubeScore, Sample{Exit: 1}, ""},
		{"kube-score that could not", KubeScore, Sample{Exit: 1, Stderr: "Failed to score files: open x: too many open files\n"}, "failed: Failed to score files: open x: too many open files"},
		{"bound", Bound, Sample{Stdout: []byte(`{"objects":13}`)}, ""},
		{"bound with too few", Bound, Sample{Stdout: []byte(`{"objects":12}`)}, "failed: it read 12 objects"},
		{"bound that failed", Bound, Sample{Exit: 2, Stderr: "bound: no"}, "failed with exit 2: bound: no"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := fault(test.tool, c, test.sample); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestTimings(t *testing.T) {
	line := `{"read_ms":10.5,"scan_secrets_ms":3,"evaluate_ms":2,"report_ms":1}`
	for _, text := range []string{line, "a warning\n" + line + "\n", `{"level":"warn"}` + "\n" + line} {
		got, ok := timings(text)
		if !ok || *got.Read != 10.5 || *got.Secrets != 3 || *got.Evaluate != 2 || *got.Report != 1 {
			t.Errorf("%q gives %+v, %t", text, got, ok)
		}
	}
	if got, ok := timings(`{"read_ms":1}`); !ok || got.Secrets != nil {
		t.Errorf("a part that is absent is %+v, %t", got, ok)
	}
	for _, text := range []string{"", "{", "read_ms", `{"other":1}`, `{"read_ms":"x"}`} {
		if got, ok := timings(text); ok {
			t.Errorf("%q gives %+v", text, got)
		}
	}
}

func TestSummary(t *testing.T) {
	long := `{"finding":{"message":"` + strings.Repeat("x", 200_000) + `"}}` + "\n"
	for _, test := range []struct {
		text    string
		objects int
		found   bool
	}{
		{`{"meta":{}}` + "\n" + long + `{"summary":{"objects":42,"files":1}}` + "\n", 42, true},
		{`{"summary":{"objects":7}}`, 7, true},
		{long, 0, false},
		{"", 0, false},
	} {
		objects, found, err := summary(strings.NewReader(test.text))
		if objects != test.objects || found != test.found || err != nil {
			t.Errorf("%d, %t, %v; want %d, %t", objects, found, err, test.objects, test.found)
		}
	}
	if _, _, err := summary(strings.NewReader(`{"summary":{"objects":"x"}}`)); err == nil {
		t.Error("a broken summary is taken")
	}
}

func TestParse(t *testing.T) {
	var errs bytes.Buffer
	c, err := parse([]string{"-sizes", "5000, 1000", "-forms", "json,yaml", "-spaces", "one", "-peers", "kube-score,bound"}, &errs)
	if err != nil {
		t.Fatal(err)
	}
	want := []Case{{1000, One, gen.YAML}, {1000, One, gen.JSON}, {5000, One, gen.YAML}, {5000, One, gen.JSON}}
	if got := c.cases(); len(got) != len(want) {
		t.Fatalf("cases %v", got)
	}
	for i, got := range c.cases() {
		if got != want[i] {
			t.Errorf("case %d is %s, want %s", i, got, want[i])
		}
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-sizes", "many"}, `read "many"`},
		{[]string{"-sizes", "0"}, "above zero"},
		{[]string{"-forms", "toml"}, "use some of [yaml dir files json]"},
		{[]string{"-peers", "polaris"}, "use some of [bound vigie kube-score]"},
		{[]string{"-runs", "0"}, "above zero"},
		{[]string{"rest"}, `argument "rest"`},
	} {
		if _, err := parse(test.args, &errs); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.args, err, test.want)
		}
	}
}
