package manifest

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// worthSplitting is the size from which a YAML list is cut at its items before it is parsed.
const worthSplitting = 64 << 10

// yamlItems are the items of a YAML list as text.
type yamlItems struct {
	head  []byte // apiVersion, kind, metadata
	items []piece
}

// splitList cuts a list in block style, as kubectl writes it, at its items: a top-level "items:" whose lines begin with
// "- " at one indentation. It does so only where no anchor or alias could tie the items together.
func splitList(text []byte) (l yamlItems, ok bool) {
	if len(text) < worthSplitting || bytes.ContainsAny(text[:min(len(text), 256)], "&*") || tied(text) {
		return l, false
	}
	at, line, inItems, indent, start, startLine := 0, 0, false, -1, -1, 0
	var head bytes.Buffer
	end := func(to int) {
		if start >= 0 {
			l.items = append(l.items, piece{text[start:to], startLine})
			start = -1
		}
	}
	for at < len(text) {
		stop := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			stop = at + i + 1
		}
		row := text[at:stop]
		spaces := len(row) - len(bytes.TrimLeft(row, " "))
		rest := row[spaces:]
		switch {
		case inItems && bytes.HasPrefix(rest, []byte("- ")) && (indent < 0 || spaces == indent):
			end(at)
			indent, start, startLine = spaces, at, line
		case inItems && spaces == 0 && len(bytes.TrimSpace(row)) > 0 && row[0] != '#':
			end(at)
			inItems = false
			head.Write(row)
		case !inItems && bytes.HasPrefix(row, []byte("items:")) && len(bytes.TrimSpace(row)) == len("items:"):
			inItems = true
		case !inItems:
			head.Write(row)
		}
		at, line = stop, line+1
	}
	end(len(text))
	l.head = head.Bytes()
	return l, len(l.items) > 1
}

// tied reports whether an anchor or an alias may stand in the text.
func tied(text []byte) bool {
	for _, mark := range []string{": &", "- &", ": *", "- *", "<<:"} {
		if bytes.Contains(text, []byte(mark)) {
			return true
		}
	}
	return false
}

// items reads the items of a list that was cut. It gives false, having said nothing, where the text is no list, or
// where an item does not parse by itself and the whole may still be parsed.
func (d *doc) items(l yamlItems) bool {
	head, p := parse(l.head, d.limits.Depth)
	if p != nil {
		return false
	}
	version, kind, ok := listHead(head)
	if !ok {
		return false
	}
	small := int64(len(d.text)) <= d.limits.Document
	objs := make([][]byte, len(l.items))
	probs := make([]*Problem, len(l.items))
	d.each(len(l.items), func(_, i int) {
		raw, p := parse(l.items[i].text, d.limits.Depth)
		if p == nil {
			if vals, ok := scanArray(raw); ok && len(vals) == 1 {
				objs[i] = vals[0]
				return
			}
			p = &Problem{Reason: "yaml-syntax"}
		}
		probs[i] = p
	})
	if small {
		for _, p := range probs {
			if p != nil && p.Reason == "yaml-syntax" {
				return false
			}
		}
	}
	for i, obj := range objs {
		line := d.line + l.items[i].line
		if p := probs[i]; p != nil {
			p.Root, p.File, p.Index = d.file.root, d.file.name, d.index
			p.Line = line + max(p.Line-1, 0)
			d.sink.Problem(*p)
			continue
		}
		it := &doc{run: d.run, file: d.file, worker: d.worker, index: d.index, piece: piece{text: dedent(l.items[i].text), line: line}, depth: d.depth + 1}
		if k := itemKind(kind); k != "" {
			it.listKind, it.listVersion = k, version
		}
		it.guard(func() { it.object(obj) })
	}
	return true
}

func itemKind(list string) string {
	return list[:len(list)-len("List")]
}

// dedent makes a sequence item stand alone: "- a: 1" becomes "  a: 1".
func dedent(text []byte) []byte {
	out := bytes.Clone(text)
	if i := bytes.IndexByte(out, '-'); i >= 0 {
		out[i] = ' '
	}
	return out
}

