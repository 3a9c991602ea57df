package secrets

import (
	"encoding/json"
	"fmt"
	"testing"

	"sigs.k8s.io/yaml"
)

// ordinary are manifests as teams write them, without any secret in clear.
func ordinary(tb testing.TB) (objects []manifest, bytes int64) {
	const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-%[1]d
  namespace: shop
  labels: {app.kubernetes.io/name: web, app.kubernetes.io/part-of: shop, app.kubernetes.io/version: 1.4.2}
  annotations: {deployment.kubernetes.io/revision: "3", prometheus.io/scrape: "true", description: The shop's front}
spec:
  replicas: 3
  revisionHistoryLimit: 5
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app.kubernetes.io/name: web}}
  template:
    metadata: {labels: {app.kubernetes.io/name: web, app.kubernetes.io/version: 1.4.2}}
    spec:
      serviceAccountName: web
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app.kubernetes.io/name: web}}}]
      containers:
      - name: app
        image: registry.example.test/shop/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        imagePullPolicy: IfNotPresent
        args: [--port=8080, --log-level=info, --metrics-address=0.0.0.0:9090, --leader-elect]
        ports: [{name: http, containerPort: 8080, protocol: TCP}, {name: metrics, containerPort: 9090, protocol: TCP}]
        env:
        - {name: LOG_LEVEL, value: info}
        - {name: CACHE_TTL, value: 300s}
        - {name: CATALOG_URL, value: "http://catalog.shop.svc.cluster.local:8080"}
        - {name: DB_HOST, value: postgres.shop.svc}
        - {name: DB_NAME, value: shop}
        - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: shop-db, key: password}}}
        - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        envFrom: [{configMapRef: {name: web}}]
        resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {cpu: 200m, memory: 128Mi}}
        readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 10, failureThreshold: 3}
        livenessProbe: {httpGet: {path: /alive, port: http}, periodSeconds: 10, failureThreshold: 6}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
        volumeMounts: [{name: tmp, mountPath: /tmp}, {name: tls, mountPath: /etc/tls, readOnly: true}]
      volumes: [{name: tmp, emptyDir: {}}, {name: tls, secret: {secretName: web-tls, defaultMode: 256}}]
`
	const service = `
apiVersion: v1
kind: Service
metadata: {name: web-%[1]d, namespace: shop, labels: {app.kubernetes.io/name: web}}
spec: {type: ClusterIP, selector: {app.kubernetes.io/name: web}, ports: [{name: http, port: 80, targetPort: http, protocol: TCP}]}
`
	const route = `
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web-%[1]d, namespace: shop, annotations: {haproxy.router.openshift.io/timeout: 30s}}
spec: {host: web.example.test, to: {kind: Service, name: web, weight: 100}, port: {targetPort: http}, tls: {termination: edge, insecureEdgeTerminationPolicy: Redirect}}
`
	const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web-%[1]d, namespace: shop}
rules: [{apiGroups: [""], resources: [configmaps, secrets], verbs: [get, list, watch]}, {apiGroups: [apps], resources: [deployments], resourceNames: [web], verbs: [get]}]
`
	const binding = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web-%[1]d, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
`
	const policy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web-%[1]d, namespace: shop}
spec: {podSelector: {matchLabels: {app.kubernetes.io/name: web}}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-ingress}}}], ports: [{port: 8080, protocol: TCP}]}]}
`
	for i := range 50 {
		for _, m := range []string{deployment, service, route, role, binding, policy} {
			j, err := yaml.YAMLToJSON(fmt.Appendf(nil, m, i))
			if err != nil {
				tb.Fatal(err)
			}
			var head struct{ Kind string }
			if err := json.Unmarshal(j, &head); err != nil {
				tb.Fatal(err)
			}
			objects = append(objects, manifest{kind: head.Kind, json: j})
			bytes += int64(len(j))
		}
	}
	return objects, bytes
}

type manifest struct {
	kind string
	json []byte
}

func TestOrdinaryHoldsNothing(t *testing.T) {
	s := New(Options{})
	objects, _ := ordinary(t)
	for _, o := range objects {
		if found := s.Object("", o.kind, o.json); len(found) > 0 {
			t.Fatalf("%s: %+v", o.kind, found)
		}
	}
}

// BenchmarkOrdinary gives the speed on manifests without candidates, beside encoding/json.Valid on the same bytes.
func BenchmarkOrdinary(b *testing.B) {
	objects, size := ordinary(b)
	s := New(Options{})
	perRun := func(b *testing.B) float64 { return float64(b.Elapsed()) / float64(b.N) }
	var scan float64
	b.Run("scan", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			for _, o := range objects {
				s.Object("", o.kind, o.json)
			}
		}
		scan = perRun(b)
	})
	b.Run("json.Valid", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			for _, o := range objects {
				json.Valid(o.json)
			}
		}
		if scan > 0 {
			b.ReportMetric(scan/perRun(b), "scan/valid")
		}
	})
}

// BenchmarkFiles gives the speed on files in ConfigMaps that hold no secret.
func BenchmarkFiles(b *testing.B) {
	s := New(Options{})
	var list [][]byte
	size := int64(0)
	for _, c := range plainFiles {
		j, err := yaml.YAMLToJSON([]byte(fill(configMap(c[0], c[1]))))
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, j)
		size += int64(len(j))
	}
	b.SetBytes(size)
	for b.Loop() {
		for _, j := range list {
			s.Object("", "ConfigMap", j)
		}
	}
}

// BenchmarkFound gives the speed on what is nothing but secrets and files.
func BenchmarkFound(b *testing.B) {
	s := New(Options{})
	var list [][]byte
	size := int64(0)
	for _, c := range positives {
		j, err := yaml.YAMLToJSON([]byte(fill(c.manifest)))
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, j)
		size += int64(len(j))
	}
	b.SetBytes(size)
	for b.Loop() {
		for _, j := range list {
			s.Object("", "Thing", j)
		}
	}
}
