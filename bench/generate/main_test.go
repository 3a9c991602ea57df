package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name string
		args []string
		want string // in what it says, or in its error
		fail bool
	}{
		{"many", []string{"-n", "130", "-o", filepath.Join(dir, "a.yaml")}, "130 objects of 10 applications (1 with a fault) in 2 namespaces: 1 files", false},
		{"one", []string{"-n", "130", "-namespaces", "1", "-form", "dir", "-o", filepath.Join(dir, "b")}, "in 1 namespaces: 10 files", false},
		{"no path", []string{"-n", "130"}, "-o PATH", true},
		{"namespaces in words", []string{"-namespaces", "few", "-o", filepath.Join(dir, "c")}, `"few" is neither`, true},
		{"no namespace", []string{"-namespaces", "0", "-o", filepath.Join(dir, "c")}, `"0" is neither`, true},
		{"unknown form", []string{"-form", "xml", "-o", filepath.Join(dir, "c")}, `form "xml" is unknown`, true},
		{"no objects", []string{"-n", "0", "-o", filepath.Join(dir, "c")}, "at least 1 is needed", true},
		{"a rest", []string{"-o", filepath.Join(dir, "c"), "rest"}, "no other argument", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			err := run(test.args, &out, &errs)
			got := out.String()
			if err != nil {
				got = err.Error()
			}
			if (err != nil) != test.fail || !strings.Contains(got, test.want) {
				t.Errorf("%q, failed %t; want %q, %t", got, err != nil, test.want, test.fail)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "c")); !os.IsNotExist(err) {
		t.Errorf("what was refused left something behind: %v", err)
	}
}
