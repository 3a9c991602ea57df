package secrets

import (
	"bytes"
	"strings"
)

// An area is a part of an object whose keys are data, or have a meaning of their own.
type area uint8

const (
	areaFree        area = iota // any field
	areaRoot                    // the fields of an object itself
	areaMeta                    // metadata, of the object or of a template in it
	areaAnnotations             //
	areaLabels                  //
	areaConfigData              // data of a ConfigMap
	areaBinaryData              // binaryData of a ConfigMap
	areaSecretData              // data of a Secret that stands in another object
	areaSecretText              // its stringData
)

// A frame is what is known of the place where the walker stands.
type frame struct {
	area      area
	place     Place
	name      []byte // by which a string here is judged: its key, or the key of its list
	part      []byte // name of the part where it is not the name
	begin     int    // of the object around
	depth     int
	words     bool // the list is a command or the arguments of one
	container bool // the object is a container
	within    bool // inside a reference to a Secret
}

// under gives the frame of a member's value, or says that it is not read.
func (w *walker) under(c *frame, key []byte, first byte, begin int) (child frame, skip bool) {
	child = frame{place: c.place, name: key, begin: begin, depth: c.depth + 1, within: c.within}
	switch c.area {
	case areaMeta:
		return child, w.underMeta(&child, key, first)
	case areaFree, areaRoot:
	default:
		if first != '{' && first != '[' {
			child.area = c.area
		}
		return child, false
	}
	if first == '{' {
		return child, w.underObject(c, &child, key)
	}
	switch string(key) {
	case "args", "arguments", "extraArgs", "additionalArgs", "containerArgs":
		child.place, child.words = Args, first == '['
	case "command", "cmd", "entrypoint", "commands", "script", "scripts":
		child.place, child.words = Command, first == '['
	case "env", "envs", "extraEnv", "extraEnvs", "envVars", "extraEnvVars", "environment", "Env":
		child.place = Env
	case "httpHeaders":
		child.place = ProbeHeader
	case "containers", "initContainers", "ephemeralContainers", "steps", "sidecars", "sidecarContainers", "extraContainers":
		child.container = first == '['
	case "apiVersion", "kind":
		return child, c.area == areaRoot
	case "caBundle", "clientCABundle":
		return child, true
	case "rules":
		return child, c.area == areaRoot && (w.kind == "Role" || w.kind == "ClusterRole")
	case "values", "valuesContent":
		if helmKinds[w.kind] {
			child.place = HelmValues
		}
	}
	return child, false
}

var (
	helmKinds      = words("HelmRelease HelmChart HelmChartConfig Application ApplicationSet HelmApp")
	referenceKinds = words("ExternalSecret ClusterExternalSecret PushSecret SecretProviderClass SecretStore ClusterSecretStore VaultStaticSecret VaultDynamicSecret")
)

// underMeta: names and what the server writes hold no secret; labels and annotations may.
func (w *walker) underMeta(child *frame, key []byte, first byte) (skip bool) {
	switch string(key) {
	case "managedFields", "ownerReferences", "uid", "resourceVersion", "selfLink", "name", "generateName", "namespace", "creationTimestamp", "finalizers":
		return true
	case "annotations":
		if first == '{' {
			child.area, child.place = areaAnnotations, Annotation
		}
	case "labels":
		if first == '{' {
			child.area, child.place = areaLabels, Label
		}
	}
	if w.inner {
		child.place = w.asked.hint.place
	}
	return false
}

// underObject enters an object by its key.
func (w *walker) underObject(c, child *frame, key []byte) (skip bool) {
	switch string(key) {
	case "metadata":
		child.area = areaMeta
		return false
	case "status":
		return c.area == areaRoot && w.kind != ""
	case "openAPIV3Schema", "encryptedData", "matchLabels":
		return true
	case "env", "environment", "envVars", "extraEnv", "extraEnvVars":
		child.place = Env
		return false
	case "args", "extraArgs", "additionalArgs":
		child.place = Args
		return false
	case "template":
		child.within = false // of the Secret to be made: literals may stand in it
		return false
	case "spec", "parameters":
		child.within = c.within || referenceKinds[w.kind]
		return false
	case "data":
		return w.underData(c, child, areaConfigData, areaSecretData)
	case "stringData":
		return w.underData(c, child, areaFree, areaSecretText)
	case "binaryData":
		return w.underData(c, child, areaBinaryData, areaFree)
	case "values", "valuesObject", "helm", "set":
		if helmKinds[w.kind] {
			child.place = HelmValues
		}
		return false
	}
	switch k := w.s.classOf(key); {
	case k.noun == nounNone:
	case k.ref:
		child.within = child.within || bytes.HasSuffix(key, []byte("Ref"))
	case k.noun == nounSecret || k.noun == nounCredentials:
		child.within = child.within || w.hasMember(w.pos, "secretName", "name")
	}
	return false
}

// underData enters data by the kind of the object that it is of.
func (w *walker) underData(c, child *frame, config, secret area) (skip bool) {
	kind, root := w.kind, c.area == areaRoot && !w.inner
	if !root {
		kind = w.siblingText(child.begin, "kind")
	}
	switch {
	case kind == "ConfigMap" && (!root || w.group == ""):
		child.area = config
		if !w.inner {
			child.place = ConfigMap
		}
	case kind == "Secret" && root:
		return w.group == ""
	case kind == "Secret":
		child.area = secret
		return strings.HasSuffix(w.kind, "List") && !w.inner // its items are Secrets of their own
	case kind == "SealedSecret" || w.kind == "SealedSecret" && c.area == areaFree && secret == areaSecretData && !w.inTemplate():
		return true // ciphertext, in the old form
	}
	return false
}

func (w *walker) inTemplate() bool {
	for _, s := range w.steps {
		if string(s.key) == "template" {
			return true
		}
	}
	return false
}

// leaf looks at one string.
func (w *walker) leaf(c *frame, name []byte, sp span) {
	if sp.end-sp.start == 0 {
		return
	}
	raw := w.src[sp.start:sp.end]
	switch c.area {
	case areaSecretData, areaSecretText:
		w.secretData(c, string(name), w.decode(sp))
		return
	case areaBinaryData:
		w.report(c, w.s.examine(w.decode(sp), asked{file: string(name), hint: hint{place: c.place}, level: w.asked.level + 1}))
		return
	}
	cls := w.s.classOf(name)
	if !cls.tells() && !candidate(raw, sp.escaped, c.place) {
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
func candidate(raw []byte, escaped bool, place Place) bool {
	if len(raw) < 8 {
		return false
	}
	if hasRun(raw) {
		return true
	}
	if bytes.IndexByte(raw, '@') >= 0 && (bytes.Contains(raw, []byte("://")) || bytes.Contains(raw, []byte("@tcp(")) || bytes.Contains(raw, []byte("jdbc:"))) {
		return true
	}
	if bytes.ContainsAny(raw, ":=< ") && hasStem(raw) {
		return true
	}
	return bytes.IndexByte(raw, ' ') >= 0 && (escaped || place != Annotation && place != Custom) && commandStart(string(raw))
}

// number looks at a number: only passwords are ever written so.
func (w *walker) number(c *frame, name []byte, text string) {
	if c.area != areaFree && c.area != areaRoot && c.area != areaConfigData {
		return
	}
	k := w.s.classOf(name)
	if k.noun != nounPassword || !digits(text) {
		return
	}
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
		worth = worth || len(raw) >= 2 && raw[0] == '-' && bytes.IndexByte([]byte("pauwUP"), raw[1]) >= 0 || hasStem(raw) || candidate(raw, sp.escaped, c.place)
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
