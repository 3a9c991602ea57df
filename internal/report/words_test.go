package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// TestEveryWord holds that whatever a stream can say has a sentence.
func TestEveryWord(t *testing.T) {
	var keys []string
	for _, s := range posture.States() {
		keys = append(keys, "state."+s.String(), "states."+s.String())
	}
	for _, v := range control.Verdicts() {
		keys = append(keys, "verdict."+v.String())
	}
	for _, s := range control.Severities() {
		keys = append(keys, "severity."+s.String())
	}
	for _, c := range posture.Causes() {
		keys = append(keys, "cause."+string(c), "step."+string(c))
	}
	for _, g := range []posture.Ground{posture.Measured, posture.Attested, posture.Declared, posture.ByWaiver, posture.None} {
		keys = append(keys, "ground."+string(g))
	}
	for s := inventory.NotCollected; s <= inventory.NotServed; s++ {
		keys = append(keys, "input."+s.String())
		if !s.Whole() {
			keys = append(keys, "gap.remedy."+s.String())
		}
	}
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range p.Chapters {
		keys = append(keys, "chapter."+ch.Key)
	}
	for _, s := range []policy.Side{policy.Provider, policy.Tenant} {
		keys = append(keys, "side."+string(s))
	}
	for _, k := range keys {
		if !lang.Has(k) {
			t.Errorf("no sentence %q", k)
		}
	}
}

// TestEveryKey holds that each key that the code names is in the catalogue, and each key of the catalogue is named by
// something.
func TestEveryKey(t *testing.T) {
	var said []string // texts of the code, in which keys and beginnings of keys stand
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := f.Name()
		if name == "page.html" {
			page, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range strings.Split(string(page), `(t "`)[1:] {
				key, _, _ := strings.Cut(m, `"`)
				said = append(said, key)
				if !lang.Has(key) {
					t.Errorf("page.html says %q, which the catalogue does not have", key)
				}
			}
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && s != "" {
					said = append(said, s)
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Say", "heading", "b"}, sel.Sel.Name) {
				if lit, ok := call.Args[0].(*ast.BasicLit); ok {
					if key, err := strconv.Unquote(lit.Value); err == nil && !lang.Has(key) {
						t.Errorf("%s says %q, which the catalogue does not have", name, key)
					}
				}
			}
			return true
		})
	}
	dynamic := []string{"why.", "want.", "what."} // by the values of what was not understood
	for _, key := range lang.Keys() {
		if !slices.ContainsFunc(append(said, dynamic...), func(s string) bool {
			return s == key || strings.HasSuffix(s, ".") && strings.HasPrefix(key, s) || strings.HasPrefix(key, s+".why")
		}) {
			t.Errorf("nothing says %q: delete it", key)
		}
	}
}

