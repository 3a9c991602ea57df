package cli

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"vigie/internal/policy"
)

// Version is the program's, set at the build (-ldflags -X); else what the module or the revision says.
var Version = ""

func versionString() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: p.t("The version of the program and of the policy", "La version du programme et de la politique"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "vigie %s\n%s %s (%s)\n", versionString(), p.t("policy", "politique"), policy.Version, policy.Hash())
			return err
		},
	}
}
