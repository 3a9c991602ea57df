package lang

import (
	"slices"
	"strings"
	"testing"
)

// TestCatalogue holds that the two languages say the same: each key in both, with the same holes.
func TestCatalogue(t *testing.T) {
	entries, err := decode(sentencesFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 150 {
		t.Fatalf("%d sentences: the file was not read whole", len(entries))
	}
	for key, s := range entries {
		if strings.Trim(s.EN, " ") == "" || strings.Trim(s.FR, " ") == "" {
			t.Errorf("%s: a sentence is missing: %q %q", key, s.EN, s.FR)
			continue
		}
		if en, fr := Parse(s.EN).Names(), Parse(s.FR).Names(); !slices.Equal(en, fr) {
			t.Errorf("%s: the languages name different values: %v and %v", key, en, fr)
		}
		for _, text := range []string{s.EN, s.FR} {
			if strings.ContainsAny(text, "\u00a0\u202f’") {
				t.Errorf("%s: write plain spaces and apostrophes, they are set when the file is read: %q", key, text)
			}
			if strings.Count(text, "{") != len(hole.FindAllString(text, -1)) {
				t.Errorf("%s: a brace that is no hole: %q", key, text)
			}
		}
	}
}

// TestFrenchSpaces holds the no-break spaces of every French sentence.
func TestFrenchSpaces(t *testing.T) {
	for key, both := range catalogue() {
		text := string(both[French].Append(nil, French, nil))
		for _, bad := range []string{" ;", " !", " ?", " :", " %", "« ", " »"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %q stands in %q", key, bad, text)
			}
		}
	}
}

func TestUnknownKey(t *testing.T) {
	if Has("nothing") || !Has("state.fail") {
		t.Error("Has does not know the catalogue")
	}
	if !slices.Contains(Keys(), "state.fail") {
		t.Error("Keys does not list the catalogue")
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), `"nothing"`) {
			t.Errorf("want a panic that names the key: %v", r)
		}
	}()
	English.Say("nothing", nil)
}
