package kinds

import (
	"bytes"
	"regexp"
	"strings"
)

// closedValue is a value that SOPS encrypted (getsops/sops, aes/cipher.go), whole.
var closedValue = regexp.MustCompile(`^ENC\[AES256_GCM,data:[A-Za-z0-9+/=]*,(?:iv:[A-Za-z0-9+/=]+,)?(?:tag:[A-Za-z0-9+/=]+,)?type:[a-z]+\]$`)

// placeholder is a place that somebody fills in later: a shell's or a template's variable, a path of Argo CD's Vault
// plugin (argoproj-labs/argocd-vault-plugin), a reference of vals (helmfile/vals) or of Bank-Vaults
// (bank-vaults/vault-secrets-webhook).
var placeholder = regexp.MustCompile(`\$\{[^}:]+(?::\?[^}]*|:-?)?\}|\$\([A-Za-z_][A-Za-z0-9_]*\)|\{\{[^}]+\}\}|^<[^<>="']+>$|^(?:secret)?ref\+[a-z0-9]+://|^>?>?vault:[^\s]+#`)

// secretLine is a line of a longer text that can hold a secret.
var secretLine = regexp.MustCompile(`(?i)pass|pwd|secret|token|key|credential|://[^/\s]*:[^/\s]*@`)

// masked is a value that somebody blotted out before the manifest was shown: a run of one letter, or the word for it.
var masked = regexp.MustCompile(`^[^\n]*[xX]{8,}[^\n]*$|^[xX*.]{3,}=*$|^(?i:\W?(?:redacted|removed|masked)\W?)$`)

// formOf says in which form a value stands. p is what was found in it.
func formOf(raw []byte, p pemFacts) ValueForm {
	text := bytes.TrimSpace(raw)
	switch {
	case len(text) == 0:
		return ValueEmpty
	case p.onlyPublic:
		return ValuePublic
	case p.hasKey:
		return ValueClear
	case closedValue.Match(text), bytes.HasPrefix(text, []byte("$ANSIBLE_VAULT;")):
		return ValueClosed
	case masked.Match(text), isPlaceholder(text):
		return ValuePlaceholder
	}
	return ValueClear
}

// isPlaceholder judges a text of one line as a whole, and of a longer one each line that can hold a secret.
func isPlaceholder(text []byte) bool {
	if !bytes.ContainsAny(text, "$<{") && !bytes.Contains(text, []byte("ref+")) && !bytes.Contains(text, []byte("vault:")) {
		return false
	}
	if !bytes.Contains(text, []byte("\n")) {
		return placeholder.Match(text)
	}
	found := false
	for line := range strings.Lines(string(text)) {
		switch line = strings.TrimSpace(line); {
		case placeholder.MatchString(line):
			found = true
		case secretLine.MatchString(line):
			return false
		}
	}
	return found
}
