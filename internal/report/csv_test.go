package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

func rowsOf(t *testing.T, s *stream) [][]string {
	t.Helper()
	out := export(t, "csv", s, "en")
	if bytes.Count(out, []byte("\n")) != bytes.Count(out, []byte("\r\n")) {
		t.Error("a line that RFC 4180 does not know")
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll() // refuses rows of another length
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestCSV holds that each finding has a row under a header that does not change.
func TestCSV(t *testing.T) {
	const header = "verdict severity clauses control control_version reason cluster namespace kind group name tree part_kind part message remedy " +
		"file line waived_until waived_by waived_because baselined team seen until fingerprint"
	for name, s := range streams(t) {
		rows := rowsOf(t, s)
		if got := strings.Join(rows[0], " "); got != header {
			t.Errorf("%s: the header is %s", name, got)
		}
		if len(rows) != len(s.findings)+1 {
			t.Errorf("%s: %d rows of %d findings", name, len(rows)-1, len(s.findings))
		}
		for i, row := range rows[1:] {
			if f := s.findings[i]; row[0] != f.Verdict.String() || row[1] != f.Severity().String() || row[25] != f.Fingerprint() || row[14] == "" {
				t.Errorf("%s: row %d is %q", name, i, row)
			}
			for col, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					t.Errorf("%s: column %s begins a formula: %q", name, rows[0][col], cell)
				}
			}
		}
	}
	if rows := rowsOf(t, sample(t)); rows[18][19] != "security@example.test" || rows[18][18] != "2027-01-01T00:00:00Z" || rows[1][17] != "41" || rows[1][22] != "shop" {
		t.Errorf("%q", rows[18])
	}
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@sum": "'@sum", "\t=1": `\t=1`, "\uff1d1": "'\uff1d1", "plain": "plain", "": "", "'=": "'=", "a\nb": `a\nb`,
	} {
		if got := csvCell(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
