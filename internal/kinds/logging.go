package kinds

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// Forwarders of logs, of the two API groups that a cluster may serve. Their fields and conditions are those of
// openshift/cluster-logging-operator, api/observability/v1 and api/logging/v1.
var (
	LogForwarders       = register("observability.openshift.io", "clusterlogforwarders", "ClusterLogForwarder", namespaced, func(o *ClusterLogForwarder) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	LegacyLogForwarders = register("logging.openshift.io", "clusterlogforwarders", "ClusterLogForwarder", namespaced, func(o *LegacyClusterLogForwarder) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// LogForwarderInputs are the lists that forwarders are found in.
var LogForwarderInputs = []inventory.Input{LogForwarders, LegacyLogForwarders}

// LoggingNamespace is where the platform's own forwarder lives.
const LoggingNamespace = "openshift-logging"

// A ClusterLogForwarder is one of observability.openshift.io; only what it collects and what is said of it is read.
type ClusterLogForwarder struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              LogForwarderSpec `json:"spec"`
	Status            struct {
		Conditions []ForwarderCondition `json:"conditions,omitempty"`
		Inputs     []ForwarderCondition `json:"inputConditions,omitempty"`
		Outputs    []ForwarderCondition `json:"outputConditions,omitempty"`
		Filters    []ForwarderCondition `json:"filterConditions,omitempty"`
		Pipelines  []ForwarderCondition `json:"pipelineConditions,omitempty"`
	} `json:"status,omitempty"`
}

// A LegacyClusterLogForwarder is one of logging.openshift.io: the conditions of its parts are maps by name.
type LegacyClusterLogForwarder struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              LogForwarderSpec `json:"spec"`
	Status            struct {
		Conditions []ForwarderCondition            `json:"conditions,omitempty"`
		Inputs     map[string][]ForwarderCondition `json:"inputs,omitempty"`
		Outputs    map[string][]ForwarderCondition `json:"outputs,omitempty"`
		Filters    map[string][]ForwarderCondition `json:"filters,omitempty"`
		Pipelines  map[string][]ForwarderCondition `json:"pipelines,omitempty"`
	} `json:"status,omitempty"`
}

// A LogForwarderSpec is what both groups say alike.
type LogForwarderSpec struct {
	ManagementState string        `json:"managementState,omitempty"` // Managed, Unmanaged; empty: Managed
	Inputs          []LogInput    `json:"inputs,omitempty"`
	Pipelines       []LogPipeline `json:"pipelines,omitempty"`
}

// A LogPipeline carries inputs to outputs.
type LogPipeline struct {
	Name       string   `json:"name,omitempty"`
	InputRefs  []string `json:"inputRefs,omitempty"`
	OutputRefs []string `json:"outputRefs,omitempty"`
	FilterRefs []string `json:"filterRefs,omitempty"`
}

// A LogInput is a named choice of logs.
type LogInput struct {
	Name           string              `json:"name"`
	Type           string              `json:"type,omitempty"` // of observability.openshift.io: application, infrastructure, audit, receiver
	Application    *ApplicationLogs    `json:"application,omitempty"`
	Infrastructure *InfrastructureLogs `json:"infrastructure,omitempty"`
}

// ApplicationLogs are the logs of containers outside of the platform's namespaces; every condition must hold.
type ApplicationLogs struct {
	Namespaces []string              `json:"namespaces,omitempty"` // of logging.openshift.io, beside includes
	Includes   []LogContainers       `json:"includes,omitempty"`
	Excludes   []LogContainers       `json:"excludes,omitempty"` // comes before includes
	Selector   *metav1.LabelSelector `json:"selector,omitempty"` // of pods
}

// InfrastructureLogs are the logs of the platform's namespaces and of the nodes.
type InfrastructureLogs struct {
	Sources []string `json:"sources,omitempty"` // container, node; none: both
}

// LogContainers names containers by two globs; an empty one is *.
type LogContainers struct {
	Namespace string `json:"namespace,omitempty"`
	Container string `json:"container,omitempty"`
}

// A ForwarderCondition is a condition of a forwarder or of one of its parts.
type ForwarderCondition struct {
	Type               string `json:"type"`
	Status             string `json:"status"`
	Reason             string `json:"reason,omitempty"`
	ObservedGeneration int64  `json:"observedGeneration,omitempty"`
}

// A Forwarder is a ClusterLogForwarder of either group in one form.
type Forwarder struct {
	inventory.Item[LogForwarderSpec]
	Legacy     bool // of logging.openshift.io
	Generation int64
	Conditions []ForwarderCondition            // of the whole, their types without a group
	Parts      map[string][]ForwarderCondition // by "input NAME", "output NAME", "filter NAME", "pipeline NAME"
}

// A ForwarderIndex is every forwarder that was seen, in whichever namespace: each may collect from all of them.
type ForwarderIndex struct {
	Unseen []inventory.Space // whose forwarders were not read whole: another one may stand there

	bySpace map[inventory.Space][]*Forwarder // where they stand
	named   map[string][]*Forwarder          // that collect from namespaces named in full alone
	rest    []*Forwarder
}

// Any reports that a forwarder was seen, wherever it stands.
func (x *ForwarderIndex) Any() bool { return len(x.bySpace) > 0 }

// In gives the forwarders that stand in a space.
func (x *ForwarderIndex) In(s inventory.Space) []*Forwarder { return x.bySpace[s] }

// For gives the forwarders that may collect from a namespace; an empty name is not known.
func (x *ForwarderIndex) For(namespace string) []*Forwarder {
	out := x.rest[:len(x.rest):len(x.rest)]
	if namespace == "" {
		for _, n := range slices.Sorted(maps.Keys(x.named)) {
			out = append(out, x.named[n]...)
		}
		return out
	}
	return append(out, x.named[namespace]...)
}

func (x *ForwarderIndex) add(f *Forwarder) {
	x.bySpace[f.Ref.Space()] = append(x.bySpace[f.Ref.Space()], f)
	names, all := f.namespaces()
	if !all {
		x.rest = append(x.rest, f)
		return
	}
	for _, n := range names {
		x.named[n] = append(x.named[n], f)
	}
}

// Forwarders is the join of the forwarders of every space.
var Forwarders = inventory.NewWideJoin(LogForwarderInputs, func(v inventory.View) *ForwarderIndex {
	x := &ForwarderIndex{bySpace: map[inventory.Space][]*Forwarder{}, named: map[string][]*Forwarder{}}
	spaces := v.Spaces()
	if platform := (inventory.Space{Namespace: LoggingNamespace}); !slices.Contains(spaces, platform) {
		spaces = append(spaces[:len(spaces):len(spaces)], platform)
	}
	for _, s := range spaces {
		if s.IsCluster() {
			continue
		}
		here := v.Elsewhere(s)
		for _, it := range LogForwarders.In(here) {
			x.add(forwarder(it))
		}
		for _, it := range LegacyLogForwarders.In(here) {
			x.add(legacyForwarder(it))
		}
		if !here.Whole(LogForwarderInputs...) {
			x.Unseen = append(x.Unseen, s)
		}
	}
	return x
})

func forwarder(it inventory.Item[ClusterLogForwarder]) *Forwarder {
	o := it.Object
	f := &Forwarder{
		Item:       inventory.Item[LogForwarderSpec]{Ref: it.Ref, Place: it.Place, Labels: it.Labels, Object: &o.Spec},
		Generation: o.Generation, Parts: map[string][]ForwarderCondition{},
	}
	st := &o.Status
	for _, c := range slices.Concat(st.Conditions, st.Inputs, st.Outputs, st.Filters, st.Pipelines) {
		c.Type = strings.TrimPrefix(c.Type, LogForwarders.Group+"/")
		kind, name, part := strings.Cut(c.Type, "-")
		if !part {
			f.Conditions = append(f.Conditions, c)
			continue
		}
		c.Type = kind
		key := strings.ToLower(strings.TrimPrefix(kind, "Valid")) + " " + name
		f.Parts[key] = append(f.Parts[key], c)
	}
	return f
}

func legacyForwarder(it inventory.Item[LegacyClusterLogForwarder]) *Forwarder {
	o := it.Object
	f := &Forwarder{
		Item:   inventory.Item[LogForwarderSpec]{Ref: it.Ref, Place: it.Place, Labels: it.Labels, Object: &o.Spec},
		Legacy: true, Generation: o.Generation, Conditions: o.Status.Conditions, Parts: map[string][]ForwarderCondition{},
	}
	for kind, byName := range map[string]map[string][]ForwarderCondition{
		"input": o.Status.Inputs, "output": o.Status.Outputs, "filter": o.Status.Filters, "pipeline": o.Status.Pipelines,
	} {
		for name, cs := range byName {
			f.Parts[kind+" "+name] = cs
		}
	}
	return f
}

// PipelineName is the pipeline's name; of one without a name the number under which the operator speaks of it.
func (f *Forwarder) PipelineName(i int) string {
	if n := f.Object.Pipelines[i].Name; n != "" {
		return n
	}
	return "pipeline_" + strconv.Itoa(i) + "_"
}
