// Package containernotroot checks that no container can run as root.
package containernotroot

import (
	"embed"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"vigie/internal/control"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

//go:embed doc.*.md
var docs embed.FS

// Control is the check.
var Control = &control.Control{
	ID:        "container-not-root",
	Version:   1,
	Clauses:   []string{"MCO.UPD.T1"},
	Scope:     control.Namespace,
	Severity:  control.High,
	Needs:     kinds.WorkloadInputs,
	Overrules: []inventory.Input{kinds.Pods}, // a live pod comes before its template
	Reasons: []control.Reason{
		{Key: "root-user", Verdict: control.Fail},
		{Key: "root-refused", Verdict: control.Fail},
		{Key: "root-possible", Verdict: control.Fail},
		{Key: "relies-on-scc", Verdict: control.Pass},
	},
	Docs: docs,
	Run:  run,
}

func run(e *control.Eval) {
	for _, w := range kinds.Workloads.In(e.View) {
		if w.Platform {
			continue
		}
		for _, forms := range w.ContainerForms() {
			say(control.On(e, w.Item()), w, worst(forms, e.Platform == control.OpenShift))
		}
	}
}

// An outcome is what one form of a container comes to.
type outcome struct {
	form   kinds.ContainerForm
	reason string // empty: a plain pass
	user   string // as it is written
}

// rank orders outcomes from the worst.
var rank = map[string]int{"root-user": 4, "root-refused": 3, "root-possible": 2, "relies-on-scc": 1, "": 0}

// worst is the worst of the forms that a container has in the workload's pods.
func worst(forms []kinds.ContainerForm, openshift bool) (out outcome) {
	for i, form := range forms {
		if o := judge(form, openshift); i == 0 || rank[o.reason] > rank[out.reason] {
			out = o
		}
	}
	return out
}

// judge looks at what the container itself says, else at what it inherits from the pod. A user namespace (hostUsers:
// false) changes nothing: user 0 is root over everything inside of the container all the same.
func judge(c kinds.ContainerForm, openshift bool) outcome {
	sc := kinds.Security(c.Pod.Spec, c.Container.Container)
	nonRoot := sc.RunAsNonRoot != nil && *sc.RunAsNonRoot
	root, user := userOf(c, sc)
	o := outcome{form: c, user: user}
	switch {
	case root && nonRoot:
		o.reason = "root-refused"
	case root:
		o.reason = "root-user"
	case nonRoot || user != "":
	case openshift && kinds.FillsUser(c.Pod):
		o.reason = "relies-on-scc"
	default:
		o.reason = "root-possible"
	}
	return o
}

// userOf gives the user that is written, empty where none is, and whether it is the system's own: 0, or the
// administrators of a Windows container, whose user has a name in place of a number.
func userOf(c kinds.ContainerForm, sc corev1.SecurityContext) (root bool, user string) {
	if kinds.IsWindows(c.Pod.Spec) {
		if sc.WindowsOptions == nil || sc.WindowsOptions.RunAsUserName == nil {
			return false, ""
		}
		user = *sc.WindowsOptions.RunAsUserName
		name := strings.ToLower(user[strings.LastIndex(user, `\`)+1:])
		return name == "containeradministrator" || name == "system" || name == "administrator", user
	}
	if sc.RunAsUser == nil {
		return false, ""
	}
	return *sc.RunAsUser == 0, strconv.FormatInt(*sc.RunAsUser, 10)
}

func say(s control.Subject, w *kinds.Workload, o outcome) {
	s = s.Part("container", o.form.Name).At(at(w, o)...)
	v := control.Values{"container": o.form.Name, "user": o.user}
	switch o.reason {
	case "":
		s.Pass()
	case "relies-on-scc":
		s.PassAs(o.reason, v)
	default:
		s.Fail(o.reason, v)
	}
}

// at points at the user, in the pod where the container inherits it.
func at(w *kinds.Workload, o outcome) []any {
	own := o.form.SecurityContext
	inherits := own == nil || own.RunAsUser == nil
	pod := o.form.Pod.Spec.SecurityContext
	switch {
	case o.form.Path == nil:
		return nil
	case o.user != "" && inherits && pod != nil && pod.RunAsUser != nil:
		return append(w.TemplatePath[:len(w.TemplatePath):len(w.TemplatePath)], "spec", "securityContext", "runAsUser")
	case o.user != "":
		return append(o.form.Path[:len(o.form.Path):len(o.form.Path)], "securityContext", "runAsUser")
	}
	return append(o.form.Path[:len(o.form.Path):len(o.form.Path)], "securityContext", "runAsNonRoot")
}
