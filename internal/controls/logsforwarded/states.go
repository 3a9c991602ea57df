package logsforwarded

import (
	"fmt"
	"strings"

	"vigie/internal/kinds"
)

// A health is what the conditions of a forwarder come to, worst first.
type health uint8

const (
	broken  health = iota // the operator says that it does not work
	unclear               // nobody says
	working
)

// An outcome is a health, and why it is not working.
type outcome struct {
	health health
	reason string
}

var (
	good    = outcome{health: working}
	silent  = outcome{unclear, "state-unclear"}
	unready = outcome{broken, "not-ready"}
	invalid = outcome{broken, "not-valid"}
	barred  = outcome{broken, "not-authorized"}
)

// A rule says what each status of a condition means. The statuses of a condition are True, False, Unknown, and that it
// is absent; what is none of the first three counts as Unknown.
type rule struct {
	legacy    bool   // of logging.openshift.io
	part      bool   // of a pipeline, input, output or filter; else of the whole
	condition string // its type, without a group

	onTrue, onFalse, onUnknown, onAbsent outcome
}

// rules are the conditions that count, first the ones that explain the others. Sources: openshift/cluster-logging-operator,
// api/observability/v1/conditions.go and internal/controller/observability (Ready, Valid and Authorized are always
// written; Valid sums up the parts), api/logging/v1/conditions.go and internal/validations/clusterlogforwarder (Ready is
// always written; Validation, Degraded and CollectorDeadEnd stand there when something is wrong). Other conditions, such
// as LogLevel, say nothing of whether logs flow.
var rules = []rule{
	{false, false, "Authorized", good, barred, silent, silent},
	{false, false, "Valid", good, invalid, silent, silent},
	{false, false, "Ready", good, unready, silent, silent},
	{false, true, "ValidInput", good, invalid, silent, good},
	{false, true, "ValidOutput", good, invalid, silent, good},
	{false, true, "ValidFilter", good, invalid, silent, good},
	{false, true, "ValidPipeline", good, invalid, silent, good},

	{true, false, "Validation", invalid, good, silent, good},
	{true, false, "Ready", good, unready, silent, silent},
	{true, false, "Degraded", unready, good, silent, good},
	{true, false, "CollectorDeadEnd", unready, good, silent, good},
	{true, true, "Validation", invalid, good, silent, good},
	{true, true, "Ready", good, invalid, silent, good},
}

// on is what the rule says of a status; empty: the condition is absent.
func (r *rule) on(status string) outcome {
	switch status {
	case "True":
		return r.onTrue
	case "False":
		return r.onFalse
	case "":
		return r.onAbsent
	}
	return r.onUnknown
}

// A state is what the conditions of a forwarder, or of one of its pipelines, come to.
type state struct {
	outcome
	conditions []string // those that say so, as "Type=Status (Reason)"
}

// worse is the worse of two states, the first where they are equal.
func worse(a, b state) state {
	if b.health < a.health {
		return b
	}
	return a
}

// stateOf is the state of the forwarder as a whole.
func stateOf(f *kinds.Forwarder) state {
	switch {
	case f.Object.ManagementState == "Unmanaged":
		return state{outcome: outcome{unclear, "unmanaged"}}
	case len(f.Conditions) == 0 && len(f.Parts) == 0:
		return state{outcome: outcome{unclear, "no-status"}}
	}
	return judge(f, f.Conditions, false)
}

// pipelineState is the state of one pipeline with what it joins.
func pipelineState(f *kinds.Forwarder, i int) state {
	p := f.Object.Pipelines[i]
	parts := []string{"pipeline " + f.PipelineName(i)}
	for kind, refs := range map[string][]string{"input": p.InputRefs, "output": p.OutputRefs, "filter": p.FilterRefs} {
		for _, ref := range refs {
			parts = append(parts, kind+" "+ref)
		}
	}
	out := state{outcome: good}
	for _, part := range parts {
		if cs := f.Parts[part]; len(cs) > 0 {
			out = worse(out, judge(f, cs, true))
		}
	}
	return out
}

// judge applies the rules to the conditions of the whole or of one part. A status that was written for an older
// generation says nothing of this one.
func judge(f *kinds.Forwarder, conditions []kinds.ForwarderCondition, part bool) state {
	out := state{outcome: good}
	for i := range rules {
		r := &rules[i]
		if r.legacy != f.Legacy || r.part != part {
			continue
		}
		c := find(conditions, r.condition)
		next := r.on(c.Status)
		if c.ObservedGeneration > 0 && c.ObservedGeneration < f.Generation {
			next = outcome{unclear, "status-old"}
		}
		switch {
		case next.health == working:
		case next.health < out.health:
			out = state{next, []string{shown(r.condition, c)}}
		case next == out.outcome:
			out.conditions = append(out.conditions, shown(r.condition, c))
		}
	}
	return out
}

// find gives the condition of the type, an empty one where there is none.
func find(conditions []kinds.ForwarderCondition, kind string) (c kinds.ForwarderCondition) {
	for _, c := range conditions {
		if c.Type == kind {
			return c
		}
	}
	return c
}

func shown(kind string, c kinds.ForwarderCondition) string {
	if c.Status == "" {
		return kind + "=?"
	}
	if c.Reason == "" {
		return kind + "=" + c.Status
	}
	return fmt.Sprintf("%s=%s (%s)", kind, c.Status, c.Reason)
}

func (s state) shownConditions() string {
	if len(s.conditions) == 0 {
		return "-"
	}
	return strings.Join(s.conditions, ", ")
}
