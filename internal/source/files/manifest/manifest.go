// Package manifest turns paths into documents: files, directories, archives, standard input and pipes; YAML as kubectl
// means it (1.1), JSON, and lists of objects. It knows no kinds of objects and judges none. Whatever it does not
// understand it names, with file, line and reason, and goes on; nothing outside of the paths given is read, and no
// value of a document ever enters a Problem. What needs to know Kubernetes' types stays out of this room.
package manifest

import (
	"context"
	"errors"
	"io"
)

// ErrPath is a path that cannot be read at all: it does not exist, or is no file, directory or stream.
var ErrPath = errors.New("no such file, directory or stream")

// Options say how to read. The zero Options are good.
type Options struct {
	Limits  Limits    // zero fields take the defaults
	Workers int       // documents parsed at once; 0: GOMAXPROCS
	Stdin   io.Reader // read for the path "-"; nil makes "-" an error
	// Ignore is asked for each file and folder below a directory, by its path from there with slashes; nil: none. What
	// it ignores is neither read nor reported.
	Ignore func(rel string) bool
	// Describe is asked what the place of a file says of it, by its path below a directory, in an archive or a Tree, with
	// slashes; nil: nothing. So a dump whose objects do not name their kind is read.
	Describe func(rel string) Hint
	// Visit is shown each ordinary file below a directory or in an archive, manifest or not, by one goroutine, before
	// anything is parsed; nil: nobody is. It may read the head of what is no manifest by its name.
	Visit func(*Entry)
	// Render renders the charts and kustomizations of directories and archives; nil: a chart is a problem, and what a
	// kustomization uses is read as it stands.
	Render Renderer
	// Flat reads each file by itself: none says what another is.
	Flat bool
}

// A Hint is what the place of a file says of what it holds. The zero Hint says nothing.
type Hint struct {
	Foreign          bool   // it holds no object: it is not parsed
	Raw              bool   // it is handed over as one Document as it stands: JSON is nil, Text is the file
	APIVersion, Kind string // of a document that says neither itself
}

// A Document is one object: a document of a YAML stream, a JSON value, or an item of a list.
type Document struct {
	// Root is the tree that the document belongs to: the nearest directory above it, within the argument, that holds
	// a kustomization or a chart; else the argument, cleaned (filepath.Clean), "-" for standard input.
	Root string
	// File is the path as the user gave it, joined; "archive!entry" inside an archive; "-" for standard input. It is
	// verbatim: it may hold line ends and escapes, which whoever prints it cleans.
	File       string
	Line       int    // of the first line of the content in File, from 1
	Index      int    // document N of the file, from 1; items of a list share their document's
	APIVersion string // never empty
	Kind       string // never empty
	List       bool   // it is an item of a list
	JSON       []byte // the object, in YAML 1.1's meaning; may share its memory with Text, nobody writes to it
	Text       []byte // as it was written, for Locate; it keeps the file's bytes alive. A YAML item begins with its "- "
	// Lines is nil but for a document of a template: the lines in File, from 1, of the lines of Text, which is what the
	// template gave. A document that a kustomization gave has the text that it began as, or none.
	Lines []int
}

// A Problem is something that was not understood, or that was not read for a good reason.
type Problem struct {
	File   string
	Line   int // from 1; 0 where no line is meant (a path, an archive)
	Index  int // of the document, from 1; 0 where none is meant
	Root   string
	Reason string // one of the Reason constants
	// Values are for the sentence: strings and ints, never the content of a value. What each reason carries stands
	// with its constant.
	Values map[string]any
	// Kind, Namespace, Name are the object's where they could be told.
	Kind, Namespace, Name string
}

// A Foreign is a document or file that is not Kubernetes', and known as such.
type Foreign struct {
	File  string
	Line  int    // from 1; 0 where the file as a whole is meant
	Index int    // of the document, from 1; 0 where the file as a whole is meant
	What  string // one of the What constants
	List  bool   // it is a list of objects, without items
}

// What a Foreign is.
const (
	WhatValues         = "values"          // values of a chart, or alike: a map with neither apiVersion nor kind
	WhatKustomization  = "kustomization"   // a kustomization or component
	WhatKustomizePatch = "kustomize-patch" // a piece of an object, or a rule, that a kustomization names
	WhatChart          = "chart"           // Chart.yaml
	WhatHelmfile       = "helmfile"
	WhatVigie          = "vigie"     // a check or facts of Vigie's own
	WhatJSONData       = "json-data" // JSON without apiVersion and kind
	WhatArchive        = "archive"   // an archive inside of a directory or archive: not opened
	WhatEmpty          = "empty"     // a file of nothing but space and comments, a null, a list without items
	WhatRecord         = "record"    // by its place: events, figures, logs of a dump
	WhatOther          = "other"
)

