package app

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"vigie/internal/app/config"
	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
	"vigie/internal/scan"
	"vigie/internal/source"
	"vigie/internal/source/files"
	"vigie/internal/source/files/manifest"
)

// A First is what a first configuration is written from: what was seen, and what may be guessed from it.
type First struct {
	Platform     string
	Namespaces   []string
	Unnamed      int                 // objects that name no namespace
	Environments map[string][]string // environment -> namespaces, guessed from their names
	Labelled     map[string]string   // namespace -> environment, by its label: no guess
	Teams        map[string][]string // team -> namespaces, by their label
	Registries   []string            // that images name
	Classes      []string            // storage classes that claims name
	Claims       []Claim
	Unread       int
}

// A Claim is a volume that the tenant asks for.
type Claim struct {
	Name      string // [namespace/]name, of a StatefulSet's template with * for its pods
	Class     string // empty: the cluster's default
	Throwaway bool   // guessed from its name: a cache
}

// FindFirst reads paths and guesses. Nothing of a cluster is asked.
func FindFirst(ctx context.Context, opt CheckOptions) (*First, error) {
	s := scan.Scan{
		Unset: inventory.Complete, Now: Now(),
		Source: &files.Source{
			Paths: opt.Paths, Options: manifest.Options{Stdin: opt.Stdin},
			Intake: func(b *inventory.Builder) *source.Intake {
				return &source.Intake{Builder: b, Origin: kinds.FromFiles, Target: opt.Namespace}
			},
		},
	}
	inv, st, err := s.Read(ctx)
	if err != nil {
		return nil, &UsageError{err}
	}
	if st.Objects == 0 {
		return nil, usage("%s: no object of Kubernetes was seen: a first configuration is written from what is there", strings.Join(opt.Paths, ", "))
	}
	f := &First{
		Platform: string(control.Plain), Environments: map[string][]string{}, Labelled: map[string]string{}, Teams: map[string][]string{},
		Unread: len(inv.Unread),
	}
	if kinds.SeenOpenShift(inv) {
		f.Platform = string(control.OpenShift)
	}
	f.look(inv)
	return f, nil
}

var firstInputs = append(slices.Clip(kinds.WorkloadInputs), kinds.Objects, kinds.Namespaces, kinds.Projects, kinds.PersistentVolumeClaims)

func (f *First) look(inv *inventory.Inventory) {
	allowed := map[inventory.Input]bool{}
	for _, in := range firstInputs {
		allowed[in] = true
	}
	registries, classes := map[string]bool{}, map[string]bool{}
	for _, s := range inv.Spaces() {
		v := inv.View(s, allowed, Now())
		switch {
		case s.Named():
			f.namespace(v)
		case !s.IsCluster():
			f.Unnamed += len(kinds.Objects.In(v))
		}
		for _, w := range kinds.Workloads.In(v) {
			for _, c := range w.Containers() {
				if r := kinds.ParseImage(c.Image).Registry; r != "" {
					registries[r] = true
				}
			}
		}
		f.claims(v, classes)
	}
	f.Registries, f.Classes = slices.Sorted(maps.Keys(registries)), slices.Sorted(maps.Keys(classes))
	slices.SortFunc(f.Claims, func(a, b Claim) int { return strings.Compare(a.Name, b.Name) })
	f.Claims = slices.Compact(f.Claims)
}

// namespace notes what a namespace's own labels say of it, and guesses the rest from its name.
func (f *First) namespace(v inventory.View) {
	name := v.Space().Namespace
	f.Namespaces = append(f.Namespaces, name)
	labels, _, _ := kinds.NamespaceMeta(v)
	if t := labels["team"]; t != "" {
		f.Teams[t] = append(f.Teams[t], name)
	}
	if e := labels["environment"]; e != "" {
		f.Labelled[name] = config.NormalEnvironment(e)
		return
	}
	if e := environmentOf(name); e != "" {
		f.Environments[e] = append(f.Environments[e], name)
	}
}

// words of names: parts between hyphens, as people build names of namespaces.
var (
	environmentWords = map[string]string{
		"dev": "development", "develop": "development", "development": "development", "test": "test", "tests": "test", "qa": "test", "qualif": "test",
		"uat": config.Staging, "int": config.Staging, "integration": config.Staging,
	}
	throwaway = regexp.MustCompile(`(^|[-.])(cache|caches|tmp|temp|scratch|spool)($|[-.*])`)
)

func environmentOf(namespace string) string {
	for _, word := range strings.Split(namespace, "-") {
		if e := config.NormalEnvironment(word); e == config.Production || e == config.Staging {
			return e
		}
	}
	for _, word := range strings.Split(namespace, "-") {
		if e := environmentWords[word]; e != "" {
			return e
		}
	}
	return ""
}

// claims notes the claims of a space, and those that its StatefulSets will make.
func (f *First) claims(v inventory.View, classes map[string]bool) {
	add := func(name string, class *string) {
		if ns := v.Space().Namespace; ns != "" {
			name = ns + "/" + name
		}
		c := Claim{Name: name, Throwaway: throwaway.MatchString(name)}
		if class != nil && *class != "" {
			c.Class = *class
			classes[*class] = true
		}
		f.Claims = append(f.Claims, c)
	}
	for _, it := range kinds.PersistentVolumeClaims.In(v) {
		add(it.Ref.Name, it.Object.Spec.StorageClassName)
	}
	for _, w := range kinds.Workloads.In(v) {
		set, ok := w.Object.(*appsv1.StatefulSet)
		if !ok {
			continue
		}
		for _, t := range set.Spec.VolumeClaimTemplates {
			add(t.Name+"-"+w.Ref.Name+"-*", t.Spec.StorageClassName)
		}
	}
}

// Config writes the configuration in a language: what was seen as it is, what was guessed marked as such, and what
// nobody can see as a line to fill in. It is one that the strict reader takes; anything else is a fault of ours.
func (f *First) Config(lang string) ([]byte, error) {
	p, err := policy.Load()
	if err != nil {
		return nil, err
	}
	text := f.write(func(en, fr string) string { return policy.Text{EN: en, FR: fr}.In(lang) })
	if _, problems := config.Parse(config.Name, text, p); len(problems) > 0 {
		return nil, fmt.Errorf("write a first configuration: %s", problems.In(lang))
	}
	return text, nil
}
