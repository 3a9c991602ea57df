package report

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/policy"
	"vigie/internal/posture"
	"vigie/internal/register"
)

var (
	paris = time.FixedZone("CET", 3600)
	noon  = time.Date(2026, 11, 25, 9, 42, 0, 0, paris)
)

// docs are the documents of a made-up control.
func docs(en, fr string) fs.FS {
	return fstest.MapFS{"doc.en.md": {Data: []byte(en)}, "doc.fr.md": {Data: []byte(fr)}}
}

// The controls of the sample: made up, but of the form of the real ones.
var (
	plainSecret = &control.Control{
		ID: "plain-secret", Version: 2, Clauses: []string{"MCS.SEC.R1", "MCS.SEC.T1"}, Scope: control.Namespace, Severity: control.Critical,
		Reasons: []control.Reason{{Key: "env", Verdict: control.Fail}},
		Docs: docs("# No secret stands in clear\n\nA value in a manifest is read by everybody who may read the repository.\n\n## env\n\nEnv {where} holds a secret in plain text (not shown).\n\nRemedy: put it in a Secret, refer to it by secretKeyRef, and change the secret.\n\n```yaml\nenv:\n- name: PSP_TOKEN\n  valueFrom:\n    secretKeyRef: {name: psp, key: token}\n```\n",
			"# Aucun secret n'est en texte clair\n\nUne valeur dans un manifeste est lue par quiconque peut lire le dépôt.\n\n## env\n\nLa variable {where} contient un secret en texte clair (non montré).\n\nRemède : le mettre dans un Secret, y faire référence par secretKeyRef, et changer le secret.\n\n```yaml\nenv:\n- name: PSP_TOKEN\n  valueFrom:\n    secretKeyRef: {name: psp, key: token}\n```\n"),
	}
	drainBlocked = &control.Control{
		ID: "drain-blocked", Version: 1, Clauses: []string{"MCO.UPD.T3"}, Scope: control.Namespace, Severity: control.High,
		Reasons: []control.Reason{{Key: "blocks", Verdict: control.Fail}, {Key: "few", Verdict: control.Fail, Severity: control.Low}},
		Docs: docs("# No budget blocks a drain\n\nA node cannot be emptied where a budget lets no pod go.\n\n## blocks\n\nMinAvailable {min} of {count} {count|replica|replicas} blocks every drain.\n\nRemedy: maxUnavailable: 1 instead of minAvailable: {min}.\n\n```yaml\nspec:\n  maxUnavailable: 1\n```\n\n## few\n\nThe budget waits {wait} for {names}.\n\nRemedy: shorten it.\n\n```yaml\nspec: {}\n```\n",
			"# Aucun budget ne bloque un drainage\n\nUn nœud ne peut pas être vidé si un budget ne laisse partir aucun pod.\n\n## blocks\n\nMinAvailable {min} sur {count} {count|réplica|réplicas} bloque tout drainage.\n\nRemède : maxUnavailable: 1 plutôt que minAvailable: {min}.\n\n```yaml\nspec:\n  maxUnavailable: 1\n```\n\n## few\n\nLe budget attend {wait} pour {names}.\n\nRemède : le raccourcir ; sinon le retirer.\n\n```yaml\nspec: {}\n```\n"),
	}
	imagePinned = &control.Control{
		ID: "image-pinned", Version: 3, Clauses: []string{"MCO.UPD.T2", "MCS.VUL.T2"}, Scope: control.Namespace, Severity: control.Medium,
		Reasons: []control.Reason{
			{Key: "latest", Verdict: control.Fail}, {Key: "tag-not-seen", Verdict: control.Unknown}, {Key: "digest", Verdict: control.Pass},
		},
		Docs: docs("# Images are pinned\n\nA tag can be moved.\n\n## latest\n\nContainer {container} runs {image}: the tag latest can be any version.\n\nRemedy: name a version, better a digest.\n\n```yaml\nimage: registry.example.test/shop/app:1.4.2\n```\n\n## tag-not-seen\n\nThe image comes from the image stream tag {tag}, which was not seen.\n\nRemedy: include the ImageStream.\n\n```sh\noc get imagestreams -o yaml\n```\n\n## digest\n\nA digest names the image.\n",
			"# Les images sont épinglées\n\nUn tag peut être déplacé.\n\n## latest\n\nLe conteneur {container} exécute {image} : le tag latest peut être n'importe quelle version.\n\nRemède : nommer une version, mieux un digest.\n\n```yaml\nimage: registry.example.test/shop/app:1.4.2\n```\n\n## tag-not-seen\n\nL'image vient du tag d'ImageStream {tag}, qui n'a pas été vu.\n\nRemède : inclure l'ImageStream.\n\n```sh\noc get imagestreams -o yaml\n```\n\n## digest\n\nUn digest nomme l'image.\n"),
	}
	sampleControls = []*control.Control{plainSecret, drainBlocked, imagePinned}
)

