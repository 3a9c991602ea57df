package manifest

import "testing"

func TestLocate(t *testing.T) {
	const text = `apiVersion: v1
kind: Pod
metadata: &m
  name: a
  labels: {x: 1,
    y: 2}
  on: true
  9: nine
spec:
  containers:
  - name: one
    image: i
  -
    name: two
    env:
      - {name: A, value: a}
  base: &b
    p: 1
    q: 2
  more:
    <<: *b
    q: 3
  both:
    <<: [*b, {r: 4}]
  again: *m
  "quo ted":
    'k': |
      text
`
	const asJSON = "{\n  \"a\": 1,\n  \"li\\u0073t\": [\n    {\"x\": 1},\n    [\n      2,\n      \"}\"\n    ]\n  ],\n  \"surrogate\": \"\\ud83d\\ude00\",\n\t\"z\": {}\n}\n"
	p := func(steps ...any) []any { return steps }
	for _, x := range []struct {
		text string
		path []any
		want int
	}{
		{text, nil, 0},
		{text, p("kind"), 1},
		{text, p("metadata", "name"), 3},
		{text, p("metadata", "labels", "y"), 5},
		{text, p("metadata", "true"), 6},
		{text, p("metadata", "9"), 7},
		{text, p("spec", "containers", 0), 10},
		{text, p("spec", "containers", 0, "image"), 11},
		{text, p("spec", "containers", 1, "name"), 13},
		{text, p("spec", "containers", 1, "env", 0, "value"), 15},
		{text, p("spec", "containers", 1, "env", 7, "value"), 14}, // the nearest above
		{text, p("spec", "containers", -1), 9},
		{text, p("spec", "containers", "name"), 9},
		{text, p("spec", "securityContext", "runAsNonRoot"), 8},
		{text, p("nothing"), 0},
		{text, p("spec", "more", "p"), 17}, // where the merged map holds it
		{text, p("spec", "more", "q"), 21},
		{text, p("spec", "both", "q"), 18},
		{text, p("spec", "both", "r"), 23},
		{text, p("spec", "again", "name"), 3},
		{text, p("spec", "quo ted", "k"), 26},
		{text, p(1.5), 0},
		{"- a: 1\n  b: {c: 2}\n", p("b", "c"), 1}, // the item of a list
		{"- a: 1\n- b: 2\n", p("b"), 0},
		{"- a: 1\n- b: 2\n", p(1, "b"), 1},
		{"- a: 1\n  b: *elsewhere\n  c: 3\n", p("c"), 2}, // its anchor stands in another item
		{"- a: 1\n  b: {<<: *elsewhere, c: \"*x\"}\n  d:\n    e: 3\n", p("d", "e"), 3},
		{"a: &a {<<: *a}\nb: 1\n", p("a", "x"), 0},
		{"a: [\n", p("a"), 0},
		{"", p("a"), 0},
		{asJSON, p("a"), 1},
		{asJSON, p("list", 0, "x"), 3},
		{asJSON, p("list", 1, 1), 6},
		{asJSON, p("list", 2), 2},
		{asJSON, p("z", "none"), 10},
		{asJSON, p("surrogate"), 9},
		{"{a: 1,\n b: [x,\n y]}", p("b", 1), 2}, // YAML in flow style
		{"{\"a\": 1", p("a"), 0},
	} {
		if got := Locate([]byte(x.text), x.path...); got != x.want {
			t.Errorf("%v: line %d, want %d, of\n%s", x.path, got, x.want, x.text)
		}
	}
}
