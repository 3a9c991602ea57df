package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"vigie/internal/app"
	"vigie/internal/lang"
	"vigie/internal/report"
)

func (p *program) convertCommand() *cobra.Command {
	var fl checkFlags
	cmd := &cobra.Command{
		Use:   p.t("convert FILE", "convert FICHIER"),
		Short: p.t("Make any report of a kept result", "Faire tout rapport d'un résultat conservé"),
		Long: p.t(`Convert reads a result that vigie check -o json wrote, from a file or from standard input (-), and writes it in another
format, as the check itself would have written it. It judges nothing anew: waivers, baseline and moment are the result's.
Without --lang the report speaks the result's language.

A result that was cut, changed, or written by a newer version is refused, and then nothing is written at all.

Exit codes: 0 the report was written, whatever it says; 2 wrong use, or a result that is refused.`,
			`Convert lit un résultat que vigie check -o json a écrit, dans un fichier ou sur l'entrée standard (-), et l'écrit dans un
autre format, comme le contrôle lui-même l'aurait écrit. Rien n'est jugé de nouveau : dérogations, référence et moment
sont ceux du résultat. Sans --lang, le rapport est dans la langue du résultat.

Un résultat tronqué, modifié ou écrit par une version plus récente est refusé, et rien n'est alors écrit.

Codes de sortie : 0 le rapport a été écrit, quoi qu'il dise ; 2 utilisation incorrecte, ou résultat refusé.`),
		Example: `  vigie convert last.jsonl -o sarif --out vigie.sarif
  vigie check deploy/ -o json | vigie convert - -o markdown`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &app.UsageError{Err: fmt.Errorf("%s", p.t("name one result: a file, or - for standard input", "nommer un résultat : un fichier, ou - pour l'entrée standard"))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return p.convert(cmd, args[0], fl) },
	}
	p.formatFlag(cmd, &fl.format, "", report.Formats())
	f := cmd.Flags()
	f.StringVar(&fl.out, "out", "", p.t("write the report to this `FILE`, whole or not at all", "écrire le rapport dans ce `FICHIER`, en entier ou pas du tout"))
	f.StringVar(&fl.by, "by", "clause", p.t("text: order by clause or by object", "text : présenter par clause ou par objet (object)"))
	f.BoolVar(&fl.all, "all", false, p.t("text: every finding, not only the worst", "text : tous les constats, pas seulement les plus graves"))
	f.StringVar(&fl.colour, "color", "auto", p.t("text: auto, always or never", "text : couleurs auto, always ou never"))
	return cmd
}

func (p *program) convert(cmd *cobra.Command, path string, fl checkFlags) error {
	if fl.format == "" {
		return &app.UsageError{Err: fmt.Errorf("%s -o: %s", p.t("name the format with", "nommer le format avec"), strings.Join(report.Formats(), ", "))}
	}
	if err := fl.refuse(); err != nil {
		return err
	}
	in := cmd.InOrStdin()
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return &app.UsageError{Err: err}
		}
		defer f.Close()
		in = f
	}
	out, err := openWhole(fl.out, cmd.OutOrStdout())
	if err != nil {
		return err
	}
	defer out.discard()
	l := lang.Lang("") // the result's
	if cmd.Flags().Changed("lang") {
		l = p.lang
	}
	h := &lateHandler{make: func(m report.Meta) (report.Handler, error) {
		if l == "" {
			l = lang.Of(m.Lang)
		}
		return p.handler(out, fl, l)
	}}
	if err := report.Read(in, find, h); err != nil {
		return &app.UsageError{Err: err}
	}
	if err := out.keep(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// lateHandler is a handler that is made when the first event says which language it speaks.
type lateHandler struct {
	make func(report.Meta) (report.Handler, error)
	report.Handler
}

// Meta implements report.Handler.
func (h *lateHandler) Meta(m report.Meta) (err error) {
	if h.Handler, err = h.make(m); err != nil {
		return err
	}
	return h.Handler.Meta(m)
}

// openWhole is openOut for a report that may yet be refused: standard output too gets it whole or not at all.
func openWhole(path string, stdout io.Writer) (*output, error) {
	if path != "" {
		return openOut(path, stdout)
	}
	f, err := os.CreateTemp("", ".vigie-*")
	if err != nil {
		return nil, fmt.Errorf("keep the report until it is whole: %w", err)
	}
	return &output{Writer: f, tmp: f, then: stdout}, nil
}
