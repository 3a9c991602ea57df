// Package app wires everything together: it turns options into sources, controls, decisions and reports. It is the
// only place that knows the configuration and the wall clock.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"vigie/internal/app/config"
	"vigie/internal/control"
	"vigie/internal/gather"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
	"vigie/internal/register"
	"vigie/internal/report"
	"vigie/internal/scan"
	"vigie/internal/source"
	"vigie/internal/source/render/chart"
	"vigie/internal/source/secrets"
)

// Exit codes, as the help states them.
const (
	ExitGood       = 0 // nothing at or above --fail-on
	ExitFindings   = 1
	ExitUsage      = 2 // wrong use, or a configuration that is refused
	ExitIncomplete = 3 // something was not seen, and --fail-on-unknown was asked
)

// Now is the wall clock; the one place that reads it.
var Now = time.Now //nolint:forbidigo // the clock is handed on from here

// CheckOptions are what a user asks of a check. The zero value of a field leaves it to the configuration.
type CheckOptions struct {
	Paths         []string
	Source        string // auto, files, git or mustgather; empty: auto
	Revision      string // of Git; empty with History: HEAD
	History       bool   // look for secrets in the commits that the revision rests on
	AllRefs       bool   // and in those that any reference rests on
	Config        string // path; empty: vigie.yaml in the working directory, if it is there
	Facts         string // path of a facts file
	Baseline      string // path of a kept JSON stream: what is in it does not fail again
	Waivers       []string
	Checks        []string // files and folders of checks of one's own, beside those that the configuration names
	Only, Skip    []string // ids of controls or clauses
	Owners, Teams []string
	FailOn        string // a severity, or "never"
	FailOnUnknown bool
	Namespace     string
	Values        []string // values files for charts, "FILE" or "CHART=FILE"
	Raw           bool     // charts and kustomizations are read as they stand, not rendered
	Platform      string
	Cluster       string // Kubernetes version that runs
	Target        string // Kubernetes version to come
	Stdin         io.Reader
	Progress      func(files, documents int)
	Version       string // of the program, for the report
	Lang          string
	LangGiven     bool // by a flag: the configuration's does not count then
}

// UsageError is wrong use: the caller exits with ExitUsage.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *UsageError) Unwrap() error { return e.Err }

