package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// world is what the rules follow from.
type world struct {
	pods       []*corev1.Pod
	namespaces []*corev1.Namespace
	policies   []*netv1.NetworkPolicy
}

// rules writes the table of nftables, by the meaning that the API gives to a NetworkPolicy (k8s.io/api/networking/v1,
// and "Network Policies" of Kubernetes' documentation): a pod that a policy selects for a direction is closed in it but
// for what one of its policies allows; the node itself reaches its pods, and a pod itself.
func (w world) rules() string {
	var chains, in, out strings.Builder
	pods := w.networked()
	for _, p := range pods {
		ip := p.Status.PodIP
		for direction, m := range map[netv1.PolicyType]*strings.Builder{netv1.PolicyTypeIngress: &in, netv1.PolicyTypeEgress: &out} {
			rules, isolated := w.allowed(p, direction)
			if !isolated {
				continue
			}
			chain := strings.ToLower(string(direction)) + "_" + strings.ReplaceAll(ip, ".", "_")
			fmt.Fprintf(&chains, "  chain %s {\n", chain)
			for _, r := range rules {
				fmt.Fprintf(&chains, "    %s\n", r)
			}
			chains.WriteString("    meta l4proto tcp reject with tcp reset\n    reject with icmp type admin-prohibited\n  }\n")
			fmt.Fprintf(m, "%s : jump %s, ", ip, chain)
		}
	}
	var b strings.Builder
	b.WriteString("table ip vigie_policy\ndelete table ip vigie_policy\ntable ip vigie_policy {\n")
	b.WriteString(chains.String())
	vmap := func(field string, entries *strings.Builder) string {
		if entries.Len() == 0 {
			return ""
		}
		return fmt.Sprintf("    ip %s vmap { %s}\n", field, entries.String())
	}
	b.WriteString("  chain forward {\n    type filter hook forward priority filter; policy accept;\n    ct state established,related accept\n")
	for _, p := range pods {
		fmt.Fprintf(&b, "    ip saddr %[1]s ip daddr %[1]s accept\n", p.Status.PodIP)
	}
	b.WriteString(vmap("saddr", &out) + vmap("daddr", &in) + "  }\n")
	// To the node itself, where the API server is: only what leaves a pod is judged there.
	b.WriteString("  chain input {\n    type filter hook input priority filter; policy accept;\n    ct state established,related accept\n")
	b.WriteString(vmap("saddr", &out) + "  }\n}\n")
	return b.String()
}

// networked are the pods with an address of their own, in the order of their addresses.
func (w world) networked() []*corev1.Pod {
	var out []*corev1.Pod
	for _, p := range w.pods {
		if p.Status.PodIP != "" && !p.Spec.HostNetwork && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *corev1.Pod) int { return cmp.Compare(a.Status.PodIP, b.Status.PodIP) })
	return out
}

