package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Parameter is a figure that a tenant may set.
type Parameter struct {
	ID       string   `yaml:"id"`
	Type     string   `yaml:"type"` // duration, integer, percent
	Default  string   `yaml:"default"`
	Weaker   string   `yaml:"weaker"` // higher or lower: the direction in which a value asks less
	Figure   string   `yaml:"figure"` // policy: the policy's own number; ours: it gives none
	Controls []string `yaml:"controls"`
	Title    Text     `yaml:"title"`
}

// A Value is a parameter's value. The zero Value is nothing.
type Value struct {
	text string
	n    int64 // nanoseconds, count, or hundredths of a percent
}

// String is the value as it was written.
func (v Value) String() string { return v.text }

// Duration is the value of a parameter of type duration.
func (v Value) Duration() time.Duration { return time.Duration(v.n) }

// Int is the value of a parameter of type integer.
func (v Value) Int() int { return int(v.n) }

// Ratio is the value of a parameter of type percent, between 0 and 1.
func (v Value) Ratio() float64 { return float64(v.n) / 10_000 }

// Parse reads a value of the parameter's type: "15m", "21d", "2", "80%".
func (par Parameter) Parse(s string) (Value, error) {
	v := Value{text: s}
	switch par.Type {
	case "duration":
		d, err := ParseDuration(s)
		if err != nil || d <= 0 {
			return Value{}, fmt.Errorf("parameter %s: %q is no duration: want a form like 15m, 24h or 21d", par.ID, s)
		}
		v.n = int64(d)
	case "integer":
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil || n < 1 {
			return Value{}, fmt.Errorf("parameter %s: %q is no whole number above 0", par.ID, s)
		}
		v.n = n
	case "percent":
		f, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(s, "%")), 64)
		if err != nil || !(f > 0 && f <= 100) {
			return Value{}, fmt.Errorf("parameter %s: %q is no percentage: want a form like 80%%", par.ID, s)
		}
		v.n = int64(f*100 + 0.5)
	default:
		return Value{}, fmt.Errorf("parameter %s: unknown type %q", par.ID, par.Type)
	}
	return v, nil
}

// DefaultValue is the parsed default.
func (par Parameter) DefaultValue() Value {
	v, err := par.Parse(par.Default)
	if err != nil {
		panic(err) // held by this package's tests
	}
	return v
}

// IsWeaker reports whether v asks less than the default.
func (par Parameter) IsWeaker(v Value) bool {
	d := par.DefaultValue()
	switch par.Weaker {
	case "higher":
		return v.n > d.n
	case "lower":
		return v.n < d.n
	}
	return false
}

// ParseDuration reads a Go duration, or whole days: "21d".
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 32)
		if err != nil || n > 36_500 {
			return 0, fmt.Errorf("%q is no number of days", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(s)
}
