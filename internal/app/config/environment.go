package config

import (
	"cmp"
	"slices"
	"strings"

	"vigie/internal/policy"
)

// The environments that controls ask for. Others are kept as they are written.
const (
	Production = "production"
	Staging    = "staging"
)

// synonyms maps what people write, in small letters, to the environments that controls ask for.
var synonyms = map[string]string{
	"production": Production, "prod": Production, "prd": Production,
	"staging": Staging, "stage": Staging, "stg": Staging, "recette": Staging,
	"preprod": Staging, "pre-prod": Staging, "preproduction": Staging, "pre-production": Staging,
}

// NormalEnvironment gives the one spelling of an environment: production for prod, staging for recette, in any
// case; another name is kept.
func NormalEnvironment(name string) string {
	if n, ok := synonyms[strings.ToLower(name)]; ok {
		return n
	}
	return name
}

// environmentRules turns the section environments into rules, production first among equals: taken for staging, a
// production namespace would be judged too mildly.
func environmentRules(section map[string][]string) rules {
	var rs rules
	for name, globs := range section {
		for _, glob := range globs {
			rs = append(rs, rule{glob, NormalEnvironment(name)})
		}
	}
	rs.sort()
	return rs
}

// Environment says which environment an object of a namespace belongs to: what its own label says, else the
// configuration's patterns, else the label of the namespace; "" where nothing says it. ns is empty for an object
// without one: its own label alone counts then. Labels may be nil.
func (c *Config) Environment(ns string, nsLabels, objLabels map[string]string) string {
	return NormalEnvironment(c.said(cmp.Or(c.Labels.Environment, "environment"), c.environments, ns, nsLabels, objLabels))
}

// Team says which team answers for an object of a namespace, in the order of Environment.
func (c *Config) Team(ns string, nsLabels, objLabels map[string]string) string {
	return c.said(cmp.Or(c.Labels.Team, "team"), c.teams, ns, nsLabels, objLabels)
}

func (c *Config) said(label string, rs rules, ns string, nsLabels, objLabels map[string]string) string {
	if v := objLabels[label]; v != "" {
		return v
	}
	if v := rs.find(ns); v != "" {
		return v
	}
	return nsLabels[label]
}

// Declared reports whether the configuration declares any environment. Labels may declare one where it does not.
func (c *Config) Declared() bool { return len(c.environments) > 0 }

// OwnersGiven reports whether the configuration has an owners section. Without one, nothing is known of owners,
// which is not the same as nobody being named.
func (c *Config) OwnersGiven() bool { return c.Owners != nil }

// OwnersByClause gives who answers for each clause, by its full id. A clause that nobody is named for is absent.
func (c *Config) OwnersByClause(p *policy.Policy) map[string]string {
	out := map[string]string{}
	for _, cl := range p.Clauses {
		owner := c.Owners[cl.ID]
		if owner == "" && cl.Side == policy.Tenant {
			owner = cmp.Or(c.Owners[chapterOf(cl.ID)], c.Owners["*"])
		}
		if owner != "" {
			out[cl.ID] = owner
		}
	}
	return out
}

// chapterOf is the chapter in a clause's id: MCO.UPD of MCO.UPD.T1, RACI of RACI.
func chapterOf(clause string) string {
	if i := strings.LastIndexByte(clause, '.'); i >= 0 {
		return clause[:i]
	}
	return clause
}

// ownable lists what the section owners may name: "*", chapters and clauses.
func ownable(p *policy.Policy) []string {
	out := []string{"*"}
	for _, cl := range p.Clauses {
		if ch := chapterOf(cl.ID); !slices.Contains(out, ch) {
			out = append(out, ch)
		}
		if !slices.Contains(out, cl.ID) {
			out = append(out, cl.ID)
		}
	}
	return out
}
