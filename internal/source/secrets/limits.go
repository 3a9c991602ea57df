package secrets

// Limits. They bound work and memory on hostile input; what people and tools write stays within them. A value that
// exceeds one is judged by what was seen of it.
const (
	minSecret        = 3  // a shorter value is no secret worth the name
	minGenericLength = 10 // as gitleaks has it
	minMaterial      = 40 // characters of base64 in a private key
	maxKeyName       = 160
	maxNameLines     = 2 // lines between a `name:` and its `value:`

	runLength    = 16 // of a value without a telling name: a shorter one is no provider's token
	partLength   = 10 // of its part with letters and digits
	maxOpaqueRun = 4096
	maxWindow    = 2048

	windowContext = 96 // around a run, for the name beside the value

	maxSightings    = 500     // in one value: more says nothing new
	maxLevels       = 4       // of text inside text: JSON in JSON, base64 of base64
	maxValue        = 4096    // of one value in a text; a longer one is judged by its beginning
	maxBlock        = 1 << 16 // of one block of PEM
	maxUnpacked     = 8 << 20 // of a packed value
	maxRatio        = 32      // of what is unpacked to what was packed
	maxJSONDepth    = 1000    // deeper JSON is not read on
	maxSiblingDepth = 64      // below it, the kind of an object inside another is not looked for

	digestBytes = 16
	cacheSlots  = 4096 // of names
)
