package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"vigie/internal/control"
	"vigie/internal/posture"
)

// ErrNotKept is input that is no kept stream, or not a whole one.
var ErrNotKept = errors.New("want the output of \"vigie check -o json\"")

// maxLine bounds one line of a stream. A finding is some 700 bytes; the longest values are lists of names.
const maxLine = 16 << 20

// Known finds a control of this version by its id, for its documents; nil where there is none.
type Known func(id string) *control.Control

// Read reads a kept stream and hands its events to h, as the check did. A finding keeps the clauses and the severity
// that it was judged with. A stream of a newer form, a line of an unknown kind, and a stream that was cut are errors
// that say so, with the line. known may be nil: each sentence is then the one that was kept.
func Read(r io.Reader, known Known, h Handler) error {
	rd := &reader{to: h, known: known, controls: map[string]*control.Control{}}
	rd.counted = Summary{Verdicts: map[control.Verdict]int{}, Severities: map[control.Severity]int{}, Clauses: map[posture.State]int{}}
	in := bufio.NewReaderSize(r, block)
	for number := 1; ; number++ {
		line, err := readLine(in)
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if e := rd.take(line); e != nil {
				return fmt.Errorf("read a kept result: line %d: %w", number, e)
			}
		}
		switch {
		case errors.Is(err, io.EOF) && rd.last == summaryLine:
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("read a kept result: it ends before its summary, so it was cut: %w", ErrNotKept)
		case err != nil:
			return fmt.Errorf("read a kept result: line %d: %w", number, err)
		}
	}
}

// readLine gives one line, without a bound on its form but with one on its length.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if line == nil && !errors.Is(err, bufio.ErrBufferFull) {
			return part, err
		}
		if line = append(line, part...); len(line) > maxLine {
			return nil, fmt.Errorf("longer than %d MiB: %w", maxLine>>20, ErrNotKept)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// The kinds of line, in the order in which they come.
const (
	noLine = iota
	metaLine
	gapLine
	findingLine
	clauseLine
	summaryLine
)

var lineKinds = map[string]int{"meta": metaLine, "gap": gapLine, "finding": findingLine, "clause": clauseLine, "summary": summaryLine}

type reader struct {
	to       Handler
	known    Known
	dec      jsontext.Decoder
	controls map[string]*control.Control
	last     int
	at       time.Time
	counted  Summary // what the lines add up to
}

func (rd *reader) take(line []byte) error {
	name, data, err := rd.member(line)
	if err != nil {
		return err
	}
	kind := lineKinds[name]
	switch {
	case kind == noLine:
		return fmt.Errorf("a line of the unknown kind %.40q: a newer vigie wrote it, use that one", name)
	case rd.last == noLine && kind != metaLine:
		return fmt.Errorf("it does not begin with its meta line: %w", ErrNotKept)
	case kind < rd.last, kind == rd.last && (kind == metaLine || kind == summaryLine):
		return fmt.Errorf("it is out of order, so two results may have been joined: %w", ErrNotKept)
	}
	rd.last = kind
	return [...]func(jsontext.Value) error{metaLine: rd.meta, gapLine: rd.gap, findingLine: rd.finding, clauseLine: rd.clause, summaryLine: rd.summary}[kind](data)
}

var errBroken = fmt.Errorf("no whole JSON object stands there: %w", ErrNotKept)

// member is the one member of a line.
func (rd *reader) member(line []byte) (name string, data jsontext.Value, err error) {
	rd.dec.Reset(bytes.NewBuffer(line))
	if t, err := rd.dec.ReadToken(); err != nil || t.Kind() != '{' {
		return "", nil, errBroken
	}
	t, err := rd.dec.ReadToken()
	if err != nil {
		return "", nil, errBroken
	}
	if t.Kind() == '}' {
		return "", nil, fmt.Errorf("it holds no meta, gap, finding, clause or summary: %w", ErrNotKept)
	}
	name = t.String()
	if data, err = rd.dec.ReadValue(); err != nil {
		return "", nil, errBroken
	}
	data = data.Clone()
	if t, err = rd.dec.ReadToken(); err != nil {
		return "", nil, errBroken
	}
	if t.Kind() != '}' {
		return "", nil, fmt.Errorf("it has more than one member: %w", ErrNotKept)
	}
	if _, err := rd.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return "", nil, errBroken
	}
	return name, data, nil
}

// decode reads one line's value. The error names where, never what stands there.
func decode(data jsontext.Value, into any) error {
	err := json.Unmarshal(data, into)
	var sem *json.SemanticError
	if errors.As(err, &sem) {
		return fmt.Errorf("%s is of the wrong type: %w", sem.JSONPointer, ErrNotKept)
	}
	if err != nil {
		return fmt.Errorf("it is not valid: %w", ErrNotKept)
	}
	return nil
}

func (rd *reader) meta(data jsontext.Value) error {
	var m struct {
		Tool    string    `json:"tool"`
		Version string    `json:"version"`
		Schema  int       `json:"schema"`
		Lang    string    `json:"lang"`
		At      time.Time `json:"at"`
		Tenant  string    `json:"tenant"`
		Paths   []string  `json:"paths"`
		Source  string    `json:"source"`
		Policy  struct {
			Version string `json:"version"`
			Hash    string `json:"hash"`
		} `json:"policy"`
		Controls       map[string]int    `json:"controls"`
		Parameters     map[string]string `json:"parameters"`
		Platform       string            `json:"platform"`
		ClusterVersion string            `json:"clusterVersion"`
		TargetVersion  string            `json:"targetVersion"`
		Environments   bool              `json:"environmentsDeclared"`
		Objects        int               `json:"objects"`
		Documents      int               `json:"documents"`
		Files          int               `json:"files"`
		Namespaces     int               `json:"namespaces"`
		Foreign        int               `json:"foreign"`
		Layout         string            `json:"layout"`
		Collected      time.Time         `json:"collected"`
		Revisions      []struct {
			Path   string    `json:"path"`
			Asked  string    `json:"asked"`
			Commit string    `json:"commit"`
			At     time.Time `json:"at"`
		} `json:"revisions"`
		Commits int `json:"commits"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("its meta line is not valid: %w", ErrNotKept)
	}
	if m.Tool != "vigie" {
		return ErrNotKept
	}
	if m.Schema != Schema {
		return fmt.Errorf("the stream's form is %d and this version reads %d: use the vigie that wrote it, or a newer one", m.Schema, Schema)
	}
	rd.at = m.At
	var revisions []Revision
	for _, r := range m.Revisions {
		revisions = append(revisions, Revision(r))
	}
	return rd.to.Meta(Meta{
		Version: m.Version, Lang: m.Lang, At: m.At, Tenant: m.Tenant, Paths: m.Paths, Source: m.Source,
		PolicyVersion: m.Policy.Version, PolicyHash: m.Policy.Hash, Controls: m.Controls, Parameters: m.Parameters,
		Platform: m.Platform, ClusterVersion: m.ClusterVersion, TargetVersion: m.TargetVersion, EnvironmentsSet: m.Environments,
		Objects: m.Objects, Documents: m.Documents, Files: m.Files, Namespaces: m.Namespaces, Foreign: m.Foreign,
		Layout: m.Layout, Collected: m.Collected, Revisions: revisions, Commits: m.Commits,
	})
}
