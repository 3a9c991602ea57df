package render

import (
	"encoding/base64"
	"strings"
	"testing"
)

func overlays() map[string]string {
	return map[string]string{
		"base/kustomization.yaml": "resources:\n- web.yaml\n- more.yaml\n",
		"base/web.yaml":           "# the web\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n      - name: app\n        image: app:1\n        env:\n        - name: MODE\n          value: base\n",
		"base/more.yaml":          "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web-admin\n",
		"comp/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [budget.yaml]\n",
		"comp/budget.yaml":        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n",
		"over/prod/kustomization.yml": "resources: [../../base]\ncomponents: [../../comp]\nnamePrefix: prod-\nnamespace: shop\npatches:\n- path: replicas.yaml\nimages:\n- {name: app, newTag: \"2\"}\n" +
			"secretGenerator:\n- name: keys\n  literals: [password=Hunter2-Q8]\nconfigMapGenerator:\n- name: settings\n  files: [app.properties]\n",
		"over/prod/replicas.yaml":      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
		"over/prod/app.properties":     "a=b\n",
		"over/test/kustomization.yaml": "resources: [../../base]\npatchesStrategicMerge:\n- |-\n  apiVersion: v1\n  kind: Service\n  metadata: {name: web-admin}\n  $patch: delete\n",
		"over/test/loose.yaml":         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: loose}\n",
		"empty/kustomization.yaml":     "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n",
	}
}

// TestOverlays renders each overlay by itself, its base in it, and points to where things stand.
func TestOverlays(t *testing.T) {
	dir := tree(t, overlays())
	s := check(t, renderer(t, Options{}), dir)
	_, settings := s.docWith(t, "prod-settings-", "ConfigMap")
	_, keys := s.docWith(t, "prod-keys-", "Secret")
	for i := range s.lines { // without the digest behind a generated name
		for _, o := range []map[string]any{settings, keys} {
			name := o["metadata"].(map[string]any)["name"].(string)
			s.lines[i] = strings.ReplaceAll(s.lines[i], name, name[:strings.LastIndex(name, "-")])
		}
	}
	want(t, s,
		"base/more.yaml:1 Service /web",
		"base/more.yaml:1 Service shop/prod-web",
		"base/more.yaml:6 Service shop/prod-web-admin",
		"base/web.yaml:2 Deployment /web",
		"base/web.yaml:2 Deployment shop/prod-web",
		"comp/budget.yaml:1 PodDisruptionBudget shop/prod-web",
		"over/prod/kustomization.yml:10 Secret shop/prod-keys",
		"over/prod/kustomization.yml:13 ConfigMap shop/prod-settings",
		"over/test/loose.yaml:1 ConfigMap /loose",
	)
	if got := keys["data"].(map[string]any)["password"]; got != base64.StdEncoding.EncodeToString([]byte("Hunter2-Q8")) {
		t.Errorf("the generated secret holds %v", got)
	}
	d, _ := s.docWith(t, "prod-web", "Deployment")
	if strings.Contains(string(d.JSON), "config.kubernetes.io/origin") || strings.Contains(string(d.JSON), "annotations") {
		t.Errorf("the mark of the origin is left: %s", d.JSON)
	}
	if !strings.Contains(string(d.JSON), `app:2`) || !strings.Contains(string(d.JSON), `"replicas":3`) {
		t.Errorf("not as the overlay has it: %s", d.JSON)
	}
	if got := lineOf(d, "spec", "template", "spec", "containers", 0, "env", 0, "value"); got != 15 {
		t.Errorf("the value is said to stand in line %d of %s", got, d.File)
	}
	if got := lineOf(d, "spec", "replicas"); got != 7 {
		t.Errorf("replicas are said to stand in line %d", got)
	}
}

// TestKustomizeFaults names why a kustomization is not rendered.
func TestKustomizeFaults(t *testing.T) {
	cm := func(name string) string { return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n" }
	for _, c := range []struct {
		name, text, want string
		more             map[string]string
	}{
		{"missing", "resources: [a.yaml,\n  none.yaml]\n", "k/kustomization.yaml:2 kustomization-failed what=missing name=none.yaml", nil},
		{"above", "resources: [a.yaml, ../../../x.yaml]\n", "k/kustomization.yaml:1 kustomization-failed what=outside name=../../../x.yaml", nil},
		{"absolute", "resources: [a.yaml]\nconfigMapGenerator:\n- name: x\n  files: [passwd=/etc/passwd]\n", "k/kustomization.yaml:4 kustomization-failed what=absolute name=/etc/passwd", nil},
		{"field", "resources: [a.yaml]\nresource: [b.yaml]\n", "k/kustomization.yaml:2 kustomization-failed what=field name=resource", nil},
		{"yaml", "resources: [a.yaml\n", "k/kustomization.yaml:1 yaml-syntax what=", nil},
		{"a broken file", "resources: [a.yaml, b.yaml]\n", "k/kustomization.yaml:1 kustomization-failed what=yaml", map[string]string{"k/b.yaml": "password: {Hunter2-Q8"}},
		{"twice", "resources: [a.yaml, b.yaml]\n", "k/kustomization.yaml:1 kustomization-failed what=conflict", map[string]string{"k/b.yaml": cm("a")}},
		{"target", "resources: [a.yaml]\npatches: [{patch: \"apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: Hunter2-Q8}\\n\"}]\n", "k/kustomization.yaml:1 kustomization-failed what=target", nil},
		{"component", "resources: [comp]\n", "k/kustomization.yaml:1 kustomization-failed what=component", map[string]string{"k/comp/kustomization.yaml": "kind: Component\nnamePrefix: x-\n"}},
		{"secret files", "resources: [a.yaml]\nsecretGenerator:\n- name: s\n  files: [password=Hunter2-Q8]\n", "k/kustomization.yaml:3 kustomization-failed what=missing", nil},
		{"credentials", "resources:\n- a.yaml\n- https://me:Hunter2-Q8@git.example.com/x?token=Hunter2-Q8\n", "k/kustomization.yaml:3 kustomization-failed what=remote name=git.example.com", nil},
		{"two files", "resources: [a.yaml]\n", "k/Kustomization:1 kustomization-failed what=several", map[string]string{"k/Kustomization": "resources: [a.yaml]\n"}},
		{"a ring", "resources: [../l]\n", "k/kustomization.yaml:1 kustomization-failed what=cycle", map[string]string{"l/kustomization.yaml": "resources: [../k]\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"k/kustomization.yaml": c.text, "k/a.yaml": cm("a")}
			for name, text := range c.more {
				files[name] = text
			}
			s := check(t, renderer(t, Options{}), tree(t, files))
			all := strings.Join(s.lines, "\n")
			if !strings.Contains(all, c.want) {
				t.Errorf("%s\nwant %s", all, c.want)
			}
			if !strings.Contains(all, "k/a.yaml:1 ConfigMap /a") {
				t.Errorf("what stands there as it is was not read: %s", all)
			}
			if strings.Contains(all, "unter2") {
				t.Errorf("a value is shown: %s", all)
			}
		})
	}
}
