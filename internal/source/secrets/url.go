package secrets

import (
	"net/url"
	"strings"
)

// A hit is a secret that was found in a value. It never leaves the package: a Sighting does.
type hit struct {
	rule  string
	value string
	item  int // index in a list of strings
}

// rank says which of two rules about one secret tells more.
func rank(rule string) int {
	switch rule {
	case RulePrivateKey:
		return 6
	case RuleGenericKey:
		return 1
	case RuleKeyName, RuleKnownDefault, RuleSecretData:
		return 2
	case RuleCommandLine, RuleSQLPassword:
		return 3
	case RuleURLPassword, RuleBasicAuth, RuleBearerToken, RuleWebhookURL, RuleSASToken:
		return 4
	}
	return 5 // a rule of gitleaks that knows the issuer
}

// single keeps one hit for each secret: the one that tells most, where one secret holds another.
func single(hits []hit) []hit {
	var out []hit
next:
	for _, h := range hits {
		for i, o := range out {
			if o.item != h.item || !strings.Contains(o.value, h.value) && !strings.Contains(h.value, o.value) {
				continue
			}
			if rank(h.rule) > rank(o.rule) {
				out[i] = h
			}
			continue next
		}
		if len(out) < maxSightings {
			out = append(out, h)
		}
	}
	return out
}

// urlSecrets finds the passwords in the addresses of a line. note: the line is documentation.
func urlSecrets(line string, note bool) (hits []hit) {
	rest := line
	for {
		i := strings.Index(rest, "://")
		if i < 0 {
			break
		}
		before := rest[:i]
		rest = rest[i+3:]
		full := until(rest[:min(len(rest), maxValue/2)], " \t\r\n\"'`<>|\\")
		if p := loginOf(full); p != "" && !(note && !random(p)) {
			hits = append(hits, hit{rule: RuleURLPassword, value: p})
		}
		if !strings.Contains(full, "sig=") && !hookWords(full) {
			continue
		}
		scheme := before[strings.LastIndexFunc(before, notScheme)+1:]
		if h, ok := queryOf(scheme + "://" + full); ok {
			hits = append(hits, h)
		}
	}
	return append(hits, driverSecrets(line)...)
}

// hookWords reports whether one of hooks may be meant.
func hookWords(address string) bool {
	for _, h := range hooks {
		if strings.Contains(address, h.host) {
			return true
		}
	}
	return false
}

func notScheme(r rune) bool {
	return r >= 0x80 || !letter(byte(r)) && !digit(byte(r)) && r != '+' && r != '-' && r != '.'
}

func until(s, stops string) string {
	if i := strings.IndexAny(s, stops); i >= 0 {
		return s[:i]
	}
	return s
}

// loginOf gives the password, or the token that stands for one, of what follows ://.
func loginOf(s string) string {
	authority := until(s, "/?#")
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		// a password may hold a bare slash or hash sign, as some drivers allow: user:pa/ss@host
		if i := strings.LastIndexByte(until(s, "?"), '@'); i > 0 && strings.Contains(authority, ":") && !digits(authority[strings.IndexByte(authority, ':')+1:]) {
			authority, at = s, i
		} else {
			return ""
		}
	}
	user, password, ok := strings.Cut(authority[:at], ":")
	if password == "x-oauth-basic" || password == "x" || !ok {
		password = user
		if len(user) < 20 || !scrambled(user) || hexadecimal(user) { // a login name; or a public key of Sentry
			return ""
		}
	}
	if u, err := url.PathUnescape(password); err == nil {
		password = u
	}
	if placeholder(password) || strings.ContainsAny(authority[at:], "{}$<>") && placeholder(authority[at+1:]) && placeholder(user) || len(password) < minSecret || variable(password) {
		return ""
	}
	return password
}

// queryOf finds the signature of a signed address of Azure, and addresses that are their own password.
func queryOf(address string) (hit, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return hit{}, false
	}
	q := u.Query()
	if sig := q.Get("sig"); len(sig) >= 30 && !placeholder(sig) && (q.Has("sv") || q.Has("se") || q.Has("sp")) {
		return hit{rule: RuleSASToken, value: sig}, true
	}
	for _, h := range hooks {
		if !strings.HasSuffix(u.Host, h.host) || !strings.Contains(u.Path, h.path) {
			continue
		}
		secret := u.Path[strings.LastIndexByte(strings.TrimRight(u.Path, "/"), '/')+1:]
		if h.query != "" {
			secret = q.Get(h.query)
		}
		if len(secret) >= 12 && scrambled(secret) && !placeholder(secret) {
			return hit{rule: RuleWebhookURL, value: secret}, true
		}
	}
	return hit{}, false
}

// hooks are addresses whose last part, or one parameter, is the password. gitleaks knows Slack and Teams besides.
var hooks = []struct{ host, path, query string }{
	{"discord.com", "/api/webhooks/", ""},
	{"discordapp.com", "/api/webhooks/", ""},
	{"chat.googleapis.com", "/spaces/", "token"},
	{"hooks.slack.com", "/services/", ""},
	{"hooks.slack.com", "/workflows/", ""},
	{"events.pagerduty.com", "/integration/", ""},
	{"hooks.zapier.com", "/hooks/catch/", ""},
	{"hc-ping.com", "/", ""},
	{".logic.azure.com", "/workflows/", "sig"},
}

// webhookAddress reports an address that has a long random part: under the name of a webhook that is a password.
func webhookAddress(v string) bool {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return false
	}
	for seg := range strings.SplitSeq(u.Path, "/") {
		if len(seg) >= 16 && scrambled(seg) && !placeholder(seg) && !objectName(seg) {
			return true
		}
	}
	for _, vs := range u.Query() {
		for _, v := range vs {
			if len(v) >= 16 && random(v) && !placeholder(v) {
				return true
			}
		}
	}
	return false
}

// driverSecrets finds user:password@tcp(host) of Go's MySQL driver, thin:user/password@host of Oracle's, and
// user/password@//host.
func driverSecrets(line string) (hits []hit) {
	add := func(p string) {
		if len(p) >= minSecret && !placeholder(p) {
			hits = append(hits, hit{rule: RuleURLPassword, value: p})
		}
	}
	for _, mark := range []string{"@tcp(", "@unix(", "@tcp6("} {
		if i := strings.Index(line, mark); i > 0 {
			login := line[strings.LastIndexAny(line[:i], " \t\"'`=")+1 : i]
			if _, p, ok := strings.Cut(login, ":"); ok {
				add(p)
			}
		}
	}
	for _, mark := range []string{"jdbc:oracle:thin:", "jdbc:oracle:oci:"} {
		if _, s, ok := strings.Cut(line, mark); ok {
			s = until(s, " \t\"'`<>")
			if i := strings.LastIndexByte(s, '@'); i > 0 {
				if _, p, ok := strings.Cut(s[:i], "/"); ok {
					add(p)
				}
			}
		}
	}
	return hits
}
