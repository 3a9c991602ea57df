package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"vigie/internal/register"
)

// WaiverFile is a file of waivers.
type WaiverFile struct {
	// The edition of this file's form. Left out, it is 1, the only one.
	Version int `json:"version,omitzero"`
	// The waivers. One that is not right does not apply, and is reported.
	Waivers []WaiverEntry `json:"waivers,omitzero"`
}

// WaiverEntry is a waiver as a person writes it: someone answers for findings until a date.
type WaiverEntry struct {
	// The id of the control whose findings are waived.
	Control string `json:"control"`
	// The object: "Kind namespace/name", or "Kind.group namespace/name" where the group is not Kubernetes' or
	// OpenShift's own; * and ? may stand in namespace and name.
	Subject string `json:"subject"`
	// The one vulnerability that is waived: CVE-2026-12345.
	Vulnerability string `json:"vulnerability,omitzero"`
	// The one part of the object that is waived: container app, env TOKEN, port http, host www.example.org. Left out,
	// all of them.
	Part string `json:"part,omitzero"`
	// Why the findings are accepted, in words.
	Reason string `json:"reason"`
	// Who answers for it.
	Approver string `json:"approver"`
	// When it ends: 2026-12-31 (at the end of that day, in UTC) or 2026-12-31T18:00:00+01:00 (at that moment).
	Expires string `json:"expires"`
}

// WaiverRules is what waivers are judged by.
type WaiverRules struct {
	Now time.Time
	// MaxLength is the longest time from Now that a waiver may last, as the configuration's WaiverLimit; 0: no limit.
	MaxLength time.Duration
	// Controls are the ids of the controls that exist; nil: not checked.
	Controls []string
}

// LoadWaivers reads files of waivers. A waiver with a problem is not among those returned: it does not apply. The
// problems are to be shown, and stop nothing. A waiver that has ended is returned: what it says now is judged by
// register.Waiver.InForce.
func LoadWaivers(paths []string, rules WaiverRules) (all []register.Waiver, problems Problems) {
	for _, path := range paths {
		data, problem := read(path)
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		ws, ps := ParseWaivers(path, data, rules)
		all, problems = append(all, ws...), append(problems, ps...)
	}
	return all, problems
}

// ParseWaivers reads the text of one file of waivers, as LoadWaivers does. Where a problem is not one waiver's but the
// file's (a key that stands twice, an edition to come), no waiver of the file applies.
func ParseWaivers(name string, data []byte, rules WaiverRules) (ws []register.Waiver, _ Problems) {
	w := newWalker(name, nil)
	w.begin = "waivers:"
	n := w.root(data)
	if n == nil {
		return nil, w.problems
	}
	c := &Config{}
	w.mapping("", n, []field{
		{"version", c.readVersion},
		{"waivers", func(w *walker, at string, n *yaml.Node) {
			if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
				return // a file of waivers without a waiver is as it should be
			}
			w.list(at, n, func(item *yaml.Node) {
				w.waiver++
				if wv, ok := w.entry(item, rules); ok {
					ws = append(ws, wv)
				}
			})
			w.waiver = 0
		}},
	})
	w.problems.sort()
	if slices.ContainsFunc(w.problems, func(p Problem) bool { return p.Waiver == 0 }) {
		return nil, w.problems
	}
	return ws, w.problems
}

// entry reads one waiver.
func (w *walker) entry(n *yaml.Node, rules WaiverRules) (register.Waiver, bool) {
	if !w.is("waivers", n, yaml.MappingNode, "mapping") {
		return register.Waiver{}, false
	}
	before := len(w.problems)
	var e WaiverEntry
	places := map[string]*yaml.Node{}
	at := func(key string, read reader) field {
		return field{key, func(w *walker, at string, n *yaml.Node) {
			places[key] = n
			read(w, at, n)
		}}
	}
	w.mapping("waivers", n, []field{
		at("control", into(&e.Control, nil)), at("subject", into(&e.Subject, nil)),
		at("vulnerability", into(&e.Vulnerability, nil)), at("part", into(&e.Part, nil)),
		at("reason", prose(&e.Reason)), at("approver", into(&e.Approver, nil)), at("expires", dateInto(&e.Expires)),
	})
	wv := e.judge(rules, func(key, reason, near string, values ...string) {
		if places[key] != nil && reason == "required" {
			return // it stands there, and what is wrong with it was noted
		}
		place := places[key]
		if place == nil {
			place = n
		}
		w.note(place, join("waivers", key), reason, near, values...)
	})
	wv.File, wv.Line = w.file, n.Line
	return wv, len(w.problems) == before
}

