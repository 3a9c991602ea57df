package report

import (
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/posture"
	"vigie/internal/register"
)

// keptRef is a subject.
type keptRef struct {
	Cluster   string `json:"cluster"`
	Group     string `json:"group"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Root      string `json:"root"`
}

func (r keptRef) ref() inventory.Ref {
	return inventory.Ref{Cluster: r.Cluster, Group: r.Group, Kind: r.Kind, Namespace: r.Namespace, Name: r.Name, Root: r.Root}
}

// keptGap is a gap, of a line or of a finding.
type keptGap struct {
	Input     string         `json:"input"`
	Namespace string         `json:"namespace"`
	Root      string         `json:"root"`
	State     string         `json:"state"`
	Reason    string         `json:"reason"`
	Values    map[string]any `json:"values"`
	Detail    string         `json:"detail"`
	File      string         `json:"file"`
	Line      int            `json:"line"`
	Subject   keptRef        `json:"subject"`
}

func (rd *reader) gap(data jsontext.Value) error {
	var k keptGap
	if err := decode(data, &k); err != nil {
		return err
	}
	return rd.to.Gap(Gap{
		Input: k.Input, Space: inventory.Space{Namespace: k.Namespace, Root: k.Root}, State: k.State, Reason: k.Reason,
		Values: valuesOf(k.Values), Detail: k.Detail, File: k.File, Line: k.Line, Ref: k.Subject.ref(),
	})
}

// keptFinding is a finding.
type keptFinding struct {
	Control  string   `json:"control"`
	Version  int      `json:"version"`
	Clauses  []string `json:"clauses"`
	Severity string   `json:"severity"`
	Verdict  string   `json:"verdict"`
	Subject  keptRef  `json:"subject"`
	Part     struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"part"`
	Reason      string         `json:"reason"`
	Values      map[string]any `json:"values"`
	Message     string         `json:"message"`
	Fingerprint string         `json:"fingerprint"`
	Source      struct {
		File string `json:"file"`
		Line int    `json:"line"`
	} `json:"source"`
	Until     time.Time   `json:"until"`
	Waiver    *keptWaiver `json:"waiver"`
	Baselined bool        `json:"baselined"`
	Team      string      `json:"team"`
	Seen      time.Time   `json:"seen"`
	Gaps      []keptGap   `json:"gaps"`
}

type keptWaiver struct {
	Approver      string    `json:"approver"`
	Reason        string    `json:"reason"`
	Expires       time.Time `json:"expires"`
	Control       string    `json:"control"`
	Subject       string    `json:"subject"`
	Part          string    `json:"part"`
	Vulnerability string    `json:"vulnerability"`
	File          string    `json:"file"`
	Line          int       `json:"line"`
}

func (rd *reader) finding(data jsontext.Value) error {
	var k keptFinding
	if err := decode(data, &k); err != nil {
		return err
	}
	verdict, ok := wordOf(control.Verdicts(), k.Verdict)
	if !ok {
		return fmt.Errorf("the unknown verdict %.40q: %w", k.Verdict, ErrNotKept)
	}
	severity, err := control.ParseSeverity(k.Severity)
	if err != nil {
		return fmt.Errorf("%w: %w", err, ErrNotKept)
	}
	f := &Finding{
		Finding: &control.Finding{
			Control: rd.control(&k, verdict, severity), Verdict: verdict, Subject: k.Subject.ref(),
			Part: control.Part{Kind: k.Part.Kind, Name: k.Part.Name}, Reason: k.Reason, Values: valuesOf(k.Values),
			Place: inventory.Place{File: k.Source.File, Line: k.Source.Line}, SeenAt: k.Seen, Until: k.Until,
		},
		Baselined: k.Baselined, Team: k.Team, Said: k.Message,
	}
	if f.SeenAt.IsZero() {
		f.SeenAt = rd.at
	}
	if f.Fingerprint() != k.Fingerprint {
		return fmt.Errorf("the fingerprint is not that of the finding: it was changed, or %w", ErrNotKept)
	}
	for _, g := range k.Gaps {
		state, err := inventory.ParseState(g.State)
		if err != nil {
			return fmt.Errorf("%w: %w", err, ErrNotKept)
		}
		f.Gaps = append(f.Gaps, inventory.Gap{
			Input: g.Input, Space: inventory.Space{Namespace: g.Namespace, Root: g.Root}, State: state, Detail: g.Detail,
		})
	}
	if w := k.Waiver; w != nil {
		f.Waiver = &register.Waiver{
			Control: w.Control, Subject: w.Subject, Part: w.Part, Vulnerability: w.Vulnerability, Reason: w.Reason,
			Approver: w.Approver, Expires: w.Expires, File: w.File, Line: w.Line,
		}
	}
	rd.counted.Add(f)
	return rd.to.Finding(f)
}

