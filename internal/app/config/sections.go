package config

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"vigie/internal/policy"
)

// seen remembers where a pattern was first written, and for what.
type seen map[string]struct {
	owner string
	line  int
}

// patterns reads patterns of namespaces for an owner: an environment or a team. One pattern for two owners says
// nothing.
func (w *walker) patterns(at string, n *yaml.Node, owner string, before seen) []string {
	return w.texts(at, n, func(n *yaml.Node, v string) bool {
		if !w.pattern(at, n, v) {
			return false
		}
		if first, ok := before[v]; ok {
			w.note(n, at, "pattern-twice", "", "value", v, "other", first.owner, "first", strconv.Itoa(first.line))
			return false
		}
		before[v] = struct {
			owner string
			line  int
		}{owner, n.Line}
		return true
	})
}

// pattern checks a pattern of namespaces.
func (w *walker) pattern(at string, n *yaml.Node, v string) bool {
	reason := badGlob(v)
	if reason == "" {
		return true
	}
	near := ""
	if low := strings.ReplaceAll(strings.ToLower(v), "_", "-"); reason == "pattern-never" && badGlob(low) == "" {
		near = low
	}
	w.note(n, at, reason, near, "value", v)
	return false
}

func (c *Config) readEnvironments(w *walker, at string, n *yaml.Node) {
	spelt, before := map[string]string{}, seen{}
	c.Environments = map[string][]string{}
	w.entries(at, n, func(name string, k, v *yaml.Node) {
		if !labelValue(w, at, k, name) {
			return
		}
		normal := NormalEnvironment(name)
		if other, ok := spelt[normal]; ok && other != name {
			w.note(k, at, "same-environment", normal, "name", name, "other", other)
		}
		spelt[normal] = name
		c.Environments[name] = w.patterns(join(at, name), v, name, before)
	})
}

func (c *Config) readTeams(w *walker, at string, n *yaml.Node) {
	before := seen{}
	c.Teams = map[string]Team{}
	w.entries(at, n, func(name string, k, v *yaml.Node) {
		if !labelValue(w, at, k, name) {
			return
		}
		var t Team
		w.mapping(join(at, name), v, []field{
			{"namespaces", func(w *walker, at string, n *yaml.Node) { t.Namespaces = w.patterns(at, n, name, before) }},
			{"contact", into(&t.Contact, nil)},
		})
		c.Teams[name] = t
	})
}

func (c *Config) readOwners(w *walker, at string, n *yaml.Node) {
	names := ownable(w.policy)
	c.Owners = map[string]string{}
	w.entries(at, n, func(name string, k, v *yaml.Node) {
		if !slices.Contains(names, name) {
			w.note(k, at, "unknown-clause", w.nearClause(name, names), "value", name)
		}
		if owner, ok := w.text(join(at, name), v, longestText); ok {
			c.Owners[name] = owner
		}
	})
}

// nearClause also knows the short ids that reports print: UPD.T1, BKP.
func (w *walker) nearClause(name string, names []string) string {
	if cl, ok := w.policy.Clause(name); ok {
		return cl.ID
	}
	for _, full := range names {
		if strings.EqualFold(policy.ShortID(full), name) {
			return full
		}
	}
	return nearest(name, names)
}

func (c *Config) readParameters(w *walker, at string, n *yaml.Node) {
	c.Parameters = map[string]Setting{}
	w.entries(at, n, func(id string, k, v *yaml.Node) {
		par, ok := w.policy.Parameter(id)
		if !ok {
			var ids []string
			for _, par := range w.policy.Parameters {
				ids = append(ids, par.ID)
			}
			w.note(k, at, "unknown-parameter", nearest(id, ids), "value", id, "known", strings.Join(ids, ","))
			return
		}
		if s, ok := w.setting(join(at, id), v, par); ok {
			c.Parameters[id] = s
		}
	})
}

// setting reads one value for all, or value and namespaces.
func (w *walker) setting(at string, n *yaml.Node, par policy.Parameter) (s Setting, ok bool) {
	if n.Kind != yaml.MappingNode {
		if n.Kind == yaml.SequenceNode && !par.IsList() {
			w.is(at, n, yaml.ScalarNode, "setting")
			return s, false
		}
		s.Value, ok = w.valueOf(at, n, par)
		return s, ok
	}
	before := len(w.problems)
	if len(n.Content) == 0 {
		w.note(n, at, "no-value", "")
	}
	w.mapping(at, n, []field{
		{"value", func(w *walker, at string, n *yaml.Node) { s.Value, _ = w.valueOf(at, n, par) }},
		{"namespaces", func(w *walker, at string, n *yaml.Node) {
			s.Namespaces = map[string]string{}
			w.entries(at, n, func(glob string, k, v *yaml.Node) {
				if text, ok := w.valueOf(join(at, glob), v, par); w.pattern(at, k, glob) && ok {
					s.Namespaces[glob] = text
				}
			})
		}},
	})
	return s, len(w.problems) == before
}

// valueOf reads one value of a parameter.
func (w *walker) valueOf(at string, n *yaml.Node, par policy.Parameter) (string, bool) {
	if par.IsList() {
		if n.Kind == yaml.ScalarNode {
			return w.text(at, n, longestText)
		}
		before := len(w.problems)
		words := w.texts(at, n, nil)
		return strings.Join(words, ","), len(w.problems) == before
	}
	v, ok := w.figure(at, n, longestText)
	if !ok {
		return "", false
	}
	if _, err := par.Parse(v); err != nil {
		w.note(n, at, "bad-"+par.Type, "", "value", v)
		return "", false
	}
	return v, true
}

// across checks what two sections say together.
func (c *Config) across(w *walker) {
	if run, next := c.Cluster(), c.Target(); run.Known() && next.Known() && !next.AtLeast(run.Major, run.Minor) {
		w.note(w.values["targetVersion"], "targetVersion", "target-older", "", "value", c.TargetVersion, "running", c.ClusterVersion)
	}
	only := w.values["controls.only"]
	if only == nil {
		return
	}
	for _, item := range only.Content {
		if slices.Contains(c.Controls.Only, item.Value) && slices.Contains(c.Controls.Skip, item.Value) {
			w.note(item, "controls.only", "skip-and-only", "", "value", item.Value)
		}
	}
}
