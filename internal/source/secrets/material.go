package secrets

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"encoding/json"
	"io"
	"strings"
)

const (
	pemBegin  = "-----BEGIN "
	pemEnd    = "-----END "
	pemBase64 = "LS0tLS1CRUdJT"  // of -----BEGIN, in base64
	pemTwice  = "TFMwdExTMUNSVW" // the same once more
	gzipMark  = "H4sI"           // of gzip's header, in base64
	zipMark   = "UEsD"           // of zip's
)

// keyBlocks finds private keys in PEM, and gives the text without any block of PEM, public ones too, so that no
// other rule takes their base64 for a secret.
func keyBlocks(text string) (hits []hit, rest string) {
	if !strings.Contains(text, pemBegin) {
		return nil, text
	}
	var b strings.Builder
	for {
		i := strings.Index(text, pemBegin)
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		block := text[i:]
		var size int
		near := block[:min(len(block), maxBlock)]
		if j := strings.Index(near[len(pemBegin):], pemEnd); j >= 0 {
			j += len(pemBegin)
			size = j + len(pemEnd)
			if k := strings.Index(block[size:], "-----"); k >= 0 && k < 64 {
				size += k + 5
			}
		} else if k := strings.Index(near[len(pemBegin):], pemBegin); k >= 0 {
			size = k + len(pemBegin)
		} else {
			size = len(near)
		}
		block, text = block[:size], block[size:]
		kind, body, _ := strings.Cut(block[len(pemBegin):], "-----")
		if strings.Contains(kind, "PRIVATE KEY") && keyBody(body) {
			hits = append(hits, hit{rule: RulePrivateKey, value: block})
		}
	}
	b.WriteString(text)
	return hits, b.String()
}

// keyBody reports whether a block holds a key and no placeholder: enough base64 under the headers.
func keyBody(body string) bool {
	body, _, _ = strings.Cut(body, pemEnd)
	body = strings.NewReplacer(`\n`, "\n", `\r`, "", `\t`, " ").Replace(body)
	n := 0
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.Trim(line, " \t\r\"',+;|#")
		if line == "" || strings.Contains(line, ": ") {
			continue
		}
		if placeholder(line) && !base64Text(line) || filler(line) {
			return false
		}
		if base64Text(line) {
			n += len(line)
		}
	}
	return n >= minMaterial
}

// publicText reports what is public by its form: certificates, public keys, in PEM, DER or the form of OpenSSH, in
// clear or in base64.
func publicText(v string) bool {
	if strings.HasPrefix(v, "ssh-") || strings.HasPrefix(v, "ecdsa-sha2-") || strings.HasPrefix(v, "sk-ssh-") || strings.HasPrefix(v, "age1") {
		return true
	}
	if strings.HasPrefix(v, pemBegin) {
		hits, rest := keyBlocks(v)
		return len(hits) == 0 && strings.TrimSpace(rest) == ""
	}
	if len(v) < minMaterial || !base64Text(v) {
		return false
	}
	raw, err := decode64(v)
	return err == nil && (publicDER(raw) || len(raw) < len(v) && looksPEM(raw) && publicText(string(raw)))
}

func looksPEM(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte(pemBegin)) || bytes.HasPrefix(raw, []byte(pemBase64))
}

func publicDER(raw []byte) bool {
	if len(raw) < 32 || raw[0] != 0x30 {
		return false
	}
	if _, err := x509.ParseCertificates(raw); err == nil {
		return true
	}
	if _, err := x509.ParseCertificateRequest(raw); err == nil {
		return true
	}
	if _, err := x509.ParsePKIXPublicKey(raw); err == nil {
		return true
	}
	_, err := x509.ParsePKCS1PublicKey(raw)
	return err == nil
}

func privateDER(raw []byte) bool {
	if len(raw) < 32 || raw[0] != 0x30 {
		return false
	}
	if _, err := x509.ParsePKCS8PrivateKey(raw); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(raw); err == nil {
		return true
	}
	_, err := x509.ParseECPrivateKey(raw)
	return err == nil
}

// unwrap decodes a value that is base64 as a whole. It gives the text inside ("" where there is none worth reading),
// and whether the value is key material, private (a rule) or public, and so needs no more looking.
func unwrap(v string) (inside, rule string, done bool) {
	if data, ok := strings.CutPrefix(v, "data:"); ok { // a data URL
		if head, body, ok := strings.Cut(data, ","); ok && strings.HasSuffix(head, ";base64") {
			v = body
		}
	}
	if len(v) < 16 || !base64Text(v) {
		return "", "", false
	}
	raw, err := decode64(v)
	if err != nil {
		return "", "", false
	}
	switch {
	case privateDER(raw):
		return "", RulePrivateKey, true
	case publicDER(raw):
		return "", "", true
	case strings.HasPrefix(v, gzipMark):
		raw = gunzip(raw)
	case strings.HasPrefix(v, zipMark):
		raw = unzip(raw)
	}
	if len(raw) == 0 || !printable(string(raw)) {
		return "", "", false
	}
	return string(raw), "", false
}

// gunzip gives nothing for what is broken or too large: a value that nobody can read holds no secret in clear.
func gunzip(raw []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	return readSome(z, len(raw))
}

// readSome reads what a packed value holds, unless it is out of all proportion to it.
func readSome(r io.Reader, packed int) []byte {
	limit := min(maxUnpacked, maxRatio*packed+maxBlock)
	out, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil || len(out) > limit {
		return nil
	}
	return out
}

// unzip gives the first file of an archive: some controllers keep the last applied object so.
func unzip(raw []byte) []byte {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil || len(z.File) == 0 {
		return nil
	}
	f, err := z.File[0].Open()
	if err != nil {
		return nil
	}
	return readSome(f, len(raw))
}

// blobs finds private keys that stand as base64 of PEM inside a line, and gives the line without any such run.
func blobs(line string) (hits []hit, rest string) {
	for _, mark := range []string{pemBase64, pemTwice} {
		line = cut(line, mark, func(run string) bool {
			if privateText(run) {
				hits = append(hits, hit{rule: RulePrivateKey, value: run})
			}
			return true
		})
	}
	return hits, line
}

// privateText reports a private key in base64 of PEM, once or several times over.
func privateText(text string) bool {
	for range maxLevels {
		raw, err := decode64(text)
		if err != nil {
			break
		}
		if text = string(raw); strings.HasPrefix(text, pemBegin) {
			break
		}
	}
	hits, _ := keyBlocks(text)
	return len(hits) > 0
}

// cut takes out of a line every run of base64 that begins with mark, where away agrees.
func cut(line, mark string, away func(run string) bool) string {
	i := strings.Index(line, mark)
	if i < 0 {
		return line
	}
	var b strings.Builder
	for i >= 0 {
		end := i + len(mark)
		for end < len(line) && (letter(line[end]) || digit(line[end]) || strings.IndexByte("+/=-_", line[end]) >= 0) {
			end++
		}
		b.WriteString(line[:i])
		if !away(line[i:end]) {
			b.WriteString(line[i:end])
		}
		line = line[end:]
		i = strings.Index(line, mark)
	}
	b.WriteString(line)
	return b.String()
}

// jwkSecret gives the private part of a JSON web key, or "".
func jwkSecret(object []byte) string {
	if len(object) > maxBlock {
		return ""
	}
	var k struct{ Kty, D, K string }
	if json.Unmarshal(object, &k) != nil || k.Kty == "" {
		return ""
	}
	secret := k.D
	if k.Kty == "oct" {
		secret = k.K
	}
	if len(secret) < 16 || placeholder(secret) || !base64Text(secret) {
		return ""
	}
	return secret
}