func listHead(obj []byte) (version, kind string, ok bool) {
	var h head
	if err := jsonUnmarshal(obj, &h); err != nil || len(h.Items) > 0 && h.Items.Kind() != 'n' {
		return "", "", false
	}
	version, _ = word(h.APIVersion)
	kind, _ = word(h.Kind)
	return version, kind, version != "" && bytes.HasSuffix([]byte(kind), []byte("List")) && !named(h.Metadata)
}

// json reads concatenated JSON values; the items of lists are found by a scan and read several at once.
func (r *run) json(f file, data []byte) {
	index, at := 0, 0
	lines := &lineCounter{data: data}
	for {
		at += len(data[at:]) - len(bytes.TrimLeft(data[at:], " \t\r\n"))
		if at >= len(data) {
			return
		}
		if data[at] != '{' && data[at] != '[' {
			break
		}
		end, ok := skip(data, at)
		index++
		if !ok {
			break
		}
		d := &doc{run: r, file: f, index: index, piece: piece{data[at:end], lines.at(at)}}
		if !d.jsonList(data, at, end) {
			if p, ok := d.valid(); !ok {
				if at == 0 || index == 1 {
					r.flow(f, data)
					return
				}
				r.docs.Add(1)
				r.sink.Problem(p)
			} else {
				r.docs.Add(1)
				d.guard(func() { d.object(d.text) })
			}
		}
		at = end
	}
	if index <= 1 {
		r.flow(f, data)
		return
	}
	r.docs.Add(1)
	r.sink.Problem(Problem{Root: f.root, File: f.name, Line: lines.at(at), Index: index, Reason: "json-syntax"})
}

// flow reads what began like JSON and is none: YAML in flow style, or broken JSON, which says so by its own line.
func (r *run) flow(f file, data []byte) {
	if !bytes.HasSuffix([]byte(f.name), []byte(".json")) {
		r.yaml(f, data)
		return
	}
	r.docs.Add(1)
	p := jsonProblem(data)
	p.Root, p.File, p.Index = f.root, f.name, 1
	r.sink.Problem(p)
}

// valid checks the syntax of the document, and that no name stands twice.
func (d *doc) valid() (Problem, bool) {
	if jsontext.Value(d.text).IsValid() {
		return Problem{}, true
	}
	p := jsonProblem(d.text)
	p.Root, p.File, p.Index = d.file.root, d.file.name, d.index
	p.Line += d.line - 1
	return p, false
}

// jsonList reads the items of a JSON list; false: it is none.
func (d *doc) jsonList(data []byte, from, to int) bool {
	members, ok := scanObject(data[from:to])
	if !ok {
		return false
	}
	items := members["items"]
	var h head
	if len(items) == 0 || items[0] != '[' {
		return false
	}
	h.APIVersion, h.Kind, h.Metadata = members["apiVersion"], members["kind"], members["metadata"]
	version, okV := word(h.APIVersion)
	kind, okK := word(h.Kind)
	if !okV || !okK || version == "" || !bytes.HasSuffix([]byte(kind), []byte("List")) || named(h.Metadata) {
		return false
	}
	vals, ok := scanArray(items)
	if !ok {
		return false
	}
	d.docs.Add(1)
	starts := make([]int, len(vals))
	lines := &lineCounter{data: data}
	for i, v := range vals {
		starts[i] = lines.at(cap(data) - cap(v))
	}
	d.each(len(vals), func(w, i int) {
		it := &doc{run: d.run, file: d.file, worker: w, index: d.index, piece: piece{vals[i], starts[i]}, depth: d.depth + 1}
		if k := itemKind(kind); k != "" {
			it.listKind, it.listVersion = k, version
		}
		if p, ok := it.valid(); !ok {
			d.sink.Problem(p)
			return
		}
		it.guard(func() { it.object(it.text) })
	})
	return true
}

// lineCounter gives the line of ascending offsets without counting twice.
type lineCounter struct {
	data     []byte
	off, row int
}

func (l *lineCounter) at(off int) int {
	l.row += bytes.Count(l.data[l.off:off], newline)
	l.off = off
	return l.row + 1
}
