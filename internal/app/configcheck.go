package app

import (
	"errors"

	"vigie/internal/app/config"
	"vigie/internal/policy"
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
		p, err := policy.Load()
		if err != nil {
			return nil, err
		}
		checks, err := ownChecks(c.CheckFiles(), p)
		if err != nil {
			return nil, err
		}
		_ = errors.As(c.Unknown(ids(checks)), &ps)
		_, more := config.LoadWaivers(c.WaiverFiles(), config.WaiverRules{Now: Now(), MaxLength: c.WaiverLimit(), Controls: waivable(p, Controls(checks))})
		ps = append(ps, more...)
	}
	var out []string
	for _, p := range ps {
		out = append(out, p.In(lang))
	}
	return out, nil
}

// ConfigSchema is the JSON Schema of the configuration.
func ConfigSchema() []byte { return config.Schema() }
