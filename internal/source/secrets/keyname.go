package secrets

import (
	"encoding/binary"
	"math/bits"
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

// nameCache remembers what names say: manifests repeat few of them.
type nameCache [cacheSlots]atomic.Pointer[named]

// named is what a name says: of its value, and of the object that it is a key of.
type named struct {
	name  string
	class class
	role  role
}

// nameless is said by what is too long for a name.
var nameless named

// known gives what a name says, from the cache where it can.
func (s *Scanner) known(name []byte) *named {
	slot := &s.names[slotOf(name)]
	if e := slot.Load(); e != nil && e.name == string(name) {
		return e
	}
	if len(name) > maxKeyName {
		return &nameless
	}
	e := &named{name: string(name), role: roles[string(name)]}
	if hasStem(name) {
		e.class = classify(e.name)
	}
	slot.Store(e)
	return e
}

// slotOf spreads names over the cache by their first and last eight bytes.
func slotOf(name []byte) uint64 {
	var a, b uint64
	if n := len(name); n >= 8 {
		a, b = binary.LittleEndian.Uint64(name), binary.LittleEndian.Uint64(name[n-8:])
	} else {
		for _, c := range name {
			a = a<<8 | uint64(c)
		}
	}
	a = (a ^ bits.RotateLeft64(b, 29) ^ uint64(len(name))) * 0x9e3779b97f4a7c15
	return (a ^ a>>32) % cacheSlots
}

// classOf gives the class of a name.
func (s *Scanner) classOf(name []byte) class { return s.known(name).class }

// hasStem reports whether b holds the beginning of any word that a noun is made of, whatever the case. It decides
// nothing: it spares everything else the work.
func hasStem[T string | []byte](b T) bool {
	for i := 1; i < len(b); i++ {
		n := uint16(lowered[b[i-1]])<<8 | uint16(lowered[b[i]])
		if stemBegins[n/64]&(1<<(n%64)) == 0 {
			continue
		}
		for _, stem := range stems[n] {
			if len(b)-i+1 >= len(stem) && equalFold(b[i-1:i-1+len(stem)], stem) && (len(stem) > 3 || !shortStems[stem] || i-1+len(stem) == len(b) || !letter(b[i-1+len(stem)])) {
				return true
			}
		}
	}
	return false
}

// equalFold reports whether b is s, which is in lower case.
func equalFold[T string | []byte](b T, s string) bool {
	for i := range len(s) {
		if lowered[b[i]] != s[i] {
			return false
		}
	}
	return true
}

// stemList holds a beginning of every word of the lexicon's phrases that are looked for; a test holds it to them.
var (
	stemList   = split("pass psk pepper pw pswd pat secr seed salt sas sig= slac tok cred cle clé clÉ key auth jwt jet bear basic mdp mot master hook webh contr identif contras iden")
	shortStems = words("pat sas")

	stems, stemBegins = func() (m map[uint16][]string, begins [1 << 16 / 64]uint64) {
		m = make(map[uint16][]string)
		for _, s := range stemList {
			n := uint16(s[0])<<8 | uint16(s[1])
			m[n] = append(m[n], s)
			begins[n/64] |= 1 << (n % 64)
		}
		return m, begins
	}()
)

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// hashNames begin the names of annotations that hold hashes of Secrets.
var hashNames = []string{"checksum/", "checksum.", "hash/", "sha256/", "operator.openshift.io/dep-"}

// classify reads a name word by word.
func classify(name string) class {
	if name == "OLDPWD" { // the shell's; PWD is a password in connection strings, and holds a path otherwise
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
