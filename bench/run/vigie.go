package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"vigie/bench/gen"
)

// Timings is the line that `vigie check --timings` writes to standard error, in milliseconds of wall time.
type Timings struct {
	Read     *float64 `json:"read_ms"`         // reading and parsing
	Secrets  *float64 `json:"scan_secrets_ms"` // looking for secrets in what was read, over all cores
	Evaluate *float64 `json:"evaluate_ms"`
	Report   *float64 `json:"report_ms"`
}

// timings finds the line in what a run wrote to standard error; false where there is none.
func timings(stderr string) (Timings, bool) {
	for line := range strings.Lines(stderr) {
		var t Timings
		if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &t) == nil && t.Read != nil {
			return t, true
		}
	}
	return Timings{}, false
}

// probe runs vigie on one application, to learn whether it works and whether it knows --timings, and times its start.
func (w *workshop) probe(ctx context.Context) error {
	c := Case{Objects: len(gen.Kinds), Space: One, Form: gen.Files}
	path := filepath.Join(w.dir, "data", "probe")
	if err := w.generate(ctx, c, path); err != nil {
		return err
	}
	w.timings = true
	cmd, err := w.command(Vigie, c, path)
	if err != nil {
		return err
	}
	s, err := measure(ctx, cmd, w.limits)
	if err != nil {
		return err
	}
	if s.Exit == 2 {
		w.timings = false
		w.say("vigie does not know --timings (%s): the phases are not shown", lastLine(s.Stderr))
		if cmd, err = w.command(Vigie, c, path); err == nil {
			s, err = measure(ctx, cmd, w.limits)
		}
		if err != nil {
			return err
		}
	}
	if why := fault(Vigie, c, s); why != "" {
		return errors.New(why)
	}
	return w.timeStart(ctx)
}

// startRuns is the number of starts of which the best counts.
const startRuns = 10

func (w *workshop) timeStart(ctx context.Context) error {
	for range startRuns {
		s, err := measure(ctx, command{argv: []string{w.vigie, "version"}, dir: w.dir}, w.limits)
		if err != nil {
			return err
		}
		if s.Exit != 0 {
			return fmt.Errorf("vigie version ended with exit %d: %s", s.Exit, lastLine(s.Stderr))
		}
		if w.start == 0 || s.Wall < w.start {
			w.start = s.Wall
		}
	}
	return nil
}

// verifyObjects lets vigie count once more, in its JSON stream. It gives "" where the number is right.
func (w *workshop) verifyObjects(ctx context.Context, c Case, path string) (note string, wrong bool) {
	objects, err := w.countObjects(ctx, path)
	switch {
	case err != nil:
		return "not verified: " + err.Error(), false
	case objects != c.Objects:
		return fmt.Sprintf("WRONG: it saw %s objects", thousands(objects)), true
	}
	return "", false
}

func (w *workshop) countObjects(ctx context.Context, path string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, w.limits.wall)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.vigie, "check", "-o", "json", path)
	cmd.Dir = w.dir
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	objects, found, err := summary(out)
	end := cmd.Wait()
	if err == nil && !found {
		err = fmt.Errorf("no summary in its JSON (%v)", end) // the exit code alone says nothing: 1 is an ordinary end
	}
	return objects, err
}

// summary reads a JSON stream to its end and gives the number of objects of its summary.
func summary(r io.Reader) (objects int, found bool, err error) {
	lines := bufio.NewReaderSize(r, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if bytes.HasPrefix(line, []byte(`{"summary"`)) {
			var s struct {
				Summary struct {
					Objects int `json:"objects"`
				} `json:"summary"`
			}
			if err := json.Unmarshal(line, &s); err != nil {
				return 0, false, err
			}
			objects, found = s.Summary.Objects, true
		}
		if errors.Is(err, io.EOF) {
			return objects, found, nil
		}
		if err != nil {
			return 0, false, err
		}
	}
}
