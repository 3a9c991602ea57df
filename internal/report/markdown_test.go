package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"vigie/internal/control"
	"vigie/internal/lang"
)

// TestMarkdownText holds that no text of an input is taken for markup, for a reference or for a mention.
func TestMarkdownText(t *testing.T) {
	for in, want := range map[string]string{
		"plain, with: spaces.":           "plain, with: spaces.",
		"*a* _b_ `c` ~d~ $e$":            `\*a\* \_b\_ \` + "`c" + `\` + "`" + ` \~<!-- -->d\~ \$<!-- -->e\$`,
		"[a](b) ![c](d)":                 `\[a\](b) !\[c\](d)`,
		"<img src=x> & &amp;":            "&lt;img src=x&gt; &amp; &amp;<!-- -->amp;",
		"a|b":                            `a\|b`,
		"@everyone x@y #12 !3 %v1 a # b": "@<!-- -->everyone x@<!-- -->y #<!-- -->12 !<!-- -->3 %<!-- -->v1 a # b",
		"https://x.test www.x.test":      "https:<!-- -->//x.test www<!-- -->.x.test",
		`a\b`:                            `a\\b`,
		"déjà\u00a0: vu":                 "déjà\u00a0: vu",
		"":                               "",
	} {
		if got := markdown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"": "", "a": "`a`", "a`b": "``a`b``", "`a``": "``` `a`` ```", "a|b": `a\|b`, "@me": "`@me`"} {
		if got := code(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestMarkdownRendered holds, with a reader of others, that names which are written in Markdown stay names.
func TestMarkdownRendered(t *testing.T) {
	s := hostile(t)
	for i, name := range []string{"[a](https://x.test)", "![a](https://x.test/p.png)", "<https://x.test>", "*a* **b** ~~c~~ `d`", "a|b|c\\|d", "# a", "- a", "https://x.test www.x.test a@x.test", "&lt;b&gt;", "``` a"} {
		f := s.findings[i]
		f.Subject.Name, f.Subject.Namespace, f.Place.File, f.Part.Name = name, name, name, name
		for k, v := range f.Values {
			if _, ok := v.(string); ok {
				f.Values[k] = name
			}
		}
	}
	src := export(t, "markdown", s, "en")
	tables := 0
	for _, n := range rendered(t, src) {
		if n.Kind() == extast.KindTable {
			tables++
		}
	}
	if tables != 3 {
		t.Errorf("%d tables:\n%s", tables, src)
	}
}

// rendered gives the elements of a text as a reader of others finds them, none of which may lead away, show a picture,
// stress or be HTML but ours.
func rendered(t *testing.T, src []byte) (all []ast.Node) {
	t.Helper()
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(src))
	err := ast.Walk(doc, func(n ast.Node, in bool) (ast.WalkStatus, error) {
		if !in {
			return ast.WalkContinue, nil
		}
		all = append(all, n)
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink, *extast.Strikethrough:
			t.Errorf("%s stands there:\n%s", n.Kind(), src)
		case *ast.RawHTML:
			if got := string(n.Segments.Value(src)); got != "<!-- -->" {
				t.Errorf("HTML stands there: %s", got)
			}
		case *ast.HTMLBlock:
			if got := string(n.Lines().Value(src)); !strings.HasPrefix(got, "<details>") && !strings.HasPrefix(got, "</details>") {
				t.Errorf("HTML stands there: %s", got)
			}
		case *ast.Emphasis:
			if n.Level == 1 {
				t.Errorf("an emphasis stands there:\n%s", src)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Error(err)
	}
	return all
}

// FuzzMarkdown holds that any text stays one cell of a table, and text.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"", evil, "[a](b) | `c` ``d``", `\|`, "a\\", "<b>&lt;", "*a_b*", "http://x www.x a@b.c", "``", " ` ", "!["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		src := []byte("| a | b |\n| --- | --- |\n| " + markdown(s) + " | " + code(s) + " |\n")
		cells, rows, others := 0, 0, 0
		for _, n := range rendered(t, src) {
			switch n.Kind() {
			case extast.KindTableCell:
				cells++
			case extast.KindTableRow:
				rows++
			case ast.KindParagraph, ast.KindHeading, ast.KindList, ast.KindFencedCodeBlock, ast.KindEmphasis:
				others++
			}
		}
		if cells != 4 || rows != 1 || others != 0 {
			t.Errorf("%q: %d cells, %d rows, %d others in\n%s", s, cells, rows, others, src)
		}
	})
}

// TestMarkdownBound holds that a summary of a great many findings is one that a forge takes, and counts them all.
func TestMarkdownBound(t *testing.T) {
	s := sample(t)
	for i := range 2000 {
		f := found(imagePinned, control.Fail, "latest", ref("Deployment", "prod", fmt.Sprint("n", i)), "a.yaml", i, control.Values{"container": "c", "image": strings.Repeat("i", 500)})
		w := found(drainBlocked, control.Fail, "blocks", ref("PodDisruptionBudget", "prod", fmt.Sprint("n", i)), "a.yaml", i, control.Values{"min": 1, "count": 1})
		s.findings = append(s.findings, f, waivedUntil(w, noon.AddDate(1, 0, 0)))
		s.gaps = append(s.gaps, Gap{Input: "document", State: "not-understood", Reason: "yaml-syntax", File: fmt.Sprint(i, ".yaml")})
	}
	s.count()
	for _, l := range lang.All() {
		out := export(t, "markdown", s, l)
		if len(out) > 60_000 {
			t.Errorf("%s: %d bytes", l, len(out))
		}
		for _, want := range []string{l.Int(s.sum.counted()), l.Int(s.sum.Waived), l.Say("html.rest", lang.Values{"n": s.sum.Waived - markdownOthers})} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: %q is not counted:\n%s", l, want, out)
			}
		}
	}
}

// TestMarkdownEmpty holds that nothing at all never looks good.
func TestMarkdownEmpty(t *testing.T) {
	out := string(export(t, "markdown", empty(), "en"))
	if !strings.Contains(out, "nothing was judged") || !strings.Contains(out, "nothing holds") || strings.Contains(out, "No finding") {
		t.Errorf("an empty check looks good:\n%s", out)
	}
}

func TestDiffMarkdownGolden(t *testing.T) {
	before, after := sample(t), sample(t)
	after.findings = append(after.findings[1:], latest("fresh"))
	after.findings[2].Values = control.Values{"min": 3, "count": 3}
	for i := range after.clauses {
		if after.clauses[i].ID == "MCS.ENC.R2" {
			after.clauses[i].State = 1
		}
	}
	after.count()
	c := diffOf(t, before, after)
	for _, l := range lang.All() {
		var out bytes.Buffer
		if err := c.WriteMarkdown(&out, l); err != nil {
			t.Fatal(err)
		}
		golden(t, "diff."+string(l)+".markdown", out.Bytes())
	}
	if err := c.WriteMarkdown(&failing{10}, "en"); err == nil {
		t.Error("a failed write is no error")
	}
}
