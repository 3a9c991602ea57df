package control

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"vigie/internal/inventory"
	"vigie/internal/policy"
)

// Settings are what the configuration and the facts say of the tenant. A control reads them through Eval.
type Settings struct {
	Platform    Platform
	Cluster     Version // the running Kubernetes version; zero: not known
	Target      Version // the version to come; zero: none announced
	Environment func(s inventory.Space, labels map[string]string) string
	Parameter   func(id string, s inventory.Space) policy.Value
}

// A Platform is openshift or plain Kubernetes.
type Platform string

// The two platforms.
const (
	Plain     Platform = "plain"
	OpenShift Platform = "openshift"
)

// A Version is a Kubernetes minor version. The zero Version is not known.
type Version struct{ Major, Minor int }

// Known reports that the version was given.
func (v Version) Known() bool { return v.Major > 0 }

// AtLeast reports that v is known and not older than major.minor.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

func (v Version) String() string {
	if !v.Known() {
		return ""
	}
	return fmt.Sprintf("%d.%d", v.Major, v.Minor)
}

// ParseVersion reads "1.29", "v1.29" or "1.29.4".
func ParseVersion(s string) (v Version, err error) {
	if n, _ := fmt.Sscanf(s, "v%d.%d", &v.Major, &v.Minor); n == 2 {
		return v, nil
	}
	if n, _ := fmt.Sscanf(s, "%d.%d", &v.Major, &v.Minor); n == 2 && v.Major > 0 {
		return v, nil
	}
	return Version{}, fmt.Errorf("%q is no Kubernetes version: want a form like 1.29", s)
}

// WithFigures gives the parameters of a run for which figures were given from outside: figure says one, or "" where it
// says nothing, and comes before what parameter says.
func WithFigures(figure func(id string) string, parameter func(string, inventory.Space) policy.Value) func(string, inventory.Space) policy.Value {
	return func(id string, s inventory.Space) policy.Value {
		text := figure(id)
		if text == "" {
			return parameter(id, s)
		}
		v, err := policy.Parameter{ID: id, Type: "duration"}.Parse(text)
		if err != nil {
			panic(err) // who read the figures refused it
		}
		return v
	}
}

// Eval is one evaluation of one control: all the world that it sees.
type Eval struct {
	inventory.View
	Settings
	control *Control
	out     chunks
	seenAt  time.Time
	until   time.Time
}

// Production reports whether a subject of this space with these labels is declared to be production.
func (e *Eval) Production(labels map[string]string) bool {
	return e.Environment(e.Space(), labels) == "production"
}

// Param is the value of a declared parameter, as the configuration sets it for the space.
func (e *Eval) Param(id string) policy.Value {
	if !slices.Contains(e.control.Params, id) {
		panic(fmt.Sprintf("read of undeclared parameter %q", id))
	}
	return e.Parameter(id, e.Space())
}

// On begins what the control says of one object.
func On[T any](e *Eval, it inventory.Item[T]) Subject {
	return Subject{e: e, ref: it.Ref, place: it.Place, labels: it.Labels}
}

// OnRef begins what the control says of something that is no object seen: a namespace, a clause.
func (e *Eval) OnRef(r inventory.Ref) Subject { return Subject{e: e, ref: r} }

// A Subject is what a verdict is about. Its methods give a changed copy, or say the verdict.
type Subject struct {
	e      *Eval
	ref    inventory.Ref
	labels map[string]string
	place  inventory.Place
	part   Part
	path   []any
	until  time.Time
}

// Part narrows the subject to a piece of it.
func (s Subject) Part(kind, name string) Subject {
	s.part = Part{Kind: kind, Name: name}
	return s
}

// At points at a field, from the object's root, so that a report can give its line.
func (s Subject) At(path ...any) Subject { s.path = path; return s }

// Below points at a field below the one pointed at.
func (s Subject) Below(path ...any) Subject {
	s.path = append(s.path[:len(s.path):len(s.path)], path...)
	return s
}

// Until says when time alone can change the verdict. The first of several counts.
func (s Subject) Until(t time.Time) Subject {
	if !t.IsZero() && (s.until.IsZero() || t.Before(s.until)) {
		s.until = t
	}
	return s
}

// Pass says that the subject is as the control wants it.
func (s Subject) Pass() { s.say(Pass, "", nil, nil) }

