package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/policy"
)

// sarifRules are the controls that some result refers to, in the order in which they came.
type sarifRules struct {
	all   []sarifRule
	index map[string]int // of a control's id
}

// sarifRule is what the results say of their control: no value of the control's own, which a kept stream does not hold.
type sarifRule struct {
	control *control.Control
	worst   control.Severity
	clauses []string
}

// of is the index of a finding's rule.
func (rs *sarifRules) of(f *Finding) int {
	i, ok := rs.index[f.Control.ID]
	if !ok {
		i = len(rs.all)
		rs.index[f.Control.ID] = i
		rs.all = append(rs.all, sarifRule{control: f.Control})
	}
	r := &rs.all[i]
	r.worst = max(r.worst, f.Severity())
	for _, id := range f.Clauses() {
		if !slices.Contains(r.clauses, id) {
			r.clauses = append(r.clauses, id)
		}
	}
	return i
}

// securityScores are the scores by which code forges sort findings of security into their own four severities: above 9
// critical, from 7 high, from 4 medium.
var securityScores = map[control.Severity]string{control.Critical: "9.5", control.High: "8.0", control.Medium: "5.5", control.Low: "2.5"}

// taxonomyName is that of the policy, as the rules refer to it.
const taxonomyName = "policy"

// tool is who made the report, and its rules.
func (h *sarifHandler) tool() {
	o := &h.o
	o.begin("tool")
	o.begin("driver")
	o.text("name", "Vigie")
	o.text("version", h.meta.Version)
	o.list("supportedTaxonomies")
	o.item()
	h.taxonomyRef()
	o.end()
	o.endList()
	o.list("rules")
	for i := range h.rules.all {
		h.rule(&h.rules.all[i])
	}
	o.endList()
	o.end()
	o.end()
}

func (h *sarifHandler) taxonomyRef() {
	h.o.text("name", taxonomyName)
	h.o.number("index", 0)
}

func (h *sarifHandler) rule(r *sarifRule) {
	ranks := ranksOf()
	slices.SortFunc(r.clauses, func(a, b string) int { return cmp.Or(ranks[a]-ranks[b], cmp.Compare(a, b)) })
	d := h.doc(r.control)
	o := &h.o
	o.row()
	o.text("id", r.control.ID)
	h.says("shortDescription", h.title(r.control))
	if d.why != "" {
		h.says("fullDescription", d.why)
	}
	o.begin("help")
	o.text("text", h.helpText(r.control))
	o.text("markdown", h.helpMarkdown(r.control))
	o.end()
	o.begin("defaultConfiguration")
	o.text("level", sarifLevel(r.worst))
	o.end()
	h.relationships(r)
	tags := shortIDs(r.clauses)
	if slices.ContainsFunc(r.clauses, func(id string) bool { return strings.HasPrefix(id, "MCS.") }) {
		tags = append([]string{"security"}, tags...)
	}
	o.begin("properties")
	o.texts("tags", tags)
	o.text("precision", "high")
	o.text("severity", r.worst.String())
	o.text("security-severity", securityScores[r.worst])
	o.end()
	o.end()
}

// relationships tie a rule to the clauses that its findings bear on.
func (h *sarifHandler) relationships(r *sarifRule) {
	o := &h.o
	o.list("relationships")
	for _, id := range r.clauses {
		o.item()
		o.begin("target")
		o.text("id", id)
		o.begin("toolComponent")
		h.taxonomyRef()
		o.end()
		o.end()
		o.texts("kinds", []string{"relevant"})
		o.end()
	}
	o.endList()
}

// taxonomy is the policy: each clause of the stream, with its state.
func (h *sarifHandler) taxonomy() {
	o := &h.o
	o.list("taxonomies")
	o.item()
	o.text("name", taxonomyName)
	o.text("version", h.meta.PolicyVersion)
	o.list("taxa")
	for _, c := range h.clauses {
		o.row()
		o.text("id", c.ID)
		if known := clauseOf(c.ID); known.ID != "" {
			h.says("shortDescription", h.Typeset(known.Title.In(string(h.Lang))))
			h.says("fullDescription", h.Typeset(known.Text.In(string(h.Lang))))
		}
		o.begin("properties")
		o.text("state", c.State.String())
		o.text("ground", string(c.Ground))
		o.number("seen", c.Seen)
		o.number("of", c.Of)
		o.number("fails", c.Fails)
		o.number("waived", c.Waived)
		o.optional("owner", c.Owner)
		o.end()
		o.end()
	}
	o.endList()
	o.end()
	o.endList()
}

// helpText is what a control looks at, in plain text.
func (h *sarifHandler) helpText(c *control.Control) string {
	parts := []string{h.title(c) + "."}
	if why := h.doc(c).why; why != "" {
		parts = append(parts, why)
	}
	h.eachRemedy(c, func(_, remedy, _ string) {
		parts = append(parts, h.Say("remedy.sentence", lang.Values{"remedy": remedy}))
	})
	return strings.Join(parts, "\n\n")
}

// helpMarkdown is what a control looks at, and for each of its reasons what to do and what to copy. The documents are
// ours, so they are written as they are.
func (h *sarifHandler) helpMarkdown(c *control.Control) string {
	parts := []string{h.title(c) + "."}
	if why := h.doc(c).why; why != "" {
		parts = append(parts, why)
	}
	h.eachRemedy(c, func(key, remedy, example string) {
		parts = append(parts, "### `"+key+"`", h.Say("remedy.sentence", lang.Values{"remedy": remedy}))
		if example != "" {
			parts = append(parts, fenced(example))
		}
	})
	return strings.Join(parts, "\n\n")
}

// eachRemedy gives the remedies of a control's document, in order of their reasons. The values that a finding would
// fill in are left as {holes}.
func (h *sarifHandler) eachRemedy(c *control.Control, give func(key, remedy, example string)) {
	reasons := h.doc(c).reasons
	for _, key := range slices.Sorted(maps.Keys(reasons)) {
		r := reasons[key]
		if remedy := strings.TrimSuffix(string(r.remedy.Append(nil, h.Lang, nil)), "."); remedy != "" {
			give(key, remedy, r.example)
		}
	}
}

// fenced is a block to copy, in a fence that nothing in it closes.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "\n" + strings.TrimSuffix(text, "\n") + "\n" + fence
}

// shortClause is the policy's short id of a clause and its title.
func (w *words) shortClause(id string) string {
	title := clauseOf(id).Title.In(string(w.Lang))
	if title == "" {
		return policy.ShortID(id)
	}
	return policy.ShortID(id) + " " + w.Typeset(title)
}
