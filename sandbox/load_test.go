package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const boutique = "../examples/boutique"

// TestExampleIsRead holds what load tells of the example without a cluster.
func TestExampleIsRead(t *testing.T) {
	b, err := readTenantOf(boutique)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.all) != 63 || len(b.pods) != 14 || b.all[0].GetKind() != "Namespace" || b.all[len(b.all)-1].GetKind() == "Service" {
		t.Errorf("%d objects, %d pods, first %s, last %s", len(b.all), len(b.pods), called(b.all[0].Unstructured), called(b.all[len(b.all)-1].Unstructured))
	}
	told := strings.Join(b.told, "\n")
	for _, want := range []string{"tools/metrics.yaml: not read: ", `key "ports" already set`, "vigie.yaml: not an object"} {
		if !strings.Contains(told, want) {
			t.Errorf("%s is not told:\n%s", want, told)
		}
	}
	var made []string
	for _, o := range append(b.secrets(), b.classes()...) {
		made = append(made, called(o))
	}
	if want := []string{"Secret boutique-prod/stock-db", "Secret boutique-staging/psp", "StorageClass ocs-storagecluster-ceph-rbd", "StorageClass ocs-storagecluster-cephfs"}; !slices.Equal(made, want) {
		t.Errorf("made: %q", made)
	}
	changed := b.neverPull()
	if len(changed) != 3 || !strings.Contains(strings.Join(changed, "\n"), "StatefulSet boutique-prod/stock-db: container stock-db: imagePullPolicy IfNotPresent") {
		t.Errorf("changed: %q", changed)
	}
	if again := b.neverPull(); len(again) != 0 {
		t.Errorf("changed again: %q", again)
	}
	commands := map[string][]string{}
	for _, s := range standIns(b.pods) {
		commands[s.image] = s.entrypoint()
	}
	for image, want := range map[string][]string{
		"registry.example.test/boutique/postgres:latest": {"/workload", "app", "5432", "--"},
		"registry.example.test/boutique/payment":         {"/workload", "app", "8080", "--"},
		"registry.example.test/tools/busybox":            {"/workload", "app", "--"}, // an init container must end
	} {
		if !slices.Equal(commands[image], want) {
			t.Errorf("%s runs %q, want %q", image, commands[image], want)
		}
	}
	if len(commands) != 14 {
		t.Errorf("%d images", len(commands))
	}
}

func TestWhatIsNoManifest(t *testing.T) {
	all, told, err := readTenant(fstest.MapFS{
		"a.yaml":    {Data: []byte("# a comment alone\n---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n")},
		"b.yml":     {Data: []byte("kind: Service\nkind: Service\n")},
		"c.json":    {Data: []byte(`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}}`)},
		"d.yaml":    {Data: []byte("just: words\n---\nkind: Half\n")},
		"README.md": {Data: []byte("kind: Service")},
	})
	if err != nil || len(all) != 2 || called(all[1].Unstructured) != "ConfigMap n/c" || all[1].file != "c.json" {
		t.Errorf("%v %v", all, err)
	}
	if len(told) != 3 || !strings.HasPrefix(told[0], "b.yml: not read: ") || !strings.Contains(told[1], "no kind") || !strings.Contains(told[2], "no apiVersion") {
		t.Errorf("%q", told)
	}
	if _, err := readTenantOf(t.TempDir()); err == nil {
		t.Error("an empty folder is a tenant")
	}
}

func TestImageNames(t *testing.T) {
	const d = "sha256:1111"
	for image, want := range map[string][]string{
		"registry.example.test/a/b:1.0@" + d:  {"registry.example.test/a/b@" + d},
		"registry.example.test/a/b@" + d:      {"registry.example.test/a/b@" + d},
		"registry.example.test/a/b:1.0":       {"registry.example.test/a/b:1.0", "registry.example.test/a/b@sha256:true"},
		"registry.example.test/a/b":           {"registry.example.test/a/b:latest", "registry.example.test/a/b@sha256:true"},
		"registry.example.test:5000/a":        {"registry.example.test:5000/a:latest", "registry.example.test:5000/a@sha256:true"},
		"registry.example.test:5000/a:2@" + d: {"registry.example.test:5000/a@" + d},
		"b":                                   nil,
		"a/b:1":                               nil,
		"b:1.0":                               nil,
	} {
		got, err := (standIn{image: image}).names("sha256:true")
		if !slices.Equal(got, want) || (err != nil) != (want == nil) {
			t.Errorf("%s: %q, %v", image, got, err)
		}
	}
	if got := (standIn{image: "x"}).entrypoint(); got[1] != "sleep" {
		t.Errorf("what serves nothing and does not end runs %q", got)
	}
}

// TestLayout holds that each piece is there under its digest, and that images are not each other's.
func TestLayout(t *testing.T) {
	dir := t.TempDir()
	program, out := filepath.Join(dir, "workload"), filepath.Join(dir, "out", "tenant.tar")
	if err := os.WriteFile(program, []byte("binary"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := layout(program, []standIn{{image: "r.example.test/a@sha256:11", ports: []string{"80"}}, {image: "r.example.test/b:1", ports: []string{"80"}}}, out); err != nil {
		t.Fatal(err)
	}
	files := unpack(t, out)
	piece := func(b blob, into any) {
		t.Helper()
		text := files["blobs/sha256/"+strings.TrimPrefix(b.Digest, "sha256:")]
		if len(text) != b.Size || b.Size == 0 {
			t.Errorf("%+v is not there", b)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Error(err)
		}
	}
	var index struct{ Manifests []blob }
	if err := json.Unmarshal(files["index.json"], &index); err != nil {
		t.Fatal(err)
	}
	var names []string
	configs := map[string]bool{}
	for _, m := range index.Manifests {
		names = append(names, m.Annotations["io.containerd.image.name"])
		var manifest struct{ Config blob }
		piece(m, &manifest)
		var config struct {
			Config struct {
				User       string
				Entrypoint []string
			}
		}
		piece(manifest.Config, &config)
		if config.Config.User != uid || !slices.Equal(config.Config.Entrypoint, []string{"/workload", "app", "80", "--"}) {
			t.Errorf("%+v", config)
		}
		configs[manifest.Config.Digest] = true
	}
	want := []string{"r.example.test/a@sha256:11", "r.example.test/b:1", "r.example.test/b@" + index.Manifests[1].Digest}
	if !slices.Equal(names, want) || len(configs) != 2 {
		t.Errorf("%q, %d configurations", names, len(configs))
	}
}

// TestBulk holds that objects are the same each time, that none is made twice, and that each kind has its share.
func TestBulk(t *testing.T) {
	const n = 340
	seen, kinds := map[string]bool{}, map[string]int{}
	for i := range n {
		o := bulkObject(i, 7)
		if seen[called(o)] {
			t.Errorf("%s is there twice", called(o))
		}
		seen[called(o)] = true
		kinds[o.GetKind()]++
		if !reflect.DeepEqual(o, bulkObject(i, 7)) {
			t.Errorf("%s is another each time", called(o))
		}
	}
	want := map[string]int{"Deployment": 40, "Service": 40, "ConfigMap": 80, "Secret": 80, "PodDisruptionBudget": 40, "NetworkPolicy": 40, "CronJob": 20}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("%v", kinds)
	}
}
