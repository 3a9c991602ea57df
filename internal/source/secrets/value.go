package secrets

import (
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
	if i, j := strings.IndexByte(v, '<'), strings.LastIndexByte(v, '>'); i >= 0 && j > i+1 && wordy(v[i+1:j]) && (!hasDigit(v[i:j]) || i == 0 && j == len(v)-1) {
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
