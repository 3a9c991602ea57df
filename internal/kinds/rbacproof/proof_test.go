// Package rbacproof holds Vigie's reading of RBAC to the authorizer that Kubernetes itself runs: the same random roles,
// bindings and requests, the same answers. It is a module of its own, because nothing else needs k8s.io/kubernetes.
package rbacproof

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

const (
	worlds  = 250
	perEach = 60 // requests of each world
	atLeast = 10_000
)

// TestAuthorizer asks both the same questions. Both answers must be well represented, or agreement means little.
func TestAuthorizer(t *testing.T) {
	r := rand.New(rand.NewPCG(20261125, 1))
	asked, allowed, named, through := 0, 0, 0, 0
	for n := range worlds {
		w := newWorld(r)
		theirs := w.authorizer()
		ours := w.inventory()
		for range perEach {
			q := w.request(r)
			decision, reason, err := theirs.Authorize(context.Background(), q.attributes())
			if err != nil {
				t.Fatal(err)
			}
			want := decision == authorizer.DecisionAllow
			space := inventory.Space{Namespace: q.namespace}
			got := kinds.Allowed(ours.View(space, all(), time.Time{}), q.user, q.groups, q.Access)
			if got != want {
				t.Errorf("world %d: %+v: Vigie says %v, the authorizer %v (%s)\n%s", n, q, got, want, reason, w)
			}
			asked++
			if want {
				allowed++
				if q.Name != "" {
					named++
				}
				if q.Subresource != "" {
					through++
				}
			}
		}
		if t.Failed() {
			break
		}
	}
	fmt.Printf("rbac: %d triples of roles, bindings and request, %d allowed (%d of them named, %d of subresources), %d denied\n", asked, allowed, named, through, asked-allowed)
	if asked < atLeast || allowed < asked/4 || allowed > asked*3/4 {
		t.Errorf("%d asked, %d allowed: want at least %d, and a quarter of either answer", asked, allowed, atLeast)
	}
}

func all() map[inventory.Input]bool {
	out := map[inventory.Input]bool{}
	for _, in := range kinds.GrantInputs {
		out[in] = true
	}
	return out
}

// A world is what a cluster holds.
type world struct {
	roles           []rbacv1.Role
	clusterRoles    []rbacv1.ClusterRole
	bindings        []rbacv1.RoleBinding
	clusterBindings []rbacv1.ClusterRoleBinding
	result          map[string]*rbacv1.ClusterRole // once the controller has gathered them
}

// The words are few, so that requests meet rules.
var (
	namespaces   = []string{"one", "two", "three"}
	verbs        = []string{"get", "list", "create", "delete", "*", "bind", "escalate"}
	apiGroups    = []string{"", "apps", "rbac.authorization.k8s.io", "*"}
	resources    = []string{"pods", "secrets", "roles", "pods/exec", "pods/log", "*/exec", "*/log", "*", "pods/*", "secrets/exec"}
	names        = []string{"a", "b", "*"}
	paths        = []string{"/version", "/api", "/api/v1", "/api/*", "*", "/metrics", "/version/*"}
	people       = []string{"alice", "bob", "*", "system:serviceaccount:one:app", "system:serviceaccount:two:app", "system:serviceaccount:one:a:b"}
	groupNames   = []string{"devs", "system:authenticated", "system:serviceaccounts", "system:serviceaccounts:one"}
	accountNames = []string{"app", "default"}
	tiers        = []string{"x", "y", "z"}
)

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func some(r *rand.Rand, from []string, most int) (out []string) {
	for range 1 + r.IntN(most) {
		out = append(out, pick(r, from))
	}
	return out
}

func rules(r *rand.Rand) (out []rbacv1.PolicyRule) {
	if r.IntN(8) == 0 {
		return nil
	}
	for range 1 + r.IntN(3) {
		rule := rbacv1.PolicyRule{Verbs: some(r, verbs, 2)}
		if r.IntN(8) == 0 {
			rule.NonResourceURLs = some(r, paths, 2)
		} else {
			rule.APIGroups, rule.Resources = some(r, apiGroups, 2), some(r, resources, 2)
			if r.IntN(3) == 0 {
				rule.ResourceNames = some(r, names, 2)
			}
		}
		out = append(out, rule)
	}
	return out
}

func newWorld(r *rand.Rand) *world {
	w := &world{}
	for i := range 3 {
		for _, ns := range namespaces {
			w.roles = append(w.roles, rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprintf("r%d", i)}, Rules: rules(r)})
		}
	}
	// A whole cluster's list: no stock role stands in for what is not there.
	w.clusterRoles = append(w.clusterRoles, rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "cluster-admin"}, Rules: rules(r)})
	for i := range 8 {
		c := rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("r%d", i), Labels: map[string]string{}}, Rules: rules(r)}
		if r.IntN(2) == 0 {
			c.Labels["to-"+pick(r, tiers)] = "true"
		}
		if i >= 4 {
			c.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: selectors(r)}
			if len(c.Labels) > 0 {
				c.Rules = nil // gathered by others: what a ring of roles once held would stay in it for ever
			}
		}
		w.clusterRoles = append(w.clusterRoles, c)
	}
	for i := range 9 {
		w.bindings = append(w.bindings, rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: pick(r, namespaces), Name: fmt.Sprintf("b%d", i)},
			RoleRef:    roleRef(r, []string{"Role", "ClusterRole"}), Subjects: subjects(r),
		})
	}
	for i := range 2 {
		w.clusterBindings = append(w.clusterBindings, rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("c%d", i)}, RoleRef: roleRef(r, []string{"ClusterRole"}), Subjects: subjects(r),
		})
	}
	return w
}

