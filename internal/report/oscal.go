package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	oscal "github.com/defenseunicorns/go-oscal/src/types/oscal-1-1-3"
	"github.com/google/uuid"

	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/posture"
)

// oscalSpace names our properties, and is what every identifier is made of.
const oscalSpace = "urn:vigie:assessment"

// oscalHandler writes one OSCAL document of assessment results, all of it at the end: a finding for each clause, resting
// on observations, one for each finding of the stream.
type oscalHandler struct {
	*words
	w            io.Writer
	base         string
	meta         Meta
	sum          hash.Hash       // of the kept stream, so that the same stream is the same document
	stream       Handler         // writes into sum
	by           *[]oscal.Origin // of everything here: the tool
	names        ids
	observations []oscal.Observation
	items        []oscal.InventoryItem
	itemOf       map[inventory.Ref]string
	risks        oscalRisks
	bears        map[string][]oscal.RelatedObservation // on a clause
	clauses      []posture.Clause
}

// NewOSCAL makes the handler of OSCAL assessment results, in the form of NIST's OSCAL 1.1.3. Only a clause that holds is
// satisfied; one that is unknown, deviates or is waived is not, for another reason, and a property says its state. Not
// applicable clauses are excluded from the reviewed ones, since OSCAL has no word for them that is neither green nor red.
// Identifiers are made of what they name (UUID version 5): the same stream gives the same bytes.
func NewOSCAL(w io.Writer, o Options) Handler {
	sum := sha256.New()
	return &oscalHandler{
		words: newWords(o.Lang), w: w, base: o.Base, sum: sum, stream: NewJSON(sum), names: ids{}, itemOf: map[inventory.Ref]string{},
		bears: map[string][]oscal.RelatedObservation{}, risks: oscalRisks{of: map[riskKey]int{}, bear: map[string][]oscal.AssociatedRisk{}},
	}
}

var oscalRoot = uuid.NewSHA1(uuid.NameSpaceURL, []byte(oscalSpace))

// lasting is the identifier of something that other checks of the tenant see too.
func (h *oscalHandler) lasting(of ...string) string {
	return uuid.NewSHA1(oscalRoot, []byte(strings.Join(append([]string{h.meta.Tenant}, of...), "\x00"))).String()
}

// once is the identifier of something of this check alone.
func (h *oscalHandler) once(of ...string) string {
	m := h.meta
	return h.lasting(append(append([]string{m.At.UTC().Format(time.RFC3339Nano), m.Source}, m.Paths...), of...)...)
}

// Meta implements Handler.
func (h *oscalHandler) Meta(m Meta) error {
	h.meta = m
	h.by = &[]oscal.Origin{h.byTool()}
	return h.stream.Meta(m)
}

// Gap implements Handler.
func (h *oscalHandler) Gap(g Gap) error {
	h.observations = append(h.observations, h.gapSeen(g))
	return h.stream.Gap(g)
}

// Clause implements Handler.
func (h *oscalHandler) Clause(c posture.Clause) error {
	h.clauses = append(h.clauses, c)
	return h.stream.Clause(c)
}

// Summary implements Handler.
func (h *oscalHandler) Summary(s Summary) error {
	if err := h.stream.Summary(s); err != nil {
		return err
	}
	doc := oscal.OscalModels{AssessmentResults: h.document(s)}
	enc := json.NewEncoder(h.w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write the OSCAL report: %w", err)
	}
	return nil
}

func (h *oscalHandler) document(s Summary) *oscal.AssessmentResults {
	m := h.meta
	stream := hex.EncodeToString(h.sum.Sum(nil))
	policy := h.lasting("policy", m.PolicyVersion, m.PolicyHash)
	return &oscal.AssessmentResults{
		UUID: h.once("document", string(h.Lang), stream),
		Metadata: oscal.Metadata{
			Title:        markup(h.Say("oscal.title", lang.Values{"name": h.tenant(m)})),
			LastModified: m.At, Version: m.At.Format(time.RFC3339Nano), OscalVersion: oscal.Version,
			Props: props(prop("tool-version", m.Version), prop("stream-sha256", stream)),
		},
		ImportAp: oscal.ImportAp{Href: "#" + policy, Remarks: markup(h.Say("oscal.plan", nil))},
		Results:  []oscal.Result{h.result(s)},
		BackMatter: &oscal.BackMatter{Resources: &[]oscal.Resource{{
			UUID: policy, Title: markup(h.Say("oscal.policy", nil)), Description: markup(h.Say("head.policy", lang.Values{"version": m.PolicyVersion})),
			Props: props(prop("policy-version", m.PolicyVersion), prop("policy-hash", m.PolicyHash)),
		}}},
	}
}

