package own

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"vigie/internal/control"
	"vigie/internal/kinds"
)

// longest is the length at which a value of a sentence is cut.
const longest = 200

// run judges every object that the check names.
func (k *check) run(e *control.Eval) {
	world := k.world(e)
	index := kinds.RawsOf.In(e.View)
	if k.form.Workloads {
		for _, w := range kinds.Workloads.In(e.View) {
			if !w.Platform {
				k.workload(e, w, index, world)
			}
		}
		return
	}
	for _, o := range k.form.Objects {
		for _, it := range index.Of(o.Group, o.Kind) {
			if !it.Object.Platform {
				v := maps.Clone(world)
				v[varObject], v[varEnvironment] = it.Object.Object, e.Environment(e.Space(), it.Labels)
				k.judge(control.On(e, it), v, nil)
			}
		}
	}
}

// world is what every object of a space shares.
func (k *check) world(e *control.Eval) map[string]any {
	params := map[string]any{}
	for id, par := range k.params {
		v := e.Param(id)
		switch {
		case par.IsList():
			params[id] = v.List()
		case par.Type == "duration":
			params[id] = v.Duration()
		case par.Type == "percent":
			params[id] = v.Ratio()
		default:
			params[id] = int64(v.Int())
		}
	}
	labels, notes, _ := kinds.NamespaceMeta(e.View)
	constants := k.form.Constants
	if constants == nil {
		constants = map[string]any{}
	}
	none := map[string]any{}
	return map[string]any{
		varObject: none, varPod: none, varPart: none, varParams: params, varConstants: constants,
		varNamespace: map[string]any{"metadata": map[string]any{"name": e.Space().Namespace, "labels": nonNil(labels), "annotations": nonNil(notes)}},
		varPlatform:  string(e.Platform), varNow: e.Now(), varEnvironment: "",
	}
}

func nonNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// workload judges one workload. An owner that was not seen is judged by the first of its pods, which was.
func (k *check) workload(e *control.Eval, w *kinds.Workload, index *kinds.RawIndex, world map[string]any) {
	whole, path := index.ByRef[w.Ref], w.TemplatePath
	if whole == nil && len(w.Pods) > 0 {
		whole, path = index.ByRef[w.Pods[0].Ref], nil
	}
	s := control.On(e, w.Item())
	if whole == nil {
		s.Unknown(NotEvaluated, control.Values{"expression": varObject, "error": "the whole object was not kept"})
		return
	}
	v := maps.Clone(world)
	v[varObject], v[varEnvironment] = whole.Object, e.Environment(e.Space(), w.Labels)
	if pod, ok := down(whole.Object, path).(map[string]any); ok {
		v[varPod] = pod
	}
	k.judge(s, v, path)
}

// down is what stands at path below v; nil where nothing does.
func down(v any, path []any) any {
	for _, step := range path {
		m, ok := v.(map[string]any)
		key, also := step.(string)
		if !ok || !also {
			return nil
		}
		v = m[key]
	}
	return v
}

// judge judges an object, or each of its parts.
func (k *check) judge(s control.Subject, vars map[string]any, template []any) {
	if k.when != nil {
		applies, err := truth(k.when, vars)
		if err != nil {
			s.Unknown(NotEvaluated, failure(k.form.When, err))
			return
		}
		if !applies {
			s.NotApplicable()
			return
		}
	}
	if k.form.Parts == nil {
		k.verdict(s, vars, nil)
		return
	}
	found := false
	for _, in := range k.form.Parts.In {
		path := steps(in)
		list, _ := down(vars[path[0].(string)], path[1:]).([]any)
		at := path[1:]
		if path[0] == varPod {
			at = append(slices.Clone(template), at...)
		}
		for i, piece := range list {
			found = true
			v := maps.Clone(vars)
			v[varPart] = piece
			k.verdict(s.Part(k.form.Parts.Kind, k.name(piece, i)), v, append(slices.Clone(at), i))
		}
	}
	if !found {
		s.NotApplicable()
	}
}

// name is the piece's own, or its number from 1.
func (k *check) name(piece any, i int) string {
	if m, ok := piece.(map[string]any); ok {
		switch n := m[k.form.Parts.Name].(type) {
		case string:
			return n
		case int64:
			return strconv.FormatInt(n, 10)
		}
	}
	return strconv.Itoa(i + 1)
}

// verdict says the first reason that is true; where none is, the subject is as the check wants it.
func (k *check) verdict(s control.Subject, vars map[string]any, at []any) {
	s = s.At(at...)
	for _, r := range k.reasons {
		is, err := truth(r.when, vars)
		if err != nil {
			s.Unknown(NotEvaluated, failure(r.When, err))
			return
		}
		if !is {
			continue
		}
		vals, expression, err := r.fill(vars)
		if err != nil {
			s.Unknown(NotEvaluated, failure(expression, err))
			return
		}
		if r.at != nil {
			s = s.Below(r.at...)
		}
		switch r.verdict {
		case control.Pass:
			s.PassAs(r.Key, vals)
		case control.Unknown:
			s.Unknown(r.Key, vals)
		default:
			s.Fail(r.Key, vals)
		}
		return
	}
	s.Pass()
}

func (r *reason) fill(vars map[string]any) (control.Values, string, error) {
	vals := control.Values{}
	for _, v := range r.values {
		out, _, err := v.prog.Eval(vars)
		if err != nil {
			return nil, r.Values[v.name], err
		}
		if vals[v.name], err = plain(out); err != nil {
			return nil, r.Values[v.name], err
		}
	}
	return vals, "", nil
}

func truth(p cel.Program, vars map[string]any) (bool, error) {
	out, _, err := p.Eval(vars)
	if err != nil {
		return false, err
	}
	b, ok := out.Value().(bool)
	if !ok {
		return false, errNoTruth
	}
	return b, nil
}

var (
	errNoTruth = errors.New("not true or false")
	errNoText  = errors.New("not a text, a number, a duration or a list of them")
)

// plain makes what a sentence can hold.
func plain(v ref.Val) (any, error) {
	switch x := v.Value().(type) {
	case string:
		return cut(x), nil
	case int64:
		return int(x), nil
	case time.Duration:
		return x, nil
	case bool, float64, uint64, time.Time:
		return fmt.Sprint(x), nil
	}
	list, ok := v.(traits.Lister)
	if !ok {
		return nil, errNoText
	}
	var words []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		w, err := plain(it.Next())
		if err != nil {
			return nil, err
		}
		words = append(words, fmt.Sprint(w))
	}
	return words, nil
}

func cut(s string) string {
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

// causes are what CEL's own errors begin with or hold (cel-go, common/types and interpreter). Its words after that may
// quote a value, so only the class is said.
var causes = []string{"no such key", "no such overload", "no such attribute", "cost limit exceeded", "operation interrupted", "division by zero", "modulus by zero", "index out of bounds", "overflow"}

func failure(expression string, err error) control.Values {
	text := "evaluation failed"
	for _, c := range causes {
		if strings.Contains(err.Error(), c) {
			text = c
			break
		}
	}
	if errors.Is(err, errNoTruth) || errors.Is(err, errNoText) {
		text = err.Error()
	}
	return control.Values{"expression": cut(expression), "error": text}
}
