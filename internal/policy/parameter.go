package policy

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Parameter is a figure that a tenant may set.
type Parameter struct {
	ID          string   `yaml:"id"`
	Type        string   `yaml:"type"`     // duration, integer, percent, list
	Default     string   `yaml:"default"`  // the policy's figure, or ours where it gives none; empty: nothing is declared
	Weaker      string   `yaml:"weaker"`   // higher or lower: the direction in which a value asks less; empty: the tenant's to set
	Figure      string   `yaml:"figure"`   // policy: the policy's own number; ours: it gives none
	Controls    []string `yaml:"controls"` // of the catalogue
	Title       Text     `yaml:"title"`
	Description Text     `yaml:"description"` // what the figure means, in one or two sentences
}

// The types of parameters.
const (
	durationType = "duration"
	integerType  = "integer"
	percentType  = "percent"
	listType     = "list"
)

// A Value is a parameter's value. The zero Value is nothing, 0 of every type and the empty list. A control that reads a value as
// another type than its own panics: a share that is read as a count would be a wrong verdict in silence.
type Value struct {
	text string
	kind string // a type of parameters
	n    int64  // nanoseconds, count, or hundredths of a percent
}

// String is the value as it was written.
func (v Value) String() string { return v.text }

// Duration is the value of a parameter of type duration, above 0.
func (v Value) Duration() time.Duration { return time.Duration(v.of(durationType)) }

// Int is the value of a parameter of type integer, above 0.
func (v Value) Int() int { return int(v.of(integerType)) }

// Ratio is the value of a parameter of type percent, above 0 and at most 1.
func (v Value) Ratio() float64 { return float64(v.of(percentType)) / 10_000 }

// List is the value of a parameter of type list: words without spaces around them, none empty.
func (v Value) List() (words []string) {
	v.of(listType)
	for w := range strings.SplitSeq(v.text, ",") {
		if w = strings.TrimSpace(w); w != "" {
			words = append(words, w)
		}
	}
	return words
}

// Declared reports that there is a value: a parameter without a default has none until the tenant sets it.
func (v Value) Declared() bool { return v.text != "" }

func (v Value) of(kind string) int64 {
	if v.kind != kind && v.kind != "" {
		panic(fmt.Sprintf("the value %q of a parameter of type %s is read as %s", v.text, v.kind, kind))
	}
	return v.n
}

// Parse reads a value of the parameter's type: "15m", "21d", "2", "80%", "a, b". No figure may be 0 or less; a list may
// be empty.
func (par Parameter) Parse(s string) (Value, error) {
	n, want := int64(0), ""
	switch par.Type {
	case durationType:
		d, err := ParseDuration(s)
		if err == nil && d > 0 {
			n = int64(d)
		}
		want = "no duration above 0: want a form like 15m, 24h or 21d"
	case integerType:
		if u, err := strconv.ParseUint(s, 10, 31); err == nil {
			n = int64(u)
		}
		want = "no whole number above 0"
	case percentType:
		n = hundredths(s)
		want = "no percentage above 0 and at most 100: want a form like 80%"
	case listType:
		return Value{s, par.Type, 0}, nil
	default:
		return Value{}, fmt.Errorf("parameter %s: unknown type %q", par.ID, par.Type)
	}
	if n == 0 {
		return Value{}, fmt.Errorf("parameter %s: %q is %s", par.ID, s, want)
	}
	return Value{s, par.Type, n}, nil
}

// hundredths reads "80", "80%" or "79.5 %" as hundredths of a percent; 0 where it is no percentage.
func hundredths(s string) int64 {
	s = strings.TrimSpace(strings.TrimSuffix(s, "%"))
	if strings.Trim(s, "0123456789.") != "" {
		return 0 // strconv would also take NaN, 1e1 and 0x50
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f > 100 {
		return 0
	}
	return int64(f*100 + 0.5)
}

// IsList reports that the parameter's value is a list of words.
func (par Parameter) IsList() bool { return par.Type == listType }

// DefaultValue is the parsed default; not declared where there is none.
func (par Parameter) DefaultValue() Value {
	if par.Default == "" {
		return Value{kind: par.Type}
	}
	v, err := par.Parse(par.Default)
	if err != nil {
		panic(err) // held by this package's tests
	}
	return v
}

// Compare is negative where v asks less than the default, positive where it asks more, 0 where they are equal or the
// figure is the tenant's to set.
func (par Parameter) Compare(v Value) int {
	d := par.DefaultValue().n
	switch par.Weaker {
	case "higher":
		return cmp.Compare(d, v.n)
	case "lower":
		return cmp.Compare(v.n, d)
	}
	return 0
}

// IsWeaker reports whether v asks less than the default.
func (par Parameter) IsWeaker(v Value) bool { return par.Compare(v) < 0 }

// ParseDuration reads a Go duration, or whole days: "21d". A day is 24 hours.
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > 36_500 {
			return 0, fmt.Errorf("%q is no number of days: want a whole number up to 36500", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration: want a form like 15m, 24h or 21d", s)
	}
	return d, nil
}
