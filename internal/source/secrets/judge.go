package secrets

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A hint is what is known about a value beside its name.
type hint struct {
	place  Place
	within bool // inside an object that is a reference to a Secret: names and keys are expected
	text   bool // a line of a file, not a value of its own
	file   bool // a value of a document in JSON or YAML that is no object of Kubernetes
	quoted bool
	loose  bool // inside a sentence, perhaps
	note   bool // in a comment
	number bool // a number of JSON
}

// literal reports places where a value is what the program gets, and cannot be the name of a Secret by the schema of
// the kind.
func (h hint) literal() bool {
	return !h.text && (h.place == Env || h.place == Args || h.place == Command || h.place == ConfigMap || h.place == LastApplied)
}

// judge says by which rule a value under a name of class c is a secret, or "" where it is none. What it holds inside
// (a URL's password, a pair in a longer text) is not judge's. A comment of a file must hold what looks random: its
// defaults document, they do not configure.
func judge(c class, v string, h hint) string {
	v = strings.TrimSpace(v)
	if !c.tells() || len(v) < minSecret || placeholder(v) || hashed(v) || publicText(v) {
		return ""
	}
	if (h.note || c.weak && c.noun != nounPassword) && !random(v) {
		return ""
	}
	if h.within && (objectName(v) || wordy(v) && !scrambled(v) || isPath(v)) {
		return ""
	}
	if h.file && prose(v, true) {
		return ""
	}
	switch c.noun {
	case nounPassword:
		return judgePassword(c, v, h)
	case nounAuth, nounCredentials:
		return judgeLogin(c, v, h)
	case nounWebhook:
		if webhookAddress(v) {
			return RuleWebhookURL
		}
		return ""
	}
	if quantity(v) || settingValue[bare(v)] || isPath(v) || address(v) || strings.ContainsAny(v, " \t\n") || h.number {
		return ""
	}
	switch c.noun {
	case nounSecret:
		return judgeSecret(c, v, h)
	case nounPrivateKey:
		if len(v) >= 16 && tokenish(v) {
			return RuleKeyName
		}
		return ""
	case nounKey:
		return judgeKey(c, v, h)
	case nounVague:
		return ""
	}
	if keyDefaults[bare(v)] && !h.text && bare(v) != "secret" {
		return RuleKnownDefault
	}
	if !tokenish(v) {
		return ""
	}
	return RuleKeyName
}

func judgePassword(c class, v string, h hint) string {
	b := bare(v)
	if settingValue[b] && !passwordAll[b] || isPath(v) || c.trust && b == "changeit" {
		return "" // the password of Java's store of public certificates is public
	}
	if i := strings.Index(v, "://"); i > 0 && wordy(v[:i]) {
		return ""
	}
	if h.text && (prose(v, h.quoted) || !h.quoted && chain(v)) || address(v) && strings.ContainsAny(v, ":/") {
		return ""
	}
	if quantity(v) {
		if !digits(v) || len(v) < 4 || h.text && len(v) < 6 && !knownDefaults[b] {
			return ""
		}
	}
	if (c.weak || h.loose) && !hasDigit(v) && !strings.ContainsAny(v, "!@#$%^&*+=?") || versioned(strings.TrimLeft(v, "^~<>= ")) && strings.ContainsAny(v, ".") {
		return ""
	}
	if knownDefaults[b] {
		return RuleKnownDefault
	}
	return RuleKeyName
}

// judgeSecret: under `secret` stands a secret, or the name of a Secret. A name of several words is the latter where
// the schema allows it; in an environment it is one where its last word says so.
func judgeSecret(c class, v string, h hint) string {
	b := bare(v)
	if objectName(v) {
		if !c.own || !h.literal() || namesObject(v) {
			return ""
		}
		return RuleKeyName
	}
	switch {
	case keyDefaults[b] && (c.own || h.literal()), knownDefaults[b] && c.own:
		return RuleKnownDefault
	case c.own && h.literal() && len(v) >= 6, len(v) >= 6 && tokenish(v), len(v) >= 6 && hasDigit(v) && scrambled(v):
		return RuleKeyName
	}
	return ""
}

func judgeKey(c class, v string, h hint) string {
	b := bare(v)
	if keyDefaults[b] && (h.literal() || b != "secret" && b != "secretkey") {
		return RuleKnownDefault
	}
	if objectName(v) {
		if h.literal() && !namesObject(v) && len(v) >= 8 {
			return RuleKeyName
		}
		return ""
	}
	if tokenish(v) || h.literal() && (len(v) >= 12 && !wordy(v) || serial(v)) {
		return RuleKeyName
	}
	return ""
}

// serial reports ABCD1-EFGH2-IJKL3, as keys of licences are written.
func serial(v string) bool {
	parts := strings.Split(v, "-")
	for _, p := range parts {
		if len(p) < 4 || len(p) != len(parts[0]) || strings.ToUpper(p) != p {
			return false
		}
	}
	return len(parts) >= 3 && hasDigit(v)
}

// namesObject reports whether a name of several words ends as the names of Secrets do, and does not say that it is a
// value made to be changed.
func namesObject(v string) bool {
	segs := segments(v)
	for _, s := range segs {
		if emphatic[s] {
			return false
		}
	}
	for _, s := range segs {
		if objectWords[s] {
			return true
		}
	}
	return false
}

