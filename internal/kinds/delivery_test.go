package kinds

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestBuildConfig holds the places in which a build names what it ran, the surest first.
func TestBuildConfig(t *testing.T) {
	for text, want := range map[string]string{
		`{"status":{"config":{"name":"a"}},"metadata":{"labels":{"buildconfig":"b"}}}`:                                        "a",
		`{"metadata":{"annotations":{"openshift.io/build-config.name":"a"},"labels":{"openshift.io/build-config.name":"b"}}}`: "a",
		`{"metadata":{"labels":{"openshift.io/build-config.name":"a","buildconfig":"b"}}}`:                                    "a",
		`{"metadata":{"labels":{"buildconfig":"a"}},"status":{"config":{}}}`:                                                  "a",
		`{"metadata":{"name":"by-hand"}}`: "",
	} {
		var b Build
		if err := Decode([]byte(text), &b); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := b.Config(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestBuildNumber(t *testing.T) {
	for text, want := range map[string]int{"12": 12, "": 0, "x": 0, "-3": 0} {
		b := Build{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"openshift.io/build.number": text}}}
		if got := b.Number(); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// TestOperatorProperties holds both annotations in both forms, and what is left of a version's annotations.
func TestOperatorProperties(t *testing.T) {
	for _, c := range []struct {
		annotations map[string]string
		types       []string
		whole       bool
	}{
		{nil, nil, true},
		{map[string]string{"olm.properties": `[{"type":"a","value":"1"},{"type":"b","value":{"x":1}}]`}, []string{"a", "b"}, true},
		{map[string]string{"operatorframework.io/properties": `{"properties":[{"type":"c","value":"1"}]}`}, []string{"c"}, true},
		{map[string]string{"olm.properties": `{"properties":[{"type":"d","value":"1"}]}`}, []string{"d"}, true},
		{map[string]string{"olm.properties": `[{`, "operatorframework.io/properties": `{"properties":[{"type":"e","value":"1"}]}`}, []string{"e"}, false},
		{map[string]string{"olm.properties": `"text"`}, nil, false},
		{map[string]string{"olm.properties": " ", "alm-examples": "["}, nil, true},
	} {
		v := ClusterServiceVersion{ObjectMeta: metav1.ObjectMeta{Annotations: c.annotations}}
		trimServiceVersion(&v)
		if _, kept := v.Annotations["alm-examples"]; kept {
			t.Error("the examples were kept")
		}
		all, whole := v.Properties()
		if whole != c.whole || len(all) != len(c.types) {
			t.Errorf("%v: %d properties, whole %t, want %v, %t", c.annotations, len(all), whole, c.types, c.whole)
			continue
		}
		for i, p := range all {
			if p.Type != c.types[i] {
				t.Errorf("%v: property %d is %q, want %q", c.annotations, i, p.Type, c.types[i])
			}
		}
	}
}
