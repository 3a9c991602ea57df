// Package policy holds the policy as data: its clauses, chapters, parameters, the matrix of responsibilities, the
// norms that they answer to, and the catalogue of the controls that serve them. Nothing is judged here.
package policy

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml
var data embed.FS

// Version names the edition of the policy that the data was read from.
const Version = "2026-08"

// Text is a text in both languages.
type Text struct {
	EN string `yaml:"en"`
	FR string `yaml:"fr"`
}

// In gives the text in a language; anything but "fr" is English.
func (t Text) In(lang string) string {
	if lang == "fr" {
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
	ByDeclaration Answer = "declaration" // a person's recorded word
)

// A Clause is one sentence of the policy that assigns a duty, recommends a practice or names a figure.
type Clause struct {
	ID      string   `yaml:"id"` // MCO.UPD.P1; cited by everything
	Chapter string   `yaml:"chapter"`
	Kind    Kind     `yaml:"kind"`
	Side    Side     `yaml:"side"`
	Answers []Answer `yaml:"answers"`
	Title   Text     `yaml:"title"`
	Text    Text     `yaml:"text"` // the French is the policy's own
}

// Short is the id without its part: UPD.P1.
func (c Clause) Short() string { return ShortID(c.ID) }

// ShortID drops the part of a clause's id: MCO.UPD.P1 becomes UPD.P1.
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

// A Norm is a standard, and its paragraphs that a chapter answers to.
type Norm struct {
	Standard string   `yaml:"standard"`
	Refs     []string `yaml:"refs"`
}

// A Planned control is a row of the catalogue: what a clause needs, whether it is built yet or not.
type Planned struct {
	ID       string   `yaml:"id"`
	Clauses  []string `yaml:"clauses"`
	Scope    string   `yaml:"scope"`    // namespace, tenant, cluster
	Severity string   `yaml:"severity"` // critical, high, medium, low
	From     []string `yaml:"from"`     // objects, metrics, feed, record, handshake, scanner, git
	Word     Answer   `yaml:"word"`     // attestation or declaration, where that word alone answers it
}

// A Responsibility is one row of the offer's matrix of responsibilities.
type Responsibility struct {
	Chapter    string   `yaml:"chapter"`
	ChapterFR  string   `yaml:"chapter_fr"`
	ActivityFR string   `yaml:"activity_fr"`
	ActivityEN string   `yaml:"activity_en"`
	Provider   string   `yaml:"provider"` // letters of RACI
	Client     string   `yaml:"client"`
	Clauses    []string `yaml:"clauses"`
	Fit        string   `yaml:"fit"` // exact, partial, none, conflict (the policy counts)
	Note       string   `yaml:"note"`
	Standard   *struct {
		Provider string `yaml:"provider"`
		Client   string `yaml:"client"`
	} `yaml:"variant_standard"` // the same row for the unqualified offer
}

// Policy is the whole policy.
type Policy struct {
	Chapters   []Chapter
	Clauses    []Clause
	Catalogue  []Planned
	Parameters []Parameter

	hash    string
	clause  map[string]int // full and short ids, upper case
	planned map[string]int
	param   map[string]int
	served  map[string][]Planned
}

// Load gives the embedded policy. It is read once.
var Load = sync.OnceValues(load)

func load() (*Policy, error) {
	p := &Policy{clause: map[string]int{}, planned: map[string]int{}, param: map[string]int{}, served: map[string][]Planned{}}
	sum := sha256.New()
	for _, f := range []struct {
		name string
		into any
	}{
		{"chapters.yaml", &p.Chapters}, {"clauses.yaml", &p.Clauses}, {"catalogue.yaml", &p.Catalogue},
		{"parameters.yaml", &p.Parameters},
	} {
		raw, err := read(f.name, f.into)
		if err != nil {
			return nil, err
		}
		sum.Write(raw)
	}
	p.hash = hex.EncodeToString(sum.Sum(nil)[:8])
	for i, c := range p.Clauses {
		p.clause[strings.ToUpper(c.ID)] = i
		p.clause[strings.ToUpper(c.Short())] = i
	}
	for i, c := range p.Catalogue {
		p.planned[c.ID] = i
		for _, id := range c.Clauses {
			p.served[id] = append(p.served[id], c)
		}
	}
	for i, par := range p.Parameters {
		p.param[par.ID] = i
	}
	return p, nil
}

func read(name string, into any) ([]byte, error) {
	raw, err := data.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return nil, fmt.Errorf("policy: %s: %w", name, err)
	}
	return raw, nil
}

// RACI gives the offer's matrix of responsibilities. It is read at the first call: few commands need it.
var RACI = sync.OnceValues(func() (rows []Responsibility, err error) {
	_, err = read("raci.yaml", &rows)
	return rows, err
})

// Hash names the data: 16 hexadecimal digits.
func (p *Policy) Hash() string { return p.hash }

// Clause finds a clause by its full or short id, in any case.
func (p *Policy) Clause(id string) (Clause, bool) {
	i, ok := p.clause[strings.ToUpper(id)]
	if !ok {
		return Clause{}, false
	}
	return p.Clauses[i], true
}

// Chapter finds a chapter by its key (UPD) or with its part (MCO.UPD).
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
func (p *Policy) Planned(id string) (Planned, bool) {
	i, ok := p.planned[id]
	if !ok {
		return Planned{}, false
	}
	return p.Catalogue[i], true
}

// Parameter finds a parameter.
func (p *Policy) Parameter(id string) (Parameter, bool) {
	i, ok := p.param[id]
	if !ok {
		return Parameter{}, false
	}
	return p.Parameters[i], true
}

// ServedBy lists the controls of the catalogue that serve a clause, by its full id.
func (p *Policy) ServedBy(clause string) []Planned { return p.served[clause] }

// Responsibilities lists the rows of the matrix that speak of a clause, by its full id.
func Responsibilities(clause string) (out []Responsibility, err error) {
	rows, err := RACI()
	for _, d := range rows {
		if slices.Contains(d.Clauses, clause) {
			out = append(out, d)
		}
	}
	return out, err
}
