package mustgather

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/internal/source/files/manifest"
)

// A Dump is a path that holds what was collected from a cluster.
type Dump struct {
	Path   string
	Layout Layout
	prefix string // what names below Path lack: Path may be a folder in the dump
	at     time.Time
}

// The bounds of the search: a dump shows itself in its first files, and a tree of manifests is not to wait for it.
const (
	maxLooked = 4000      // files of a directory
	maxPacked = 200_000   // names of an archive
	sniffed   = 128 << 10 // of a file that may show it
)

// Detect tells whether a path is a dump, and how it is laid out; ok is false where it is none. A tree of manifests may
// be laid out like one: what decides are the marks of an API server in the objects at those places.
func Detect(ctx context.Context, name string, o manifest.Options) (d Dump, ok bool, err error) {
	d = Dump{Path: name, prefix: prefixOf(name)}
	p := &probe{dump: &d, most: maxPacked}
	into := func(dir string) bool {
		p.most = maxLooked
		return p.into(dir)
	}
	if err := manifest.List(ctx, name, o, into, p.visit); err != nil {
		return Dump{}, false, fmt.Errorf("look at %q: %w", name, err)
	}
	return d, d.Layout != "", nil
}

// prefixOf is the part of a path that names places of a dump: "namespaces/shop/" of ".../namespaces/shop".
func prefixOf(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	parts := strings.Split(filepath.ToSlash(abs), "/")
	for i := len(parts) - 1; i > 0 && i >= len(parts)-3; i-- {
		if parts[i] == byNamespace || parts[i] == byCluster {
			return strings.Join(parts[i:], "/") + "/"
		}
	}
	return ""
}

// A probe looks for the marks of a dump.
type probe struct {
	dump *Dump
	seen int
	most int
	old  [2]bool // of an Insights archive before its operator reported on itself: config/version and config/clusteroperator
}

// marks are the folders of dumps that are looked into.
var marks = []string{byNamespace, byCluster, "insights-operator", "config"}

// into keeps the search to the folders that may stand above a dump, and to what is below a mark.
func (p *probe) into(dir string) bool {
	if dir == "." || p.dump.prefix != "" || strings.Count(dir, "/") < maxAbove-1 {
		return true
	}
	parts := strings.Split(dir, "/")
	return len(parts) <= maxAbove+5 && slices.ContainsFunc(parts[:min(len(parts), maxAbove+1)], func(s string) bool { return slices.Contains(marks, s) })
}

func (p *probe) visit(e *manifest.Entry) error {
	if p.seen++; p.seen > p.most {
		return manifest.ErrStop
	}
	if l := p.layout(e); l != "" {
		p.dump.Layout = l
		return manifest.ErrStop
	}
	return nil
}

// layout is what a file shows of the dump; empty: nothing.
func (p *probe) layout(e *manifest.Entry) Layout {
	name := p.dump.prefix + e.Name
	parts := strings.Split(name, "/")
	base := parts[len(parts)-1]
	switch {
	case base == "version" && len(parts) <= maxAbove && bytes.Contains(firstLine(e.Head(256)), []byte("must-gather")):
		return MustGather
	case strings.HasSuffix("/"+name, "/insights-operator/gathers.json") && len(parts) <= 3:
		p.above(parts, 2)
		return Insights
	case len(parts) >= 2 && parts[len(parts)-2] == "config" && base == "version.json":
		p.old[0] = true
	case len(parts) >= 3 && parts[len(parts)-3] == "config" && parts[len(parts)-2] == "clusteroperator":
		p.old[1] = true
	}
	if p.old[0] && p.old[1] {
		p.above(parts, len(parts)-slices.Index(parts, "config"))
		return Insights
	}
	s := spotOf(Inspect, name)
	if s.record || s.kind == "" && !s.list || !strings.HasSuffix(base, ".yaml") { // oc writes YAML, the Insights operator JSON
		return ""
	}
	if bytes.Contains(e.Head(sniffed), []byte("resourceVersion")) {
		return Inspect
	}
	return ""
}

// above notes what stands above the archive's own top: an archive may hold it in a folder. The last n names are its own.
func (p *probe) above(parts []string, n int) {
	if len(parts) > n && n > 0 {
		p.dump.prefix = "-" + strings.Join(parts[:len(parts)-n], "/") + "/"
	}
}

// place is where a file stands in the dump, by its name below Path.
func (d *Dump) place(name string) string {
	if above, ok := strings.CutPrefix(d.prefix, "-"); ok {
		return strings.TrimPrefix(name, above)
	}
	return d.prefix + name
}

func firstLine(data []byte) []byte {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return line
}

// packedAt is the moment in the name of an Insights archive, as its operator gives it, in UTC.
var packedAt = regexp.MustCompile(`insights-(\d{4}-\d{2}-\d{2}-\d{6})`)

// note takes from a file that is no object what it says of the dump: which it is, and when it was made.
func (d *Dump) note(e *manifest.Entry) {
	parts := strings.Split(e.Name, "/")
	if len(parts) > maxAbove {
		return
	}
	switch parts[len(parts)-1] {
	case "version":
		if bytes.Contains(firstLine(e.Head(256)), []byte("must-gather")) && d.Layout == Inspect {
			d.Layout = MustGather
		}
	case "timestamp":
		for line := range bytes.Lines(e.Head(4096)) {
			if at, ok := moment(string(line)); ok && at.After(d.at) {
				d.at = at
			}
		}
	}
}

// moment reads a line of the file timestamp, which oc writes at its beginning and its end as Go prints a time:
// 2026-03-02 09:00:00.123456789 +0100 CET m=+0.1.
func moment(line string) (time.Time, bool) {
	words := strings.Fields(line)
	if len(words) < 3 {
		return time.Time{}, false
	}
	at, err := time.Parse("2006-01-02 15:04:05.999999999 -0700", strings.Join(words[:3], " "))
	return at.UTC(), err == nil
}

// named is the moment that the name of an archive, or of the folder that it was unpacked to, gives.
func named(name string) (time.Time, bool) {
	m := packedAt.FindStringSubmatch(filepath.Base(name))
	if m == nil {
		return time.Time{}, false
	}
	at, err := time.Parse("2006-01-02-150405", m[1])
	return at, err == nil
}
