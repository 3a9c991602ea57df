package own

import (
	"fmt"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"k8s.io/apiserver/pkg/cel/library"
)

// costLimit bounds one evaluation of one expression, in CEL's own units: a hundred times what Kubernetes lets an
// admission policy spend (k8s.io/apiserver, PerCallLimit is 1,000,000; a check may walk a larger object).
const costLimit = 10_000_000

// Variables that an expression sees.
const (
	varObject      = "object"          // the whole object
	varPod         = "pod"             // of workloads: the pod template (metadata, spec)
	varPart        = "part"            // the piece, where parts are named
	varParams      = "params"          // the policy's parameters that the check names
	varConstants   = "constants"       // its own figures
	varNamespace   = "namespaceObject" // metadata: name, labels, annotations; the two empty where it was not seen
	varEnvironment = "environment"     // as configured: production, staging, ...; empty: not declared
	varPlatform    = "platform"        // openshift or plain
	varNow         = "now"             // the moment of the evaluation
)

// environment is the language of expressions: CEL as Kubernetes speaks it.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	dyn := cel.MapType(cel.StringType, cel.DynType)
	return cel.NewEnv(
		cel.Variable(varObject, cel.DynType), cel.Variable(varPod, cel.DynType), cel.Variable(varPart, cel.DynType),
		cel.Variable(varParams, dyn), cel.Variable(varConstants, dyn), cel.Variable(varNamespace, dyn),
		cel.Variable(varEnvironment, cel.StringType), cel.Variable(varPlatform, cel.StringType),
		cel.Variable(varNow, cel.TimestampType),
		cel.HomogeneousAggregateLiterals(), cel.EagerlyValidateDeclarations(true), cel.DefaultUTCTimeZone(true),
		cel.OptionalTypes(), cel.CrossTypeNumericComparisons(true), ext.Strings(), ext.Sets(),
		library.URLs(), library.Regex(), library.Lists(), library.Quantity(), library.IP(), library.CIDR(),
	)
})

// compile makes an expression ready. want nil: a text, number, truth or list of texts, known only when it runs.
func compile(env *cel.Env, at, expression string, want *cel.Type) (cel.Program, error) {
	if expression == "" {
		return nil, fmt.Errorf("%s: an expression is required", at)
	}
	ast, iss := env.Compile(expression)
	if iss.Err() != nil {
		return nil, fmt.Errorf("%s: %w", at, iss.Err())
	}
	if out := ast.OutputType(); want != nil && !out.IsExactType(want) && !out.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("%s: %s gives %s, want %s", at, expression, out, want)
	}
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit), cel.InterruptCheckFrequency(100))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return p, nil
}
