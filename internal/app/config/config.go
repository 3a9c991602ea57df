// Package config reads what a tenant says of itself: vigie.yaml, the files of waivers that it names, and the
// baseline, a kept result.
//
// Reading is strict: whatever is not understood is a Problem with its file, line, reason and right spelling, all of
// them at once. None of these files is needed for a first run. No object of a cluster is read here, and no verdict
// is given: this package turns text into values, the wiring hands them to who uses them.
package config

import (
	"path/filepath"
	"slices"
	"time"

	"vigie/internal/control"
	"vigie/internal/policy"
)

// Name is the name of the configuration's file.
const Name = "vigie.yaml"

// Config is the configuration as it is written in vigie.yaml. Every key may be left out. The comments of its fields
// are the descriptions in the JSON Schema. Make one with Load, Parse or Default: a Config is read-only.
type Config struct {
	// The edition of this file's form. Left out, it is 1, the only one.
	Version int `json:"version,omitzero"`
	// The name of the tenant, as reports show it.
	Tenant string `json:"tenant,omitzero"`
	// What the objects run on: openshift or plain (Kubernetes). Left out, it is seen from the objects: a Route or a
	// ClusterVersion means openshift.
	Platform control.Platform `json:"platform,omitzero"`
	// The Kubernetes minor version that runs, in quotes: "1.31" (OpenShift 4.18). Left out, it is not known.
	ClusterVersion string `json:"clusterVersion,omitzero"`
	// The Kubernetes minor version to come, in quotes. APIs that are removed by then are reported.
	TargetVersion string `json:"targetVersion,omitzero"`
	// The namespace into which objects that name no namespace are applied. Left out, they share one unnamed namespace
	// for each tree of files.
	Namespace string `json:"namespace,omitzero"`
	// From an environment to the patterns of its namespaces (* and ? and [a-z]; patterns in quotes). prod is read as
	// production; stage, preprod and recette as staging. An exact name counts before a pattern, a pattern with more
	// letters before one with fewer, production before staging before the rest. Left out, only labels say it.
	Environments map[string][]string `json:"environments,omitzero"`
	// The keys of the labels that say the environment and the team of an object or a namespace.
	Labels Labels `json:"labels,omitzero"`
	// From a team to its namespaces and how to reach it.
	Teams map[string]Team `json:"teams,omitzero"`
	// Who answers for which clause: a clause (MCO.BKP.T1), a chapter (MCO.BKP) or "*", to a person or a team. A
	// clause counts before its chapter, a chapter before "*"; a chapter and "*" mean the clauses that the tenant
	// owes.
	Owners map[string]string `json:"owners,omitzero"`
	// The policy's parameters, where the tenant sets them otherwise. One set weaker than the policy's figure makes
	// its clauses deviate.
	Parameters map[string]Setting `json:"parameters,omitzero"`
	// Which controls run. Left out, all of them. A clause whose controls do not run is unknown.
	Controls Selection `json:"controls,omitzero"`
	// Files and folders of checks of one's own, relative to the folder of this file.
	Checks []string `json:"checks,omitzero"`
	// Which files are read.
	Paths Paths `json:"paths,omitzero"`
	// The least severity of a finding that makes a check end with exit code 1; never: findings do not. Left out, it is
	// high.
	FailOn string `json:"failOn,omitzero"`
	// The language of reports. Left out, it is that of the locale.
	Lang string `json:"lang,omitzero"`
	// Files of waivers, relative to the folder of this file.
	Waivers []string `json:"waivers,omitzero"`
	// The longest time, from now, that a waiver may last: 90d, 2160h. A longer one is reported and does not apply.
	// Left out, there is no limit.
	WaiverMaxLength string `json:"waiverMaxLength,omitzero"`

	dir          string // the folder that Waivers are relative to
	policy       *policy.Policy
	unknown      Problems // see Unknown
	environments rules
	teams        rules
	values       map[string]setting
	limit        time.Duration
}

