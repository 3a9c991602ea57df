package report

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/posture"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was: look at it, then go test -run %s -update\n%s", path, t.Name(), got)
	}
}

func textOf(t testing.TB, s *stream, o TextOptions) []byte {
	var out bytes.Buffer
	s.play(t, NewText(&out, o))
	return out.Bytes()
}

func TestTextGolden(t *testing.T) {
	s := sample(t)
	for name, o := range map[string]TextOptions{
		"text.en.txt": {Lang: lang.English}, "text.fr.txt": {Lang: lang.French},
		"object.en.txt": {Lang: lang.English, ByObject: true}, "object.fr.txt": {Lang: lang.French, ByObject: true},
		"all.en.txt": {Lang: lang.English, All: true}, "all.fr.txt": {Lang: lang.French, All: true},
		"color.en.txt": {Lang: lang.English, Color: true},
	} {
		golden(t, name, textOf(t, s, o))
	}
}

// TestTextWidth holds that nothing but a single long word is wider than the page.
func TestTextWidth(t *testing.T) {
	s := sample(t)
	for _, o := range []TextOptions{{Lang: "en"}, {Lang: "fr"}, {Lang: "fr", All: true, Color: true}, {Lang: "en", ByObject: true}, {Lang: "fr", Width: 60}} {
		width := o.Width
		if width == 0 {
			width = 100
		}
		for _, line := range strings.Split(string(textOf(t, s, o)), "\n") {
			long := slices.ContainsFunc(strings.Fields(line), func(w string) bool { return lang.Width(w) > width/2 })
			if lang.Width(line) > width && !long {
				t.Errorf("%+v: %d columns: %q", o, lang.Width(line), line)
			}
		}
	}
}

// TestTextSafe holds that nothing of an input reaches the terminal as more than its letters.
func TestTextSafe(t *testing.T) {
	s := hostile(t)
	for _, o := range []TextOptions{{Lang: "en"}, {Lang: "fr", All: true}, {Lang: "en", ByObject: true}} {
		out := string(textOf(t, s, o))
		for _, r := range out {
			if r != '\n' && !unicode.IsGraphic(r) {
				t.Fatalf("%+v: %U reaches the terminal:\n%q", o, r, out)
			}
		}
		if !strings.Contains(out, `a\x1b[2J\nb\u202ec\u009bd\xff`) {
			t.Errorf("%+v: the name is not shown", o)
		}
	}
	// With colours the only escapes are ours.
	colored := string(textOf(t, s, TextOptions{Lang: "fr", Color: true, All: true}))
	if rest := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(colored, ""); strings.Contains(rest, "\x1b") {
		t.Error("an escape that is no colour of ours")
	}
}

// TestTextFrench holds the typography of the terminal, and that no English is left in French.
func TestTextFrench(t *testing.T) {
	out := string(textOf(t, sample(t), TextOptions{Lang: "fr", All: true}))
	for _, bad := range []string{"\u202f", " :", " ;", " ?", " !", "« ", " »", "’"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q stands in the French report", bad)
		}
	}
	for _, word := range []string{"finding", "clause is", "unknown", "remedy", "waived until", "exit ", "next:", "document was"} {
		if strings.Contains(out, word) {
			t.Errorf("the English %q stands in the French report", word)
		}
	}
}

// TestTextCounts holds that the counts of a report agree, whatever the check found.
func TestTextCounts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		s := random(t, rnd)
		for _, o := range []TextOptions{{Lang: "en"}, {Lang: "en", All: true}, {Lang: "en", ByObject: true, All: true}} {
			checkCounts(t, s, o, string(textOf(t, s, o)))
		}
	}
}

// random is a check of random outcome.
func random(t *testing.T, rnd *rand.Rand) *stream {
	s := sample(t)
	all, clauses := s.findings, s.clauses
	s.findings, s.clauses, s.gaps = nil, nil, s.gaps[:rnd.IntN(len(s.gaps)+1)]
	for i, n := 0, rnd.IntN(60); i < n; i++ {
		f := *all[rnd.IntN(len(all))]
		inner := *f.Finding
		inner.Subject.Name = fmt.Sprint("n", rnd.IntN(20))
		f.Finding = &inner
		f.Baselined = f.Verdict == control.Fail && f.Waiver == nil && rnd.IntN(5) == 0
		s.findings = append(s.findings, &f)
	}
	for _, c := range clauses {
		if rnd.IntN(3) > 0 {
			c.State = posture.States()[rnd.IntN(len(posture.States()))]
			s.clauses = append(s.clauses, c)
		}
	}
	s.count()
	return s
}

