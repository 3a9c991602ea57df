package deprecatedapi

import (
	"cmp"

	"vigie/internal/control"
	"vigie/internal/kinds"
	"vigie/internal/kinds/apis"
)

// A use is what is known of one use of an API version and kind.
type use struct {
	verdict control.Verdict
	reason  string
	values  control.Values
}

func (u use) say(s control.Subject) {
	switch u.verdict {
	case control.Fail:
		s.Fail(u.reason, u.values)
	case control.Unknown:
		s.Unknown(u.reason, u.values)
	case control.NotApplicable:
		s.NotApplicable()
	case control.Pass:
		s.Pass()
	}
}

// use judges one API version and kind. What is not served any more is not applicable: it fails as removed.
func (j *judge) use(apiVersion, kind string) use {
	key := [2]string{apiVersion, kind}
	u, ok := j.known[key]
	if !ok {
		u = j.find(apiVersion, kind)
		j.known[key] = u
	}
	return u
}

func (j *judge) find(apiVersion, kind string) use {
	group, version := kinds.SplitAPIVersion(apiVersion)
	v := control.Values{"api": apiVersion + " " + kind, "version": j.version.String()}
	if crd := j.crds[group+" "+kind]; crd != nil {
		return defined(crd, version, v)
	}
	row, ok := apis.Find(apiVersion, kind)
	switch {
	case !ok && apis.Covers(group):
		return use{control.Unknown, "kind-not-in-table", v}
	case !ok:
		return use{control.Unknown, "group-not-covered", v}
	case row.Deprecated == 0 || row.Deprecated > apis.Newest:
		return use{verdict: control.Pass} // by no version that the table knows
	}
	v["since"], v["removed"], v["instead"] = minor(int(row.Deprecated)), "-", cmp.Or(row.Replacement, "-")
	if row.Removed > 0 {
		v["removed"] = minor(int(row.Removed))
	}
	switch {
	case !j.version.Known():
		return use{control.Unknown, "version-not-known", v}
	case row.Removed > 0 && j.version.AtLeast(1, int(row.Removed)):
		return use{verdict: control.NotApplicable}
	case j.version.AtLeast(1, int(row.Deprecated)):
		return use{control.Fail, "deprecated", v}
	}
	return use{verdict: control.Pass}
}

// defined judges a version of a custom resource by what its definition says of it.
func defined(crd *kinds.CRD, version string, v control.Values) use {
	for _, d := range crd.Spec.Versions {
		if d.Name != version {
			continue
		}
		switch {
		case !d.Served:
			return use{verdict: control.NotApplicable}
		case d.Deprecated:
			return use{control.Fail, "deprecated-by-definition", v}
		}
		return use{verdict: control.Pass}
	}
	if len(crd.Spec.Versions) == 0 && crd.Spec.Version == version {
		return use{verdict: control.Pass} // v1beta1 of the definition, which can deprecate nothing
	}
	return use{verdict: control.NotApplicable}
}
