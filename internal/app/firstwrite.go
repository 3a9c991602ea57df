package app

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// firstWriter writes a first configuration, line by line: a comment is for the person, a key for the reader.
type firstWriter struct {
	bytes.Buffer
	t func(en, fr string) string
}

func (w *firstWriter) say(indent, en, fr string) {
	for line := range strings.Lines(w.t(en, fr)) {
		fmt.Fprintf(w, "%s# %s\n", indent, strings.TrimRight(line, "\n"))
	}
}

func (w *firstWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// guess marks what a name alone suggests.
func (w *firstWriter) guess(indent, en, fr string) {
	w.say(indent, "GUESS: "+en, "SUPPOSÉ\u00a0: "+fr)
}

func (f *First) write(t func(en, fr string) string) []byte {
	w := &firstWriter{t: t}
	w.say("", "Configuration of Vigie, written from what was seen. Lines marked GUESS are to be confirmed or corrected.\nvigie config check tells what is wrong in it; docs/configuration.md says what each key means.",
		"Configuration de Vigie, écrite d'après ce qui a été vu. Les lignes marquées SUPPOSÉ sont à confirmer ou à corriger.\nvigie config check dit ce qui n'y va pas\u00a0; docs/configuration.md dit ce que chaque clé signifie.")
	w.line("version: 1")
	w.say("", "tenant: the name that reports show", "tenant\u00a0: le nom que les rapports affichent")
	w.line("platform: %s", f.Platform)
	w.say("", `clusterVersion: "1.31"   # the Kubernetes version that runs, and the one to come: nobody can see them in manifests`+"\n"+`targetVersion: "1.32"`,
		`clusterVersion: "1.31"   # la version de Kubernetes en service, et celle à venir : aucun manifeste ne les montre`+"\n"+`targetVersion: "1.32"`)
	if f.Unnamed > 0 {
		w.say("", fmt.Sprintf("%d objects name no namespace: where are they applied?", f.Unnamed), fmt.Sprintf("%d objets ne nomment pas d'espace de noms\u00a0: où sont-ils appliqués\u00a0?", f.Unnamed))
		w.line("# namespace: my-namespace")
	}
	f.environments(w)
	f.owners(w)
	f.parameters(w)
	return w.Bytes()
}

func (f *First) environments(w *firstWriter) {
	w.line("")
	for _, ns := range slices.Sorted(maps.Keys(f.Labelled)) {
		w.say("", fmt.Sprintf("%s says itself that it is %s, by its label environment.", ns, f.Labelled[ns]), fmt.Sprintf("%s dit lui-même, par son étiquette environment, qu'il est %s.", ns, f.Labelled[ns]))
	}
	var without []string
	for _, ns := range f.Namespaces {
		if f.Labelled[ns] == "" && !slices.ContainsFunc(slices.Collect(maps.Values(f.Environments)), func(all []string) bool { return slices.Contains(all, ns) }) {
			without = append(without, ns)
		}
	}
	if len(f.Environments) > 0 {
		w.guess("", "environments, from the names of the namespaces.", "environnements, d'après les noms des espaces de noms.")
		w.line("environments:")
		for _, e := range slices.Sorted(maps.Keys(f.Environments)) {
			w.line("  %s: %s", e, flow(f.Environments[e]))
		}
	} else if len(f.Labelled) == 0 {
		w.say("", "environments: nothing is production until this says so.\nenvironments:\n  production: [\"*-prod\"]", "environments\u00a0: rien n'est en production tant que ceci ne le dit pas.\nenvironments:\n  production: [\"*-prod\"]")
	}
	if len(without) > 0 {
		w.say("", "in no environment: "+strings.Join(without, ", "), "dans aucun environnement\u00a0: "+strings.Join(without, ", "))
	}
	if len(f.Teams) > 0 {
		w.line("")
		w.say("", "teams, from the namespaces' own label team.", "équipes, d'après l'étiquette team des espaces de noms.")
		w.line("teams:")
		for _, name := range slices.Sorted(maps.Keys(f.Teams)) {
			w.line("  %s: {namespaces: %s}", strconv.Quote(name), flow(f.Teams[name]))
		}
	}
}

func (f *First) owners(w *firstWriter) {
	w.line("")
	w.say("", "owners: who answers for the clauses of your side. Only you know; a clause without an owner fails RACI.\nowners:\n  \"*\": \"team or person\"",
		"owners\u00a0: qui répond des clauses de votre côté. Vous seul le savez\u00a0; une clause sans responsable manque à la RACI.\nowners:\n  \"*\": \"équipe ou personne\"")
}

func (f *First) parameters(w *firstWriter) {
	var throwaway, kept []string
	for _, c := range f.Claims {
		if c.Throwaway {
			throwaway = append(throwaway, c.Name)
		} else {
			kept = append(kept, c.Name)
		}
	}
	w.line("")
	if len(f.Registries) == 0 && len(throwaway) == 0 && len(f.Classes) == 0 {
		w.say("", "parameters: the policy's figures, where you set them otherwise: see vigie explain.", "parameters\u00a0: les valeurs de la politique, là où vous les fixez autrement\u00a0: voir vigie explain.")
		return
	}
	w.line("parameters:")
	if len(f.Registries) > 0 {
		w.guess("  ", "every registry that an image names today is allowed.", "tout registre nommé aujourd'hui par une image est autorisé.")
		w.line("  allowed-registries: %s", flow(f.Registries))
	}
	if len(throwaway) > 0 {
		w.guess("  ", "critical are all volumes but "+strings.Join(throwaway, ", ")+", whose name says cache.\nAll of them are, where the next line is left out.",
			"sont critiques tous les volumes sauf "+strings.Join(throwaway, ", ")+", dont le nom dit cache.\nTous le sont si la ligne suivante est retirée.")
		if len(kept) > 0 {
			w.line("  critical-volumes: %s", flow(kept))
		} else {
			w.line("  # critical-volumes: []")
		}
	}
	if len(f.Classes) > 0 {
		list := strings.Join(f.Classes, ", ")
		w.say("  ", "storage classes seen: "+list+". Ask the provider which of them encrypt, and write them here:\nencrypted-classes: ["+list+"]\nzonal-classes: []   # whose volumes live in one zone",
			"classes de stockage vues\u00a0: "+list+". Demander au fournisseur lesquelles chiffrent, et les écrire ici\u00a0:\nencrypted-classes: ["+list+"]\nzonal-classes: []   # dont les volumes vivent dans une seule zone")
	}
	if len(f.Registries) == 0 && (len(throwaway) == 0 || len(kept) == 0) {
		w.line("  {}")
	}
}

// flow is a YAML list of texts on one line.
func flow(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
