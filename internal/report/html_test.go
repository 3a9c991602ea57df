package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/lang"
	"vigie/internal/posture"
)

func htmlOf(t testing.TB, s *stream, l lang.Lang) string {
	var out bytes.Buffer
	s.play(t, NewHTML(&out, l))
	return out.String()
}

// element is one element of the page with what the tests ask of it.
type element struct {
	name  string
	attrs map[string]string
}

// elements reads the page's body as XML: it is written so that it is well-formed but for attributes without a value.
func elements(t *testing.T, page string) (all []element) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	depth := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page does not parse: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			depth++
			e := element{tok.Name.Local, map[string]string{}}
			for _, a := range tok.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			all = append(all, e)
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Fatalf("%d elements are open at the end", depth)
	}
	return all
}

// body cuts off style and script, which are no XML.
func body(t *testing.T, page string) string {
	t.Helper()
	_, b, ok := strings.Cut(page, "<body>")
	b, _, ok2 := strings.Cut(b, "<script>")
	if !ok || !ok2 {
		t.Fatal("no body, or no script")
	}
	return "<body>" + b + "</body>"
}

func TestHTMLForm(t *testing.T) {
	for name, s := range map[string]*stream{"sample": sample(t), "hostile": hostile(t), "empty": empty()} {
		for _, l := range lang.All() {
			page := htmlOf(t, s, l)
			checkPage(t, fmt.Sprint(name, " ", l), page, elements(t, body(t, page)))
		}
	}
}

func checkPage(t *testing.T, name, page string, all []element) {
	t.Helper()
	ids, refs, h1, checked := map[string]bool{}, map[string]bool{}, 0, 0
	level := 0
	for _, e := range all {
		if id := e.attrs["id"]; id != "" {
			if ids[id] {
				t.Errorf("%s: the id %q stands twice", name, id)
			}
			ids[id] = true
		}
		if h, ok := e.attrs["href"]; ok {
			if !strings.HasPrefix(h, "#") {
				t.Errorf("%s: a link that leads away: %q", name, h)
			}
			refs[strings.TrimPrefix(h, "#")] = true
		}
		for _, at := range []string{"aria-labelledby", "data-for"} {
			if v := e.attrs[at]; v != "" {
				refs[v] = true
			}
		}
		for at := range e.attrs {
			if strings.HasPrefix(at, "on") || at == "src" || at == "style" || at == "srcset" {
				t.Errorf("%s: <%s> has the attribute %s", name, e.name, at)
			}
		}
		switch e.name {
		case "h1", "h2", "h3", "h4":
			n := int(e.name[1] - '0')
			if n > level+1 {
				t.Errorf("%s: <%s> follows h%d", name, e.name, level)
			}
			level = n
			if n == 1 {
				h1++
			}
		case "img", "iframe", "link", "object", "embed", "base", "form":
			t.Errorf("%s: <%s> stands on the page", name, e.name)
		case "input":
			if _, ok := e.attrs["checked"]; ok {
				checked++
			}
		}
	}
	for r := range refs {
		if !ids[r] {
			t.Errorf("%s: nothing has the id %q", name, r)
		}
	}
	if h1 != 1 || checked != 2 {
		t.Errorf("%s: %d h1 and %d switches set, want 1 and 2", name, h1, checked)
	}
	if m := regexp.MustCompile(`https?://|url\((?:[^#]|$)|@import|//[a-z]`).FindString(page); m != "" {
		t.Errorf("%s: the page loads something: %q", name, m)
	}
	for _, r := range page {
		if r != '\n' && !unicode.IsGraphic(r) {
			t.Fatalf("%s: %U stands on the page", name, r)
		}
	}
	if strings.Contains(page, "<img") || strings.Contains(page, "ZgotmplZ") {
		t.Errorf("%s: an input is not escaped, or was refused by the template", name)
	}
}

