package config

import (
	_ "embed"
)

//go:embed schema.json
var schema []byte

//go:embed waivers.schema.json
var waiverSchema []byte

// Schema is the JSON Schema (2020-12) of vigie.yaml, for editors. It is generated from the types of this package and
// from the policy by "go test -run TestSchema -update". It asks less than Parse, which also sees what two places
// say together.
func Schema() []byte { return schema }

// WaiverSchema is the JSON Schema of a file of waivers, made likewise.
func WaiverSchema() []byte { return waiverSchema }