func selectors(r *rand.Rand) (out []metav1.LabelSelector) {
	for range 1 + r.IntN(2) {
		key := "to-" + pick(r, tiers)
		if r.IntN(3) == 0 {
			out = append(out, metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: metav1.LabelSelectorOpIn, Values: []string{"true", "yes"}}}})
			continue
		}
		out = append(out, metav1.LabelSelector{MatchLabels: map[string]string{key: "true"}})
	}
	return out
}

// roleRef names a role that exists, most of the time.
func roleRef(r *rand.Rand, of []string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: pick(r, of), Name: fmt.Sprintf("r%d", r.IntN(9))}
}

func subjects(r *rand.Rand) (out []rbacv1.Subject) {
	for range 1 + r.IntN(3) {
		switch r.IntN(4) {
		case 0:
			out = append(out, rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: pick(r, people)})
		case 1:
			out = append(out, rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: pick(r, groupNames)})
		case 2:
			out = append(out, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: pick(r, accountNames)})
		default:
			out = append(out, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: pick(r, namespaces), Name: pick(r, accountNames)})
		}
	}
	return out
}

// A request is who asks what, where: no namespace is the cluster.
type request struct {
	kinds.Access
	user      string
	groups    []string
	namespace string
}

// request asks at random, or aims at what some rule allows to some subject and misses it in one respect half of the time.
func (w *world) request(r *rand.Rand) request {
	q := w.random(r)
	if r.IntN(5) == 0 {
		return q
	}
	aimed, ok := w.aimed(r)
	for range 5 {
		if ok {
			break
		}
		aimed, ok = w.aimed(r)
	}
	switch r.IntN(12) {
	case 0:
		aimed.Verb = q.Verb
	case 1:
		aimed.Group = q.Group
	case 2:
		aimed.Resource, aimed.Subresource = q.Resource, q.Subresource
	case 3:
		aimed.Name = q.Name
	case 4:
		aimed.namespace = q.namespace
	case 5:
		aimed.user, aimed.groups = q.user, q.groups
	}
	return aimed
}

func (w *world) random(r *rand.Rand) request {
	q := request{user: pick(r, people)}
	if r.IntN(2) == 0 {
		q.user = "system:serviceaccount:" + pick(r, namespaces) + ":" + pick(r, accountNames)
	}
	if r.IntN(2) == 0 {
		q.groups = some(r, groupNames, 2)
	}
	q.Verb = pick(r, verbs)
	if r.IntN(10) == 0 {
		q.Path = []string{"/version", "/api", "/api/v1", "/metrics", "/version/"}[r.IntN(5)]
		return q
	}
	if r.IntN(6) > 0 {
		q.namespace = pick(r, namespaces)
	}
	q.Group = pick(r, apiGroups[:3])
	q.Resource = []string{"pods", "secrets", "roles"}[r.IntN(3)]
	if r.IntN(3) == 0 {
		q.Subresource = []string{"exec", "log"}[r.IntN(2)]
	}
	if r.IntN(2) == 0 {
		q.Name = []string{"a", "b", "c"}[r.IntN(3)]
	}
	return q
}

// aimed is what one rule of one bound role allows one of its subjects.
func (w *world) aimed(r *rand.Rand) (request, bool) {
	q := w.random(r)
	var ref rbacv1.RoleRef
	var to rbacv1.Subject
	if n := r.IntN(len(w.bindings) + len(w.clusterBindings)); n < len(w.bindings) {
		b := w.bindings[n]
		q.namespace, ref, to = b.Namespace, b.RoleRef, b.Subjects[r.IntN(len(b.Subjects))]
		to.Namespace = cmp.Or(to.Namespace, b.Namespace)
	} else {
		b := w.clusterBindings[n-len(w.bindings)]
		ref, to = b.RoleRef, b.Subjects[r.IntN(len(b.Subjects))]
	}
	switch to.Kind {
	case rbacv1.UserKind:
		q.user = to.Name
	case rbacv1.GroupKind:
		q.groups = append(q.groups, to.Name)
	default:
		q.user = "system:serviceaccount:" + to.Namespace + ":" + to.Name
	}
	var rules []rbacv1.PolicyRule
	if ref.Kind == "Role" {
		if role, err := (getter{w}).GetRole(context.Background(), q.namespace, ref.Name); err == nil {
			rules = role.Rules
		}
	} else if role := w.gathered()[ref.Name]; role != nil {
		rules = role.Rules
	}
	if len(rules) == 0 {
		return q, false
	}
	q.aim(r, rules[r.IntN(len(rules))])
	return q, true
}

