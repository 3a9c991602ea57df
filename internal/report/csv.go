package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/internal/lang"
	"vigie/internal/posture"
)

// csvHeader names the columns. Their names and their order are the form's: new ones come at the end.
var csvHeader = []string{
	"verdict", "severity", "clauses", "control", "control_version", "reason", "cluster", "namespace", "kind", "group", "name",
	"tree", "part_kind", "part", "message", "remedy", "file", "line", "waived_until", "waived_by", "waived_because", "baselined",
	"team", "seen", "until", "fingerprint",
}

// csvHandler writes CSV as RFC 4180 has it: a header, then a row for each finding, passes too.
type csvHandler struct {
	*words
	base string
	w    *csv.Writer
	row  []string
}

// NewCSV makes the handler of CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe.
func NewCSV(w io.Writer, o Options) Handler {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return &csvHandler{words: newWords(o.Lang), base: o.Base, w: c, row: make([]string, 0, len(csvHeader))}
}

// Meta implements Handler.
func (h *csvHandler) Meta(Meta) error { return h.write(slices.Clone(csvHeader)) }

// Gap implements Handler. The rows are findings alone; those that rest on a gap say so.
func (h *csvHandler) Gap(Gap) error { return nil }

// Finding implements Handler.
func (h *csvHandler) Finding(f *Finding) error {
	remedy := ""
	if f.Reason != "" {
		remedy, _ = h.remedy(f)
	}
	file, line := f.Place.File, ""
	if file != "" {
		file = repoPath(file, h.base)
		if n := lineOf(f); n > 0 {
			line = strconv.Itoa(n)
		}
	}
	until, by, because := "", "", ""
	if f.Waiver != nil {
		until, by, because = csvMoment(f.Waiver.Expires), f.Waiver.Approver, f.Waiver.Reason
	}
	s := f.Subject
	h.row = append(h.row[:0],
		f.Verdict.String(), f.Severity().String(), strings.Join(f.Clauses(), " "), f.Control.ID, strconv.Itoa(f.Control.Version), f.Reason,
		s.Cluster, s.Namespace, s.Kind, s.Group, s.Name, s.Root, f.Part.Kind, f.Part.Name, h.words.message(f), remedy, file, line,
		until, by, because, strconv.FormatBool(f.Baselined), f.Team, csvMoment(f.SeenAt), csvMoment(f.Until), f.Fingerprint())
	return h.write(h.row)
}

func (h *csvHandler) write(cells []string) error {
	for i, c := range cells {
		cells[i] = csvCell(c)
	}
	if err := h.w.Write(cells); err != nil {
		return fmt.Errorf("write the CSV report: %w", err)
	}
	return nil
}

// csvCell makes a cell harmless: no control characters, and no beginning that makes a spreadsheet compute it (OWASP, "CSV
// Injection": = + - @, tab, carriage return, and their full-width twins).
func csvCell(s string) string {
	s = lang.Safe(s)
	if strings.IndexAny(s, "=+-@\uff1d\uff0b\uff0d\uff20") == 0 {
		return "'" + s
	}
	return s
}

func csvMoment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// Clause implements Handler.
func (h *csvHandler) Clause(posture.Clause) error { return nil }

// Summary implements Handler.
func (h *csvHandler) Summary(Summary) error {
	h.w.Flush()
	if err := h.w.Error(); err != nil {
		return fmt.Errorf("write the CSV report: %w", err)
	}
	return nil
}
