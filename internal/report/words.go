package report

import (
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/policy"
	"vigie/internal/posture"
)

// text is a word or sentence in both languages.
type text = policy.Text

func in(t text, l lang.Lang) string { return t.In(string(l)) }

var verdictWords = map[control.Verdict]text{
	control.Fail: {EN: "fail", FR: "non conforme"}, control.Unknown: {EN: "unknown", FR: "non vérifiable"},
	control.Pass: {EN: "pass", FR: "conforme"}, control.NotApplicable: {EN: "not applicable", FR: "non applicable"},
}

var stateWords = map[posture.State]text{
	posture.Fail: {EN: "fail", FR: "non conforme"}, posture.Deviates: {EN: "deviates", FR: "en écart"},
	posture.Unknown: {EN: "unknown", FR: "non vérifiable"}, posture.Waived: {EN: "waived", FR: "sous dérogation"},
	posture.Pass: {EN: "pass", FR: "conforme"}, posture.NotApplicable: {EN: "not applicable", FR: "non applicable"},
}

// severityWords agree with «gravité».
var severityWords = map[control.Severity]text{
	control.Critical: {EN: "critical", FR: "critique"}, control.High: {EN: "high", FR: "élevée"},
	control.Medium: {EN: "medium", FR: "moyenne"}, control.Low: {EN: "low", FR: "faible"},
}

var groundWords = map[posture.Ground]text{
	posture.Measured: {EN: "measured", FR: "mesuré"}, posture.Attested: {EN: "attested", FR: "sur attestation"},
	posture.Declared: {EN: "declared", FR: "sur déclaration"}, posture.ByWaiver: {EN: "waived", FR: "par dérogation"},
	posture.None: {EN: "nothing seen", FR: "rien de vu"},
}

var inputStates = map[string]text{
	"not-collected": {EN: "not collected", FR: "non collecté"}, "denied": {EN: "denied", FR: "refusé"}, "failed": {EN: "failed", FR: "en échec"},
	"stale": {EN: "too old", FR: "trop ancien"}, "partial": {EN: "seen in part", FR: "vu en partie"},
	"not-understood": {EN: "not understood", FR: "non compris"}, "not-in-force": {EN: "does not apply", FR: "sans effet"},
}

// A because is a cause with what it counts and what to do.
type because struct{ one, many, step text }

