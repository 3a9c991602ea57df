package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"vigie/internal/lang"
)

// The part of XML Schema that testdata/junit.xsd is written in.
type (
	xsdSchema struct {
		Elements []xsdElement `xml:"element"`
		Types    []xsdType    `xml:"complexType"`
	}
	xsdElement struct {
		Name    string   `xml:"name,attr"`
		Ref     string   `xml:"ref,attr"`
		Type    string   `xml:"type,attr"`
		Min     string   `xml:"minOccurs,attr"`
		Max     string   `xml:"maxOccurs,attr"`
		Complex *xsdType `xml:"complexType"`
	}
	xsdType struct {
		Name       string    `xml:"name,attr"`
		Mixed      bool      `xml:"mixed,attr"`
		Sequence   *xsdGroup `xml:"sequence"`
		Choice     *xsdGroup `xml:"choice"`
		Attributes []struct {
			Name string `xml:"name,attr"`
			Type string `xml:"type,attr"`
			Use  string `xml:"use,attr"`
		} `xml:"attribute"`
	}
	xsdGroup struct {
		Min      string       `xml:"minOccurs,attr"`
		Elements []xsdElement `xml:"element"`
	}
)

// xsdValues are the forms of the simple types that the schema names.
var xsdValues = map[string]*regexp.Regexp{
	"xs:string":             regexp.MustCompile(`(?s)^.*$`),
	"xs:nonNegativeInteger": regexp.MustCompile(`^[0-9]+$`),
	"xs:dateTime":           regexp.MustCompile(`^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?$`),
}

func readXSD(t *testing.T, path string) map[string]*xsdType {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"schema": true, "element": true, "complexType": true, "sequence": true, "choice": true, "attribute": true}
	for _, e := range elements(t, string(data)) {
		if !known[e.name] {
			t.Fatalf("%s: xs:%s is not understood here", path, e.name)
		}
	}
	var schema xsdSchema
	if err := xml.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	named := map[string]*xsdType{}
	for i := range schema.Types {
		named[schema.Types[i].Name] = &schema.Types[i]
	}
	types := map[string]*xsdType{}
	for _, e := range schema.Elements {
		types[e.Name] = e.Complex
		if e.Complex == nil {
			types[e.Name] = named[e.Type]
		}
		if types[e.Name] == nil {
			t.Fatalf("%s: element %s has no type", path, e.Name)
		}
	}
	return types
}

// model is the children that a type takes, as a regular expression over their names.
func (x *xsdType) model() *regexp.Regexp {
	var parts []string
	group, join := x.Sequence, ""
	if group == nil {
		group, join = x.Choice, "|"
	}
	if group == nil {
		return regexp.MustCompile(`^$`)
	}
	for _, e := range group.Elements {
		part := "(" + e.Ref + ",)"
		switch {
		case e.Max == "unbounded" && e.Min == "0":
			part += "*"
		case e.Max == "unbounded":
			part += "+"
		case e.Min == "0":
			part += "?"
		}
		parts = append(parts, part)
	}
	s := "(" + strings.Join(parts, join) + ")"
	if group.Min == "0" {
		s += "?"
	}
	return regexp.MustCompile("^" + s + "$")
}

// checkXML reports the first thing of a document that the schema does not take.
func checkXML(types map[string]*xsdType, doc []byte) error {
	type open struct {
		name     string
		children strings.Builder
	}
	var stack []*open
	dec := xml.NewDecoder(bytes.NewReader(doc))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) && len(stack) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name := tok.Name.Local
			if types[name] == nil || len(stack) == 0 && name != "testsuites" {
				return fmt.Errorf("element %s is not known here", name)
			}
			if err := types[name].attributes(tok.Attr); err != nil {
				return fmt.Errorf("element %s: %w", name, err)
			}
			if len(stack) > 0 {
				stack[len(stack)-1].children.WriteString(name + ",")
			}
			stack = append(stack, &open{name: name})
		case xml.EndElement:
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if got := top.children.String(); !types[top.name].model().MatchString(got) {
				return fmt.Errorf("element %s holds %.200s", top.name, got)
			}
		case xml.CharData:
			if len(stack) > 0 && !types[stack[len(stack)-1].name].Mixed && len(bytes.TrimSpace(tok)) > 0 {
				return fmt.Errorf("element %s holds the text %.40q", stack[len(stack)-1].name, tok)
			}
		}
	}
}

func (x *xsdType) attributes(have []xml.Attr) error {
	values := map[string]string{}
	for _, a := range have {
		if _, twice := values[a.Name.Local]; twice {
			return fmt.Errorf("attribute %s stands twice", a.Name.Local)
		}
		values[a.Name.Local] = a.Value
	}
	for _, a := range x.Attributes {
		v, ok := values[a.Name]
		if !ok && a.Use == "required" {
			return fmt.Errorf("attribute %s is missing", a.Name)
		}
		if form := xsdValues[a.Type]; ok && (form == nil || !form.MatchString(v)) {
			return fmt.Errorf("attribute %s is no %s: %.40q", a.Name, a.Type, v)
		}
		delete(values, a.Name)
	}
	for name := range values {
		return fmt.Errorf("attribute %s is not known", name)
	}
	return nil
}

// TestJUnitSchema holds the report to its schema, and the schema to what it must refuse.
func TestJUnitSchema(t *testing.T) {
	types := readXSD(t, "testdata/junit.xsd")
	for name, s := range streams(t) {
		for _, l := range lang.All() {
			if err := checkXML(types, export(t, "junit", s, l)); err != nil {
				t.Errorf("%s %s: %v", name, l, err)
			}
		}
	}
	const suite = `<testsuites tests="0" failures="0" errors="0"><testsuite name="x" tests="1" failures="0" errors="0">%s</testsuite></testsuites>`
	for inner, want := range map[string]string{
		`<testcase name="a"/>`:                     "",
		`<testcase/>`:                              "attribute name is missing",
		`<testcase name="a" file="b"/>`:            "attribute file is not known",
		`<testcase name="a">text</testcase>`:       "holds the text",
		`<testcase name="a"/><properties/>`:        "holds testcase,properties,",
		`<testcase name="a"><failure/></testcase>`: "attribute type is missing",
		`<testcase name="a"><skipped type="a" message="b"/><error type="a" message="b"/></testcase>`: "holds skipped,error,",
		`<case/>`: "element case is not known",
	} {
		err := checkXML(types, fmt.Appendf(nil, suite, inner))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", inner, err, want)
		}
	}
}
