package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vigie/internal/app"
	"vigie/internal/control"
	"vigie/internal/controls"
	"vigie/internal/report"
)

// diffFormats are the forms in which changes are written.
var diffFormats = []string{"text", "json", "markdown"}

func (p *program) diffCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   p.t("diff BEFORE AFTER", "diff AVANT APRÈS"),
		Short: p.t("What changed between two kept results", "Ce qui a changé entre deux résultats conservés"),
		Long: p.t(`Diff compares two results that vigie check -o json wrote: what is new, what was mended, which clauses stand
otherwise. A failure that could not be judged this time is neither: it is named apart.

Exit codes: 0 nothing new fails, 1 something new fails, 2 wrong use.`,
			`Diff compare deux résultats que vigie check -o json a écrits : ce qui est nouveau, ce qui a été corrigé, quelles clauses
ont changé d'état. Un écart qui n'a pas pu être réévalué n'est ni l'un ni l'autre : il est cité à part.

Codes de sortie : 0 rien de nouveau, 1 de nouveaux écarts, 2 utilisation incorrecte.`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return &app.UsageError{Err: fmt.Errorf("%s", p.t("name two results: BEFORE AFTER", "nommer deux résultats\u00a0: AVANT APRÈS"))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(diffFormats, format) {
				return &app.UsageError{Err: fmt.Errorf("--output %q: want %s", format, strings.Join(diffFormats, ", "))}
			}
			before, err := os.Open(args[0])
			if err != nil {
				return &app.UsageError{Err: err}
			}
			defer before.Close()
			after, err := os.Open(args[1])
			if err != nil {
				return &app.UsageError{Err: err}
			}
			defer after.Close()
			changes, err := report.Known(find).Diff(before, after)
			if err != nil {
				return &app.UsageError{Err: err}
			}
			if len(changes.New) > 0 {
				p.exit = app.ExitFindings
			}
			switch format {
			case "json":
				return changes.WriteJSON(cmd.OutOrStdout())
			case "markdown":
				return changes.WriteMarkdown(cmd.OutOrStdout(), p.lang)
			}
			return changes.Write(cmd.OutOrStdout(), p.lang)
		},
	}
	p.formatFlag(cmd, &format, "text", diffFormats)
	return cmd
}

// find gives a control of this version: its sentences are said in the language that is asked for.
func find(id string) *control.Control {
	for _, c := range controls.All() {
		if c.ID == id {
			return c
		}
	}
	return nil
}