// Labels names the keys of labels.
type Labels struct {
	// The key of the label whose value is the environment. Left out, it is environment.
	Environment string `json:"environment,omitzero"`
	// The key of the label whose value is the team. Left out, it is team.
	Team string `json:"team,omitzero"`
}

// Team is a team of the tenant.
type Team struct {
	// Patterns of the namespaces that are the team's (* and ? and [a-z]; patterns in quotes). Among several that
	// match, the most exact counts.
	Namespaces []string `json:"namespaces,omitzero"`
	// How to reach the team: an address, a channel, a telephone number. Shown in reports, so never a secret.
	Contact string `json:"contact,omitzero"`
}

// Selection says which controls run.
type Selection struct {
	// Controls that do not run, by id; a clause means all the controls that serve it.
	Skip []string `json:"skip,omitzero"`
	// The controls that run, and no other, by id; a clause means all the controls that serve it.
	Only []string `json:"only,omitzero"`
}

// Paths says which files are read.
type Paths struct {
	// Patterns of files and folders that are not read, relative to the path that is checked: * is anything within one
	// name, ** any number of folders. A folder that matches is left out with all that is below it.
	Ignore []string `json:"ignore,omitzero"`
}

// Default is the configuration of a first run: nothing is said.
func Default(p *policy.Policy) *Config {
	c := &Config{Version: 1, policy: p}
	c.compile()
	return c
}

// compile makes what is asked at every finding ready.
func (c *Config) compile() {
	c.environments = environmentRules(c.Environments)
	c.teams = nil
	for name, t := range c.Teams {
		for _, glob := range t.Namespaces {
			c.teams = append(c.teams, rule{glob, name})
		}
	}
	c.teams.sort()
	c.values = settings(c.policy, c.Parameters)
	if d, err := policy.ParseDuration(c.WaiverMaxLength); err == nil {
		c.limit = d
	}
}

// Cluster is ClusterVersion as a value; the zero Version where it is left out.
func (c *Config) Cluster() control.Version { return version(c.ClusterVersion) }

// Target is TargetVersion as a value; the zero Version where it is left out.
func (c *Config) Target() control.Version { return version(c.TargetVersion) }

// Never is the FailOn that lets findings pass.
const Never = "never"

// Threshold is FailOn as a value; 0 where it is left out, or never: ask FailOn.
func (c *Config) Threshold() control.Severity {
	s, err := control.ParseSeverity(c.FailOn)
	if err != nil {
		return 0
	}
	return s
}

// Selected reports whether a control is to run.
func (c *Config) Selected(id string) bool {
	return (len(c.Controls.Only) == 0 || c.names(c.Controls.Only, id)) && !c.names(c.Controls.Skip, id)
}

// names reports whether a list names a control, by its id or by a clause that it serves.
func (c *Config) names(list []string, id string) bool {
	planned, _ := c.policy.Planned(id)
	return slices.ContainsFunc(list, func(word string) bool { return word == id || slices.Contains(planned.Clauses, word) })
}

// Ignored reports whether a file or folder is not to be read. rel is its path from the path that is checked, with
// slashes.
func (c *Config) Ignored(rel string) bool {
	return slices.ContainsFunc(c.Paths.Ignore, func(pattern string) bool { return covers(pattern, rel) })
}

// WaiverFiles are the files that Waivers names, as paths to open.
func (c *Config) WaiverFiles() []string { return c.beside(c.Waivers) }

// CheckFiles are the files and folders that Checks names, as paths to open.
func (c *Config) CheckFiles() []string { return c.beside(c.Checks) }

// beside resolves paths from the folder of the configuration.
func (c *Config) beside(paths []string) []string {
	var out []string
	for _, f := range paths {
		if !filepath.IsAbs(f) {
			f = filepath.Join(c.dir, filepath.FromSlash(f))
		}
		out = append(out, f)
	}
	return out
}

// WaiverLimit is WaiverMaxLength as a value; 0: no limit.
func (c *Config) WaiverLimit() time.Duration { return c.limit }
