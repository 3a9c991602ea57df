package secrets

import (
	"slices"
	"strings"
)

// keywords are those of gitleaks' rules that are used here, so that a value without any costs neither the reading of
// the rules nor their running. A test holds the list to the library's.
var keywords = split(`4b1d <add\skey= _gitlab_session= _mmk a3- a3t abia absk acca adafruit administrator_login_password age-secret-key-1
airtable aiza akcp akia algolia alibaba api- api_org_ artifactory asana asia atatt3 atlassian atlasv1 authress_ beamer
bedrock-api-key- bintray bitbucket bittrex bundle_enterprise__contribsys__com bundle_gems__contribsys__com clojars_
cloudflare cmvmd co_api_key codecov cohere coinbase confluence confluent contentful dapi datadog discord dnkey doo_v1_
dop_v1_ dor_v1_ dp.pt. droneci dropbox dt0c01. duffel_ eaaa eaac eaam enterprise.contribsys.com etsy ext_ ey eyjrijoi
ezak eztk facebook fastly finicity finnhub fio-u- flickr flwseck_test fm1 fm2_ fo1_ freshbooks gems.contribsys.com
gho_ ghp_ ghr_ ghs_ ghu_ github_pat_ gitter glagent- glc_ glcbt- gldt- glffct- glft- glimt- gloas- glpat- glptt- glrt-
glsa_ glsoat- gocardless gr1348941 heroku hf_ hooks.slack.com hrku-aa hubspot hvb. hvs. ico- incomingwebhook intercom
intra jfrog jira kraken kucoin launchdarkly lin_api_ linear linked-in linked_in linkedin live_ looker ltai mailchimp
mailgun mapbox mattermost meraki message-bird message_bird messagebird netlify new-york-times newyorktimes npm_ nrak
nrii- nrjs- ntn_ nytimes okta ops_ p8e- password pat. plaid pmak- pnu_ pplx- private-ai private_ai privateai
pscale_oauth_ pscale_pw_ pscale_tkn_ pul- pypi-ageichlwas5vcmc q~ rapidapi rdme_ rk_live rk_prod rk_test rubygems_
s-s4t2af- s-s4t2ud- s. sat. sc_ scauth_ secret_key sendbird sentry sg. sgp_ sha256~ shippo_ shpat_ shpca_ shppa_
shpss_ sk sk-ant-admin01 sk-ant-api03 sk_live sk_prod sk_test sm_aat sm_pat sm_sat sntrys_eyjpyxqio sntryu_ snyk sonar
sourcegraph sq0atp- squarespace sumo t3blbkfj telegr test_ tfp_ tk-us- travis twitch twitter v1.0- webhook.office.com
webhookb2 xapp xkeysib- xoxa xoxb xoxe- xoxe.xoxb- xoxe.xoxp- xoxo xoxp- xoxr xoxs xray yandex zendesk zxlk`)

// keywordIndex holds the keywords by their first two bytes.
var keywordIndex = func() (x struct {
	begins [1 << 16 / 64]uint64
	words  map[uint16][]string
}) {
	x.words = make(map[uint16][]string)
	for _, k := range keywords {
		n := uint16(k[0])<<8 | uint16(k[1])
		x.begins[n/64] |= 1 << (n % 64)
		x.words[n] = append(x.words[n], k)
	}
	return x
}()

// keywordsIn gives the keywords that a text holds, whatever the case.
func keywordsIn(text string) (found []string) {
	for i := 0; i+1 < len(text); i++ {
		n := uint16(lowered[text[i]])<<8 | uint16(lowered[text[i+1]])
		if keywordIndex.begins[n/64]&(1<<(n%64)) == 0 {
			continue
		}
		for _, k := range keywordIndex.words[n] {
			if len(text)-i >= len(k) && strings.EqualFold(text[i:i+len(k)], k) && !slices.Contains(found, k) {
				found = append(found, k)
			}
		}
	}
	return found
}

var lowered = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if upper(byte(i)) {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

// split gives the words of a list, where \s stands for a space inside one.
func split(list string) []string {
	ws := strings.Fields(list)
	for i, w := range ws {
		ws[i] = strings.ReplaceAll(w, `\s`, " ")
	}
	return ws
}
