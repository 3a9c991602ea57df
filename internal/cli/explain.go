package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vigie/internal/app"
	"vigie/internal/control"
	"vigie/internal/lang"
	"vigie/internal/policy"
)

func (p *program) explainCommand() *cobra.Command {
	var own ownFlags
	cmd := &cobra.Command{
		Use:     p.t("explain CLAUSE|CONTROL...", "explain CLAUSE|CONTRÔLE..."),
		Short:   p.t("What a clause asks, what a control looks at, how to mend its findings", "Ce que demande une clause, ce que regarde un contrôle, comment corriger ses constats"),
		Example: "  vigie explain SEC.R1\n  vigie explain drain-blocked",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &app.UsageError{Err: fmt.Errorf("%s", p.t("name a clause or a control: see vigie clauses and vigie controls", "nommer une clause ou un contrôle\u00a0: voir vigie clauses et vigie controls"))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			pol, err := policy.Load()
			if err != nil {
				return err
			}
			checks, err := own.checks(p)
			if err != nil {
				return err
			}
			all := app.Controls(checks)
			for i, id := range args {
				if i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				if err := p.explain(cmd.OutOrStdout(), pol, all, id); err != nil {
					return err
				}
			}
			return nil
		},
	}
	own.add(cmd, p)
	return cmd
}

func (p *program) explain(w io.Writer, pol *policy.Policy, all []*control.Control, id string) error {
	if c, ok := pol.Clause(id); ok {
		return p.explainClause(w, pol, all, c)
	}
	for _, c := range all {
		if c.ID == strings.ToLower(id) {
			return p.explainControl(w, pol, c)
		}
	}
	if planned, ok := pol.Planned(strings.ToLower(id)); ok {
		_, err := fmt.Fprintf(w, "%s  %s\n  %s\n", planned.ID, p.t("(not in this version)", "(pas dans cette version)"), shortIDs(planned.Clauses))
		return err
	}
	return &app.UsageError{Err: fmt.Errorf(p.t("no clause and no control %q%s", "ni clause ni contrôle %q%s"), id, p.didYouMean(pol.Suggest(id)))}
}

func (p *program) didYouMean(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return p.t(": did you mean ", "\u00a0: vouliez-vous dire ") + strings.Join(words, p.t(" or ", " ou ")) + p.t("?", "\u00a0?")
}

// body folds prose to the width of a terminal page.
func body(w io.Writer, indent, prose string) {
	fmt.Fprintln(w, lang.Wrap(lang.Terminal(prose), 100, indent))
}

func (p *program) explainClause(w io.Writer, pol *policy.Policy, all []*control.Control, c policy.Clause) error {
	l := string(p.lang)
	ch, _ := pol.Chapter(c.Chapter)
	fmt.Fprintf(w, "%s  %s\n", c.ID, c.Title.In(l))
	fmt.Fprintf(w, "%s, %s%s%s\n\n", p.kindOf(c.Kind), p.t("owed by: ", "à la charge de\u00a0: "), p.sideOf(c.Side), p.t("; ", " ; ")+ch.Title.In(l))
	body(w, "  ", c.Text.In(l))
	fmt.Fprintf(w, "\n%s\n", p.t("What tells", "Ce qui le dit"))
	built := map[string]*control.Control{}
	for _, ctl := range all {
		built[ctl.ID] = ctl
	}
	for _, planned := range pol.ServedBy(c.ID) {
		title := p.t("(not in this version)", "(pas dans cette version)")
		if ctl := built[planned.ID]; ctl != nil {
			d, err := ctl.Doc(l)
			if err != nil {
				return err
			}
			title = d.Title
		}
		fmt.Fprintf(w, "  %-28s %s\n", planned.ID, title)
	}
	for _, ctl := range all {
		if _, planned := pol.Planned(ctl.ID); planned || !slices.Contains(ctl.Clauses, c.ID) {
			continue
		}
		d, err := ctl.Doc(l)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  %-28s %s\n", ctl.ID, d.Title)
	}
	for _, a := range c.Answers {
		switch a {
		case policy.ByAttestation:
			fmt.Fprintf(w, "  %s\n", p.t("an attestation signed by the provider", "une attestation signée du fournisseur"))
		case policy.ByDeclaration:
			fmt.Fprintf(w, "  %s\n", p.t("a person's recorded declaration", "la déclaration consignée d'une personne"))
		}
	}
	fmt.Fprintf(w, "\n%s\n", p.t("Norms", "Normes"))
	for _, n := range ch.Norms {
		fmt.Fprintf(w, "  %-30s %s\n", n.Standard, strings.Join(n.Refs, " "))
	}
	return p.explainMatrix(w, c)
}

