package secrets

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestKeywordsAreTheLibrarys(t *testing.T) {
	var b ruleBook
	b.load()
	var want []string
	for k := range b.byWord {
		want = append(want, k)
	}
	slices.Sort(want)
	got := slices.Clone(keywords)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("keywords.go lags behind the library:\ngot  %q\nwant %q", got, want)
	}
	if len(b.rules)+len(ours) != 222 {
		t.Errorf("%d rules and %d of ours: the library has another number", len(b.rules), len(ours))
	}
	for _, r := range b.rules {
		if len(r.Keywords) == 0 {
			t.Errorf("rule %s has no keyword: it would never run", r.ID)
		}
		if _, err := regexp.Compile(r.Regex); err != nil {
			t.Errorf("rule %s: %v", r.ID, err)
		}
		for _, a := range r.Allowlists {
			for _, x := range a.Regexes {
				if _, err := regexp.Compile(x); err != nil {
					t.Errorf("rule %s: %v", r.ID, err)
				}
			}
		}
	}
	if b.vague == nil || len(b.vague.Allowlists) == 0 || len(b.allow) == 0 {
		t.Error("the rule for vague names or the allowlists were not read")
	}
}

func TestKeywordsIn(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"a", nil},
		{"nothing here", nil},
		{"x GLPAT-abc", []string{"glpat-"}},
		{"ghp", nil},
		{"ghp_ and ghp_", []string{"ghp_"}},
		{"Kraken", []string{"kraken"}},
	} {
		got := keywordsIn(c.text)
		got = slices.DeleteFunc(got, func(k string) bool { return len(k) < 4 })
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

// Every noun of the lexicon must be seen by the test that comes before the lexicon.
func TestStemsCoverTheLexicon(t *testing.T) {
	for p := range phrases {
		for _, name := range []string{strings.ReplaceAll(p, " ", "_"), strings.ToUpper(strings.ReplaceAll(p, " ", "-")), "x." + strings.ReplaceAll(p, " ", "."), strings.ReplaceAll(p, " ", "")} {
			if !hasStem([]byte(name)) {
				t.Errorf("%q would never be looked up", name)
			}
		}
	}
	for _, name := range []string{"clé_api", "CLÉ_API", "cléPrivée"} {
		if !hasStem([]byte(name)) || !classify(name).tells() {
			t.Errorf("%q", name)
		}
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		name string
		want class
	}{
		{"password", class{noun: nounPassword}},
		{"DB_PASSWORD", class{noun: nounPassword}},
		{"dbPassword2", class{noun: nounPassword}},
		{"PASSWORD_PROD", class{noun: nounPassword}},
		{"PASSWORD_BILLING", class{noun: nounPassword, weak: true}},
		{"passwordFile", class{noun: nounPassword, ref: true}},
		{"PASSWORDFILE", class{noun: nounPassword, ref: true}},
		{"PASSWORD_POLICY", class{noun: nounPassword, ref: true}},
		{"passwordKey", class{noun: nounVague, weak: true, ref: true}},
		{"PASSWORD_HASH", class{noun: nounPassword, ref: true}},
		{"HASHED_PASSWORD", class{noun: nounPassword, hash: true}},
		{"trustStorePassword", class{noun: nounPassword, trust: true}},
		{"PWD", class{noun: nounPassword}},
		{"OLDPWD", class{}},
		{"DB_PWD", class{noun: nounPassword}},
		{"MYSQLPWD", class{noun: nounPassword}},
		{"BYPASS", class{}},
		{"secretName", class{noun: nounSecret, ref: true}},
		{"TOKEN_SECRET_NAME", class{noun: nounSecret, own: true, ref: true}},
		{"SECRET_KEY_REF", class{noun: nounKey, ref: true}},
		{"SECRET_KEY", class{noun: nounKey}},
		{"AWS_SECRET_ACCESS_KEY", class{noun: nounKey}},
		{"AWS_ACCESS_KEY_ID", class{noun: nounKey, ref: true}},
		{"clientSecret", class{noun: nounSecret, own: true}},
		{"TLS_SECRET", class{noun: nounSecret}},
		{"apiKey", class{noun: nounKey}},
		{"APIKeys", class{noun: nounKey}},
		{"X-Api-Key", class{noun: nounKey}},
		{"openaiapikey", class{noun: nounKey}},
		{"publicKey", class{noun: nounVague, weak: true, ref: true}},
		{"TOKEN_TTL", class{noun: nounToken, ref: true}},
		{"tokenizer", class{noun: nounToken, ref: true}},
		{"oauth2Token", class{noun: nounToken}},
		{"AUTH_MODE", class{noun: nounAuth, ref: true}},
		{"author", class{}},
		{"monkey", class{}},
		{"keycloak", class{}},
		{"mot-de-passe", class{noun: nounPassword}},
		{"motDePasse", class{noun: nounPassword}},
		{"cléAPI", class{noun: nounKey}},
		{"example.test/db-password", class{noun: nounPassword}},
		{"checksum/secret", class{}},
		{"SLACK_WEBHOOK_URL", class{noun: nounWebhook}},
	} {
		if got := classify(c.name); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}
