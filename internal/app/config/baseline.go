package config

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// maxLine bounds one line of a kept result. A finding is some 700 bytes; the longest values are lists of names.
const maxLine = 16 << 20

// record is one line of a kept result, as far as a baseline reads it.
type record struct {
	Meta    json.RawMessage `json:"meta"`
	Gap     json.RawMessage `json:"gap"`
	Clause  json.RawMessage `json:"clause"`
	Summary json.RawMessage `json:"summary"`
	Finding *struct {
		Fingerprint string          `json:"fingerprint"`
		Verdict     string          `json:"verdict"`
		Waiver      json.RawMessage `json:"waiver"`
	} `json:"finding"`
}

var fingerprintForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// LoadBaseline reads a kept result, the JSON Lines of "vigie check -o json", and gives the fingerprints of what
// failed then. A finding that was waived is not among them: when its waiver ends, it fails again and is new.
func LoadBaseline(r io.Reader) (map[string]bool, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	known, meta, summary, read := map[string]bool{}, false, false, 0
	for number := 1; lines.Scan(); number++ {
		raw := bytes.TrimSpace(lines.Bytes())
		if number == 1 {
			raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
			if bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) {
				return nil, fmt.Errorf("read the baseline: it is UTF-16: write it with \"vigie check -o json\" and save it as UTF-8")
			}
		}
		if len(raw) == 0 {
			continue
		}
		rec, err := parseRecord(raw)
		if err != nil {
			return nil, fmt.Errorf("read the baseline: line %d: %w: want the output of \"vigie check -o json\"", number, err)
		}
		read++
		meta, summary = meta || rec.Meta != nil, summary || rec.Summary != nil
		if f := rec.Finding; f != nil && f.Verdict == "fail" && !given(f.Waiver) {
			known[f.Fingerprint] = true
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("read the baseline: a line is longer than %d MiB: want the output of \"vigie check -o json\"", maxLine>>20)
	case err != nil:
		return nil, fmt.Errorf("read the baseline: %w", err)
	case read == 0:
		return nil, errors.New("read the baseline: it is empty: want the output of \"vigie check -o json\"")
	case meta && !summary:
		return nil, errors.New("read the baseline: it ends before its summary, so it was cut: write it again with \"vigie check -o json\"")
	}
	return known, nil
}

// parseRecord reads one line. The error says what it is instead, never what it holds.
func parseRecord(raw []byte) (*record, error) {
	if raw[0] != '{' {
		return nil, errors.New("no JSON object stands there")
	}
	rec := &record{}
	if err := json.Unmarshal(raw, rec); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, fmt.Errorf("%s is of the wrong type", wrong.Field)
		}
		return nil, errors.New("it is no whole JSON object")
	}
	switch f := rec.Finding; {
	case f == nil:
		if rec.Meta == nil && rec.Gap == nil && rec.Clause == nil && rec.Summary == nil {
			return nil, errors.New("it holds no meta, gap, finding, clause or summary")
		}
	case !fingerprintForm.MatchString(f.Fingerprint):
		return nil, errors.New("the finding has no fingerprint of 32 hexadecimal digits")
	case f.Verdict == "":
		return nil, errors.New("the finding has no verdict")
	}
	return rec, nil
}

// given reports whether a value stands there and is not null.
func given(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}
