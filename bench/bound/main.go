// Command bound is the bare lower bound of a check: it reads manifests into the typed structs of k8s.io/api on all
// cores, keeps every object, and does nothing else. YAML goes through sigs.k8s.io/yaml, JSON through encoding/json. It
// judges nothing and understands only what the generator writes: no error is survived.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"
)

// A Result is what the bound prints: one line of JSON.
type Result struct {
	Objects int     `json:"objects"`
	Millis  float64 `json:"ms"`      // from the start of main to the last object
	PeakRSS int64   `json:"rss_kib"` // the kernel's ru_maxrss
}

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if err != flag.ErrHelp {
			fmt.Fprintln(os.Stderr, "bound:", err)
		}
		os.Exit(2)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	start := time.Now()
	fs := flag.NewFlagSet("bound", flag.ContinueOnError)
	fs.SetOutput(stderr)
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() != 1 {
		return fmt.Errorf("name one file (.yaml, .json) or directory")
	}
	objects, err := Read(fs.Arg(0), runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	took := time.Since(start)
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return fmt.Errorf("read own memory use: %w", err)
	}
	r := Result{Objects: len(objects), Millis: float64(took.Microseconds()) / 1000, PeakRSS: int64(usage.Maxrss)}
	runtime.KeepAlive(objects)
	return json.NewEncoder(stdout).Encode(r)
}
