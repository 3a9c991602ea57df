package config

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

const (
	fp1 = "0123456789abcdef0123456789abcdef"
	fp2 = "ffffffffffffffffffffffffffffffff"
)

func TestBaseline(t *testing.T) {
	kept := `{"meta":{"format":1}}
{"gap":{"input":"list pods"}}
{"finding":{"control":"a","fingerprint":"` + fp1 + `","verdict":"fail","severity":"high","waiver":null}}
{"finding":{"control":"a","fingerprint":"` + strings.Repeat("1", 32) + `","verdict":"pass"}}
{"finding":{"control":"a","fingerprint":"` + strings.Repeat("2", 32) + `","verdict":"unknown"}}
{"finding":{"control":"a","fingerprint":"` + strings.Repeat("3", 32) + `","verdict":"fail","waiver":{"expires":"2026-12-31T00:00:00Z"}}}
{"finding":{"control":"b","fingerprint":"` + fp2 + `","verdict":"fail"}}
{"clause":{"id":"MCO.UPD.T1","state":"fail"}}
{"summary":{"objects":3}}
`
	for name, text := range map[string]string{
		"as it is":        kept,
		"CRLF":            strings.ReplaceAll(kept, "\n", "\r\n"),
		"byte-order mark": "\ufeff" + kept,
		"blank lines":     "\n" + strings.ReplaceAll(kept, "\n", "\n\n"),
		"findings alone": `{"finding":{"fingerprint":"` + fp1 + `","verdict":"fail"}}` + "\n" +
			`{"finding":{"fingerprint":"` + fp2 + `","verdict":"fail"}}`,
		"twice the same": `{"finding":{"fingerprint":"` + fp1 + `","verdict":"fail"}}` + "\n" + kept,
	} {
		got, err := LoadBaseline(strings.NewReader(text))
		if err != nil || !slices.Equal(slices.Sorted(maps.Keys(got)), []string{fp1, fp2}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := LoadBaseline(strings.NewReader("{\"meta\":{}}\n{\"summary\":{}}\n")); err != nil || len(got) != 0 {
		t.Errorf("nothing failed then: %v, %v", got, err)
	}
}

func TestWrongBaseline(t *testing.T) {
	const way = `: want the output of "vigie check -o json"`
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "read the baseline: it is empty" + way},
		{"blank", " \n\n", "read the baseline: it is empty" + way},
		{"text report", "boutique: 118 objects in 41 files\n", "read the baseline: line 1: no JSON object stands there" + way},
		{"YAML", "tenant: boutique\n", "read the baseline: line 1: no JSON object stands there" + way},
		{"one JSON list", `[{"finding":{}}]`, "read the baseline: line 1: no JSON object stands there" + way},
		{"pretty JSON", "{\n  \"meta\": {}\n}\n", "read the baseline: line 1: it is no whole JSON object" + way},
		{"another JSON", `{"runs":[],"version":"2.1.0"}`, "read the baseline: line 1: it holds no meta, gap, finding, clause or summary" + way},
		{"cut within a line", "{\"meta\":{}}\n{\"finding\":{\"fingerprint\":\"" + fp1, "read the baseline: line 2: it is no whole JSON object" + way},
		{"cut between lines", "{\"meta\":{}}\n{\"finding\":{\"fingerprint\":\"" + fp1 + "\",\"verdict\":\"fail\"}}\n",
			`read the baseline: it ends before its summary, so it was cut: write it again with "vigie check -o json"`},
		{"no fingerprint", `{"finding":{"verdict":"fail"}}`, "read the baseline: line 1: the finding has no fingerprint of 32 hexadecimal digits" + way},
		{"short fingerprint", "\n" + `{"finding":{"fingerprint":"abc","verdict":"fail"}}`, "read the baseline: line 2: the finding has no fingerprint of 32 hexadecimal digits" + way},
		{"no verdict", `{"finding":{"fingerprint":"` + fp1 + `"}}`, "read the baseline: line 1: the finding has no verdict" + way},
		{"wrong type", `{"finding":{"fingerprint":7,"verdict":"fail"}}`, "read the baseline: line 1: finding.fingerprint is of the wrong type" + way},
		{"finding is text", `{"finding":"s3cr3t"}`, "read the baseline: line 1: finding is of the wrong type" + way},
		{"UTF-16", "\xff\xfe{\x00\"\x00", `read the baseline: it is UTF-16: write it with "vigie check -o json" and save it as UTF-8`},
		{"a line without end", strings.Repeat("x", maxLine+10), `read the baseline: a line is longer than 16 MiB` + way},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := LoadBaseline(strings.NewReader(c.text))
			if err == nil || err.Error() != c.want || got != nil {
				t.Errorf("got  %v (%v)\nwant %s", err, got, c.want)
			}
		})
	}
	broken := errors.New("the disk is gone")
	if _, err := LoadBaseline(io.MultiReader(strings.NewReader("{\"meta\":{}}\n"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
}
