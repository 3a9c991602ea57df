package chart

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// What a template makes up (passwords, keys, numbers) stands nowhere in the tree, differs at each rendering, and is no
// secret that somebody wrote down. So it is made of rows of one sign, which every reader takes for something left out,
// and two renderings are equal. Certificates are made as the template asks, because their names and their end are what
// will be installed; their keys are not shown.

// maxMadeUp bounds one made-up text: no password is longer.
const maxMadeUp = 4096

const (
	madeUpKey = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	madeUpID  = "00000000-0000-4000-8000-000000000000"
)

func row(sign string) func(int) string {
	return func(n int) string { return strings.Repeat(sign, max(0, min(n, maxMadeUp))) }
}

// madeUp are the template functions that take the place of those which ask chance.
func madeUp() template.FuncMap {
	f := template.FuncMap{
		"randAlphaNum": row("x"), "randAlpha": row("x"), "randAscii": row("x"), "randBytes": row("x"), "randNumeric": row("0"),
		"randInt":       func(low, _ int) int { return low },
		"shuffle":       func(s string) string { return s },
		"uuidv4":        func() string { return madeUpID },
		"genPrivateKey": func(string) string { return madeUpKey },
	}
	for _, name := range []string{"genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey"} {
		f[name] = certificate(name)
	}
	return f
}

// A made is a certificate that a template made: its key is for the functions that sign with it.
type made struct {
	Cert  string
	Key   string
	whole any
}

var library = sync.OnceValue(sprig.TxtFuncMap)

var errArguments = errors.New("wrong number of args")

// certificate is a function of the library, without the key in what it gives.
func certificate(name string) func(args ...any) (made, error) {
	return func(args ...any) (made, error) {
		f := reflect.ValueOf(library()[name])
		if len(args) != f.Type().NumIn() {
			return made{}, errArguments
		}
		in := make([]reflect.Value, len(args))
		for i, a := range args {
			v, ok := argument(a, f.Type().In(i))
			if !ok {
				return made{}, errors.New("wrong type for value")
			}
			in[i] = v
		}
		out := f.Call(in)
		if err, _ := out[1].Interface().(error); err != nil {
			return made{}, errors.New("the certificate cannot be made") // the library's words may hold a key
		}
		return made{Cert: out[0].FieldByName("Cert").String(), Key: madeUpKey, whole: out[0].Interface()}, nil
	}
}

// argument is a value of a template as what a function takes.
func argument(a any, want reflect.Type) (reflect.Value, bool) {
	if m, ok := a.(made); ok {
		a = m.whole
	}
	v := reflect.ValueOf(a)
	switch {
	case !v.IsValid():
		return reflect.Zero(want), want.Kind() == reflect.Slice
	case v.Type().AssignableTo(want):
		return v, true
	case want.Kind() == reflect.Int && (v.CanInt() || v.CanFloat()):
		return v.Convert(want), true
	}
	return reflect.Value{}, false
}
