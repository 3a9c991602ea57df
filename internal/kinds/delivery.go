package kinds

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What builds, delivers and operates workloads: OpenShift builds (github.com/openshift/api, build/v1), Tekton
// (tektoncd/pipeline, pkg/apis/pipeline/v1), Argo CD (argoproj/argo-cd, pkg/apis/application/v1alpha1) and the
// Operator Lifecycle Manager (operator-framework/api, pkg/operators/v1alpha1).
var (
	Builds                 = register("build.openshift.io", "builds", "Build", namespaced, func(o *Build) *metav1.ObjectMeta { return &o.ObjectMeta }, nil, "")
	PipelineRuns           = register("tekton.dev", "pipelineruns", "PipelineRun", namespaced, func(o *PipelineRun) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *PipelineRun) { dropMessages(o.Status.Conditions) })
	Applications           = register("argoproj.io", "applications", "Application", namespaced, func(o *Application) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	ClusterServiceVersions = register("operators.coreos.com", "clusterserviceversions", "ClusterServiceVersion", namespaced, func(o *ClusterServiceVersion) *metav1.ObjectMeta { return &o.ObjectMeta }, trimServiceVersion)
	InstallPlans           = register("operators.coreos.com", "installplans", "InstallPlan", namespaced, func(o *InstallPlan) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	Subscriptions          = register("operators.coreos.com", "subscriptions", "Subscription", namespaced, func(o *Subscription) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// A Build is one run of a BuildConfig.
type Build struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Status            struct {
		Phase  string `json:"phase,omitempty"` // New, Pending, Running, Complete, Failed, Error, Cancelled
		Reason string `json:"reason,omitempty"`
		Config *struct {
			Name string `json:"name,omitempty"`
		} `json:"config,omitempty"`
		StartTimestamp *metav1.Time `json:"startTimestamp,omitempty"`
	} `json:"status,omitempty"`
}

// Config names the BuildConfig that the build ran; empty: none, or nothing says it.
func (b *Build) Config() string {
	if c := b.Status.Config; c != nil && c.Name != "" {
		return c.Name
	}
	const key = "openshift.io/build-config.name"
	for _, name := range []string{b.Annotations[key], b.Labels[key], b.Labels["buildconfig"]} {
		if name != "" {
			return name
		}
	}
	return ""
}

// Number is the place of the build among those of its BuildConfig, from 1; 0: not said.
func (b *Build) Number() int {
	n, err := strconv.Atoi(b.Annotations["openshift.io/build.number"])
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Begun is when the build was made, else when it started; zero: not said.
func (b *Build) Begun() time.Time { return begun(&b.ObjectMeta, b.Status.StartTimestamp) }

// A PipelineRun is one run of a Tekton pipeline.
type PipelineRun struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		PipelineRef *struct {
			Name string `json:"name,omitempty"` // empty: found by a resolver
		} `json:"pipelineRef,omitempty"`
	} `json:"spec,omitempty"`
	Status struct {
		Conditions []metav1.Condition `json:"conditions,omitempty"` // Succeeded: Unknown while it runs
		StartTime  *metav1.Time       `json:"startTime,omitempty"`
	} `json:"status,omitempty"`
}

// Begun is when the run was made, else when it started; zero: not said.
func (p *PipelineRun) Begun() time.Time { return begun(&p.ObjectMeta, p.Status.StartTime) }

func begun(m *metav1.ObjectMeta, started *metav1.Time) time.Time {
	if !m.CreationTimestamp.IsZero() || started == nil {
		return m.CreationTimestamp.Time
	}
	return started.Time
}

// An Application of Argo CD is a set of objects that it keeps as Git has them.
type Application struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Status            struct {
		Sync struct {
			Status string `json:"status,omitempty"` // Synced, OutOfSync, Unknown
		} `json:"sync,omitempty"`
		Health struct {
			Status string `json:"status,omitempty"` // Healthy, Progressing, Degraded, Suspended, Missing, Unknown
		} `json:"health,omitempty"`
		OperationState struct {
			Phase string `json:"phase,omitempty"` // of the last sync: Running, Terminating, Succeeded, Failed, Error
		} `json:"operationState,omitempty"`
	} `json:"status,omitempty"`
}

// A ClusterServiceVersion is one version of an operator as it is installed.
type ClusterServiceVersion struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Replaces string `json:"replaces,omitempty"`
	} `json:"spec,omitempty"`
	Status struct {
		Phase  string `json:"phase,omitempty"`
		Reason string `json:"reason,omitempty"`
	} `json:"status,omitempty"`
}

// Copied reports the copy that stands in each namespace which an operator of another namespace watches.
func (c *ClusterServiceVersion) Copied() bool {
	return c.Labels["olm.copiedFrom"] != "" || c.Status.Reason == "Copied"
}

// propertyAnnotations hold an operator's properties: as its author writes them, a JSON list, and as the lifecycle
// manager copies them from the catalog, an object (operator-framework/operator-lifecycle-manager,
// pkg/controller/registry/resolver/projection).
var propertyAnnotations = []string{"olm.properties", "operatorframework.io/properties"}

// An OperatorProperty is one property of an operator: its type says of which form the value is.
type OperatorProperty struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// Properties are those of both annotations; whole is false where one of them cannot be read.
func (c *ClusterServiceVersion) Properties() (all []OperatorProperty, whole bool) {
	whole = true
	for _, key := range propertyAnnotations {
		text := strings.TrimSpace(c.Annotations[key])
		if text == "" {
			continue
		}
		var object struct {
			Properties []OperatorProperty `json:"properties"`
		}
		into := any(&object.Properties)
		if strings.HasPrefix(text, "{") {
			into = &object
		}
		if json.Unmarshal([]byte(text), into) != nil {
			whole = false
			continue
		}
		all = append(all, object.Properties...)
	}
	return all, whole
}

// trimServiceVersion lets go of annotations that no control reads: the examples alone are often larger than the rest.
func trimServiceVersion(c *ClusterServiceVersion) {
	kept := map[string]string{}
	for _, key := range propertyAnnotations {
		if v, ok := c.Annotations[key]; ok {
			kept[key] = v
		}
	}
	c.Annotations = kept
}

// An InstallPlan is what the lifecycle manager is about to install, or did.
type InstallPlan struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		ClusterServiceVersionNames []string `json:"clusterServiceVersionNames,omitempty"`
		Approval                   string   `json:"approval,omitempty"` // Automatic, Manual
		Approved                   bool     `json:"approved,omitempty"`
	} `json:"spec,omitempty"`
	Status struct {
		Phase string `json:"phase,omitempty"` // Planning, RequiresApproval, Installing, Complete, Failed
	} `json:"status,omitempty"`
}

// A Subscription asks for an operator and follows its channel.
type Subscription struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Status            struct {
		InstallPlanRef *struct {
			Name string `json:"name,omitempty"`
		} `json:"installPlanRef,omitempty"` // the plan that counts now
	} `json:"status,omitempty"`
}
