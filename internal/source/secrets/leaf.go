package secrets

import (
	"bytes"
	"strings"
)

// leaf looks at one string.
func (w *walker) leaf(c *frame, name []byte, sp span) {
	switch c.area {
	case areaSecretData, areaSecretText:
		w.secretData(c, string(name), w.decode(sp))
		return
	case areaBinaryData:
		w.report(c, w.s.examine(w.decode(sp), asked{file: string(name), hint: hint{place: c.place}, level: w.asked.level + 1}))
		return
	}
	cls := w.s.classOf(name)
	if !w.worth(cls, sp, c.place) {
		return
	}
	a := asked{name: string(name), class: cls, hint: hint{place: c.place, within: c.within}, level: w.asked.level}
	if w.inner {
		a.level++
		a.file, a.hint.file = w.asked.file, w.kind == ""
	}
	if c.area == areaConfigData {
		a.file = string(name)
	}
	if c.area == areaAnnotations && applied[string(name)] {
		a.class, a.hint.place = class{}, LastApplied
		at := *c
		at.place = LastApplied
		w.report(&at, w.s.examine(w.decode(sp), a))
		return
	}
	w.report(c, w.s.examine(w.decode(sp), a))
}

// applied are annotations that hold a whole object as somebody once applied it.
var applied = words(`kubectl.kubernetes.io/last-applied-configuration kopf.zalando.org/last-handled-configuration
objectset.rio.cattle.io/applied banzaicloud.com/last-applied kapp.k14s.io/original kapp.k14s.io/original-diff
operator.openshift.io/last-applied-configuration openshift.io/last-applied-configuration pulumi.com/last-applied-configuration
config.kubernetes.io/last-applied-configuration`)

// candidate reports whether a string whose name says nothing may hold a secret: a run, an address with a login, a
// pair or a command.
func candidate(raw []byte, kinds byte, place Place) bool {
	if kinds&(alphaByte|digitByte) == alphaByte|digitByte && len(raw) >= runLength && hasRun(raw) {
		return true
	}
	if kinds&atByte != 0 && (bytes.Contains(raw, []byte("://")) || bytes.Contains(raw, []byte("@tcp(")) || bytes.Contains(raw, []byte("jdbc:"))) {
		return true
	}
	if kinds&(spaceByte|joinByte) != 0 && hasStem(raw) {
		return true
	}
	return kinds&spaceByte != 0 && (kinds&escapeByte != 0 || place != Annotation && place != Custom) && commandStart(string(raw))
}

// number looks at a number: only passwords are ever written so.
func (w *walker) number(c *frame, name, number []byte) {
	k := w.s.classOf(name)
	if !c.plain() && c.area != areaConfigData || k.noun != nounPassword || !digits(string(number)) {
		return
	}
	text := string(number)
	if rule := judge(k, text, hint{place: c.place, within: c.within, number: true}); rule != "" {
		w.report(c, []hit{{rule: rule, value: text}})
	}
}

// secretData takes every value of a Secret's data that stands where only its name should.
func (w *walker) secretData(c *frame, key, v string) {
	if c.area == areaSecretData && !placeholder(v) {
		if raw, err := decode64(v); err == nil {
			v = string(raw)
		}
	}
	v = strings.TrimSpace(v)
	if placeholder(v) || publicText(v) || publicDER([]byte(v)) || key == "namespace" || key == "ca.crt" || key == "service-ca.crt" {
		return
	}
	hits := w.s.examine(v, asked{name: key, class: w.s.classOf([]byte(key)), hint: hint{place: Env}, level: w.asked.level + 1})
	if len(hits) == 0 {
		if rest := strings.TrimSpace(v); rest != "" && !templated(v) {
			hits = []hit{{rule: RuleSecretData, value: v}}
		}
	}
	w.report(c, hits)
}

// templated reports a text in which every secret may be filled in by somebody else.
func templated(v string) bool {
	return strings.Contains(v, "{{") && strings.Contains(v, "}}")
}

// command looks at a list of strings that is a command or its arguments.
func (w *walker) command(c *frame, spans []span, depth int) {
	worth := false
	for _, sp := range spans {
		raw := w.src[sp.start:sp.end]
		worth = worth || len(raw) >= 2 && raw[0] == '-' && bytes.IndexByte([]byte("pauwUP"), raw[1]) >= 0 || hasStem(raw) || candidate(raw, sp.kinds, c.place)
	}
	if !worth {
		return
	}
	list := make([]string, len(spans))
	for i, sp := range spans {
		list[i] = w.decode(sp)
	}
	var before []string
	if c.place == Args {
		before = w.siblingList(c.begin, "command")
	}
	level := w.asked.level
	if w.inner {
		level++
	}
	for _, h := range w.s.arguments(list, before, asked{hint: hint{place: c.place}, level: level}) {
		w.steps[depth] = step{index: spans[h.item].index}
		w.report(c, []hit{h})
	}
}

// contain says of which container the sightings since then are.
func (w *walker) contain(since int, name string) {
	for i := range w.found[since:] {
		s := &w.found[since+i]
		if s.Container != "" {
			continue
		}
		s.Container = name
		if s.Place == Args || s.Place == Command {
			s.Part = name
		}
	}
}
