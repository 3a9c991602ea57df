package rbacproof

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// asks are the requests that controls make of a role.
var asks = strings.Fields(`
	get//secrets list//secrets watch//secrets create//secrets
	create//pods get//pods create//pods/exec get//pods/exec create//pods/attach get//pods/attach
	update//pods/ephemeralcontainers patch//pods/ephemeralcontainers
	impersonate//serviceaccounts impersonate//users impersonate//groups create//serviceaccounts/token
	bind/rbac.authorization.k8s.io/roles bind/rbac.authorization.k8s.io/clusterroles
	escalate/rbac.authorization.k8s.io/roles escalate/rbac.authorization.k8s.io/clusterroles
	create/rbac.authorization.k8s.io/rolebindings create/rbac.authorization.k8s.io/roles
	get/apps/deployments patch/apps/deployments delete/batch/jobs get//configmaps update//configmaps get//nodes
	anything/example.test/things
`)

// TestStockRoles holds the embedded stock roles to those that this version of Kubernetes makes, in what controls ask.
// A cluster's list without cluster-admin is no list: the embedded roles stand in.
func TestStockRoles(t *testing.T) {
	theirs := &world{clusterRoles: bootstrappolicy.ClusterRoles()}
	ours := &world{}
	for i := range theirs.clusterRoles {
		name := theirs.clusterRoles[i].Name
		b := rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespaces[0], Name: name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: "holder of " + name}},
		}
		theirs.bindings, ours.bindings = append(theirs.bindings, b), append(ours.bindings, b)
	}
	view := ours.inventory().View(inventory.Space{Namespace: namespaces[0]}, all(), time.Time{})
	compared, allowed := 0, 0
	for _, name := range []string{"admin", "edit", "view", "cluster-admin", "system:auth-delegator", "system:basic-user", "system:discovery", "system:public-info-viewer"} {
		if role := kinds.Resolve(view, "ClusterRole", name); role.State != kinds.RoleAssumed {
			t.Errorf("%s is not embedded (%d)", name, role.State)
		}
		for _, ask := range asks {
			words := strings.SplitN(ask, "/", 3)
			q := request{user: "holder of " + name, namespace: namespaces[0]}
			q.Verb, q.Group = words[0], words[1]
			q.Resource, q.Subresource, _ = strings.Cut(words[2], "/")
			decision, _, err := theirs.authorizer().Authorize(context.Background(), q.attributes())
			if err != nil {
				t.Fatal(err)
			}
			want, got := decision == authorizer.DecisionAllow, kinds.Allowed(view, q.user, nil, q.Access)
			compared++
			if want {
				allowed++
			}
			if got != want {
				t.Errorf("%s, %s: embedded %v, Kubernetes %v", name, ask, got, want)
			}
		}
	}
	fmt.Printf("rbac: %d answers of embedded stock roles compared with Kubernetes' own, %d of them allowed\n", compared, allowed)
}
