package secrets

// The words that names of fields are made of, in English and French. A name is of a secret where a noun stands last,
// or only neutral words follow it: DB_PASSWORD, apiKey, password_prod, but not PASSWORD_FILE or TOKEN_URL.

// A noun is what a name says its value is.
type noun uint8

const (
	nounNone        noun = iota
	nounPassword         // any literal is a secret
	nounSecret           // a secret, or the name of a Secret
	nounToken            // a token, or a word about tokens
	nounKey              // an API key, signing key, ...
	nounPrivateKey       //
	nounCredentials      // user:password, or the name of something
	nounAuth             // user:password, Basic, Bearer, or the name of a method
	nounWebhook          // an address
	nounVague            // any other key, salt or seed: only what looks random
)

// A phrase of up to four words is a noun.
var phrases = map[string]noun{
	"password": nounPassword, "passwords": nounPassword, "passwd": nounPassword, "pwd": nounPassword, "pw": nounPassword,
	"passphrase": nounPassword, "passcode": nounPassword, "pass": nounPassword, "pswd": nounPassword,
	"requirepass": nounPassword, "masterauth": nounPassword, "bindpw": nounPassword, "rootpw": nounPassword,
	"motdepasse": nounPassword, "mot de passe": nounPassword, "mdp": nounPassword, "mots de passe": nounPassword,
	"passwort": nounPassword, "contrasena": nounPassword,
	"secret": nounSecret, "secrets": nounSecret,
	"token": nounToken, "tokens": nounToken, "jeton": nounToken, "jetons": nounToken, "jwt": nounToken,
	"bearer": nounToken, "pat": nounVague, "sas": nounVague,
	"api key": nounKey, "api keys": nounKey, "access key": nounKey, "secret key": nounKey, "encryption key": nounKey,
	"encrypt key": nounKey, "signing key": nounKey, "sign key": nounKey, "master key": nounKey, "account key": nounKey,
	"shared key": nounKey, "storage key": nounKey, "auth key": nounKey, "hmac key": nounKey, "app key": nounKey,
	"application key": nounKey, "license key": nounKey, "licence key": nounKey, "deploy key": nounKey,
	"subscription key": nounKey, "consumer key": nounKey, "session key": nounKey, "cookie key": nounKey,
	"fernet key": nounKey, "aes key": nounKey, "crypto key": nounKey, "cipher key": nounKey, "jwt key": nounKey,
	"sas key": nounKey, "service key": nounKey, "integration key": nounKey, "admin key": nounKey, "root key": nounKey,
	"unseal key": nounKey, "shared access key": nounKey, "pre shared key": nounKey, "psk": nounKey,
	"cle api": nounKey, "clef api": nounKey, "cle d api": nounKey, "cle secrete": nounKey, "clef secrete": nounKey,
	"cle acces": nounKey, "cle d acces": nounKey, "cle de chiffrement": nounKey, "cle chiffrement": nounKey,
	"cle de signature": nounKey, "cle signature": nounKey,
	"private key": nounPrivateKey, "ssh key": nounPrivateKey, "tls key": nounPrivateKey, "client key": nounPrivateKey,
	"server key": nounPrivateKey, "private key pem": nounPrivateKey, "cle privee": nounPrivateKey, "clef privee": nounPrivateKey,
	"client key data": nounPrivateKey,
	"credential":      nounCredentials, "credentials": nounCredentials, "creds": nounCredentials, "cred": nounCredentials,
	"identifiants": nounCredentials,
	"auth":         nounAuth, "authorization": nounAuth, "authorisation": nounAuth,
	"webhook": nounWebhook, "webhook url": nounWebhook, "web hook url": nounWebhook, "hook url": nounWebhook,
	"slack url": nounWebhook, "slack api url": nounWebhook, "webhooks": nounWebhook, "incoming webhook": nounWebhook,
	"key": nounVague, "cle": nounVague, "clef": nounVague, "salt": nounVague, "pepper": nounVague, "seed": nounVague,
}