func known(id string) *control.Control {
	for _, c := range sampleControls {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func ref(kind, ns, name string) inventory.Ref {
	group := map[string]string{"Deployment": "apps", "StatefulSet": "apps", "PodDisruptionBudget": "policy"}[kind]
	return inventory.Ref{Group: group, Kind: kind, Namespace: ns, Name: name}
}

func found(c *control.Control, v control.Verdict, reason string, r inventory.Ref, file string, line int, vals control.Values) *Finding {
	return &Finding{Finding: &control.Finding{
		Control: c, Verdict: v, Reason: reason, Subject: r, Values: vals, Place: inventory.Place{File: file, Line: line}, SeenAt: noon,
	}}
}

// A stream is the events of one check, to be played to any handler.
type stream struct {
	meta     Meta
	gaps     []Gap
	findings []*Finding
	clauses  []posture.Clause
	sum      Summary
}

func (s *stream) play(t testing.TB, h Handler) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(h.Meta(s.meta))
	for _, g := range s.gaps {
		check(h.Gap(g))
	}
	for _, f := range s.findings {
		check(h.Finding(f))
	}
	for _, c := range s.clauses {
		check(h.Clause(c))
	}
	check(h.Summary(s.sum))
}

// count makes the summary of what stands in the stream, as the check does.
func (s *stream) count() {
	sum := Summary{
		Objects: s.meta.Objects, Documents: s.meta.Documents, Files: s.meta.Files, Namespaces: s.meta.Namespaces, FailOn: "high",
		Verdicts: map[control.Verdict]int{}, Severities: map[control.Severity]int{}, Clauses: map[posture.State]int{},
		Empty: s.meta.Objects == 0,
	}
	for _, g := range s.gaps {
		if g.Input == "document" {
			sum.Unread++
		}
	}
	for _, f := range s.findings {
		switch {
		case f.Waiver != nil:
			sum.Waived++
			if sum.WaivedTo.IsZero() || f.Waiver.Expires.Before(sum.WaivedTo) {
				sum.WaivedTo = f.Waiver.Expires
			}
			continue
		case f.Baselined:
			sum.Baselined++
		case f.Verdict == control.Fail:
			sum.Severities[f.Severity()]++
			if f.Severity() >= control.High {
				sum.Exit = 1
			}
		}
		sum.Verdicts[f.Verdict]++
	}
	for _, c := range s.clauses {
		sum.Clauses[c.State]++
	}
	sum.Incomplete = sum.Unread > 0
	s.sum = sum
}

// sample is a check of a made-up tenant, with something of everything.
func sample(t testing.TB) *stream {
	t.Helper()
	s := &stream{meta: Meta{
		Version: "1.2.3", Lang: "en", At: noon, Tenant: "boutique", Paths: []string{"examples/boutique"}, Source: "files",
		PolicyVersion: policy.Version, PolicyHash: "0123456789abcdef",
		Controls: map[string]int{"plain-secret": 2, "drain-blocked": 1, "image-pinned": 3}, Parameters: map[string]string{"patch-deadline": "21d"},
		Platform: "openshift", ClusterVersion: "1.29", TargetVersion: "1.31", EnvironmentsSet: true,
		Objects: 118, Documents: 121, Files: 41, Namespaces: 2, Foreign: 3,
	}}
	s.gaps = []Gap{
		UnreadGap(inventory.Unread{Place: inventory.Place{File: "orders/values.yaml", Line: 12}, Root: ".", Reason: "duplicate-key", Values: map[string]any{"key": "image"}}),
		UnreadGap(inventory.Unread{Place: inventory.Place{File: "legacy/gateway.yaml", Line: 7}, Root: ".", Reason: "wrong-type", Values: map[string]any{"path": "spec.replicas", "want": "an integer"}, Ref: inventory.Ref{Kind: "Deployment", Name: "gateway"}}),
		WaiverGap("waivers.yaml", 9, "waivers.yaml:9: waiver 2 does not apply: \"expires\" is required"),
		InputGap(inventory.Gap{Input: "list pods", Space: inventory.Space{Namespace: "prod"}, State: inventory.Denied, Detail: "list pods: 403"}),
	}
	add := func(f *Finding) *Finding {
		s.findings = append(s.findings, f)
		return f
	}
	for i, name := range []string{"payment", "cart", "front"} {
		f := add(found(plainSecret, control.Fail, "env", ref("Deployment", "prod", name), name+"/deploy.yaml", 41+i, control.Values{"where": "PSP_TOKEN"}))
		f.Part = control.Part{Kind: "env", Name: "PSP_TOKEN"}
		f.Team = "shop"
	}
	add(found(drainBlocked, control.Fail, "blocks", ref("PodDisruptionBudget", "prod", "cart"), "cart/pdb.yaml", 6, control.Values{"min": 2, "count": 2}))
	add(found(drainBlocked, control.Fail, "few", ref("PodDisruptionBudget", "prod", "search"), "search/pdb.yaml", 6, control.Values{"wait": 36 * time.Hour, "names": []string{"a", "b", "c"}}))
	for i := range 12 {
		f := add(found(imagePinned, control.Fail, "latest", ref("Deployment", "staging", fmt.Sprintf("svc-%02d", i)), "staging/all.yaml", 10*i+3,
			control.Values{"container": "app", "image": "registry.example.test/boutique/a-service-with-a-rather-long-name:latest"}))
		f.Part = control.Part{Kind: "container", Name: "app"}
	}
	waived := add(found(imagePinned, control.Fail, "latest", ref("StatefulSet", "prod", "stock-db"), "stock/stock-db.yaml", 30, control.Values{"container": "db", "image": "db:latest"}))
	waived.Waiver = &register.Waiver{
		Control: "image-pinned", Subject: "StatefulSet prod/stock-db", Reason: "the supplier publishes this tag only", Approver: "security@example.test",
		Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), File: "waivers.yaml", Line: 2,
	}
	add(found(imagePinned, control.Fail, "latest", ref("Deployment", "prod", "mail"), "mail/mail.yaml", 20, control.Values{"container": "mail", "image": "mail:latest"})).Baselined = true
	for _, name := range []string{"admin", "reports"} {
		add(found(imagePinned, control.Unknown, "tag-not-seen", ref("Deployment", "prod", name), name+"/deploy.yaml", 4, control.Values{"tag": "base:1"}))
	}
	gap := add(found(drainBlocked, control.Unknown, control.ReasonGap, inventory.Ref{Kind: "Namespace", Name: "prod"}, "", 0, nil))
	gap.Gaps = []inventory.Gap{{Input: "list pods", Space: inventory.Space{Namespace: "prod"}, State: inventory.Denied, Detail: "list pods: 403"}}
	add(found(plainSecret, control.Unknown, control.ReasonBroken, inventory.Ref{Kind: "Namespace", Root: "overlays/dev"}, "", 0, control.Values{"control": "plain-secret", "panic": "index out of range [3]"}))
	pass := add(found(imagePinned, control.Pass, "digest", ref("Deployment", "prod", "redis"), "redis/redis.yaml", 1, nil))
	pass.Until = noon.Add(48 * time.Hour)
	add(found(plainSecret, control.Pass, "", ref("Deployment", "prod", "redis"), "redis/redis.yaml", 1, nil))
	add(found(drainBlocked, control.NotApplicable, "", inventory.Ref{Kind: "Namespace", Name: "staging"}, "", 0, nil))
	s.clauses = sampleClauses(t)
	s.count()
	return s
}