// allowed are the rules that let traffic of a direction through for a pod, and whether any policy closes it.
func (w world) allowed(p *corev1.Pod, direction netv1.PolicyType) (rules []string, isolated bool) {
	for _, np := range w.policies {
		if np.Namespace != p.Namespace || !matches(&np.Spec.PodSelector, p.Labels) || !slices.Contains(types(np), direction) {
			continue
		}
		isolated = true
		switch direction {
		case netv1.PolicyTypeIngress:
			for _, r := range np.Spec.Ingress {
				rules = append(rules, w.rule("saddr", np.Namespace, r.From, r.Ports, p)...)
			}
		case netv1.PolicyTypeEgress:
			for _, r := range np.Spec.Egress {
				rules = append(rules, w.rule("daddr", np.Namespace, r.To, r.Ports, nil)...)
			}
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules), isolated
}

// types are the directions of a policy: where it names none, ingress, and egress where it has a rule of it.
func types(np *netv1.NetworkPolicy) []netv1.PolicyType {
	if len(np.Spec.PolicyTypes) > 0 {
		return np.Spec.PolicyTypes
	}
	if len(np.Spec.Egress) > 0 {
		return []netv1.PolicyType{netv1.PolicyTypeIngress, netv1.PolicyTypeEgress}
	}
	return []netv1.PolicyType{netv1.PolicyTypeIngress}
}

// A peer is one side that a rule lets through: a match of nftables, and the pod where it is one.
type peer struct {
	match string
	pod   *corev1.Pod
}

// rule writes one rule of a policy. target is the pod whose named ports count; for egress it is each peer itself.
func (w world) rule(field, namespace string, froms []netv1.NetworkPolicyPeer, ports []netv1.NetworkPolicyPort, target *corev1.Pod) []string {
	peers := []peer{}
	if len(froms) == 0 {
		peers = append(peers, peer{})
		if target == nil { // a named port of anybody: each pod by itself
			for _, p := range w.networked() {
				peers = append(peers, peer{"ip daddr " + p.Status.PodIP, p})
			}
		}
	}
	for _, f := range froms {
		if b := f.IPBlock; b != nil {
			if !strings.Contains(b.CIDR, ":") {
				match := "ip " + field + " " + b.CIDR
				if len(b.Except) > 0 {
					match += " ip " + field + " != { " + strings.Join(b.Except, ", ") + " }"
				}
				peers = append(peers, peer{match, nil})
			}
			continue
		}
		for _, p := range w.selected(namespace, f) {
			peers = append(peers, peer{"ip " + field + " " + p.Status.PodIP, p})
		}
	}
	var out []string
	for _, pr := range peers {
		whose := target
		if whose == nil {
			whose = pr.pod
		}
		for _, match := range portMatches(ports, whose) {
			// return: this direction is open, the other one is still to be looked at.
			out = append(out, strings.TrimSpace(strings.Join(strings.Fields(pr.match+" "+match), " ")+" return"))
		}
	}
	return out
}

// selected are the pods that a peer of a policy means.
func (w world) selected(namespace string, f netv1.NetworkPolicyPeer) []*corev1.Pod {
	in := map[string]bool{}
	for _, ns := range w.namespaces {
		in[ns.Name] = f.NamespaceSelector == nil && ns.Name == namespace || f.NamespaceSelector != nil && matches(f.NamespaceSelector, ns.Labels)
	}
	var out []*corev1.Pod
	for _, p := range w.networked() {
		if in[p.Namespace] && (f.PodSelector == nil || matches(f.PodSelector, p.Labels)) {
			out = append(out, p)
		}
	}
	return out
}

// portMatches are the matches of a rule's ports; none where it names a port that the pod does not have.
func portMatches(ports []netv1.NetworkPolicyPort, p *corev1.Pod) []string {
	if len(ports) == 0 {
		return []string{""}
	}
	var out []string
	for _, pp := range ports {
		protocol := corev1.ProtocolTCP
		if pp.Protocol != nil {
			protocol = *pp.Protocol
		}
		name := strings.ToLower(string(protocol))
		switch {
		case pp.Port == nil:
			out = append(out, "meta l4proto "+name)
		case pp.Port.Type == intstr.Int && pp.EndPort != nil:
			out = append(out, fmt.Sprintf("%s dport %d-%d", name, pp.Port.IntVal, *pp.EndPort))
		case pp.Port.Type == intstr.Int:
			out = append(out, fmt.Sprintf("%s dport %d", name, pp.Port.IntVal))
		case p != nil:
			for _, n := range named(p, pp.Port.StrVal, protocol) {
				out = append(out, fmt.Sprintf("%s dport %d", name, n))
			}
		}
	}
	return out
}

// named are the numbers of a pod's ports of a name.
func named(p *corev1.Pod, name string, protocol corev1.Protocol) []int32 {
	var out []int32
	for _, c := range slices.Concat(p.Spec.InitContainers, p.Spec.Containers) {
		for _, cp := range c.Ports {
			if cp.Name == name && cmp.Or(cp.Protocol, corev1.ProtocolTCP) == protocol {
				out = append(out, cp.ContainerPort)
			}
		}
	}
	return out
}

func matches(s *metav1.LabelSelector, set map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(labels.Set(set)) // the API server admits no selector that is wrong
}
