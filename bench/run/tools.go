package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vigie/bench/gen"
)

// A Tool is what is measured.
type Tool string

// The tools. Whatever is not vigie is there for comparison.
const (
	Vigie     Tool = "vigie"
	KubeScore Tool = "kube-score"
	Bound     Tool = "bound"
)

// Tools lists every tool in the order in which the tables show them.
var Tools = []Tool{Bound, Vigie, KubeScore}

const (
	kubeScoreModule  = "github.com/zegl/kube-score/cmd/kube-score"
	kubeScoreVersion = "v1.20.0"
)

// idleLoad is the load average up to which the machine is taken for idle.
const idleLoad = 0.5

// accepted lists the exit codes of a run that did its work.
var accepted = map[Tool][]int{Bound: {0}, Vigie: {0, 1, 3}, KubeScore: {0, 1}}

// A workshop holds the tools and the folder in which they work.
type workshop struct {
	config
	dir     string          // of programs and data
	remove  bool            // at the end: it is ours
	absent  map[Tool]string // why a tool that was asked for cannot be measured
	timings bool            // vigie knows --timings
	start   time.Duration   // of `vigie version`, the best; 0: not measured
}

// open builds and installs what is measured. A tool that cannot be had is named in absent and does not stop the rest.
func open(ctx context.Context, c config) (*workshop, error) {
	w := &workshop{config: c, absent: map[Tool]string{}}
	if w.dir = os.Getenv("VIGIE_BENCH_DIR"); w.dir == "" {
		dir, err := os.MkdirTemp("", "vigie-bench-")
		if err != nil {
			return nil, fmt.Errorf("make a folder for the measures: %w", err)
		}
		w.dir, w.remove = dir, true
	}
	dir, err := filepath.Abs(w.dir)
	if err != nil {
		return nil, err
	}
	w.dir = dir
	w.warnOfLoad() // before the builds make load of their own
	if err := w.install(ctx); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *workshop) close() {
	if w.remove {
		if err := os.RemoveAll(w.dir); err != nil {
			w.say("remove %q: %v", w.dir, err)
		}
	}
}

// warnOfLoad says when the machine is not idle: the figures are then worth little.
func (w *workshop) warnOfLoad() {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		w.say("the load of the machine is not known: %v", err)
		return
	}
	var minute float64
	if _, err := fmt.Sscan(string(text), &minute); err == nil && minute > idleLoad {
		w.say("the machine is busy (load %.2f): the figures will be too high, and their ratios uncertain", minute)
	}
}

func (w *workshop) say(format string, args ...any) { fmt.Fprintf(w.log, format+"\n", args...) }

func (w *workshop) path(name string) string { return filepath.Join(w.dir, "bin", name) }

// install fills the folder of programs: our own two must build, the tools may be absent.
func (w *workshop) install(ctx context.Context) error {
	home, err := moduleDir(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(w.dir, "bin"), 0o755); err != nil {
		return fmt.Errorf("make a folder for the programs: %w", err)
	}
	for _, name := range []string{"generate", "bound"} {
		if err := w.golang(ctx, home, "build", "-o", w.path(name), "./"+name); err != nil {
			return err
		}
	}
	if slices.Contains(w.tools, KubeScore) {
		if err := w.golang(ctx, home, "install", kubeScoreModule+"@"+kubeScoreVersion); err != nil {
			w.miss(KubeScore, err)
		}
	}
	if slices.Contains(w.tools, Vigie) {
		if err := w.installVigie(ctx, filepath.Dir(home)); err != nil {
			w.miss(Vigie, err)
		}
	}
	return nil
}

// present lists the tools that were asked for and can be measured.
func (w *workshop) present() (tools []Tool) {
	for _, t := range w.tools {
		if w.absent[t] == "" {
			tools = append(tools, t)
		}
	}
	return tools
}

func (w *workshop) miss(t Tool, err error) {
	w.absent[t] = err.Error()
	w.say("%s is not measured: %v", t, err)
}

func (w *workshop) installVigie(ctx context.Context, root string) error {
	if w.vigie == "" {
		w.vigie = w.path("vigie")
		if err := w.golang(ctx, root, "build", "-trimpath", "-ldflags", "-s -w", "-o", w.vigie, "./cmd/vigie"); err != nil {
			return err
		}
	}
	path, err := filepath.Abs(w.vigie)
	if err != nil {
		return err
	}
	w.vigie = path
	return w.probe(ctx)
}

// golang runs the go command; what it installs goes to our folder.
func (w *workshop) golang(ctx context.Context, dir string, args ...string) error {
	w.say("go %s", strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+filepath.Join(w.dir, "bin"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w: %s", args[0], err, lastLine(string(out)))
	}
	return nil
}

// moduleDir is the folder of this module: the command must be started inside of it.
func moduleDir(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-json").Output()
	if err != nil {
		return "", fmt.Errorf("find the benchmark's module: %w: start the command from the folder bench", err)
	}
	var m struct{ Path, Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", fmt.Errorf("read what go list says: %w", err)
	}
	if m.Path != "vigie/bench" {
		return "", fmt.Errorf("the module here is %q: start the command from the folder bench", m.Path)
	}
	return m.Dir, nil
}

// generate writes a case anew, in a process of its own, for its memory would count as the tools'.
func (w *workshop) generate(ctx context.Context, c Case, path string) error {
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("remove data of an earlier run: %w", err)
	}
	cmd := exec.CommandContext(ctx, w.path("generate"), "-n", fmt.Sprint(c.Objects), "-namespaces", namespaces[c.Space],
		"-form", string(c.Form), "-seed", fmt.Sprint(w.seed), "-o", path)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("generate %s: %w: %s", c, err, lastLine(string(out)))
	}
	return nil
}

// command gives the command line of a tool for the data at path.
func (w *workshop) command(t Tool, c Case, path string) (command, error) {
	switch t {
	case Bound:
		return command{argv: []string{w.path("bound"), path}, dir: w.dir, keepStdout: true}, nil
	case Vigie:
		argv := []string{w.vigie, "check"}
		if w.timings {
			argv = append(argv, "--timings")
		}
		return command{argv: append(argv, path), dir: w.dir}, nil
	}
	argv := []string{w.path("kube-score"), "score", "--output-format", "ci"}
	if c.Form == gen.YAML || c.Form == gen.JSON {
		return command{argv: append(argv, path), dir: w.dir}, nil
	}
	files, err := filesBelow(path) // it takes no directory
	return command{argv: append(argv, files...), dir: path}, err
}

// filesBelow lists files relative to a directory: short names, for the length of a command line is bounded.
func filesBelow(dir string) (files []string, err error) {
	err = fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, p)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = errors.New("no files")
	}
	return files, err
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
