// Package policy holds the policy as data: its clauses, chapters and parameters, the norms that they answer to, the
// offer's matrix of responsibilities, and the catalogue of the controls that serve the clauses. The data is YAML,
// embedded, and imports nothing of ours. Nothing is judged here, and what a tenant configures does not enter.
package policy

import "strings"

// Version names the edition of the policy that the data was read from.
const Version = "2026-08"

// Text is a text in both languages. The French is typeset: no-break spaces stand where French wants them.
type Text struct {
	EN string `yaml:"en"`
	FR string `yaml:"fr"`
}

// In gives the text in a language or locale: French for "fr", "fr-CA" or "fr_FR.UTF-8", English for all else.
func (t Text) In(lang string) string {
	lang, _, _ = strings.Cut(strings.ReplaceAll(lang, "_", "-"), "-")
	if strings.EqualFold(lang, "fr") {
		return t.FR
	}
	return t.EN
}

// A Side is who owes a clause.
type Side string

// The two sides.
const (
	Provider Side = "provider"
	Tenant   Side = "tenant"
)

// A Kind says how binding a clause is.
type Kind string

// The kinds.
const (
	Duty           Kind = "duty"
	Recommendation Kind = "recommendation"
	Procedure      Kind = "procedure"
)

// An Answer is a way in which a clause's state can become known.
type Answer string

// The answers.
const (
	ByControl     Answer = "control"
	ByAttestation Answer = "attestation" // the provider's signed word
	ByDeclaration Answer = "declaration" // a person's recorded word, for what nothing can measure
)

// A Clause is one sentence of the policy that assigns a duty, recommends a practice or names a figure.
type Clause struct {
	ID      string   `yaml:"id"` // MCO.UPD.P1; never changes, cited by everything
	Chapter string   `yaml:"chapter"`
	Kind    Kind     `yaml:"kind"`
	Side    Side     `yaml:"side"` // the policy's own reading; the matrix may read otherwise, see Responsibilities
	Answers []Answer `yaml:"answers"`
	Title   Text     `yaml:"title"`
	Text    Text     `yaml:"text"` // the French is the policy's own words
}

// Short is the id without its part: UPD.P1.
func (c Clause) Short() string { return ShortID(c.ID) }

// ShortID drops the part of a clause's id: MCO.UPD.P1 becomes UPD.P1. INC.T2 and GEN.1 have no longer form.
func ShortID(id string) string {
	return strings.TrimPrefix(strings.TrimPrefix(id, "MCO."), "MCS.")
}

// A Chapter is a chapter of the policy.
type Chapter struct {
	Key   string `yaml:"key"`  // UPD
	Part  string `yaml:"part"` // MCO, MCS, INC, GEN
	Title Text   `yaml:"title"`
	Norms []Norm `yaml:"norms"`
}

// A Norm is a standard, and its paragraphs that a chapter answers to, each by itself: a range is written out.
type Norm struct {
	Standard string   `yaml:"standard"` // the same in both languages, fit for a filter
	Refs     []string `yaml:"refs"`
}

// A Planned control is a row of the catalogue: what a clause needs, whether it is built yet or not.
type Planned struct {
	ID       string   `yaml:"id"`
	Clauses  []string `yaml:"clauses"`  // full ids; a clause's own side says whose it is
	Scope    string   `yaml:"scope"`    // namespace, tenant, cluster
	Severity string   `yaml:"severity"` // critical, high, medium, low
	From     []string `yaml:"from"`     // objects, metrics, feed, record, handshake, scanner, git
	Word     Answer   `yaml:"word"`     // attestation or declaration, where that word alone answers it
}

// Policy is the whole policy, in the policy's order. It is shared: nobody may change it.
type Policy struct {
	Chapters   []Chapter
	Clauses    []Clause
	Catalogue  []Planned
	Parameters []Parameter

	hash    string
	clause  map[string]int // full and short ids, upper case
	planned map[string]int
	param   map[string]int
	served  map[string][]Planned // by full id
}

// Hash names the data, the matrix too: 16 hexadecimal digits that change with any byte of it.
func (p *Policy) Hash() string { return p.hash }

// Clause finds a clause by its full or short id, in any case.
func (p *Policy) Clause(id string) (Clause, bool) {
	return at(p.Clauses, p.clause, strings.ToUpper(id))
}

// Chapter finds a chapter by its key (UPD) or with its part (MCO.UPD), in any case.
func (p *Policy) Chapter(key string) (Chapter, bool) {
	key = ShortID(strings.ToUpper(key))
	for _, c := range p.Chapters {
		if c.Key == key {
			return c, true
		}
	}
	return Chapter{}, false
}

// Planned finds a control of the catalogue.
func (p *Policy) Planned(id string) (Planned, bool) { return at(p.Catalogue, p.planned, id) }

// Parameter finds a parameter.
func (p *Policy) Parameter(id string) (Parameter, bool) { return at(p.Parameters, p.param, id) }

func at[T any](all []T, index map[string]int, key string) (row T, ok bool) {
	i, ok := index[key]
	if ok {
		row = all[i]
	}
	return row, ok
}

// ServedBy lists the controls of the catalogue that serve a clause, by its full or short id, in the catalogue's order.
func (p *Policy) ServedBy(clause string) []Planned {
	if served, ok := p.served[clause]; ok {
		return served
	}
	c, _ := p.Clause(clause)
	return p.served[c.ID]
}
