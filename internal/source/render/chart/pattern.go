package chart

import (
	"regexp"
	"sync"
)

// A pattern is a regular expression that is compiled at its first use: this package is linked into a program that
// mostly does other things.
type pattern func() *regexp.Regexp

func lazily(expr string) pattern {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
