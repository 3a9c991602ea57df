package kinds

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
)

// The inputs that every forwarder has.
const (
	applicationLogs    = "application"
	infrastructureLogs = "infrastructure"
)

// platformPrefixes begin the names of the namespaces whose logs are the infrastructure's (api/observability/v1,
// input_types.go: default, kube*, openshift*).
var platformPrefixes = []string{"kube", "openshift"}

func infrastructureNamespace(name string) bool {
	return name == "default" || slices.ContainsFunc(platformPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// A LogScope is what of one namespace a pipeline collects.
type LogScope struct {
	// Unsure reports that the namespace's name is not known and that the pipeline chooses by name.
	Unsure bool
	// inputs that collect from the namespace; an input that asks for no more collects all of it
	inputs []*logInput
}

type logInput struct {
	includes, excludes []string // container globs; no includes: every container
	selector           labels.Selector
}

// None reports that the pipeline collects nothing of the namespace.
func (s LogScope) None() bool { return len(s.inputs) == 0 && !s.Unsure }

// All reports that it collects the logs of every container.
func (s LogScope) All() bool {
	return slices.ContainsFunc(s.inputs, func(in *logInput) bool { return in.selector == nil && in.includes == nil && in.excludes == nil })
}

// Collects reports whether it collects the logs of a container of a pod with these labels.
func (s LogScope) Collects(podLabels map[string]string, container string) bool {
	return slices.ContainsFunc(s.inputs, func(in *logInput) bool {
		named := func(globs []string) bool {
			return slices.ContainsFunc(globs, func(g string) bool { return MatchGlob(g, container) })
		}
		return (in.selector == nil || in.selector.Matches(labels.Set(podLabels))) &&
			(in.includes == nil || named(in.includes)) && !named(in.excludes)
	})
}

// ScopeOf says what pipeline i of the forwarder collects of a namespace; an empty name is not known. A pipeline that leads
// nowhere collects nothing.
func (f *Forwarder) ScopeOf(i int, namespace string) (out LogScope) {
	p := f.Object.Pipelines[i]
	if len(p.OutputRefs) == 0 {
		return out
	}
	for _, ref := range p.InputRefs {
		at := slices.IndexFunc(f.Object.Inputs, func(in LogInput) bool { return in.Name == ref })
		switch {
		case at >= 0:
			f.Object.Inputs[at].addTo(&out, namespace)
		case ref == applicationLogs && !infrastructureNamespace(namespace), ref == infrastructureLogs && infrastructureNamespace(namespace):
			out.inputs = append(out.inputs, &logInput{})
		}
	}
	return out
}

// Application reports whether pipeline i collects logs of applications at all.
func (f *Forwarder) Application(i int) bool {
	return slices.ContainsFunc(f.Object.Pipelines[i].InputRefs, func(ref string) bool {
		at := slices.IndexFunc(f.Object.Inputs, func(in LogInput) bool { return in.Name == ref })
		if at < 0 {
			return ref == applicationLogs
		}
		return f.Object.Inputs[at].kind() == applicationLogs
	})
}

// namespaces lists the namespaces that the forwarder collects from; all is false where it does not name each in full.
func (f *Forwarder) namespaces() (names []string, all bool) {
	for i := range f.Object.Pipelines {
		for _, ref := range f.Object.Pipelines[i].InputRefs {
			at := slices.IndexFunc(f.Object.Inputs, func(in LogInput) bool { return in.Name == ref })
			if at < 0 || f.Object.Inputs[at].kind() != applicationLogs || f.Object.Inputs[at].Application == nil {
				return nil, false
			}
			app := f.Object.Inputs[at].Application
			specs := app.included()
			if len(specs) == 0 {
				return nil, false
			}
			for _, c := range specs {
				if c.Namespace == "" || strings.Contains(c.Namespace, "*") {
					return nil, false
				}
				names = append(names, c.Namespace)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), true
}

// included are the includes in one form.
func (a *ApplicationLogs) included() []LogContainers {
	out := a.Includes[:len(a.Includes):len(a.Includes)]
	for _, n := range a.Namespaces {
		out = append(out, LogContainers{Namespace: n})
	}
	return out
}

// kind is the type of the input; logging.openshift.io writes none.
func (in *LogInput) kind() string {
	switch {
	case in.Type != "":
		return in.Type
	case in.Application != nil:
		return applicationLogs
	case in.Infrastructure != nil:
		return infrastructureLogs
	}
	return ""
}

func (in *LogInput) addTo(s *LogScope, namespace string) {
	switch in.kind() {
	case infrastructureLogs:
		of := in.Infrastructure
		if infrastructureNamespace(namespace) && (of == nil || len(of.Sources) == 0 || slices.Contains(of.Sources, "container")) {
			s.inputs = append(s.inputs, &logInput{})
		}
	case applicationLogs:
		app := in.Application
		if app == nil {
			app = &ApplicationLogs{}
		}
		app.addTo(s, namespace)
	}
}

func (a *ApplicationLogs) addTo(s *LogScope, namespace string) {
	in := &logInput{}
	includes := a.included()
	if namespace == "" && (choosesByName(includes) || choosesByName(a.Excludes)) {
		s.Unsure = true
		return
	}
	switch {
	case len(includes) > 0:
		globs, every := containersOf(includes, namespace, true)
		if len(globs) == 0 && !every {
			return
		}
		if !every {
			in.includes = globs
		}
	case infrastructureNamespace(namespace):
		return // only an input that names it collects from it
	}
	globs, every := containersOf(a.Excludes, namespace, false)
	if every {
		return
	}
	in.excludes = globs
	if a.Selector != nil && len(a.Selector.MatchLabels)+len(a.Selector.MatchExpressions) > 0 {
		sel, _ := Selector(a.Selector)
		if sel == nil {
			return // the operator refuses it
		}
		in.selector = sel
	}
	s.inputs = append(s.inputs, in)
}

// choosesByName reports globs that fit some namespaces and not others.
func choosesByName(specs []LogContainers) bool {
	return slices.ContainsFunc(specs, func(c LogContainers) bool { return strings.Trim(c.Namespace, "*") != "" })
}

// containersOf gives the container globs of the specs that fit the namespace; every: one of them fits every container.
// A * does not bring in a namespace of the platform, a glob that begins as it does.
func containersOf(specs []LogContainers, namespace string, including bool) (globs []string, every bool) {
	for _, c := range specs {
		if c.Namespace != "" && !MatchGlob(c.Namespace, namespace) {
			continue
		}
		if including && infrastructureNamespace(namespace) && !infrastructureNamespace(strings.TrimRight(c.Namespace, "*")) {
			continue
		}
		if strings.Trim(c.Container, "*") == "" {
			every = true
			continue
		}
		globs = append(globs, c.Container)
	}
	return globs, every
}

// MatchGlob reports whether text fits a glob whose only wildcard is *, for any text.
func MatchGlob(glob, text string) bool {
	parts := strings.Split(glob, "*")
	if len(parts) == 1 {
		return glob == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		_, after, ok := strings.Cut(text, p)
		if !ok {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}
