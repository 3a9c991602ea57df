package report

import (
	"strings"

	"vigie/internal/lang"
)

// markdown makes a text harmless in running Markdown, as GitHub and GitLab read it: it is shown as it is, without
// emphasis, links, pictures or HTML, in a cell of a table too, and it calls nobody.
func markdown(s string) string {
	s = lang.Safe(s)
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\', '`', '*', '_', '[', ']', '|', '~', '$':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		default:
			b.WriteByte(c)
		}
		if refers(s, i) {
			b.WriteString("<!-- -->")
		}
	}
	return b.String()
}

// refers reports whether what comes behind s[i] would be taken for a mention (@name), for a reference to an issue, a
// merge request, a label or the like (#1, !2, ~x), or for an address (http://, www.). An empty comment at that place
// keeps both forges from it, and is not seen.
func refers(s string, i int) bool {
	rest := s[i+1:]
	switch s[i] {
	case '@', '#', '!', '~', '%', '&', '$', '^':
		return rest != "" && (rest[0] == '"' || rest[0] == '_' || rest[0] >= '0' && rest[0] <= '9' || rest[0]|0x20 >= 'a' && rest[0]|0x20 <= 'z')
	case ':':
		return strings.HasPrefix(rest, "//")
	case 'w', 'W':
		return strings.HasPrefix(rest, ".") && i >= 2 && strings.EqualFold(s[i-2:i+1], "www")
	}
	return false
}

// code is a text in a code span, which forges leave alone. The span is closed by no run of backquotes in it. A bar would
// end a table's cell even there, and not every reader knows how it is escaped behind a backslash: a text with one is
// written without a span.
func code(s string) string {
	s = lang.Safe(s)
	switch {
	case s == "":
		return ""
	case strings.Contains(s, "|"):
		return markdown(s)
	}
	fence, run := "`", 0
	for i := 0; i < len(s); i++ {
		if s[i] != '`' {
			run = 0
			continue
		}
		if run++; run >= len(fence) {
			fence += "`"
		}
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
