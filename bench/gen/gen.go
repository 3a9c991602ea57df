// Package gen makes the objects that the benchmark reads: applications as a tenant deploys them with Helm, thirteen
// objects each, about 1.2 kB an object in YAML. The same seed gives the same bytes on every machine. Each tenth
// application has one ordinary fault. No secret stands in clear in any of them: values live in Secrets, random, and
// everything else refers to those.
package gen

import (
	"bytes"
	"fmt"
	"io"
	"iter"
)

// Kinds of one application, in the order in which they are written. Where the number of objects asked for is no
// multiple of 13, the last application lacks the end of this list.
var Kinds = []string{
	"Deployment", "Service", "ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding", "HorizontalPodAutoscaler",
	"PodDisruptionBudget", "NetworkPolicy", "PersistentVolumeClaim", "CronJob", "Route",
}

// Options say what is made.
type Options struct {
	Objects    int    // exactly so many; applications follow from it
	Namespaces int    // so many, filled in turn; 0: one for every 5 applications
	Seed       uint64 // another seed gives other values and other faults, of the same shape
}

// Validate refuses what cannot be made.
func (o Options) Validate() error {
	if o.Objects < 1 {
		return fmt.Errorf("generate objects: %d objects asked for, at least 1 is needed", o.Objects)
	}
	if o.Namespaces < 0 {
		return fmt.Errorf("generate objects: %d namespaces asked for, 0 means one for every %d applications", o.Namespaces, perNamespace)
	}
	return nil
}

// Applications is the number of applications, the last one perhaps incomplete.
func (o Options) Applications() int { return (o.Objects + len(Kinds) - 1) / len(Kinds) }

// An Object is one generated manifest.
type Object struct {
	App  *App // the application it belongs to; its Fault says what is wrong with it, if anything
	Kind string
	YAML []byte // one document without separator, ended by a newline; valid until the next object is asked for
}

// All gives the objects in the order in which every form writes them. It panics where a template is at fault, which
// the tests of this package would have told.
func All(o Options) iter.Seq[Object] {
	return func(yield func(Object) bool) {
		var buf bytes.Buffer
		left := o.Objects
		for i := range o.Applications() {
			app := newApp(o, i)
			for _, kind := range Kinds[:min(left, len(Kinds))] {
				buf.Reset()
				render(&buf, kind, app)
				if !yield(Object{App: app, Kind: kind, YAML: buf.Bytes()}) {
					return
				}
				left--
			}
		}
	}
}

// writeDocument writes one document of a multi-document file as `helm template` does.
func writeDocument(w io.Writer, obj Object) error {
	_, err := fmt.Fprintf(w, "---\n# Source: %s/templates/%s\n%s", obj.App.Chart, templateName(obj.Kind), obj.YAML)
	return err
}
