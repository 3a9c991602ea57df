package secrets

import (
	"math"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a value can be: a placeholder, a reference, a setting, a name, or what looks random.

// referencePrefixes begin values that point to a secret or are one sealed.
var referencePrefixes = []string{
	"arn:", "vault:", "ref+", "enc[", "enc(", "enc:", "op://", "bao:", "sm://", "secret://", "secrets://", "awssm:", "awssm://", "aws-sm:", "ssm:", "ssm://",
	"gcpsm:", "gcp-sm:", "akv:", "akv://", "azkv:", "keyvault:", "kms:", "doppler:", "keyring:", "sops:", "gopass:", "env:", "file:",
	"secretref:", "secretkeyref:", "k8s:", "k8s://", "kubernetes://", "valuefrom:", "configmap:", "projects/", "@microsoft.keyvault(", "{cipher}",
	"{vault}", "!vault", "!secret", "!reference", "!ref", "!sub", "!env", "$ansible_vault", "aqicah", "resolve:", "akeyless:", "conjur:", "bws:",
	"infisical:", "lastpass:", "bitwarden:", "passbolt:", "keeper://", "teller:", "chamber:", "tss:", "<path:", "avp:", "age-encryption.org",
	"-----begin age encrypted", "-----begin pgp message", "os.environ", "process.env", "system.getenv", "ansible_", "keychain:", "data.", "var.", "local.", "module.",
}

// hashPrefixes begin password hashes: no plain text.
var hashPrefixes = []string{
	"$2a$", "$2b$", "$2x$", "$2y$", "$1$", "$5$", "$6$", "$7$", "$y$", "$apr1$", "$argon2", "$scrypt$", "$pbkdf2", "$s0$", "pbkdf2:", "pbkdf2_sha256$", "scrypt:",
	"{sha}", "{ssha", "{sha256}", "{sha512}", "{md5}", "{smd5}", "{crypt}", "{bcrypt}", "{pbkdf2", "{argon2", "scram-sha-", "argon2id$", "sha256:", "sha512:", "sha1:", "bcrypt:",
	"sha256-", "sha384-", "sha512-", "bcrypt_sha256$",
}

// shapes of expansions: what stands in them is filled in by somebody else.
var expansions = [][2]string{
	{"${", "}"}, {"$(", ")"}, {"{{", "}}"}, {"<%", "%>"}, {"%(", ")"}, {"#{", "}"}, {"%{", "}"}, {"$[", "]"}, {"[[", "]]"}, {"((", "))"}, {"<<", ">>"},
}

// placeholder reports whether v evidently stands for a value that is elsewhere: a reference, an expansion, a mark to
// be replaced, or something sealed. A literal that would work if nobody changed it (changeme) is not one.
func placeholder(v string) bool {
	v = strings.Trim(v, " \t\r\n\"'`")
	if v == "" {
		return true
	}
	if reference(v) {
		return true
	}
	for _, e := range expansions {
		if i := strings.Index(v, e[0]); i >= 0 && strings.Contains(v[i+len(e[0]):], e[1]) {
			return true
		}
	}
	for _, open := range []string{"${", "$(", "{{", "<%"} { // cut off at a space
		if strings.HasPrefix(v, open) {
			return true
		}
	}
	return enclosed(v) || variable(v) || filler(v) || placeholderText(v) || constant(v)
}

// reference reports what points to a secret, or is one sealed.
func reference(v string) bool {
	low := strings.ToLower(v[:min(len(v), 40)])
	for _, p := range referencePrefixes {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return sealed(v)
}

// constant reports NAME_OF_SOMETHING, which a script is to put in; CHANGE_ME is not one, for it works as it is.
func constant(v string) bool {
	if !strings.Contains(v, "_") || knownDefaults[bare(v)] {
		return false
	}
	for i := 0; i < len(v); i++ {
		if !upper(v[i]) && v[i] != '_' {
			return false
		}
	}
	return true
}

// sealed reports the ciphertext of Sealed Secrets: a version byte and a key length, in base64.
func sealed(v string) bool {
	return len(v) >= 100 && v[0] == 'A' && v[1] == 'g' && v[2] >= 'A' && v[2] <= 'D' && base64Text(v)
}

// enclosed reports <your-token>, %TOKEN%, @TOKEN@, __TOKEN__ and [TOKEN].
func enclosed(v string) bool {
	if i, j := strings.IndexByte(v, '<'), strings.LastIndexByte(v, '>'); i >= 0 && j > i+1 && wordy(v[i+1:j]) {
		return true
	}
	n := len(v)
	if n < 3 {
		return false
	}
	switch {
	case v[0] == '%' && v[n-1] == '%', v[0] == '@' && v[n-1] == '@', v[0] == '[' && v[n-1] == ']', v[0] == '{' && v[n-1] == '}':
		return wordy(v[1 : n-1])
	case strings.HasPrefix(v, "__") && strings.HasSuffix(v, "__"):
		return wordy(strings.Trim(v, "_"))
	}
	return false
}

// wordy reports letters, digits and the signs that join words.
func wordy(v string) bool {
	for _, r := range v {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _-./:|'", r) {
			return false
		}
	}
	return v != ""
}

// variable reports $NAME and its kin.
func variable(v string) bool {
	v, ok := strings.CutPrefix(v, "$")
	if !ok || v == "" || digit(v[0]) {
		return false
	}
	v = strings.TrimPrefix(strings.TrimPrefix(v, "env:"), "__")
	allUpper, allLower := true, true
	for i := 0; i < len(v); i++ {
		c := v[i]
		if !letter(c) && !digit(c) && c != '_' && c != '.' {
			return false
		}
		allUpper = allUpper && !lower(c)
		allLower = allLower && !upper(c) && !digit(c)
	}
	return allUpper || allLower
}

// filler reports xxx, ***, ... and their like, and anything that holds a run of four of them.
func filler(v string) bool {
	const marks = "xX*.-_#?•…"
	only, run, longest := true, 0, 0
	var before rune
	for _, r := range v {
		if !strings.ContainsRune(marks, r) {
			only, run = false, 0
			continue
		}
		if r != before {
			run = 0
		}
		before = r
		if run++; r == 'x' || r == 'X' || r == '*' || r == '•' {
			longest = max(longest, run)
		}
	}
	return only && utf8.RuneCountInString(v) >= 2 || longest >= 4
}

// placeholderText reports REPLACE_ME, [REDACTED], your-token-here, à-remplacer.
func placeholderText(v string) bool {
	if len(v) > 80 {
		return strings.Contains(v, "REDACTED") || strings.Contains(v, "PLACEHOLDER")
	}
	w := lettersOnly(v)
	if placeholderWords[w] {
		return !hasDigit(v)
	}
	for _, part := range []string{"redacted", "placeholder", "replaceme", "replacewith", "caviard", "aremplacer", "goeshere", "tobereplaced", "changebeforeuse"} {
		if strings.Contains(w, part) {
			return true
		}
	}
	if hasDigit(v) || len(w) < 6 {
		return false
	}
	for _, first := range []string{"your", "insert", "enteryour", "putyour", "addyour", "votre", "replace", "removed", "todo", "fixme"} {
		if strings.HasPrefix(w, first) && w != "yours" {
			return true
		}
	}
	return strings.HasSuffix(w, "here") && len(w) > 8 && w != "nowhere" && w != "somewhere" && w != "everywhere"
}

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
