package kinds

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

func TestParseBlock(t *testing.T) {
	for text, want := range map[string]IDBlock{
		"1000650000/10000":      {1000650000, 1000659999},
		"1000650000-1000659999": {1000650000, 1000659999},
		" 5/1 ":                 {5, 5},
		"0/1":                   {0, 0},
	} {
		if got, ok := parseBlock(text); !ok || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "5", "5/0", "9-5", "/3", "5/"} {
		if got, ok := parseBlock(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	b := IDBlock{10, 19}
	for id, want := range map[int64]bool{9: false, 10: true, 19: true, 20: false} {
		if b.Holds(id) != want {
			t.Errorf("%d in %s: %v", id, b, !want)
		}
	}
}

func pod(name string, uid bool, phase corev1.PodPhase, containers ...string) inventory.Item[corev1.Pod] {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.PodStatus{Phase: phase}}
	if uid {
		p.UID = "u"
	}
	for _, c := range containers {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: c})
	}
	return inventory.Item[corev1.Pod]{Ref: inventory.Ref{Name: name}, Object: p}
}

func TestPodViews(t *testing.T) {
	template := &corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}}}
	path := []any{"spec", "template"}
	ended := pod("e", true, corev1.PodFailed, "app")
	leaving := pod("l", true, corev1.PodRunning, "app")
	leaving.Object.DeletionTimestamp = &metav1.Time{}
	bare := pod("b", false, "", "app")
	for name, c := range map[string]struct {
		w             Workload
		pods          int
		pod, admitted bool
	}{
		"no pods":      {Workload{Template: template, TemplatePath: path}, 1, false, false},
		"ended pods":   {Workload{Template: template, TemplatePath: path, Pods: []inventory.Item[corev1.Pod]{ended, leaving}}, 1, false, false},
		"running pods": {Workload{Template: template, TemplatePath: path, Pods: []inventory.Item[corev1.Pod]{pod("a", true, corev1.PodRunning, "app"), ended, pod("c", true, corev1.PodPending, "app")}}, 2, true, true},
		"manifest":     {Workload{Template: &corev1.PodTemplateSpec{Spec: bare.Object.Spec}, Pods: []inventory.Item[corev1.Pod]{bare}}, 1, true, false},
		"ended bare":   {Workload{Template: &corev1.PodTemplateSpec{Spec: ended.Object.Spec}, Pods: []inventory.Item[corev1.Pod]{ended}}, 1, true, true},
	} {
		views := c.w.PodViews()
		if len(views) != c.pods || views[0].Pod != c.pod || views[0].Admitted != c.admitted {
			t.Errorf("%s: %d views, pod %v, admitted %v", name, len(views), views[0].Pod, views[0].Admitted)
		}
	}
}

func TestContainerForms(t *testing.T) {
	w := Workload{
		Template:     &corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "side"}, {Name: "app"}}}},
		TemplatePath: []any{"spec", "template"},
		Pods:         []inventory.Item[corev1.Pod]{pod("a", true, "", "app", "injected"), pod("b", true, "", "app")},
	}
	forms := w.ContainerForms()
	if len(forms) != 2 || len(forms[0]) != 2 || len(forms[1]) != 1 {
		t.Fatalf("%d containers", len(forms))
	}
	// app stands second in the template, first in the pods: the path is that of the document.
	if want := []any{"spec", "template", "spec", "containers", 1}; !slices.Equal(forms[0][0].Path, want) {
		t.Errorf("path %v, want %v", forms[0][0].Path, want)
	}
	if forms[1][0].Path != nil {
		t.Errorf("an injected container has the path %v", forms[1][0].Path)
	}
}

func list(cpu, memory string) corev1.ResourceList {
	out := corev1.ResourceList{}
	if cpu != "" {
		out[corev1.ResourceCPU] = resource.MustParse(cpu)
	}
	if memory != "" {
		out[corev1.ResourceMemory] = resource.MustParse(memory)
	}
	return out
}

func same(a, b corev1.ResourceList) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v.Cmp(w) != 0 {
			return false
		}
	}
	return true
}

func TestCompleteItem(t *testing.T) {
	for name, c := range map[string]struct{ in, want corev1.LimitRangeItem }{
		"max alone":      {corev1.LimitRangeItem{Max: list("2", "")}, corev1.LimitRangeItem{Default: list("2", ""), DefaultRequest: list("2", "")}},
		"min alone":      {corev1.LimitRangeItem{Min: list("", "1Mi")}, corev1.LimitRangeItem{DefaultRequest: list("", "1Mi")}},
		"limit and min":  {corev1.LimitRangeItem{Default: list("1", ""), Min: list("10m", "")}, corev1.LimitRangeItem{Default: list("1", ""), DefaultRequest: list("1", "")}},
		"all written":    {corev1.LimitRangeItem{Default: list("1", ""), DefaultRequest: list("5m", ""), Max: list("4", "")}, corev1.LimitRangeItem{Default: list("1", ""), DefaultRequest: list("5m", "")}},
		"nothing at all": {},
	} {
		got := completeItem(c.in)
		if !same(got.Default, c.want.Default) || !same(got.DefaultRequest, c.want.DefaultRequest) {
			t.Errorf("%s: limit %v, request %v", name, got.Default, got.DefaultRequest)
		}
	}
}

func TestCompleted(t *testing.T) {
	defaults := corev1.ResourceRequirements{Limits: list("1", "1Gi"), Requests: list("100m", "64Mi")}
	for name, c := range map[string]struct{ in, want corev1.ResourceRequirements }{
		"nothing":              {want: defaults},
		"limit gives request":  {corev1.ResourceRequirements{Limits: list("", "8Mi")}, corev1.ResourceRequirements{Limits: list("1", "8Mi"), Requests: list("100m", "8Mi")}},
		"zero stays":           {corev1.ResourceRequirements{Requests: list("0", "")}, corev1.ResourceRequirements{Limits: list("1", "1Gi"), Requests: list("0", "64Mi")}},
		"request gives no max": {corev1.ResourceRequirements{Requests: list("3", "")}, corev1.ResourceRequirements{Limits: list("1", "1Gi"), Requests: list("3", "64Mi")}},
	} {
		got := Completed(c.in, defaults)
		if !same(got.Limits, c.want.Limits) || !same(got.Requests, c.want.Requests) {
			t.Errorf("%s: limits %v, requests %v", name, got.Limits, got.Requests)
		}
	}
}
