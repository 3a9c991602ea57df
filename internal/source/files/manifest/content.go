package manifest

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

var (
	bom     = []byte("\xef\xbb\xbf")
	bomLE   = []byte("\xff\xfe")
	bomBE   = []byte("\xfe\xff")
	newline = []byte("\n")
)

// content reads what a file holds.
func (r *run) content(f file, data []byte) {
	r.bytes.Add(int64(len(data)))
	before := r.docs.Load()
	data, reason := text(data)
	if reason != "" {
		r.docs.Add(1)
		r.sink.Problem(Problem{Root: f.root, File: f.name, Line: 1, Reason: reason})
		return
	}
	if looksJSON(data) {
		r.json(f, data)
	} else {
		r.yaml(f, data)
	}
	n := int(r.docs.Load() - before) // exact only where files are read one by one; enough for a progress line
	if n > 0 {
		r.files.Add(1)
		r.sink.File(f.name, n)
	}
}

// text makes UTF-8 of what shells and editors write, or says why it is none.
func text(data []byte) ([]byte, string) {
	if bytes.HasPrefix(data, bomLE) || bytes.HasPrefix(data, bomBE) {
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		if err != nil {
			return nil, "not-utf8"
		}
		data = out
	}
	data = bytes.TrimPrefix(data, bom)
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, "binary"
	}
	if !utf8.Valid(data) {
		return nil, "not-utf8"
	}
	if bytes.IndexByte(data, '\n') < 0 && bytes.IndexByte(data, '\r') >= 0 {
		data = bytes.ReplaceAll(data, []byte("\r"), newline) // line ends of long ago
	}
	return data, ""
}

func looksJSON(data []byte) bool {
	t := bytes.TrimLeft(data, " \t\r\n")
	return len(t) > 0 && (t[0] == '{' || t[0] == '[')
}

// A piece is a document of a YAML stream as text.
type piece struct {
	text []byte
	line int // of its first line, from 1
}

// split cuts a YAML stream into its documents: at lines that begin with "---" or "..." and end there or go on after
// a space. What follows "--- " on its line belongs to the document. Documents of comments alone are none.
func split(data []byte) (pieces []piece) {
	start, startLine, line := 0, 1, 1
	cut := func(end int) {
		if body := bytes.TrimPrefix(data[start:end], bom); !blank(body) {
			pieces = append(pieces, piece{body, startLine})
		}
	}
	for at := 0; at < len(data); line++ {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if marker(data[at:end]) {
			cut(at)
			start, startLine = at+3, line
			if rest := bytes.TrimSpace(data[at+3 : end]); len(rest) == 0 || rest[0] == '#' {
				start, startLine = end, line+1
			}
		}
		at = end
	}
	if start < len(data) {
		cut(len(data))
	}
	return pieces
}

func marker(l []byte) bool {
	if !bytes.HasPrefix(l, []byte("---")) && !bytes.HasPrefix(l, []byte("...")) {
		return false
	}
	return len(l) == 3 || l[3] == '\n' || l[3] == '\r' || l[3] == ' ' || l[3] == '\t'
}

// blank reports a document of nothing: space, comments, directives.
func blank(b []byte) bool {
	for len(b) > 0 {
		l := b
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			l, b = b[:i], b[i+1:]
		} else {
			b = nil
		}
		l = bytes.TrimPrefix(bytes.TrimSpace(l), bom)
		if len(l) > 0 && l[0] != '#' && l[0] != '%' {
			return false
		}
	}
	return true
}

// first skips the lines before the first one that says something, so that a document's line is that of its content.
func first(p piece) piece {
	for {
		i := bytes.IndexByte(p.text, '\n')
		if i < 0 || !blank(p.text[:i]) || bytes.HasPrefix(bytes.TrimSpace(p.text[:i]), []byte("%")) {
			return p
		}
		p.text, p.line = p.text[i+1:], p.line+1
	}
}

// yaml reads the documents of a stream, several at once.
func (r *run) yaml(f file, data []byte) {
	pieces := split(data)
	r.each(len(pieces), func(w, i int) {
		r.docs.Add(1)
		d := &doc{run: r, file: f, worker: w, index: i + 1, piece: first(pieces[i])}
		d.guard(d.yaml)
	})
}