// glued lists what is often written without a break, longest first: dbpassword, clientsecret, apikeyfile.
var glued = []struct{ in, out string }{
	{"motdepasse", "motdepasse"}, {"passphrase", "passphrase"}, {"encryptionkey", "encryption key"},
	{"credentials", "credentials"}, {"accountkey", "account key"}, {"privatekey", "private key"},
	{"signingkey", "signing key"}, {"requirepass", "requirepass"}, {"masterauth", "masterauth"},
	{"secretkey", "secret key"}, {"accesskey", "access key"}, {"masterkey", "master key"}, {"sharedkey", "shared key"},
	{"password", "password"}, {"passwd", "passwd"}, {"secret", "secret"}, {"apikey", "api key"}, {"authkey", "auth key"},
	{"webhook", "webhook"}, {"token", "token"}, {"jeton", "jeton"},
}

// gluedEnds are short: they count at the end of a word only, and not in these words of another meaning.
var (
	gluedEnds = []struct{ in, out string }{{"pass", "pass"}, {"pwd", "pwd"}}
	otherEnds = words("bypass compass encompass trespass surpass overpass underpass proxypass firstpass multipass cwd")
)

// Words that may follow a noun and leave it one.
var neutral = words(`value val literal text plain plaintext cleartext clear raw base64 b64 encoded prod production dev
development staging stage preprod test testing qa uat recette old new current previous prev main backup default hex utf8
env data override string str pem a b c d one two bis`)

// Words that, after a noun, make it a name, a place or a setting.
var setting = words(`file files filename path paths dir directory folder name names ref refs reference references key keys
id ids url urls uri uris endpoint endpoints host port ports policy policies expiry expire expires expired expiration exp ttl
timeout lifetime age maxage duration interval period renew renewal rotation rotate refresh length len size min minimum max
maximum count limit limits mode modes type types kind format scheme schemes method methods algorithm alg algo hash hashes
hashed hashing digest checksum encoder encoding encrypted encryption enabled enable enables disabled disable required
requirement require optional allow allowed allows header headers field fields column claim claims issuer issuers audience
audiences aud scope scopes provider providers backend engine store stores storage source sources mount mountpath volume
volumes label labels placeholder hint prompt description desc message reset change changed update updated created at date time
timestamp version versions prefix suffix pattern regex regexp validator validation validate rule rules strength complexity
history server service account accounts namespace namespaces selector template templates manager managers variable var vars
property properties from by to in out on off review reviews reviewer request requests response cache bucket exchange generator
generate grant grants authentication login link page form input user users username email mail index rate usage used budget
quota signature script command cmd args plugin class driver handler lookup resolver verify verification check checker less
ize izer ized ization izers auth authorizer status state location region zone feature features flag flags support supported
management client clients application agent info metadata config configuration cookie bits curve usages
secretref projection projections binding bound annotation annotations group groups role roles domain domains
registry image repository interface proxy injector webhook webhooks controller operator sidecar init container 
fichier chemin nom reference expire duree longueur politique ring chain chains cert certs certificate certificates crt public pub
identifier display title subject storetype alias nonce stdin per bytes minutes seconds days hours
entropy similarity htpasswd mapping map list lists set sets total threshold window delimiter separator parser filter filters
reuse retries retry attempts attempt lock locked lockout hasher salt iterations memory keyref secretname acl strategy
and or is not`)

// Words before a key that make it no secret, and before anything that make it a hash.
var (
	publicKey  = words("topology public pub primary foreign partition sort hash range cache routing object map index row column unique natural config host known lookup group message event state")
	hashBefore = words("hash hashed encrypted sealed crypted masked bcrypt")
)

// Before `secret`, these make it the secret itself rather than the name of a Secret.
var ownSecret = words("client app application jwt session cookie shared webhook hmac signing oauth oauth2 consumer api key django nextauth auth0 oidc state csrf flask rails hook encryption master access")

