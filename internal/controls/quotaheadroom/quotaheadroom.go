// Package quotaheadroom checks that the quotas of a namespace leave room: for what runs, and for what an autoscaler may
// ask for at its peak.
package quotaheadroom

import (
	"embed"
	"math"
	"math/big"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

const threshold = "quota-threshold"

// Control is the check.
var Control = &control.Control{
	ID:       "quota-headroom",
	Version:  1,
	Clauses:  []string{"GEN.1"},
	Scope:    control.Namespace,
	Severity: control.Medium,
	Params:   []string{threshold},
	Needs:    append(slices.Clone(kinds.QuotaInputs), kinds.HPAs),
	Wants:    append(slices.Clone(kinds.WorkloadInputs), kinds.LimitRanges),
	Reasons: []control.Reason{
		{Key: "quota-nearly-used", Verdict: control.Fail},
		{Key: "hpa-does-not-fit", Verdict: control.Fail},
		{Key: "no-status", Verdict: control.Unknown, Running: true},
		{Key: "no-request", Verdict: control.Unknown},
		{Key: "scope-not-known", Verdict: control.Unknown},
		{Key: "target-not-seen", Verdict: control.Unknown},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	quotas := kinds.Quotas.In(e.View)
	for _, q := range quotas {
		usage(e, q)
	}
	if len(quotas) > 0 {
		autoscalers(e, quotas)
	}
}

// usage judges each resource of a quota by what is used of it.
func usage(e *control.Eval, q *kinds.Quota) {
	s := control.On(e, q.Item)
	if len(q.Status.Used) == 0 {
		if len(q.Resources()) > 0 {
			s.Unknown("no-status", control.Values{"quota": q.Ref.Name})
		}
		return
	}
	for _, n := range q.Resources() {
		p := s.Part("resource", string(n)).At(append(q.Path[:len(q.Path):len(q.Path)], string(n))...)
		used, counted := q.Used(n)
		hard := q.Hard(n)
		share := e.Param(threshold)
		switch {
		case !counted:
			p.Unknown("no-status", control.Values{"quota": q.Ref.Name})
		case hard.IsZero() && used.Sign() <= 0:
			p.NotApplicable() // a ban: there is no room to keep
		case beyond(used, hard, share.Ratio()):
			p.Fail("quota-nearly-used", control.Values{
				"used": used.String(), "hard": hard.String(), "percent": percent(used, hard), "limit": share.String(),
			})
		default:
			p.Pass()
		}
	}
}

// hundredth of a percent is the step in which a share is written.
const steps = 10_000

// beyond reports used > hard * share, without rounding.
func beyond(used, hard resource.Quantity, share float64) bool {
	limit := rational(hard)
	limit.Mul(limit, big.NewRat(int64(math.Round(share*steps)), steps))
	return rational(used).Cmp(limit) > 0
}

// percent is used over hard, rounded down; of nothing, 100.
func percent(used, hard resource.Quantity) int {
	h := rational(hard)
	if h.Sign() <= 0 {
		return 100
	}
	r := rational(used)
	r.Quo(r, h).Mul(r, big.NewRat(100, 1))
	n := new(big.Int).Quo(r.Num(), r.Denom())
	return int(min(n.Int64(), math.MaxInt32))
}

func rational(q resource.Quantity) *big.Rat {
	own := q.DeepCopy() // AsDec changes what it is called on
	d := own.AsDec()
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.Scale(), -d.Scale()))), nil)
	r := new(big.Rat).SetInt(d.UnscaledBig())
	if d.Scale() > 0 {
		return r.Quo(r, new(big.Rat).SetInt(ten))
	}
	return r.Mul(r, new(big.Rat).SetInt(ten))
}

// said keeps the worst of what several quotas come to for one resource.
type said struct {
	reason string
	values control.Values
	inputs []inventory.Input
	whole  []inventory.Input // on whose absence a failure rests
	rank   int
}

// The ranks of what is said of a resource.
const (
	fits = iota
	cannotTell
	doesNotFit
)
