package gen

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed templates
var templateFiles embed.FS

var templates = parseTemplates()

// meta is what the metadata of every object is rendered from.
type meta struct {
	App             *App
	Name, Component string
}

func parseTemplates() *template.Template {
	t := template.New("")
	t.Funcs(template.FuncMap{
		"upper":  strings.ToUpper,
		"indent": func(n int, name string, app *App) (string, error) { return indented(t, n, name, app) },
		"meta": func(app *App, name, component string) (string, error) {
			return indented(t, 0, "meta", meta{App: app, Name: name, Component: component})
		},
	})
	return template.Must(t.ParseFS(templateFiles, "templates/*"))
}

// indented renders a named block for a place that already stands n columns in: every line but the first is moved.
func indented(t *template.Template, n int, name string, data any) (string, error) {
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	return strings.ReplaceAll(b.String(), "\n", "\n"+strings.Repeat(" ", n)), nil
}

func templateName(kind string) string { return strings.ToLower(kind) + ".yaml" }

func render(buf *bytes.Buffer, kind string, app *App) {
	if err := templates.ExecuteTemplate(buf, templateName(kind), app); err != nil {
		panic(fmt.Sprintf("gen: template of %s: %v", kind, err))
	}
}
