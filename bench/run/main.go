// Command run measures vigie beside kube-score and beside the bare bound, in one run on one machine, and says which of
// the product's targets are met: see ../README.md. It stays small itself, for a process that it starts cannot report a
// smaller peak memory than it had when it started it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vigie/bench/gen"
)

// errMissed is returned under -strict.
var errMissed = errors.New("not every target is met")

// config is what the flags say.
type config struct {
	sizes  []int
	spaces []Space
	forms  []gen.Form
	tools  []Tool
	runs   int
	enough time.Duration // a tool that used so much on one case is not repeated
	limits limits
	seed   uint64
	vigie  string // a binary, or empty: build it
	strict bool
	verify bool
	log    io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil:
	case errors.Is(err, errMissed):
		os.Exit(1)
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parse(args, stderr)
	if err != nil {
		return err
	}
	shop, err := open(ctx, c)
	if err != nil {
		return err
	}
	defer shop.close()
	results, err := shop.measureAll(ctx)
	if err != nil {
		return err
	}
	verdicts := judge(results, shop.start, c.cases())
	if err := report(stdout, shop, results, verdicts); err != nil {
		return fmt.Errorf("print the tables: %w", err)
	}
	if c.strict && slices.ContainsFunc(verdicts, func(v verdict) bool { return v.State != met }) {
		return errMissed
	}
	return nil
}

func parse(args []string, stderr io.Writer) (config, error) {
	c := config{log: stderr}
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	fs.SetOutput(stderr)
	sizes := fs.String("sizes", "1000,5000,20000,100000", "numbers of objects")
	spaces := fs.String("spaces", "many,one", "many (a namespace for 5 applications), one")
	forms := fs.String("forms", "yaml,dir,json", "yaml (one file), dir (a file an application), files (a file an object), json (one List)")
	tools := fs.String("peers", "vigie,kube-score,bound", "what is measured")
	fs.IntVar(&c.runs, "runs", 5, "runs of each tool on each case; best and median are given")
	fs.DurationVar(&c.enough, "enough", time.Minute, "a tool that used so much time on a case is not run on it again")
	fs.DurationVar(&c.limits.wall, "timeout", 3*time.Minute, "a run is ended after so long, and kube-score not begun where longer is to be expected")
	memory := fs.Float64("memory", 12, "a run is ended beyond so many GiB")
	fs.Uint64Var(&c.seed, "seed", 1, "seed of the objects")
	fs.StringVar(&c.vigie, "vigie", "", "a vigie binary to measure instead of building ../cmd/vigie")
	fs.BoolVar(&c.verify, "verify", true, "after the timed runs let vigie count the objects of each case once more (-o json)")
	fs.BoolVar(&c.strict, "strict", false, "exit 1 unless every target is met")
	if err := fs.Parse(args); err != nil {
		return c, err
	}
	c.limits.rss = int64(*memory * (1 << 30))
	var err error
	c.sizes, err = list(*sizes, strconv.Atoi)
	err = errors.Join(err, choose(&c.spaces, *spaces, Spaces), choose(&c.forms, *forms, gen.Forms), choose(&c.tools, *tools, Tools))
	switch {
	case err != nil:
		return c, err
	case fs.NArg() > 0:
		return c, fmt.Errorf("argument %q is not taken: see -help", fs.Arg(0))
	case slices.Min(c.sizes) < 1 || c.runs < 1 || c.limits.wall <= 0 || c.limits.rss <= 0:
		return c, errors.New("-sizes, -runs, -timeout and -memory must be above zero")
	}
	slices.Sort(c.sizes) // what is expected of a large case is told from the smaller ones
	return c, nil
}

// list reads values between commas.
func list[T any](text string, read func(string) (T, error)) (out []T, err error) {
	for field := range strings.SplitSeq(text, ",") {
		v, err := read(strings.TrimSpace(field))
		if err != nil {
			return nil, fmt.Errorf("read %q of %q: %w", field, text, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// choose reads names between commas that must be among the known ones, and keeps the order of those.
func choose[T ~string](to *[]T, text string, known []T) error {
	chosen, err := list(text, func(s string) (T, error) {
		if !slices.Contains(known, T(s)) {
			return "", fmt.Errorf("unknown: use some of %v", known)
		}
		return T(s), nil
	})
	for _, k := range known {
		if slices.Contains(chosen, k) {
			*to = append(*to, k)
		}
	}
	return err
}
