package kinds

import (
	"path"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Match is the answer of a selector whose whole meaning may not be seen.
type Match uint8

// The three answers.
const (
	MatchUnknown Match = iota
	MatchNo
	MatchYes
)

// Selects reports whether the policy's selector takes in the application of a namespace. seen are the labels of the
// namespace and of what runs in it, any of which may match; whole reports that all of them were seen.
func (p *KastenPolicy) Selects(namespace string, seen []map[string]string, whole bool) Match {
	sel := p.Spec.Selector
	if sel == nil || len(sel.MatchLabels) == 0 && len(sel.MatchExpressions) == 0 {
		return MatchUnknown // Kasten's documents do not say what it selects
	}
	rest := metav1.LabelSelector{MatchLabels: map[string]string{}}
	for k, v := range sel.MatchLabels {
		if k != KastenAppNamespace {
			rest.MatchLabels[k] = v
		} else if !globs([]string{v}, namespace) {
			return MatchNo
		}
	}
	for _, x := range sel.MatchExpressions {
		switch {
		case strings.HasPrefix(x.Key, kastenMachine):
			return machines(x, namespace)
		case x.Key != KastenAppNamespace:
			rest.MatchExpressions = append(rest.MatchExpressions, x)
		case x.Operator == metav1.LabelSelectorOpIn && !globs(x.Values, namespace),
			x.Operator == metav1.LabelSelectorOpNotIn && globs(x.Values, namespace),
			x.Operator == metav1.LabelSelectorOpDoesNotExist:
			return MatchNo
		}
	}
	if len(rest.MatchLabels) == 0 && len(rest.MatchExpressions) == 0 {
		return MatchYes
	}
	return anyLabels(&rest, seen, whole)
}

// machines judges a selector of virtual machines, as namespace/machine: which of a namespace's volumes are a machine's
// is not read.
func machines(x metav1.LabelSelectorRequirement, namespace string) Match {
	for _, v := range x.Values {
		ns, _, _ := strings.Cut(v, "/")
		if globs([]string{ns}, namespace) {
			return MatchUnknown
		}
	}
	return MatchNo
}

func anyLabels(ls *metav1.LabelSelector, sets []map[string]string, whole bool) Match {
	sel, _ := Selector(ls)
	if sel == nil {
		return MatchUnknown
	}
	for _, set := range sets {
		if sel.Matches(labels.Set(set)) {
			// A selector that asks for an absence matches what does not carry the label: all must have been seen.
			if negative(ls) && !whole {
				return MatchUnknown
			}
			return MatchYes
		}
	}
	if whole {
		return MatchNo
	}
	return MatchUnknown
}

func negative(ls *metav1.LabelSelector) bool {
	for _, x := range ls.MatchExpressions {
		if x.Operator == metav1.LabelSelectorOpNotIn || x.Operator == metav1.LabelSelectorOpDoesNotExist {
			return true
		}
	}
	return false
}

// globs reports whether one of the patterns, in which * stands for any text, is the whole name.
func globs(patterns []string, name string) bool {
	for _, p := range patterns {
		if p == name {
			return true
		}
		if strings.ContainsAny(p, "*?") {
			if ok, err := path.Match(p, name); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// TakesVolumes reports whether a backup action of the policy takes the volume claim in.
func (p *KastenPolicy) TakesVolumes(name string, own map[string]string) bool {
	for _, a := range p.Spec.Actions {
		if !strings.EqualFold(a.Action, "backup") {
			continue
		}
		f := a.Backup.Filters
		if (len(f.Include) == 0 || fits(f.Include, name, own)) && !fits(f.Exclude, name, own) {
			return true
		}
	}
	return false
}

func fits(filters []KastenFilter, name string, own map[string]string) bool {
	for _, f := range filters {
		if f.Group != "" || f.Version != "" && f.Version != "v1" || f.Name != "" && f.Name != name {
			continue
		}
		if r := strings.ToLower(f.Resource); r != "" && !claimNames[r] {
			continue
		}
		sel, _ := Selector(&f.LabelSelector)
		if sel != nil && sel.Matches(labels.Set(own)) {
			return true
		}
	}
	return false
}

// claimNames are the names under which volume claims are written in lists of resources.
var claimNames = map[string]bool{
	"persistentvolumeclaims": true, "persistentvolumeclaim": true, "pvc": true, "pvcs": true, "*": true,
}
