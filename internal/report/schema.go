package report

import _ "embed"

//go:embed schema.json
var schemaFile []byte

// JSONSchema is the JSON Schema of one line of the stream that NewJSON writes.
func JSONSchema() []byte { return schemaFile }
