package mustgather

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source/files/manifest"
)

const sample = "../../../../shared/data/insights-archive-sample"

// TestSample reads the sample that the Insights operator's repository keeps (docs/insights-archive-sample), as a
// directory and packed as the operator packs it: each JSON object without kind gets it from its place.
func TestSample(t *testing.T) {
	if _, err := os.Stat(sample); err != nil {
		// It is other people's and never committed; make test says at its start that such files are absent. What the
		// layout asks is held without it, by archives that the other tests here make.
		t.Skipf("NOT RUN: the sample lies beside the repository: %v", err)
	}
	for _, path := range []string{sample, pack(t, sample, "insights-2021-07-08-093000.tar.gz", "./"), pack(t, sample, "any.tar", "archive/")} {
		s := read(t, path, manifest.Options{})
		if s.stats.Layout != string(Insights) || len(s.inv.Unread) > 0 {
			t.Errorf("%s: layout %s, unread %v", path, s.stats.Layout, s.inv.Unread)
		}
		if want := map[bool]string{true: "2021-07-08 09:30"}[strings.Contains(path, "2021")]; want != "" && s.stats.Collected.Format("2006-01-02 15:04") != want {
			t.Errorf("%s: collected %s, want %s", path, s.stats.Collected, want)
		}
		n := map[string]int{}
		files := map[string]bool{}
		only := map[inventory.Input]bool{kinds.Objects: true}
		for _, sp := range s.inv.Spaces() {
			for _, it := range kinds.Objects.In(s.inv.View(sp, only, clock)) {
				n[it.Ref.Kind]++
				files[filepath.ToSlash(it.Place.File)] = true
				if it.Ref.Kind == unknownKind || it.Ref.Name == "" || it.Ref.Root != "" {
					t.Errorf("%s: %+v has no kind, name or place", it.Place.File, it.Ref)
				}
			}
		}
		for kind, want := range map[string]int{
			"ClusterVersion": 1, "ClusterOperator": 31, "MachineConfigPool": 2, "Pod": 36, "SecurityContextConstraints": 2, "Node": 2, "MachineConfig": 12,
			"CertificateSigningRequest": 1, "ConfigMap": 3, "Secret": 2, "CephCluster": 1, "PersistentVolume": 2, "StorageClass": 1, "ClusterRole": 2,
			"ClusterRoleBinding": 2, "CustomResourceDefinition": 2, "ImageStream": 1, "NodeFeature": 1, "OAuth": 1, "Proxy": 1, "APIServer": 1,
		} {
			if n[kind] != want {
				t.Errorf("%s: %d of kind %s, want %d", path, n[kind], kind, want)
			}
		}
		if path == sample {
			eachFile(t, files)
		}
	}
}

// records are the files of the sample that hold no object: what was counted, chosen or put together of many.
var records = []string{
	"aggregated/", "conditional/alerts/", "events/", "insights-operator/", "config/alerts.json", "config/helmchart_info.json", "config/installplans.json",
	"config/namespaces_with_overlapping_uids.json", "config/olm_operators.json", "config/podnetworkconnectivitychecks.json", "config/running_containers.json",
	"config/serviceaccounts.json", "config/silenced_alerts.json", "config/tsdb.json", "config/versioned_object_revision_counts.json", "config/workload_info.json",
	"namespaces/default/pods/virt-launcher-example/virt-launcher.json", // a line of a log
}

