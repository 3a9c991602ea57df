// Package selectorsmatch checks that what selects pods selects some: an object that selects nothing protects,
// exposes, scales or watches nothing, and says so to nobody.
package selectorsmatch

import (
	"embed"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "selectors-match",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1", "INC.T2"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs: append(slices.Clone(kinds.WorkloadInputs),
		kinds.Services, kinds.PDBs, kinds.HPAs, kinds.NetworkPolicies, kinds.ServiceMonitors),
	Wants: []inventory.Input{kinds.Objects},
	Reasons: []control.Reason{
		{Key: "selects-nothing", Verdict: control.Fail},
		{Key: "no-target", Verdict: control.Fail},
		{Key: "no-such-port", Verdict: control.Fail, Clauses: []string{"MCO.UPD.T1"}},
		{Key: "made-by-operator", Verdict: control.Unknown},
		{Key: "elsewhere", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	for _, it := range kinds.Services.In(e.View) {
		service(e, it)
	}
	for _, it := range kinds.PDBs.In(e.View) {
		budget := it.Object
		if empty(budget.Spec.Selector) && budget.APIVersion != "policy/v1beta1" {
			control.On(e, it).Pass() // every pod of the namespace, those to come too
			continue
		}
		selects(e, control.On(e, it).At("spec", "selector"), len(kinds.Budgets.In(e.View).By[budget]) > 0, budget.Spec.Selector)
	}
	for _, it := range kinds.NetworkPolicies.In(e.View) {
		sel := &it.Object.Spec.PodSelector
		if empty(sel) {
			control.On(e, it).Pass()
			continue
		}
		s, exact := kinds.Selector(sel)
		selects(e, control.On(e, it).At("spec", "podSelector"), len(kinds.PodIndex.In(e.View).Select(s, exact)) > 0, sel)
	}
	for _, it := range kinds.HPAs.In(e.View) {
		autoscaler(e, it)
	}
	for _, it := range kinds.ServiceMonitors.In(e.View) {
		monitor(e, it)
	}
}

// empty reports the selector {} : it selects everything. An absent selector selects nothing.
func empty(s *metav1.LabelSelector) bool {
	return s != nil && len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0
}

// selects says the verdict on a selector of pods that found some, or none.
func selects(e *control.Eval, s control.Subject, found bool, sel *metav1.LabelSelector) {
	switch {
	case found:
		s.Pass()
	case operatorLabel(sel) != "":
		s.Unknown("made-by-operator", control.Values{"label": operatorLabel(sel)})
	default:
		s.FailIfWhole("selects-nothing", control.Values{"selector": metav1.FormatLabelSelector(sel)}, kinds.WorkloadInputs...)
	}
}

// plainPrefixes are prefixes of labels that people write in templates themselves. Other prefixes are an operator's:
// it sets them on pods that no manifest shows.
var plainPrefixes = []string{"app.kubernetes.io", "helm.sh", "app.openshift.io", "k8s-app"}

func operatorLabel(sel *metav1.LabelSelector) string {
	if sel == nil {
		return ""
	}
	var keys []string
	for k := range sel.MatchLabels {
		keys = append(keys, k)
	}
	for _, x := range sel.MatchExpressions {
		keys = append(keys, x.Key)
	}
	slices.Sort(keys)
	for _, k := range keys {
		prefix, _, ok := strings.Cut(k, "/")
		if ok && !slices.Contains(plainPrefixes, prefix) && !strings.HasSuffix(prefix, "kubernetes.io") {
			return k
		}
	}
	return ""
}

func service(e *control.Eval, it inventory.Item[corev1.Service]) {
	spec, s := &it.Object.Spec, control.On(e, it)
	if spec.Type == corev1.ServiceTypeExternalName || len(spec.Selector) == 0 {
		s.NotApplicable() // a name for something outside, or endpoints that somebody else keeps
		return
	}
	behind := kinds.PodIndex.In(e.View).Select(kinds.ExactSelector(spec.Selector))
	if len(behind) == 0 {
		selects(e, s.At("spec", "selector"), false, &metav1.LabelSelector{MatchLabels: spec.Selector})
		return
	}
	missing := false
	for i, p := range spec.Ports {
		if p.TargetPort.Type != intstr.String || p.TargetPort.StrVal == "" || hasPort(behind, p) {
			continue
		}
		missing = true
		s.Part("port", portName(p)).At("spec", "ports", i, "targetPort").FailIfWhole("no-such-port",
			control.Values{"port": p.TargetPort.StrVal, "protocol": string(protocol(p.Protocol))}, kinds.WorkloadInputs...)
	}
	if !missing {
		s.Pass()
	}
}

func portName(p corev1.ServicePort) string {
	if p.Name != "" {
		return p.Name
	}
	return p.TargetPort.StrVal
}

func protocol(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}

// hasPort looks in the ordinary containers and the sidecars, as the endpoints controller does: name and protocol
// must both match.
func hasPort(behind []*kinds.Workload, p corev1.ServicePort) bool {
	for _, w := range behind {
		for _, c := range w.Containers() {
			if c.Init() || c.Ephemeral() {
				continue
			}
			for _, cp := range c.Ports {
				if cp.Name == p.TargetPort.StrVal && protocol(cp.Protocol) == protocol(p.Protocol) {
					return true
				}
			}
		}
	}
	return false
}

func autoscaler(e *control.Eval, it inventory.Item[autoscalingv2.HorizontalPodAutoscaler]) {
	t, s := it.Object.Spec.ScaleTargetRef, control.On(e, it).At("spec", "scaleTargetRef")
	group, _ := kinds.SplitAPIVersion(t.APIVersion)
	for _, o := range kinds.ByKindName.In(e.View)[kinds.KindName{Kind: t.Kind, Name: t.Name}] {
		if sameGroup(o.Ref.Group, group) {
			s.Pass()
			return
		}
	}
	v := control.Values{"target": t.Kind + " " + t.Name}
	if entry, ok := kinds.Lookup(group, t.Kind); ok {
		s.FailIfWhole("no-target", v, entry.Input)
		return
	}
	s.Unknown("elsewhere", v)
}

// sameGroup holds extensions, where apps began, for apps.
func sameGroup(a, b string) bool {
	old := func(g string) string {
		if g == "extensions" {
			return "apps"
		}
		return g
	}
	return old(a) == old(b)
}

// monitor looks for the Services that a ServiceMonitor selects, in the namespaces that it names.
func monitor(e *control.Eval, it inventory.Item[kinds.ServiceMonitor]) {
	m, s := it.Object, control.On(e, it).At("spec", "selector")
	sel, err := metav1.LabelSelectorAsSelector(&m.Spec.Selector)
	if err != nil {
		s.Fail("selects-nothing", control.Values{"selector": metav1.FormatLabelSelector(&m.Spec.Selector)})
		return
	}
	spaces := []inventory.Space{e.Space()}
	if names := m.Spec.NamespaceSelector.MatchNames; len(names) > 0 {
		spaces = nil
		for _, n := range names {
			spaces = append(spaces, inventory.Space{Namespace: n})
		}
	}
	if m.Spec.NamespaceSelector.Any {
		spaces = e.Spaces()
	}
	outside := m.Spec.NamespaceSelector.Any
	for _, sp := range spaces {
		v := e.Elsewhere(sp)
		if slices.ContainsFunc(kinds.Services.In(v), func(svc inventory.Item[corev1.Service]) bool {
			return sel.Matches(labels.Set(svc.Object.Labels))
		}) {
			s.Pass()
			return
		}
		outside = outside || sp != e.Space() && !slices.Contains(e.Spaces(), sp)
	}
	if outside {
		s.Unknown("elsewhere", control.Values{"target": metav1.FormatLabelSelector(&m.Spec.Selector)})
		return
	}
	s.FailIfWhole("selects-nothing", control.Values{"selector": metav1.FormatLabelSelector(&m.Spec.Selector)}, kinds.Services)
}
