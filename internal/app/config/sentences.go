package config

// A language is an index into the texts below.
type language int

const (
	english language = iota
	french
)

// text is one text in both languages.
type text [2]string

// A sentence is what a reason says, and the way out where no spelling is near.
type sentence struct{ body, hint text }

var (
	didYouMean   = text{": did you mean {suggestion}?", "\u00a0: vouliez-vous dire {suggestion}\u202f?"}
	doesNotApply = text{"waiver %d does not apply: ", "la dérogation %d ne s'applique pas\u00a0: "}
)

// words are the words that stand for a {#hole}.
var words = map[string]text{
	"text":    {"text", "un texte"},
	"list":    {"a list", "une liste"},
	"mapping": {"keys with values", "des clés et leurs valeurs"},
	"one":     {"the number 1", "le nombre 1"},
	"setting": {"a value, or value and namespaces", "une valeur, ou value et namespaces"},
	"number":  {"a number", "un nombre"},
	"octal":   {"an octal number", "un nombre octal"},
	"sixty":   {"a number in base 60", "un nombre en base 60"},
	"boolean": {"a boolean", "un booléen"},
	"date":    {"a date", "une date"},
	"special": {"a special value", "une valeur spéciale"},
	"absent":  {"the file does not exist", "le fichier n'existe pas"},
	"denied":  {"this account may not read it", "ce compte n'a pas le droit de le lire"},
	"folder":  {"it is a folder", "c'est un dossier"},
	"broken":  {"reading it failed", "sa lecture a échoué"},
}

