package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// act is the environment variable that turns this test binary into a process to be measured.
const act = "VIGIE_BENCH_TEST_ACT"

func TestMain(m *testing.M) {
	if name := os.Getenv(act); name != "" {
		acts[name]()
	}
	os.Exit(m.Run())
}

var acts = map[string]func(){
	"exit 3": func() { fmt.Println("out"); fmt.Fprintln(os.Stderr, "err"); os.Exit(3) },
	"spin": func() {
		for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
		}
		os.Exit(0)
	},
	"fill": func() { fill(200 << 20); os.Exit(0) },
	"swell": func() {
		for n := 1; ; n++ {
			kept = append(kept, fill(64<<20))
			time.Sleep(10 * time.Millisecond)
		}
	},
	"wait":      func() { time.Sleep(time.Hour) },
	"vigie":     func() { standIn(true) },
	"old vigie": func() { standIn(false) },
	"environment": func() {
		fmt.Print(os.Getenv("GOGC"), os.Getenv("GOMEMLIMIT"), os.Getenv("VIGIE_BENCH_TEST_OTHER"))
		os.Exit(0)
	},
}

var kept [][]byte

func fill(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func self(t *testing.T, name string) command {
	t.Helper()
	t.Setenv(act, name)
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return command{argv: []string{path}, dir: t.TempDir(), keepStdout: true}
}

var wide = limits{wall: time.Minute, rss: 4 << 30}

func TestMeasureReportsTheProcess(t *testing.T) {
	s, err := measure(t.Context(), self(t, "exit 3"), wide)
	if err != nil {
		t.Fatal(err)
	}
	if s.Exit != 3 || string(s.Stdout) != "out\n" || s.Stderr != "err\n" || s.Wall <= 0 {
		t.Errorf("measured %+v", s)
	}
}

// TestMeasureCountsProcessorAndMemory asks for what the process certainly used; it sets no upper bound.
func TestMeasureCountsProcessorAndMemory(t *testing.T) {
	s, err := measure(t.Context(), self(t, "spin"), wide)
	if err != nil || s.CPU <= 0 || s.Wall < 300*time.Millisecond {
		t.Errorf("a process that spins for 300 ms: %+v, %v", s, err)
	}
	s, err = measure(t.Context(), self(t, "fill"), wide)
	if err != nil || s.PeakRSS < 200<<20 || s.PeakRSS > 600<<20 {
		t.Errorf("a process that holds 200 MiB: peak %s, %v", mebibytes(s.PeakRSS), err)
	}
}

func TestMeasureEndsWhatLeavesItsLimits(t *testing.T) {
	for _, test := range []struct {
		act    string
		limits limits
		want   string
	}{
		{"wait", limits{wall: 200 * time.Millisecond, rss: 4 << 30}, "ended after 200ms"},
		{"swell", limits{wall: time.Minute, rss: 256 << 20}, "ended beyond 256 MiB"},
	} {
		t.Run(test.act, func(t *testing.T) {
			s, err := measure(t.Context(), self(t, test.act), test.limits)
			if !errors.Is(err, errLimit) || err.Error() != test.want {
				t.Errorf("%v, want %q", err, test.want)
			}
			if s.Wall <= 0 || s.PeakRSS <= 0 {
				t.Errorf("nothing is known of the time up to then: %+v", s)
			}
		})
	}
}

func TestMeasureEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := measure(ctx, self(t, "wait"), wide); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the context's end", err)
	}
}

func TestMeasureNamesWhatCannotStart(t *testing.T) {
	_, err := measure(t.Context(), command{argv: []string{"/nowhere/program"}}, wide)
	if err == nil || !strings.Contains(err.Error(), `start "/nowhere/program"`) {
		t.Errorf("%v", err)
	}
}

func TestMeasureTunesNothing(t *testing.T) {
	t.Setenv("GOGC", "400")
	t.Setenv("GOMEMLIMIT", "1GiB")
	t.Setenv("VIGIE_BENCH_TEST_OTHER", "kept")
	s, err := measure(t.Context(), self(t, "environment"), wide)
	if err != nil || string(s.Stdout) != "kept" {
		t.Errorf("the process saw %q, %v", s.Stdout, err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	w := &tail{max: 5}
	for _, text := range []string{"abc", "def", "", "0123456789", "x"} {
		if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("write gave %d, %v", n, err)
		}
	}
	if w.String() != "6789x" {
		t.Errorf("kept %q", w.String())
	}
}
