// Package cli is the command line: one file a command, flags in, exit code out. What a command does is in package
// app; what it prints is made by package report.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"vigie/internal/app"
	"vigie/internal/lang"
	"vigie/internal/policy"
)

// Env is the world of a run: the process's own, or a test's.
type Env struct {
	Stdin            io.Reader
	Stdout, Stderr   io.Writer
	Getenv           func(string) string
	Terminal         bool // stdout is a terminal: colour
	ProgressTerminal bool // stderr is one: progress
}

// OS is the world of this process.
func OS() Env {
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Terminal: term.IsTerminal(int(os.Stdout.Fd())), ProgressTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// program is what the commands share.
type program struct {
	env  Env
	lang lang.Lang
	exit int
}

// t gives a text in the run's language.
func (p *program) t(en, fr string) string { return lang.Terminal(p.lang.Typeset(p.lang.T(en, fr))) }

// Main runs the command line and gives the exit code.
func Main(ctx context.Context, args []string, env Env) int {
	p := &program{env: env, lang: lang.Detect(langFlag(args), env.Getenv)}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return p.exit
	}
	fmt.Fprintln(env.Stderr, "vigie:", lang.Safe(err.Error()))
	var usage *app.UsageError
	if errors.As(err, &usage) || p.exit == 0 {
		return app.ExitUsage
	}
	return p.exit
}

// langFlag finds --lang before the flags are parsed: the help itself is in that language.
func langFlag(args []string) string {
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--lang="); ok {
			return v
		}
		if a == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use: "vigie",
		Short: p.t("Find out, clause by clause, whether a maintenance policy holds",
			"Savoir, clause par clause, si une politique de maintien est respectée"),
		Long: p.t(`Vigie, the ship's lookout, finds out clause by clause whether the policy of operational (MCO) and security
(MCS) maintenance of a managed OpenShift platform holds: what holds, what fails, what could not be seen, and how to
mend each fault.

Start with:  vigie check DIRECTORY`,
			`Vigie établit, clause par clause, si la politique de maintien en conditions opérationnelles (MCO) et de sécurité
(MCS) d'une plateforme OpenShift managée est respectée : ce qui est conforme, ce qui ne l'est pas, ce qui n'a pas pu
être vu, et comment corriger chaque écart.

Pour commencer :  vigie check RÉPERTOIRE`),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          p.noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().String("lang", string(p.lang), p.t("language: en or fr (default: the locale's)", "langue : en ou fr (par défaut : celle de la locale)"))
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		switch v := cmd.Flag("lang").Value.String(); v {
		case "en", "fr":
			return nil
		default:
			return &app.UsageError{Err: fmt.Errorf("--lang %q: want en or fr", v)}
		}
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &app.UsageError{Err: fmt.Errorf("%w (%s)", err, p.t("see", "voir")+" "+cmd.CommandPath()+" --help")}
	})
	root.AddCommand(p.checkCommand(), p.explainCommand(), p.controlsCommand(), p.clausesCommand(), p.configCommand(),
		p.diffCommand(), p.convertCommand(), p.initCommand(), p.versionCommand())
	root.SetUsageTemplate(p.usageTemplate())
	root.SetHelpTemplate("{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}\n\n{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}")
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	p.translateBuiltin(root)
	return root
}

// Worker reports that the program was started to render, by itself, and with what code it ends.
func Worker(args []string) (code int, is bool) { return app.Worker(args) }

// noArgs refuses a word that is no command, with what was meant.
func (p *program) noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	msg := fmt.Sprintf(p.t("unknown command %q", "commande inconnue %q"), args[0])
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if near := policy.Nearest(args[0], names); len(near) > 0 {
		msg += p.t(": did you mean ", " : vouliez-vous dire ") + near[0] + " ?"
	}
	return &app.UsageError{Err: errors.New(strings.ReplaceAll(msg, " ?", p.t("?", "\u00a0?")))}
}

// usageTemplate is cobra's in both languages.
func (p *program) usageTemplate() string {
	return p.t("Usage:", "Utilisation :") + `{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} ` + p.t("COMMAND", "COMMANDE") + `{{end}}{{if .HasExample}}

` + p.t("Examples:", "Exemples :") + `
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

` + p.t("Commands:", "Commandes :") + `{{range .Commands}}{{if (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

` + p.t("Flags:", "Options :") + `
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

` + p.t("Global flags:", "Options globales :") + `
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`
}

// translateBuiltin gives cobra's own commands and flags the run's language.
func (p *program) translateBuiltin(root *cobra.Command) {
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Short = p.t("Help about any command", "Aide sur une commande")
		case "completion":
			c.Short = p.t("Completion script for bash, zsh, fish or powershell", "Script de complétion pour bash, zsh, fish ou powershell")
			for _, sub := range c.Commands() {
				sub.Short = p.t("Completion script for "+sub.Name(), "Script de complétion pour "+sub.Name())
				if p.lang == "fr" {
					sub.Long = sub.Short + "."
				}
			}
		}
	}
	p.helpFlag(root)
}

func (p *program) helpFlag(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	c.Flag("help").Usage = p.t("this help", "cette aide")
	for _, sub := range c.Commands() {
		p.helpFlag(sub)
	}
}