func (h *oscalHandler) result(s Summary) oscal.Result {
	m := h.meta
	findings := h.findings() // adds observations
	return oscal.Result{
		UUID: h.once("result"), Title: markup(h.Say("oscal.title", lang.Values{"name": h.tenant(m)})),
		Description: markup(h.Say("oscal.result", lang.Values{"name": h.tenant(m)}) + " " + h.eyes(m)),
		Start:       m.At, End: &m.At, Props: h.settings(s), Remarks: markup(h.totals(s) + " " + h.exit(s) + "."),
		LocalDefinitions: &oscal.LocalDefinitions{Components: &[]oscal.SystemComponent{h.tool()}, InventoryItems: some(h.items)},
		ReviewedControls: h.reviewed(), Observations: some(h.observations), Risks: some(h.risks.all), Findings: some(findings),
	}
}

// settings are what the check was judged by.
func (h *oscalHandler) settings(s Summary) *[]oscal.Property {
	m := h.meta
	all := []oscal.Property{
		prop("tenant", m.Tenant), prop("source", m.Source), prop("platform", m.Platform), prop("cluster-version", m.ClusterVersion),
		prop("target-version", m.TargetVersion), prop("incomplete", strconv.FormatBool(s.Incomplete)), prop("empty", strconv.FormatBool(s.Empty)),
	}
	for _, p := range m.Paths {
		all = append(all, prop("path", p))
	}
	for _, id := range slices.Sorted(maps.Keys(m.Controls)) {
		p := prop("control-version", strconv.Itoa(m.Controls[id]))
		p.Class = id
		all = append(all, p)
	}
	for _, id := range slices.Sorted(maps.Keys(m.Parameters)) {
		p := prop("parameter", m.Parameters[id])
		p.Class = id
		all = append(all, p)
	}
	return props(all...)
}

// tool is who looked.
func (h *oscalHandler) tool() oscal.SystemComponent {
	return oscal.SystemComponent{
		UUID: h.toolID(), Type: "software", Title: "Vigie", Description: markup(h.Say("oscal.tool", nil)),
		Status: oscal.SystemComponentStatus{State: "operational"}, Props: props(prop("version", h.meta.Version)),
	}
}

func (h *oscalHandler) toolID() string { return h.lasting("tool", h.meta.Version) }

// byTool is who looked, as an origin.
func (h *oscalHandler) byTool() oscal.Origin {
	return oscal.Origin{Actors: []oscal.OriginActor{{Type: "tool", ActorUuid: h.toolID()}}}
}

// prop is a property of ours. OSCAL wants a value that begins and ends with no space.
func prop(name, value string) oscal.Property {
	return oscal.Property{Name: name, Ns: oscalSpace, Value: strings.TrimSpace(lang.Safe(value))}
}

// props lists the properties that have a value; nil where none has, since OSCAL knows no empty list.
func props(all ...oscal.Property) *[]oscal.Property {
	return some(slices.DeleteFunc(all, func(p oscal.Property) bool { return p.Value == "" }))
}

// some is a list as OSCAL's types want it: nil where it is empty.
func some[T any](list []T) *[]T {
	if len(list) == 0 {
		return nil
	}
	return &list
}

// moment is t, or nil where there is none, or none that OSCAL's form of a moment can hold (1900 to 2999).
func moment(t time.Time) *time.Time {
	if t.Year() < 1900 || t.Year() > 2999 {
		return nil
	}
	return &t
}

// markup makes a text harmless in OSCAL's markup, a kind of Markdown.
func markup(s string) string { return oscalMarkup.Replace(s) }

var oscalMarkup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "^", `\^`, "{", `\{`, "}", `\}`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;",
)