// The reasons of problems, and the Values that each carries.
const (
	ReasonYAMLSyntax          = "yaml-syntax"          // what: one of a fixed set of keys, such as "unclosed-quote"
	ReasonJSONSyntax          = "json-syntax"          //
	ReasonDuplicateKey        = "duplicate-key"        // key: the path of the key, "?" in a rendered text; first: its first line in the file
	ReasonNoKind              = "no-kind"              // what: "not-a-string" where one stands there that is none
	ReasonNoAPIVersion        = "no-api-version"       // what: as for no-kind
	ReasonNotAnObject         = "not-an-object"        // what: "list", "scalar", "items" (a List whose items are none)
	ReasonTooLarge            = "too-large"            // what: "file", "document", "values", "problems" (of one file: there are more); limit, and size where known
	ReasonTooDeep             = "too-deep"             // what: "nesting", "lists"; limit
	ReasonTooManyAliases      = "too-many-aliases"     //
	ReasonTruncated           = "truncated"            // JSON that ends before its last bracket
	ReasonListContinues       = "list-continues"       // a list that the API server cut: more items follow than it holds
	ReasonBinary              = "binary"               //
	ReasonNotUTF8             = "not-utf8"             //
	ReasonUnreadable          = "unreadable"           // why: the system's words; what: "file", "directory", "link"
	ReasonLinkOutside         = "link-outside"         //
	ReasonLinkCycle           = "link-cycle"           //
	ReasonSpecialFile         = "special-file"         // what: "fifo", "socket", "device"
	ReasonArchiveBroken       = "archive-broken"       // what: "header", "truncated", "checksum", "method", "encrypted", "content"
	ReasonArchiveTooLarge     = "archive-too-large"    // what: "bytes", "ratio", "entries"; limit
	ReasonArchiveEntryUnsafe  = "archive-entry-unsafe" //
	ReasonChartNotRendered    = "chart-not-rendered"   // templates: how many there are
	ReasonChartFailed         = "chart-failed"         // what: one of a fixed set of keys; name: of a template, function, file or value, where one is meant
	ReasonChartDependency     = "chart-dependency"     // dependency: the name of the one that is not in the tree
	ReasonKustomizationFailed = "kustomization-failed" // what: one of a fixed set of keys; name: of a file, field or kind, where one is meant
	ReasonNothingFound        = "nothing-found"        //
	ReasonSubmodule           = "submodule"            // of a Tree: another repository stands there, not read
	ReasonLFSPointer          = "lfs-pointer"          // of a Tree: the content is kept elsewhere
	ReasonObjectMissing       = "object-missing"       // of a Tree: the repository does not hold it; id
	ReasonObjectBroken        = "object-broken"        // of a Tree: the repository holds it damaged; id
)

// A Sink takes what is found. Every method is called by several goroutines at once and in no order. Document says
// which worker calls, from 0 to Workers-1: no two calls of one worker overlap. File is called once for each file that
// holds a document, with the number of its documents, perhaps before they are handed over.
type Sink interface {
	Document(worker int, d Document)
	Problem(p Problem)
	Foreign(f Foreign)
	File(path string, documents int)
}

// Stats counts what was gone through.
type Stats struct {
	Files     int   // that held at least one document
	Documents int   // understood or not, Kubernetes' or not; a list is one
	Bytes     int64 // of the files that were read, unpacked
}

// Read reads every path once, whatever number of paths lead to it. The error is ErrPath for a path that does not exist
// or is nothing that can be read, or the context's; everything else is a Problem. When Read returns no method of the
// sink is running any more. A stream that never ends is given up when ctx is cancelled.
func Read(ctx context.Context, paths []string, o Options, sink Sink) (Stats, error) {
	r := newRun(ctx, o, sink)
	args, err := r.arguments(paths)
	if err != nil {
		return Stats{}, err
	}
	r.start()
	for _, a := range args {
		if ctx.Err() != nil {
			break
		}
		a.read()
	}
	return r.end(args)
}
