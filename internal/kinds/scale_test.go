package kinds_test

import (
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

var scaleSpace = inventory.Space{Namespace: "shop"}

func inShop[T any](group, kind, name string, o *T) inventory.Item[T] {
	return inventory.Item[T]{Ref: inventory.Ref{Group: group, Kind: kind, Namespace: "shop", Name: name}, Object: o}
}

func scaleView(fill func(*inventory.Builder)) inventory.View {
	b := inventory.NewBuilder("", time.Time{}, inventory.Complete)
	fill(b)
	allowed := map[inventory.Input]bool{kinds.HPAs: true}
	for _, in := range kinds.WorkloadInputs {
		allowed[in] = true
	}
	return b.Freeze().View(scaleSpace, allowed, time.Time{})
}

func ownedBy(apiVersion, kind, name string) metav1.ObjectMeta {
	yes := true
	return metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: name, Controller: &yes}}}
}

// TestScaleOf reads the scale of each kind, and of what an autoscaler makes of it.
func TestScaleOf(t *testing.T) {
	n := func(i int32) *int32 { return &i }
	yes := true
	deployment := func(replicas *int32) func(*inventory.Builder) {
		return func(b *inventory.Builder) {
			kinds.Deployments.Add(b, inShop("apps", "Deployment", "web", &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: replicas}}))
		}
	}
	hpa := func(least *int32, also func(*inventory.Builder)) func(*inventory.Builder) {
		return func(b *inventory.Builder) {
			also(b)
			h := &autoscalingv2.HorizontalPodAutoscaler{}
			h.Spec.MinReplicas, h.Spec.ScaleTargetRef = least, autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}
			kinds.HPAs.Add(b, inShop("autoscaling", "HorizontalPodAutoscaler", "auto", h))
		}
	}
	job := func(s batchv1.JobSpec, end batchv1.JobConditionType) func(*inventory.Builder) {
		return func(b *inventory.Builder) {
			o := &batchv1.Job{Spec: s}
			if end != "" {
				o.Status.Conditions = []batchv1.JobCondition{{Type: end, Status: corev1.ConditionTrue}}
			}
			kinds.Jobs.Add(b, inShop("batch", "Job", "once", o))
		}
	}
	pods := func(phases ...corev1.PodPhase) func(*inventory.Builder) {
		return func(b *inventory.Builder) {
			for i, phase := range phases {
				p := &corev1.Pod{ObjectMeta: ownedBy("x.test/v1", "Queue", "q"), Status: corev1.PodStatus{Phase: phase}}
				kinds.Pods.Add(b, inShop("", "Pod", string(rune('a'+i)), p))
			}
		}
	}
	for name, c := range map[string]struct {
		fill func(*inventory.Builder)
		want kinds.Scale
	}{
		"absent is 1":            {deployment(nil), kinds.Scale{Pods: 1, Subresource: kinds.ServedYes}},
		"as written":             {deployment(n(3)), kinds.Scale{Pods: 3, Subresource: kinds.ServedYes}},
		"parked":                 {deployment(n(0)), kinds.Scale{Pods: 0, Subresource: kinds.ServedYes}},
		"autoscaler's minimum":   {hpa(n(2), deployment(n(5))), kinds.Scale{Pods: 2, Autoscaler: "auto", Subresource: kinds.ServedYes}},
		"autoscaler's default":   {hpa(nil, deployment(n(5))), kinds.Scale{Pods: 1, Autoscaler: "auto", Subresource: kinds.ServedYes}},
		"autoscaler down to 0":   {hpa(n(0), deployment(nil)), kinds.Scale{Pods: 1, Autoscaler: "auto", Subresource: kinds.ServedYes}},
		"parked switches it off": {hpa(n(2), deployment(n(0))), kinds.Scale{Pods: 0, Autoscaler: "auto", Subresource: kinds.ServedYes}},
		"job":                    {job(batchv1.JobSpec{Parallelism: n(4), Completions: n(2)}, ""), kinds.Scale{Pods: 2, Subresource: kinds.ServedNo}},
		"job alone":              {job(batchv1.JobSpec{}, ""), kinds.Scale{Pods: 1, Subresource: kinds.ServedNo}},
		"job held":               {job(batchv1.JobSpec{Suspend: &yes}, ""), kinds.Scale{Pods: 0, Subresource: kinds.ServedNo}},
		"job that ended":         {job(batchv1.JobSpec{}, batchv1.JobFailed), kinds.Scale{Pods: 0, Subresource: kinds.ServedNo}},
		"owner not read":         {pods(corev1.PodRunning, corev1.PodFailed, corev1.PodPending), kinds.Scale{Pods: 2}},
		"owner without pods":     {pods(corev1.PodSucceeded), kinds.Scale{Pods: kinds.NotSeen}},
		"bare pod": {func(b *inventory.Builder) {
			kinds.Pods.Add(b, inShop("", "Pod", "bare", &corev1.Pod{}))
		}, kinds.Scale{Pods: 1, Bare: true}},
		"daemon set by its status": {func(b *inventory.Builder) {
			kinds.DaemonSets.Add(b, inShop("apps", "DaemonSet", "agent", &appsv1.DaemonSet{Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 3}}))
		}, kinds.Scale{Pods: 3, Subresource: kinds.ServedNo}},
		"daemon set of a manifest": {func(b *inventory.Builder) {
			kinds.DaemonSets.Add(b, inShop("apps", "DaemonSet", "agent", &appsv1.DaemonSet{}))
		}, kinds.Scale{Pods: kinds.NotSeen, Subresource: kinds.ServedNo}},
		"cron job held": {func(b *inventory.Builder) {
			kinds.CronJobs.Add(b, inShop("batch", "CronJob", "night", &batchv1.CronJob{Spec: batchv1.CronJobSpec{Suspend: &yes}}))
		}, kinds.Scale{Pods: 0, Subresource: kinds.ServedNo}},
		"knative scales to 0": {func(b *inventory.Builder) {
			kinds.KnativeServices.Add(b, inShop("serving.knative.dev", "Service", "hello", &kinds.KnativeService{}))
		}, kinds.Scale{Pods: 0, Subresource: kinds.ServedYes}},
		"knative's lower bound": {func(b *inventory.Builder) {
			o := &kinds.KnativeService{}
			o.Spec.Template.Annotations = map[string]string{"autoscaling.knative.dev/min-scale": "2"}
			kinds.KnativeServices.Add(b, inShop("serving.knative.dev", "Service", "hello", o))
		}, kinds.Scale{Pods: 2, Subresource: kinds.ServedYes}},
	} {
		v := scaleView(c.fill)
		ws := kinds.Workloads.In(v)
		if len(ws) != 1 {
			t.Errorf("%s: %d workloads, want 1", name, len(ws))
			continue
		}
		if got := kinds.ScaleOf(v, ws[0]); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestPodLabelSets holds the labels that controllers add, beside those of pods that run.
func TestPodLabelSets(t *testing.T) {
	two := int32(2)
	v := scaleView(func(b *inventory.Builder) {
		set := &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Replicas: &two}}
		set.Spec.Template.Labels = map[string]string{"app": "db"}
		kinds.StatefulSets.Add(b, inShop("apps", "StatefulSet", "db", set))
		for name, phase := range map[string]corev1.PodPhase{"db-0": corev1.PodRunning, "db-1": corev1.PodFailed} {
			p := &corev1.Pod{ObjectMeta: ownedBy("apps/v1", "StatefulSet", "db"), Status: corev1.PodStatus{Phase: phase}}
			p.Labels = map[string]string{"seen": name}
			kinds.Pods.Add(b, inShop("", "Pod", name, p))
		}
	})
	var got []string
	for _, set := range kinds.Workloads.In(v)[0].PodLabelSets() {
		got = append(got, set.String())
	}
	want := []string{
		"app=db,apps.kubernetes.io/pod-index=0,statefulset.kubernetes.io/pod-name=db-0",
		"app=db,apps.kubernetes.io/pod-index=1,statefulset.kubernetes.io/pod-name=db-1",
		"seen=db-0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
