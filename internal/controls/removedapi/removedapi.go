// Package removedapi checks that no object is written for an API that the cluster no longer serves.
package removedapi

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/kinds/apis"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "removed-api",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T3"},
	Scope:    control.Namespace,
	Severity: control.High,
	Needs:    []inventory.Input{kinds.Objects},
	Wants:    []inventory.Input{kinds.HelmReleases, kinds.CRDs},
	Reasons: []control.Reason{
		{Key: "removed", Verdict: control.Fail},
		{Key: "not-served", Verdict: control.Fail},
		{Key: "version-not-known", Verdict: control.Unknown},
		{Key: "group-not-covered", Verdict: control.Unknown},
		{Key: "kind-not-in-table", Verdict: control.Unknown},
		{Key: "old-version-in-history", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	j := &judge{e: e, version: e.Newest(), crds: map[string]*kinds.CRD{}, uncovered: map[string][]string{}}
	for _, it := range kinds.CRDs.In(e.View) {
		j.crds[it.Object.Spec.Group+" "+it.Object.Spec.Names.Kind] = it.Object
	}
	for _, it := range kinds.Objects.In(e.View) {
		if it.Ref.Group == "helm.sh" || it.Object.Platform {
			continue // a stored release is judged below by what it holds
		}
		j.object(control.On(e, it).At("apiVersion"), it.Object.APIVersion, it.Ref.Kind, it.Object.HintsOld)
	}
	for _, it := range kinds.HighestReleases(kinds.HelmReleases.In(e.View)) {
		j.release(it)
	}
	j.groups()
}

type judge struct {
	e         *control.Eval
	version   control.Version
	crds      map[string]*kinds.CRD // "group Kind"
	uncovered map[string][]string   // group -> kinds seen
}

// outcome is what is known of one use of an API.
type outcome struct {
	verdict control.Verdict
	reason  string
	values  control.Values
}

func (j *judge) object(s control.Subject, apiVersion, kind string, hints []string) {
	o := j.use(apiVersion, kind)
	switch {
	case o.verdict == control.Fail:
		s.Fail(o.reason, o.values)
	case o.reason == "group-not-covered":
		group, _ := kinds.SplitAPIVersion(apiVersion)
		j.uncovered[group] = append(j.uncovered[group], kind)
	case o.verdict == control.Unknown:
		s.Unknown(o.reason, o.values)
	case len(j.oldHints(kind, hints)) > 0:
		s.PassAs("old-version-in-history", control.Values{"api": apiVersion + " " + kind, "old": strings.Join(j.oldHints(kind, hints), ", ")})
	default:
		s.Pass()
	}
}

// use judges one API version and kind.
func (j *judge) use(apiVersion, kind string) outcome {
	group, version := kinds.SplitAPIVersion(apiVersion)
	v := control.Values{"api": apiVersion + " " + kind, "version": j.version.String()}
	if crd := j.crds[group+" "+kind]; crd != nil {
		if serves(crd, version) {
			return outcome{verdict: control.Pass}
		}
		return outcome{control.Fail, "not-served", v}
	}
	row, ok := apis.Find(apiVersion, kind)
	switch {
	case !ok && apis.Covers(group):
		return outcome{control.Unknown, "kind-not-in-table", v}
	case !ok:
		return outcome{control.Unknown, "group-not-covered", v}
	case row.Removed == 0 || row.Removed > apis.Newest:
		return outcome{verdict: control.Pass} // served by every version that the table knows
	}
	v["removed"] = fmt.Sprintf("1.%d", row.Removed)
	v["instead"] = row.Replacement
	if row.Replacement == "" {
		v["instead"] = "-"
	}
	switch {
	case !j.version.Known():
		return outcome{control.Unknown, "version-not-known", v}
	case j.version.AtLeast(1, int(row.Removed)):
		return outcome{control.Fail, "removed", v}
	}
	return outcome{verdict: control.Pass}
}

func serves(crd *kinds.CRD, version string) bool {
	if len(crd.Spec.Versions) == 0 {
		return crd.Spec.Version == version
	}
	return slices.ContainsFunc(crd.Spec.Versions, func(v kinds.CRDVersion) bool { return v.Name == version && v.Served })
}

// oldHints keeps the versions of an object's history that would fail: some client still writes them.
func (j *judge) oldHints(kind string, hints []string) (old []string) {
	for _, h := range hints {
		if o := j.use(h, kind); o.reason == "removed" {
			old = append(old, h)
		}
	}
	return old
}

func (j *judge) release(it inventory.Item[kinds.HelmRelease]) {
	said := false
	for _, m := range it.Object.Manifest {
		s := control.On(j.e, it).Part("object", m.Kind+" "+m.Name)
		switch o := j.use(m.APIVersion, m.Kind); {
		case o.verdict == control.Fail:
			s.Fail(o.reason, o.values)
			said = true
		case o.reason == "group-not-covered":
			group, _ := kinds.SplitAPIVersion(m.APIVersion)
			j.uncovered[group] = append(j.uncovered[group], m.Kind)
		case o.verdict == control.Unknown:
			s.Unknown(o.reason, o.values)
			said = true
		}
	}
	if !said {
		control.On(j.e, it).Pass()
	}
}

// groups says once for each group that nothing tells which of its versions are served.
func (j *judge) groups() {
	whole := j.e.OnRef(inventory.Ref{Kind: "Namespace", Name: j.e.Space().Namespace, Root: j.e.Space().Root})
	if j.e.Space().IsCluster() {
		whole = j.e.OnRef(inventory.Ref{Kind: "Cluster"})
	}
	var names []string
	for g := range j.uncovered {
		names = append(names, g)
	}
	slices.Sort(names)
	for _, g := range names {
		ks := j.uncovered[g]
		n := len(ks)
		slices.Sort(ks)
		whole.Part("group", g).Unknown("group-not-covered", control.Values{
			"group": g, "count": n, "kinds": strings.Join(slices.Compact(ks), ", "),
		})
	}
}
