package manifest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestText reads one text from standard input, and says what is found in it.
func TestText(t *testing.T) {
	for _, x := range []struct {
		name, text string
		want       []string
	}{
		{"several documents", pod("a") + "---\n" + pod("b") + "---\n" + pod("c"), []string{
			"-:1#1 doc v1 Pod a", "-:5#2 doc v1 Pod b", "-:9#3 doc v1 Pod c"}},
		{"documents of nothing are not counted", "# only\n---\n---\n# a comment\n--- # and one here\n\n" + pod("a") + "---\n", []string{
			"-:7#1 doc v1 Pod a"}},
		{"content begins after the comments", "---\n\n# licence\n\n" + pod("a"), []string{"-:5#1 doc v1 Pod a"}},
		{"content on the marker's line", "--- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n--- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n", []string{
			"-:1#1 doc v1 Pod a", "-:2#2 doc v1 Pod b"}},
		{"a marker is a word", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---x: 1\n---\t\n" + pod("b"), []string{
			"-:1#1 doc v1 Pod a", "-:6#2 doc v1 Pod b"}},
		{"a marker in a block ends it", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n    ---\n    y\n---\n" + pod("b"), []string{
			"-:1#1 doc v1 ConfigMap a", "-:9#2 doc v1 Pod b"}},
		{"dots end a document", pod("a") + "...\n" + pod("b") + "...\n# end\n", []string{"-:1#1 doc v1 Pod a", "-:5#2 doc v1 Pod b"}},
		{"dots at the beginning", "...\n" + pod("a"), []string{"-:2#1 doc v1 Pod a"}},
		{"directives belong to what follows", "%YAML 1.1\n# x\n---\n" + pod("a") + "---\n" + pod("b"), []string{
			"-:1#1 doc v1 Pod a", "-:8#2 doc v1 Pod b"}},
		{"another version of YAML", "%YAML 1.2\n---\n" + pod("a"), []string{"-:1#1 yaml-syntax what=yaml-version (Pod /a)"}},
		{"byte-order mark", "\ufeff" + pod("a"), []string{"-:1#1 doc v1 Pod a"}},
		{"byte-order mark and marker", "\ufeff---\n" + pod("a"), []string{"-:2#1 doc v1 Pod a"}},
		{"byte-order marks of files put together", "\ufeff" + pod("a") + "\ufeff---\n" + pod("b") + "---\n\ufeff# c\n" + pod("c") + "---\n# d\n\ufeff" + pod("d"), []string{
			"-:1#1 doc v1 Pod a", "-:5#2 doc v1 Pod b", "-:10#3 doc v1 Pod c", "-:15#4 doc v1 Pod d"}},
		{"line ends of Windows", strings.ReplaceAll("# x\n"+pod("a")+"---\n"+pod("b"), "\n", "\r\n"), []string{
			"-:2#1 doc v1 Pod a", "-:6#2 doc v1 Pod b"}},
		{"line ends of long ago", strings.ReplaceAll("# x\n"+pod("a")+"---\n"+pod("b"), "\n", "\r"), []string{
			"-:2#1 doc v1 Pod a", "-:6#2 doc v1 Pod b"}},
		{"UTF-16, little end first", utf16Text(pod("a")+"---\n"+pod("é"), false), []string{"-:1#1 doc v1 Pod a", "-:5#2 doc v1 Pod é"}},
		{"UTF-16, big end first", utf16Text(pod("a"), true), []string{"-:1#1 doc v1 Pod a"}},
		{"UTF-16 cut short", utf16Text(pod("a"), true) + "x", []string{"-:0#0 not-utf8"}},
		{"UTF-16 with half a character", "\xff\xfe\x00\xd8a\x00", []string{"-:0#0 not-utf8"}},
		{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", []string{"-:0#0 not-utf8"}},

		{"case 012", "replicaCount: 2\nimage: {tag: 1.4.2}\n---\n# lost\napiVersion: apps/v1\nmetadata: {name: lost, namespace: shop}\n---\n" + pod("a"), []string{
			"-:1#1 foreign values", "-:5#2 no-kind ( shop/lost)", "-:8#3 doc v1 Pod a"}},
		{"kind alone", "kind: Pod\nmetadata: {name: a}\n", []string{"-:1#1 no-api-version (Pod /a)"}},
		{"kind of null", "apiVersion: v1\nkind:\n", []string{"-:1#1 no-kind"}},
		{"kind of nothing", "apiVersion: v1\nkind: ''\n", []string{"-:1#1 no-kind"}},
		{"both null", "apiVersion:\nkind: ~\n", []string{"-:1#1 no-kind"}},
		{"kind is no string", "apiVersion: v1\nkind: [Pod]\n", []string{"-:1#1 no-kind what=not-a-string"}},
		{"kind read as a boolean", "apiVersion: v1\nkind: on\n", []string{"-:1#1 no-kind what=not-a-string"}},
		{"version is a number", "apiVersion: 1\nkind: Pod\n", []string{"-:1#1 no-api-version what=not-a-string (Pod /)"}},
		{"quoted names", "\"apiVersion\": \"v1\"\n'kind': 'Pod'\nmetadata: {name: a}\n", []string{"-:1#1 doc v1 Pod a"}},
		{"null", "~\n---\n" + pod("a"), []string{"-:1#1 foreign empty", "-:3#2 doc v1 Pod a"}},
		{"a word", "hello\n", []string{"-:1#1 not-an-object what=scalar"}},
		{"a list of objects", "- apiVersion: v1\n  kind: Pod\n- {a: b}\n", []string{"-:1#1 not-an-object what=list"}},
		{"a list of data", "- op: replace\n  path: /a\n", []string{"-:1#1 foreign other"}},
		{"releases", "releases:\n- name: a\n", []string{"-:1#1 foreign helmfile"}},
		{"patch", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n$patch: delete\n", []string{"-:1#1 foreign kustomize-patch"}},
		{"patch below", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: x, $patch: delete}\n", []string{"-:1#1 foreign kustomize-patch"}},
		{"patch in a text", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: '$patch: delete'}\n", []string{"-:1#1 doc v1 ConfigMap a"}},
		{"patch in JSON", `{"apiVersion":"v1","kind":"Pod","spec":{"x":[{"$patch":"delete"}]}}`, []string{"-:1#1 foreign kustomize-patch"}},
		{"patch as a value in JSON", `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"$patch"}}`, []string{"-:1#1 doc v1 Pod $patch"}},
		{"a check of one's own", "apiVersion: vigie/v1\nkind: Check\nid: acme-x\n", []string{"-:1#1 foreign vigie"}},
		{"component of a kustomization", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n", []string{"-:1#1 foreign kustomization"}},

		{"case 007", "apiVersion: v1\nkind: Pod\nmetadata: {name: two}\nspec:\n  containers:\n  - &base\n    name: one\n    image: x\n  - <<: *base\n    name: two\n", []string{
			"-:1#1 doc v1 Pod two"}},
		{"case 008", "apiVersion: v1\nkind: Pod\nmetadata: {name: dup, namespace: shop}\nspec:\n  containers:\n  - name: app\n    image: x\n    securityContext: {privileged: true}\n    securityContext: {privileged: false}\n", []string{
			"-:9#1 duplicate-key key=spec.containers[0].securityContext first=8 (Pod shop/dup)"}},
		{"twice beside an override", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: &b {p: 1}\ny:\n  <<: *b\n  p: 2\nz: 1\nz: 2\n", []string{
			"-:9#1 duplicate-key key=z first=8 (Pod /a)"}},
		{"twice in a map that merges", "apiVersion: v1\nkind: Pod\nx: &b {p: 1}\ny:\n  p: 2\n  <<: *b\n  p: 3\n", []string{
			"-:7#1 duplicate-key key=y.p first=5 (Pod /)"}},
		{"two merges", "apiVersion: v1\nkind: Pod\nmetadata: {name: m}\nx: &b {p: 1}\nz: &c {q: 1}\ny:\n  <<: *b\n  <<: *c\n", []string{"-:1#1 doc v1 Pod m"}},
		{"one key as two words", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  on: x\n  \"true\": y\n", []string{
			"-:6#1 duplicate-key key=data.true first=5 (ConfigMap /a)"}},
		{"one key as text and number", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  1: x\n  '1': y\n", []string{
			"-:6#1 duplicate-key key=data.1 first=5 (ConfigMap /a)"}},
		{"a key with dots", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.b: x\n  a.b: y\n", []string{
			`-:6#1 duplicate-key key=data["a.b"] first=5 (ConfigMap /a)`}},
		{"kind twice", "apiVersion: v1\nkind: Pod\nkind: Service\n", []string{"-:3#1 duplicate-key key=kind first=2 (Pod /)"}},
		{"twice in JSON", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\n\"labels\":{\"x\":\"1\",\n\"x\":\"2\"}}}", []string{
			"-:3#1 duplicate-key key=metadata.labels.x (Pod /a)"}},
		{"twice in JSON, once escaped", `{"apiVersion":"v1","kind":"Pod","k\u0069nd":"Secret"}`, []string{"-:1#1 duplicate-key key=kind (Pod /)"}},

		{"case 011", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: broken\n  namespace: shop\n  annotations:\n    note: \"rendered by {{ nobody }}\"\nspec:\n  containers: [ {name: app, image: x\n  hostNetwork: true\n", []string{
			"-:9#1 yaml-syntax what=unclosed-brace (Pod shop/broken)"}},
		{"the others go on", pod("a") + "---\nkind: [\n---\n" + pod("c"), []string{
			"-:1#1 doc v1 Pod a", "-:5#2 yaml-syntax what=expected-value", "-:7#3 doc v1 Pod c"}},
		{"a template", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n", []string{"-:4#1 yaml-syntax what=key-not-text (Pod /)"}},
		{"an action of a template", "{{- if .Values.on }}\n" + pod("a") + "{{- end }}\n", []string{"-:1#1 yaml-syntax what=expected-value"}},
		{"a quote that does not end", "apiVersion: v1\nkind: Pod\nmetadata: {name: \"a}\n", []string{"-:3#1 yaml-syntax what=unclosed-quote (Pod /a)"}},
		{"a tab", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n", []string{"-:4#1 yaml-syntax what=bad-character (Pod /)"}},
		{"more after the document", "{apiVersion: v1, kind: Pod, metadata: {name: a}}\nkind: Service\n", []string{"-:2#1 yaml-syntax what=content-after-document"}},
		{"more after an indented document", "  apiVersion: v1\n  kind: Pod\nmetadata: {name: a}\n", []string{"-:3#1 yaml-syntax what=content-after-document (Pod /)"}},
		{"an unknown anchor", "apiVersion: v1\nkind: Pod\nmetadata: *nobody\n", []string{"-:3#1 yaml-syntax what=unknown-anchor (Pod /)"}},
		{"an anchor in itself", "apiVersion: v1\nkind: Pod\nmetadata: &a {x: *a}\n", []string{"-:3#1 yaml-syntax what=anchor-in-itself (Pod /)"}},
		{"a number that is none", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: .nan\n", []string{"-:1#1 yaml-syntax what=number-not-finite (Pod /a)"}},
		{"a key of null", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n? ~\n: x\n", []string{"-:1#1 yaml-syntax what=key-not-text (Pod /a)"}},
		{"a control character", "apiVersion: v1\nkind: Pod\nmetadata: {name: \"\x01\"}\n", []string{"-:1#1 yaml-syntax what=control-character (Pod /)"}},
		{"no UTF-8, in one document", pod("a") + "---\napiVersion: v1\nkind: Secret\nx: \xff\n---\n" + pod("c"), []string{
			"-:1#1 doc v1 Pod a", "-:7#2 not-utf8 (Secret /)", "-:9#3 doc v1 Pod c"}},
		{"no UTF-8 in JSON", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\n\"x\":\"\xff\"}", []string{"-:2#1 not-utf8"}},
		{"binary", "\x7fELF\x02\x01\x01\x00\x00\x00", []string{"-:0#0 binary"}},

		{"JSON", jsonPod("a"), []string{"-:1#1 doc v1 Pod a"}},
		{"JSON after a byte-order mark", "\ufeff\n" + jsonPod("a"), []string{"-:2#1 doc v1 Pod a"}},
		{"JSON values after each other", jsonPod("a") + jsonPod("b") + "\n\n" + jsonPod("c") + "\n", []string{
			"-:1#1 doc v1 Pod a", "-:1#2 doc v1 Pod b", "-:3#3 doc v1 Pod c"}},
		{"JSON in a YAML stream", jsonPod("a") + "\n---\n" + pod("b") + "---\n" + jsonPod("c") + "\n" + jsonPod("d"), []string{
			"-:1#1 doc v1 Pod a", "-:3#2 doc v1 Pod b", "-:7#3 doc v1 Pod c", "-:8#4 doc v1 Pod d"}},
		{"JSON with escaped names", `{"apiVers\u0069on":"v1","kind":"P\u006fd","metadata":{"name":"a"}}`, []string{"-:1#1 doc v1 Pod a"}},
		{"JSON and comments", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"} # one\n# two\n#\n---\n" + jsonPod("b") + "\n#", []string{
			"-:1#1 doc v1 Pod ", "-:5#2 doc v1 Pod b"}},
		{"JSON and no comment", jsonPod("b") + "#\n", []string{"-:1#1 doc v1 Pod b", "-:1#2 json-syntax"}},
		{"YAML in flow style", "{apiVersion: v1, kind: Pod, metadata: {name: a}}", []string{"-:1#1 doc v1 Pod a"}},
		{"YAML in flow style that looks like JSON", `{"apiVersion": v1, "kind": Pod, "metadata": {"name": "a",},}`, []string{"-:1#1 doc v1 Pod a"}},
		{"YAML in flow style, twice a key", "{apiVersion: v1, kind: Pod,\n x: 1,\n x: 2}", []string{"-:3#1 duplicate-key key=x first=2 (Pod /)"}},
		{"data", `{"a":1}`, []string{"-:1#1 foreign values"}},
		{"an array of objects", "[" + jsonPod("a") + "]", []string{"-:1#1 not-an-object what=list"}},
		{"an array of data", `[{"op":"add"}]`, []string{"-:1#1 foreign other"}},
		{"JSON that ends early", "{\"apiVersion\":\"v1\",\n\"kind\":\"Pod\",\n\"metadata\":{", []string{"-:3#1 truncated"}},
		{"JSON that ends in a string", "{\"apiVersion\":\"v1\",\n\"kind\":\"Po", []string{"-:2#1 truncated"}},
		{"JSON with the wrong bracket", "{\"apiVersion\":\"v1\",\n\"kind\":[\"Pod\"}\n}", []string{"-:2#1 json-syntax"}},
		{"a broken line among good ones", jsonPod("a") + "\n{\"kind\": \"x\n" + jsonPod("c") + "\n{\"a\":[1,2}\n{\"b\":{\n" + jsonPod("f"), []string{
			"-:1#1 doc v1 Pod a", "-:2#2 json-syntax", "-:3#3 doc v1 Pod c", "-:4#4 json-syntax", "-:5#5 truncated", "-:6#6 doc v1 Pod f"}},
		{"something after JSON", jsonPod("a") + " x\n" + jsonPod("b"), []string{
			"-:1#1 doc v1 Pod a", "-:1#2 json-syntax", "-:2#3 doc v1 Pod b"}},

		{"nothing", "", []string{"-:0#0 foreign empty", "-:0#0 nothing-found"}},
		{"nothing but space and comments", "\n# nothing\n---\n", []string{"-:0#0 foreign empty", "-:0#0 nothing-found"}},
	} {
		t.Run(x.name, func(t *testing.T) { want(t, readText(t, Options{}, x.text), "", x.want...) })
	}
}

// TestLists reads lists of objects, in JSON and YAML, in all the styles that tools write.
func TestLists(t *testing.T) {
	item := func(indent, name string) string {
		return indent + "- apiVersion: v1\n" + indent + "  kind: Pod\n" + indent + "  metadata: {name: " + name + "}\n"
	}
	for _, x := range []struct {
		name, text string
		want       []string
	}{
		{"block", "apiVersion: v1\nkind: List\nitems:\n" + item("", "a") + item("", "b") + "metadata: {}\n", []string{
			"-:4#1 doc v1 Pod a", "-:7#1 doc v1 Pod b"}},
		{"block, indented, comments between", "# x\napiVersion: v1\nitems: # here\n# c\n\n" + item("  ", "a") + "\n  # d\n# e\n" + item("  ", "b") + "kind: List\n", []string{
			"-:6#1 doc v1 Pod a", "-:12#1 doc v1 Pod b"}},
		{"dash alone", "kind: List\napiVersion: v1\nitems:\n-\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n", []string{"-:4#1 doc v1 Pod a"}},
		{"line ends of Windows", strings.ReplaceAll("apiVersion: v1\nkind: List\nitems:\n"+item("", "a")+item("", "b"), "\n", "\r\n"), []string{
			"-:4#1 doc v1 Pod a", "-:7#1 doc v1 Pod b"}},
		{"flow", "apiVersion: v1\nkind: List\nitems: [\n  {apiVersion: v1, kind: Pod, metadata: {name: a}},\n  {apiVersion: v1, kind: Pod, metadata: {name: b}}]\n", []string{
			"-:4#1 doc v1 Pod a", "-:5#1 doc v1 Pod b"}},
		{"a list of its kind", "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n- kind: Deployment\n  metadata: {name: b}\n", []string{
			"-:4#1 doc apps/v1 Deployment a", "-:5#1 doc apps/v1 Deployment b"}},
		{"one item that is not understood", "apiVersion: v1\nkind: List\nitems:\n" + item("", "a") + "- metadata: {name: lost}\n- hello\n- apiVersion: v1\n- []\n" + item("", "b"), []string{
			"-:4#1 doc v1 Pod a", "-:7#1 no-kind ( /lost)", "-:8#1 not-an-object what=scalar", "-:9#1 no-kind", "-:10#1 not-an-object what=list", "-:11#1 doc v1 Pod b"}},
		{"one item with a key twice", "apiVersion: v1\nkind: List\nitems:\n" + item("", "a") + "- apiVersion: v1\n  kind: Pod\n  x: 1\n  x: 2\n" + item("", "b"), []string{
			"-:4#1 doc v1 Pod a", "-:10#1 duplicate-key key=x first=9 (Pod /)", "-:11#1 doc v1 Pod b"}},
		{"one item that does not parse", "apiVersion: v1\nkind: List\nitems:\n" + item("", "a") + "- apiVersion: v1\n  kind: Pod\n  x: [1\n" + item("", "b"), []string{
			"-:4#1 doc v1 Pod a", "-:9#1 yaml-syntax what=unclosed-bracket (Pod /)", "-:10#1 doc v1 Pod b"}},
		{"anchors between items", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: &m {name: a}\n- apiVersion: v1\n  kind: Pod\n  metadata: *m\n", []string{
			"-:4#1 doc v1 Pod a", "-:7#1 doc v1 Pod a"}},
		{"a quote that holds what looks like an item", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  x: \"\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: b}\n\"\n", []string{
			"-:4#1 doc v1 Pod a"}},
		{"a block that holds what looks like an item", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  data:\n    x: |\n      - apiVersion: v1\n        kind: Secret\n" + item("", "b"), []string{
			"-:4#1 doc v1 ConfigMap a", "-:11#1 doc v1 Pod b"}},
		{"items twice", "apiVersion: v1\nkind: List\nitems:\n" + item("", "a") + "items:\n" + item("", "b"), []string{"-:7#1 duplicate-key key=items first=3 (List /)"}},
		{"lists in lists", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: a}\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: b}\n", []string{
			"-:7#1 doc v1 Pod a", "-:10#1 doc v1 Pod b"}},
		{"too many lists in lists", strings.Repeat("{apiVersion: v1, kind: List, items: [", 6) + strings.Repeat("]}", 6), []string{"-:1#1 too-deep what=lists"}},
		{"too many lists in lists, JSON", strings.Repeat(`{"apiVersion":"v1","kind":"List","items":[`, 6) + strings.Repeat("]}", 6), []string{"-:1#1 too-deep what=lists"}},
		{"no items", "apiVersion: v1\nkind: List\nitems: []\n", []string{"-:1#1 foreign empty"}},
		{"null items", "apiVersion: v1\nkind: PodList\nitems: null\n", []string{"-:1#1 foreign empty"}},
		{"items that are no list", "apiVersion: v1\nkind: List\nitems: {a: b}\n", []string{"-:1#1 not-an-object what=items (List /)"}},
		{"a resource whose kind ends in List", "apiVersion: x/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}\n", []string{"-:1#1 doc x/v1 AllowList a"}},
		{"such a resource with items", "apiVersion: x/v1\nkind: AllowList\nmetadata:\n  name: a\nitems:\n- a\n", []string{"-:1#1 doc x/v1 AllowList a"}},
		{"such a resource with items, JSON", `{"apiVersion":"x/v1","kind":"AllowList","metadata":{"name":"a"},"items":["a"]}`, []string{"-:1#1 doc x/v1 AllowList a"}},
		{"JSON", "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[\n" + jsonPod("a") + ",\n" + jsonPod("b") + "\n]}", []string{
			"-:2#1 doc v1 Pod a", "-:3#1 doc v1 Pod b"}},
		{"JSON, kind last", "{\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"a\"}},{ }],\"kind\":\"PodList\"}", []string{
			"-:1#1 doc v1 Pod ", "-:1#1 doc v1 Pod a"}},
		{"JSON, one item not understood", "{\"apiVersion\":\"v1\",\"items\":[" + jsonPod("a") + ",\n{\"metadata\":{\"name\":\"x\"}},\n7,\n[],\nnull,\n" + jsonPod("b") + "],\"kind\":\"List\"}", []string{
			"-:1#1 doc v1 Pod a", "-:2#1 no-kind ( /x)", "-:3#1 not-an-object what=scalar", "-:4#1 not-an-object what=list", "-:5#1 not-an-object what=scalar", "-:6#1 doc v1 Pod b"}},
		{"JSON, one item with a name twice", "{\"apiVersion\":\"v1\",\"items\":[\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\n\"x\":1,\"x\":2},\n" + jsonPod("b") + "],\"kind\":\"List\"}", []string{
			"-:3#1 duplicate-key key=x (Pod /)", "-:4#1 doc v1 Pod b"}},
		{"JSON, one item broken", "{\"apiVersion\":\"v1\",\"items\":[\n{\"apiVersion\":\"v1\",\"kind\" \"Pod\"},\n" + jsonPod("b") + "],\"kind\":\"List\"}", []string{
			"-:2#1 json-syntax", "-:3#1 doc v1 Pod b"}},
		{"JSON with a comma too many, which is YAML", "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n" + jsonPod("a") + ",\n" + jsonPod("b") + ",\n]}", []string{
			"-:2#1 doc v1 Pod a", "-:3#1 doc v1 Pod b"}},
		{"JSON that ends early", "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n" + jsonPod("a") + ",\n" + jsonPod("b") + ",\n{\"apiVersion\":", []string{
			"-:2#1 doc v1 Pod a", "-:3#1 doc v1 Pod b", "-:4#1 truncated"}},
		{"JSON that ends early, kind unread", "{\"apiVersion\":\"v1\",\"items\":[\n" + jsonPod("a") + ",\n{\"metadata\":{}},\n{\"apiVersion\":", []string{
			"-:2#1 doc v1 Pod a", "-:3#1 no-kind", "-:4#1 truncated"}},
		{"JSON, items twice", "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[],\n\"items\":[" + jsonPod("a") + "]}", []string{"-:2#1 duplicate-key key=items (List /)"}},
		{"JSON, no items", `{"apiVersion":"v1","kind":"List","items":[]}`, []string{"-:1#1 foreign empty"}},
		{"JSON, null items", `{"apiVersion":"v1","kind":"PodList","items":null}`, []string{"-:1#1 foreign empty"}},
		{"JSON, lists in lists", "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[\n{\"metadata\":{\"name\":\"a\"}}]}]}", []string{
			"-:3#1 doc v1 Pod a"}},
		{"a page of a list", "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\nmetadata:\n  continue: eyJ2\n  remainingItemCount: 3\n", []string{
			"-:1#1 list-continues", "-:4#1 doc v1 Pod a", "-:5#1 doc v1 Pod b"}},
		{"a page of a list, parsed whole", "apiVersion: v1\nkind: PodList\nmetadata: {continue: eyJ2}\nitems:\n- metadata: &m {name: a}\n- metadata: *m\n", []string{
			"-:1#1 list-continues", "-:5#1 doc v1 Pod a", "-:6#1 doc v1 Pod a"}},
		{"a page of a list, flow", "{apiVersion: v1, kind: PodList, metadata: {continue: eyJ2}, items: [{metadata: {name: a}}]}\n", []string{
			"-:1#1 doc v1 Pod a", "-:1#1 list-continues"}},
		{"a page of a list, JSON", `{"apiVersion":"v1","kind":"PodList","metadata":{"resourceVersion":"1","continue":"eyJ2"},"items":[{"metadata":{"name":"a"}}]}`, []string{
			"-:1#1 doc v1 Pod a", "-:1#1 list-continues"}},
		{"an empty page, JSON", `{"apiVersion":"v1","kind":"PodList","metadata":{"continue":"eyJ2"},"items":[]}`, []string{
			"-:1#1 foreign empty", "-:1#1 list-continues"}},
		{"the last page of a list", `{"apiVersion":"v1","kind":"PodList","metadata":{"continue":""},"items":[{"metadata":{"name":"a"}}]}`, []string{
			"-:1#1 doc v1 Pod a"}},
		{"a list after a document", pod("x") + "---\napiVersion: v1\nkind: List\nitems:\n" + item("", "a"), []string{"-:1#1 doc v1 Pod x", "-:8#2 doc v1 Pod a"}},
	} {
		t.Run(x.name, func(t *testing.T) { want(t, readText(t, Options{}, x.text), "", x.want...) })
	}
}

