package app

import (
	"fmt"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
	"vigie/internal/posture"
	"vigie/internal/report"
	"vigie/internal/source"
)

// run is one check under way: it takes what the scan gives, adds what people decided, and hands it to the report.
type run struct {
	*Check
	to        report.Handler
	origin    kinds.Origin
	fold      *posture.Fold
	inv       *inventory.Inventory
	sum       report.Summary
	platform  control.Platform
	cluster   control.Version // that runs
	nsLabels  map[inventory.Space]map[string]string
	matched   int            // findings that --owner and --team let through
	out       report.Finding // the one under way: a handler keeps a copy or nothing
	envLabels bool           // some object or namespace says its environment by a label
}

// Begin implements scan.Handler.
func (r *run) Begin(inv *inventory.Inventory, st source.Stats) error {
	r.inv = inv
	r.readLabels()
	dec := posture.Decisions{Waivers: r.waivers, Weakened: r.config.Weakened(), Selected: r.only, Owners: r.config.OwnersByClause(r.policy)}
	r.fold = posture.New(r.policy, r.all, dec, r.now)
	r.platform, r.cluster = r.platformOf(inv), r.versionOf(inv)
	r.sum = report.Summary{
		Objects: st.Objects, Documents: st.Documents, Files: st.Files, Namespaces: inv.Namespaces(), Unread: len(inv.Unread),
		Verdicts: map[control.Verdict]int{}, Severities: map[control.Severity]int{}, Clauses: map[posture.State]int{},
		FailOn: r.opt.FailOn, Empty: st.Objects == 0,
	}
	r.sum.Incomplete = len(inv.Unread) > 0 || st.Objects == 0
	if err := r.to.Meta(r.meta(st)); err != nil {
		return err
	}
	return r.gaps()
}

func (r *run) meta(st source.Stats) report.Meta {
	m := report.Meta{
		Version: r.opt.Version, Lang: r.opt.Lang, At: r.now, Tenant: r.config.Tenant, Paths: r.opt.Paths, Source: string(r.origin),
		PolicyVersion: policy.Version, PolicyHash: r.policy.Hash(), Controls: map[string]int{}, Parameters: map[string]string{},
		Platform: string(r.platform), ClusterVersion: r.cluster.String(), TargetVersion: r.opt.Target,
		EnvironmentsSet: r.config.Declared() || r.facts.Environment != "" || r.envLabels,
		Objects:         st.Objects, Documents: st.Documents, Files: st.Files, Namespaces: r.inv.Namespaces(), Foreign: st.Foreign,
	}
	m.Layout, m.Collected, m.Commits = st.Layout, st.Collected, st.Commits
	for _, rev := range st.Revisions {
		m.Revisions = append(m.Revisions, report.Revision{Path: rev.Path, Asked: r.opt.Revision, Commit: rev.Commit, At: rev.At})
	}
	for _, c := range r.controls {
		m.Controls[c.ID] = c.Version
		for _, id := range c.Params {
			m.Parameters[id] = r.config.Parameter(id, "").String()
		}
	}
	return m
}

// gaps hands on what could not be read: documents, waivers, and the lists that the controls need.
func (r *run) gaps() error {
	for _, u := range r.inv.Unread {
		if err := r.to.Gap(report.UnreadGap(u)); err != nil {
			return err
		}
	}
	for _, g := range r.problems {
		if err := r.to.Gap(g); err != nil {
			return err
		}
	}
	for _, s := range r.inv.Spaces() {
		if err := r.spaceGaps(s); err != nil {
			return err
		}
	}
	return nil
}

// spaceGaps hands on the lists of one space that could not be read whole: as one where one thing stands against all.
func (r *run) spaceGaps(s inventory.Space) error {
	if why := r.inv.Degraded(s); why != "" && len(r.inv.Unread) == 0 {
		r.sum.Incomplete = true
		if err := r.to.Gap(report.InputGap(inventory.Gap{Input: "every list", Space: s, State: inventory.Partial, Detail: why})); err != nil {
			return err
		}
	}
	said := map[inventory.Input]bool{}
	for _, c := range r.controls {
		for _, in := range c.Needs {
			g, missing := r.inv.Gap(in, s, r.now)
			if !missing || said[in] || in.PerCluster() != s.IsCluster() || g.State == inventory.Partial && r.inv.Degraded(s) != "" {
				continue
			}
			said[in] = true
			r.sum.Incomplete = r.sum.Incomplete || !in.PerCluster()
			if err := r.to.Gap(report.InputGap(g)); err != nil {
				return err
			}
		}
	}
	return nil
}