// TestHTMLPolicy holds that the page allows exactly its own style and script.
func TestHTMLPolicy(t *testing.T) {
	page := htmlOf(t, sample(t), "en")
	for tag, directive := range map[string]string{"style": "style-src", "script": "script-src"} {
		_, text, _ := strings.Cut(page, "<"+tag+">")
		text, _, _ = strings.Cut(text, "</"+tag+">")
		if want := directive + " '" + hashOf(text) + "'"; text == "" || !strings.Contains(page, want) {
			t.Errorf("the policy of the page does not allow its %s", tag)
		}
		if strings.Count(page, "<"+tag) != 1 {
			t.Errorf("more than one %s", tag)
		}
	}
	if !strings.Contains(page, "default-src 'none'") || strings.Contains(page, "unsafe") {
		t.Error("the policy of the page is not strict")
	}
}

// TestHTMLLanguages holds that each sentence stands there in both languages, and the page opens in the one asked for.
func TestHTMLLanguages(t *testing.T) {
	en, fr := htmlOf(t, sample(t), "en"), htmlOf(t, sample(t), "fr")
	for page, l := range map[string]string{en: "en", fr: "fr"} {
		if !strings.Contains(page, `<html lang="`+l+`">`) || !strings.Contains(page, `id="l-`+l+`" checked`) {
			t.Errorf("the page does not open in %s", l)
		}
		for _, want := range []string{"Env PSP_TOKEN holds a secret", "La variable PSP_TOKEN contient un secret", "put it in a Secret", "le mettre dans un Secret", "Supervision et monitoring", "Monitoring", "security@example.test"} {
			if !strings.Contains(page, want) {
				t.Errorf("the %s page lacks %q", l, want)
			}
		}
	}
	if a, b := strings.Count(en, `class="en"`), strings.Count(en, `class="fr"`); a != b {
		t.Errorf("%d texts are English and %d French", a, b)
	}
	for _, text := range regexp.MustCompile(`lang="fr">([^<]*)<`).FindAllStringSubmatch(en, -1) {
		for _, bad := range []string{" ;", " ?", " !", " :", "« ", " »"} {
			if strings.Contains(text[1], bad) {
				t.Errorf("%q stands in the French %q", bad, text[1])
			}
		}
	}
}

// TestHTMLCounts holds that each count leads to as many rows as it says.
func TestHTMLCounts(t *testing.T) {
	s := sample(t)
	page := htmlOf(t, s, "en")
	section := func(id string) string {
		_, after, ok := strings.Cut(page, `id="`+id+`"`)
		if !ok {
			t.Errorf("no section %q", id)
		}
		after, _, _ = strings.Cut(after, "</section>")
		return after
	}
	for _, st := range posture.States() {
		if n := s.sum.Clauses[st]; n > 0 {
			if got := strings.Count(section("s-"+st.String()), `id="c-`); got != n {
				t.Errorf("%s: %d rows of %d clauses", st, got, n)
			}
		}
	}
	for _, sev := range control.Severities() {
		if n := s.sum.Severities[sev]; n > 0 {
			if got := strings.Count(section("v-"+sev.String()), "<tr data-row="); got != n {
				t.Errorf("%s: %d rows of %d findings", sev, got, n)
			}
		}
	}
	for _, ch := range chapters(s.clauses) {
		for st, cs := range ch.clauses {
			id := st.String() + "-" + ch.Key
			if len(cs) == 0 {
				continue
			}
			_, rows, _ := strings.Cut(page, `<tbody id="s-`+id+`">`)
			rows, _, _ = strings.Cut(rows, "</tbody>")
			if got := strings.Count(rows, `id="c-`); got != len(cs) {
				t.Errorf("%s: %d rows of %d", id, got, len(cs))
			}
		}
	}
	if got, want := strings.Count(page, `<rect class="cell `), len(s.clauses); got != want {
		t.Errorf("%d squares for %d clauses", got, want)
	}
	causes := section("notseen")
	if got, want := strings.Count(causes, `<a class="id" href="#c-`), s.sum.Clauses[posture.Unknown]; got != want {
		t.Errorf("%d clauses stand under a cause, of %d unknown", got, want)
	}
}

