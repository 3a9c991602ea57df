package mustgather

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// An object is a document of a dump made whole: with its kind, and with the name that its place gives where it says none.
type object struct {
	apiVersion, kind string
	json             []byte
}

var errNoObject = errors.New("no object of Kubernetes")

// fields are the members of a JSON object.
type fields map[string]jsontext.Value

func fieldsOf(data []byte) (fields, bool) {
	var f fields
	err := json.Unmarshal(data, &f, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return f, err == nil && f != nil
}

// text is a member that is a string; empty where it is none.
func (f fields) text(name string) string {
	var s string
	if v, ok := f[name]; !ok || json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}

func quoted(s string) jsontext.Value {
	v, err := jsontext.AppendQuote(nil, s)
	if err != nil { // a name that is no UTF-8 is shown as far as it is
		v, _ = jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\ufffd"))
	}
	return v
}

// shape makes an object of a document of an Insights archive, whose collectors leave out what their program knew
// already: kind and apiVersion as a typed client gives them, metadata of what they cut to its spec. errNoObject is what
// is none, or whose kind neither it nor its place tells; the latter has a name.
func shape(s spot, apiVersion, kind string, data []byte) (object, error) {
	f, ok := fieldsOf(data)
	if !ok {
		return object{}, errNoObject
	}
	if apiVersion != unknownKind && kind != unknownKind && f["kind"] != nil && s.wrap == whole {
		return finish(s, f, apiVersion, kind)
	}
	f = unwrap(s, f)
	r, ok := linked(metadata(f).text("selfLink"))
	switch {
	case ok:
		apiVersion, kind = r.apiVersion(), r.kind
	case s.kind != "":
		apiVersion, kind = s.apiVersion(), s.kind
	default:
		return object{}, errNoObject
	}
	return finish(s, f, apiVersion, kind)
}

// unwrap gives the members of the object that the content is, or is a part of.
func unwrap(s spot, f fields) fields {
	part := ""
	switch s.wrap {
	case whole:
		return f
	case inSpec:
		part = "spec"
	case inState:
		part = "status"
	case inData:
		return fields{"data": encode(onlyTexts(f))}
	case exported:
		out := fields{}
		for from, to := range map[string]string{"ObjectMeta": "metadata", "Spec": "spec", "Status": "status"} {
			if v, ok := f[from]; ok {
				out[to] = v
			}
		}
		if len(out) == 0 {
			return f
		}
		return out
	}
	if _, ok := f["metadata"]; ok { // a newer operator keeps the object whole
		return f
	}
	delete(f, "apiVersion")
	delete(f, "kind")
	return fields{part: encode(f)}
}

// onlyTexts leaves out of a Secret's data what the operator put in place of a value: it is none of the Secret's.
func onlyTexts(f fields) fields {
	out := fields{}
	for name, v := range f {
		if v.Kind() == '"' && name != "kind" && name != "apiVersion" {
			out[name] = v
		}
	}
	return out
}

func encode(f fields) jsontext.Value {
	v, err := json.Marshal(f, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return jsontext.Value("{}") // what was decoded a moment ago can be encoded
	}
	return v
}

func metadata(f fields) fields {
	m, ok := fieldsOf(f["metadata"])
	if !ok {
		return fields{}
	}
	return m
}

// finish writes the object with apiVersion, kind, and the name and namespace that its place gives.
func finish(s spot, f fields, apiVersion, kind string) (object, error) {
	m := metadata(f)
	if m.text("name") == "" {
		name := f.text("name")
		if name == "" {
			name = s.name
		}
		if name == "" {
			return object{}, errNoObject
		}
		m["name"] = quoted(name)
	}
	if m.text("namespace") == "" && s.namespace != "" && !s.cluster {
		m["namespace"] = quoted(s.namespace)
	}
	f["metadata"], f["apiVersion"], f["kind"] = encode(m), quoted(apiVersion), quoted(kind)
	return object{apiVersion: apiVersion, kind: kind, json: encode(f)}, nil
}

// linked reads the resource that an object's selfLink names, as API servers before 1.20 gave it:
// /api/v1/namespaces/NS/pods/NAME, /apis/GROUP/VERSION/RESOURCE/NAME.
func linked(link string) (resource, bool) {
	p := strings.Split(strings.Trim(link, "/"), "/")
	group := ""
	switch {
	case len(p) >= 4 && p[0] == "api":
		p = p[1:]
	case len(p) >= 5 && p[0] == "apis":
		group, p = p[1], p[2:]
	default:
		return resource{}, false
	}
	version, p := p[0], p[1:]
	if len(p) == 4 && p[0] == "namespaces" {
		p = p[2:]
	}
	if len(p) != 2 {
		return resource{}, false
	}
	r, ok := lookup(group, p[0])
	r.version = version
	return r, ok
}
