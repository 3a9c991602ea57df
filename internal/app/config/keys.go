package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/api/validate/content"

	"vigie/internal/control"
	"vigie/internal/kinds"
	"vigie/internal/policy"
)

// fields are the keys of vigie.yaml, in the order in which problems list them.
func (c *Config) fields() []field {
	return []field{
		{"version", c.readVersion},
		{"tenant", into(&c.Tenant, nil)},
		{"platform", oneOf(&c.Platform, Platforms()...)},
		{"clusterVersion", into(&c.ClusterVersion, minorVersion)},
		{"targetVersion", into(&c.TargetVersion, minorVersion)},
		{"namespace", into(&c.Namespace, namespaceName)},
		{"environments", c.readEnvironments},
		{"labels", known(
			field{"environment", into(&c.Labels.Environment, labelKey)},
			field{"team", into(&c.Labels.Team, labelKey)},
		)},
		{"teams", c.readTeams},
		{"owners", c.readOwners},
		{"parameters", c.readParameters},
		{"controls", known(
			field{"skip", listInto(&c.Controls.Skip, controlID)},
			field{"only", listInto(&c.Controls.Only, controlID)},
		)},
		{"checks", listInto(&c.Checks, nil)},
		{"paths", known(field{"ignore", listInto(&c.Paths.Ignore, pathPattern)})},
		{"failOn", oneOf(&c.FailOn, severities()...)},
		{"lang", oneOf(&c.Lang, control.Languages()...)},
		{"waivers", listInto(&c.Waivers, nil)},
		{"waiverMaxLength", into(&c.WaiverMaxLength, duration)},
	}
}

// nested are spellings for which another place or name is the right one.
var nested = map[string]string{
	"skip": "controls.skip", "only": "controls.only", "exclude": "paths.ignore", "ignore": "paths.ignore",
	"env": "environments", "envs": "environments", "name": "tenant", "language": "lang", "severity": "failOn",
	"targetNamespace": "namespace", "kubernetesVersion": "clusterVersion", "contacts": "teams",
}

// Platforms lists the platforms.
func Platforms() []control.Platform { return []control.Platform{control.OpenShift, control.Plain} }

// severities are the words of failOn.
func severities() (names []string) {
	for _, s := range control.Severities() {
		names = append(names, s.String())
	}
	return append(names, Never)
}

// A check notes what is wrong with a text, and says whether it may stay.
type check func(w *walker, at string, n *yaml.Node, v string) bool

// into reads a text into to.
func into(to *string, ok check) reader {
	return func(w *walker, at string, n *yaml.Node) {
		if v, is := w.text(at, n, longestText); is && (ok == nil || ok(w, at, n, v)) {
			*to = v
		}
	}
}

// listInto reads a list of texts into to.
func listInto(to *[]string, ok check) reader {
	return func(w *walker, at string, n *yaml.Node) {
		*to = w.texts(at, n, func(n *yaml.Node, v string) bool { return ok == nil || ok(w, at, n, v) })
	}
}

// oneOf reads one of some words into to.
func oneOf[T ~string](to *T, words ...T) reader {
	return func(w *walker, at string, n *yaml.Node) {
		v, is := w.text(at, n, longestText)
		switch {
		case !is:
		case slices.Contains(words, T(v)):
			*to = T(v)
		default:
			var list []string
			for _, word := range words {
				list = append(list, string(word))
			}
			near := nearest(v, list)
			if near != "" && !strings.EqualFold(near[:1], v[:1]) {
				near = "" // of so few words the nearest means something else: never for severe
			}
			w.note(n, at, "unknown-value", near, "value", v, "known", strings.Join(list, ","))
		}
	}
}

// known reads a mapping whose keys are known.
func known(fields ...field) reader {
	return func(w *walker, at string, n *yaml.Node) { w.mapping(at, n, fields) }
}

func (c *Config) readVersion(w *walker, at string, n *yaml.Node) {
	switch got := wordOf(n); {
	case !w.is(at, n, yaml.ScalarNode, "one"):
	case got != "number":
		w.note(n, at, "wrong-type", "", "want", "one", "got", got)
	case n.Value != "1":
		w.note(n, at, "unknown-value", "", "value", n.Value, "known", "1")
	}
}

