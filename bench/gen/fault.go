package gen

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// oneIn is the share of applications with a fault.
const oneIn = 10

// A fault is one ordinary mistake.
type fault struct {
	name  string
	apply func(*App)
}

// faults are used in turn, so that each is as frequent as the others.
var faults = []fault{
	{"no-requests", func(a *App) { a.Requests = false }},
	{"latest-tag", func(a *App) {
		repository, _, _ := strings.Cut(a.Image, ":")
		a.Image, a.PullPolicy = repository+":latest", "Always"
	}},
	{"budget-blocks", func(a *App) { a.BudgetField, a.BudgetValue = "minAvailable", fmt.Sprint(a.Replicas) }},
	{"no-readiness", func(a *App) { a.Readiness = false }},
	{"liveness-copies-readiness", func(a *App) { a.LivenessPath, a.LivenessThreshold = a.ReadinessPath, 3 }},
	{"root", func(a *App) { a.Root = true }},
	{"no-memory-limit", func(a *App) { a.MemoryLimit = 0 }},
	{"one-replica", func(a *App) { a.Replicas = 1 }},
	{"service-selects-nothing", func(a *App) { a.ServiceComponent = "web" }},
	{"port-name-unknown", func(a *App) { a.TargetPort = "http-web" }},
	{"scaler-without-target", func(a *App) { a.ScaleTarget = a.Name + "-old" }},
	{"policy-selects-nothing", func(a *App) { a.PolicyInstance = a.Name + "-old" }},
	{"route-without-tls", func(a *App) { a.TLS = false }},
	{"route-allows-plain", func(a *App) { a.Insecure = "Allow" }},
	{"broad-subject", func(a *App) { a.BroadSubject = true }},
	{"removed-api", func(a *App) { a.BudgetVersion = "policy/v1beta1" }},
}

// Faults names every fault that occurs.
func Faults() []string {
	names := make([]string, len(faults))
	for i, f := range faults {
		names[i] = f.name
	}
	return names
}

// faultOf gives the fault of application i, or nil: of every ten in a row exactly one has one, which one the seed says.
func faultOf(seed uint64, i int) *fault {
	block := i / oneIn
	// The block's own sequence: bit-inverted, so that it shares no stream with an application.
	if r := rand.New(rand.NewPCG(^seed, uint64(block))); r.IntN(oneIn) != i%oneIn {
		return nil
	}
	return &faults[block%len(faults)]
}
