package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"vigie/internal/app"
)

func (p *program) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: p.t("The configuration, vigie.yaml", "La configuration, vigie.yaml"),
		Args:  p.noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   p.t("check [FILE]", "check [FICHIER]"),
		Short: p.t("Check a configuration: every problem, with its line and the right spelling", "Vérifier une configuration : chaque problème, avec sa ligne et la bonne orthographe"),
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "vigie.yaml"
			if len(args) == 1 {
				path = args[0]
			}
			problems, err := app.CheckConfig(path, string(p.lang))
			if err != nil {
				return err
			}
			for _, line := range problems {
				fmt.Fprintln(cmd.OutOrStdout(), line)
			}
			if len(problems) > 0 {
				p.exit = app.ExitUsage
				return nil
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), p.t("%s is right\n", "%s est correct\n"), path)
			return err
		},
	}, &cobra.Command{
		Use:   "schema",
		Short: p.t("The JSON Schema of the configuration, for editors", "Le schéma JSON de la configuration, pour les éditeurs"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(app.ConfigSchema())
			return err
		},
	})
	return cmd
}