// sentences holds every reason of a Problem.
var sentences = map[string]sentence{
	"unreadable": {
		body: text{"cannot be read: {#cause}", "lecture impossible\u00a0: {#cause}"},
		hint: text{": mend the path or remove it from the configuration", "\u00a0: corriger le chemin ou le retirer de la configuration"},
	},
	"no-configuration": {
		body: text{"cannot be read: {#cause}: mend --config or VIGIE_CONFIG", "lecture impossible\u00a0: {#cause}\u00a0: corriger --config ou VIGIE_CONFIG"},
	},
	"too-large": {
		body: text{"larger than 1 MiB: this is no configuration of Vigie", "plus de 1\u00a0Mio\u00a0: ce n'est pas une configuration de Vigie"},
	},
	"too-many": {
		body: text{"more than {=most} problems: mend the first, then see the rest", "plus de {=most} problèmes\u00a0: corriger les premiers, puis voir la suite"},
	},
	"not-text": {
		body: text{"not UTF-8 text: save the file as UTF-8", "ce n'est pas du texte UTF-8\u00a0: enregistrer le fichier en UTF-8"},
	},
	"not-yaml": {
		body: text{"not valid YAML: {=en}", "YAML non valide\u00a0: {=fr}"},
	},
	"second-document": {
		body: text{"a second YAML document begins here: write everything in one", "un second document YAML commence ici\u00a0: tout écrire dans un seul"},
	},
	"star": {
		body: text{"a value that begins with * is an alias to YAML: write {=suggestion}", "une valeur qui commence par * est un alias pour YAML\u00a0: écrire {=suggestion}"},
	},
	"alias": {
		body: text{"the alias *{=name} is not followed here: write the value out", "l'alias *{=name} n'est pas suivi ici\u00a0: écrire la valeur en entier"},
	},
	"merge": {
		body: text{"the merge key << is not followed here: write the keys out", "la clé de fusion << n'est pas suivie ici\u00a0: écrire les clés en entier"},
	},
	"tag": {
		body: text{"the YAML tag {=tag} is not read here: remove it", "l'étiquette YAML {=tag} n'est pas lue ici\u00a0: la retirer"},
	},
	"wrong-type": {
		body: text{"{=key}: want {#want}, not {#got}", "{=key}\u00a0: il faut {#want}, pas {#got}"},
	},
	"wrong-root": {
		body: text{"want keys with values, not {#got}", "il faut des clés et leurs valeurs, pas {#got}"},
		hint: text{": begin with a line like {=begin}", "\u00a0: commencer par une ligne comme {=begin}"},
	},
	"ambiguous": {
		body: text{"{=key}: {=value} without quotes is {#what} to YAML: write {=suggestion}", "{=key}\u00a0: sans guillemets, {=value} est pour YAML {#what}\u00a0: écrire {=suggestion}"},
	},
	"no-value": {
		body: text{"{=key} has no value: give it one or remove the key", "{=key} n'a pas de valeur\u00a0: en donner une ou retirer la clé"},
	},
	"control-character": {
		body: text{"{=key} holds a character that is no text: remove it", "{=key} contient un caractère qui n'est pas du texte\u00a0: le retirer"},
	},
	"too-long": {
		body: text{"{=key} is longer than {=max} characters: shorten it", "{=key} dépasse {=max} caractères\u00a0: raccourcir"},
	},
	"unknown-key": {
		body: text{"unknown key {name}", "clé inconnue {name}"},
		hint: text{": want {|known}", "\u00a0: clés possibles\u00a0: {|known}"},
	},
	"unknown-key-in": {
		body: text{"unknown key {name} in {=in}", "clé inconnue {name} dans {=in}"},
		hint: text{": want {|known}", "\u00a0: clés possibles\u00a0: {|known}"},
	},
	"empty-key": {
		body: text{"a key is nothing to YAML: give it a name, in quotes", "une clé n'est rien pour YAML\u00a0: lui donner un nom, entre guillemets"},
	},
	"key-type": {
		body: text{"a key must be text, not {#got}", "une clé doit être un texte, pas {#got}"},
	},
	"duplicate-key": {
		body: text{"the key {name} stands twice, first on line {=first}: keep one", "la clé {name} figure deux fois, d'abord à la ligne {=first}\u00a0: n'en garder qu'une"},
	},
	"duplicate-value": {
		body: text{"{=key}: {value} stands twice: keep one", "{=key}\u00a0: {value} figure deux fois\u00a0: n'en garder qu'une mention"},
	},
	"unknown-value": {
		body: text{"{=key}: unknown value {value}", "{=key}\u00a0: valeur inconnue {value}"},
		hint: text{": want {|known}", "\u00a0: valeurs possibles\u00a0: {|known}"},
	},
	"bad-version": {
		body: text{"{=key}: {value} is no minor version of Kubernetes", "{=key}\u00a0: {value} n'est pas une version mineure de Kubernetes"},
		hint: text{`: want a form like "1.31"`, "\u00a0: forme attendue\u00a0: \"1.31\""},
	},
	"version-to-come": {
		body: text{"{=key}: {value} is newer than {=newest}, the last Kubernetes whose APIs this version of Vigie knows: give that one or remove the key", "{=key}\u00a0: {value} est plus récente que {=newest}, la dernière de Kubernetes dont cette version de Vigie connaît les API\u00a0: donner celle-ci ou retirer la clé"},
	},
	"openshift-version": {
		body: text{"{=key}: {value} is a version of OpenShift, that of Kubernetes is wanted", "{=key}\u00a0: {value} est une version d'OpenShift, celle de Kubernetes est attendue"},
	},
	"target-older": {
		body: text{"targetVersion {value} is older than clusterVersion {running}: give the version to come or remove the key", "targetVersion {value} est antérieure à clusterVersion {running}\u00a0: donner la version à venir ou retirer la clé"},
	},
	"bad-namespace": {
		body: text{"{=key}: {value} cannot name a namespace", "{=key}\u00a0: {value} ne peut pas nommer un espace de noms"},
		hint: text{": want small letters, digits and dashes, at most 63", "\u00a0: minuscules, chiffres et tirets, 63 au plus"},
	},
	"bad-pattern": {
		body: text{"{=key}: the pattern {value} is broken: close its [ or remove it", "{=key}\u00a0: le motif {value} est mal formé\u00a0: fermer son [ ou le retirer"},
	},
	"pattern-never": {
		body: text{"{=key}: {value} can match no namespace", "{=key}\u00a0: {value} ne peut correspondre à aucun espace de noms"},
		hint: text{": want small letters, digits, dashes, * and ?", "\u00a0: minuscules, chiffres, tirets, * et ?"},
	},
	"pattern-twice": {
		body: text{"{=key}: {value} stands for {other} too (line {=first}): keep one", "{=key}\u00a0: {value} désigne aussi {other} (ligne {=first})\u00a0: n'en garder qu'un"},
	},
	"same-environment": {
		body: text{"environments: {name} and {other} are the same environment: write both under {=suggestion}", "environments\u00a0: {name} et {other} sont le même environnement\u00a0: tout écrire sous {=suggestion}"},
	},
	"bad-label-value": {
		body: text{"{=key}: {value} cannot be the value of a label", "{=key}\u00a0: {value} ne peut pas être la valeur d'un label"},
		hint: text{": want letters, digits, dashes, dots and _, at most 63", "\u00a0: lettres, chiffres, tirets, points et _, 63 au plus"},
	},
	"bad-label-key": {
		body: text{"{=key}: {value} cannot be the key of a label", "{=key}\u00a0: {value} ne peut pas être la clé d'un label"},
		hint: text{": want a form like team or example.org/team", "\u00a0: forme attendue\u00a0: team ou example.org/team"},
	},
	"unknown-clause": {
		body: text{"owners: {value} is no clause and no chapter of the policy", "owners\u00a0: {value} n'est ni une clause ni un chapitre de la politique"},
		hint: text{`: want a form like MCO.BKP.T1, MCO.BKP or "*"; vigie clauses lists them`, "\u00a0: formes attendues\u00a0: MCO.BKP.T1, MCO.BKP ou \"*\"\u00a0; vigie clauses en donne la liste"},
	},
	"unknown-parameter": {
		body: text{"parameters: {value} is no parameter of the policy", "parameters\u00a0: {value} n'est pas un paramètre de la politique"},
		hint: text{": want {|known}", "\u00a0: paramètres possibles\u00a0: {|known}"},
	},
	"unknown-control": {
		body: text{"{=key}: {value} is no control and no clause", "{=key}\u00a0: {value} n'est ni un contrôle ni une clause"},
		hint: text{": vigie controls and vigie clauses list them", "\u00a0: vigie controls et vigie clauses en donnent la liste"},
	},
	"no-control": {
		body: text{"control: {value} is no control", "control\u00a0: {value} n'est pas un contrôle"},
		hint: text{": vigie controls lists them", "\u00a0: vigie controls en donne la liste"},
	},
	"skip-and-only": {
		body: text{"controls: {value} stands in skip and in only: keep one", "controls\u00a0: {value} figure dans skip et dans only\u00a0: n'en garder qu'un"},
	},
	"bad-duration": {
		body: text{"{=key}: {value} is no duration above 0: want a form like 15m, 24h or 21d", "{=key}\u00a0: {value} n'est pas une durée supérieure à 0\u00a0: formes attendues\u00a0: 15m, 24h ou 21d"},
	},
	"bad-integer": {
		body: text{"{=key}: {value} is no whole number above 0: want a form like 3", "{=key}\u00a0: {value} n'est pas un nombre entier supérieur à 0\u00a0: forme attendue\u00a0: 3"},
	},
	"bad-percent": {
		body: text{"{=key}: {value} is no percentage above 0 and at most 100: want a form like 80%", "{=key}\u00a0: {value} n'est pas un pourcentage supérieur à 0 et d'au plus 100\u00a0: forme attendue\u00a0: 80%"},
	},
	"path-outside": {
		body: text{"{=key}: {value} leads out of the path that is checked: want a form like **/testdata, with slashes and without ..", "{=key}\u00a0: {value} sort du chemin vérifié\u00a0: forme attendue\u00a0: **/testdata, avec des barres obliques et sans .."},
	},
	"required": {
		body: text{"{name} is required", "{name} est obligatoire"},
	},
	"bad-date": {
		body: text{"expires: {value} is no date that can be read: want 2026-12-31 (that whole day, in UTC) or 2026-12-31T18:00:00+01:00", "expires\u00a0: {value} n'est pas une date lisible\u00a0: formes attendues\u00a0: 2026-12-31 (ce jour entier, en UTC) ou 2026-12-31T18:00:00+01:00"},
	},
	"lasts-too-long": {
		body: text{"expires: {value} is further away than waiverMaxLength allows ({=max}): want {=latest} at the latest", "expires\u00a0: {value} est plus loin que waiverMaxLength ne l'admet ({=max})\u00a0: au plus tard {=latest}"},
	},
	"bad-subject": {
		body: text{"subject: {value} names no object", "subject\u00a0: {value} ne nomme aucun objet"},
		hint: text{`: want Kind namespace/name or Kind.group namespace/name, like "Deployment shop/web"`, "\u00a0: forme attendue\u00a0: Kind espace/nom ou Kind.groupe espace/nom, comme \"Deployment shop/web\""},
	},
	"bad-part": {
		body: text{`part: {value} names no part of an object: want a form like "container app"`, "part\u00a0: {value} ne nomme aucune partie d'un objet\u00a0: forme attendue\u00a0: \"container app\""},
	},
	"part-and-vulnerability": {
		body: text{"part and vulnerability stand together: keep one", "part et vulnerability figurent ensemble\u00a0: n'en garder qu'un"},
	},
}
