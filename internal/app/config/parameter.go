package config

import (
	"encoding/json"
	"fmt"

	"vigie/internal/policy"
)

// Setting is what the configuration sets a parameter to: one value, or one for all and others for some namespaces.
type Setting struct {
	// The value everywhere but in the namespaces below: 15m, 21d, 3, 80%. Left out, the policy's figure.
	Value string `json:"value,omitzero"`
	// From patterns of namespaces to the value there. The most exact pattern that matches counts.
	Namespaces map[string]string `json:"namespaces,omitzero"`
}

// MarshalJSON writes the short form where one value says all.
func (s Setting) MarshalJSON() ([]byte, error) {
	if s.Namespaces == nil {
		return json.Marshal(s.Value)
	}
	type long Setting
	return json.Marshal(long(s))
}

// A setting is a Setting as values.
type setting struct {
	all  policy.Value
	some rules // pattern -> text, a key of texts
	text map[string]policy.Value
	weak bool
}

// settings makes the values of every parameter of the policy. The texts were judged before.
func settings(p *policy.Policy, section map[string]Setting) map[string]setting {
	out := map[string]setting{}
	for _, par := range p.Parameters {
		s := setting{all: par.DefaultValue(), text: map[string]policy.Value{}}
		// A list may be empty, and would be taken for one that was set: what is left out keeps the default.
		if text := section[par.ID].Value; text != "" {
			if v, err := par.Parse(text); err == nil {
				s.all = v
			}
		}
		s.weak = par.IsWeaker(s.all)
		for glob, text := range section[par.ID].Namespaces {
			if v, err := par.Parse(text); err == nil {
				s.some = append(s.some, rule{glob, text})
				s.text[text] = v
				s.weak = s.weak || par.IsWeaker(v)
			}
		}
		s.some.sort()
		out[par.ID] = s
	}
	return out
}

// Parameter is the value of a parameter in a namespace: what the configuration sets, else the policy's figure. ns is
// empty for the cluster and for objects without a namespace. It panics where the policy has no such parameter.
func (c *Config) Parameter(id, ns string) policy.Value {
	s, ok := c.values[id]
	if !ok {
		panic(fmt.Sprintf("the policy has no parameter %q", id))
	}
	if text := s.some.find(ns); text != "" {
		return s.text[text]
	}
	return s.all
}

// Weakened lists the parameters that are set weaker than the policy's figure, everywhere or in some namespaces, in
// the policy's order.
func (c *Config) Weakened() []string {
	var out []string
	for _, par := range c.policy.Parameters {
		if c.values[par.ID].weak {
			out = append(out, par.ID)
		}
	}
	return out
}
