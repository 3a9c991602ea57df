package report

import (
	"strconv"
	"strings"
	"time"

	oscal "github.com/defenseunicorns/go-oscal/src/types/oscal-1-1-3"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/posture"
	"vigie/internal/register"
)

// Finding implements Handler: an observation, and for a failure the risk that it belongs to.
func (h *oscalHandler) Finding(f *Finding) error {
	if err := h.stream.Finding(f); err != nil {
		return err
	}
	o := h.seen(f)
	h.observations = append(h.observations, o)
	ref := oscal.RelatedObservation{ObservationUuid: o.UUID}
	for _, id := range f.Clauses() {
		h.bears[id] = append(h.bears[id], ref)
	}
	if f.Verdict == control.Fail {
		h.risk(f, ref)
	}
	return nil
}

func (h *oscalHandler) seen(f *Finding) oscal.Observation {
	seenAt := f.SeenAt
	if seenAt.IsZero() {
		seenAt = h.meta.At
	}
	item := h.item(f.Subject)
	o := oscal.Observation{
		UUID: h.once("observation", h.names.of(f.Fingerprint())), Title: markup(h.title(f.Control)), Description: markup(h.whole(f)),
		Methods: []string{h.method()}, Types: &[]string{"control-objective"}, Collected: seenAt, Expires: moment(f.Until),
		Origins:  h.by,
		Subjects: &[]oscal.SubjectReference{{SubjectUuid: item, Type: "inventory-item", Title: markup(h.object(f.Subject))}},
		Props:    h.observed(f),
	}
	if f.Place.File != "" {
		o.RelevantEvidence = &[]oscal.RelevantEvidence{{Href: fileURI(f.Place.File, h.base), Description: markup(place(f))}}
	}
	return o
}

// observed are the facts of a finding, for programs.
func (h *oscalHandler) observed(f *Finding) *[]oscal.Property {
	all := []oscal.Property{
		prop("verdict", f.Verdict.String()), prop("severity", f.Severity().String()), prop("control", f.Control.ID),
		prop("control-version", strconv.Itoa(f.Control.Version)), prop("reason", f.Reason), prop("part", f.Part.String()),
		prop("team", f.Team), prop("fingerprint", f.Fingerprint()),
	}
	if !f.Until.IsZero() && !h.meta.At.Before(f.Until) {
		all = append(all, prop("stale", "true"))
	}
	if f.Baselined {
		all = append(all, prop("baselined", "true"))
	}
	if f.Waiver != nil {
		all = append(all, prop("waived-until", csvMoment(f.Waiver.Expires)), prop("waived-by", f.Waiver.Approver))
	}
	return props(all...)
}

// method is how the objects were looked at: read as they were written, or asked of what runs.
func (h *oscalHandler) method() string {
	if h.meta.Source == "live" {
		return "TEST"
	}
	return "EXAMINE"
}

// gapSeen is an observation of what could not be seen.
func (h *oscalHandler) gapSeen(g Gap) oscal.Observation {
	key := strings.Join([]string{g.Input, g.State, g.Reason, g.File, strconv.Itoa(g.Line), g.Space.Namespace, g.Space.Root, h.sentence(g)}, "\x00")
	return oscal.Observation{
		UUID: h.once("gap", h.names.of(key)), Title: markup(h.state(posture.Unknown) + h.Say("colon", nil) + h.where(g)), Description: markup(h.sentence(g) + "."),
		Methods: []string{h.method()}, Types: &[]string{"discovery"}, Collected: h.meta.At, Origins: h.by,
		Props: props(prop("gap", g.Input), prop("gap-state", g.State), prop("gap-reason", g.Reason), prop("namespace", g.Space.Namespace)),
	}
}

// item is the identifier of a subject's inventory item.
func (h *oscalHandler) item(r inventory.Ref) string {
	id, ok := h.itemOf[r]
	if ok {
		return id
	}
	id = h.lasting("object", r.Cluster, r.Group, r.Kind, r.Namespace, r.Root, r.Name)
	h.itemOf[r] = id
	h.items = append(h.items, oscal.InventoryItem{
		UUID: id, Description: markup(h.object(r)),
		Props: props(prop("cluster", r.Cluster), prop("group", r.Group), prop("kind", r.Kind), prop("namespace", r.Namespace), prop("tree", r.Root), prop("name", r.Name)),
	})
	return id
}

// riskKey is what makes failures one risk: the same fault, and the same person's answer to it.
type riskKey struct{ control, reason, waiver string }

// waiverID tells waivers apart, also those that were read back from a kept stream.
func waiverID(w *register.Waiver) []string {
	if w == nil {
		return nil
	}
	return []string{w.Subject, w.Part, w.Vulnerability, w.Reason, w.Approver, w.Expires.UTC().Format(time.RFC3339Nano), w.File, strconv.Itoa(w.Line)}
}

// oscalRisks are the faults that were found.
type oscalRisks struct {
	all  []oscal.Risk
	of   map[riskKey]int
	bear map[string][]oscal.AssociatedRisk // on a clause
}

// risk puts a failure under its risk.
func (h *oscalHandler) risk(f *Finding, ref oscal.RelatedObservation) {
	key := riskKey{f.Control.ID, f.Reason, strings.Join(waiverID(f.Waiver), "\x00")}
	i, ok := h.risks.of[key]
	if !ok {
		i = len(h.risks.all)
		h.risks.of[key] = i
		r := h.newRisk(f)
		h.risks.all = append(h.risks.all, r)
		for _, id := range f.Clauses() {
			h.risks.bear[id] = append(h.risks.bear[id], oscal.AssociatedRisk{RiskUuid: r.UUID})
		}
	}
	about := h.risks.all[i].RelatedObservations
	*about = append(*about, ref)
}

func (h *oscalHandler) newRisk(f *Finding) oscal.Risk {
	d := h.doc(f.Control)
	id := []string{"risk", f.Control.ID, f.Reason}
	why := d.why
	if why == "" {
		why = h.title(f.Control)
	}
	r := oscal.Risk{
		Title: markup(h.title(f.Control)), Description: markup(why), Statement: markup(h.Say("oscal.open", nil)), Status: "open",
		Origins: h.by, RelatedObservations: &[]oscal.RelatedObservation{},
		Props: props(prop("control", f.Control.ID), prop("reason", f.Reason)),
		Characterizations: &[]oscal.Characterization{{
			Origin: h.byTool(), Facets: []oscal.Facet{{Name: "severity", System: oscalSpace, Value: f.Severity().String()}},
		}},
	}
	if w := f.Waiver; w != nil {
		r.Status, r.Statement, r.Deadline = "deviation-approved", markup(h.waiver(f)), moment(w.Expires)
		id = append(id, waiverID(w)...)
	}
	r.UUID = h.lasting(id...)
	if doc, ok := d.reasons[f.Reason]; ok {
		// The holes of the sentence stay open: the risk is of many objects.
		remedy := h.Say("remedy.sentence", lang.Values{"remedy": strings.TrimSuffix(string(doc.remedy.Append(nil, h.Lang, nil)), ".")})
		text := markup(remedy)
		if doc.example != "" {
			text += "\n\n" + fenced(doc.example)
		}
		r.Remediations = &[]oscal.Response{{
			UUID: h.lasting(append(id, "remedy")...), Lifecycle: "recommendation", Title: markup(remedy), Description: text,
			Origins: h.by,
		}}
	}
	return r
}
