package secrets

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// A class is what the name of a field, variable, option or key says about its value.
type class struct {
	noun  noun
	weak  bool // an unknown word follows the noun: only what looks random is a secret
	ref   bool // the name of a reference, place or setting: no secret, whatever the value
	own   bool // `secret` with a word before it that makes it the secret itself
	trust bool // of a store of public certificates
	hash  bool // of what is not in clear any more
}

// tells reports whether the name says anything at all of a secret.
func (c class) tells() bool { return c.noun != nounNone && !c.ref && !c.hash }

// nameCache remembers classes of names: manifests repeat few of them.
type nameCache [cacheSlots]atomic.Pointer[namedClass]

type namedClass struct {
	name  string
	class class
}

var nameSeed = maphash.MakeSeed()

// classOf gives the class of a name, from the cache where it can.
func (s *Scanner) classOf(name []byte) class {
	if len(name) > maxKeyName || !hasStem(name) {
		return class{}
	}
	slot := &s.names[maphash.Bytes(nameSeed, name)%cacheSlots]
	if e := slot.Load(); e != nil && e.name == string(name) {
		return e.class
	}
	e := &namedClass{name: string(name)}
	e.class = classify(e.name)
	slot.Store(e)
	return e.class
}

// hasStem reports whether b holds the beginning of any word that a noun is made of, whatever the case. It decides
// nothing: it spares everything else the work.
func hasStem(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		t := stemStart[b[i]]
		if t == 0 {
			continue
		}
		if stemAt(t, b[i+1:]) {
			return true
		}
	}
	return false
}

// stemStart maps both cases of a stem's first letter to the letter.
var stemStart = func() (t [256]byte) {
	for _, c := range []byte("pstckajbmhdi") {
		t[c], t[c-32] = c, c
	}
	return t
}()

