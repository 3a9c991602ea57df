package kinds

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// WorkloadInputs are the lists that workloads are made of: an absence of pods rests on all of them.
var WorkloadInputs = []inventory.Input{
	Deployments, StatefulSets, DaemonSets, DeploymentConfigs, Jobs, CronJobs, Pods, ReplicaSets, ReplicationControllers,
	KnativeServices,
}

// Workloads is the join of everything that makes pods in a space, in order of kind and name.
var Workloads = inventory.NewJoin(WorkloadInputs, buildWorkloads)

// A Workload is what makes pods: a Deployment, StatefulSet, DaemonSet, DeploymentConfig, Job of no CronJob, CronJob,
// Knative Service, ReplicaSet or ReplicationController that nothing owns, bare Pod, or the unknown owner of pods.
type Workload struct {
	Ref          inventory.Ref
	Place        inventory.Place
	Labels       map[string]string // the workload's own
	Kind         string
	Object       any                     // *appsv1.Deployment, ...; nil for an unknown owner
	Template     *corev1.PodTemplateSpec // never nil; of a bare Pod or an unknown owner: the (first) pod itself
	TemplatePath []any                   // where the template stands in the object
	Replicas     *int32                  // as written; nil: not written (1 where Scales), or no such field
	Scales       bool                    // has the scale subresource
	OneShot      bool                    // runs to its end: Job, CronJob
	Controlled   bool                    // the pods have a controller (not bare)
	Platform     bool                    // made by the platform: no fault of it is the tenant's
	Pods         []inventory.Item[corev1.Pod]
}

// Item lets a control speak of the workload.
func (w *Workload) Item() inventory.Item[Workload] {
	return inventory.Item[Workload]{Ref: w.Ref, Place: w.Place, Labels: w.Labels, Object: w}
}

// AnnotationsOf are the workload's own annotations; none of an unknown owner.
func AnnotationsOf(w *Workload) map[string]string {
	if o, ok := w.Object.(metav1.Object); ok {
		return o.GetAnnotations()
	}
	return nil
}

// PodLabels are the labels that its pods carry.
func (w *Workload) PodLabels() map[string]string { return w.Template.Labels }

// DesiredReplicas is the number that the object asks for: 1 where it scales and says nothing.
func (w *Workload) DesiredReplicas() int32 {
	if w.Replicas != nil {
		return *w.Replicas
	}
	return 1
}

// A Container is one container of a pod of any of the three lists.
type Container struct {
	*corev1.Container
	List  string // containers, initContainers, ephemeralContainers
	Path  []any  // from the object's root
	Index int
}

// Init reports an init container that ends before the others start (a restartable one is a sidecar).
func (c Container) Init() bool { return c.List == "initContainers" && !c.Restartable() }

// Restartable reports an init container with restartPolicy Always: a sidecar that runs as long as the pod.
func (c Container) Restartable() bool {
	return c.List == "initContainers" && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// Ephemeral reports a debugging container.
func (c Container) Ephemeral() bool { return c.List == "ephemeralContainers" }

// Containers lists every container of the workload's template: init, ordinary, ephemeral.
func (w *Workload) Containers() []Container { return ContainersOf(&w.Template.Spec, w.TemplatePath) }

// ContainersOf lists every container of a pod spec whose pod or template stands at path.
func ContainersOf(s *corev1.PodSpec, path []any) (out []Container) {
	out = make([]Container, 0, len(s.InitContainers)+len(s.Containers)+len(s.EphemeralContainers))
	add := func(list string, i int, c *corev1.Container) {
		at := append(path[:len(path):len(path)], "spec", list, i)
		out = append(out, Container{Container: c, List: list, Path: at, Index: i})
	}
	for i := range s.InitContainers {
		add("initContainers", i, &s.InitContainers[i])
	}
	for i := range s.Containers {
		add("containers", i, &s.Containers[i])
	}
	for i := range s.EphemeralContainers {
		c := corev1.Container(s.EphemeralContainers[i].EphemeralContainerCommon)
		add("ephemeralContainers", i, &c)
	}
	return out
}

// builder gathers workloads; by is every workload by kind and name, so that pods find their owner.
type builder struct {
	all   []*Workload
	by    map[string]*Workload // "Kind/name"
	above map[string]metav1.OwnerReference
}

func buildWorkloads(v inventory.View) []*Workload {
	b := &builder{by: map[string]*Workload{}, above: map[string]metav1.OwnerReference{}}
	spec, cron := []any{"spec", "template"}, []any{"spec", "jobTemplate", "spec", "template"}
	for _, it := range Deployments.In(v) {
		o := it.Object
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: &o.Spec.Template, TemplatePath: spec, Replicas: o.Spec.Replicas, Scales: true})
	}
	for _, it := range StatefulSets.In(v) {
		o := it.Object
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: &o.Spec.Template, TemplatePath: spec, Replicas: o.Spec.Replicas, Scales: true})
	}
	for _, it := range DaemonSets.In(v) {
		o := it.Object
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: &o.Spec.Template, TemplatePath: spec})
	}
	for _, it := range DeploymentConfigs.In(v) {
		o := it.Object
		t := o.Spec.Template
		if t == nil {
			t = &corev1.PodTemplateSpec{}
		}
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: t, TemplatePath: spec, Replicas: &o.Spec.Replicas, Scales: true})
	}
	for _, it := range CronJobs.In(v) {
		o := it.Object
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: &o.Spec.JobTemplate.Spec.Template, TemplatePath: cron, OneShot: true})
	}
	for _, it := range Jobs.In(v) {
		o := it.Object
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: &o.Spec.Template, TemplatePath: spec, OneShot: true})
	}
	for _, it := range KnativeServices.In(v) {
		o := it.Object
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: &o.Spec.Template, TemplatePath: spec})
	}
	for _, it := range ReplicaSets.In(v) {
		o := it.Object
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: &o.Spec.Template, TemplatePath: spec, Replicas: o.Spec.Replicas, Scales: true})
	}
	for _, it := range ReplicationControllers.In(v) {
		o := it.Object
		t := o.Spec.Template
		if t == nil {
			t = &corev1.PodTemplateSpec{}
		}
		b.add(&it.Ref, it.Place, &o.ObjectMeta, Workload{Object: o, Template: t, TemplatePath: spec, Replicas: o.Spec.Replicas, Scales: true})
	}
	for _, it := range Pods.In(v) {
		b.pod(it)
	}
	slices.SortStableFunc(b.all, func(a, c *Workload) int {
		return cmp.Or(cmp.Compare(a.Ref.Kind, c.Ref.Kind), cmp.Compare(a.Ref.Name, c.Ref.Name))
	})
	return b.all
}

