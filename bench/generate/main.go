// Command generate writes the objects of the benchmark to disk, for use by hand: see the package gen.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"

	"vigie/bench/gen"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if err != flag.ErrHelp {
			fmt.Fprintln(os.Stderr, "generate:", err)
		}
		os.Exit(2)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	fs.SetOutput(stderr)
	objects := fs.Int("n", 1000, "objects")
	spaces := fs.String("namespaces", "many", `namespaces: a number, or "many" for one to every 5 applications`)
	form := fs.String("form", string(gen.YAML), "yaml (one file), dir (a file an application), files (a file an object) or json (one List)")
	path := fs.String("o", "", "file or directory to write; it must not exist yet")
	seed := fs.Uint64("seed", 1, "seed: the same gives the same bytes")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *path == "" || fs.NArg() > 0 {
		return fmt.Errorf("say where to write by -o PATH; no other argument is taken")
	}
	o := gen.Options{Objects: *objects, Seed: *seed}
	if *spaces != "many" {
		n, err := strconv.Atoi(*spaces)
		if err != nil || n < 1 {
			return fmt.Errorf(`-namespaces %q is neither a number from 1 on nor "many"`, *spaces)
		}
		o.Namespaces = n
	}
	st, err := gen.Write(o, gen.Form(*form), *path)
	if err != nil {
		return err
	}
	faulty := 0
	for _, n := range st.Faults {
		faulty += n
	}
	_, err = fmt.Fprintf(stdout, "%d objects of %d applications (%d with a fault) in %d namespaces: %d files, %.1f MB; %d bytes an object in YAML, %d on disk\n",
		st.Objects, st.Applications, faulty, st.Namespaces, st.Files, float64(st.Bytes)/1e6, st.YAMLBytes/int64(st.Objects), st.Bytes/int64(st.Objects))
	return err
}