// eachFile holds that every JSON file of the sample was taken in, but for the records by name.
func eachFile(t *testing.T, taken map[string]bool) {
	without := 0
	err := fs.WalkDir(os.DirFS(sample), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".json") {
			return err
		}
		for _, r := range records {
			if strings.HasPrefix(p, r) {
				return nil
			}
		}
		data, err := os.ReadFile(filepath.Join(sample, p))
		if err != nil {
			return err
		}
		var o map[string]any
		if json.Unmarshal(data, &o) == nil && o["kind"] == nil {
			without++
		}
		if !taken[sample+"/"+p] && !strings.Contains(p, "config/configmaps/") { // the keys of a ConfigMap are one object
			t.Errorf("%s was not taken in", p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if without < 60 {
		t.Errorf("%d objects of the sample have no kind: want more, or the test asks nothing", without)
	}
}

// TestRules holds each rule to a resource that is known.
func TestRules(t *testing.T) {
	for _, r := range insightsRules {
		if r.resource == "" {
			continue
		}
		name, group, _ := strings.Cut(r.resource, ".")
		if _, ok := lookup(group, name); !ok {
			t.Errorf("%s: the resource %q is not known", r.place, r.resource)
		}
	}
	for p, r := range known {
		if strings.ToLower(p.resource) != p.resource || p.group != r.group || r.version == "" || r.kind == "" {
			t.Errorf("%v: %+v", p, r)
		}
		if e, ok := kinds.Lookup(p.group, r.kind); ok && (e.ByCluster != r.cluster || e.Resource != p.resource) {
			t.Errorf("%v: the vocabulary has %s, of the cluster %v", p, e.Resource, e.ByCluster)
		}
	}
}

// TestSpots: the places of the three layouts, one by one.
func TestSpots(t *testing.T) {
	for _, c := range []struct {
		layout Layout
		name   string
		want   string
	}{
		{Inspect, "namespaces/shop/core/pods.yaml", "list v1 Pod shop/"},
		{MustGather, "must-gather.local.1/img/namespaces/shop/apps/deployments.yaml", "list apps/v1 Deployment shop/"},
		{Inspect, "namespaces/shop/apps/deployments/web.yaml", "apps/v1 Deployment shop/web"},
		{Inspect, "namespaces/shop/pods/web-1/web-1.yaml", "v1 Pod shop/web-1"},
		{Inspect, "namespaces/shop/pods/web-1/other.yaml", "record"},
		{Inspect, "namespaces/shop/core/events.yaml", "record"},
		{Inspect, "namespaces/shop/events.k8s.io/events.yaml", "record"},
		{Inspect, "namespaces/shop/shop.yaml", "v1 Namespace /shop"},
		{Inspect, "namespaces/shop/else.yaml", "record"},
		{Inspect, "namespaces/shop/a/b/c/d.yaml", "record"},
		{Inspect, "cluster-scoped-resources/core/nodes/n.yaml", "v1 Node /n"},
		{Inspect, "cluster-scoped-resources/config.openshift.io/oauths.yaml", "list config.openshift.io/v1 OAuth /"},
		{Inspect, "cluster-scoped-resources/x.test/things.yaml", "list ? /"},
		{Inspect, "host_service_logs/x.yaml", "record"},
		{MustGather, "a/b/c/d/namespaces/shop/core/pods.yaml", "record"},
		{Insights, "config/clusteroperator/dns.json", "config.openshift.io/v1 ClusterOperator /dns"},
		{Insights, "config/pod/ns/p.json", "v1 Pod ns/p"},
		{Insights, "config/pod/ns/logs/p/c_current.json", "record"},
		{Insights, "config/oauth.json", "config.openshift.io/v1 OAuth /"},
		{Insights, "config/metrics", "record"},
		{Insights, "customresources/x.test/things/ns/n.json", "? /"},
		{Insights, "conditional/namespaces/ns/pods/p/p.json", "v1 Pod ns/p"},
		{Insights, "events/ns.json", "record"},
	} {
		s := spotOf(c.layout, c.name)
		got := "record"
		if !s.record {
			what := "?"
			if s.kind != "" {
				what = s.apiVersion() + " " + s.kind
			}
			got = fmt.Sprintf("%s %s/%s", what, s.namespace, s.name)
			if s.list {
				got = "list " + got
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestLinked reads the selfLinks of API servers.
func TestLinked(t *testing.T) {
	for link, want := range map[string]string{
		"/api/v1/nodes/n": "v1 Node", "/api/v1/namespaces/shop/pods/p": "v1 Pod", "/api/v1/namespaces/shop": "v1 Namespace",
		"/apis/apps/v1/namespaces/shop/deployments/web": "apps/v1 Deployment", "/apis/policy/v1beta1/namespaces/a/poddisruptionbudgets/b": "policy/v1beta1 PodDisruptionBudget",
		"/apis/config.openshift.io/v1/clusterversions/version": "config.openshift.io/v1 ClusterVersion",
		"": "", "/": "", "/api": "", "/apis/x/y": "", "/apis/x.test/v1/things/t": "", "/api/v1/namespaces/a/b/c/d": "", "nonsense": "",
	} {
		r, ok := linked(link)
		if got := r.apiVersion() + " " + r.kind; ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", link, got, ok, want)
		}
	}
}

// FuzzSpot: whatever a name is, its place says nothing that contradicts itself, and what is made of a document keeps to
// the place.
func FuzzSpot(f *testing.F) {
	for _, name := range []string{
		"namespaces/shop/core/pods.yaml", "namespaces/shop/pods/a/a.yaml", "cluster-scoped-resources/core/nodes/n.yaml", "config/version.json", "config/pod/a/b.json", "", "/", "..", "a//b",
		"namespaces", "cluster-scoped-resources/", "config/clusteroperator/a/b/c/d.json", "conditional/namespaces/a", "config/configmaps/a/b/c",
	} {
		f.Add(name, `{"metadata":{"name":"x","selfLink":"/api/v1/nodes/x"}}`)
		f.Add(name, `{"ObjectMeta":{"name":"x"},"Spec":1}`)
	}
	f.Fuzz(func(t *testing.T, name, doc string) {
		for _, l := range []Layout{MustGather, Inspect, Insights} {
			s := spotOf(l, name)
			h := s.hint(l)
			if s.record && (s.kind != "" && l != Insights || !h.Foreign) || s.list && (s.name != "" || l == Insights) || h.Foreign && !s.record {
				t.Errorf("%s %q: %+v", l, name, s)
			}
			if (h.Kind == "") != (h.APIVersion == "") {
				t.Errorf("%s %q: half a kind: %+v", l, name, h)
			}
			o, err := shape(s, "?", "?", []byte(doc))
			if err != nil {
				continue
			}
			if !json.Valid(o.json) || o.kind == "" || o.kind == unknownKind || o.apiVersion == "" {
				t.Errorf("%s %q of %q: %+v", l, name, doc, o)
			}
			if s.wrap == whole && s.kind != "" && !strings.Contains(doc, "selfLink") && o.kind != s.kind {
				t.Errorf("%s %q: kind %s, its place says %s", l, name, o.kind, s.kind)
			}
		}
	})
}
