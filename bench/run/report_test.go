package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"vigie/bench/gen"
)

// TestReport holds the tables to known results: figures, ratios, what is missing and why, targets.
func TestReport(t *testing.T) {
	w := &workshop{
		config:  config{sizes: []int{middle, large}, spaces: Spaces, forms: []gen.Form{gen.YAML}, tools: Tools, runs: 3},
		timings: true,
	}
	vigie := took(1000, 1200, 1100)
	vigie.Samples[0].CPU = 2 * time.Second
	vigie.Samples[0].Stderr = `{"read_ms":400,"scan_secrets_ms":500,"evaluate_ms":350,"report_ms":50}`
	r := Results{
		many20:  {Bound: took(800), Vigie: vigie, KubeScore: took(4000)},
		one20:   {Bound: took(800), Vigie: took(1250), KubeScore: ended(180 * time.Second)},
		many100: {Bound: took(4000), Vigie: took(5000), KubeScore: {Note: "failed: out of files"}},
		one100:  {Bound: took(4000), Vigie: {Note: "not verified: no summary", Samples: took(7000).Samples}, KubeScore: {Note: "not run"}},
	}
	var out bytes.Buffer
	if err := report(&out, w, r, judge(r, 31*time.Millisecond, w.cases())); err != nil {
		t.Fatal(err)
	}
	got := squeeze(out.String())
	for _, want := range []string{
		"20,000 many yaml 0.800 (0.800) 1.000 (1.100) 4.000 (4.000) 1.25 4.00",
		"20,000 one yaml 0.800 (0.800) 1.250 (1.250) > 180 1.56 > 144.00",
		"100,000 many yaml 4.000 (4.000) 5.000 (5.000) -- 1.25 --",
		"20,000 many yaml 0.00 2.00 0.00 100 300 100",
		"100,000 20,000 many yaml 5.00 5.00 --",
		"100,000 yaml 1.00 1.40 --",
		"20,000 many yaml 1000 400 350 50 40 % 500 25 %",
		"100,000 objects, many, yaml: kube-score failed: out of files",
		"100,000 objects, one, yaml: vigie not verified: no summary",
		"met vigie within 2.2 times the bound 1.25 times 20,000 objects, many, yaml",
		"MISSED one namespace within 1.3 times many 1.40 times 100,000 objects, one, yaml",
		"met vigie at least 5 times faster than kube-score, one namespace at least 144.00 times 20,000 objects, one, yaml",
		"not measured vigie within 3 times the bound of JSON -- no such case was asked for",
		"met start-up under 50 ms 31 ms vigie version",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no line %q", want)
		}
	}
	if t.Failed() {
		t.Log("\n" + out.String())
	}
}

func squeeze(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 20_005: "20,005", 1_000_000: "1,000,000"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
