package report

import (
	"sync"

	"vigie/internal/policy"
	"vigie/internal/posture"
)

// ranksOf is the place of each clause in the policy.
var ranksOf = sync.OnceValue(func() map[string]int {
	ranks := map[string]int{}
	if p, err := policy.Load(); err == nil { // an error here is the build's, and every command says it first
		for i, c := range p.Clauses {
			ranks[c.ID] = i
		}
	}
	return ranks
})

// A chapter is the clauses of one chapter of the policy, by state.
type chapter struct {
	policy.Chapter
	clauses map[posture.State][]posture.Clause
	total   int
}

// chapters are those that have a clause in the stream, in the policy's order. A clause of a chapter that the policy
// does not have stands in one of its own, at the end: the chapters hold every clause.
func chapters(clauses []posture.Clause) (out []*chapter) {
	byKey := map[string]*chapter{}
	add := func(c policy.Chapter) *chapter {
		ch := &chapter{Chapter: c, clauses: map[posture.State][]posture.Clause{}}
		byKey[c.Key] = ch
		out = append(out, ch)
		return ch
	}
	if p, err := policy.Load(); err == nil {
		for _, c := range p.Chapters {
			add(c)
		}
	}
	for _, c := range clauses {
		key := chapterOf(c.ID)
		ch := byKey[key]
		if ch == nil {
			ch = add(policy.Chapter{Key: key, Title: policy.Text{EN: key, FR: key}})
		}
		ch.clauses[c.State] = append(ch.clauses[c.State], c)
		ch.total++
	}
	kept := out[:0]
	for _, ch := range out {
		if ch.total > 0 {
			kept = append(kept, ch)
		}
	}
	return kept
}

// clauseOf gives the policy's clause; an empty one for an id that it does not have.
func clauseOf(id string) policy.Clause {
	p, err := policy.Load()
	if err != nil {
		return policy.Clause{}
	}
	c, _ := p.Clause(id)
	return c
}
