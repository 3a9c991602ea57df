package secrets

import "strings"

// A run is a stretch of the characters that tokens are made of. One that is long enough and has a part with both
// letters and digits may be a token that only its own form gives away, and is shown to gitleaks' rules; most strings
// of most manifests have none.

const (
	runByte = 1 << iota
	alphaByte
	digitByte
)

var byteKinds = func() (t [256]byte) {
	for c := range t {
		switch b := byte(c); {
		case letter(b) && b < 0x80:
			t[c] = runByte | alphaByte
		case digit(b):
			t[c] = runByte | digitByte
		case strings.IndexByte("_-+/=.~:", b) >= 0:
			t[c] = runByte
		}
	}
	return t
}()

const partLength = 10 // of the part with letters and digits

// hasRun reports whether b holds a run worth showing to the rules. An image's digest is none.
func hasRun(b []byte) bool {
	_, end := nextRun(b, 0)
	return end > 0
}

// nextRun gives the bounds of the first run at or after from, or 0, 0.
func nextRun(b []byte, from int) (int, int) {
	for i := from; i < len(b); {
		if byteKinds[b[i]] == 0 {
			i++
			continue
		}
		start := i
		part, kinds, good := i, byte(0), false
		for i < len(b) {
			k := byteKinds[b[i]]
			if k == 0 {
				break
			}
			if k == runByte {
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
		if i-start >= runLength && (good || i-start >= 3 && strings.Contains(string(b[start:min(i, start+200)]), "A3-")) {
			return start, i
		}
	}
	return 0, 0
}

func skipHex(b []byte, i int) int {
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
	b := []byte(line)
	at := 0
	open, end := -1, 0
	flush := func() {
		if open >= 0 {
			out = append(out, line[open:end])
		}
		open = -1
	}
	for {
		s, e := nextRun(b, at)
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

// withoutPublic takes public keys of OpenSSH, integrity hashes and certificates in base64 out of a line.
func withoutPublic(line string) string {
	for _, mark := range []string{"ssh-rsa AAAA", "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 AAAA", "ecdsa-sha2-nistp384 AAAA", "ecdsa-sha2-nistp521 AAAA", "ssh-dss AAAA", "sha256-", "sha384-", "sha512-"} {
		for {
			i := strings.Index(line, mark)
			if i < 0 {
				break
			}
			j := i + len(mark)
			for j < len(line) && (letter(line[j]) || digit(line[j]) || strings.IndexByte("+/=", line[j]) >= 0) {
				j++
			}
			line = line[:i] + line[j:]
		}
	}
	for _, mark := range []string{"MII", "LS0tLS1CRUdJT"} {
		if i := strings.Index(line, mark); i >= 0 {
			j := i
			for j < len(line) && (letter(line[j]) || digit(line[j]) || strings.IndexByte("+/=", line[j]) >= 0) {
				j++
			}
			if publicText(line[i:j]) {
				line = line[:i] + line[j:]
			}
		}
	}
	return line
}
