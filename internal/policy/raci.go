package policy

import (
	"slices"
	"strings"
	"sync"
)

// An Offer is a product of the provider's, with letters of its own in the matrix.
type Offer string

// The offers. The unqualified one moves duties of the platform to the client.
const (
	SecNumCloud Offer = "secnumcloud"
	Standard    Offer = "standard"
)

// A Responsibility is one row of the offer's matrix of responsibilities.
type Responsibility struct {
	Chapter    string   `yaml:"chapter"`
	ChapterFR  string   `yaml:"chapter_fr"`
	ActivityFR string   `yaml:"activity_fr"`
	ActivityEN string   `yaml:"activity_en"`
	Provider   string   `yaml:"provider"` // letters of RACI
	Client     string   `yaml:"client"`
	Clauses    []string `yaml:"clauses"` // full ids; none: the policy does not speak of it
	Fit        string   `yaml:"fit"`     // to the policy: exact, partial, none, conflict (the policy counts)
	Note       string   `yaml:"note"`    // why it fits no better, in English
	NoteFR     string   `yaml:"note_fr"`
	Standard   *Letters `yaml:"variant_standard"` // the same row of the unqualified offer; nil: it has no such row
}

// Letters say who is responsible, accountable, consulted, informed.
type Letters struct {
	Provider string `yaml:"provider"`
	Client   string `yaml:"client"`
}

// Conflicts reports that the row and the policy give the activity to different sides, or that the provider's own
// papers do not agree on it. Both readings are to be shown, the row's Holder and the Side of its clauses; the policy's
// counts.
func (r Responsibility) Conflicts() bool { return r.Fit == "conflict" }

// Holder is the side that does the activity and answers for it. It is false where the offer has no such row.
func (r Responsibility) Holder(o Offer) (Side, bool) {
	l := &Letters{r.Provider, r.Client}
	if o == Standard {
		l = r.Standard
	}
	switch {
	case l == nil:
		return "", false
	case strings.Contains(l.Provider, "A"):
		return Provider, true
	}
	return Tenant, true
}

// RACI gives the offer's matrix of responsibilities. It is read at the first call: few commands need it.
var RACI = sync.OnceValues(func() (rows []Responsibility, err error) {
	if err = read(embedded, raciFile, &rows); err != nil {
		return nil, err
	}
	for i := range rows {
		for _, fr := range []*string{&rows[i].ChapterFR, &rows[i].ActivityFR, &rows[i].NoteFR} {
			*fr = french.Replace(*fr)
		}
	}
	return rows, nil
})

// Responsibilities lists the rows of the matrix that speak of a clause, by its full or short id, in any case.
func Responsibilities(clause string) (out []Responsibility, err error) {
	rows, err := RACI()
	for _, r := range rows {
		if slices.ContainsFunc(r.Clauses, func(id string) bool {
			return strings.EqualFold(id, clause) || strings.EqualFold(ShortID(id), clause)
		}) {
			out = append(out, r)
		}
	}
	return out, err
}
