package secrets

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"

	"sigs.k8s.io/yaml"
)

// Kinds whose meaning decides, beyond the tables of positives and negatives.
func TestKinds(t *testing.T) {
	s := New(Options{})
	for _, c := range []struct {
		name     string
		manifest string
		want     []string
	}{
		{"literal in a sealed secret's template", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: {a: §SEALED§}, template: {type: Opaque, data: {config.ini: \"user = a\\npassword = §PW§\", tmpl: 'password={{ index . \"a\" }}'}}}\n",
			[]string{"custom config.ini key-name"}},
		{"literal beside placeholders", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {target: {template: {data: {url: 'postgres://{{ .user }}:{{ .password }}@db/shop', fixed: 'postgres://shop:§PW§@db/shop'}}}}\n",
			[]string{"custom fixed url-password"}},
		{"secret's manifest in an external secret's template", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  target:\n    template:\n      data:\n        res.yaml: |\n          apiVersion: v1\n          kind: Secret\n          stringData:\n            token: \"§PW2§\"\n            other: \"{{ .other }}\"\n",
			[]string{"custom res.yaml key-name"}},
		{"sops", "apiVersion: v1\nkind: ConfigMap\ndata: {DB_PASSWORD: 'ENC[AES256_GCM,data:§HEX32§,iv:§HEX32§=,tag:§HEX32§==,type:str]', plain: 'port=8080'}\nsops: {mac: 'ENC[AES256_GCM,data:§HEX64§,type:str]', age: [{recipient: age1§HEX32§, enc: \"-----BEGIN AGE ENCRYPTED FILE-----\\n§HEX64§\\n-----END AGE ENCRYPTED FILE-----\\n\"}], pgp: [{fp: §HEX40§, enc: \"-----BEGIN PGP MESSAGE-----\\n\\n§HEX64§\\n-----END PGP MESSAGE-----\\n\"}]}\n",
			nil},
		{"ignition", "apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nspec: {config: {passwd: {users: [{name: core, passwordHash: '§BCRYPT§', sshAuthorizedKeys: ['§SSHPUB§']}]}, storage: {files: [{path: /etc/a, contents: {source: 'data:text/plain;charset=utf-8;base64,§CONFB64§'}}]}}}\n",
			[]string{"custom source key-name"}},
		{"list of workloads", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, stringData: {a: §PW§}}\n- {apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: {containers: [{name: app, env: [{name: PASSWORD, value: §PW§}]}]}}}}\n- {apiVersion: v1, kind: ConfigMap, data: {token: §GHP§}}\n",
			[]string{"configmap token github-pat", "env PASSWORD key-name"}},
		{"secret of another group", "apiVersion: example.test/v1\nkind: Secret\ndata: {password: §PW§}\n",
			[]string{"custom password key-name"}},
		{"data before kind in a template", "apiVersion: template.openshift.io/v1\nkind: Template\nobjects:\n- {apiVersion: v1, data: {a: §PWB64§, b: '${B}', ca.crt: §CERTB64§, namespace: c2hvcA==}, kind: Secret}\n",
			[]string{"custom a secret-data"}},
		{"token that the platform puts in an annotation", "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockercfg\nmetadata: {annotations: {openshift.io/token-secret.name: builder-token-x8f2k, openshift.io/token-secret.value: §JWT§}}\ndata: {}\n",
			[]string{"annotation openshift.io/token-secret.value jwt"}},
		{"arguments of a command that stands apart, after them", "kind: Pod\nspec: {containers: [{args: [-u, root, '-p§PW§'], command: [/usr/bin/mysqldump], name: dump}]}\n",
			[]string{"args dump command-line"}},
		{"port that looks like a password's option", "kind: Pod\nspec: {containers: [{args: [-p, '8080', -u, 'root:root1234', -a, x], command: [server], name: web}]}\n",
			nil},
		{"name of a map as a secret's reference", object("{credentials: {name: shop, password: §WORD§}, adminSecret: {name: admin, password: admin-password}}"),
			[]string{"custom password known-default"}},
		{"json in json", configMap("a.json", `{"inner": "{\"db\": \"{\\\"password\\\": \\\"§PW§\\\"}\"}"}`),
			[]string{"configmap a.json key-name"}},
		{"environment of an image's configuration", object("{config: {Env: ['PATH=/usr/bin', 'DB_PASSWORD=§PW§']}}"),
			[]string{"env Env key-name"}},
		{"hook of a container", "kind: Pod\nspec: {containers: [{name: app, lifecycle: {postStart: {exec: {command: [sh, -c, 'vault login §PW2§']}}}}]}\n",
			[]string{"command app command-line"}},
		{"names with escapes", "kind: ConfigMap\napiVersion: v1\ndata: {\"a\\\"password\": §PW§}\n",
			[]string{`configmap a"password key-name`}},
		{"cut last applied", "kind: Service\napiVersion: v1\nmetadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"kind\":\"Secret\",\"stringData\":{\"password\":\"§PW§\",'}}\n",
			[]string{"last-applied kubectl.kubernetes.io/last-applied-configuration key-name"}},
		{"public truststore's password", env("JAVA_OPTS", "-Djavax.net.ssl.trustStorePassword=changeit -Djavax.net.ssl.keyStorePassword=changeit"),
			[]string{"env JAVA_OPTS known-default"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := scan(t, s, c.manifest)
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPathsAndContainers(t *testing.T) {
	s := New(Options{})
	_, found := scan(t, s, "kind: Pod\nspec:\n  containers:\n  - name: a\n    args: [run, --token, §PW2§]\n  - env:\n    - {name: A, value: b}\n    - {name: DB_PASSWORD, value: §PW§}\n    name: b\n")
	want := []struct {
		path      []any
		container string
	}{
		{[]any{"spec", "containers", 0, "args", 2}, "a"},
		{[]any{"spec", "containers", 1, "env", 1, "value"}, "b"},
	}
	if len(found) != len(want) {
		t.Fatalf("%d sightings", len(found))
	}
	for i, w := range want {
		if !reflect.DeepEqual(found[i].Path, w.path) || found[i].Container != w.container {
			t.Errorf("got %v in %q, want %v in %q", found[i].Path, found[i].Container, w.path, w.container)
		}
	}
}

func TestValuesOfOtherReaders(t *testing.T) {
	s := New(Options{})
	pw := values["PW"]
	tree := map[any]any{"a": map[any]any{1: []any{map[any]any{"password": pw}}}, "nan": math.NaN(), "inf": []any{math.Inf(1)}}
	found := s.Values(tree, HelmValues)
	if len(found) != 1 || found[0].Place != HelmValues || found[0].Part != "a.1.password" || found[0].Length != len(pw) {
		t.Errorf("got %+v", found)
	}
	for _, none := range []any{nil, "", 1, []any{}, map[string]any{}, map[string]any{"password": ""}, make(chan int)} {
		if found := s.Values(none, HelmValues); len(found) > 0 {
			t.Errorf("%T: %+v", none, found)
		}
	}
	if found := s.Values([]any{map[string]any{"name": "TOKEN", "value": values["GHP"]}}, "elsewhere"); len(found) != 1 || found[0].Place != "elsewhere" {
		t.Errorf("got %+v", found)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := New(Options{Key: []byte("k")})
	var list [][]byte
	for _, c := range positives {
		j, err := yaml.YAMLToJSON([]byte(fill(c.manifest)))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, j)
	}
	all := func() (out []string) {
		for _, j := range list {
			out = append(out, fmt.Sprint(s.Object("", "Thing", j)))
		}
		return out
	}
	want := all()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := all(); !slices.Equal(got, want) {
				t.Error("another result beside others")
			}
		})
	}
	wg.Wait()
}

func TestBrokenJSON(t *testing.T) {
	s := New(Options{})
	whole := []byte(`{"kind":"Pod","spec":{"containers":[{"env":[{"name":"PASSWORD","value":"` + values["PW"] + `"}],"args":["--token=` + values["PW2"] + `"]}]}}`)
	if n := len(s.Object("", "Pod", whole)); n != 2 {
		t.Fatalf("%d sightings of the whole", n)
	}
	for i := range whole {
		if n := len(s.Object("", "Pod", whole[:i])); n > 2 {
			t.Errorf("%d sightings of the first %d bytes", n, i)
		}
	}
}
