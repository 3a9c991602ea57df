package secrets

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
	"github.com/zricethezav/gitleaks/v8/config"
)

// A ruleBook is gitleaks' default configuration, read by our own hand: its detector logs what it finds, starts by
// compiling every rule (85 ms, 11 MB) and needs 20 µs for a value that no rule is about. Here a rule is compiled when
// a value holds one of its keywords, and nothing is ever logged. What a rule means is as there: keywords, expression,
// group, entropy, allowlists.
type ruleBook struct {
	once   sync.Once
	rules  []*rule
	byWord map[string][]*rule
	allow  []*allowlist // of every rule
	vague  *rule        // generic-api-key
}

type ruleFile struct {
	Allowlist  *allowlist
	Allowlists []*allowlist
	Rules      []*rule
}

type rule struct {
	ID          string
	Regex       string
	Path        string
	SecretGroup int
	Entropy     float64
	Keywords    []string
	Allowlist   *allowlist
	Allowlists  []*allowlist

	once    sync.Once
	pattern *regexp.Regexp
	file    *regexp.Regexp
}

type allowlist struct {
	Condition   string
	RegexTarget string
	Regexes     []string
	StopWords   []string
	Paths       []string
	Commits     []string

	once     sync.Once
	patterns []*regexp.Regexp
}

// ours are rules of gitleaks whose matter this package judges itself, with the object around it in view, and rules for
// what is public: identifiers of clients, publishable keys.
var ours = words(`kubernetes-secret-yaml private-key pkcs12-file generic-api-key curl-auth-user curl-auth-header
adobe-client-id asana-client-id bitbucket-client-id discord-client-id flutterwave-public-key linkedin-client-id lob-pub-api-key
looker-client-id mailgun-pub-key messagebird-client-id new-relic-user-api-id plaid-client-id sendbird-access-id sumologic-access-id`)

func (b *ruleBook) load() {
	b.once.Do(func() {
		var f ruleFile
		// The configuration is part of the linked library: a test holds that it reads.
		if err := toml.Unmarshal([]byte(config.DefaultConfig), &f); err != nil {
			panic("secrets: read the rules of gitleaks: " + err.Error())
		}
		b.byWord = make(map[string][]*rule, len(keywords))
		b.allow = f.Allowlists
		if f.Allowlist != nil {
			b.allow = append(b.allow, f.Allowlist)
		}
		for _, r := range f.Rules {
			if r.Allowlist != nil {
				r.Allowlists = append(r.Allowlists, r.Allowlist)
			}
			if r.ID == RuleGenericKey {
				b.vague = r
			}
			if ours[r.ID] || r.Regex == "" {
				continue
			}
			b.rules = append(b.rules, r)
			for _, k := range r.Keywords {
				b.byWord[strings.ToLower(k)] = append(b.byWord[strings.ToLower(k)], r)
			}
		}
	})
}

// find applies every rule whose keyword the text holds. file is the name of the file that the text is of, or empty.
func (b *ruleBook) find(text, file string) (hits []hit) {
	found := keywordsIn(text)
	if len(found) == 0 {
		return nil
	}
	b.load()
	var done []*rule
	for _, k := range found {
		for _, r := range b.byWord[k] {
			if slices.Contains(done, r) {
				continue
			}
			done = append(done, r)
			for _, secret := range b.apply(r, text, file) {
				hits = append(hits, hit{rule: r.ID, value: secret})
			}
		}
	}
	return hits
}

// generic reports whether gitleaks holds the value of that name for a secret by its rule for names that only might
// be of one.
func (b *ruleBook) generic(name, value string) bool {
	if len(value) < minGenericLength || strings.ContainsAny(value, "\"\n") {
		return false
	}
	b.load()
	return len(b.apply(b.vague, name+` = "`+value+`"`, "")) > 0
}

func (b *ruleBook) apply(r *rule, text, file string) (secrets []string) {
	r.once.Do(func() {
		r.pattern = regexp.MustCompile(r.Regex)
		if r.Path != "" {
			r.file = regexp.MustCompile(r.Path)
		}
	})
	if r.file != nil && !r.file.MatchString(file) {
		return nil
	}
	for _, m := range r.pattern.FindAllStringSubmatchIndex(text, -1) {
		match := strings.Trim(text[m[0]:m[1]], "\n")
		secret := group(text, m, r.SecretGroup, match)
		if r.Entropy != 0 && entropy(secret) <= r.Entropy || placeholder(secret) {
			continue
		}
		line := lineOf(text, m[0], m[1])
		if allowed(b.allow, secret, match, line) || allowed(r.Allowlists, secret, match, line) {
			continue
		}
		secrets = append(secrets, secret)
	}
	return secrets
}

// group is what the rule says is the secret: its group, else the first that matched, else the whole.
func group(text string, m []int, want int, match string) string {
	if want > 0 {
		if 2*want+1 < len(m) && m[2*want] >= 0 {
			return text[m[2*want]:m[2*want+1]]
		}
		return ""
	}
	for i := 2; i+1 < len(m); i += 2 {
		if m[i] >= 0 && m[i+1] > m[i] {
			return text[m[i]:m[i+1]]
		}
	}
	return match
}

func lineOf(text string, start, end int) string {
	start = strings.LastIndexByte(text[:start], '\n') + 1
	if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
		return text[start : end+i]
	}
	return text[start:]
}

func allowed(lists []*allowlist, secret, match, line string) bool {
	return slices.ContainsFunc(lists, func(a *allowlist) bool { return a.allows(secret, match, line) })
}

func (a *allowlist) allows(secret, match, line string) bool {
	a.once.Do(func() {
		for _, x := range a.Regexes {
			a.patterns = append(a.patterns, regexp.MustCompile(x))
		}
	})
	target := secret
	switch a.RegexTarget {
	case "match":
		target = match
	case "line":
		target = line
	}
	byRegex := slices.ContainsFunc(a.patterns, func(p *regexp.Regexp) bool { return p.MatchString(target) })
	low := strings.ToLower(secret)
	byWord := slices.ContainsFunc(a.StopWords, func(w string) bool { return strings.Contains(low, strings.ToLower(w)) })
	if strings.EqualFold(a.Condition, "AND") {
		// commits and paths are of Git and files: a list that asks for one of them as well is never met here
		return len(a.Commits) == 0 && len(a.Paths) == 0 && (len(a.patterns) == 0 || byRegex) && (len(a.StopWords) == 0 || byWord)
	}
	return byRegex || byWord
}
