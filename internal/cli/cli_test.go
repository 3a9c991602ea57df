package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"vigie/internal/app"
)

func TestMain(m *testing.M) {
	if code, is := app.Worker(os.Args[1:]); is {
		os.Exit(code)
	}
	testscript.Main(m, map[string]func(){
		"vigie": func() { os.Exit(Main(context.Background(), os.Args[1:], OS())) },
	})
}

// TestExample is the golden test: the example tenant's report, in both languages.
func TestExample(t *testing.T) {
	if err := os.Chdir("../../examples/boutique"); err != nil {
		t.Fatal(err)
	}
	defer os.Chdir("../../internal/cli")
	for _, c := range []struct {
		name, lang string
		args       []string
	}{
		{"boutique.en.txt", "en", nil}, {"boutique.fr.txt", "fr", nil}, {"boutique.all.txt", "en", []string{"--all"}},
		{"boutique.object.txt", "en", []string{"--by", "object"}},
	} {
		var out bytes.Buffer
		env := Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }}
		code := Main(context.Background(), append([]string{"check", ".", "--lang", c.lang, "--facts", "../../internal/cli/testdata/now.yaml"}, c.args...), env)
		if code != 1 {
			t.Errorf("%s: exit %d, want 1\n%s", c.name, code, out.String())
		}
		golden(t, filepath.Join("..", "..", "internal", "cli", "testdata", c.name), out.Bytes())
	}
}

// golden holds output to a file that a person read.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s differs (read the difference, then -update): %v\n%s", path, err, firstDifference(got, want))
	}
}

func firstDifference(got, want []byte) string {
	a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return fmt.Sprintf("line %d: nothing, want %q", i+1, b[i])
		case i >= len(b):
			return fmt.Sprintf("line %d: %q, want nothing", i+1, a[i])
		case a[i] != b[i]:
			return fmt.Sprintf("line %d: %q, want %q", i+1, a[i], b[i])
		}
	}
	return ""
}

// TestScripts runs the command line as a person would.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(e *testscript.Env) error {
		e.Setenv("LANG", "en_US.UTF-8")
		return nil
	}})
}