// TestUnread holds the sentence of each reason that the reader can give, in both languages, with its values.
func TestUnread(t *testing.T) {
	for _, c := range []struct {
		reason string
		values map[string]any
		en, fr string
	}{
		{"yaml-syntax", nil, "the YAML does not parse", "le YAML est invalide"},
		{"json-syntax", nil, "the JSON does not parse", "le JSON est invalide"},
		{"duplicate-key", map[string]any{"key": "spec.image"}, `key "spec.image" is set twice`, "la clé «\u202fspec.image\u202f» est définie deux fois"},
		{"no-kind", nil, "apiVersion without kind", "apiVersion sans kind"},
		{"no-api-version", nil, "kind without apiVersion", "kind sans apiVersion"},
		{"not-an-object", nil, "a list or a word where an object", "une liste ou un mot"},
		{"too-large", map[string]any{"limit": int64(1 << 30)}, "larger than 1\u00a0GiB: not evaluated", "plus de 1\u00a0Gio\u00a0: non évalué"},
		{"too-deep", map[string]any{"limit": int64(500)}, "nested too deep", "imbrication trop profonde"},
		{"too-many-aliases", nil, "aliases that multiply", "des alias qui se multiplient"},
		{"truncated", nil, "it ends in the middle", "il se termine au milieu"},
		{"list-continues", nil, "cut by the API server", "coupée par le serveur d'API"},
		{"binary", nil, "binary content", "contenu binaire"},
		{"not-utf8", nil, "not UTF-8 text", "pas du texte UTF-8"},
		{"unreadable", map[string]any{"why": "permission denied"}, "cannot be read: permission denied", "lecture impossible\u00a0: accès refusé"},
		{"unreadable", map[string]any{"why": "something else"}, "cannot be read: something else", "lecture impossible\u00a0: something else"},
		{"link-outside", nil, "leads outside", "hors de ce qui est contrôlé"},
		{"link-cycle", nil, "leads back to itself", "ramène à lui-même"},
		{"special-file", nil, "no regular file", "pas un fichier ordinaire"},
		{"archive-broken", map[string]any{"why": ""}, "the archive is broken", "l'archive est endommagée"},
		{"archive-too-large", map[string]any{"limit": int64(1 << 30), "ratio": int64(200)}, "more than 1\u00a0GiB", "plus de 1\u00a0Gio"},
		{"archive-entry-unsafe", nil, "leads out of the archive", "hors de l'archive"},
		{"chart-not-rendered", nil, "a Helm chart, not rendered", "un chart Helm, non rendu"},
		{"chart-failed", map[string]any{"what": "stopped"}, "not rendered whole: a template stops by itself", "pas été rendu en entier\u00a0: un modèle s'arrête"},
		{"chart-failed", map[string]any{"what": "nothing-there", "name": ".Values.image.tag"}, "not there, and that --values can give (.Values.image.tag)", "valeur absente, que --values peut donner (.Values.image.tag)"},
		{"chart-dependency", map[string]any{"dependency": "redis"}, "depends on redis", "dépend de redis"},
		{"kustomization-failed", map[string]any{"what": "remote", "name": "git.example.com"}, "it names an address, and nothing is fetched (git.example.com)", "rien n'est téléchargé (git.example.com)"},
		{"kustomization-failed", map[string]any{"what": "cycle"}, "it takes in itself", "elle s'inclut elle-même"},
		{"nothing-found", nil, "no document found", "aucun document trouvé"},
		{"wrong-type", map[string]any{"path": "spec.replicas", "want": "an integer"}, "spec.replicas: want an integer", "spec.replicas\u00a0: attendu\u00a0: un entier"},
		{"helm-release-broken", nil, "stored Helm release", "version Helm conservée"},
		{"of-a-later-version", nil, "not understood (of-a-later-version)", "non compris (of-a-later-version)"},
	} {
		g := UnreadGap(inventory.Unread{Reason: c.reason, Values: c.values})
		for l, want := range map[lang.Lang]string{lang.English: c.en, lang.French: c.fr} {
			got := newWords(l).detail(g)
			if !strings.Contains(got, want) || strings.Contains(got, "{") {
				t.Errorf("%s in %s: %q, want %q", c.reason, l, got, want)
			}
		}
	}
}

func TestGapSentences(t *testing.T) {
	shop := inventory.Space{Namespace: "shop"}
	for _, c := range []struct {
		gap           inventory.Gap
		where, fr, en string
	}{
		{inventory.Gap{Input: "list pods", Space: shop, State: inventory.Denied, Detail: "list pods: 403"}, "list pods (shop)", "refusé\u00a0: list pods: 403", "denied: list pods: 403"},
		{inventory.Gap{Input: "last backup", State: inventory.Stale}, "last backup", "trop ancien", "too old"},
		{inventory.Gap{Input: "list pods", Space: shop, State: inventory.Partial, Detail: "objects of the tree name no namespace"}, "list pods (shop)", "vu en partie\u00a0: des objets de l'arborescence ne nomment pas d'espace de noms (-n dit où ils vont)", "seen in part: objects of the tree name no namespace (-n says where they go)"},
		{inventory.Gap{Input: "configured owners", State: inventory.NotCollected}, "configured owners", "non configurés\u00a0: vigie.yaml n'a pas de section owners", "not configured: vigie.yaml has no section owners"},
		{inventory.Gap{Input: "every list", Space: shop, State: inventory.Partial, Detail: "documents of the tree that were not understood: 2"}, "every list (shop)", "vu en partie\u00a0: 2 documents de l'arborescence n'ont pas été compris", "seen in part: 2 documents of the tree were not understood"},
		{inventory.Gap{Input: "list pods", Space: inventory.Space{Root: "."}, State: inventory.Partial, Detail: "1 documents of the tree were not understood"}, "list pods (objects without a namespace)", "vu en partie\u00a0: 1 document de l'arborescence n'a pas été compris", "seen in part: 1 document of the tree was not understood"},
	} {
		en, fr := newWords(lang.English), newWords(lang.French)
		g := InputGap(c.gap)
		if got := en.where(g); got != c.where {
			t.Errorf("%+v: %q, want %q", c.gap, got, c.where)
		}
		if got := en.sentence(g); got != c.en {
			t.Errorf("%+v: %q, want %q", c.gap, got, c.en)
		}
		if got := fr.sentence(g); got != c.fr {
			t.Errorf("%+v: %q, want %q", c.gap, got, c.fr)
		}
	}
	w := WaiverGap("w.yaml", 3, "w.yaml:3: waiver 1 does not apply: \"reason\" is required")
	if got := newWords(lang.English).sentence(w); got != "waiver 1 does not apply: \"reason\" is required" {
		t.Errorf("the place stands twice: %q", got)
	}
}