// add takes in an object of a workload kind. One that a workload kind owns is not a subject: its pods are its
// owner's. Where the owner was not seen, the owner stands in its place with this object's template.
func (b *builder) add(ref *inventory.Ref, place inventory.Place, m *metav1.ObjectMeta, w Workload) {
	w.Ref, w.Place, w.Labels, w.Kind = *ref, place, m.Labels, ref.Kind
	w.Controlled, w.Platform = true, PlatformOwned(ref.Kind, m)
	key := ref.Kind + "/" + ref.Name
	owner := controllerOf(m)
	if owner == nil {
		b.keep(key, &w)
		return
	}
	b.above[key] = *owner
	if owner.Kind == "ClusterServiceVersion" {
		b.keep(key, &w)
		return
	}
	if b.by[owner.Kind+"/"+owner.Name] == nil {
		w.Ref = ownerRef(*ref, owner)
		w.Kind = owner.Kind
		if w.Ref.Kind != ref.Kind {
			w.Object = nil
		}
		b.keep(owner.Kind+"/"+owner.Name, &w)
	}
}

func (b *builder) keep(key string, w *Workload) {
	// Two documents may hold one name (two overlays of one tree): each is a subject, pods go to the first.
	if b.by[key] == nil {
		b.by[key] = w
	}
	b.all = append(b.all, w)
}

// pod gives the pod to the workload at the top of its owners, making one where nothing known stands there.
func (b *builder) pod(it inventory.Item[corev1.Pod]) {
	p := it.Object
	w := Workload{
		Ref: it.Ref, Place: it.Place, Labels: it.Labels, Kind: "Pod", Object: p,
		Template: &corev1.PodTemplateSpec{ObjectMeta: p.ObjectMeta, Spec: p.Spec},
		Platform: PlatformOwned("Pod", &p.ObjectMeta), Pods: []inventory.Item[corev1.Pod]{it},
	}
	owner := controllerOf(&p.ObjectMeta)
	if owner == nil {
		b.keep("Pod/"+it.Ref.Name, &w)
		return
	}
	for {
		key := owner.Kind + "/" + owner.Name
		if up, ok := b.above[key]; ok && up.Kind != "ClusterServiceVersion" {
			owner = &up
			continue
		}
		if known := b.by[key]; known != nil {
			known.Pods = append(known.Pods, it)
			return
		}
		w.Ref, w.Kind, w.Object, w.Controlled = ownerRef(it.Ref, owner), owner.Kind, nil, true
		w.OneShot = p.Spec.RestartPolicy == corev1.RestartPolicyNever || p.Spec.RestartPolicy == corev1.RestartPolicyOnFailure
		b.keep(key, &w)
		return
	}
}

func ownerRef(of inventory.Ref, o *metav1.OwnerReference) inventory.Ref {
	group, _ := SplitAPIVersion(o.APIVersion)
	return inventory.Ref{Cluster: of.Cluster, Group: group, Kind: o.Kind, Namespace: of.Namespace, Root: of.Root, Name: o.Name}
}