var causeWords = map[posture.Cause]because{
	posture.NeedsProvider: {
		text{EN: "needs the provider's word", FR: "demande la parole du fournisseur"}, text{EN: "need the provider's word", FR: "demandent la parole du fournisseur"},
		text{EN: "attestations, roadmap, notices", FR: "attestations, roadmap, avis"},
	},
	posture.NeedsRecords: {
		text{EN: "needs your records", FR: "demande vos enregistrements"}, text{EN: "need your records", FR: "demandent vos enregistrements"},
		text{EN: "backups, restore tests, access reviews, plans, tested contacts", FR: "sauvegardes, tests de restauration, revues des accès, plans, contacts testés"},
	},
	posture.NeedsCluster: {
		text{EN: "needs a running cluster", FR: "demande un cluster en fonctionnement"}, text{EN: "need a running cluster", FR: "demandent un cluster en fonctionnement"},
		text{EN: "manifests hold no state", FR: "les manifestes ne portent pas d'état"},
	},
	posture.NeedsMetrics: {
		text{EN: "needs metrics", FR: "demande des mesures"}, text{EN: "need metrics", FR: "demandent des mesures"},
		text{EN: "usage, alerts, start failures", FR: "usage, alertes, échecs au démarrage"},
	},
	posture.NeedsScans: {
		text{EN: "needs image scans", FR: "demande des analyses d'images"}, text{EN: "need image scans", FR: "demandent des analyses d'images"},
		text{EN: "reports of a scanner", FR: "rapports d'un outil d'analyse"},
	},
	posture.NeedsHandshake: {
		text{EN: "needs a TLS handshake", FR: "demande une poignée de main TLS"}, text{EN: "need a TLS handshake", FR: "demandent une poignée de main TLS"},
		text{EN: "a connection to the running service", FR: "une connexion au service en fonctionnement"},
	},
	posture.Gap: {
		text{EN: "rests on what was not read", FR: "repose sur ce qui n'a pas été lu"}, text{EN: "rest on what was not read", FR: "reposent sur ce qui n'a pas été lu"},
		text{EN: "mend the documents and rights below", FR: "corriger les documents et les droits ci-dessous"},
	},
	posture.CannotTell: {
		text{EN: "could not be judged", FR: "n'a pas pu être jugée"}, text{EN: "could not be judged", FR: "n'ont pas pu être jugées"},
		text{EN: "see the unknown findings: --all", FR: "voir les constats non vérifiables : --all"},
	},
	posture.Broken: {
		text{EN: "met a fault of a control", FR: "a rencontré un défaut d'un contrôle"}, text{EN: "met a fault of a control", FR: "ont rencontré un défaut d'un contrôle"},
		text{EN: "please report it", FR: "merci de le signaler"},
	},
	posture.NotInVersion: {
		text{EN: "waits for a control", FR: "attend un contrôle"}, text{EN: "wait for a control", FR: "attendent un contrôle"},
		text{EN: "not in this version: vigie controls --all", FR: "pas dans cette version : vigie controls --all"},
	},
	posture.NotSelected: {
		text{EN: "was left out", FR: "a été écartée"}, text{EN: "were left out", FR: "ont été écartées"},
		text{EN: "by --only or --skip", FR: "par --only ou --skip"},
	},
}

// unread says why a document was not understood, by the reason that the reader gives.
var unread = map[string]text{
	"yaml-syntax":          {EN: "the YAML does not parse", FR: "le YAML est invalide"},
	"json-syntax":          {EN: "the JSON does not parse", FR: "le JSON est invalide"},
	"truncated":            {EN: "ends in the middle", FR: "se termine au milieu"},
	"duplicate-key":        {EN: "key {key} is set twice", FR: "la clé {key} est définie deux fois"},
	"no-kind":              {EN: "apiVersion without kind", FR: "apiVersion sans kind"},
	"no-api-version":       {EN: "kind without apiVersion", FR: "kind sans apiVersion"},
	"not-an-object":        {EN: "a list where an object is wanted: use kind: List", FR: "une liste là où un objet est attendu : utiliser kind: List"},
	"too-large":            {EN: "larger than the limit: not evaluated", FR: "plus grand que la limite : non évalué"},
	"too-deep":             {EN: "nested too deep: not evaluated", FR: "imbrication trop profonde : non évalué"},
	"too-many-aliases":     {EN: "aliases that multiply: not evaluated", FR: "alias qui se multiplient : non évalué"},
	"binary":               {EN: "binary content: not evaluated", FR: "contenu binaire : non évalué"},
	"not-utf8":             {EN: "not UTF-8 text: not evaluated", FR: "texte qui n'est pas en UTF-8 : non évalué"},
	"unreadable":           {EN: "cannot be opened ({why})", FR: "ne peut pas être ouvert ({why})"},
	"link-outside":         {EN: "a link that leads outside of what is checked: not followed", FR: "un lien qui mène hors de ce qui est contrôlé : non suivi"},
	"link-cycle":           {EN: "a link that leads to itself: not followed", FR: "un lien qui mène à lui-même : non suivi"},
	"special-file":         {EN: "no regular file: not read", FR: "pas un fichier ordinaire : non lu"},
	"archive-broken":       {EN: "the archive is broken: read in part at most", FR: "l'archive est endommagée : lue en partie au plus"},
	"archive-too-large":    {EN: "unpacks to more than the limit: read in part", FR: "se décompresse au-delà de la limite : lue en partie"},
	"archive-entry-unsafe": {EN: "a name that leads out of the archive: not read", FR: "un nom qui sort de l'archive : non lu"},
	"chart-not-rendered":   {EN: "a Helm chart: check what helm template renders", FR: "un chart Helm : contrôler ce que rend helm template"},
	"nothing-found":        {EN: "no document found: nothing was evaluated", FR: "aucun document trouvé : rien n'a été évalué"},
	"wrong-type":           {EN: "{path}: want {want}", FR: "{path} : attendu : {want}"},
	"helm-release-broken":  {EN: "the stored Helm release cannot be unpacked", FR: "la version Helm conservée ne peut pas être décompressée"},
}