// aim makes the request one that the rule allows, but for stars and names that are none.
func (q *request) aim(r *rand.Rand, rule rbacv1.PolicyRule) {
	concrete := func(s, instead string) string {
		if s == "*" {
			return instead
		}
		return s
	}
	q.Verb = concrete(pick(r, rule.Verbs), q.Verb)
	if len(rule.NonResourceURLs) > 0 {
		q.Access = kinds.Access{Verb: q.Verb, Path: strings.ReplaceAll(pick(r, rule.NonResourceURLs), "*", "v1/x")}
		q.namespace = ""
		return
	}
	q.Path = ""
	q.Group = concrete(pick(r, rule.APIGroups), q.Group)
	resource, sub, _ := strings.Cut(pick(r, rule.Resources), "/")
	q.Resource, q.Subresource = concrete(resource, cmp.Or(q.Resource, "pods")), sub
	if len(rule.ResourceNames) > 0 {
		q.Name = pick(r, rule.ResourceNames)
	}
}

func (q request) attributes() authorizer.Attributes {
	return authorizer.AttributesRecord{
		User: &user.DefaultInfo{Name: q.user, Groups: q.groups}, Verb: q.Verb, Namespace: q.namespace,
		APIGroup: q.Group, APIVersion: "v1", Resource: q.Resource, Subresource: q.Subresource, Name: q.Name,
		ResourceRequest: q.Path == "", Path: q.Path,
	}
}

// authorizer is Kubernetes' own, over what the cluster holds once its controller has gathered the aggregated roles.
func (w *world) authorizer() *rbac.RBACAuthorizer {
	g := getter{w}
	return rbac.New(g, g, g, g)
}

func (w *world) gathered() map[string]*rbacv1.ClusterRole {
	if w.result == nil {
		w.result = gather(w.clusterRoles)
	}
	return w.result
}

// gather does over and over what the controller does at each change, until nothing changes (kubernetes
// pkg/controller/clusterroleaggregation, syncClusterRole).
func gather(in []rbacv1.ClusterRole) map[string]*rbacv1.ClusterRole {
	out := map[string]*rbacv1.ClusterRole{}
	for i := range in {
		out[in[i].Name] = in[i].DeepCopy()
	}
	for changed := true; changed; {
		changed = false
		for _, name := range sortedNames(out) {
			role := out[name]
			if role.AggregationRule == nil {
				continue
			}
			fresh := []rbacv1.PolicyRule{}
			for _, s := range role.AggregationRule.ClusterRoleSelectors {
				sel, err := metav1.LabelSelectorAsSelector(&s)
				if err != nil {
					panic(err)
				}
				for _, other := range sortedNames(out) {
					if other != name && sel.Matches(labels.Set(out[other].Labels)) {
						fresh = appendNew(fresh, out[other].Rules)
					}
				}
			}
			if !same(fresh, role.Rules) {
				role.Rules, changed = fresh, true
			}
		}
	}
	return out
}

func sortedNames(m map[string]*rbacv1.ClusterRole) (names []string) {
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func appendNew(to, more []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	for _, r := range more {
		if !slices.ContainsFunc(to, func(o rbacv1.PolicyRule) bool { return o.String() == r.String() }) {
			to = append(to, r)
		}
	}
	return to
}

// same compares two lists of rules that were gathered without doubles, whatever their order: in a ring of roles it
// turns for ever.
func same(a, b []rbacv1.PolicyRule) bool {
	return len(a) == len(b) && len(appendNew(slices.Clone(a), b)) == len(a)
}

// getter hands the world to the authorizer.
type getter struct{ w *world }

var (
	_ validation.RoleGetter               = getter{}
	_ validation.RoleBindingLister        = getter{}
	_ validation.ClusterRoleGetter        = getter{}
	_ validation.ClusterRoleBindingLister = getter{}
)

func (g getter) GetRole(_ context.Context, namespace, name string) (*rbacv1.Role, error) {
	for i := range g.w.roles {
		if r := &g.w.roles[i]; r.Namespace == namespace && r.Name == name {
			return r, nil
		}
	}
	return nil, fmt.Errorf("role %q in %q: not found", name, namespace)
}

func (g getter) ListRoleBindings(_ context.Context, namespace string) (out []*rbacv1.RoleBinding, _ error) {
	for i := range g.w.bindings {
		if b := &g.w.bindings[i]; b.Namespace == namespace {
			out = append(out, b)
		}
	}
	return out, nil
}

func (g getter) GetClusterRole(_ context.Context, name string) (*rbacv1.ClusterRole, error) {
	if r := g.w.gathered()[name]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("cluster role %q: not found", name)
}

func (g getter) ListClusterRoleBindings(context.Context) (out []*rbacv1.ClusterRoleBinding, _ error) {
	for i := range g.w.clusterBindings {
		out = append(out, &g.w.clusterBindings[i])
	}
	return out, nil
}
