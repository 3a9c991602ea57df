package policy

import (
	"cmp"
	"slices"
	"strings"
)

// Suggest gives the ids of clauses, controls and parameters that are spelt nearly like id, nearest first, at most 3.
// A clause is found by its short id too, and given by its full one.
func (p *Policy) Suggest(id string) []string {
	var all []string
	for _, c := range p.Clauses {
		all = append(all, c.ID)
	}
	for _, c := range p.Catalogue {
		all = append(all, c.ID)
	}
	for _, par := range p.Parameters {
		all = append(all, par.ID)
	}
	return Nearest(id, all)
}

// Nearest gives the words that differ from word in a few letters, nearest first, at most 3.
func Nearest(word string, among []string) []string {
	type near struct {
		word string
		d    int
	}
	var found []near
	limit := max(2, len(word)/3)
	word = strings.ToLower(word)
	for _, w := range among {
		d := limit + 1
		for _, form := range []string{w, ShortID(w)} {
			// The difference of length is the least distance: a word of a megabyte costs nothing.
			if max(len(form)-len(word), len(word)-len(form)) <= limit {
				d = min(d, distance(word, strings.ToLower(form)))
			}
		}
		if d <= limit {
			found = append(found, near{w, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Or(a.d-b.d, cmp.Compare(a.word, b.word)) })
	var out []string
	for _, f := range found[:min(3, len(found))] {
		out = append(out, f.word)
	}
	return out
}

// distance is Levenshtein's, in bytes: ids are ASCII.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		last := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			last, row[j] = row[j], min(row[j]+1, row[j-1]+1, last+cost)
		}
	}
	return row[len(b)]
}
