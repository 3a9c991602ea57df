package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxSize bounds a file: a configuration of a hundred teams is some 50 kB.
const maxSize = 1 << 20

// read gives a file's bytes, or the problem with it.
func read(path string) ([]byte, *Problem) {
	data, err := readFile(path)
	if err == nil {
		return data, nil
	}
	cause := "broken"
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		cause = "absent"
	case errors.Is(err, fs.ErrPermission):
		cause = "denied"
	case errors.As(err, &pe) && pe.Op == "folder":
		cause = "folder"
	}
	return nil, &Problem{File: path, Reason: "unreadable", Values: map[string]string{"cause": cause}}
}

// readFile reads one byte more than maxSize at most, so that a device or an endless pipe does not fill the memory.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, &fs.PathError{Op: "folder", Path: path, Err: errors.New("want a file")}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	return data, nil
}

// root gives the one document's root node; nil where the file says nothing, or where a problem was noted.
func (w *walker) root(data []byte) *yaml.Node {
	if len(data) > maxSize {
		w.problems = append(w.problems, Problem{File: w.file, Reason: "too-large"})
		return nil
	}
	if at := notText(data); at >= 0 {
		w.problems = append(w.problems, Problem{File: w.file, Line: 1 + bytes.Count(data[:at], []byte("\n")), Reason: "not-text"})
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		w.broken(data, err)
		return nil
	}
	switch err := d.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		w.broken(data, err)
		return nil
	default:
		w.note(&second, "", "second-document", "")
		return nil
	}
	n := doc.Content[0]
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil // comments alone
	}
	return n
}

// notText is the place of the first byte that is no UTF-8, -1 where all are.
func notText(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// broken notes a document that is no YAML.
func (w *walker) broken(data []byte, err error) {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := lineForm.FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1])
		msg = msg[len(m[0]):]
	}
	if at := brokenLine(data); at > 0 {
		line = at
	}
	p := Problem{File: w.file, Line: line}
	if star := starOn(data, line); star != "" && (strings.HasPrefix(msg, "unknown anchor") || msg == "did not find expected alphabetic or numeric character") {
		p.Reason, p.Suggestion = "star", strconv.Quote(star)
	} else {
		cause, ok := syntax[msg]
		if !ok {
			cause = text{msg, "faute de syntaxe («\u00a0" + msg + "\u00a0»)"}
		}
		p.Reason, p.Values = "not-yaml", map[string]string{"en": cause[english], "fr": cause[french]}
	}
	w.problems = append(w.problems, p)
}

var (
	lineForm = regexp.MustCompile(`^line (\d+): `)
	starForm = regexp.MustCompile(`(?:^|[\s\[,{:])(\*[^\s,\]}:#]*)`)
)

// starOn is the word on a line that begins with a star; "" where there is none.
func starOn(data []byte, line int) string {
	lines := strings.Split(string(data), "\n")
	if line > len(lines) {
		return ""
	}
	if m := starForm.FindStringSubmatch(lines[line-1]); m != nil {
		return m[1]
	}
	return ""
}

// tries bounds the search for the broken line, in bytes parsed.
const tries = 8 << 20

// brokenLine finds where a document breaks: the line after the longest beginning of the file that is YAML. The
// parser's own line is that of the construct around the fault, often the first of the file. 0: not found.
func brokenLine(data []byte) int {
	ends := []int{0} // ends[k]: where the first k lines end
	for i, c := range data {
		if c == '\n' {
			ends = append(ends, i+1)
		}
	}
	spent := 0
	for k := len(ends) - 1; k >= 0; k-- {
		if spent += ends[k]; spent > tries {
			return 0
		}
		if wellFormed(data[:ends[k]]) {
			return k + 1
		}
	}
	return 0
}

func wellFormed(data []byte) bool {
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		if err := d.Decode(&n); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// syntax says in words what the parser says in its own (go.yaml.in/yaml/v3, scannerc.go, parserc.go, readerc.go).
var syntax = map[string]text{
	"found character that cannot start any token": {
		"a tab, or one of @ ` % without quotes", "une tabulation, ou l'un de @ ` % sans guillemets"},
	"found a tab character that violates indentation": {
		"a tab in the indentation: use spaces", "une tabulation dans l'indentation\u00a0: employer des espaces"},
	"found a tab character where an indentation space is expected": {
		"a tab in the indentation: use spaces", "une tabulation dans l'indentation\u00a0: employer des espaces"},
	"mapping values are not allowed in this context": {
		"a colon where none may stand: mind the indentation, and put a text that holds \": \" in quotes",
		"un deux-points mal placé\u00a0: vérifier l'indentation et mettre entre guillemets un texte qui contient \": \""},
	"block sequence entries are not allowed in this context": {
		"a dash of a list where none may stand: mind the indentation", "un tiret de liste là où il ne peut pas y en avoir\u00a0: vérifier l'indentation"},
	"mapping keys are not allowed in this context": {
		"a ? of a key where none may stand", "un ? de clé là où il ne peut pas y en avoir"},
	"could not find expected ':'": {
		"a key without its colon", "une clé sans son deux-points"},
	"did not find expected key": {
		"a key is expected: mind the indentation", "une clé est attendue\u00a0: vérifier l'indentation"},
	"did not find expected '-' indicator": {
		"a dash of a list is expected: mind the indentation", "un tiret de liste est attendu\u00a0: vérifier l'indentation"},
	"did not find expected ',' or ']'": {
		"a comma or ] is missing", "il manque une virgule ou ]"},
	"did not find expected ',' or '}'": {
		"a comma or } is missing", "il manque une virgule ou }"},
	"did not find expected node content": {
		"a value is expected", "une valeur est attendue"},
	"did not find expected <document start>": {
		"text after the end of the document: mind the indentation", "du texte après la fin du document\u00a0: vérifier l'indentation"},
	"found unexpected end of stream": {
		"a quotation mark that is never closed", "un guillemet jamais fermé"},
	"found unexpected document indicator": {
		"a quotation mark that is never closed", "un guillemet jamais fermé"},
	"found unknown escape character": {
		"an unknown escape after \\: use single quotes", "un échappement inconnu après \\\u00a0: employer des apostrophes"},
	"found invalid Unicode character escape code": {
		"an escape of a character that does not exist", "l'échappement d'un caractère qui n'existe pas"},
	"did not find expected hexdecimal number": {
		"an escape without its hexadecimal digits", "un échappement sans ses chiffres hexadécimaux"},
	"did not find expected alphabetic or numeric character": {
		"& or * without a name: put the value in quotes", "& ou * sans nom\u00a0: mettre la valeur entre guillemets"},
	"did not find expected whitespace or line break": {
		"a tag without a space after it", "une étiquette sans espace après elle"},
	"did not find expected comment or line break": {
		"text after | or >: begin it on the next line", "du texte après | ou >\u00a0: le commencer à la ligne suivante"},
	"found undefined tag handle": {
		"a tag of an unknown kind", "une étiquette d'un genre inconnu"},
	"control characters are not allowed": {
		"a control character", "un caractère de contrôle"},
	"exceeded max depth of 10000": {
		"nested too deeply", "imbrication trop profonde"},
}
