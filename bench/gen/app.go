package gen

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
)

// perNamespace is the number of applications of one namespace where many are asked for.
const perNamespace = 5

// An App holds what the templates of one application need. Fields are named as the templates use them; quantities are
// whole numbers of the unit that the template writes behind them.
type App struct {
	Name, Namespace, Environment, Team, Product string
	Fault                                       string // "" for nine of ten

	Chart, ChartVersion, Version, Checksum string
	Image, SidecarImage, JobImage          string
	PullPolicy                             string
	Upstream                               string // another application's Service
	Schema, LogLevel, Feature              string
	APIMajor, Pool, Batch, Retention       int
	Minute, Hour                           int

	Replicas, MaxReplicas              int
	CPU, CPULimit, Memory, MemoryLimit int // millicores, cores, MiB, MiB; MemoryLimit 0: none
	Requests, Readiness, Root          bool
	Init, Sidecar                      bool
	ReadinessPath, LivenessPath        string
	LivenessThreshold                  int
	ServiceComponent, TargetPort       string
	BudgetVersion, BudgetField         string
	BudgetValue                        string
	ScaleTarget, PolicyInstance        string
	BroadSubject, TLS                  bool
	Insecure                           string
	StorageClass                       string
	Storage                            int
	SecretUser, SecretWord             string // base64
}

var (
	charts   = []string{"cart", "catalogue", "checkout", "payment", "shipping", "stock", "pricing", "search", "review", "mailer", "invoice", "customer", "loyalty", "voucher", "gateway", "ledger"}
	teams    = []string{"sales", "logistics", "finance", "identity", "content", "data", "support"}
	features = []string{"bulk_import", "fast_quote", "new_basket", "audit_trail", "async_mail", "tax_rules"}
	levels   = []string{"info", "info", "info", "warn", "debug"}
	classes  = []string{"live-fast", "live-standard", "archive"}
)

// newApp makes application i of the options. Nothing depends on how many others there are, except the name of the
// namespace where a number of namespaces is given.
func newApp(o Options, i int) *App {
	r := rand.New(rand.NewPCG(o.Seed, uint64(i)))
	a := &App{Product: "boutique", Chart: pick(r, charts), Team: pick(r, teams)}
	a.Name = fmt.Sprintf("%s-%05d", a.Chart, i)
	a.place(o, i)
	a.release(r)
	a.configure(r)
	a.size(r)
	a.expose(r)
	if f := faultOf(o.Seed, i); f != nil {
		a.Fault = f.name
		f.apply(a)
	}
	return a
}

// place chooses namespace and environment: every fifth namespace is staging, one alone is production.
func (a *App) place(o Options, i int) {
	ns := i / perNamespace
	if o.Namespaces > 0 {
		ns = i % o.Namespaces
	}
	a.Environment = "production"
	if ns%5 == 4 {
		a.Environment = "staging"
	}
	a.Namespace = fmt.Sprintf("shop-%05d-%s", ns, a.Environment)
}

func (a *App) release(r *rand.Rand) {
	a.ChartVersion = fmt.Sprintf("%d.%d.%d", 1+r.IntN(4), r.IntN(20), r.IntN(10))
	a.Version = fmt.Sprintf("%d.%d.%d", 1+r.IntN(6), r.IntN(40), r.IntN(10))
	a.Checksum = randomHex(r)
	a.Image = image(r, a.Team+"/"+a.Chart, a.Version)
	a.JobImage = image(r, "base/jobs", "2.4."+fmt.Sprint(r.IntN(10)))
	a.SidecarImage = image(r, "base/access-log", "1.9."+fmt.Sprint(r.IntN(10)))
	a.PullPolicy = "IfNotPresent"
	a.Init, a.Sidecar = r.IntN(5) == 0, r.IntN(4) == 0
}

func (a *App) configure(r *rand.Rand) {
	a.Upstream = fmt.Sprintf("%s-%05d", pick(r, charts), r.IntN(1000))
	a.Schema = fmt.Sprintf("%s_%02d", a.Chart, r.IntN(100))
	a.LogLevel, a.Feature = pick(r, levels), pick(r, features)
	a.APIMajor, a.Pool, a.Batch, a.Retention = 1+r.IntN(3), 5+r.IntN(30), 50*(1+r.IntN(20)), 7*(1+r.IntN(12))
	a.Minute, a.Hour = r.IntN(60), r.IntN(6)
	a.StorageClass, a.Storage = pick(r, classes), 1+r.IntN(100)
	a.SecretUser = base64.StdEncoding.EncodeToString([]byte(a.Schema + "_app"))
	a.SecretWord = base64.StdEncoding.EncodeToString(randomBytes(r, 24))
}

func (a *App) size(r *rand.Rand) {
	a.Requests = true
	a.Replicas = 2 + r.IntN(3)
	a.MaxReplicas = a.Replicas + 2 + r.IntN(6)
	a.CPU, a.CPULimit = 50*(1+r.IntN(10)), 1+r.IntN(2)
	a.Memory = 64 * (2 + r.IntN(14))
	a.MemoryLimit = 2 * a.Memory
}

func (a *App) expose(r *rand.Rand) {
	a.Readiness = true
	a.ReadinessPath, a.LivenessPath, a.LivenessThreshold = "/health/ready", "/health/live", 6
	a.ServiceComponent, a.TargetPort = "server", "http"
	a.BudgetVersion, a.BudgetField, a.BudgetValue = "policy/v1", "maxUnavailable", "1"
	if r.IntN(3) == 0 {
		a.BudgetField = "minAvailable"
	}
	a.ScaleTarget, a.PolicyInstance = a.Name, a.Name
	a.TLS, a.Insecure = true, "Redirect"
}

func image(r *rand.Rand, repository, tag string) string {
	return "registry.example.com/" + repository + ":" + tag + "@sha256:" + randomHex(r)
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func randomHex(r *rand.Rand) string { return hex.EncodeToString(randomBytes(r, 32)) }

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}
