package chart

import (
	"bytes"
	"strings"
)

// Where a line of a manifest comes from, the engine does not tell. align finds, for each line of what a template gave,
// the line of the template that it most likely came from: the cheapest way through the template, where a line that
// stands there word for word costs nothing, one that fits what stands around its actions little, and one that an action
// made (toYaml, include) is held by the line of that action. Going on by one line is free, and so is passing what only
// steers (if, end); skipping lines (an if that was not taken) is cheap, going back (a range) costs a little more.
const (
	costLiteral = 0
	costPattern = 1
	costAction  = 4  // a line that an action alone made
	costOther   = 12 // a line that has nothing to do with the template's
	costSkip    = 2
	costBack    = 5
	costStay    = 1 // on the line of an action that gives several lines
)

// maxAlign bounds the work: lines of the template times lines of the text.
const maxAlign = 8_000_000

// align gives, for each line of text, a line of the template, from 1.
func align(template, text []byte) []int {
	rows, out := split(template), split(text)
	if len(rows) == 0 || len(out) == 0 {
		return nil
	}
	forms := make([]form, len(rows))
	inside := false
	for i, row := range rows {
		forms[i], inside = formOf(row, inside)
	}
	lines := make([]int, 0, len(out))
	if len(rows)*len(out) > maxAlign {
		return coarse(forms, out)
	}
	for _, at := range cheapest(forms, out) {
		lines = append(lines, at+1)
	}
	return lines
}

func split(text []byte) []string {
	rows := strings.Split(string(bytes.TrimSuffix(text, []byte("\n"))), "\n")
	for i := range rows {
		rows[i] = strings.TrimSpace(rows[i])
	}
	return rows
}

// A form is what a line of a template can give.
type form struct {
	literal string   // what stands there, where no action does
	pieces  []string // what stands around the actions: before the first, ..., behind the last
	action  bool     // nothing but actions
	control bool     // nothing but actions that steer (if, range, end, comments), or a line within an action: it gives no text
}

// steers are what begins an action that gives nothing.
var steers = lazily(`^-?\s*(if|else|end|range|with|define|block|break|continue|/\*|\$[A-Za-z0-9_]*\s*:?=)`)

// formOf takes a line apart. inside says, before and after, whether an action goes on over the line's end.
func formOf(row string, inside bool) (form, bool) {
	if !inside && !strings.Contains(row, "{{") {
		return form{literal: row}, false
	}
	f := form{control: true}
	rest := row
	for {
		if inside {
			_, after, ok := strings.Cut(rest, "}}")
			if !ok {
				if len(f.pieces) > 0 {
					f.pieces = append(f.pieces, "")
				}
				break
			}
			rest, inside = after, false
			if len(f.pieces) == 0 {
				f.pieces = append(f.pieces, "") // of the line before
			}
			continue
		}
		before, after, ok := strings.Cut(rest, "{{")
		f.pieces = append(f.pieces, strings.TrimSpace(before))
		if !ok {
			break
		}
		f.control = f.control && steers().MatchString(after)
		rest, inside = after, true
	}
	f.action = true
	for _, p := range f.pieces {
		f.action = f.action && p == ""
	}
	f.control = f.control && f.action
	f.action = f.action && !f.control
	return f, inside
}

// cost is what it costs that a line of a template gave a row.
func (f *form) cost(row string) int {
	switch {
	case row == "" && (f.control || f.literal == "" && f.pieces == nil):
		return costLiteral
	case row == "":
		return costAction
	case f.control:
		return costOther
	case f.pieces == nil:
		if f.literal == row {
			return costLiteral
		}
	case f.action:
		return costAction
	case f.fits(row):
		return costPattern
	}
	return costOther
}

// fits reports a row that holds what stands around the actions, in its order.
func (f *form) fits(row string) bool {
	last := len(f.pieces) - 1
	if !strings.HasPrefix(row, f.pieces[0]) || !strings.HasSuffix(row, f.pieces[last]) {
		return false
	}
	row = row[len(f.pieces[0]):]
	for _, p := range f.pieces[1:] {
		i := strings.Index(row, p)
		if i < 0 {
			return false
		}
		row = row[i+len(p):]
	}
	return true
}

// cheapest finds the way through the template.
func cheapest(forms []form, out []string) []int {
	n := len(forms)
	const far = 1 << 30
	now, next := make([]int, n), make([]int, n)
	from := make([][]int32, len(out)) // by which line of the template one came to each
	for i := range now {
		now[i] = forms[i].cost(out[0])
		if i > 0 && !forms[i-1].control {
			now[i] += costSkip
		}
	}
	for k := 1; k < len(out); k++ {
		from[k] = make([]int32, n)
		back, backAt := far, 0 // the cheapest of all lines at or behind i
		backs, backsAt := make([]int, n+1), make([]int32, n+1)
		backs[n] = far
		for i := n - 1; i >= 0; i-- {
			if now[i] < back {
				back, backAt = now[i], i
			}
			backs[i], backsAt[i] = back, int32(backAt)
		}
		before, beforeAt := far, 0 // the cheapest of all lines before i
		solid := -1                // the last line before i that gives text: what steers is passed for nothing
		for i := range n {
			best, at := backs[i]+costBack, int(backsAt[i])
			if (forms[i].action || out[k] == "") && now[i]+costStay < best {
				best, at = now[i]+costStay, i
			}
			if before+costSkip < best {
				best, at = before+costSkip, beforeAt
			}
			for _, j := range []int{solid, i - 1} {
				if j >= 0 && now[j] <= best {
					best, at = now[j], j
				}
			}
			if now[i] < before {
				before, beforeAt = now[i], i
			}
			if !forms[i].control {
				solid = i
			}
			next[i], from[k][i] = best+forms[i].cost(out[k]), int32(at)
		}
		now, next = next, now
	}
	end := 0
	for i := range now {
		if now[i] < now[end] {
			end = i
		}
	}
	way := make([]int, len(out))
	for k := len(out) - 1; ; k-- {
		way[k] = end
		if k == 0 {
			return way
		}
		end = int(from[k][end])
	}
}

// coarse aligns what is too long to be aligned well: each line with the next that it can come from.
func coarse(forms []form, out []string) []int {
	const window = 200
	lines, at := make([]int, len(out)), 0
	for k, row := range out {
		for i := at; i < min(at+window, len(forms)); i++ {
			if c := forms[i].cost(row); c == costLiteral || c == costPattern {
				at = i
				break
			}
		}
		lines[k] = at + 1
	}
	return lines
}

// upTo is the lines of a text that stands in its file as it is.
func upTo(text []byte) []int {
	lines := make([]int, bytes.Count(text, []byte("\n"))+1)
	for i := range lines {
		lines[i] = i + 1
	}
	return lines
}