// Values that are settings, whatever the noun.
var settingValue = words(`true false yes no on off none null nil undefined enabled disabled enable disable required optional auto
automatic always never unset empty string boolean integer number object array text uuid file env environment vault kubernetes
prompt ask basic bearer jwt oauth oauth2 oidc ldap ldaps saml openid kerberos gssapi iam mtls tls x509 anonymous internal
external builtin plain scram digest md5 sha1 sha256 sha512 bcrypt argon2 argon2id scrypt pbkdf2 hs256 hs384 hs512 rs256 rs384
rs512 es256 es384 es512 ps256 eddsa ed25519 ecdsa rsa ecdsap256 hmacsha256 hmacsha512 hmac aes aes128 aes256 aes256gcm plaintext
scramsha256 scramsha512 awsiam serviceaccount serviceaccounttoken opaque accesstoken idtoken refreshtoken authorizationcode
clientcredentials allow deny reject ignore ifnotpresent header query body cookie session memory redis database db local
vrai faux oui non aucun`)

// Of settingValue, what is a poor password rather than a setting when it stands under a password.
var passwordAll = words("redis database db local session vault kubernetes ldap openid anonymous internal external builtin oauth plain cookie memory")

// knownDefaults is what everybody tries first, letters and digits only.
var knownDefaults = words(`changeme changeit changethis changemenow changemeplease changeme123 changezmoi password password1
password12 password123 passw0rd passw0rd1 p4ssw0rd pssw0rd pass passwd pass123 mypassword mysecretpassword secretpassword
adminpassword rootpassword userpassword dbpassword testpassword defaultpassword admin admin1 admin123 admin1234 administrator
root root123 toor guest test test123 test1234 testing demo secret secret1 secret123 secret101 supersecret mysecret
topsecret verysecret s3cr3t secretkey mysecretkey supersecretkey thisisasecret letmein welcome welcome1 welcome123 qwerty
qwerty123 azerty azerty123 1234 12345 123456 1234567 12345678 123456789 1234567890 0000 000000 111111 abc123 abcd1234 default
user postgres postgresql mysql mariadb redis mongo mongodb rabbitmq minio minioadmin minio123 elastic elasticsearch grafana
keycloak nexus jenkins sonar gitlab harbor harbor12345 hunter2 example dummy sample fake foobared motdepasse soleil bonjour
oracle tiger scott sa wordpress drupal joomla nextcloud vagrant raspberry ubuntu centos fedora cirros iloveyou monkey dragon
master login public private insecure notsecret notsosecret`)

// Defaults under a key or token: what works as one, unlike `default` or `test`.
var keyDefaults = words(`changeme changeit changethis changemenow changeme123 secret secret123 secret101 supersecret mysecret topsecret
verysecret s3cr3t secretkey mysecretkey supersecretkey thisisasecret minioadmin minio123 hunter2 insecure notsecret
password123 passw0rd`)

// What people write where a secret would be, letters only.
var placeholderWords = words(`replaceme replacethis replacewith toreplace tobereplaced redacted removed masked hidden omitted
placeholder todo tbd tbc fixme none null nil undefined unset empty na setme fillme fillin fillmein tobedefined tobeset notset
notused unused notapplicable aremplacer remplacer remplacezmoi masque supprime caviarde adefinir acompleter xxx yyy zzz blank
somevalue value insertvalue yourvalue suppliedexternally provided managed external generated autogenerated scrubbed sanitized censored
obfuscated encrypted sealed filtered elided hiddenvalue`)

func words(list string) map[string]bool {
	m := make(map[string]bool)
	start := -1
	for i := 0; i <= len(list); i++ {
		space := i == len(list) || list[i] == ' ' || list[i] == '\n' || list[i] == '\t'
		if !space && start < 0 {
			start = i
		}
		if space && start >= 0 {
			m[list[start:i]] = true
			start = -1
		}
	}
	return m
}
