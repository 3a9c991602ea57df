// Package probespresent checks that a container that serves traffic says when it is ready, and is not restarted for
// the same reason and as soon as it is taken out of traffic.
package probespresent

import (
	"embed"
	"slices"
	"time"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "probes-present",
	Version:  1,
	Clauses:  []string{"MCO.UPD.T1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Needs:    append(slices.Clone(kinds.WorkloadInputs), kinds.Services),
	Reasons: []control.Reason{
		{Key: "no-readiness", Verdict: control.Fail},
		{Key: "liveness-copies-readiness", Verdict: control.Fail},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	behind := kinds.BehindService.In(e.View)
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		var services []string
		for _, it := range behind[w] {
			services = append(services, "Service "+it.Ref.Name)
		}
		if w.Knative() {
			services = nil // Knative asks its own proxy whether the container is ready
		}
		for _, c := range w.Containers() {
			judge(e, w, c, services)
		}
	}
}

// judge says the verdict on one container. Every long-running container counts, sidecars too: a pod gets traffic
// when all its containers are ready, and one without a readiness probe is ready as soon as it has started.
func judge(e *control.Eval, w *kinds.Workload, c kinds.Container, services []string) {
	s := control.On(e, w.Item()).Part("container", c.Name).At(c.Path...)
	if w.OneShot || c.Init() || c.Ephemeral() {
		s.NotApplicable()
		return
	}
	ready, live := probeOf(c, c.ReadinessProbe), probeOf(c, c.LivenessProbe)
	switch {
	case ready != nil && live != nil && live.check == ready.check && live.patience <= ready.patience:
		s.Below("livenessProbe").Fail("liveness-copies-readiness", control.Values{
			"container": c.Name, "liveness": live.patience, "readiness": ready.patience,
		})
	case ready != nil:
		s.Pass()
	case len(services) > 0:
		s.Fail("no-readiness", control.Values{"container": c.Name, "services": services})
	case !w.Knative() && !e.Whole(kinds.Services):
		s.Unknown(control.ReasonGap, nil, kinds.Services)
	default:
		s.NotApplicable()
	}
}

// A probe is what a probe asks, in one form, and for how long it bears a failure.
type probe struct {
	check    string
	patience time.Duration
}
