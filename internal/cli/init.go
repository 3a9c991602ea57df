package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"vigie/internal/app"
)

func (p *program) initCommand() *cobra.Command {
	var opt app.CheckOptions
	var out string
	var force bool
	cmd := &cobra.Command{
		Use:   p.t("init PATH...", "init CHEMIN..."),
		Short: p.t("Write a first configuration from what is found", "Écrire une première configuration d'après ce qui est trouvé"),
		Long: p.t(`Reads manifests and writes vigie.yaml: namespaces, environments, teams, registries, storage classes and critical volumes
as they are seen. What a name alone suggests is marked GUESS, to be confirmed; what nobody can see is left to fill in.`,
			`Lit des manifestes et écrit vigie.yaml : espaces de noms, environnements, équipes, registres, classes de stockage et
volumes critiques tels qu'ils sont vus. Ce qu'un nom seul suggère est marqué SUPPOSÉ, à confirmer ; ce que personne ne
peut voir reste à remplir.`),
		Example: "  vigie init manifests/\n  vigie init --out - manifests/",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &app.UsageError{Err: fmt.Errorf("%s", p.t("name what to read: a file, a directory, an archive, or - for standard input", "nommer ce qu'il faut lire\u00a0: un fichier, un répertoire, une archive, ou - pour l'entrée standard"))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.Paths, opt.Stdin = args, cmd.InOrStdin()
			if out != "-" && !force {
				if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
					return &app.UsageError{Err: fmt.Errorf(p.t("%s is there already: --force replaces it, --out names another file", "%s existe déjà\u00a0: --force le remplace, --out nomme un autre fichier"), out)}
				}
			}
			first, err := app.FindFirst(cmd.Context(), opt)
			if err != nil {
				return err
			}
			text, err := first.Config(string(p.lang))
			if err != nil {
				return err
			}
			return p.writeFirst(cmd, out, text, first)
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "vigie.yaml", p.t("the `FILE` to write; - is standard output", "le `FICHIER` à écrire ; - est la sortie standard"))
	f.BoolVar(&force, "force", false, p.t("replace the file where it is there", "remplacer le fichier s'il existe"))
	f.StringVarP(&opt.Namespace, "namespace", "n", "", p.t("namespace of the objects that name none", "espace de noms des objets qui n'en nomment pas"))
	return cmd
}

func (p *program) writeFirst(cmd *cobra.Command, path string, text []byte, first *app.First) error {
	if path == "-" {
		_, err := cmd.OutOrStdout().Write(text)
		return err
	}
	o, err := openOut(path, nil)
	if err != nil {
		return err
	}
	defer o.discard()
	if _, err := o.Write(text); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := o.keep(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, p.t("%s is written: confirm its guesses, then run vigie check\n", "%s est écrit\u00a0: confirmer ce qui y est supposé, puis lancer vigie check\n"), path)
	if first.Unread > 0 {
		fmt.Fprintf(w, p.t("documents not understood: %d; vigie check lists them\n", "documents non compris\u00a0: %d\u00a0; vigie check les liste\n"), first.Unread)
	}
	return nil
}
