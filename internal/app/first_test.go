package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/internal/app"
)

// TestFirst holds a first configuration to what stands in the manifests, each guess marked, in both languages; that the
// strict reader takes it, Config itself makes sure of.
func TestFirst(t *testing.T) {
	dir := t.TempDir()
	manifests := `
{apiVersion: v1, kind: Namespace, metadata: {name: shop-prod}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: bank, labels: {environment: recette, team: ledger}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop-uat}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: tools}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: lost}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: orders, namespace: shop-prod}, spec: {storageClassName: fast}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: redis-cache, namespace: shop-prod}, spec: {}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop-prod}
spec:
  template: {spec: {containers: [{name: db, image: "registry.example.com:5000/db@sha256:abc"}, {name: sidecar, image: busybox}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: slow}}]
---
{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: web, namespace: shop-prod}, spec: {to: {name: web}}}
`
	if err := os.WriteFile(filepath.Join(dir, "all.yaml"), []byte(manifests), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := app.FindFirst(t.Context(), app.CheckOptions{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	for lang, wants := range map[string][]string{
		"en": {
			"platform: openshift\n", "# GUESS: environments", "  production: [\"shop-prod\"]\n", "  staging: [\"shop-uat\"]\n",
			"# bank says itself that it is staging", "# in no environment: tools\n", "  \"ledger\": {namespaces: [\"bank\"]}\n", "# 1 objects name no namespace",
			"  # GUESS: every registry", "  allowed-registries: [\"docker.io\", \"registry.example.com:5000\"]\n",
			"  # GUESS: critical are all volumes but shop-prod/redis-cache", "  critical-volumes: [\"shop-prod/data-db-*\", \"shop-prod/orders\"]\n",
			"storage classes seen: fast, slow.",
		},
		"fr": {"# SUPPOSÉ\u00a0: environnements", "# dans aucun environnement\u00a0: tools\n", "classes de stockage vues\u00a0: fast, slow."},
	} {
		text, err := f.Config(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: no %q in\n%s", lang, want, text)
			}
		}
	}
	if _, err := app.FindFirst(t.Context(), app.CheckOptions{Paths: []string{t.TempDir()}}); err == nil {
		t.Error("a first configuration of nothing is written")
	}
}