// control is the finding's control as it was when it judged: clauses and severity are the line's, documents are those
// of this version. Lines that agree share one.
func (rd *reader) control(k *keptFinding, v control.Verdict, s control.Severity) *control.Control {
	key := fmt.Sprint(k.Control, " ", k.Version, " ", k.Reason, " ", v, " ", s, " ", k.Clauses)
	if c := rd.controls[key]; c != nil {
		return c
	}
	c := &control.Control{ID: k.Control, Version: k.Version, Clauses: k.Clauses, Severity: s}
	reason := control.Reason{Key: k.Reason, Verdict: v}
	if rd.known != nil {
		if now := rd.known(k.Control); now != nil {
			c.Docs = now.Docs
			if r, ok := now.ReasonOf(k.Reason); ok {
				reason.Running = r.Running
			}
		}
	}
	if k.Reason != "" {
		c.Reasons = []control.Reason{reason}
	}
	rd.controls[key] = c
	return c
}

func (rd *reader) clause(data jsontext.Value) error {
	var k struct {
		ID     string `json:"id"`
		State  string `json:"state"`
		Ground string `json:"ground"`
		Owner  string `json:"owner"`
		Seen   int    `json:"seen"`
		Of     int    `json:"of"`
		Fails  int    `json:"fails"`
		Waived int    `json:"waived"`
		Causes []struct {
			Cause   string `json:"cause"`
			Control string `json:"control"`
		} `json:"causes"`
	}
	if err := decode(data, &k); err != nil {
		return err
	}
	state, ok := wordOf(posture.States(), k.State)
	if !ok {
		return fmt.Errorf("the unknown state %.40q: %w", k.State, ErrNotKept)
	}
	c := posture.Clause{ID: k.ID, State: state, Ground: posture.Ground(k.Ground), Owner: k.Owner, Seen: k.Seen, Of: k.Of, Fails: k.Fails, Waived: k.Waived}
	for _, b := range k.Causes {
		c.Causes = append(c.Causes, posture.Because{Cause: posture.Cause(b.Cause), Control: b.Control})
	}
	rd.counted.Clauses[c.State]++
	return rd.to.Clause(c)
}

func (rd *reader) summary(data jsontext.Value) error {
	var k struct {
		Objects     int            `json:"objects"`
		Documents   int            `json:"documents"`
		Files       int            `json:"files"`
		Namespaces  int            `json:"namespaces"`
		Unread      int            `json:"unread"`
		Findings    map[string]int `json:"findings"`
		Severities  map[string]int `json:"severities"`
		Clauses     map[string]int `json:"clauses"`
		Waived      int            `json:"waived"`
		WaivedUntil time.Time      `json:"waivedUntil"`
		Baselined   int            `json:"baselined"`
		FailOn      string         `json:"failOn"`
		Incomplete  bool           `json:"incomplete"`
		Empty       bool           `json:"empty"`
		Exit        int            `json:"exit"`
	}
	if err := decode(data, &k); err != nil {
		return err
	}
	sum := Summary{
		Objects: k.Objects, Documents: k.Documents, Files: k.Files, Namespaces: k.Namespaces, Unread: k.Unread,
		Verdicts: byWord(control.Verdicts(), k.Findings), Severities: byWord(control.Severities(), k.Severities),
		Clauses: byWord(posture.States(), k.Clauses), Waived: k.Waived, WaivedTo: k.WaivedUntil, Baselined: k.Baselined,
		FailOn: k.FailOn, Incomplete: k.Incomplete, Empty: k.Empty, Exit: k.Exit,
	}
	if !sum.addsUp(&rd.counted) {
		return fmt.Errorf("its lines do not add up to its summary, so some were changed or cut: %w", ErrNotKept)
	}
	return rd.to.Summary(sum)
}

func wordOf[K fmt.Stringer](all []K, word string) (found K, ok bool) {
	for _, k := range all {
		if k.String() == word {
			return k, true
		}
	}
	return found, false
}

func byWord[K interface {
	comparable
	fmt.Stringer
}](all []K, n map[string]int) map[K]int {
	out := map[K]int{}
	for _, k := range all {
		if c := n[k.String()]; c > 0 {
			out[k] = c
		}
	}
	return out
}

// valuesOf undoes what object.values did: whole numbers, durations, moments and lists of texts have their types again.
func valuesOf(vs map[string]any) control.Values {
	if len(vs) == 0 {
		return nil
	}
	for k, v := range vs {
		switch v := v.(type) {
		case float64:
			if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
				vs[k] = int64(v)
			}
		case map[string]any:
			if s, ok := v["seconds"].(float64); ok {
				vs[k] = time.Duration(math.Round(s * float64(time.Second)))
			} else if s, ok := v["time"].(string); ok {
				if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
					vs[k] = t
				}
			}
		case []any:
			vs[k] = textsOf(v)
		}
	}
	return vs
}

func textsOf(list []any) any {
	out := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			return list
		}
		out[i] = s
	}
	return out
}