// platformOf is what was told, else what is seen.
func (r *run) platformOf(inv *inventory.Inventory) control.Platform {
	switch {
	case r.opt.Platform != "":
		return control.Platform(r.opt.Platform)
	case kinds.SeenOpenShift(inv):
		return control.OpenShift
	}
	return control.Plain
}

// versionOf is what was told, else what is seen; a version that is newer than the product knows is not known.
func (r *run) versionOf(inv *inventory.Inventory) control.Version {
	if r.opt.Cluster != "" {
		return version(r.opt.Cluster)
	}
	if minor := kinds.RunningMinor(inv); minor > 0 && minor <= kinds.NewestMinor() {
		return control.Version{Major: 1, Minor: minor}
	}
	return control.Version{}
}

func version(s string) control.Version {
	v, err := control.ParseVersion(s)
	if err != nil {
		return control.Version{} // loadVersions refused what is written wrongly; this one is empty
	}
	return v
}

// readLabels keeps the labels of the namespaces that were seen.
func (r *run) readLabels() {
	r.nsLabels = map[inventory.Space]map[string]string{}
	only := map[inventory.Input]bool{kinds.Namespaces: true, kinds.Projects: true}
	for _, s := range r.inv.Spaces() {
		if labels, _, ok := kinds.NamespaceMeta(r.inv.View(s, only, r.now)); ok {
			r.nsLabels[s] = labels
			r.envLabels = r.envLabels || r.config.Environment("", labels, nil) != ""
		}
	}
}

// settings implements the scan's.
func (r *run) settings(inv *inventory.Inventory) control.Settings {
	return control.Settings{
		Platform: r.platformOf(inv), Cluster: r.versionOf(inv), Target: version(r.opt.Target),
		Environment: func(s inventory.Space, labels map[string]string) string {
			if r.facts.Environment != "" {
				return r.facts.Environment
			}
			return r.config.Environment(s.Namespace, r.nsLabels[s], labels)
		},
		Parameter: control.WithFigures(r.facts.Figure, func(id string, s inventory.Space) policy.Value { return r.config.Parameter(id, s.Namespace) }),
	}
}

// Finding implements scan.Handler.
func (r *run) Finding(f *control.Finding) error {
	out := &r.out
	*out = report.Finding{Finding: f, Waiver: r.fold.Add(f)}
	out.Team = r.config.Team(f.Subject.Namespace, r.nsLabels[f.Subject.Space()], f.Labels)
	if !r.wanted(out) {
		return nil
	}
	r.matched++
	if f.Verdict == control.Fail && r.baseline != nil {
		out.Baselined = r.baseline[f.Fingerprint()]
	}
	r.count(out)
	return r.to.Finding(out)
}

func (r *run) count(f *report.Finding) {
	r.sum.Add(f)
	if f.Verdict == control.Unknown && f.Waiver == nil {
		reason, ok := f.Control.ReasonOf(f.Reason)
		r.sum.Incomplete = r.sum.Incomplete || !ok || !reason.Running
	}
}

// wanted applies --owner and --team.
func (r *run) wanted(f *report.Finding) bool {
	return oneOf(r.opt.Teams, f.Team) && (len(r.opt.Owners) == 0 || r.ownedAny(f.Clauses()))
}

func (r *run) ownedAny(clauses []string) bool {
	owners := r.config.OwnersByClause(r.policy)
	for _, id := range clauses {
		if oneOf(r.opt.Owners, owners[id]) {
			return true
		}
	}
	return false
}

func oneOf(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return len(words) == 0
}

// end hands on the clauses and the summary, and gives the exit code.
func (r *run) end() (int, error) {
	if len(r.opt.Teams) > 0 && r.matched == 0 {
		return ExitUsage, usage("--team %s: no object of that team was seen", listed(r.opt.Teams))
	}
	for _, c := range r.fold.Clauses() {
		if len(r.opt.Owners) > 0 && !oneOf(r.opt.Owners, c.Owner) {
			continue
		}
		r.sum.Clauses[c.State]++
		if err := r.to.Clause(c); err != nil {
			return ExitUsage, fmt.Errorf("write the report: %w", err)
		}
	}
	r.sum.Exit = r.exit()
	if err := r.to.Summary(r.sum); err != nil {
		return ExitUsage, fmt.Errorf("write the report: %w", err)
	}
	return r.sum.Exit, nil
}

func (r *run) exit() int {
	if r.failOn != 0 {
		for s, n := range r.sum.Severities {
			if n > 0 && s >= r.failOn {
				return ExitFindings
			}
		}
	}
	if r.opt.FailOnUnknown && r.sum.Incomplete {
		return ExitIncomplete
	}
	return ExitGood
}
