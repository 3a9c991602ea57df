// Package controlplaneredundant checks that the control plane outlives the loss of one of its nodes, or of a zone.
package controlplaneredundant

import (
	"embed"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const (
	leastNodes = "control-plane-nodes"
	leastZones = "control-plane-zones"
)

// Control is the check.
var Control = &control.Control{
	ID:       "control-plane-redundant",
	Version:  1,
	Clauses:  []string{"MCO.UPD.P1", "MCO.BKP.P1", "INC.P1", "MCS.ENC.P2"},
	Scope:    control.OfCluster,
	Severity: control.High,
	Params:   []string{leastNodes, leastZones},
	Needs:    []inventory.Input{kinds.Nodes},
	Wants:    []inventory.Input{kinds.Objects},
	Reasons: []control.Reason{
		{Key: "too-few-nodes", Verdict: control.Fail},
		{Key: "too-few-zones", Verdict: control.Fail},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "not-seen", Verdict: control.Unknown, Running: true},
		{Key: "zone-not-known", Verdict: control.Unknown},
		{Key: "runs-elsewhere", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

// A plane is what was seen of the control plane.
type plane struct {
	ready, down, silent []string // nodes by name: Ready, not Ready, without a status
	zones               []string // those that Ready nodes name, each once
	unzoned             []string // Ready nodes that name none
}

func run(e *control.Eval) {
	nodes := kinds.Nodes.In(e.View)
	whole := inventory.Ref{Kind: "Cluster"}
	if len(nodes) > 0 {
		whole.Cluster = nodes[0].Ref.Cluster
	}
	p, s := look(nodes), e.OnRef(whole)
	switch {
	case len(nodes) == 0 && e.Whole(kinds.Nodes) && kinds.FromTree(e.View):
		s.Unknown("not-seen", nil)
	case len(p.ready)+len(p.down)+len(p.silent) > 0:
		p.count(e, s.Part("control-plane", "nodes"))
		p.spread(e, s.Part("control-plane", "zones"))
	case len(nodes) > 0 && e.Whole(kinds.Nodes):
		s.Unknown("runs-elsewhere", control.Values{"count": len(nodes)})
	}
}

func look(nodes []inventory.Item[corev1.Node]) (p plane) {
	for _, it := range nodes {
		if !ofControlPlane(it.Object) {
			continue
		}
		switch ready(it.Object) {
		case corev1.ConditionTrue:
			p.ready = append(p.ready, it.Ref.Name)
			if z := kinds.ZoneOf(it.Object.Labels); z == "" {
				p.unzoned = append(p.unzoned, it.Ref.Name)
			} else if !slices.Contains(p.zones, z) {
				p.zones = append(p.zones, z)
			}
		case "":
			p.silent = append(p.silent, it.Ref.Name)
		default:
			p.down = append(p.down, it.Ref.Name) // Unknown too: its kubelet has fallen silent
		}
	}
	return p
}

// ofControlPlane goes by the label of the node's role: today's, or the one before Kubernetes 1.20, which OpenShift sets
// too.
func ofControlPlane(n *corev1.Node) bool {
	_, today := n.Labels["node-role.kubernetes.io/control-plane"]
	_, before := n.Labels["node-role.kubernetes.io/master"]
	return today || before
}

// ready is the status of the node's condition Ready; empty where the object tells none, as in a manifest.
func ready(n *corev1.Node) corev1.ConditionStatus {
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status
		}
	}
	return ""
}

// count judges the number of Ready nodes. Too few rests on the absence of another node.
func (p plane) count(e *control.Eval, s control.Subject) {
	least := e.Param(leastNodes).Int()
	v := control.Values{"ready": len(p.ready), "minimum": least, "nodes": slices.Concat(p.ready, p.down, p.silent)}
	switch {
	case len(p.ready) >= least:
		s.Pass()
	case len(p.ready)+len(p.silent) >= least:
		s.Unknown("no-status", control.Values{"nodes": p.silent})
	default:
		s.FailIfWhole("too-few-nodes", v, kinds.Nodes)
	}
}

// spread judges the zones of the Ready nodes. A node that names no zone stands in one all the same, perhaps in another.
func (p plane) spread(e *control.Eval, s control.Subject) {
	least := e.Param(leastZones).Int()
	sure := len(p.zones)
	if sure == 0 && len(p.ready) > 0 {
		sure = 1
	}
	most := len(p.zones) + len(p.unzoned)
	switch {
	case sure >= least:
		s.Pass()
	case most >= least:
		s.Unknown("zone-not-known", control.Values{"nodes": p.unzoned, "minimum": least})
	case most+len(p.silent) >= least:
		s.Unknown("no-status", control.Values{"nodes": p.silent})
	case len(p.ready) == 0:
		s.NotApplicable() // none is Ready: the number of nodes says so
	default:
		s.FailIfWhole("too-few-zones", control.Values{"count": most, "minimum": least}, kinds.Nodes)
	}
}
