package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// saw is the environment variable that says how many objects the stand-in for vigie claims to have seen.
const saw = "VIGIE_BENCH_TEST_SAW"

// standIn behaves as the product's command line does, and judges nothing.
func standIn(knowsTimings bool) {
	args := os.Args[1:]
	timed := slices.Contains(args, "--timings")
	switch {
	case args[0] == "version":
		os.Exit(0)
	case args[0] != "check" || timed && !knowsTimings:
		fmt.Fprintln(os.Stderr, "unknown flag: --timings")
		os.Exit(2)
	case slices.Contains(args, "json"):
		fmt.Printf("{\"meta\":{}}\n{\"summary\":{\"objects\":%s}}\n", os.Getenv(saw))
	case timed:
		fmt.Fprintln(os.Stderr, `{"read_ms":4,"scan_secrets_ms":1,"evaluate_ms":2,"report_ms":1}`)
	}
	if _, err := os.Stat(args[len(args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(1)
}

// TestRunFromEndToEnd builds the generator and the bound and measures them beside a stand-in for vigie.
func TestRunFromEndToEnd(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir() // shared: the second build of a program costs nothing
	for _, test := range []struct {
		name, act, saw string
		args           []string
		want, unwanted []string // in the tables
		missed         bool
	}{
		{
			"all is well", "vigie", "26", nil,
			[]string{"26 many yaml", "26 one json", "vigie by phase", "met start-up"}, []string{"WRONG", "was not measured:"}, false,
		},
		{
			"it knows no timings", "old vigie", "26", nil,
			[]string{"26 many yaml", "met start-up"}, []string{"vigie by phase", "was not measured:"}, false,
		},
		{
			"it leaves objects out", "vigie", "25", nil,
			[]string{"26 objects, many, yaml: vigie WRONG: it saw 25 objects"}, []string{"was not measured:"}, false,
		},
		{
			"of two sizes the larger is paired", "vigie", "26", []string{"-sizes", "13,26", "-forms", "yaml", "-verify=false"},
			[]string{"26 13 many yaml", "26 13 one yaml"}, []string{"was not measured:"}, false,
		},
		{
			"targets are demanded", "vigie", "26", []string{"-strict"},
			[]string{"not measured vigie within 2.2 times the bound"}, nil, true,
		},
		{
			"it does not start", "vigie", "26", []string{"-vigie", filepath.Join(t.TempDir(), "absent")},
			[]string{"vigie was not measured: start", "26 many yaml"}, []string{"WRONG"}, false,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("VIGIE_BENCH_DIR", home)
			t.Setenv(act, test.act)
			t.Setenv(saw, test.saw)
			args := append([]string{"-sizes", "26", "-forms", "yaml,files,json", "-peers", "vigie,bound", "-runs", "2", "-vigie", self}, test.args...)
			var out bytes.Buffer
			err := run(t.Context(), args, &out, io.Discard)
			if test.missed != errors.Is(err, errMissed) || !test.missed && err != nil {
				t.Fatalf("ended with %v", err)
			}
			got := squeeze(out.String())
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q", want)
				}
			}
			for _, unwanted := range test.unwanted {
				if strings.Contains(got, unwanted) {
					t.Errorf("there is %q", unwanted)
				}
			}
			if t.Failed() {
				t.Log("\n" + out.String())
			}
			if left, err := filepath.Glob(filepath.Join(home, "data", "26-*")); err != nil || len(left) > 0 {
				t.Errorf("data was left behind: %v, %v", left, err)
			}
		})
	}
}
