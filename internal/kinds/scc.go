package kinds

import (
	"fmt"
	"strings"

	secv1 "github.com/openshift/api/security/v1"

	"vigie/internal/inventory"
)

// RestrictedSCC reports the security context constraints that every authenticated user may use and that fill in the
// user id: what they admitted needs no further right. restricted-v3 is restricted-v2 in a user namespace.
func RestrictedSCC(name string) bool {
	return name == "restricted" || name == "restricted-v2" || name == "restricted-v3"
}

// AdmittedBy is the name of the SecurityContextConstraints that admitted the pod; empty for a template, and for a pod
// that carries no such annotation.
func AdmittedBy(v PodView) string {
	if !v.Pod {
		return ""
	}
	return v.Meta.Annotations[secv1.ValidatedSCCAnnotation]
}

// FillsUser reports whether OpenShift fills in the user id of a container of the pod that names none: it did not where
// the pod was admitted by, or asks for, constraints that leave the image's own user.
func FillsUser(v PodView) bool {
	name := AdmittedBy(v)
	if name == "" {
		name = v.Meta.Annotations[secv1.RequiredSCCAnnotation]
	}
	return name == "" || RestrictedSCC(name) || strings.HasPrefix(name, "hostnetwork") || name == "hostaccess"
}

// An IDBlock is a range of user or group ids, both ends in it.
type IDBlock struct{ First, Last int64 }

// Holds reports whether id lies in the block.
func (b IDBlock) Holds(id int64) bool { return b.First <= id && id <= b.Last }

func (b IDBlock) String() string { return fmt.Sprintf("%d-%d", b.First, b.Last) }

// Allocated is what OpenShift allocated to a namespace, from its annotations. A nil field was not seen.
type Allocated struct {
	Users   *IDBlock
	FSGroup *int64  // the one group that restricted-v2 accepts: the first of the first block
	Level   *string // of SELinux
}

// AllocatedTo reads the annotations of the view's own namespace. Namespaces and Projects must be declared.
func AllocatedTo(v inventory.View) (a Allocated) {
	_, notes, _ := NamespaceMeta(v)
	if b, ok := parseBlock(notes[secv1.UIDRangeAnnotation]); ok {
		a.Users = &b
	}
	groups := notes[secv1.SupplementalGroupsAnnotation]
	if groups == "" {
		groups = notes[secv1.UIDRangeAnnotation]
	}
	first, _, _ := strings.Cut(groups, ",")
	if b, ok := parseBlock(first); ok {
		a.FSGroup = &b.First
	}
	if mcs := notes[secv1.MCSAnnotation]; mcs != "" {
		a.Level = &mcs
	}
	return a
}

// parseBlock reads the two forms that OpenShift writes: START/SIZE and START-END.
func parseBlock(s string) (b IDBlock, ok bool) {
	s = strings.TrimSpace(s)
	if n, _ := fmt.Sscanf(s, "%d/%d", &b.First, &b.Last); n == 2 && b.Last > 0 {
		b.Last += b.First - 1
		return b, true
	}
	if n, _ := fmt.Sscanf(s, "%d-%d", &b.First, &b.Last); n == 2 && b.First <= b.Last {
		return b, true
	}
	return IDBlock{}, false
}
