// Package clauseowned checks that somebody answers for each clause that the tenant owes.
package clauseowned

import (
	"embed"
	"strings"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:       "clause-owned",
	Version:  1,
	Clauses:  []string{"RACI"},
	Scope:    control.Tenant,
	Severity: control.High,
	Needs:    []inventory.Input{kinds.Owners},
	Reasons:  []control.Reason{{Key: "no-owner", Verdict: control.Fail}},
	Docs:     docs,
	Run:      run,
}

func run(e *control.Eval) {
	owners, ok := kinds.Owners.In(e.View)
	if !ok {
		return // nobody was named at all: the engine says that it was not collected
	}
	p, err := policy.Load()
	if err != nil {
		panic("the embedded policy does not load")
	}
	for _, c := range p.Clauses {
		if c.Side != policy.Tenant {
			continue
		}
		s := e.OnRef(inventory.Ref{Kind: "Clause", Name: c.ID})
		if strings.TrimSpace(owners[c.ID]) == "" {
			s.Fail("no-owner", control.Values{"clause": c.ID})
			continue
		}
		s.Pass()
	}
}
