package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// made makes a value that belongs to nothing, of a kind that real secrets have. It is put together here so that no
// line of the repository looks like a secret.
func made(kind string, i int) string {
	body := fmt.Sprintf("Q%02dzv8Kp2Lw%dRt7Xn4Bd9Hs", i, 1000+i*37)
	switch kind {
	case "github":
		return "gh" + "p_" + (body + body + body)[:36]
	case "aws":
		return "AK" + "IA" + strings.ToUpper(strings.NewReplacer("0", "A", "1", "B", "8", "C", "9", "D").Replace(body))[:16]
	case "slack":
		return "xox" + "b-" + "123456789012-123456789012-" + (body + body)[:24]
	case "jwt":
		return "ey" + "J" + base64.RawURLEncoding.EncodeToString([]byte(`"alg":"HS256"}`)) + ".ey" + "J" + base64.RawURLEncoding.EncodeToString([]byte(`"sub":"`+body+`"}`)) + "." + body + body
	case "word":
		return "Hunter" + fmt.Sprint(i*7919) + "!"
	}
	return body
}

// plant writes a tree with a secret in each place that a value can stand in, and gives the secrets.
func plant(t *testing.T, dir string) (secrets []string) {
	t.Helper()
	n := 0
	secret := func(kind string) string {
		n++
		s := made(kind, n)
		secrets = append(secrets, s)
		return s
	}
	write := func(name, format string, args ...any) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fmt.Sprintf(format, args...)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	write("workload.yaml", `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {token: %s}
  annotations: {example.test/password: "%s", note: "login with %s"}
spec:
  template:
    metadata: {labels: {app: web}, annotations: {vault-token: "%s"}}
    spec:
      initContainers:
      - {name: init, image: "a:1", command: [sh, -c, "export DB_PASSWORD=%s; migrate"]}
      containers:
      - name: app
        image: "user:%s@registry.example.test/app:1"
        args: ["--password=%s", "--api-token", "%s", "-u", "admin:%s"]
        env:
        - {name: DB_PASSWORD, value: "%s"}
        - {name: GITHUB, value: "%s"}
        - {name: AWS_ACCESS_KEY_ID, value: "%s"}
        - {name: AWS_SECRET_ACCESS_KEY, value: "%s"}
        - {name: SLACK, value: "%s"}
        - {name: DATABASE_URL, value: "postgres://app:%s@db.example.test/app"}
        - {name: JWT, value: "%s"}
        livenessProbe: {httpGet: {path: /, port: 1, httpHeaders: [{name: Authorization, value: "Bearer %s"}]}}
`, secret(""), secret("word"), secret("github"), secret(""), secret(""), secret(""), secret("word"), secret(""), secret(""), secret(""), secret("github"),
		secret("aws"), secret(""), secret("slack"), secret(""), secret("jwt"), secret(""))
	write("config.yaml", `apiVersion: v1
kind: ConfigMap
metadata: {name: app, namespace: shop}
data:
  password: %s
  app.properties: |
    db.password=%s
  config.json: '{"clientSecret": "%s"}'
  script.sh: |
    curl -u admin:%s https://example.test
binaryData:
  blob: %s
`, secret("word"), secret(""), secret(""), secret(""), b64("api_key="+secret("")))
	write("secret.yaml", `apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"apiVersion":"v1","kind":"Secret","stringData":{"password":"%s"},"data":{"x":"%s"}}'
data: {password: %s, odd: "%s"}
stringData: {token: "%s"}
`, secret(""), b64(secret("")), b64(secret("")), secret("word"), secret(""))
	write("custom.yaml", `apiVersion: x.test/v1
kind: Database
metadata: {name: db, namespace: shop}
spec: {adminPassword: "%s", nested: [{apiKey: "%s"}], uri: "redis://:%s@redis.example.test"}
`, secret("word"), secret(""), secret(""))
	write("route.yaml", `apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: r, namespace: shop}
spec:
  to: {kind: Service, name: web}
  tls: {termination: edge, key: "-----BEGIN PRIVATE KEY-----%s-----END PRIVATE KEY-----"}
`, secret(""))
	rel, err := json.Marshal(map[string]any{
		"name": "web", "namespace": "shop", "version": 1, "info": map[string]any{"status": "deployed"},
		"config":   map[string]any{"auth": map[string]any{"password": secret("")}},
		"manifest": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {password: " + secret("") + "}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(rel)
	_ = w.Close()
	write("helm.yaml", "apiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\nmetadata: {name: sh.helm.release.v1.web.v1, namespace: shop, labels: {owner: helm}}\ndata: {release: %s}\n",
		b64(b64(z.String())))
	// Where nothing is understood, the words of an error must not hold what was there either.
	write("broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x, password: %s\n", secret(""))
	write("twice.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\npassword: %s\npassword: %s\n", secret(""), secret(""))
	write("type.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x, namespace: shop}\nspec: {replicas: %q}\n", secret(""))
	write("time.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: y, namespace: shop, creationTimestamp: %q}\n", secret(""))
	write("quantity.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: z, namespace: shop}\nspec: {containers: [{name: a, image: \"a:1\", resources: {limits: {memory: %q}}}]}\n", secret(""))
	write("list.json", `{"kind":"List","apiVersion":"v1","items":[{"apiVersion":"v1","password":"%s"},{"kind":"Pod","apiVersion":"v1","metadata":{"name":"j","namespace":"shop"},"spec":{"containers":[{"name":"a","image":"a:1","env":[{"name":"TOKEN","value":"%s"}]}]}},`, secret(""), secret("github"))
	plantRendered(t, dir, secret)
	return secrets
}

// plantRendered writes charts and kustomizations with a secret wherever one can stand: in values, templates, patches,
// generators, and where the rendering stumbles over it.
func plantRendered(t *testing.T, dir string, secret func(kind string) string) {
	t.Helper()
	write := func(name, format string, args ...any) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(fmt.Sprintf(format, args...)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	meta := "apiVersion: v2\nname: %s\nversion: 1.0.0\n"
	workload := "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: shop}\nspec: {containers: [{name: a, image: \"a:1\", env: [{name: DB_PASSWORD, value: \"%s\"}]}]}\n"
	write("good/Chart.yaml", meta, "good")
	write("good/values.yaml", "password: %s\ntoken: %s\n", secret(""), secret("github"))
	write("good/templates/pod.yaml", workload, "rendered", "{{ .Values.password }}")
	write("good/templates/literal.yaml", workload, "literal", secret("word"))
	write("good/templates/NOTES.txt", "The password is {{ .Values.password }}, the other one %s\n", secret(""))
	write("good/templates/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\ndata: {token: {{ .Values.token | b64enc }}}\n")
	for name, template := range map[string]string{
		"fail": "{{ fail (printf \"wrong: %s\" .Values.password) }}", "required": "{{ required .Values.password .Values.none }}", "include": "{{ include .Values.password . }}",
		"atoi": "{{ .Values.password | mustToDate \"2006\" }}", "tpl": "{{ tpl .Values.code . }}", "yaml": "apiVersion: v1\nkind: Pod\nx: {{ .Values.password }}: y\n",
		"twice": "apiVersion: v1\nkind: Pod\n{{ .Values.password }}: 1\n{{ .Values.password }}: 2\n", "type": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: t}\nspec: {replicas: {{ .Values.password }}}\n",
		"index": "{{ index .Values.list .Values.password }}", "from": "{{ fromYaml .Values.broken | toYaml }}", "range": "{{ range .Values.password }}{{ end }}", "field": "{{ .Values.password.x }}",
	} {
		write(name+"/Chart.yaml", meta, name)
		write(name+"/values.yaml", "password: %s\ncode: \"{{ %s }}\"\nlist: [1]\nbroken: \"%s: [\"\n", secret(""), secret(""), secret(""))
		write(name+"/templates/t.yaml", "%s", template)
	}
	write("values/Chart.yaml", meta, "values")
	write("values/values.yaml", "password: %s\n  x: [\n", secret(""))
	write("meta/Chart.yaml", "name: meta\npassword: %s\n version: [\n", secret(""))
	write("k/base/kustomization.yaml", "resources: [pod.yaml]\n")
	write("k/base/pod.yaml", workload, "base", secret(""))
	write("k/over/kustomization.yaml", "resources: [../base]\nsecretGenerator:\n- name: s\n  literals: [password=%s]\n  envs: [s.env]\nconfigMapGenerator: [{name: c, literals: [api_token=%s]}]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: Pod\n    metadata: {name: base, namespace: shop, annotations: {token: %s}}\n",
		secret("word"), secret("github"), secret(""))
	write("k/over/s.env", "PASSWORD=%s\n", secret(""))
	for name, text := range map[string]string{
		"remote": "resources: [\"https://me:%[1]s@git.example.test/x?token=%[1]s\"]\n", "files": "secretGenerator: [{name: s, files: [password=%s]}]\n",
		"literal": "secretGenerator: [{name: s, literals: [\"%s\"]}]\n", "target": "patches: [{patch: \"{apiVersion: v1, kind: Pod, metadata: {name: %s}}\"}]\nconfigMapGenerator: [{name: x}]\n",
		"inline": "patchesStrategicMerge: [\"{password: %s\"]\nconfigMapGenerator: [{name: x}]\n", "syntax": "secretGenerator: [{name: s, literals: [password=%s]\n",
		"type": "secretGenerator: %s\n", "vars": "vars: [{name: %s, objref: {kind: Pod, name: x, apiVersion: v1}}]\nconfigMapGenerator: [{name: x}]\n",
	} {
		write("k/"+name+"/kustomization.yaml", text, secret(""))
	}
	write("k/broken/kustomization.yaml", "resources: [x.yaml]\n")
	write("k/broken/x.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {password: %s\n", secret(""))
}

// TestNoSecretLeaves plants secrets of many kinds in all the places that a value can stand in, and looks for each of
// them in every format, language and verbosity, on both outputs.
func TestNoSecretLeaves(t *testing.T) {
	dir := t.TempDir()
	secrets := plant(t, dir)
	if len(secrets) < 40 {
		t.Fatalf("only %d secrets were planted", len(secrets))
	}
	found := 0
	for _, args := range [][]string{
		{"-o", "text"}, {"-o", "text", "--all"}, {"-o", "text", "--by", "object", "--all", "--color", "always"}, {"-o", "json"}, {"-o", "html"},
		{"-o", "sarif"}, {"-o", "junit"}, {"-o", "gitlab"}, {"-o", "markdown"}, {"-o", "csv"}, {"-o", "oscal"},
		{"-o", "text", "--all", "--lang", "fr"}, {"-o", "json", "--lang", "fr", "--timings"}, {"--only", "plain-secret-in-manifest", "--all"},
		{"--platform", "plain", "--all"}, {"--config", filepath.Join(dir, "twice.yaml")}, {"--facts", filepath.Join(dir, "twice.yaml")},
		{"--waivers", filepath.Join(dir, "custom.yaml"), "--all"}, {"--baseline", filepath.Join(dir, "list.json")}, {"--render=false", "--all"}, {"--values", filepath.Join(dir, "values", "values.yaml")},
	} {
		var out bytes.Buffer
		env := Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, ProgressTerminal: true}
		Main(context.Background(), append([]string{"check", dir}, args...), env)
		if out.Len() == 0 {
			t.Errorf("%v: no output at all", args)
		}
		found = max(found, strings.Count(out.String(), "plain-secret-in-manifest"))
		for i, s := range secrets {
			for _, form := range []string{s, base64.StdEncoding.EncodeToString([]byte(s))} {
				if strings.Contains(out.String(), form) {
					at := strings.Index(out.String(), form)
					t.Errorf("%v: secret %d is shown after %q", args, i+1, out.String()[max(0, at-80):at])
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d mentions of the control: the planted secrets are not seen", found)
	}
}
