package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"sync"

	"vigie/internal/lang"
)

//go:embed page.html
var pageTemplate string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// pageOnce parses the page at the first use: few commands need it.
var pageOnce = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"t": both}).Parse(pageTemplate))
})

// htmlHandler writes one page at the end: one file that loads nothing, in both languages.
type htmlHandler struct {
	digest
	first lang.Lang
	w     io.Writer
}

// NewHTML makes the handler of the page. first is the language that it opens in; a switch on the page gives the other.
// The page needs no script: without one it only cannot filter and copy.
func NewHTML(w io.Writer, first lang.Lang) Handler {
	return &htmlHandler{first: lang.Of(string(first)), w: w}
}

// Summary implements Handler.
func (h *htmlHandler) Summary(s Summary) error {
	if err := h.digest.Summary(s); err != nil {
		return err
	}
	p := newPage(&h.digest, h.first)
	var out bytes.Buffer
	// Browsers print the title on each page: with it, scope and moment.
	title := template.HTMLEscapeString(p.Title.in(h.first) + ", " + p.Moment.in(h.first))
	fmt.Fprintf(&out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"+
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'\">\n"+
		"<title>%s</title>\n<style>%s</style>\n</head>\n<body>",
		h.first, hashOf(pageStyle), hashOf(pageScript), title, pageStyle)
	if err := pageOnce().ExecuteTemplate(&out, "page", p); err != nil {
		return fmt.Errorf("make the HTML report: %w", err)
	}
	fmt.Fprintf(&out, "<script>%s</script>\n</body>\n</html>\n", pageScript)
	if _, err := h.w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	return nil
}

// hashOf is the source that a content security policy allows for exactly this text.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// bilingual is a text of the page in both languages.
type bilingual struct{ EN, FR string }

func (b bilingual) in(l lang.Lang) string { return l.T(b.EN, b.FR) }

// both is a sentence of the catalogue without a hole.
func both(key string) bilingual {
	return bilingual{lang.English.Say(key, nil), lang.French.Say(key, nil)}
}

// same is a text that is not translated: a name, an id.
func same(s string) bilingual { return bilingual{s, s} }
