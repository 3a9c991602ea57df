package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vigie/internal/app"
	"vigie/internal/lang"
)

// controlsTestCommand tries the checks of one's own over their cases.
func (p *program) controlsTestCommand() *cobra.Command {
	var configPath string
	cmd := &cobra.Command{
		Use:   p.t("test [FILE|DIRECTORY...]", "test [FICHIER|RÉPERTOIRE...]"),
		Short: p.t("Try the checks of your own over their cases", "Éprouver vos propres contrôles sur leurs cas"),
		Long: p.t(`Runs the cases of each check of your own: testdata/ID/*.txtar beside its file, in the form of Vigie's own cases
(manifests, facts.yaml, parameters, want). Without a path, the checks that vigie.yaml names. A check that has no case, or
a reason that no case gives, is a fault: exit 1.`,
			`Exécute les cas de chaque contrôle qui vous est propre : testdata/ID/*.txtar à côté de son fichier, sous la forme des
cas de Vigie (manifestes, facts.yaml, parameters, want). Sans chemin, les contrôles que vigie.yaml nomme. Un contrôle sans
cas, ou un motif qu'aucun cas ne donne, est un défaut : sortie 1.`),
		Example: "  vigie controls test checks/",
		RunE: func(cmd *cobra.Command, args []string) error {
			checks, err := app.Checks(args, configPath, string(p.lang))
			if err != nil {
				return err
			}
			if len(checks) == 0 {
				return &app.UsageError{Err: fmt.Errorf("%s", p.t("no check of your own: name a file or a folder, or set checks in vigie.yaml", "aucun contrôle qui vous soit propre\u00a0: nommer un fichier ou un répertoire, ou renseigner checks dans vigie.yaml"))}
			}
			tested, err := app.TestChecks(checks)
			if err != nil {
				return err
			}
			p.sayTested(cmd.OutOrStdout(), tested)
			return nil
		},
	}
	cmd.Flags().StringVar(&configPath, "config", p.env.Getenv("VIGIE_CONFIG"), p.t("configuration `FILE` (default: vigie.yaml, if it is there)", "`FICHIER` de configuration (par défaut : vigie.yaml, s'il existe)"))
	return cmd
}

func (p *program) sayTested(w io.Writer, tested []app.Tested) {
	passed, failed := 0, 0
	for _, t := range tested {
		state := p.t("ok", "ok")
		if len(t.Faults) > 0 {
			state = p.t("FAULT", "DÉFAUT")
			p.exit = app.ExitFindings
		}
		fmt.Fprintf(w, "%-6s %s  (%s)\n", state, t.Check.ID, fmt.Sprintf(p.t("cases: %d", "cas : %d"), t.Cases))
		for _, f := range t.Faults {
			for line := range strings.Lines(f) {
				fmt.Fprintf(w, "    %s\n", lang.Safe(strings.TrimRight(line, "\n")))
			}
		}
		passed, failed = passed+t.Cases-t.Failed, failed+t.Failed
	}
	fmt.Fprintf(w, p.t("cases: %d passed, %d failed\n", "cas : %d réussis, %d en échec\n"), passed, failed)
}