// PassAs is a pass with a note: a reason of verdict Pass.
func (s Subject) PassAs(reason string, v Values) { s.say(Pass, reason, v, nil) }

// Fail says that the subject breaks the control's clauses.
func (s Subject) Fail(reason string, v Values) { s.say(Fail, reason, v, nil) }

// NotApplicable says that the control has nothing to ask of the subject.
func (s Subject) NotApplicable() { s.say(NotApplicable, "", nil, nil) }

// NotApplicableIfWhole says that the control has nothing to ask because something is absent from inputs. Where one of
// them was not read whole, the absence proves nothing and the verdict is unknown.
func (s Subject) NotApplicableIfWhole(inputs ...inventory.Input) {
	if gaps := s.e.Gaps(inputs...); len(gaps) > 0 {
		s.say(Unknown, ReasonGap, nil, gaps)
		return
	}
	s.NotApplicable()
}

// Unknown says that the control cannot tell. inputs are those that are not whole, if that is why.
func (s Subject) Unknown(reason string, v Values, inputs ...inventory.Input) {
	s.say(Unknown, reason, v, s.e.Gaps(inputs...))
}

// FailIfWhole is the absence test: a failure that rests on the absence of something from inputs. Where one of
// them was not read whole, the absence proves nothing and the verdict is unknown.
func (s Subject) FailIfWhole(reason string, v Values, inputs ...inventory.Input) {
	if gaps := s.e.Gaps(inputs...); len(gaps) > 0 {
		s.say(Unknown, ReasonGap, nil, gaps)
		return
	}
	s.say(Fail, reason, v, nil)
}

// FailUnless is the absence test for a failure that rests on more than the subject's own space: gaps are those of the
// views that were looked in, as View.Gaps gives them. Where there is one, the verdict is unknown.
func (s Subject) FailUnless(gaps []inventory.Gap, reason string, v Values) {
	if len(gaps) > 0 {
		s.say(Unknown, ReasonGap, nil, gaps)
		return
	}
	s.say(Fail, reason, v, nil)
}

// ReasonSince is the reason of Lasts where nothing says when a state began. A control that uses Lasts declares it.
const ReasonSince = "since-unknown"

// Lasts judges a state that may last for limit and began at since, zero where nothing says when: a pass until then, a
// failure after it. The sentence gets limit and since beside v.
func (s Subject) Lasts(since time.Time, limit time.Duration, reason string, v Values) {
	v = maps.Clone(v)
	if v == nil {
		v = Values{}
	}
	v["limit"] = limit
	end := since.Add(limit)
	switch {
	case since.IsZero():
		s.Unknown(ReasonSince, v)
	case s.e.Now().Before(end):
		s.Until(end).Pass() // within its time
	default:
		v["since"] = since
		s.Fail(reason, v)
	}
}

// UnknownFor says that the control cannot tell for gaps in other spaces than the subject's own.
func (s Subject) UnknownFor(gaps []inventory.Gap) { s.say(Unknown, ReasonGap, nil, gaps) }

// unseen lists the gaps in what could overrule a pass. What is partial is no gap: what was seen of it stands.
func (e *Eval) unseen() []inventory.Gap {
	if len(e.control.Overrules) == 0 {
		return nil
	}
	return slices.DeleteFunc(e.Gaps(e.control.Overrules...), func(g inventory.Gap) bool { return !g.State.IsGap() })
}

func (s Subject) say(v Verdict, reason string, vals Values, gaps []inventory.Gap) {
	e := s.e
	if reason != "" {
		r, ok := e.control.ReasonOf(reason)
		if !ok || r.Verdict != v {
			panic(fmt.Sprintf("reason %q is not declared for verdict %s", reason, v))
		}
	} else if v == Fail || v == Unknown {
		panic("a failure or an unknown needs a reason")
	}
	if v == Pass || v == NotApplicable {
		if unseen := e.unseen(); len(unseen) > 0 {
			v, reason, vals, gaps = Unknown, ReasonGap, nil, unseen
		}
	}
	until := s.until
	if !e.until.IsZero() && (until.IsZero() || e.until.Before(until)) {
		until = e.until
	}
	e.out.add(Finding{
		Control: e.control, Verdict: v, Subject: s.ref, Part: s.part, Reason: reason, Values: vals, Gaps: gaps,
		Labels: s.labels, Place: s.place, Path: s.path, SeenAt: e.seenAt, Until: until,
	})
}
