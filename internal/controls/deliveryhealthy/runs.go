package deliveryhealthy

import (
	"cmp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// phases are how a build stands (github.com/openshift/api, build/v1, BuildPhase).
var phases = map[string]ending{
	"": untold, "New": underWay, "Pending": underWay, "Running": underWay,
	"Complete": succeeded, "Failed": failed, "Error": failed, "Cancelled": cancelled,
}

// build reads a build. One that no BuildConfig made is a line of its own.
func build(ref inventory.Ref, b *kinds.Build) runOf {
	r := runOf{line: ref, name: ref.Name, number: b.Number(), begun: b.Begun(), ending: phases[b.Status.Phase]}
	if config := b.Config(); config != "" {
		r.line.Kind, r.line.Name = "BuildConfig", config
	}
	r.why, r.path = cmp.Or(b.Status.Reason, b.Status.Phase), []any{"status", "phase"}
	return r
}

// pipelineRun reads a run of a pipeline.
func pipelineRun(ref inventory.Ref, p *kinds.PipelineRun) runOf {
	r := runOf{line: pipelineOf(ref, p), name: ref.Name, begun: p.Begun()}
	i := kinds.ConditionAt(p.Status.Conditions, "Succeeded")
	if i < 0 {
		if p.Status.StartTime != nil {
			r.ending = underWay
		}
		return r
	}
	c := p.Status.Conditions[i]
	r.why, r.path = cmp.Or(c.Reason, "Failed"), []any{"status", "conditions", i}
	switch c.Status {
	case metav1.ConditionTrue:
		r.ending = succeeded
	case metav1.ConditionFalse:
		r.ending = failed
		if stopped(c.Reason) {
			r.ending = cancelled
		}
	default:
		r.ending = underWay
	}
	return r
}

// stopped reports a run that a person or a newer run ended (tektoncd/pipeline, PipelineRunReason; the longer form is
// that of its versions before 0.25).
func stopped(reason string) bool {
	return reason == "Cancelled" || reason == "PipelineRunCancelled" || strings.HasPrefix(reason, "CancelledRunning") || strings.HasPrefix(reason, "StoppedRunning")
}

// pipelineOf names what is run again and again: the pipeline that the run refers to; for Pipelines as Code, the run in
// Git that it was made from; else what its generated name begins with; else itself.
func pipelineOf(ref inventory.Ref, p *kinds.PipelineRun) inventory.Ref {
	if r := p.Spec.PipelineRef; r != nil && r.Name != "" {
		ref.Kind, ref.Name = "Pipeline", r.Name
		return ref
	}
	const inGit = "pipelinesascode.tekton.dev/original-prname"
	ref.Name = cmp.Or(p.Labels[inGit], p.Annotations[inGit], p.GenerateName, ref.Name)
	return ref
}

// application judges an application of Argo CD: it fails where it is neither as Git has it nor healthy. Where only one
// of the two is wrong, the delivery works, and the pass says which: it waits for a sync, or what it delivered is unwell.
func application(s control.Subject, a *kinds.Application) {
	sync, health := a.Status.Sync.Status, a.Status.Health.Status
	v := control.Values{"sync": cmp.Or(sync, "-"), "health": cmp.Or(health, "-")}
	synced, healthy := sync == "Synced", health == "Healthy"
	switch {
	case sync == "" && health == "":
		s.Unknown("no-status", nil)
	case synced && healthy:
		s.Pass()
	case healthy:
		s.At("status", "sync", "status").PassAs("not-synced", v)
	case synced:
		s.At("status", "health", "status").PassAs("not-healthy", v)
	case a.Status.OperationState.Phase == "Running":
		s.Unknown("sync-under-way", v)
	default:
		s.At("status", "sync", "status").Fail("neither-synced-nor-healthy", v)
	}
}