func TestObjects(t *testing.T) {
	for _, c := range []struct {
		ref  inventory.Ref
		want string
	}{
		{inventory.Ref{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "web"}, "shop/Deployment/web"},
		{inventory.Ref{Group: "cert-manager.io", Kind: "Certificate", Namespace: "shop", Name: "web"}, "shop/Certificate.cert-manager.io/web"},
		{inventory.Ref{Kind: "Pod", Root: "overlays/dev", Name: "web"}, "(overlays/dev)/Pod/web"},
		{inventory.Ref{Kind: "Pod", Root: ".", Name: "web"}, "Pod/web"},
		{inventory.Ref{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "all"}, "ClusterRole/all"},
		{inventory.Ref{Kind: "Namespace", Name: "shop"}, "Namespace/shop"},
		{inventory.Ref{Kind: "Namespace", Root: "overlays/dev"}, "overlays/dev, without a namespace"},
		{inventory.Ref{Kind: "Tenant"}, "the tenant"},
		{inventory.Ref{Kind: "Cluster"}, "the cluster"},
	} {
		if got := newWords(lang.English).object(c.ref); got != c.want {
			t.Errorf("%+v: %q, want %q", c.ref, got, c.want)
		}
	}
}

// TestGapMessage holds that an unknown names what it rests on, and what would mend it.
func TestGapMessage(t *testing.T) {
	f := found(drainBlocked, control.Unknown, control.ReasonGap, inventory.Ref{Kind: "Namespace", Name: "shop"}, "", 0, nil)
	w := newWords(lang.English)
	if got := w.message(f); got != "not all of it was seen" {
		t.Errorf("%q", got)
	}
	for range 5 {
		f.Gaps = append(f.Gaps, inventory.Gap{Input: "list pods", Space: inventory.Space{Namespace: "shop"}, State: inventory.Denied})
	}
	if got := w.message(f); got != "rests on what was not read whole: list pods, list pods, list pods and 2 more (denied)" {
		t.Errorf("%q", got)
	}
	if line, example := w.remedy(f); line != "give the account the right to list pods, then check again" || example != "oc auth can-i list pods -n shop\n" {
		t.Errorf("%q %q", line, example)
	}
	f.Gaps = f.Gaps[:4]
	if got := w.message(f); !strings.Contains(got, "list pods, list pods, list pods and list pods") {
		t.Errorf("four are named: %q", got)
	}
}

// TestGapsAlike holds that a dump's lack of the same lists in each namespace is one row, and that the rows count all.
func TestGapsAlike(t *testing.T) {
	var gaps []Gap
	for _, ns := range []string{"a", "b", "c", "d", "e"} {
		for _, in := range []string{"list pods", "list jobs.batch", "list secrets", "list services", "list routes"} {
			gaps = append(gaps, InputGap(inventory.Gap{Input: in, Space: inventory.Space{Namespace: ns}, State: inventory.NotCollected}))
		}
	}
	gaps = append(gaps,
		InputGap(inventory.Gap{Input: "list limitranges", Space: inventory.Space{Namespace: "a"}, State: inventory.NotCollected}),
		InputGap(inventory.Gap{Input: "list pods", Space: inventory.Space{Namespace: "f"}, State: inventory.Denied, Detail: "403"}),
		InputGap(inventory.Gap{Input: "list nodes", State: inventory.NotCollected}),
		InputGap(inventory.Gap{Input: "configured owners", State: inventory.NotCollected}),
		InputGap(inventory.Gap{Input: "list storageclasses.storage.k8s.io", State: inventory.NotCollected}),
		WaiverGap("w.yaml", 1, "x"), WaiverGap("w.yaml", 1, "x"),
	)
	parts := partGaps(gaps)
	if len(parts) != 2 || parts[0].n != 2 || len(parts[0].rows) != 2 || parts[1].n != 30 {
		t.Fatalf("%+v", parts)
	}
	en, sum := newWords(lang.English), 0
	var got []string
	for _, r := range parts[1].rows {
		got = append(got, en.whereAll(r))
		sum += r.n()
	}
	want := []string{
		"list pods, list jobs.batch, list secrets and 2 more (a, b, c and 2 more)", "list limitranges (a)", "list pods (f)",
		"list nodes and list storageclasses.storage.k8s.io", "configured owners",
	}
	if !slices.Equal(got, want) || sum != 30 {
		t.Errorf("%d in %q, want %q", sum, got, want)
	}
}
