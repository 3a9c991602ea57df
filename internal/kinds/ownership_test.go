package kinds

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestWhatIsThePlatforms(t *testing.T) {
	for _, c := range []struct {
		name               string
		kind               string
		m                  metav1.ObjectMeta
		platform, operator bool
	}{
		{"a tenant's", "Pod", metav1.ObjectMeta{Name: "a", Namespace: "shop", UID: "u"}, false, false},
		{"in the platform's namespace, as a cluster held it", "Pod", metav1.ObjectMeta{Name: "a", Namespace: "openshift-etcd", UID: "u"}, true, false},
		{"in kube-system", "Deployment", metav1.ObjectMeta{Name: "a", Namespace: "kube-system", UID: "u"}, true, false},
		{"a manifest for the platform's namespace", "Pod", metav1.ObjectMeta{Name: "a", Namespace: "openshift-etcd"}, false, false},
		{"a name that only begins so", "Pod", metav1.ObjectMeta{Name: "a", Namespace: "openshifty", UID: "u"}, false, false},
		{"of OLM", "Deployment", metav1.ObjectMeta{Name: "a", Namespace: "shop", Labels: map[string]string{"olm.owner": "x"}}, true, true},
		{"of a version of an operator", "Deployment", metav1.ObjectMeta{Name: "a", Namespace: "shop", OwnerReferences: []metav1.OwnerReference{{Kind: "ClusterServiceVersion"}}}, true, true},
		{"a default of the API server", "RoleBinding", metav1.ObjectMeta{Name: "system:x", Namespace: "shop"}, true, true},
	} {
		if got := PlatformOwned(c.kind, &c.m); got != c.platform {
			t.Errorf("%s: platform %t", c.name, got)
		}
		if got := OperatorOwned(c.kind, &c.m); got != c.operator {
			t.Errorf("%s: operator %t", c.name, got)
		}
	}
}
