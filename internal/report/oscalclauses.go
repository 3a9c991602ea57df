package report

import (
	"strconv"
	"strings"

	oscal "github.com/defenseunicorns/go-oscal/src/types/oscal-1-1-3"

	"vigie/internal/lang"
	"vigie/internal/posture"
)

// oscalStates are OSCAL's words for a state. Only what holds is satisfied.
var oscalStates = map[posture.State]struct{ state, reason string }{
	posture.Pass:     {"satisfied", "pass"},
	posture.Fail:     {"not-satisfied", "fail"},
	posture.Deviates: {"not-satisfied", "other"},
	posture.Unknown:  {"not-satisfied", "other"},
	posture.Waived:   {"not-satisfied", "other"},
}

// reviewed lists the clauses that were looked at, and those that had nothing to look at.
func (h *oscalHandler) reviewed() oscal.ReviewedControls {
	var in, out []oscal.AssessedControlsSelectControlById
	for _, c := range h.clauses {
		sel := oscal.AssessedControlsSelectControlById{ControlId: c.ID}
		if c.State == posture.NotApplicable {
			out = append(out, sel)
		} else {
			in = append(in, sel)
		}
	}
	s := oscal.AssessedControls{IncludeControls: some(in), ExcludeControls: some(out)}
	switch {
	case len(h.clauses) == 0:
		s.Description = markup(h.Say("oscal.none", nil))
	case len(out) > 0:
		s.Remarks = markup(h.Say("oscal.excluded", nil))
	}
	return oscal.ReviewedControls{ControlSelections: []oscal.AssessedControls{s}}
}

// findings are the clauses that are applicable, each with what it rests on.
func (h *oscalHandler) findings() (out []oscal.Finding) {
	for _, c := range h.clauses {
		status, ok := oscalStates[c.State]
		if !ok {
			continue
		}
		if c.Ground == posture.Attested || c.Ground == posture.Declared {
			o := h.word(c)
			h.observations = append(h.observations, o)
			h.bears[c.ID] = append(h.bears[c.ID], oscal.RelatedObservation{ObservationUuid: o.UUID})
		}
		out = append(out, oscal.Finding{
			UUID: h.once("finding", c.ID), Title: markup(h.shortClause(c.ID)), Description: markup(h.standing(c)),
			Origins: h.by, Props: h.stateProps(c), RelatedObservations: some(h.bears[c.ID]), RelatedRisks: some(h.risks.bear[c.ID]),
			Target: oscal.FindingTarget{
				Type: "objective-id", TargetId: c.ID, Status: oscal.ObjectiveStatus{State: status.state, Reason: status.reason},
			},
		})
	}
	return out
}

// word is the observation of somebody's word, on which a clause rests.
func (h *oscalHandler) word(c posture.Clause) oscal.Observation {
	return oscal.Observation{
		UUID: h.once("word", c.ID), Title: markup(h.shortClause(c.ID)), Description: markup(h.Say("oscal.ground", lang.Values{"ground": h.ground(c.Ground)})),
		Methods: []string{"INTERVIEW"}, Types: &[]string{"control-objective"}, Collected: h.meta.At, Props: props(prop("ground", string(c.Ground))),
	}
}

// standing says how a clause stands: its state, its ground, how much of it was seen, and why it is not known.
func (h *oscalHandler) standing(c posture.Clause) string {
	parts := []string{
		h.state(c.State) + ".", h.Say("oscal.ground", lang.Values{"ground": h.ground(c.Ground)}),
		h.Say("oscal.seen", lang.Values{"seen": c.Seen, "of": c.Of}),
	}
	said := map[posture.Cause]bool{}
	for _, b := range c.Causes {
		if said[b.Cause] {
			continue
		}
		said[b.Cause] = true
		why, step := h.cause(b.Cause, 1)
		if step != "" {
			why += h.Say("html.step", lang.Values{"step": step})
		}
		parts = append(parts, why+".")
	}
	return strings.Join(parts, " ")
}

// stateProps are the state and its ground, for programs: OSCAL's own words cannot tell unknown, waived and deviating
// apart.
func (h *oscalHandler) stateProps(c posture.Clause) *[]oscal.Property {
	all := []oscal.Property{
		prop("state", c.State.String()), prop("ground", string(c.Ground)), prop("owner", c.Owner), prop("seen", strconv.Itoa(c.Seen)),
		prop("of", strconv.Itoa(c.Of)), prop("fails", strconv.Itoa(c.Fails)), prop("waived", strconv.Itoa(c.Waived)),
	}
	for _, b := range c.Causes {
		p := prop("cause", string(b.Cause))
		p.Remarks = markup(lang.Safe(b.Control))
		all = append(all, p)
	}
	return props(all...)
}
