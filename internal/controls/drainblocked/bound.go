package drainblocked

import (
	"math"

	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
)

// A bound is what a budget says: how many pods must stay, or how many may go.
type bound struct {
	field string // minAvailable or maxUnavailable; empty: neither, and Kubernetes then lets nothing go
	text  string // as written, with its field
	value intstr.IntOrString
}

// boundOf reads a budget's bound. wrong is the field for which the API server refuses the budget: both fields, a
// number in quotes, a number below 0, a percentage above 100 (Kubernetes, validation of PodDisruptionBudgetSpec).
func boundOf(s *policyv1.PodDisruptionBudgetSpec) (b bound, wrong string) {
	switch {
	case s.MinAvailable != nil && s.MaxUnavailable != nil:
		return b, "minAvailable, maxUnavailable"
	case s.MinAvailable != nil:
		b = bound{field: "minAvailable", value: *s.MinAvailable}
	case s.MaxUnavailable != nil:
		b = bound{field: "maxUnavailable", value: *s.MaxUnavailable}
	default:
		return b, ""
	}
	b.text = b.field + ": " + b.value.String()
	if b.value.Type == intstr.Int && b.value.IntVal < 0 ||
		b.value.Type == intstr.String && (len(validation.IsValidPercent(b.value.StrVal)) > 0 || b.share(100) > 100) {
		return b, b.text
	}
	return b, ""
}

// share is the bound's part of n pods. Kubernetes rounds up, for both fields.
func (b bound) share(n int32) int32 {
	v, err := intstr.GetScaledValueFromIntOrPercent(&b.value, int(n), true)
	if err != nil || v > math.MaxInt32 {
		return math.MaxInt32
	}
	return int32(v)
}

// never reports a bound that lets nothing go, however many pods there are: 0, 0 % or, of those that stay, 100 %.
func (b bound) never() bool {
	if b.field == "maxUnavailable" {
		return b.share(100) == 0
	}
	return b.value.Type == intstr.String && b.share(100) == 100
}

// needsScale reports a bound that Kubernetes reckons from the scale of the pods' owners: every one but a plain
// minAvailable, which it compares with the pods themselves.
func (b bound) needsScale() bool {
	return b.field == "maxUnavailable" || b.value.Type == intstr.String
}

// needed is how many pods must stay when their owners ask for scale pods together.
func (b bound) needed(scale int32) int32 {
	if b.field == "maxUnavailable" {
		return max(0, scale-b.share(scale))
	}
	return b.share(scale)
}
