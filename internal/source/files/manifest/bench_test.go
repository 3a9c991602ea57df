package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"sigs.k8s.io/yaml"
)

// objects makes n objects as tools write them, some 1.2 kB each.
func objects(n int) (docs [][]byte) {
	for i := range n {
		var b bytes.Buffer
		switch i % 4 {
		case 0, 1:
			fmt.Fprintf(&b, benchDeployment, i, i%50, i, i, i, i, i, i)
		case 2:
			fmt.Fprintf(&b, "apiVersion: v1\nkind: Service\nmetadata:\n  name: app-%d\n  namespace: team-%d\n  labels: {app: app-%d}\nspec:\n  selector:\n    app: app-%d\n  ports:\n  - name: http\n    port: 80\n    targetPort: 8080\n", i, i%50, i, i)
		default:
			fmt.Fprintf(&b, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app-%d\n  namespace: team-%d\ndata:\n  app.properties: |\n", i, i%50)
			for j := range 40 {
				fmt.Fprintf(&b, "    setting.number.%d=value of the setting %d\n", j, i+j)
			}
		}
		docs = append(docs, b.Bytes())
	}
	return docs
}

const benchDeployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-%d
  namespace: team-%d
  labels:
    app.kubernetes.io/name: app-%d
    app.kubernetes.io/part-of: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app: app-%d
  template:
    metadata:
      labels:
        app: app-%d
    spec:
      serviceAccountName: app-%d
      containers:
      - name: app
        image: registry.example.test/shop/app-%d:1.4.2
        ports:
        - name: http
          containerPort: 8080
        env:
        - name: MODE
          value: "demo"
        - name: NUMBER
          value: "%d"
        resources:
          requests: {cpu: 50m, memory: 64Mi}
          limits: {cpu: 200m, memory: 128Mi}
        readinessProbe:
          httpGet: {path: /ready, port: 8080}
          periodSeconds: 10
        securityContext:
          runAsNonRoot: true
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - ALL
`

// counting is a sink that keeps nothing.
type counting struct{ docs, problems atomic.Int64 }

func (c *counting) Document(int, Document) { c.docs.Add(1) }
func (c *counting) Problem(Problem)        { c.problems.Add(1) }
func (c *counting) Foreign(Foreign)        {}
func (c *counting) File(string, int)       {}

const benchObjects = 2000

// bound runs f over all documents on as many goroutines as Read has workers: the least that any reading costs.
func bound(b *testing.B, docs [][]byte, f func([]byte) error) {
	size := 0
	for _, d := range docs {
		size += len(d)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		var next atomic.Int64
		var wg sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for i := int(next.Add(1)) - 1; i < len(docs); i = int(next.Add(1)) - 1 {
					if err := f(docs[i]); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

func reading(b *testing.B, path string, size int64, n int) {
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		var c counting
		if _, err := Read(context.Background(), []string{path}, Options{}, &c); err != nil {
			b.Fatal(err)
		}
		if c.docs.Load() != int64(n) || c.problems.Load() != 0 {
			b.Fatalf("%d documents, %d problems", c.docs.Load(), c.problems.Load())
		}
	}
}

// BenchmarkYAML compares reading with the bare conversion of the same documents, in the same run.
func BenchmarkYAML(b *testing.B) {
	docs := objects(benchObjects)
	all := bytes.Join(docs, []byte("---\n"))
	dir := b.TempDir()
	stream := filepath.Join(dir, "all.yaml")
	write(b, stream, all)
	list := filepath.Join(dir, "list.yaml")
	write(b, list, yamlListOf(docs))
	tree := filepath.Join(dir, "tree")
	for i, d := range docs {
		write(b, filepath.Join(tree, fmt.Sprintf("team-%d", i%50), fmt.Sprintf("app-%d.yaml", i)), d)
	}
	b.Run("bound", func(b *testing.B) {
		bound(b, docs, func(d []byte) error { _, err := yaml.YAMLToJSON(d); return err })
	})
	b.Run("stream", func(b *testing.B) { reading(b, stream, int64(len(all)), benchObjects) })
	b.Run("directory", func(b *testing.B) { reading(b, tree, int64(len(all)), benchObjects) })
	b.Run("list", func(b *testing.B) { reading(b, list, int64(len(all)), benchObjects) })
}

// BenchmarkJSON compares reading with the bare test of validity of the same documents, in the same run.
func BenchmarkJSON(b *testing.B) {
	var docs [][]byte
	for _, d := range objects(benchObjects) {
		j, err := yaml.YAMLToJSON(d)
		if err != nil {
			b.Fatal(err)
		}
		docs = append(docs, j)
	}
	dir := b.TempDir()
	list := filepath.Join(dir, "list.json")
	all := jsonListOf(docs)
	write(b, list, all)
	lines := filepath.Join(dir, "lines.json")
	write(b, lines, bytes.Join(docs, newline))
	b.Run("bound", func(b *testing.B) {
		bound(b, docs, func(d []byte) error {
			if !json.Valid(d) {
				return fmt.Errorf("not valid")
			}
			return nil
		})
	})
	b.Run("list", func(b *testing.B) { reading(b, list, int64(len(all)), benchObjects) })
	b.Run("lines", func(b *testing.B) { reading(b, lines, int64(len(all)), benchObjects) })
	b.Run("scan", func(b *testing.B) { // the part that one goroutine does for all
		b.SetBytes(int64(len(all)))
		for b.Loop() {
			if _, f := scanHead(all, 0, 500); f != nil {
				b.Fatal(f)
			}
		}
	})
}

func yamlListOf(docs [][]byte) []byte {
	var b bytes.Buffer
	b.WriteString("apiVersion: v1\nkind: List\nitems:\n")
	for _, d := range docs {
		for i, l := range bytes.SplitAfter(d, newline) {
			switch {
			case len(l) == 0:
			case i == 0:
				b.WriteString("- " + string(l))
			default:
				b.WriteString("  " + string(l))
			}
		}
	}
	return b.Bytes()
}

func jsonListOf(docs [][]byte) []byte {
	return []byte(`{"apiVersion":"v1","items":[` + string(bytes.Join(docs, []byte(","))) + `],"kind":"List"}`)
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
