package app

import (
	"errors"

	"vigie/internal/app/config"
)

// CheckConfig reads a configuration and its files of waivers, and gives every problem as a sentence in lang.
func CheckConfig(path, lang string) ([]string, error) {
	c, err := config.Load(path)
	var ps config.Problems
	switch {
	case errors.As(err, &ps):
	case err != nil:
		return nil, &UsageError{err}
	default:
		_, ps = config.LoadWaivers(c.WaiverFiles(), config.WaiverRules{Now: Now(), MaxLength: c.WaiverLimit()})
	}
	var out []string
	for _, p := range ps {
		out = append(out, p.In(lang))
	}
	return out, nil
}

// ConfigSchema is the JSON Schema of the configuration.
func ConfigSchema() []byte { return config.Schema() }
