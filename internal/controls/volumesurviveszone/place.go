package volumesurviveszone

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// world is what is known beside the claims.
type world struct {
	*control.Eval
	zonal, multi []string          // patterns of classes
	zoneOf       map[string]string // by node and by host name
}

func worldOf(e *control.Eval) *world {
	m := &world{Eval: e, zonal: e.Param(zonalClasses).List(), multi: e.Param(multiZoneClasses).List(), zoneOf: map[string]string{}}
	for _, it := range kinds.Nodes.In(e.View) {
		m.zoneOf[it.Ref.Name] = kinds.ZoneOf(it.Labels)
		if host := it.Labels["kubernetes.io/hostname"]; host != "" {
			m.zoneOf[host] = kinds.ZoneOf(it.Labels)
		}
	}
	return m
}

// how a volume is bound to a place.
type how uint8

const (
	unseen   how = iota // nobody can tell
	anywhere            // more than one zone
	inZone              // one zone, whose name is known
	onNode              // one node
	byClass             // one zone by what was declared of its class
)

// A place is where a volume lives.
type place struct {
	how   how
	zone  string // empty: not known
	node  string
	class string
}

func (p place) reason() string {
	return map[how]string{inZone: "one-zone", onNode: "one-node", byClass: "zonal-class"}[p.how]
}

// place is where the claim's volume lives: by the volume itself, else by what was declared of its class.
func (m *world) place(c *kinds.Claim) place {
	class, _ := c.Class()
	if v := m.volume(c.Spec.VolumeName); v != nil {
		p := m.ofVolume(v)
		p.class = class
		return p
	}
	switch {
	case matches(m.zonal, class):
		return place{how: byClass, class: class}
	case matches(m.multi, class):
		return place{how: anywhere, class: class}
	}
	return place{class: class}
}

func (m *world) volume(name string) *corev1.PersistentVolume {
	if name == "" {
		return nil
	}
	all := kinds.PersistentVolumes.In(m.View)
	i, found := slices.BinarySearchFunc(all, name, func(it inventory.Item[corev1.PersistentVolume], n string) int {
		return strings.Compare(it.Ref.Name, n)
	})
	if !found {
		return nil
	}
	return all[i].Object
}

// ofVolume reads the node affinity of a volume, whose terms are alternatives, and the labels that named the zones of
// volumes before there was one, several joined by two underscores (Kubernetes, "Well-Known Labels").
func (m *world) ofVolume(v *corev1.PersistentVolume) place {
	var zones, nodes []string
	if z := kinds.ZoneOf(v.Labels); z != "" {
		zones = strings.Split(z, "__")
	}
	if a := v.Spec.NodeAffinity; a != nil && a.Required != nil && len(zones) == 0 {
		for _, term := range a.Required.NodeSelectorTerms {
			z, n := termOf(term)
			if len(z) == 0 && len(n) == 0 {
				return place{how: anywhere} // an alternative that names no place
			}
			zones, nodes = append(zones, z...), append(nodes, n...)
		}
	}
	slices.Sort(zones)
	slices.Sort(nodes)
	zones, nodes = slices.Compact(zones), slices.Compact(nodes)
	switch {
	case len(zones) == 1 && len(nodes) == 0:
		return place{how: inZone, zone: zones[0]}
	case len(zones) == 0 && len(nodes) == 1:
		return place{how: onNode, node: nodes[0], zone: m.zoneOf[nodes[0]]}
	case len(zones) == 1 && len(nodes) == 1:
		return place{how: onNode, node: nodes[0], zone: zones[0]}
	}
	return place{how: anywhere}
}

// termOf gives the zones and the nodes that one term allows. Drivers have keys of their own, such as
// topology.ebs.csi.aws.com/zone; an empty value stands for every zone.
func termOf(t corev1.NodeSelectorTerm) (zones, nodes []string) {
	for _, x := range t.MatchExpressions {
		if x.Operator != corev1.NodeSelectorOpIn || slices.Contains(x.Values, "") {
			continue
		}
		switch _, name, _ := strings.Cut(x.Key, "/"); name {
		case "zone":
			zones = append(zones, x.Values...)
		case "hostname", "node":
			nodes = append(nodes, x.Values...)
		}
	}
	return zones, nodes
}

// elsewhere reports whether a replica with a volume of its own lives in another zone: by the volumes of the other
// replicas, else by the nodes that their pods stand on.
func (m *world) elsewhere(c *kinds.Claim, here place) kinds.Match {
	answer := kinds.MatchNo
	for _, o := range c.Siblings {
		if o == c {
			continue
		}
		there := m.place(o)
		switch {
		case there.how == anywhere, there.zone != "" && here.zone != "" && there.zone != here.zone:
			return kinds.MatchYes
		case there.zone == "" || here.zone == "":
			answer = kinds.MatchUnknown
		}
	}
	if len(c.Siblings) > 1 && m.podZones(c) > 1 {
		return kinds.MatchYes
	}
	// A template makes a claim for each replica: none of them was seen.
	if c.Object == nil && len(c.Uses) > 0 && c.Uses[0].Workload.DesiredReplicas() > 1 {
		return kinds.MatchUnknown
	}
	return answer
}

// podZones counts the zones that the pods of the claim's workloads stand in, as far as they are known.
func (m *world) podZones(c *kinds.Claim) int {
	zones := map[string]bool{}
	for _, u := range c.Uses {
		for _, p := range u.Workload.Pods {
			if n := p.Object.Spec.NodeName; n != "" && kinds.Runs(p.Object) {
				if z := m.zoneOf[n]; z != "" {
					zones[z] = true
				}
			}
		}
	}
	return len(zones)
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return p == name || ok && err == nil
	})
}
