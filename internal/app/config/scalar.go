package config

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The longest texts, in characters: a key may stand in JSON too, where YAML reads keys of 1024 characters at most.
const (
	longestText = 1000
	longestKey  = 100
)

// text reads a text. Without quotes it must be a text to every reader of YAML, 1.1 and 1.2 alike.
func (w *walker) text(at string, n *yaml.Node, max int) (string, bool) {
	if !w.is(at, n, yaml.ScalarNode, "text") {
		return "", false
	}
	if what, ok := ambiguity(n); ok {
		w.note(n, at, "ambiguous", strconv.Quote(n.Value), "value", n.Value, "what", what)
		return "", false
	}
	return w.plausible(at, n, max)
}

// figure reads a text, or a number or boolean that every reader of YAML writes back as it stands.
func (w *walker) figure(at string, n *yaml.Node, max int) (string, bool) {
	if what, ok := ambiguity(n); ok && n.Style&yaml.TaggedStyle == 0 && (what == "boolean" && boolForm.MatchString(n.Value) || what == "number" && figureForm.MatchString(n.Value)) {
		return n.Value, true
	}
	return w.text(at, n, max)
}

// stamp reads a text, or a date as it stands.
func (w *walker) stamp(at string, n *yaml.Node) (string, bool) {
	if n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle == 0 && n.ShortTag() == "!!timestamp" {
		return n.Value, true
	}
	return w.text(at, n, longestText)
}

func (w *walker) plausible(at string, n *yaml.Node, max int) (string, bool) {
	switch {
	case strings.TrimSpace(n.Value) == "":
		w.note(n, at, "no-value", "")
	case strings.ContainsFunc(n.Value, unprintable):
		w.note(n, at, "control-character", "")
	case utf8.RuneCountInString(n.Value) > max:
		w.note(n, at, "too-long", "", "max", strconv.Itoa(max))
	default:
		return n.Value, true
	}
	return "", false
}

var (
	boolForm   = regexp.MustCompile(`^(true|false)$`)
	figureForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
	octalForm  = regexp.MustCompile(`^[-+]?0o?[0-7_]+$`)
	// What YAML 1.1 reads otherwise than this package's parser does (yaml.org/type/bool, int, float, value).
	wordForm  = regexp.MustCompile(`^([yY]|[nN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF)$`)
	sixtyForm = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
	// Numbers of one of the two versions only.
	oddForm = regexp.MustCompile(`^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*\.?[0-9_]*([eE][-+]?[0-9]+)?|\.[0-9_]+([eE][-+]?[0-9]+)?)$`)
)

// ambiguity says what a scalar without quotes is to a reader of YAML 1.1 or 1.2, where it is no text to both.
func ambiguity(n *yaml.Node) (what string, ok bool) {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return "", false
	}
	if n.Style&yaml.TaggedStyle != 0 {
		return "", false // !!str says that it is text; another tag is refused by itself
	}
	switch v := n.Value; {
	case n.ShortTag() == "!!bool" || wordForm.MatchString(v):
		return "boolean", true
	case n.ShortTag() == "!!timestamp":
		return "date", true
	case sixtyForm.MatchString(v):
		return "sixty", true
	case octalForm.MatchString(v):
		return "octal", true
	case n.ShortTag() == "!!int", n.ShortTag() == "!!float", oddForm.MatchString(v):
		return "number", true
	case v == "=" || v == "<<":
		return "special", true
	}
	return "", false
}
