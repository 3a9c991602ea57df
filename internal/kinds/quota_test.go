package kinds_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

const quotaPod = `{
  "activeDeadlineSeconds": 60, "priorityClassName": "high", "overhead": {"cpu": "50m", "memory": "10Mi"},
  "initContainers": [
    {"name": "side", "restartPolicy": "Always", "resources": {"requests": {"cpu": "100m", "memory": "32Mi"}}},
    {"name": "init", "resources": {"requests": {"cpu": "2", "memory": "16Mi"}, "limits": {"cpu": "2"}}}
  ],
  "containers": [
    {"name": "a", "resources": {"requests": {"cpu": "200m", "memory": "64Mi", "example.test/gpu": "1"}, "limits": {"cpu": "1", "memory": "128Mi"}}},
    {"name": "b", "resources": {"requests": {"cpu": "300m"}, "limits": {"cpu": "500m", "memory": "64Mi"}}}
  ]
}`

// TestNeedOf: the sum of what runs together, or an init container with the sidecars before it where that is more.
func TestNeedOf(t *testing.T) {
	var s corev1.PodSpec
	if err := kinds.Decode([]byte(quotaPod), &s); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[corev1.ResourceName]struct {
		quantity         string
		counted, missing bool
	}{
		"pods": {"1", true, false}, "count/pods": {"1", true, false},
		"requests.cpu":               {"2150m", true, false}, // 100m + 2 of the init container, and the overhead
		"cpu":                        {"2150m", true, false},
		"requests.memory":            {"170Mi", true, false}, // 32 + 64 + 64 (from b's limit) + 10
		"limits.cpu":                 {"2050m", true, true},  // the sidecar has no limit
		"requests.example.test/gpu":  {"1", true, false},
		"requests.ephemeral-storage": {"0", true, false},
		"requests.storage":           {"0", false, false},
		"gold.storageclass.storage.k8s.io/requests.storage": {"0", false, false},
		"services.loadbalancers":                            {"0", false, false},
		"count/deployments.apps":                            {"0", false, false},
	} {
		got := kinds.NeedOf(&s, corev1.ResourceRequirements{}, name)
		if got.Quantity.String() != want.quantity || got.Counted != want.counted || got.Missing != want.missing {
			t.Errorf("%s: %s %v %v, want %v", name, got.Quantity.String(), got.Counted, got.Missing, want)
		}
	}
}

// TestScoped: which quotas count the pod.
func TestScoped(t *testing.T) {
	var s corev1.PodSpec
	if err := kinds.Decode([]byte(quotaPod), &s); err != nil {
		t.Fatal(err)
	}
	for scope, want := range map[string][2]bool{
		`{}`:                             {true, true},
		`{"scopes": ["Terminating"]}`:    {true, true},
		`{"scopes": ["NotTerminating"]}`: {false, true},
		`{"scopes": ["BestEffort"]}`:     {false, true},
		`{"scopes": ["NotBestEffort", "Terminating"]}`: {true, true},
		`{"scopes": ["PriorityClass"]}`:                {true, true},
		`{"scopes": ["CrossNamespacePodAffinity"]}`:    {false, true},
		`{"scopes": ["VolumeAttributesClass"]}`:        {false, false},
		`{"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["high", "top"]}]}}`: {true, true},
		`{"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "NotIn", "values": ["high"]}]}}`:     {false, true},
		`{"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "DoesNotExist"}]}}`:                  {false, true},
		`{"scopeSelector": {"matchExpressions": [{"scopeName": "Terminating", "operator": "Exists"}]}}`:                          {true, true},
	} {
		var spec corev1.ResourceQuotaSpec
		if err := kinds.Decode([]byte(scope), &spec); err != nil {
			t.Fatal(err)
		}
		q := kinds.Quota{Item: inventory.Item[corev1.ResourceQuotaSpec]{Object: &spec}}
		counts, known := q.Scoped(&s, corev1.ResourceRequirements{})
		if [2]bool{counts, known} != want {
			t.Errorf("%s: %v %v, want %v", scope, counts, known, want)
		}
	}
}