func (p *program) explainMatrix(w io.Writer, c policy.Clause) error {
	rows, err := policy.Responsibilities(c.ID)
	if err != nil || len(rows) == 0 {
		return err
	}
	fmt.Fprintf(w, "\n%s\n", p.t("Matrix of the offer (R does, A answers, C consulted, I informed)", "Matrice de l'offre (R réalise, A approuve, C consulté, I informé)"))
	for _, r := range rows {
		activity := p.t(r.ActivityEN, r.ActivityFR)
		fmt.Fprintf(w, "  %s %-3s %s %-3s %s\n", p.t("provider", "fournisseur"), r.Provider, p.t("tenant", "client"), r.Client, activity)
		if r.Fit == "conflict" {
			fmt.Fprintf(w, "      %s\n", p.t("conflicts with the policy; the policy counts", "contredit la politique ; la politique l'emporte"))
		}
	}
	return nil
}

func (p *program) explainControl(w io.Writer, pol *policy.Policy, c *control.Control) error {
	d, err := c.Doc(string(p.lang))
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s  %s\n", c.ID, d.Title)
	fmt.Fprintf(w, p.t("severity: %s; serves: %s; version %d", "gravité : %s ; sert : %s ; version %d")+"\n\n", p.severity(c.Severity), shortIDs(c.Clauses), c.Version)
	for _, para := range strings.Split(d.Why, "\n\n") {
		body(w, "  ", strings.Join(strings.Split(para, "\n"), " "))
	}
	for _, r := range c.Reasons {
		rd := d.Reasons[r.Key]
		fmt.Fprintf(w, "\n%s  (%s)\n", r.Key, p.verdict(r.Verdict))
		body(w, "  ", rd.Message)
		if rd.Remedy != "" {
			body(w, "  ", p.t("remedy: ", "remède\u00a0: ")+rd.Remedy)
		}
		for _, line := range strings.Split(strings.TrimRight(rd.Example, "\n"), "\n") {
			if line != "" {
				fmt.Fprintf(w, "      %s\n", line)
			}
		}
	}
	for i, id := range c.Params {
		par, _ := pol.Parameter(id)
		if i == 0 {
			fmt.Fprintf(w, "\n%s\n", p.t("Parameters", "Paramètres"))
		}
		fmt.Fprintf(w, "  %-24s %-6s %s\n", id, par.Default, par.Title.In(string(p.lang)))
	}
	var needs []string
	for _, in := range c.Needs {
		needs = append(needs, in.Name())
	}
	slices.Sort(needs)
	fmt.Fprintf(w, "\n%s\n", p.t("Reads", "Lit"))
	body(w, "  ", strings.Join(needs, ", "))
	return nil
}

func (p *program) severity(s control.Severity) string {
	fr := map[control.Severity]string{control.Critical: "critique", control.High: "élevée", control.Medium: "moyenne", control.Low: "faible"}
	return p.t(s.String(), fr[s])
}

func (p *program) verdict(v control.Verdict) string {
	fr := map[control.Verdict]string{control.Fail: "non conforme", control.Unknown: "non vérifiable", control.Pass: "conforme", control.NotApplicable: "non applicable"}
	return p.t(v.String(), fr[v])
}
