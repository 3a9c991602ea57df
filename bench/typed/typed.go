// Package typed maps a kind to its Go type in k8s.io/api, for the bound and for the generator's tests. It holds the
// kinds that the generator makes and nothing else.
package typed

import (
	routev1 "github.com/openshift/api/route/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	policyv1beta1 "k8s.io/api/policy/v1beta1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// An Object is any typed Kubernetes object.
type Object = metav1.Object

var kinds = map[string]func() Object{
	"apps/v1 Deployment":                     func() Object { return new(appsv1.Deployment) },
	"autoscaling/v2 HorizontalPodAutoscaler": func() Object { return new(autoscalingv2.HorizontalPodAutoscaler) },
	"batch/v1 CronJob":                       func() Object { return new(batchv1.CronJob) },
	"networking.k8s.io/v1 NetworkPolicy":     func() Object { return new(networkingv1.NetworkPolicy) },
	"policy/v1 PodDisruptionBudget":          func() Object { return new(policyv1.PodDisruptionBudget) },
	"policy/v1beta1 PodDisruptionBudget":     func() Object { return new(policyv1beta1.PodDisruptionBudget) },
	"rbac.authorization.k8s.io/v1 Role":      func() Object { return new(rbacv1.Role) },
	"rbac.authorization.k8s.io/v1 RoleBinding": func() Object {
		return new(rbacv1.RoleBinding)
	},
	"route.openshift.io/v1 Route": func() Object { return new(routev1.Route) },
	"v1 ConfigMap":                func() Object { return new(corev1.ConfigMap) },
	"v1 PersistentVolumeClaim":    func() Object { return new(corev1.PersistentVolumeClaim) },
	"v1 Secret":                   func() Object { return new(corev1.Secret) },
	"v1 Service":                  func() Object { return new(corev1.Service) },
	"v1 ServiceAccount":           func() Object { return new(corev1.ServiceAccount) },
}

// New gives an empty object of a kind, nil for a kind that the generator does not make.
func New(apiVersion, kind string) Object {
	f := kinds[apiVersion+" "+kind]
	if f == nil {
		return nil
	}
	return f()
}
