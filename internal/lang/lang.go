// Package lang is how Vigie speaks to people: French and English sentences, numbers, lists, dates, and what must be
// done to a foreign text before a person sees it. It knows no control, no clause and no format of report, and imports
// nothing of ours.
package lang

import "strings"

// A Lang is a language that Vigie speaks.
type Lang string

// The two languages; they are equal.
const (
	English Lang = "en"
	French  Lang = "fr"
)

// All lists the languages.
func All() []Lang { return []Lang{English, French} }

// Detect is the language to speak: that of flag where it names one, else the locale's as POSIX orders its variables
// (LC_ALL, LC_MESSAGES, LANG: the first that is set counts), else English.
func Detect(flag string, getenv func(string) string) Lang {
	if flag != "" {
		return Of(flag)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			return Of(v)
		}
	}
	return English
}

// Of is the language of a tag or a locale: French for "fr", "fr-CA" or "fr_FR.UTF-8@euro", English for all else.
func Of(locale string) Lang {
	tag, _, _ := strings.Cut(locale, ".")
	tag, _, _ = strings.Cut(tag, "@")
	tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	if strings.EqualFold(tag, string(French)) {
		return French
	}
	return English
}

// T gives the text in l.
func (l Lang) T(en, fr string) string {
	if l == French {
		return fr
	}
	return en
}
