package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"vigie/internal/app"
	"vigie/internal/lang"
	"vigie/internal/report"
)

// checkFlags are the flags of check that are not options of app.
type checkFlags struct {
	format, out string
	by          string
	all         bool
	colour      string
	timings     bool
}

func (p *program) checkCommand() *cobra.Command {
	var opt app.CheckOptions
	var fl checkFlags
	var render bool
	cmd := &cobra.Command{
		Use:   p.t("check PATH...", "check CHEMIN..."),
		Short: p.t("Check manifests, and say which clauses hold", "Contrôler des manifestes, et dire quelles clauses sont respectées"),
		Long: p.t(`Check reads files, directories, archives (tar, tar.gz, zip) or standard input (-) and says, clause by clause,
what holds, what fails, what could not be seen, and how to mend each fault. It needs no configuration.

A dump of a cluster (oc adm must-gather, oc adm inspect, an archive of the Insights operator; a directory or a tar
file) is known by its layout: what it does not hold was not collected, and is never taken for none. It is judged as of
the moment that it says it was made. With --revision the paths are read as they stand in a commit of the Git
repository that they lie in, without checking it out; with --history secrets are also looked for in every commit
before it. Helm charts and kustomizations are rendered, by their own libraries and out of the tree alone: nothing is
fetched, no plugin is run. docs/sources.md says more.

Exit codes:
  0  no finding at or above --fail-on (high, unless told otherwise)
  1  findings at or above --fail-on
  2  wrong use, or a configuration that is refused
  3  with --fail-on-unknown: something given could not be read or judged`,
			`Check lit des fichiers, des répertoires, des archives (tar, tar.gz, zip) ou l'entrée standard (-) et dit, clause par
clause, ce qui est conforme, ce qui ne l'est pas, ce qui n'a pas pu être vu, et comment corriger chaque écart. Aucune
configuration n'est nécessaire.

La capture d'un cluster (oc adm must-gather, oc adm inspect, une archive de l'opérateur Insights ; un répertoire ou un
fichier tar) est reconnue à sa disposition : ce qu'elle ne contient pas n'a pas été collecté, et ne vaut jamais
absence. Elle est jugée au moment où elle dit avoir été faite. Avec --revision les chemins sont lus tels qu'ils
figurent dans un commit du dépôt Git où ils se trouvent, sans l'extraire ; avec --history les secrets sont cherchés
aussi dans chaque commit qui le précède. Les charts Helm et les kustomizations sont rendus, par leurs propres
bibliothèques et à partir de la seule arborescence : rien n'est téléchargé, aucun plugin n'est exécuté. docs/sources.md
en dit plus.

Codes de sortie :
  0  aucun constat au niveau de --fail-on ou au-dessus (high, sauf indication contraire)
  1  des constats au niveau de --fail-on ou au-dessus
  2  utilisation incorrecte, ou configuration refusée
  3  avec --fail-on-unknown : quelque chose de donné n'a pas pu être lu ou jugé`),
		Example: `  vigie check deploy/
  kustomize build overlays/prod | vigie check -
  vigie check deploy/ -o html --out posture.html
  vigie check --revision v1.4 --history deploy/
  vigie check must-gather.tar.gz
  vigie check deploy/ -o json > last.jsonl; vigie check deploy/ --baseline last.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &app.UsageError{Err: fmt.Errorf("%s", p.t("name what to check: a file, a directory, an archive, or - for standard input", "nommer ce qu'il faut contrôler\u00a0: un fichier, un répertoire, une archive, ou - pour l'entrée standard"))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.Paths, opt.Stdin, opt.Version, opt.Lang = args, cmd.InOrStdin(), versionString(), string(p.lang)
			opt.LangGiven = cmd.Flags().Changed("lang")
			opt.Raw = !render
			return p.check(cmd, opt, fl)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.Source, "source", "auto", p.t("what the paths are: auto, files, git or mustgather (any dump)", "ce que sont les chemins : auto, files, git ou mustgather (toute capture)"))
	f.StringVar(&opt.Revision, "revision", "", p.t("Git: read this `REVISION` (branch, tag, hash; ~N and ^N after it)", "Git : lire cette `RÉVISION` (branche, tag, hash ; suivie de ~N ou ^N)"))
	f.BoolVar(&opt.History, "history", false, p.t("Git: look for secrets in every commit before the revision too", "Git : chercher aussi les secrets dans chaque commit avant la révision"))
	f.BoolVar(&opt.AllRefs, "all-refs", false, p.t("Git: --history of every branch, tag and other reference", "Git : --history de toutes les branches, tags et autres références"))
	p.formatFlag(cmd, &fl.format, "text", report.Formats())
	f.StringVar(&fl.out, "out", "", p.t("write the report to this `FILE`, whole or not at all", "écrire le rapport dans ce `FICHIER`, en entier ou pas du tout"))
	f.StringVar(&fl.by, "by", "clause", p.t("text: order by clause or by object", "text : présenter par clause ou par objet (object)"))
	f.BoolVar(&fl.all, "all", false, p.t("text: every finding, not only the worst", "text : tous les constats, pas seulement les plus graves"))
	f.StringVar(&fl.colour, "color", "auto", p.t("text: auto, always or never", "text : couleurs auto, always ou never"))
	f.StringVar(&opt.Config, "config", p.env.Getenv("VIGIE_CONFIG"), p.t("configuration `FILE` (default: vigie.yaml, if it is there)", "`FICHIER` de configuration (par défaut : vigie.yaml, s'il existe)"))
	f.StringVar(&opt.FailOn, "fail-on", "", p.t("exit 1 from this severity on: critical, high, medium, low or never", "sortie 1 à partir de cette gravité : critical, high, medium, low ou never"))
	f.BoolVar(&opt.FailOnUnknown, "fail-on-unknown", false, p.t("exit 3 where something given could not be read or judged", "sortie 3 si quelque chose de donné n'a pas pu être lu ou jugé"))
	f.StringSliceVar(&opt.Only, "only", nil, p.t("only these controls or clauses", "seulement ces contrôles ou clauses"))
	f.StringSliceVar(&opt.Skip, "skip", nil, p.t("not these controls or clauses", "sans ces contrôles ou clauses"))
	f.StringSliceVar(&opt.Owners, "owner", nil, p.t("only clauses of these owners", "seulement les clauses de ces responsables"))
	f.StringSliceVar(&opt.Teams, "team", nil, p.t("only objects of these teams", "seulement les objets de ces équipes"))
	f.StringVarP(&opt.Namespace, "namespace", "n", "", p.t("namespace of the objects that name none", "espace de noms des objets qui n'en nomment pas"))
	f.StringArrayVar(&opt.Values, "values", nil, p.t("values for the charts found on the way: `FILE`, or CHART=FILE; later ones override", "valeurs pour les charts trouvés en chemin : `FICHIER`, ou CHART=FICHIER ; les suivants l'emportent"))
	f.BoolVar(&render, "render", true, p.t("render charts and kustomizations; else read them as they stand", "rendre les charts et les kustomizations ; sinon les lire tels quels"))
	f.StringVar(&opt.Platform, "platform", "", p.t("openshift or plain (default: as seen)", "openshift ou plain (par défaut : selon ce qui est vu)"))
	f.StringVar(&opt.Cluster, "cluster-version", "", p.t("Kubernetes version that runs, such as 1.31", "version de Kubernetes en service, par exemple 1.31"))
	f.StringVar(&opt.Target, "target-version", "", p.t("Kubernetes version to come", "version de Kubernetes à venir"))
	f.StringVar(&opt.Facts, "facts", "", p.t("facts given from outside, from this `FILE`", "faits donnés de l'extérieur, dans ce `FICHIER`"))
	f.StringVar(&opt.Baseline, "baseline", "", p.t("what this kept JSON report holds does not fail again", "ce que contient ce rapport JSON conservé ne compte plus"))
	f.StringSliceVar(&opt.Waivers, "waivers", nil, p.t("`FILE` of waivers", "`FICHIER` de dérogations"))
	f.StringSliceVar(&opt.Checks, "checks", nil, p.t("`FILE` or folder of checks of your own, beside those of vigie.yaml", "`FICHIER` ou répertoire de contrôles qui vous sont propres, en plus de ceux de vigie.yaml"))
	f.BoolVar(&fl.timings, "timings", false, p.t("say on standard error where the time went, as JSON", "dire sur la sortie d'erreur où le temps a passé, en JSON"))
	return cmd
}

func (p *program) check(cmd *cobra.Command, opt app.CheckOptions, fl checkFlags) error {
	if err := fl.refuse(); err != nil {
		return err
	}
	progress := p.progress()
	opt.Progress = progress.step
	c, err := app.NewCheck(opt)
	if err != nil {
		return err
	}
	out, err := openOut(fl.out, cmd.OutOrStdout())
	if err != nil {
		return err
	}
	defer out.discard()
	h, err := p.handler(out, fl, lang.Of(c.Lang()))
	if err != nil {
		return err
	}
	code, timings, err := c.Run(cmd.Context(), h)
	progress.clear()
	if err != nil {
		p.exit = code
		return err
	}
	if err := out.keep(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	p.exit = code
	if fl.timings {
		return json.NewEncoder(cmd.ErrOrStderr()).Encode(map[string]float64{
			"read_ms": ms(timings.Read), "scan_secrets_ms": ms(timings.ScanSecrets), "evaluate_ms": ms(timings.Evaluate), "total_ms": ms(timings.Total),
		})
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (fl checkFlags) refuse() error {
	for _, x := range []struct {
		flag, value string
		words       []string
	}{
		{"--output", fl.format, report.Formats()},
		{"--by", fl.by, []string{"clause", "object"}},
		{"--color", fl.colour, []string{"auto", "always", "never"}},
	} {
		if !slices.Contains(x.words, x.value) {
			return &app.UsageError{Err: fmt.Errorf("%s %q: want %s", x.flag, x.value, strings.Join(x.words, ", "))}
		}
	}
	return nil
}

func (p *program) handler(w io.Writer, fl checkFlags, l lang.Lang) (report.Handler, error) {
	colour := fl.colour == "always" || fl.colour == "auto" && p.env.Terminal && fl.out == "" && p.env.Getenv("NO_COLOR") == ""
	base, err := os.Getwd()
	if err != nil {
		base = "" // paths stay as they were named
	}
	return report.New(fl.format, w, report.Options{
		Lang: l, Base: base, Text: report.TextOptions{Color: colour, ByObject: fl.by == "object", All: fl.all},
	})
}

// output is standard output, or a file that appears only when it is whole.
type output struct {
	io.Writer
	tmp  *os.File
	path string
	then io.Writer // gets what is in tmp when it is whole, where no path does
}

func openOut(path string, stdout io.Writer) (*output, error) {
	if path == "" {
		return &output{Writer: stdout}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".vigie-*")
	if err != nil {
		return nil, &app.UsageError{Err: fmt.Errorf("--out: %w", err)}
	}
	return &output{Writer: f, tmp: f, path: path}, nil
}

func (o *output) keep() error {
	if o.tmp == nil {
		return nil
	}
	f := o.tmp
	o.tmp = nil
	if o.then != nil {
		defer os.Remove(f.Name())
		defer f.Close()
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		_, err := io.Copy(o.then, f)
		return err
	}
	err := f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), o.path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func (o *output) discard() {
	if o.tmp != nil {
		o.tmp.Close()
		os.Remove(o.tmp.Name())
	}
}

// progress shows on a terminal that something is going on, and leaves nothing there.
type progress struct {
	w     io.Writer
	words string
	mu    sync.Mutex
	last  int
	shown bool
}

func (p *program) progress() *progress {
	pr := &progress{words: p.t("reading: %d documents", "lecture : %d documents")}
	if p.env.ProgressTerminal {
		pr.w = p.env.Stderr
	}
	return pr
}

func (pr *progress) step(_, documents int) {
	if pr.w == nil {
		return
	}
	pr.mu.Lock()
	defer pr.mu.Unlock()
	if documents-pr.last >= 500 {
		pr.last, pr.shown = documents, true
		fmt.Fprintf(pr.w, "\r"+pr.words, documents)
	}
}

func (pr *progress) clear() {
	if pr.shown {
		fmt.Fprint(pr.w, "\r\x1b[K")
	}
}
