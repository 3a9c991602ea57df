package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vigie/internal/app"
	"vigie/internal/controls/own"
	"vigie/internal/policy"
)

func (p *program) clausesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   p.t("clauses [CHAPTER]", "clauses [CHAPITRE]"),
		Short: p.t("The clauses of the policy", "Les clauses de la politique"),
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pol, err := policy.Load()
			if err != nil {
				return err
			}
			only := ""
			if len(args) == 1 {
				ch, ok := pol.Chapter(args[0])
				if !ok {
					return &app.UsageError{Err: fmt.Errorf(p.t("no chapter %q: one of UPD MON BKP SEC IAM VUL ENC LOG INC GEN RACI", "aucun chapitre %q\u00a0: UPD MON BKP SEC IAM VUL ENC LOG INC GEN ou RACI"), args[0])}
				}
				only = ch.Key
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			for _, ch := range pol.Chapters {
				if only != "" && ch.Key != only {
					continue
				}
				fmt.Fprintf(w, "%s\t%s\t\n", ch.Key, ch.Title.In(string(p.lang)))
				for _, c := range pol.Clauses {
					if c.Chapter == ch.Key {
						fmt.Fprintf(w, "  %s\t%s\t%s, %s\n", c.ID, c.Title.In(string(p.lang)), p.kindOf(c.Kind), p.sideOf(c.Side))
					}
				}
			}
			return w.Flush()
		},
	}
}

func (p *program) kindOf(k policy.Kind) string {
	switch k {
	case policy.Duty:
		return p.t("duty", "responsabilité")
	case policy.Procedure:
		return p.t("procedure", "procédure")
	}
	return p.t("recommendation", "recommandation")
}

func (p *program) sideOf(s policy.Side) string {
	if s == policy.Provider {
		return p.t("provider", "fournisseur")
	}
	return p.t("tenant", "client")
}

func (p *program) controlsCommand() *cobra.Command {
	var all bool
	var own ownFlags
	cmd := &cobra.Command{
		Use:   "controls",
		Short: p.t("The controls of this version, and what they serve", "Les contrôles de cette version, et ce qu'ils servent"),
		Args:  p.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pol, err := policy.Load()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			built := map[string]bool{}
			checks, err := own.checks(p)
			if err != nil {
				return err
			}
			for _, c := range app.Controls(checks) {
				built[c.ID] = true
				d, err := c.Doc(string(p.lang))
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.ID, p.severity(c.Severity), shortIDs(c.Clauses), d.Title)
			}
			if all {
				for _, c := range pol.Catalogue {
					if !built[c.ID] {
						fmt.Fprintf(w, "%s\t-\t%s\t%s\n", c.ID, shortIDs(c.Clauses), p.t("(not in this version)", "(pas dans cette version)"))
					}
				}
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, p.t("also those of the catalogue that this version does not have", "aussi ceux du catalogue que cette version n'a pas"))
	own.add(cmd, p)
	cmd.AddCommand(p.controlsTestCommand())
	return cmd
}

// ownFlags name the checks of one's own for the commands that list and explain controls.
type ownFlags struct {
	paths  []string
	config string
}

func (o *ownFlags) add(cmd *cobra.Command, p *program) {
	cmd.Flags().StringSliceVar(&o.paths, "checks", nil, p.t("`FILE` or folder of checks of your own (default: those of vigie.yaml)", "`FICHIER` ou répertoire de contrôles qui vous sont propres (par défaut : ceux de vigie.yaml)"))
	cmd.Flags().StringVar(&o.config, "config", p.env.Getenv("VIGIE_CONFIG"), p.t("configuration `FILE` (default: vigie.yaml, if it is there)", "`FICHIER` de configuration (par défaut : vigie.yaml, s'il existe)"))
}

func (o *ownFlags) checks(p *program) ([]own.Check, error) {
	return app.Checks(o.paths, o.config, string(p.lang))
}

func shortIDs(ids []string) string {
	short := make([]string, len(ids))
	for i, id := range ids {
		short[i] = policy.ShortID(id)
	}
	return strings.Join(short, " ")
}
