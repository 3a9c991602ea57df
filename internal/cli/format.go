package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// formatFlag is -o, with the words that it takes, in its help and for the shell.
func (p *program) formatFlag(cmd *cobra.Command, into *string, preset string, words []string) {
	last := len(words) - 1
	list := strings.Join(words[:last], ", ") + p.t(" or ", " ou ") + words[last]
	cmd.Flags().StringVarP(into, "output", "o", preset, p.t("format: ", "format : ")+list)
	if err := cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is there: it was made in the line above
	}
}
