package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"vigie/internal/control"
	"vigie/internal/kinds"
	"vigie/internal/kinds/apis"
	"vigie/internal/source/render"
	"vigie/internal/source/render/chart"
)

// Worker is a worker that renders: a program whose arguments, without its name, are these serves and ends with code.
// is is false where they are those of a user. Whatever starts a check answers to this first.
func Worker(args []string) (code int, is bool) {
	if !render.IsWorker(args) {
		return 0, false
	}
	return render.Serve(os.Stdin, os.Stdout), true
}

// maxValues bounds a values file.
const maxValues = 16 << 20

// loadValues reads the values files that were given for charts.
func (c *Check) loadValues() error {
	if c.opt.Raw && len(c.opt.Values) > 0 {
		return usage("--values: with --render=false no chart is rendered")
	}
	for _, given := range c.opt.Values {
		v := chart.Values{File: given}
		if name, file, ok := strings.Cut(given, "="); ok && !exists(given) {
			v.Chart, v.File = name, file
		}
		info, err := os.Stat(v.File)
		switch {
		case err != nil:
			return usage("--values: %w", err)
		case !info.Mode().IsRegular() || info.Size() > maxValues:
			return usage("--values %s: want a file of at most %d MiB", v.File, maxValues>>20)
		}
		if v.Data, err = os.ReadFile(v.File); err != nil {
			return usage("--values: %w", err)
		}
		if err := chart.CheckValues(v.Data); err != nil {
			return usage("--values %s: %w", v.File, err)
		}
		c.values = append(c.values, v)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// renderer renders the charts and kustomizations of what is read; nil: they are read as they stand. Nothing is started
// before the first.
func (c *Check) renderer() *render.Renderer {
	if c.opt.Raw {
		return nil
	}
	running := kinds.NewestMinor()
	if v, err := control.ParseVersion(c.opt.Cluster); err == nil { // what is written wrongly was refused; it may be empty
		running = v.Minor
	}
	return render.New(render.Options{Chart: chart.Options{
		Namespace: c.opt.Namespace, KubeVersion: fmt.Sprintf("1.%d.0", running),
		APIs: apis.Served(apis.Minor(running), c.opt.Platform == string(control.OpenShift)), Values: c.values,
	}})
}
