// Package logsforwarded checks that a pipeline of a ClusterLogForwarder that works collects the logs of the namespace's
// workloads.
package logsforwarded

import (
	"embed"
	"slices"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "logs-forwarded",
	Version:  1,
	Clauses:  []string{"MCS.LOG.T1", "MCS.LOG.R1"},
	Scope:    control.Namespace,
	Severity: control.High,
	Needs:    kinds.LogForwarderInputs,
	Wants:    kinds.WorkloadInputs,
	Reasons: []control.Reason{
		{Key: "not-covered", Verdict: control.Fail},
		{Key: "workload-not-covered", Verdict: control.Fail},
		{Key: "not-authorized", Verdict: control.Fail},
		{Key: "not-valid", Verdict: control.Fail},
		{Key: "not-ready", Verdict: control.Fail},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "state-unclear", Verdict: control.Unknown},
		{Key: "status-old", Verdict: control.Unknown},
		{Key: "unmanaged", Verdict: control.Unknown},
		{Key: "elsewhere", Verdict: control.Unknown},
		{Key: "namespace-not-named", Verdict: control.Unknown},
		{Key: "not-openshift", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	x := kinds.Forwarders.In(e.View)
	for _, f := range x.In(e.Space()) {
		forwarder(e, f)
	}
	if !e.Space().IsCluster() {
		namespace(e, x)
	}
}

// forwarder judges a forwarder where it stands, whatever it collects from: a fault of it is one finding, and the
// namespaces that miss it are another matter.
func forwarder(e *control.Eval, f *kinds.Forwarder) {
	s := control.On(e, f.Item)
	whole := stateOf(f)
	collects := false
	for i := range f.Object.Pipelines {
		if !f.Application(i) {
			continue
		}
		collects = true
		if whole.health == working {
			p := s.Part("pipeline", f.PipelineName(i)).At("spec", "pipelines", i)
			say(p, pipelineState(f, i), f, nil)
		}
	}
	switch {
	case !collects:
		s.NotApplicable()
	case whole.health != working:
		say(s.At("status", "conditions"), whole, f, nil)
	}
}

// say gives the verdict that a state comes to. A failure stands only where no other forwarder can be hidden.
func say(s control.Subject, st state, f *kinds.Forwarder, unseen []inventory.Space) {
	v := control.Values{"forwarder": f.Ref.Path(), "conditions": st.shownConditions()}
	switch {
	case st.health == working:
		s.Pass()
	case st.health == unclear:
		s.Unknown(st.reason, v)
	case len(unseen) > 0:
		s.Unknown("elsewhere", control.Values{"namespaces": names(unseen)})
	default:
		s.Fail(st.reason, v)
	}
}

// A candidate is a pipeline that collects something of the namespace.
type candidate struct {
	scope kinds.LogScope
	state state
	of    *kinds.Forwarder
}

func candidates(x *kinds.ForwarderIndex, namespace string) (out []candidate) {
	for _, f := range x.For(namespace) {
		for i := range f.Object.Pipelines {
			scope := f.ScopeOf(i, namespace)
			if scope.None() {
				continue
			}
			st := worse(stateOf(f), pipelineState(f, i))
			if scope.Unsure && st.health == working {
				st = state{outcome: outcome{unclear, "namespace-not-named"}}
			}
			out = append(out, candidate{scope, st, f})
		}
	}
	// The best first, so that what is said is said of it.
	slices.SortStableFunc(out, func(a, b candidate) int { return int(b.state.health) - int(a.state.health) })
	return out
}

func namespace(e *control.Eval, x *kinds.ForwarderIndex) {
	whole := e.OnRef(inventory.Ref{Kind: "Namespace", Name: e.Space().Namespace, Root: e.Space().Root})
	ws := workloads(e)
	if len(ws) == 0 {
		// Nothing runs, there is nothing to collect; the gaps of the forwarders' own lists are said by the engine.
		if !e.Whole(kinds.WorkloadInputs...) && e.Whole(kinds.LogForwarderInputs...) {
			whole.Unknown(control.ReasonGap, nil, kinds.WorkloadInputs...)
		}
		return
	}
	found := candidates(x, e.Space().Namespace)
	if len(found) > 0 && found[0].state.health == working && found[0].scope.All() {
		whole.Pass()
		return
	}
	best := make([]*candidate, len(ws))
	same := true
	for i, w := range ws {
		best[i] = covering(found, w)
		same = same && alike(best[i], best[0])
	}
	switch {
	case !same:
		for i, w := range ws {
			verdict(e, control.On(e, w.Item()), best[i], x, "workload-not-covered", kinds.PodLists(w))
		}
	default:
		verdict(e, whole, best[0], x, "not-covered", kinds.WorkloadInputs)
	}
}

// alike reports two pipelines, or none, that come to the same verdict.
func alike(a, b *candidate) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.state.outcome == b.state.outcome
}

// verdict says what the best pipeline that collects the subject comes to; nil: none does. A pipeline that chooses among
// pods and containers proves nothing of those that could not be read: lists are where they are found.
func verdict(e *control.Eval, s control.Subject, best *candidate, x *kinds.ForwarderIndex, none string, lists []inventory.Input) {
	switch {
	case best != nil && best.state.health == working && kinds.Blind(e.View, lists...):
		s.Unknown(control.ReasonGap, nil, lists...)
	case best != nil:
		say(s, best.state, best.of, x.Unseen)
	case !e.Whole(kinds.LogForwarderInputs...):
		// Said once, by the engine, of the namespace.
	case len(x.Unseen) > 0:
		s.Unknown("elsewhere", control.Values{"namespaces": names(x.Unseen)})
	case e.Platform != control.OpenShift && !x.Any():
		s.Unknown("not-openshift", nil) // something else collects there, or nothing: no object read here tells
	default:
		s.Fail(none, nil)
	}
}

func workloads(e *control.Eval) (out []*kinds.Workload) {
	for _, w := range kinds.Workloads.In(e.View) {
		if !w.Platform && len(w.Containers()) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// covering gives the pipeline whose state decides for the workload: the worst of the best that its containers need. nil:
// a container of it is collected by none.
func covering(found []candidate, w *kinds.Workload) (out *candidate) {
	sets := w.PodLabelSets()
	for _, c := range w.Containers() {
		if c.Ephemeral() {
			continue
		}
		for _, set := range sets {
			i := slices.IndexFunc(found, func(f candidate) bool { return f.scope.Unsure || f.scope.Collects(set, c.Name) })
			if i < 0 {
				return nil
			}
			if out == nil || found[i].state.health < out.state.health {
				out = &found[i]
			}
		}
	}
	return out
}

const shownNamespaces = 5

// names lists a few of the spaces.
func names(spaces []inventory.Space) (out []string) {
	for _, s := range spaces[:min(len(spaces), shownNamespaces)] {
		name := s.Namespace
		if name == "" {
			name = "(" + s.Root + ")"
		}
		out = append(out, name)
	}
	return out
}