func stemAt(first byte, rest []byte) bool {
	at := func(i int) byte {
		if i < len(rest) {
			return rest[i] | 0x20
		}
		return ' '
	}
	a, b := at(0), at(1)
	switch first {
	case 'p':
		return a == 'a' && b == 's' && at(2) == 's' || a == 'w' || a == 'a' && b == 't' && !letter(at(2)) || a == 's' && (b == 'w' || b == 'k') ||
			a == 'e' && b == 'p' && at(2) == 'p'
	case 's':
		return a == 'e' && (b == 'c' && at(2) == 'r' || b == 'e' && at(2) == 'd') || a == 'a' && (b == 'l' && at(2) == 't' || b == 's' && !letter(at(2))) ||
			a == 'i' && b == 'g' && at(2) == '=' || a == 'l' && b == 'a' && at(2) == 'c'
	case 't':
		return a == 'o' && b == 'k'
	case 'c':
		return a == 'r' && b == 'e' && at(2) == 'd' || a == 'l' && (b == 'e' || b >= 0x80) || a == 'o' && b == 'n' && at(2) == 't' && at(3) == 'r'
	case 'k':
		return a == 'e' && b == 'y'
	case 'a':
		return a == 'u' && b == 't' && at(2) == 'h'
	case 'j':
		return a == 'w' && b == 't' || a == 'e' && b == 't'
	case 'b':
		return a == 'e' && b == 'a' && at(2) == 'r' || a == 'a' && b == 's' && at(2) == 'i' && at(3) == 'c'
	case 'm':
		return a == 'd' && b == 'p' || a == 'o' && b == 't' || a == 'a' && b == 's' && at(2) == 't' && at(3) == 'e'
	case 'h':
		return a == 'o' && b == 'o' && at(2) == 'k'
	case 'i':
		return a == 'd' && b == 'e' && at(2) == 'n' && at(3) == 't' && at(4) == 'i' && at(5) == 'f'
	}
	return false
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// hashNames begin the names of annotations that hold hashes of Secrets.
var hashNames = []string{"checksum/", "checksum.", "hash/", "sha256/", "operator.openshift.io/dep-"}

// classify reads a name word by word.
func classify(name string) class {
	if name == "PWD" || name == "OLDPWD" { // the shell's working directory
		return class{}
	}
	for _, p := range hashNames {
		if strings.HasPrefix(name, p) {
			return class{}
		}
	}
	ws := splitName(name)
	for end := len(ws); end > 0; end-- {
		for size := min(4, end); size > 0; size-- {
			n, ok := phrases[strings.Join(ws[end-size:end], " ")]
			if ok {
				return describe(n, ws[:end-size], ws[end-size:end], ws[end:])
			}
		}
	}
	return class{}
}

// describe gives the class of a noun by the words around it.
func describe(n noun, before, phrase, after []string) class {
	c := class{noun: n}
	for _, w := range after {
		switch {
		case neutral[w] || digits(w):
		case setting[w]:
			c.ref = true
		default:
			c.weak = true
		}
	}
	last := ""
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	switch n {
	case nounVague, nounKey, nounPrivateKey:
		if last != "" && phrase[len(phrase)-1] == "key" && len(phrase) == 1 && (publicKey[last] || phrases[last] != nounNone) {
			c.ref = true // passwordKey, tokenKey: the key of a map; publicKey
		}
		c.weak = c.weak || n == nounVague
	case nounSecret:
		c.own = ownSecret[last] || phrases[last] == nounToken
	}
	for _, w := range before {
		c.hash = c.hash || hashBefore[w]
		c.trust = c.trust || w == "trust" || w == "truststore"
	}
	return c
}

// splitName gives the words of a name, in lower case and without accents: at signs, at changes of case, and where a
// noun is glued to its neighbours. Of a name with a slash (annotations) only what follows counts.
func splitName(name string) []string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	var out []string
	start := -1
	flush := func(end int) {
		if start >= 0 {
			out = unglue(out, plainLetters(name[start:end]))
		}
		start = -1
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case !letter(c) && !digit(c) && c < 0x80:
			flush(i)
			continue
		case start >= 0 && upper(c) && (!upper(name[i-1]) || i+1 < len(name) && lower(name[i+1]) && !(name[i+1] == 's' && (i+2 == len(name) || !lower(name[i+2])))):
			flush(i)
		}
		if start < 0 {
			start = i
		}
	}
	flush(len(name))
	return out
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }
func lower(c byte) bool { return c >= 'a' && c <= 'z' }

var unaccent = strings.NewReplacer("é", "e", "è", "e", "É", "e", "È", "e", "ê", "e", "à", "a", "ç", "c", "ñ", "n")

func plainLetters(w string) string {
	for i := 0; i < len(w); i++ {
		if w[i] >= 0x80 {
			w = unaccent.Replace(w)
			break
		}
	}
	return strings.ToLower(w)
}

// unglue appends a word, taken apart where a noun is glued into it, and without the number at its end.
func unglue(out []string, w string) []string {
	if _, known := phrases[w]; known || neutral[w] || setting[w] {
		return append(out, w)
	}
	if t := strings.TrimRight(w, "0123456789"); t != "" && t != w {
		if _, known := phrases[t]; known {
			return append(out, t)
		}
	}
	for _, g := range glued {
		i := strings.Index(w, g.in)
		if i < 0 {
			continue
		}
		if i > 0 {
			out = append(out, w[:i])
		}
		out = append(out, strings.Fields(g.out)...)
		if rest := w[i+len(g.in):]; rest != "" && rest != "s" {
			out = unglue(out, rest)
		}
		return out
	}
	for _, g := range gluedEnds {
		if head, ok := strings.CutSuffix(w, g.in); ok && head != "" && !otherEnds[w] {
			return append(out, head, g.out)
		}
	}
	return append(out, w)
}

func digits(w string) bool {
	for i := 0; i < len(w); i++ {
		if !digit(w[i]) {
			return false
		}
	}
	return w != ""
}