var (
	emphatic    = words("super very insecure ultra top change changeme please do not default hunter2 password123 this")
	objectWords = words("secret secrets tls cert certs certificate credentials creds credential token tokens key keys auth config ca server webhook name ref ingress operator service account app api web db database system proxy pull registry")
)

// judgeLogin: user:password, in clear or in base64, a header's scheme with its token, or a long random string.
func judgeLogin(c class, v string, h hint) string {
	if scheme, rest, ok := strings.Cut(v, " "); ok {
		return judgeScheme(scheme, strings.TrimSpace(rest))
	}
	if isPath(v) || address(v) || settingValue[bare(v)] {
		return ""
	}
	if userPassword(v) || userPassword(decodeText(v)) {
		return RuleBasicAuth
	}
	if len(v) >= 12 && tokenish(v) && random(v) {
		return RuleKeyName
	}
	return ""
}

// judgeScheme judges the value of a header Authorization.
func judgeScheme(scheme, v string) string {
	if placeholder(v) {
		return ""
	}
	switch strings.ToLower(scheme) {
	case "basic":
		if userPassword(decodeText(v)) {
			return RuleBasicAuth
		}
	case "bearer", "token", "apikey", "api-key", "geniekey", "ssws", "key", "bot", "splunk":
		if v = strings.TrimPrefix(v, "token="); len(v) >= 8 && tokenish(v) {
			return RuleBearerToken
		}
	}
	return ""
}

// userPassword reports user:password with a password that is one.
func userPassword(v string) bool {
	user, password, ok := strings.Cut(v, ":")
	if !ok || user == "" || len(user) > 80 || !printable(v) || strings.ContainsAny(user, " \t/{}\"'()[]<>=,") || strings.ContainsAny(password, " \t\n\"'{}<>") {
		return false
	}
	if len(password) < minSecret || placeholder(password) || placeholder(user) || hashed(password) || strings.HasPrefix(password, "/") || quantity(password) && !digits(password) {
		return false
	}
	return !(digits(password) && len(password) <= 5) && !settingValue[bare(password)]
}

// decodeText is v out of base64 where that gives printable text, else "".
func decodeText(v string) string {
	if len(v) < 8 || !base64Text(v) {
		return ""
	}
	b, err := decode64(v)
	if err != nil || !printable(string(b)) {
		return ""
	}
	return strings.TrimRight(string(b), "\r\n")
}

// decode64 reads base64 of either alphabet, padded or not, over lines or not.
func decode64(v string) ([]byte, error) {
	v = strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', ' ', '=':
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, v)
	return base64.RawStdEncoding.DecodeString(v)
}

func printable(v string) bool {
	if v == "" || !utf8.ValidString(v) {
		return false
	}
	for _, r := range v {
		if !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return true
}

func hashed(v string) bool {
	low := strings.ToLower(v[:min(len(v), 24)])
	for _, p := range hashPrefixes {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}

// prose reports what a translation or a documentation says beside a name: several words, or a word with a capital.
func prose(v string, quoted bool) bool {
	if n := strings.Count(v, " "); n > 0 && (!quoted || n > 1 || !hasDigit(v)) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(v)
	return unicode.IsUpper(first) && !hasDigit(v) && wordy(strings.Trim(v, "?!.:…")) && strings.ToUpper(v) != v && !scrambled(v)
}

// chain reports a.b.c: a variable of a program.
func chain(v string) bool {
	if !strings.Contains(v, ".") || hasDigit(v) {
		return false
	}
	for seg := range strings.SplitSeq(v, ".") {
		if seg == "" || !wordy(seg) || strings.ContainsAny(seg, " -/:") {
			return false
		}
	}
	return true
}

// tokenish reports what a token, key or secret looks like, and no word, name, version or date does.
func tokenish(v string) bool {
	if len(v) < 8 || strings.ContainsAny(v, " \t\n<>(){}\"'`\\,;|") || objectName(v) || quantity(v) {
		return false
	}
	if uuid(v) {
		return true
	}
	if strings.Contains(v, "://") || versioned(v) {
		return false
	}
	long := ""
	for _, seg := range segments(v) {
		if len(seg) > len(long) {
			long = seg
		}
	}
	signs := strings.ContainsAny(v, "!@#$%^&*+=?~")
	switch {
	case hasDigit(v) && scrambled(v):
		return len(long) >= 6 || signs
	case hasDigit(v) && strings.ContainsFunc(v, unicode.IsLetter):
		return signs || !strings.ContainsAny(v, "-_./:") && (len(v) >= 16 || len(strings.Trim(v, "0123456789"))+2 <= len(v)) || len(long) >= 16 && entropy(long) > 3
	case signs && strings.ContainsFunc(v, unicode.IsLetter):
		return entropy(v) > 2.5
	case digits(v):
		return false
	}
	return len(v) >= 20 && scrambled(v) && entropy(v) > 3.5
}

// versioned reports v1.2.3, 2024-01-31 and the like.
func versioned(v string) bool {
	v = strings.TrimPrefix(v, "v")
	return strings.Trim(v, "0123456789.-:TZ+") == "" || strings.Count(v, ".") >= 2 && digits(strings.ReplaceAll(v[:strings.LastIndexByte(v, '.')], ".", ""))
}

// random reports what no person would choose.
func random(v string) bool {
	return len(v) >= 10 && !strings.ContainsAny(v, " \t\n") && scrambled(v) && entropy(v) >= 3 && !objectName(v) && !versioned(v) && !address(v) && !isPath(v)
}