// duration checks a length of time above nothing.
func duration(w *walker, at string, n *yaml.Node, v string) bool {
	if d, err := policy.ParseDuration(v); err != nil || d <= 0 {
		w.note(n, at, "bad-duration", "", "value", v)
		return false
	}
	return true
}

var namespaceForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func namespaceName(w *walker, at string, n *yaml.Node, v string) bool {
	if namespaceForm.MatchString(v) {
		return true
	}
	near := ""
	if low := strings.ReplaceAll(strings.ToLower(v), "_", "-"); namespaceForm.MatchString(low) {
		near = low
	}
	w.note(n, at, "bad-namespace", near, "value", v)
	return false
}

func labelKey(w *walker, at string, n *yaml.Node, v string) bool {
	if len(content.IsLabelKey(v)) > 0 {
		w.note(n, at, "bad-label-key", "", "value", v)
		return false
	}
	return true
}

func labelValue(w *walker, at string, n *yaml.Node, v string) bool {
	if len(content.IsLabelValue(v)) > 0 {
		w.note(n, at, "bad-label-value", "", "value", v)
		return false
	}
	return true
}

func pathPattern(w *walker, at string, n *yaml.Node, v string) bool {
	if reason := badPath(v); reason != "" {
		w.note(n, at, reason, "", "value", v)
		return false
	}
	return true
}

// controlID checks the id of a control of the catalogue, or of a clause, whether this version has the control
// already or not: a file may be shared by machines that do not run the same version.
func controlID(w *walker, at string, n *yaml.Node, v string) bool {
	ids := selectable(w.policy)
	if slices.Contains(ids, v) {
		return true
	}
	near := nearest(v, ids)
	if cl, ok := w.policy.Clause(v); ok {
		near = cl.ID
	}
	w.note(n, at, "unknown-control", near, "value", v)
	return ownForm.MatchString(v) // Unknown tells whether it is one of one's own
}

// selectable lists what controls.skip and controls.only may name: controls, and clauses that controls serve.
func selectable(p *policy.Policy) (ids []string) {
	for _, planned := range p.Catalogue {
		ids = append(ids, planned.ID)
	}
	for _, cl := range p.Clauses {
		if len(p.ServedBy(cl.ID)) > 0 {
			ids = append(ids, cl.ID)
		}
	}
	return ids
}

var (
	minorForm = regexp.MustCompile(`^1\.(0|[1-9][0-9]?)$`)
	fourForm  = regexp.MustCompile(`^v?4\.([6-9]|[1-9][0-9])(\.[0-9]+)?$`)
	patchForm = regexp.MustCompile(`^v?(1\.[1-9][0-9]?)(\.[0-9]+)?([-+].*)?$`)
)

// minorVersion checks a Kubernetes minor version. OpenShift 4.N runs Kubernetes 1.(N+13), from 4.6 on.
func minorVersion(w *walker, at string, n *yaml.Node, v string) bool {
	if minorForm.MatchString(v) {
		newest := kinds.NewestMinor()
		if version(v).Minor > newest {
			w.note(n, at, "version-to-come", "", "value", v, "newest", "1."+strconv.Itoa(newest))
			return false
		}
		return true
	}
	if m := fourForm.FindStringSubmatch(v); m != nil {
		minor, _ := strconv.Atoi(m[1])
		w.note(n, at, "openshift-version", "1."+strconv.Itoa(minor+13), "value", v)
		return false
	}
	near := ""
	if m := patchForm.FindStringSubmatch(v); m != nil {
		near = m[1]
	}
	w.note(n, at, "bad-version", near, "value", v)
	return false
}

// version is the value of a text that minorVersion let pass.
func version(s string) control.Version {
	if !minorForm.MatchString(s) {
		return control.Version{}
	}
	minor, _ := strconv.Atoi(s[2:])
	return control.Version{Major: 1, Minor: minor}
}
