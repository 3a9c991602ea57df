package report

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vigie/internal/inventory"
	"vigie/internal/lang"
)

// shownGaps is how many inputs a sentence names.
const shownGaps = 3

func (w *words) gapMessage(gaps []inventory.Gap) string {
	if len(gaps) == 0 {
		return w.Say("gap.some", nil)
	}
	names := w.few(len(gaps), func(i int) string { return w.input(gaps[i].Input) })
	return w.Say("gap.message", lang.Values{"inputs": names, "state": w.inputState(gaps[0].State.String(), gaps[0].Detail)})
}

// input names an input: a list in the API's words, what is ours in the language.
func (w *words) input(name string) string {
	if lang.Has("name." + name) {
		return w.Say("name."+name, nil)
	}
	return lang.Safe(name)
}

func (w *words) inputState(state, detail string) string {
	s := state
	if key := "input." + state; lang.Has(key) {
		s = w.Say(key, nil)
	}
	if detail != "" {
		s += w.Say("colon", nil) + w.known(detail)
	}
	return s
}

// gapRemedy is what mends the first gap: for a right that is missing, the question to ask of the cluster.
func (w *words) gapRemedy(gaps []inventory.Gap) (line, example string) {
	if len(gaps) == 0 {
		return "", ""
	}
	g := gaps[0]
	key := "gap.remedy." + g.State.String()
	if !lang.Has(key) {
		return "", ""
	}
	if g.State == inventory.Denied && strings.HasPrefix(g.Input, "list ") {
		example = "oc auth can-i " + lang.Safe(g.Input)
		if g.Space.Namespace != "" {
			example += " -n " + lang.Safe(g.Space.Namespace)
		}
		example += "\n"
	}
	return w.Say(key, lang.Values{"input": w.input(g.Input)}), example
}

// details are sentences that sources leave in the details of gaps, and the keys under which the catalogue has them.
var details = []struct {
	form *regexp.Regexp
	key  string
}{
	{regexp.MustCompile(`^(\d+) documents of the tree were not understood$`), "detail.not-understood"},
	{regexp.MustCompile(`^documents of the tree that were not understood: (\d+)$`), "detail.not-understood"},
	{regexp.MustCompile(`^objects of the tree name no namespace$`), "detail.no-namespace"},
	{regexp.MustCompile(`^only the lists that the dump holds were seen$`), "detail.dump-only"},
	{regexp.MustCompile(`^the list in the dump was not understood whole$`), "detail.dump-broken"},
	{regexp.MustCompile(`^only the lists that were asked for were seen$`), "detail.asked-only"},
}

// known says a detail in the language, where it is a sentence of ours; else as it came.
func (w *words) known(detail string) string {
	for _, d := range details {
		if m := d.form.FindStringSubmatch(detail); m != nil {
			n := 0
			if len(m) > 1 {
				n, _ = strconv.Atoi(m[1]) // the form holds digits alone
			}
			return w.Say(d.key, lang.Values{"n": n})
		}
	}
	return lang.Safe(detail)
}

// detail says what a gap is.
func (w *words) detail(g Gap) string {
	switch {
	case g.Reason != "" && lang.Has("unread."+g.Reason):
		return w.Say("unread."+g.Reason, w.unreadValues(g.Values))
	case g.Reason != "":
		return w.Say("unread.other", lang.Values{"reason": g.Reason})
	case g.Detail != "":
		return w.known(g.Detail)
	case lang.Has("absent." + g.Input):
		return w.Say("absent."+g.Input, nil)
	case lang.Has("input." + g.State):
		return w.Say("input."+g.State, nil)
	}
	return g.State
}

// unreadValues puts into the language what the reader says in the API's English: what a field wants, why a file could
// not be opened, what a rendering stumbled over. A name stands behind that in brackets, where there is one.
func (w *words) unreadValues(vs map[string]any) map[string]any {
	out := lang.Values{}
	for k, v := range vs {
		if s, ok := v.(string); ok && lang.Has(k+"."+s) {
			v = w.Say(k+"."+s, nil)
		}
		out[k] = v
	}
	if name, ok := out["name"].(string); ok && name != "" {
		out["name"] = " (" + name + ")"
	} else {
		out["name"] = ""
	}
	return out
}

// where is what a gap is about: file and line, or the input and its namespace.
func (w *words) where(g Gap) string {
	switch {
	case g.File != "" && g.Line > 0:
		return fmt.Sprintf("%s:%d", lang.Safe(g.File), g.Line)
	case g.File != "":
		return lang.Safe(g.File)
	case g.Space == inventory.Cluster:
		return w.input(g.Input)
	}
	return w.input(g.Input) + " (" + w.space(g.Space) + ")"
}

// whereAll is where of gaps that are alike, with a few of their inputs and spaces.
func (w *words) whereAll(g gapsAlike) string {
	if g.n() == 1 {
		return w.where(g.Gap)
	}
	in := ""
	if !slices.Contains(g.spaces, inventory.Cluster) {
		in = " (" + w.few(len(g.spaces), func(i int) string { return w.space(g.spaces[i]) }) + ")"
	}
	return w.few(len(g.inputs), func(i int) string { return w.input(g.inputs[i]) }) + in
}

// few names some of n things, and says how many there are beside them.
func (w *words) few(n int, name func(int) string) string {
	var names []string
	for i := range n {
		if i == shownGaps && n > shownGaps+1 {
			names = append(names, w.Say("gap.more", lang.Values{"n": n - i}))
			break
		}
		names = append(names, name(i))
	}
	return w.List(names)
}

// space names a namespace, or the objects of a tree that name none.
func (w *words) space(s inventory.Space) string {
	switch {
	case s.Namespace != "":
		return lang.Safe(s.Namespace)
	case s.Root != "":
		return w.root(s.Root)
	}
	return ""
}

// sentence is detail without the place before it, where that is said already.
func (w *words) sentence(g Gap) string {
	s := w.detail(g)
	if g.File != "" {
		s = strings.TrimPrefix(s, w.where(g)+": ")
	}
	if g.Input != "document" && g.Input != "waiver" && g.Detail != "" {
		s = w.Say("input."+g.State, nil) + w.Say("colon", nil) + s
	}
	return s
}

// root names the objects of a tree that name no namespace.
func (w *words) root(root string) string {
	if root == "." {
		return w.Say("root.whole", nil)
	}
	return w.Say("root", lang.Values{"root": root})
}
