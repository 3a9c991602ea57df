package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/posture"
)

// gitlabHandler writes GitLab's code quality report: an array of issues, as they come. The form is that of GitLab's
// documentation, "Code Quality report format".
type gitlabHandler struct {
	*words
	w    io.Writer
	o    object
	base string
	meta Meta
	ids  ids
}

// NewGitLab makes the handler of GitLab's code quality report. It holds the failures that count, and as information what
// could not be judged or read; waived and baselined failures are left out, for the form has no state for them.
func NewGitLab(w io.Writer, o Options) Handler {
	return &gitlabHandler{words: newWords(o.Lang), w: w, base: o.Base, ids: ids{}}
}

// gitlabSeverities are GitLab's words; info is kept for what is unknown.
var gitlabSeverities = map[control.Severity]string{
	control.Critical: "blocker", control.High: "critical", control.Medium: "major", control.Low: "minor",
}

// issue is one entry.
type issue struct {
	description, check, fingerprint, severity, path string
	line                                            int
}

// Meta implements Handler.
func (h *gitlabHandler) Meta(m Meta) error {
	h.meta = m
	h.o.buf, h.o.open = append(h.o.buf, '['), false
	return nil
}

// Gap implements Handler. What stands in no file is left to the findings that rest on it.
func (h *gitlabHandler) Gap(g Gap) error {
	if g.File == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{g.Input, g.State, g.Reason, g.File, h.sentence(g)}, "\x00")))
	return h.issue(issue{
		description: h.state(posture.Unknown) + h.Say("colon", nil) + h.sentence(g), check: g.Input + "-" + g.State,
		fingerprint: hex.EncodeToString(sum[:16]), severity: "info", path: g.File, line: g.Line,
	})
}

// Finding implements Handler.
func (h *gitlabHandler) Finding(f *Finding) error {
	is := issue{check: f.Control.ID, path: f.Place.File, line: lineOf(f)}
	switch {
	case f.Counted():
		is.severity = gitlabSeverities[f.Severity()]
		is.description = h.whole(f)
	case f.Verdict == control.Unknown:
		is.severity = "info"
		is.description = h.state(posture.Unknown) + h.Say("colon", nil) + h.whole(f)
	default:
		return nil
	}
	if ids := shortIDs(f.Clauses()); len(ids) > 0 {
		is.description += " (" + strings.Join(ids, ", ") + ")"
	}
	is.fingerprint = f.Fingerprint()
	if is.path == "" { // GitLab wants a path: that of the tree, else the object's own name
		is.path = treeOf(h.meta)
	}
	if is.path == "" {
		is.path = inRepo(f.Subject)
	}
	if is.path == "" {
		is.path = f.Subject.Kind
	}
	return h.issue(is)
}

func (h *gitlabHandler) issue(is issue) error {
	o := &h.o
	o.row()
	o.text("description", is.description)
	o.text("check_name", is.check)
	o.text("fingerprint", h.ids.of(is.fingerprint))
	o.text("severity", is.severity)
	o.begin("location")
	o.text("path", strings.TrimPrefix(lang.Safe(repoPath(is.path, h.base)), "/")) // never an absolute one
	o.begin("lines")
	o.number("begin", max(is.line, 1))
	o.end()
	o.end()
	o.end()
	return h.flush(block)
}

// Clause implements Handler.
func (h *gitlabHandler) Clause(posture.Clause) error { return nil }

// Summary implements Handler.
func (h *gitlabHandler) Summary(Summary) error {
	h.o.buf = append(h.o.buf, "\n]\n"...)
	return h.flush(0)
}

// flush writes what is in memory, if it is at least so much.
func (h *gitlabHandler) flush(least int) error {
	if len(h.o.buf) < least {
		return nil
	}
	_, err := h.w.Write(h.o.buf)
	h.o.buf = h.o.buf[:0]
	if err != nil {
		return fmt.Errorf("write the GitLab report: %w", err)
	}
	return nil
}
