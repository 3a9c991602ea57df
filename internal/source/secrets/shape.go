package secrets

import (
	"math"
	"net/netip"
	"strings"
	"unicode"
)

// The shape of a value: a quantity, a path, an address, a name, or what looks random.

// lettersOnly gives the ASCII letters of v in lower case, accents taken off.
func lettersOnly(v string) string { return keepOnly(v, letter) }

// bare gives the letters and digits of v in lower case.
func bare(v string) string { return keepOnly(v, func(c byte) bool { return letter(c) || digit(c) }) }

func keepOnly(v string, keep func(byte) bool) string {
	v = plainLetters(v)
	b := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if keep(v[i]) {
			b = append(b, v[i])
		}
	}
	return string(b)
}

func hasDigit(v string) bool { return strings.ContainsAny(v, "0123456789") }

// quantity reports a number with or without a unit: 3600, 24h, 10Mi, 1.5, 5m30s, 80%.
func quantity(v string) bool {
	i := 0
	for i < len(v) {
		start := i
		for i < len(v) && (digit(v[i]) || v[i] == '.' || v[i] == '_' || i == 0 && (v[i] == '-' || v[i] == '+')) {
			i++
		}
		if i == start {
			return false
		}
		unit := i
		for i < len(v) && (letter(v[i]) || v[i] == '%') {
			i++
		}
		if !units[v[unit:i]] {
			return false
		}
	}
	return len(v) > 0 && hasDigit(v)
}

var units = func() map[string]bool {
	u := words("ns us ms s m h d w y min mins sec secs hour hours day days % k M G T Ki Mi Gi Ti K KB MB GB kb mb gb B b e E")
	u[""] = true
	return u
}()

// isPath reports an absolute path, a relative one of plain words, or a file name.
func isPath(v string) bool {
	if strings.ContainsAny(v, " \t+=&;,!*\"'") {
		return false
	}
	for _, p := range []string{"./", "../", "~/", "file://", "unix:", "C:\\", "c:\\"} {
		if strings.HasPrefix(v, p) {
			return true
		}
	}
	if i := strings.LastIndexByte(v, '.'); i > 0 && fileEnds[strings.ToLower(v[i+1:])] && !strings.ContainsAny(v, "@:?#$") {
		return true
	}
	if !strings.Contains(v, "/") {
		return false
	}
	for seg := range strings.SplitSeq(v, "/") {
		if len(seg) > 64 || !wordy(seg+"x") || len(seg) >= 12 && scrambled(seg) {
			return false
		}
	}
	return v[0] == '/' || !strings.ContainsFunc(v, unicode.IsUpper)
}

var fileEnds = words(`pem crt cer key txt json yaml yml conf cnf properties jks p12 pfx env ini toml cfg pub asc gpg sh py js html xml
sock token jwt keytab kdbx keystore truststore yaml.gz der csr cert secret tpl tmpl j2 csv log db pwd passwd password htpasswd php`)

// address reports a URL, a host with or without port, an IP address or an image: no secret unless it holds a
// password, which is looked for elsewhere.
func address(v string) bool {
	if i := strings.Index(v, "://"); i > 0 && i < 24 && wordy(v[:i]) {
		return true
	}
	if _, err := netip.ParseAddr(v); err == nil {
		return true
	}
	host, port, ok := strings.Cut(v, ":")
	if ok && digits(port) && len(port) <= 5 && hostname(host) {
		return true
	}
	return hostname(v) && strings.Contains(v, ".")
}

// hostname reports dot-separated DNS labels whose last is of letters.
func hostname(v string) bool {
	if len(v) == 0 || len(v) > 253 || strings.ToLower(v) != v {
		return false
	}
	labels := strings.Split(v, ".")
	for _, l := range labels {
		if !dnsLabel(l) || len(l) >= 16 && scrambled(l) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return !hasDigit(last) || len(labels) == 1
}

func dnsLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for i := 0; i < len(l); i++ {
		if !lower(l[i]) && !digit(l[i]) && l[i] != '-' {
			return false
		}
	}
	return true
}

// objectName reports what can be the name of a Kubernetes object, with or without namespace, that is made of several
// words.
func objectName(v string) bool {
	if len(v) > 253 || !strings.ContainsAny(v, "-./") || strings.Count(v, "/") > 1 {
		return false
	}
	for part := range strings.SplitSeq(v, "/") {
		for l := range strings.SplitSeq(part, ".") {
			if !dnsLabel(l) {
				return false
			}
		}
	}
	for _, seg := range segments(v) { // no name that people or controllers make has a long random part
		if len(seg) >= 12 && scrambled(seg) || len(seg) > 24 {
			return false
		}
	}
	return !uuid(v) && lower(v[0])
}

func segments(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune("-_./:", r) })
}

func uuid(v string) bool {
	if len(v) != 36 || v[8] != '-' || v[13] != '-' || v[18] != '-' || v[23] != '-' {
		return false
	}
	return hexadecimal(strings.ReplaceAll(v, "-", ""))
}

func hexadecimal(v string) bool {
	for i := 0; i < len(v); i++ {
		if !hexByte(v[i]) {
			return false
		}
	}
	return v != ""
}

func hexByte(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// scrambled reports letters and digits mixed as no word has them, or changes of case as no name has them.
func scrambled(v string) bool {
	turns, cases, digitsSeen, lettersSeen := 0, 0, 0, 0
	for i := 0; i < len(v); i++ {
		if digit(v[i]) {
			digitsSeen++
		} else if letter(v[i]) {
			lettersSeen++
		}
		if i == 0 {
			continue
		}
		if digit(v[i]) != digit(v[i-1]) && (digit(v[i]) || digit(v[i-1])) {
			turns++
		}
		if upper(v[i]) && lower(v[i-1]) {
			cases++
		}
	}
	if lettersSeen == 0 {
		return false
	}
	return digitsSeen > 0 && turns >= 3 || cases >= 4 && cases*5 >= len(v) || turns >= 2 && cases >= 2
}

// entropy is Shannon's, in bits a character.
func entropy(v string) (e float64) {
	var counts [256]int
	for i := 0; i < len(v); i++ {
		counts[v[i]]++
	}
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(v))
			e -= p * math.Log2(p)
		}
	}
	return e
}

// base64Text reports the alphabet of base64, either one, with spaces and padding.
func base64Text(v string) bool {
	for i := 0; i < len(v); i++ {
		c := v[i]
		if !letter(c) && !digit(c) && c != '+' && c != '/' && c != '-' && c != '_' && c != '=' && c != '\n' && c != '\r' && c != ' ' {
			return false
		}
	}
	return v != ""
}
