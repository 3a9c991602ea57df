package own

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
)

// NotEvaluated is the reason of an object on which an expression could not be evaluated; every check has it.
const NotEvaluated = "not-evaluated"

// check is a check made ready: every expression is compiled.
type check struct {
	form    *form
	pol     *policy.Policy
	when    cel.Program
	reasons []reason
	params  map[string]policy.Parameter
}

type reason struct {
	*reasonForm
	verdict control.Verdict
	when    cel.Program
	values  []value
	at      []any
}

type value struct {
	name string
	prog cel.Program
}

// control makes the control; the error says what is to be written otherwise.
func (f *form) control(pol *policy.Policy, file string) (*control.Control, error) {
	c := &control.Control{ID: f.ID, Version: max(f.Version, 1), Scope: control.Namespace}
	k := &check{form: f, pol: pol, params: map[string]policy.Parameter{}}
	for _, step := range []func(*control.Control) error{k.identity, k.inputs, k.parameters, k.expressions, k.documents} {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	c.Run = k.run
	return c, control.Validate([]*control.Control{c})
}

func (k *check) identity(c *control.Control) (err error) {
	if _, taken := k.pol.Planned(c.ID); taken {
		return errors.New("the id is one of Vigie's own controls: choose another, such as the name of your organisation before it")
	}
	if c.Severity, err = control.ParseSeverity(k.form.Severity); err != nil {
		return err
	}
	c.Clauses, err = k.clauses(k.form.Clauses)
	if err == nil && len(c.Clauses) == 0 {
		err = errors.New("clauses: name the clause that a failure breaks: see vigie clauses")
	}
	return err
}

func (k *check) clauses(ids []string) (full []string, err error) {
	for _, id := range ids {
		cl, ok := k.pol.Clause(id)
		if !ok {
			return nil, fmt.Errorf("clause %q is not the policy's: see vigie clauses", id)
		}
		full = append(full, cl.ID)
	}
	return full, nil
}

// inputs are the lists that the check rests on: those of its kinds; a kind without a type of its own stands in the list of all objects.
func (k *check) inputs(c *control.Control) error {
	switch {
	case k.form.Workloads == (len(k.form.Objects) > 0):
		return errors.New("want either objects (a list of group and kind) or workloads: true")
	case k.form.Workloads:
		c.Needs = kinds.WorkloadInputs
		c.Keeps = func(group, kind string) bool {
			e, ok := kinds.Lookup(group, kind)
			return ok && slices.Contains(kinds.WorkloadInputs, e.Input)
		}
	default:
		for _, o := range k.form.Objects {
			if o.Kind == "" || strings.Contains(o.Group, "/") {
				return fmt.Errorf("objects: group %q, kind %q: want a kind such as Deployment, and its group without a version", o.Group, o.Kind)
			}
			var in inventory.Input = kinds.Objects
			if e, ok := kinds.Lookup(o.Group, o.Kind); ok {
				in = e.Input
			}
			if !slices.Contains(c.Needs, in) {
				c.Needs = append(c.Needs, in)
			}
		}
		c.Keeps = func(group, kind string) bool {
			return slices.ContainsFunc(k.form.Objects, func(o objectForm) bool { return kinds.SameKind(group, kind, o.Group, o.Kind) })
		}
	}
	for _, in := range []inventory.Input{kinds.Raws, kinds.Namespaces, kinds.Projects} {
		if !slices.Contains(c.Needs, in) {
			c.Wants = append(c.Wants, in)
		}
	}
	return nil
}

func (k *check) parameters(c *control.Control) error {
	for _, id := range k.form.Parameters {
		par, ok := k.pol.Parameter(id)
		if !ok {
			return fmt.Errorf("parameters: %q is not the policy's; a figure of your own stands in constants", id)
		}
		k.params[id] = par
	}
	c.Params = k.form.Parameters
	return nil
}

func (k *check) expressions(c *control.Control) (err error) {
	env, err := environment()
	if err != nil {
		return err
	}
	if k.form.When != "" {
		if k.when, err = compile(env, "when", k.form.When, cel.BoolType); err != nil {
			return err
		}
	}
	if p := k.form.Parts; p != nil {
		if err := p.check(); err != nil {
			return err
		}
	}
	if len(k.form.Reasons) == 0 {
		return errors.New("reasons: want at least one, with key, when, message, remedy")
	}
	for i := range k.form.Reasons {
		if err := k.reason(env, c, &k.form.Reasons[i]); err != nil {
			return err
		}
	}
	c.Reasons = append(c.Reasons, control.Reason{Key: NotEvaluated, Verdict: control.Unknown})
	return nil
}

var verdicts = map[string]control.Verdict{"": control.Fail, "fail": control.Fail, "unknown": control.Unknown, "pass": control.Pass}

func (k *check) reason(env *cel.Env, c *control.Control, f *reasonForm) (err error) {
	at := "reason " + f.Key + ": "
	if f.Key == NotEvaluated || f.Key == control.ReasonGap || f.Key == control.ReasonBroken {
		return fmt.Errorf("%sthe key is taken: choose another", at)
	}
	v, ok := verdicts[f.Verdict]
	if !ok {
		return fmt.Errorf("%sverdict %q: want fail, unknown or pass", at, f.Verdict)
	}
	r := reason{reasonForm: f, verdict: v}
	out := control.Reason{Key: f.Key, Verdict: v}
	if f.Severity != "" {
		if out.Severity, err = control.ParseSeverity(f.Severity); err != nil {
			return fmt.Errorf("%s%w", at, err)
		}
	}
	if out.Clauses, err = k.clauses(f.Clauses); err != nil {
		return fmt.Errorf("%s%w", at, err)
	}
	if r.when, err = compile(env, at+"when", f.When, cel.BoolType); err != nil {
		return err
	}
	for _, name := range sortedKeys(f.Values) {
		prog, err := compile(env, at+"values."+name, f.Values[name], nil)
		if err != nil {
			return err
		}
		r.values = append(r.values, value{name, prog})
	}
	for _, text := range []string{f.Message.EN, f.Message.FR} {
		for _, name := range control.Placeholders(text) {
			if _, ok := f.Values[name]; !ok {
				return fmt.Errorf("%sthe message names {%s}, and values has no such expression", at, name)
			}
		}
	}
	if f.At != "" {
		r.at = steps(f.At)
	}
	k.reasons = append(k.reasons, r)
	c.Reasons = append(c.Reasons, out)
	return nil
}

// documents puts the texts into the form of a control's own documents.
func (k *check) documents(c *control.Control) error {
	c.Texts = map[string]*control.Doc{}
	for _, lang := range control.Languages() {
		d := &control.Doc{Title: k.form.Title.In(lang), Why: strings.TrimSpace(k.form.Why.In(lang)), Reasons: map[string]control.ReasonDoc{}}
		for _, r := range k.form.Reasons {
			d.Reasons[r.Key] = control.ReasonDoc{
				Message: strings.TrimSuffix(strings.TrimSpace(r.Message.In(lang)), "."), Remedy: strings.TrimSpace(r.Remedy.In(lang)), Example: r.Example,
			}
		}
		d.Reasons[NotEvaluated] = unevaluated[lang]
		c.Texts[lang] = d
	}
	return nil
}

var unevaluated = map[string]control.ReasonDoc{
	"en": {
		Message: "The expression {expression} of this check cannot be evaluated here: {error}",
		Remedy:  "guard the expression with has(...) or object.?field, and run vigie controls test",
	},
	"fr": {
		Message: "L'expression {expression} de ce contrôle ne peut pas être évaluée ici\u00a0: {error}",
		Remedy:  "protéger l'expression par has(...) ou object.?champ, et lancer vigie controls test",
	},
}

func (p *partsForm) check() error {
	if len(p.In) == 0 || p.Kind == "" {
		return errors.New("parts: want in (a list of paths) and kind")
	}
	for _, path := range p.In {
		if root, _, ok := strings.Cut(path, "."); !ok || root != "object" && root != "pod" {
			return fmt.Errorf("parts: path %q: want a path below object or pod, such as pod.spec.containers", path)
		}
	}
	if p.Name == "" {
		p.Name = "name"
	}
	return nil
}

// steps reads a dotted path; a key with dots in it stands in brackets: metadata.annotations[example.com/key].
func steps(path string) (out []any) {
	for path != "" {
		if rest, ok := strings.CutPrefix(path, "["); ok {
			key, after, _ := strings.Cut(rest, "]")
			out, path = append(out, key), strings.TrimPrefix(after, ".")
			continue
		}
		i := strings.IndexAny(path, ".[")
		if i < 0 {
			return append(out, path)
		}
		out = append(out, path[:i])
		path = strings.TrimPrefix(path[i:], ".")
	}
	return out
}

func sortedKeys[T any](m map[string]T) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}