var (
	rowStates = regexp.MustCompile(`(\d+)[ \x{a0}](fail|deviates?|unknown|waived|pass|not[ \x{a0}]applicable|N/A)`)
	causeRow1 = regexp.MustCompile(`(?m)^ +(\d+)  (?:needs?|rests?|has|have|meets?|waits?|was left|were left) `)
	severity1 = regexp.MustCompile(`(?m)^(critical|high|medium|low) `)
	more1     = regexp.MustCompile(`\(and\s+(\d+)\s+more\s+like\s+it\)`)
)

func checkCounts(t *testing.T, s *stream, o TextOptions, out string) {
	t.Helper()
	sum := func(re *regexp.Regexp, text string) (n int) {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			i, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			n += i
		}
		return n
	}
	part := func(from, to string) string {
		_, after, _ := strings.Cut(out, "\n"+from)
		before, _, _ := strings.Cut(after, "\n"+to)
		return before
	}
	if len(s.clauses) > 0 {
		head, rows, _ := strings.Cut(part("CLAUSES", "FINDINGS"), "\n")
		rows, _, _ = strings.Cut(rows, "\nWORST")
		if a, b := sum(rowStates, head), sum(rowStates, rows); a != len(s.clauses) || b != len(s.clauses) {
			t.Errorf("%+v: %d clauses, %d in the head, %d in the rows:\n%s", o, len(s.clauses), a, b, out)
		}
	}
	if got, want := sum(causeRow1, out), s.sum.Clauses[posture.Unknown]; got != want {
		t.Errorf("%+v: the causes sum to %d of %d unknown clauses:\n%s", o, got, want, out)
	}
	found := part("FINDINGS", "NOT SEEN")
	found, _, _ = strings.Cut(found, "\nIN THE BASELINE")
	found, _, _ = strings.Cut(found, "\nWAIVED")
	if n := s.sum.counted(); o.All && n > 0 {
		if got := len(severity1.FindAllString(found, -1)); got != n {
			t.Errorf("%+v: %d findings are listed of %d:\n%s", o, got, n, out)
		}
	}
	if n := s.sum.counted(); !o.All && n > 0 && n <= shownFindings {
		_, list, _ := strings.Cut(out, "FINDINGS")
		list, _, _ = strings.Cut(list, "\nNOT SEEN")
		list, _, _ = strings.Cut(list, "\nWAIVED")
		if got := len(severity1.FindAllString(list, -1)) + sum(more1, list); got != n {
			t.Errorf("%+v: %d findings are shown or counted of %d:\n%s", o, got, n, out)
		}
	}
	want := fmt.Sprintf("%d finding", s.sum.counted())
	if s.sum.counted() == 0 {
		want = "No finding."
	}
	if !strings.Contains(out, "\n"+want) {
		t.Errorf("%+v: want the total %q:\n%s", o, want, out)
	}
}

// TestTextEmpty holds that nothing to judge never looks good.
func TestTextEmpty(t *testing.T) {
	out := string(textOf(t, empty(), TextOptions{Lang: "en"}))
	for _, want := range []string{"nothing was evaluated, and nothing holds", "none: no document found", "CLAUSES  2: 2\u00a0unknown", "NOT SEEN  2 clauses are unknown", "exit 0: nothing was judged"} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q:\n%s", want, out)
		}
	}
	if regexp.MustCompile(`\d.pass\b`).MatchString(out) || strings.Contains(out, "No finding") {
		t.Errorf("an empty check looks good:\n%s", out)
	}
}

// TestTextGood holds that a check without a finding names what stays unknown.
func TestTextGood(t *testing.T) {
	s := sample(t)
	s.findings, s.gaps = nil, nil
	s.clauses = s.clauses[:1]
	s.count()
	s.meta.EnvironmentsSet = false
	out := string(textOf(t, s, TextOptions{Lang: "en"}))
	for _, want := range []string{"FINDINGS  none; 1 clause stays unknown, and does not count as passed", "NOT SEEN  1 clause is unknown", "nothing counts as production", `exit 0: nothing at or above "high"`, "next: -o html"} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q:\n%s", want, out)
		}
	}
	s.sum.FailOn = "never"
	if out := string(textOf(t, s, TextOptions{Lang: "fr"})); !strings.Contains(out, "--fail-on never") {
		t.Errorf("want the reason of the exit code:\n%s", out)
	}
	s.sum.Exit = 3
	if out := string(textOf(t, s, TextOptions{Lang: "fr"})); !strings.Contains(out, "sortie 3") {
		t.Errorf("want exit 3:\n%s", out)
	}
}

// TestTextKeepsWorst holds that the few that are shown are the worst, whatever the order of arrival.
func TestTextKeepsWorst(t *testing.T) {
	s := sample(t)
	first := textOf(t, s, TextOptions{Lang: "en"})
	slices.Reverse(s.findings)
	if again := textOf(t, s, TextOptions{Lang: "en"}); !bytes.Equal(first, again) {
		t.Errorf("the order of arrival changes the report:\n%s\n%s", first, again)
	}
}