// sampleClauses gives each clause of the policy a state; every state and every cause occurs.
func sampleClauses(t testing.TB) (out []posture.Clause) {
	t.Helper()
	p, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]posture.Clause{
		"MCS.SEC.R1": {State: posture.Fail, Ground: posture.Measured, Owner: "shop", Seen: 2, Of: 3, Fails: 3, Causes: []posture.Because{{Cause: posture.NotInVersion, Control: "secret-age"}}},
		"MCS.SEC.T1": {State: posture.Fail, Ground: posture.Measured, Seen: 1, Of: 1, Fails: 3},
		"MCO.UPD.T3": {State: posture.Fail, Ground: posture.Measured, Seen: 1, Of: 1, Fails: 2},
		"MCO.UPD.T2": {State: posture.Fail, Ground: posture.Measured, Seen: 1, Of: 2, Fails: 12, Waived: 1, Causes: []posture.Because{{Cause: posture.CannotTell, Control: "image-pinned"}}},
		"MCS.VUL.T2": {State: posture.Fail, Ground: posture.Measured, Seen: 1, Of: 1, Fails: 12},
		"MCS.VUL.T1": {State: posture.Deviates, Ground: posture.Measured, Owner: "security", Seen: 1, Of: 1},
		"MCS.ENC.R1": {State: posture.Waived, Ground: posture.ByWaiver, Seen: 1, Of: 1, Waived: 1},
		"MCS.ENC.R2": {State: posture.Pass, Ground: posture.Measured, Seen: 1, Of: 1},
		"MCS.IAM.T1": {State: posture.Pass, Ground: posture.Declared, Seen: 1, Of: 1},
		"MCO.BKP.T1": {State: posture.NotApplicable, Ground: posture.Measured, Seen: 1, Of: 1},
	}
	causes := posture.Causes()
	for i, pc := range p.Clauses {
		c, ok := states[pc.ID]
		switch {
		case ok:
		case pc.Side == policy.Provider:
			c = posture.Clause{Ground: posture.None, Of: 1, Causes: []posture.Because{{Cause: posture.NeedsProvider}}}
		default:
			c = posture.Clause{Ground: posture.None, Of: 2, Causes: []posture.Because{{Cause: causes[i%len(causes)], Control: "image-pinned"}, {Cause: posture.NotInVersion, Control: "later"}}}
			if i%2 == 0 {
				c.Seen, c.Ground, c.Causes = 1, posture.Measured, c.Causes[:1]
			}
		}
		c.ID = pc.ID
		out = append(out, c)
	}
	return out
}
