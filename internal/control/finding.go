package control

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"vigie/internal/inventory"
)

// A Part is the piece of a subject that a finding is about. The zero Part is the whole.
type Part = inventory.Part

// Values fill the sentence of a reason: strings, integers, durations and lists of strings; never a secret.
type Values map[string]any

// A Finding is what a control says of one subject, or of one part of it. It carries data, never prose.
type Finding struct {
	Control *Control
	Verdict Verdict
	Subject inventory.Ref
	Part    Part
	Reason  string // key of a sentence in the control's documents; empty for a plain pass
	Values  Values
	Gaps    []inventory.Gap   // for an unknown: the inputs that it rests on and that were not whole
	Labels  map[string]string // the subject's own labels, for teams and filters; shared, not to be changed
	Place   inventory.Place
	Path    []any     // the field that it is about, from the object's root; nil: the object
	SeenAt  time.Time // when what it rests on was read
	Until   time.Time // the first moment at which time alone can change it; zero: never
}

// Severity is that of the reason, else the control's.
func (f *Finding) Severity() Severity {
	if r, ok := f.Control.ReasonOf(f.Reason); ok && r.Severity != 0 {
		return r.Severity
	}
	return f.Control.Severity
}

// Clauses are the clauses that the finding bears on: those of its reason, else all of the control's.
func (f *Finding) Clauses() []string {
	if r, ok := f.Control.ReasonOf(f.Reason); ok && r.Clauses != nil {
		return r.Clauses
	}
	return f.Control.Clauses
}

// Line is the line of the field that the finding is about, 0 where there is no file.
func (f *Finding) Line() int { return f.Place.LineOf(f.Path...) }

// Fingerprint names the finding across runs: 32 hexadecimal digits made of the control, the subject, the part and
// the reason; of no line, digest, version, severity or value. Restarts, moves of a file and re-scans keep it.
func (f *Finding) Fingerprint() string {
	h := sha256.New()
	for _, s := range []string{
		f.Control.ID, f.Subject.Cluster, f.Subject.Group, f.Subject.Kind, f.Subject.Namespace, f.Subject.Root,
		f.Subject.Name, f.Part.Kind, f.Part.Name, f.Reason,
	} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
