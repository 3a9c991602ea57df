package secrets

import (
	"strings"
)

// A run is a stretch of the characters that tokens are made of. One that is long enough and has a part with both
// letters and digits may be a token that only its own form gives away, and is shown to gitleaks' rules; most strings
// of most manifests have none.

// What kinds of bytes a string has, found while its end is looked for.
const (
	runByte byte = 1 << iota
	alphaByte
	digitByte
	spaceByte
	joinByte // : = <
	atByte
	escapeByte
)

var byteKinds = func() (t [256]byte) {
	for c := range t {
		switch b := byte(c); {
		case letter(b) && b < 0x80:
			t[c] = runByte | alphaByte
		case digit(b):
			t[c] = runByte | digitByte
		case strings.IndexByte("_-+/.~", b) >= 0:
			t[c] = runByte
		case b == ':' || b == '=':
			t[c] = runByte | joinByte
		case b == '<':
			t[c] = joinByte
		case b == ' ' || b == '\t' || b == '\n':
			t[c] = spaceByte
		case b == '@':
			t[c] = atByte
		case b == '\\':
			t[c] = 0xff // what it stands for may be anything
		}
	}
	return t
}()

// hasRun reports whether b holds a run worth showing to the rules. An image's digest is none.
func hasRun[T string | []byte](b T) bool {
	_, end := nextRun(b, 0)
	return end > 0
}

// nextRun gives the bounds of the first run at or after from, or 0, 0.
func nextRun[T string | []byte](b T, from int) (int, int) {
	for i := from; i < len(b); {
		if byteKinds[b[i]]&runByte == 0 || b[i] == '\\' {
			i++
			continue
		}
		start := i
		part, kinds, good := i, byte(0), false
		for i < len(b) {
			k := byteKinds[b[i]] & (runByte | alphaByte | digitByte)
			if k&runByte == 0 || b[i] == '\\' {
				break
			}
			if k == runByte && b[i] != '_' && b[i] != '-' {
				good = good || i-part >= partLength && kinds == runByte|alphaByte|digitByte
				if b[i] == ':' && i-part == 6 && string(b[part:i]) == "sha256" {
					i = skipHex(b, i+1)
					part, kinds = i, 0
					continue
				}
				part, kinds = i+1, 0
			} else {
				kinds |= k
			}
			i++
		}
		good = good || i-part >= partLength && kinds == runByte|alphaByte|digitByte
		if i-start >= runLength && (good || isParted(b[start:i])) {
			return start, i
		}
	}
	return 0, 0
}

// isParted reports the form of 1Password's keys, whose parts are short.
func isParted[T string | []byte](run T) bool {
	return len(run) > 30 && run[0] == 'A' && run[1] == '3' && run[2] == '-'
}

func skipHex[T string | []byte](b T, i int) int {
	end := i
	for end < len(b) && hexByte(b[end]) {
		end++
	}
	if end-i == 64 {
		return end
	}
	return i
}

// windows gives what stands around the runs of a line, for the rules want to see a name beside a value. A run that is
// longer than any token, other than a JWT, is data.
func windows(line string) (out []string) {
	at := 0
	open, end := -1, 0
	flush := func() {
		if open >= 0 {
			out = append(out, line[open:end])
		}
		open = -1
	}
	for {
		s, e := nextRun(line, at)
		if e == 0 {
			break
		}
		at = e
		if e-s > maxOpaqueRun && !strings.HasPrefix(line[s:], "ey") {
			continue
		}
		from, to := max(0, s-windowContext), min(len(line), e+windowContext)
		if open >= 0 && (from > end || to-open > maxWindow) {
			flush()
		}
		if open < 0 {
			open = from
		}
		end = to
	}
	flush()
	return out
}

// publicMarks begin what is public by its form: public keys of OpenSSH, hashes for integrity.
var publicMarks = []string{
	"ssh-rsa AAAA", "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 AAAA", "ecdsa-sha2-nistp384 AAAA", "ecdsa-sha2-nistp521 AAAA", "ssh-dss AAAA",
	"sha256-", "sha384-", "sha512-",
}

// withoutPublic takes public keys, hashes for integrity and certificates in base64 out of a line.
func withoutPublic(line string) string {
	for _, mark := range publicMarks {
		line = cut(line, mark, func(string) bool { return true })
	}
	return cut(line, "MII", publicText)
}
