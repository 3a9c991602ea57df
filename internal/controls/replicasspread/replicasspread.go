// Package replicasspread checks that the replicas of a workload do not all stand on one node or in one zone.
package replicasspread

import (
	"embed"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "replicas-spread",
	Version:  1,
	Clauses:  []string{"INC.T2"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    append(slices.Clone(kinds.WorkloadInputs), inventory.Input(kinds.HPAs)),
	Wants:    []inventory.Input{kinds.Nodes},
	Reasons: []control.Reason{
		{Key: "one-node", Verdict: control.Fail},
		{Key: "one-zone", Verdict: control.Fail},
		{Key: "not-running", Verdict: control.Unknown, Running: true},
		{Key: "zones-unread", Verdict: control.Unknown},
		{Key: "nowhere-else", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	var nodes *machines
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		s := control.On(e, w.Item())
		scale := kinds.ScaleOf(e.View, w).Pods
		if w.Kind == "DaemonSet" || w.OneShot || scale >= 0 && scale < 2 {
			s.NotApplicable() // one a node by its kind, ends by itself, or has nothing to spread
			continue
		}
		if nodes == nil {
			nodes = machinesOf(e)
		}
		judge(e, s, w, int(scale), nodes)
	}
}

// judge looks at where the replicas stand that have a node.
func judge(e *control.Eval, s control.Subject, w *kinds.Workload, scale int, nodes *machines) {
	on := map[string]bool{}
	placed := 0
	for _, p := range w.Pods {
		if n := p.Object.Spec.NodeName; n != "" && kinds.Runs(p.Object) {
			on[n] = true
			placed++
		}
	}
	names := slices.Sorted(maps.Keys(on))
	v := control.Values{"replicas": placed}
	switch {
	case placed < 2:
		s.Unknown("not-running", control.Values{"placed": placed})
	case len(names) == 1 && nodes.whole && nodes.count < 2:
		s.PassAs("nowhere-else", nil)
	case len(names) == 1:
		v["node"] = names[0]
		fail(e, s, "one-node", v, placed >= scale)
	default:
		zones(e, s, names, nodes, v, placed >= scale)
	}
}

// fail says so where every replica was seen; else one that was not may stand elsewhere.
func fail(e *control.Eval, s control.Subject, reason string, v control.Values, all bool) {
	if all {
		s.Fail(reason, v)
		return
	}
	s.FailIfWhole(reason, v, kinds.Pods)
}

func zones(e *control.Eval, s control.Subject, names []string, nodes *machines, v control.Values, all bool) {
	seen := map[string]bool{}
	var unread []string
	for _, n := range names {
		if z := nodes.zone[n]; z != "" {
			seen[z] = true
		} else {
			unread = append(unread, n)
		}
	}
	switch {
	case len(seen) > 1:
		s.Pass()
	case len(unread) > 0 && !e.Whole(kinds.Nodes):
		s.Unknown(control.ReasonGap, nil, kinds.Nodes)
	case len(unread) > 0:
		s.Unknown("zones-unread", control.Values{"nodes": unread})
	case nodes.whole && len(nodes.zones) < 2:
		s.PassAs("nowhere-else", nil)
	default:
		for z := range seen {
			v["zone"] = z
		}
		v["nodes"] = names
		fail(e, s, "one-zone", v, all)
	}
}

// machines are the nodes that were seen.
type machines struct {
	whole bool              // all of them, each with its zone where it takes pods
	count int               // of those that take pods
	zone  map[string]string // by node
	zones map[string]bool   // of the nodes that take pods
}

func machinesOf(e *control.Eval) *machines {
	m := &machines{whole: e.Whole(kinds.Nodes), zone: map[string]string{}, zones: map[string]bool{}}
	for _, it := range kinds.Nodes.In(e.View) {
		z := kinds.ZoneOf(it.Labels)
		m.zone[it.Ref.Name] = z
		if takesPods(it.Object) {
			m.count++
			m.zones[z] = true
		}
	}
	m.whole = m.whole && m.count > 0
	return m
}

// takesPods reports a node on which a pod without special rights may be placed.
func takesPods(n *corev1.Node) bool {
	return !n.Spec.Unschedulable && !slices.ContainsFunc(n.Spec.Taints, func(t corev1.Taint) bool {
		return t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute
	})
}