func usage(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// A Check is a check made ready: everything that can be refused has been.
type Check struct {
	opt      CheckOptions
	policy   *policy.Policy
	config   *config.Config
	facts    *given.Facts
	failOn   control.Severity // 0: never
	only     func(string) bool
	waivers  []register.Waiver
	problems []report.Gap // of waivers that do not apply
	baseline map[string]bool
	all      []*control.Control // of this version and of one's own, selected or not: what is not selected is not absent
	controls []*control.Control // those that run
	values   []chart.Values
	now      time.Time
}

// NewCheck reads configuration, facts, waivers and baseline, and refuses what cannot be right.
func NewCheck(opt CheckOptions) (*Check, error) {
	p, err := policy.Load()
	if err != nil {
		return nil, err
	}
	c := &Check{opt: opt, policy: p, now: Now(), facts: &given.Facts{}}
	for _, step := range []func() error{
		c.loadConfig, c.loadChecks, c.checkOwners, c.loadFacts, c.loadSelection, c.loadVersions, c.checkSource, c.loadValues, c.loadWaivers, c.loadBaseline,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Check) loadConfig() error {
	path, err := config.Find(".", c.opt.Config)
	if err != nil {
		return &UsageError{err}
	}
	if c.config, err = config.Load(path); err != nil {
		return refusedIn(err, c.opt.Lang)
	}
	if !c.opt.LangGiven && c.config.Lang != "" {
		c.opt.Lang = c.config.Lang
	}
	first := func(words ...string) string {
		for _, w := range words {
			if w != "" {
				return w
			}
		}
		return ""
	}
	c.opt.FailOn = first(c.opt.FailOn, c.config.FailOn, "high")
	c.opt.Namespace = first(c.opt.Namespace, c.config.Namespace)
	c.opt.Platform = first(c.opt.Platform, string(c.config.Platform))
	c.opt.Cluster = first(c.opt.Cluster, c.config.ClusterVersion)
	c.opt.Target = first(c.opt.Target, c.config.TargetVersion)
	if c.opt.FailOn != "never" {
		if c.failOn, err = control.ParseSeverity(c.opt.FailOn); err != nil {
			return usage("--fail-on: %w, or never", err)
		}
	}
	return nil
}

// Lang is the language of the report.
func (c *Check) Lang() string { return c.opt.Lang }

// checkOwners refuses an owner that the configuration does not name: a filter that fits nothing must not look good.
func (c *Check) checkOwners() error {
	var known []string
	for _, o := range c.config.OwnersByClause(c.policy) {
		known = append(known, o)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, o := range c.opt.Owners {
		if !slices.Contains(known, o) {
			return usage("--owner %q: the configuration names no such owner; it names %s", o, listed(known))
		}
	}
	return nil
}

func listed(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

func (c *Check) loadFacts() error {
	if c.opt.Facts == "" {
		return nil
	}
	raw, err := os.ReadFile(c.opt.Facts)
	if err != nil {
		return usage("--facts: %w", err)
	}
	f, err := given.Parse(raw)
	if err != nil {
		return usage("--facts %s: %w", c.opt.Facts, err)
	}
	c.facts = f
	if f.Now != nil {
		c.now = *f.Now
	}
	set := func(into *string, v string) {
		if v != "" {
			*into = v
		}
	}
	set(&c.opt.Namespace, f.TargetNamespace)
	set(&c.opt.Platform, f.Platform)
	set(&c.opt.Cluster, f.ClusterVersion)
	set(&c.opt.Target, f.TargetVersion)
	return nil
}

// loadSelection turns --only and --skip, of controls or clauses, into a set of controls.
func (c *Check) loadSelection() error {
	only, err := c.expand("--only", append(slices.Clone(c.opt.Only), c.config.Controls.Only...))
	if err != nil {
		return err
	}
	skip, err := c.expand("--skip", append(slices.Clone(c.opt.Skip), c.config.Controls.Skip...))
	if err != nil {
		return err
	}
	c.only = func(id string) bool { return (len(only) == 0 || only[id]) && !skip[id] }
	for _, ctl := range c.all {
		if c.only(ctl.ID) {
			c.controls = append(c.controls, ctl)
		}
	}
	if len(c.controls) == 0 {
		return usage("--only and --skip leave no control of this version: see vigie controls")
	}
	return nil
}

func (c *Check) expand(flag string, words []string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, w := range words {
		if cl, ok := c.policy.Clause(w); ok {
			for _, p := range c.policy.ServedBy(cl.ID) {
				out[p.ID] = true
			}
			for _, ctl := range c.all {
				if slices.Contains(ctl.Clauses, cl.ID) {
					out[ctl.ID] = true
				}
			}
			continue
		}
		if _, ok := c.policy.Planned(w); !ok && !c.has(w) {
			return nil, usage("%s %q: no such control or clause%s", flag, w, didYouMean(c.policy.Suggest(w)))
		}
		out[w] = true
	}
	return out, nil
}

func didYouMean(words []string) string {
	if len(words) == 0 {
		return ": see vigie controls and vigie clauses"
	}
	return "; did you mean " + strings.Join(words, ", ") + "?"
}

func (c *Check) loadVersions() error {
	for flag, text := range map[string]string{"--cluster-version": c.opt.Cluster, "--target-version": c.opt.Target} {
		if text == "" {
			continue
		}
		v, err := control.ParseVersion(text)
		if err != nil {
			return usage("%s: %w", flag, err)
		}
		if newest := kinds.NewestMinor(); v.Major != 1 || v.Minor > newest {
			return usage("%s %s: this version knows the APIs of Kubernetes 1 up to 1.%d only: what a newer one removes is not known", flag, text, newest)
		}
	}
	if c.opt.Platform != "" && c.opt.Platform != string(control.Plain) && c.opt.Platform != string(control.OpenShift) {
		return usage("--platform %q: want plain or openshift", c.opt.Platform)
	}
	return nil
}

func (c *Check) loadWaivers() error {
	rules := config.WaiverRules{Now: c.now, MaxLength: c.config.WaiverLimit(), Controls: waivable(c.policy, c.all)}
	var problems config.Problems
	c.waivers, problems = config.LoadWaivers(append(slices.Clone(c.opt.Waivers), c.config.WaiverFiles()...), rules)
	for i, w := range c.facts.Waivers {
		ok, ps := config.WaiverEntry(w).Judge(c.opt.Facts, 0, i+1, rules)
		if len(ps) == 0 {
			c.waivers = append(c.waivers, ok)
		}
		problems = append(problems, ps...)
	}
	for _, p := range problems {
		c.problems = append(c.problems, report.WaiverGap(p.File, p.Line, p.In(c.opt.Lang)))
	}
	return nil
}

// waivable are the controls that a waiver may name: those of the catalogue, whether this version has them or not, and
// one's own.
func waivable(p *policy.Policy, all []*control.Control) (ids []string) {
	for _, planned := range p.Catalogue {
		ids = append(ids, planned.ID)
	}
	for _, ctl := range all {
		ids = append(ids, ctl.ID)
	}
	return ids
}

// refusedIn is a configuration that is not right, in the user's language.
func refusedIn(err error, lang string) error {
	var ps config.Problems
	if errors.As(err, &ps) {
		return &UsageError{errors.New(ps.In(lang))}
	}
	return &UsageError{err}
}

// loadChecks adds the checks of one's own to the controls of this version.
func (c *Check) loadChecks() error {
	checks, err := ownChecks(append(slices.Clone(c.opt.Checks), c.config.CheckFiles()...), c.policy)
	if err != nil {
		return err
	}
	c.all = Controls(checks)
	if err := c.config.Unknown(ids(checks)); err != nil {
		return refusedIn(err, c.opt.Lang)
	}
	return nil
}

// has reports a control of this version or of one's own.
func (c *Check) has(id string) bool {
	return slices.ContainsFunc(c.all, func(ctl *control.Control) bool { return ctl.ID == id })
}

func (c *Check) loadBaseline() error {
	if c.opt.Baseline == "" {
		return nil
	}
	f, err := os.Open(c.opt.Baseline)
	if err != nil {
		return usage("--baseline: %w", err)
	}
	defer f.Close()
	if c.baseline, err = config.LoadBaseline(f); err != nil {
		return usage("--baseline %s: %w", c.opt.Baseline, err)
	}
	return nil
}

// Timings says where the time of a check went.
type Timings struct {
	Read, ScanSecrets, Evaluate, Total time.Duration
}

// Run checks and hands the report's events to h. It returns the exit code; an error is wrong use or a failure to
// write the report.
func (c *Check) Run(ctx context.Context, h report.Handler) (int, Timings, error) {
	start := Now()
	scanner := secrets.New(secrets.Options{})
	var intake *source.Intake
	from, err := c.pick(ctx)
	if err != nil {
		return ExitUsage, Timings{}, err
	}
	if from.close != nil {
		defer from.close()
	}
	r := &run{Check: c, to: h, origin: from.origin}
	s := scan.Scan{
		Unset: from.unset, Controls: c.controls, Now: c.now, Fixed: c.facts.Now != nil,
		Source: from.source(func(b *inventory.Builder) *source.Intake {
			intake = &source.Intake{
				Builder: b, Scanner: scanner, Origin: from.origin, Origins: c.facts.Origins(), Target: c.opt.Namespace,
				Keep: control.Keeps(c.controls), Clock: Now,
			}
			return intake
		}),
		Gatherers: []gather.Gatherer{c.facts, gather.Func(c.owners)},
		Settings:  r.settings,
	}
	t, err := s.Run(ctx, func() time.Duration { return Now().Sub(start) }, r)
	if err != nil {
		if wrongPath(err) {
			return ExitUsage, Timings{}, &UsageError{err}
		}
		return ExitUsage, Timings{}, err
	}
	exit, err := r.end()
	return exit, Timings{Read: t.Read, ScanSecrets: intake.Scanning(), Evaluate: t.Evaluate, Total: Now().Sub(start)}, err
}

// owners puts the configuration's owners into the inventory, where it names any.
func (c *Check) owners(_ context.Context, b *inventory.Builder) {
	if c.config.OwnersGiven() {
		kinds.Owners.Put(b, inventory.Cluster, c.now, c.config.OwnersByClause(c.policy))
	}
}