// TestMeaning holds YAML to what kubectl means by it.
func TestMeaning(t *testing.T) {
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: {a: off, b: yes, c: n, d: \"yes\", e: =, f: 0644, g: 0o644, h: 1_000, i: 2001-01-01, j: 1e3, k: 0x1F, l: ~, m: '<&>', 9: nine, on: o, 1.5: f}\n"
	r := readText(t, Options{}, text)
	if len(r.docs) != 1 {
		t.Fatal(r)
	}
	var o struct{ X map[string]any }
	if err := json.Unmarshal(r.docs[0].JSON, &o); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"a": false, "b": true, "c": false, "d": "yes", "e": "=", "f": 420.0, "g": 420.0, "h": 1000.0, "i": "2001-01-01", "j": 1000.0, "k": 31.0,
		"l": nil, "m": "<&>", "9": "nine", "true": "o", "1.5": "f",
	} {
		if got, ok := o.X[key]; !ok || got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
	if len(o.X) != 16 {
		t.Errorf("%d keys: %v", len(o.X), o.X)
	}
}

// TestLastLine ends the last line of a file that does not end: kubectl's reader does so.
func TestLastLine(t *testing.T) {
	r := readText(t, Options{}, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n    y")
	if len(r.docs) != 1 || !strings.Contains(string(r.docs[0].JSON), `"y\n"`) {
		t.Error(r)
	}
}

// TestItemText holds the text of an item to what Locate needs: a field is found in its own line of the file.
func TestItemText(t *testing.T) {
	for _, text := range []string{
		"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: b\n",
		"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: &m\n    name: a\n- metadata:\n    name: b\n    x: &n 1\n  kind: Pod\n  apiVersion: v1\n  y: *m\n",
		"{\n\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\n\"name\":\"a\"}},{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\n\"metadata\":{\n\"name\":\"b\"}}]}",
	} {
		lines := strings.Split(text, "\n")
		r := readText(t, Options{}, text)
		if len(r.docs) != 2 {
			t.Fatal(r)
		}
		for _, d := range r.docs {
			at := d.Line + Locate(d.Text, "metadata", "name")
			if got := lines[at-1]; !strings.Contains(got, nameOf(d)) || !strings.Contains(got, "name") {
				t.Errorf("%s: line %d is %q", nameOf(d), at, got)
			}
		}
	}
}

// TestProblemsHoldNoValues plants a word in every place of broken documents, and looks for it in what is said of them.
func TestProblemsHoldNoValues(t *testing.T) {
	const secret = "hunter2"
	texts := []string{
		"apiVersion: v1\nkind: Secret\nstringData: {p: " + secret + ", p: " + secret + "}\n",
		"apiVersion: v1\nkind: Secret\nstringData: {p: *" + secret + "}\n",
		"apiVersion: v1\nkind: Secret\nstringData: {p: &" + secret + " [*" + secret + "]}\n",
		"apiVersion: v1\nkind: Secret\n? [" + secret + "]\n: x\n",
		"apiVersion: v1\nkind: Secret\nx: !!int " + secret + "\n",
		"apiVersion: v1\nkind: Secret\nx: !!binary " + secret + "\n",
		"apiVersion: v1\nkind: Secret\nx: !" + secret + "!y z\n",
		"apiVersion: v1\nkind: Secret\nx: \"\\q" + secret + "\"\n",
		"apiVersion: v1\nkind: Secret\n" + secret + "\n",
		"apiVersion: v1\nkind: [" + secret + "]\n",
		"apiVersion: {a: " + secret + "}\nkind: Secret\n",
		secret + "\n",
		"kind: " + secret + " and more\n",
		"- apiVersion: " + secret + "\n  kind: " + secret + "\n",
		`{"apiVersion":"v1","kind":"Secret","data":{"p":"` + secret + `","p":"` + secret + `"}}`,
		`{"apiVersion":"v1","kind":"Secret","data":{"p":` + secret + `}]`,
		`{"apiVersion":"v1","kind":"Secret","data":{"p":"` + secret,
		`{"apiVersion":"v1","kind":"Secret","data":{"p":"` + secret + "\n" + `"}}x`,
		"apiVersion: v1\nkind: List\nitems:\n- " + secret + "\n- {a: " + secret + "\n",
	}
	for _, text := range texts {
		r := readText(t, Options{}, text)
		if len(r.problems) == 0 {
			t.Errorf("%q is no problem: %s", text, r)
		}
		for _, p := range r.problems {
			if said := fmt.Sprintf("%+v", p); strings.Contains(said, secret) {
				t.Errorf("%q: %s", text, said)
			}
		}
	}
}
