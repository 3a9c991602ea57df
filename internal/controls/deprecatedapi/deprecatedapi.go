// Package deprecatedapi checks that no object is written for an API that is on its way out.
package deprecatedapi

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "deprecated-api",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T3", "GEN.4"},
	Scope:    control.Namespace,
	Severity: control.Low,
	Needs:    []inventory.Input{kinds.Objects},
	Wants:    []inventory.Input{kinds.HelmReleases, kinds.CRDs, kinds.Services},
	Reasons: []control.Reason{
		{Key: "deprecated", Verdict: control.Fail},
		{Key: "deprecated-by-definition", Verdict: control.Fail},
		{Key: "version-not-known", Verdict: control.Unknown},
		{Key: "group-not-covered", Verdict: control.Unknown},
		{Key: "kind-not-in-table", Verdict: control.Unknown},
		{Key: "old-version-in-history", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	j := &judge{version: e.Newest(), crds: map[string]*kinds.CRD{}, known: map[[2]string]use{}, uncovered: map[string][]string{}}
	for _, it := range kinds.CRDs.In(e.View) {
		j.crds[it.Object.Spec.Group+" "+it.Object.Spec.Names.Kind] = it.Object
	}
	for _, it := range kinds.Objects.In(e.View) {
		switch {
		case it.Ref.Group == "helm.sh" || it.Object.Platform:
			// A stored release is judged below by what it holds.
		case it.Ref.Group == "" && it.Ref.Kind == "ComponentStatus":
			// The API server makes it up when it is asked: nobody wrote it.
		case it.Ref.Group == "" && it.Ref.Kind == "Endpoints":
			j.endpoints(e, it)
		default:
			j.object(control.On(e, it).At("apiVersion"), it.Object, it.Ref.Kind)
		}
	}
	for _, it := range kinds.HighestReleases(kinds.HelmReleases.In(e.View)) {
		j.release(e, it)
	}
	j.groups(e)
}

type judge struct {
	version   control.Version
	crds      map[string]*kinds.CRD // "group Kind"
	known     map[[2]string]use     // API version, kind: a namespace uses few of them, many times
	uncovered map[string][]string   // group -> kinds seen
}

func (j *judge) object(s control.Subject, o *kinds.Object, kind string) {
	u := j.use(o.APIVersion, kind)
	switch {
	case u.reason == "group-not-covered":
		group, _ := o.GroupVersion()
		j.uncovered[group] = append(j.uncovered[group], kind)
	case u.verdict == control.Pass && len(j.oldHints(kind, o.HintsOld)) > 0:
		s.PassAs("old-version-in-history", control.Values{
			"api": o.APIVersion + " " + kind, "old": strings.Join(j.oldHints(kind, o.HintsOld), ", "),
		})
	default:
		u.say(s)
	}
}

// oldHints keeps the versions of an object's history that are deprecated: some client still writes them.
func (j *judge) oldHints(kind string, hints []string) (old []string) {
	for _, h := range hints {
		if u := j.use(h, kind); u.verdict == control.Fail {
			old = append(old, h)
		}
	}
	return old
}

// endpoints judges an Endpoints object where a person wrote it: the platform makes one for each Service that selects
// pods, and the API server one for itself (Kubernetes, "Services without selectors").
func (j *judge) endpoints(e *control.Eval, it inventory.Item[kinds.Object]) {
	if it.Labels["endpoints.kubernetes.io/managed-by"] == "endpoint-controller" || it.Ref.Namespace == "default" && it.Ref.Name == "kubernetes" {
		return
	}
	services := kinds.Services.In(e.View) // in order of name
	i, seen := slices.BinarySearchFunc(services, it.Ref.Name, func(s inventory.Item[corev1.Service], name string) int {
		return strings.Compare(s.Ref.Name, name)
	})
	switch {
	case seen && len(services[i].Object.Spec.Selector) > 0:
	case !seen && !e.Whole(kinds.Services):
		control.On(e, it).Unknown(control.ReasonGap, nil, kinds.Services)
	default:
		j.object(control.On(e, it).At("apiVersion"), it.Object, it.Ref.Kind)
	}
}

// release judges what the next upgrade of a Helm release starts from.
func (j *judge) release(e *control.Eval, it inventory.Item[kinds.HelmRelease]) {
	said := false
	for _, m := range it.Object.Manifest {
		u := j.use(m.APIVersion, m.Kind)
		if u.reason == "group-not-covered" {
			group, _ := kinds.SplitAPIVersion(m.APIVersion)
			j.uncovered[group] = append(j.uncovered[group], m.Kind)
		} else if u.verdict == control.Fail || u.verdict == control.Unknown {
			u.say(control.On(e, it).Part("object", m.Kind+" "+m.Name))
			said = true
		}
	}
	if !said {
		control.On(e, it).Pass()
	}
}

// groups says once for each group that nothing tells which of its versions are deprecated.
func (j *judge) groups(e *control.Eval) {
	whole := inventory.Ref{Kind: "Namespace", Name: e.Space().Namespace, Root: e.Space().Root}
	if e.Space().IsCluster() {
		whole = inventory.Ref{Kind: "Cluster"}
	}
	var names []string
	for g := range j.uncovered {
		names = append(names, g)
	}
	slices.Sort(names)
	for _, g := range names {
		seen := slices.Clone(j.uncovered[g])
		slices.Sort(seen)
		e.OnRef(whole).Part("group", g).Unknown("group-not-covered", control.Values{
			"group": g, "count": len(seen), "kinds": strings.Join(slices.Compact(seen), ", "),
		})
	}
}

func minor(n int) string { return fmt.Sprintf("1.%d", n) }