// TestHTMLMany holds that a fault with many findings keeps them all.
func TestHTMLMany(t *testing.T) {
	s := sample(t)
	s.findings = nil
	for i := range 3*shownRows + 7 {
		s.findings = append(s.findings, found(imagePinned, control.Fail, "latest", ref("Deployment", "prod", fmt.Sprint("n", i)), "a.yaml", i, control.Values{"container": "c", "image": "i"}))
	}
	s.count()
	page := htmlOf(t, s, "fr")
	if got := strings.Count(page, "<tr data-row=\"image-pinned"); got != len(s.findings) {
		t.Errorf("%d rows of %d findings", got, len(s.findings))
	}
	if !strings.Contains(page, "207 de plus") {
		t.Error("the rest is not counted")
	}
}

func TestHTMLEmpty(t *testing.T) {
	page := htmlOf(t, empty(), "en")
	if !strings.Contains(page, "nothing was judged") || !strings.Contains(page, "no document found") {
		t.Error("an empty check does not say so")
	}
	if strings.Contains(page, "No finding.") {
		t.Error("an empty check looks good")
	}
}

// TestContrast holds text to 4.5:1 and graphics to 3:1 on each ground of both themes (WCAG 1.4.3, 1.4.11).
func TestContrast(t *testing.T) {
	light, rest, _ := strings.Cut(pageStyle, ":root:has(#t-dark:checked)")
	dark, _, _ := strings.Cut(rest, "@media")
	for theme, css := range map[string]string{"light": light, "dark": dark} {
		v := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{3,6})`).FindAllStringSubmatch(css, -1) {
			v[m[1]] = m[2]
		}
		if len(v) < 20 {
			t.Fatalf("%s: %d colours were read", theme, len(v))
		}
		for _, c := range []struct {
			ink, ground string
			least       float64
		}{
			{"text", "card", 4.5}, {"text", "page", 4.5}, {"text", "code", 4.5}, {"text", "mark", 4.5}, {"subtle", "card", 4.5}, {"subtle", "page", 4.5},
			{"subtle", "mark", 4.5}, {"link", "card", 4.5}, {"link", "page", 4.5}, {"on-bar", "bar", 4.5}, {"strong", "card", 3},
			{"fail", "card", 3}, {"deviates", "card", 3}, {"unknown", "card", 3}, {"waived", "card", 3}, {"pass", "card", 3}, {"na", "card", 3},
			{"critical", "card", 3}, {"high", "card", 3}, {"medium", "card", 3}, {"low", "card", 3},
		} {
			if got := contrast(t, v[c.ink], v[c.ground]); got < c.least {
				t.Errorf("%s: %s on %s is %.2f:1, want %.1f:1", theme, c.ink, c.ground, got, c.least)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// luminance is WCAG's relative luminance.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= .04045 {
			return c / 12.92
		}
		return math.Pow((c+.055)/1.055, 2.4)
	}
	return .2126*linear(16) + .7152*linear(8) + .0722*linear(0)
}

// TestHTMLUnknownParts holds that a stream of another version is shown, not dropped: a chapter, a cause, a ground that
// this version does not know.
func TestHTMLUnknownParts(t *testing.T) {
	s := sample(t)
	s.clauses = append(s.clauses, posture.Clause{ID: "MCO.NEW.P1", State: posture.Unknown, Ground: "guessed", Of: 1, Causes: []posture.Because{{Cause: "moon-phase", Control: "x"}}})
	s.gaps = append(s.gaps, Gap{Input: "document", State: "not-understood", Reason: "later", File: "x"}, Gap{Input: "list x", State: "odd", Space: inventory.Space{Namespace: "n"}})
	s.count()
	page := htmlOf(t, s, "en")
	for _, want := range []string{"MCO.NEW.P1", "moon-phase", "guessed", "not understood (later)", "odd"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page drops %q", want)
		}
	}
	text := string(textOf(t, s, TextOptions{Lang: "en"}))
	for _, want := range []string{"NEW", "moon-phase", "not understood (later)", "odd"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text drops %q:\n%s", want, text)
		}
	}
}
