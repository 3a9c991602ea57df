package manifest

// Limits bound what one run may take in. A field of 0 takes its default.
type Limits struct {
	FileBytes      int64 // one file, stream or archive entry
	DocumentBytes  int64 // one object that must be parsed whole: a YAML document or item, a JSON object
	DocumentValues int64 // keys and values of one large YAML document, estimated from its punctuation; items of a YAML list
	ArchiveBytes   int64 // everything in an archive, unpacked, read or not
	ArchiveRatio   int64 // unpacked bytes to packed ones, from 16 MiB unpacked on
	ArchiveEntries int64 // entries of an archive
	Depth          int64 // maps and lists within each other, in one document
}

// ratioFrom is how much an archive may unpack to before its ratio counts: small archives of one pattern are harmless.
const ratioFrom = 16 << 20

// estimateFrom is the size from which a YAML document's values are estimated before it is parsed: below it, no
// document can need much memory.
const estimateFrom = 2 << 20

// maxLists bounds lists in lists.
const maxLists = 4

// maxProblems bounds what is said of one file.
const maxProblems = 1000

// DefaultLimits are generous for manifests and mean for bombs: an API server takes objects of 3 MiB at most; the YAML
// parser needs some 220 bytes of memory a value.
func DefaultLimits() Limits {
	return Limits{
		FileBytes: 1 << 30, DocumentBytes: 16 << 20, DocumentValues: 2_000_000,
		ArchiveBytes: 4 << 30, ArchiveRatio: 250, ArchiveEntries: 1_000_000, Depth: 500,
	}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	for _, p := range []struct{ v, def *int64 }{
		{&l.FileBytes, &d.FileBytes}, {&l.DocumentBytes, &d.DocumentBytes}, {&l.DocumentValues, &d.DocumentValues},
		{&l.ArchiveBytes, &d.ArchiveBytes}, {&l.ArchiveRatio, &d.ArchiveRatio}, {&l.ArchiveEntries, &d.ArchiveEntries},
		{&l.Depth, &d.Depth},
	} {
		if *p.v <= 0 {
			*p.v = *p.def
		}
	}
	return l
}