// wants says in French what the API wants; the English is what the reader gives.
var wants = map[string]string{
	"an integer": "un entier", "a boolean": "un booléen", "a string": "une chaîne", "base64": "du base64", "a list": "une liste",
	"a map": "une table", "a quantity": "une quantité", "a time (RFC 3339)": "une date (RFC 3339)",
	"an integer or a string": "un entier ou une chaîne", "an object": "un objet", "a name": "un nom", "a valid value": "une valeur valide",
}

// Sentence says what a gap is, in a person's words.
func (g Gap) Sentence(l lang.Lang) string {
	if t, ok := unread[g.Reason]; ok {
		values := g.Values
		if w, ok := values["want"].(string); ok && l == lang.French {
			values = map[string]any{"path": values["path"], "want": w}
			if fr := wants[w]; fr != "" {
				values["want"] = fr
			}
		}
		return lang.Fill(l, in(t, l), values)
	}
	if g.Input == "waiver" {
		return g.Detail
	}
	if g.Input == "every list" {
		s := l.T("objects here may belong to another namespace: some name none (--namespace says where they go)", "des objets d'ici peuvent relever d'un autre espace de noms : certains n'en nomment pas (--namespace dit où ils vont)")
		if !strings.Contains(g.Detail, "namespace") {
			s = in(inputStates[g.State], l) + " (" + g.Detail + ")"
		}
		return l.Typeset(s)
	}
	if g.Input == "configured owners" {
		return l.T("no owners section in vigie.yaml", "pas de section owners dans vigie.yaml")
	}
	s := in(inputStates[g.State], l)
	if g.Detail != "" {
		s += " (" + g.Detail + ")"
	}
	return s
}

// Message is the finding's sentence: that of its reason, filled with its values.
func (f *Finding) Message(l lang.Lang) string {
	switch f.Reason {
	case "":
		return in(verdictWords[f.Verdict], l)
	case control.ReasonGap:
		return gapMessage(f, l)
	case control.ReasonBroken:
		return lang.Fill(l, l.T("the control failed here ({panic}): please report it", "le contrôle a échoué ici ({panic}) : merci de le signaler"), f.Values)
	}
	d, err := f.Control.Doc(string(l))
	if err != nil {
		return f.Reason // held by the controls' tests: cannot happen in a build that passed them
	}
	return lang.Fill(l, d.Reasons[f.Reason].Message, f.Values)
}

func gapMessage(f *Finding, l lang.Lang) string {
	var inputs []string
	for i, g := range f.Gaps {
		if i == 3 && len(f.Gaps) > 4 {
			inputs = append(inputs, l.T("others", "d'autres"))
			break
		}
		inputs = append(inputs, g.Input)
	}
	if len(f.Gaps) == 0 {
		return l.T("not all of it was seen", "tout n'a pas été vu")
	}
	return l.T("not seen whole: ", "pas vu en entier : ") + l.List(inputs) + " (" + in(inputStates[f.Gaps[0].State.String()], l) + detail(f.Gaps[0].Detail) + ")"
}

func detail(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// Remedy is one line that says what to do; empty where there is nothing to.
func (f *Finding) Remedy(l lang.Lang) (line, example string) {
	d, err := f.Control.Doc(string(l))
	if err != nil {
		return "", ""
	}
	r := d.Reasons[f.Reason]
	return lang.Fill(l, r.Remedy, f.Values), r.Example
}
