package drainblocked

import (
	"testing"

	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"vigie/internal/control/controltest"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

func TestBound(t *testing.T) {
	for _, c := range []struct {
		minAvailable, maxUnavailable string
		scale, needed                int32
		never                        bool
	}{
		{minAvailable: "1", scale: 3, needed: 1},
		{minAvailable: "0", scale: 3, needed: 0},
		{minAvailable: "0%", scale: 3, needed: 0},
		{minAvailable: "50%", scale: 1, needed: 1},
		{minAvailable: "50%", scale: 2, needed: 1},
		{minAvailable: "50%", scale: 3, needed: 2},
		{minAvailable: "99%", scale: 99, needed: 99},
		{minAvailable: "99%", scale: 100, needed: 99},
		{minAvailable: "100%", scale: 7, needed: 7, never: true},
		{maxUnavailable: "0", scale: 3, needed: 3, never: true},
		{maxUnavailable: "0%", scale: 3, needed: 3, never: true},
		{maxUnavailable: "1%", scale: 3, needed: 2},
		{maxUnavailable: "34%", scale: 3, needed: 1},
		{maxUnavailable: "5", scale: 3, needed: 0},
		{maxUnavailable: "100%", scale: 3, needed: 0},
	} {
		b, wrong := boundOf(spec(c.minAvailable, c.maxUnavailable))
		if wrong != "" {
			t.Errorf("%+v: refused: %s", c, wrong)
		}
		if got := b.needed(c.scale); got != c.needed {
			t.Errorf("%s at %d: %d needed, want %d", b.text, c.scale, got, c.needed)
		}
		if b.never() != c.never {
			t.Errorf("%s: never = %t, want %t", b.text, b.never(), c.never)
		}
	}
}

func TestRefused(t *testing.T) {
	quoted := intstr.FromString("1")
	for name, s := range map[string]*policyv1.PodDisruptionBudgetSpec{
		"both":             spec("1", "1"),
		"below 0":          spec("-1", ""),
		"above 100 %":      spec("", "101%"),
		"beyond any int":   spec("999999999999%", ""),
		"a broken percent": spec("", "1.5%"),
		"a negative share": spec("-5%", ""),
		"a quoted number":  {MinAvailable: &quoted},
	} {
		if _, wrong := boundOf(s); wrong == "" {
			t.Errorf("%s: accepted", name)
		}
	}
}

func spec(minAvailable, maxUnavailable string) *policyv1.PodDisruptionBudgetSpec {
	of := func(text string) *intstr.IntOrString {
		if text == "" {
			return nil
		}
		v := intstr.Parse(text)
		return &v
	}
	return &policyv1.PodDisruptionBudgetSpec{MinAvailable: of(minAvailable), MaxUnavailable: of(maxUnavailable)}
}
