package operatorhealthy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// limitProperty is the newest version of OpenShift that an operator supports, as "4.15" (operator-framework/
// operator-lifecycle-manager, pkg/controller/operators/openshift; OpenShift itself refuses to update beyond it).
const limitProperty = "olm.maxOpenShiftVersion"

// ahead is how much further the minor version of Kubernetes is than that of the OpenShift 4 that is made of it:
// OpenShift 4.14 is Kubernetes 1.27.
const ahead = 13

// supported judges the operator's limit against the version that was announced, else the one that runs.
func supported(e *control.Eval, s control.Subject, c *kinds.ClusterServiceVersion) {
	minor, stated, ok := limit(c)
	if !stated {
		return // most operators state none
	}
	s = s.Part("property", limitProperty).At("metadata", "annotations")
	version := e.Newest()
	v := control.Values{"limit": fmt.Sprintf("4.%d", minor), "version": openShift(version)}
	switch {
	case !ok:
		s.Unknown("limit-not-read", nil)
	case version.AtLeast(1, minor+ahead+1):
		s.Fail("version-too-new", v)
	default: // no version that goes beyond it runs or was announced
		s.PassAs("supported-up-to", v)
	}
}

// openShift names a version as OpenShift does, or as Kubernetes does where there is no OpenShift 4 of it.
func openShift(v control.Version) string {
	if v.Major == 1 && v.Minor > ahead {
		return fmt.Sprintf("OpenShift 4.%d", v.Minor-ahead)
	}
	return "Kubernetes " + v.String()
}

// limit is the minor version of OpenShift 4 up to which the operator is supported: the highest where several are
// stated, as the lifecycle manager takes it. ok is false where what is stated cannot be read.
func limit(c *kinds.ClusterServiceVersion) (minor int, stated, ok bool) {
	properties, whole := c.Properties()
	stated, ok = !whole, whole
	for _, p := range properties {
		if p.Type != limitProperty {
			continue
		}
		stated = true
		n, read := minorOf(p.Value)
		ok = ok && read
		minor = max(minor, n)
	}
	return minor, stated, ok
}

// minorOf reads "4.15", "v4.15" or "4.15.3". A number is refused, as the lifecycle manager refuses it: 4.10 has become
// 4.1 by then.
func minorOf(value json.RawMessage) (int, bool) {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return 0, false
	}
	rest, four := strings.CutPrefix(strings.TrimPrefix(strings.Trim(text, `" `), "v"), "4.")
	first, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(first)
	return n, four && err == nil && n >= 0
}