// Judge makes a waiver of an entry that was read elsewhere. With problems it does not apply.
func (e WaiverEntry) Judge(file string, line, number int, rules WaiverRules) (register.Waiver, Problems) {
	w := newWalker(file, nil)
	w.waiver = number
	wv := e.judge(rules, func(key, reason, near string, values ...string) {
		w.note(&yaml.Node{Line: line}, join("waivers", key), reason, near, values...)
	})
	wv.File, wv.Line = file, line
	return wv, w.problems
}

// judge checks each field, and notes what is not right.
func (e WaiverEntry) judge(rules WaiverRules, note func(key, reason, near string, values ...string)) register.Waiver {
	for _, f := range []struct{ key, value string }{
		{"control", e.Control}, {"subject", e.Subject}, {"reason", e.Reason}, {"approver", e.Approver}, {"expires", e.Expires},
	} {
		if strings.TrimSpace(f.value) == "" {
			note(f.key, "required", "", "name", f.key)
		}
	}
	if e.Control != "" && rules.Controls != nil && !slices.Contains(rules.Controls, e.Control) {
		note("control", "no-control", nearest(e.Control, rules.Controls), "value", e.Control)
	}
	if e.Subject != "" {
		if near, ok := subject(e.Subject); !ok {
			note("subject", "bad-subject", near, "value", e.Subject)
		}
	}
	if e.Part != "" && !partForm.MatchString(e.Part) {
		note("part", "bad-part", "", "value", e.Part)
	}
	if e.Part != "" && e.Vulnerability != "" {
		note("part", "part-and-vulnerability", "")
	}
	wv := register.Waiver{
		Control: e.Control, Subject: e.Subject, Part: e.Part, Vulnerability: e.Vulnerability, Reason: e.Reason, Approver: e.Approver,
	}
	if e.Expires != "" {
		wv.Expires = e.end(rules, note)
	}
	return wv
}

var (
	dayForm    = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	momentForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)
	partForm   = regexp.MustCompile(`^[a-z][a-z-]* \S.*$`)
)

// end is the moment at which the waiver has ended: the first of the next day for a day.
func (e WaiverEntry) end(rules WaiverRules, note func(key, reason, near string, values ...string)) time.Time {
	day := dayForm.MatchString(e.Expires)
	end, err := time.Parse(time.RFC3339, e.Expires)
	if day {
		end, err = time.Parse(time.DateOnly, e.Expires)
		end = end.AddDate(0, 0, 1)
	}
	if err != nil || !day && !momentForm.MatchString(e.Expires) {
		note("expires", "bad-date", "", "value", e.Expires)
		return time.Time{}
	}
	if rules.MaxLength <= 0 {
		return end
	}
	// A day counts as within the limit when its beginning is.
	latest := rules.Now.Add(rules.MaxLength).UTC()
	if from := end; day && from.AddDate(0, 0, -1).After(latest) || !day && end.After(latest) {
		note("expires", "lasts-too-long", "", "value", e.Expires, "max", length(rules.MaxLength), "latest", latest.Format(time.DateOnly))
	}
	return end
}

// length writes a length of time as the configuration does: in days where it is whole days.
func length(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return strings.TrimSuffix((d/24).String(), "h0m0s") + "d"
	}
	return d.String()
}

// dateInto reads a date or moment as it stands.
func dateInto(to *string) reader {
	return func(w *walker, at string, n *yaml.Node) {
		if v, ok := w.stamp(at, n); ok {
			*to = v
		}
	}
}

// prose reads a text that may fill several lines, into one.
func prose(to *string) reader {
	return func(w *walker, at string, n *yaml.Node) {
		one := *n
		one.Value = strings.Join(strings.FieldsFunc(n.Value, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " ")
		if v, ok := w.text(at, &one, longestText); ok {
			*to = v
		}
	}
}
