package kinds

import (
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
)

// TestSharedMaps holds that objects with the same labels share them, that each gets its own all the same, and that what
// may hold a Secret is not kept.
func TestSharedMaps(t *testing.T) {
	read := func(labels, annotations string) *appsv1.Deployment {
		t.Helper()
		d := &appsv1.Deployment{}
		text := fmt.Sprintf(`{"metadata":{"labels":%s,"annotations":%s},"spec":{"template":{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1"}}}]}}}}`, labels, annotations)
		if err := Decode([]byte(text), d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	a, b := read(`{"app":"shared-web"}`, `{}`), read(`{"app":"shared-web"}`, `{"k":"v"}`)
	a.Labels["probe"] = "x"
	if b.Labels["probe"] != "x" {
		t.Error("equal labels are not shared")
	}
	delete(a.Labels, "probe")
	if c := read(`{"app":"shared-api"}`, `{}`); c.Labels["app"] != "shared-api" || len(c.Labels) != 1 {
		t.Errorf("other labels: %v", c.Labels)
	}
	if got := a.Spec.Template.Spec.Containers[0].Resources.Limits.Cpu().String(); got != "1" {
		t.Errorf("limit %s", got)
	}
	held := `{"` + lastApplied + `":"value"}`
	d, e := read(`{}`, held), read(`{}`, held)
	d.Annotations["probe"] = "x"
	if e.Annotations["probe"] != "" {
		t.Error("what may hold a Secret is kept")
	}
	long := `{"a":"` + strings.Repeat("x", maxShared) + `"}`
	f, g := read(long, `{}`), read(long, `{}`)
	f.Labels["probe"] = "x"
	if g.Labels["probe"] != "" {
		t.Error("a long map is kept")
	}
}

func TestWithout(t *testing.T) {
	m := map[string]string{"a": "1", "b": "2"}
	if got := without(m, func(k string) bool { return k == "a" }); len(got) != 1 || got["b"] != "2" || len(m) != 2 {
		t.Errorf("%v of %v", got, m)
	}
	if got := without(m, func(string) bool { return false }); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := without(nil, func(string) bool { return true }); got != nil {
		t.Errorf("%v of nothing", got)
	}
}

// TestErrorsSayWhere holds that what stands within a shared map is named in errors as elsewhere.
func TestErrorsSayWhere(t *testing.T) {
	err := Decode([]byte(`{"metadata":{"labels":{"a":7}}}`), &appsv1.Deployment{})
	if err == nil || err.Error() != "metadata.labels.a: want a string" {
		t.Errorf("%v", err)
	}
}
