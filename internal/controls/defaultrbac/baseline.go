package defaultrbac

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"vigie/internal/kinds"
)

// A standard is what the platform itself binds under one name.
type standard struct {
	role    string
	allowed []kinds.Grantee // every subject that any supported version gives it
}

func groups(names ...string) (out []kinds.Grantee) {
	for _, n := range names {
		out = append(out, kinds.Grantee{Kind: rbacv1.GroupKind, Name: n})
	}
	return out
}

func users(names ...string) (out []kinds.Grantee) {
	for _, n := range names {
		out = append(out, kinds.Grantee{Kind: rbacv1.UserKind, Name: n})
	}
	return out
}

func account(namespace, name string) kinds.Grantee {
	return kinds.Grantee{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
}

const (
	signedIn  = "system:authenticated"
	byOAuth   = "system:authenticated:oauth"
	anonymous = "system:unauthenticated"
)

// baseline is what Kubernetes (kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go) and OpenShift
// (openshift/openshift-apiserver pkg/bootstrappolicy/policy.go) bind in a cluster. Where versions differ, the subjects
// of each are allowed: OpenShift before 4.17 gives some to those who did not sign in.
var baseline = map[string]standard{
	"cluster-admin":                           {"cluster-admin", groups("system:masters")},
	"system:discovery":                        {"system:discovery", groups(signedIn)},
	"system:basic-user":                       {"system:basic-user", groups(signedIn)},
	"system:public-info-viewer":               {"system:public-info-viewer", groups(signedIn, anonymous)},
	"system:monitoring":                       {"system:monitoring", groups("system:monitoring")},
	"system:node":                             {"system:node", nil},
	"system:node-proxier":                     {"system:node-proxier", users("system:kube-proxy")},
	"system:kube-controller-manager":          {"system:kube-controller-manager", users("system:kube-controller-manager")},
	"system:kube-scheduler":                   {"system:kube-scheduler", users("system:kube-scheduler")},
	"system:volume-scheduler":                 {"system:volume-scheduler", users("system:kube-scheduler")},
	"system:kube-dns":                         {"system:kube-dns", []kinds.Grantee{account("kube-system", "kube-dns")}},
	"system:service-account-issuer-discovery": {"system:service-account-issuer-discovery", groups("system:serviceaccounts")},

	"cluster-admins":         {"cluster-admin", append(groups("system:cluster-admins"), users("system:admin")...)},
	"cluster-readers":        {"cluster-reader", groups("system:cluster-readers")},
	"basic-users":            {"basic-user", groups(signedIn)},
	"self-access-reviewers":  {"self-access-reviewer", groups(signedIn, anonymous)},
	"self-provisioners":      {"self-provisioner", groups(byOAuth)},
	"cluster-status-binding": {"cluster-status", groups(signedIn, anonymous)},

	"system:masters":                                {"system:master", groups("system:masters")},
	"system:node-admins":                            {"system:node-admin", append(groups("system:node-admins"), users("system:master")...)},
	"system:node-proxiers":                          {"system:node-proxier", groups("system:nodes")},
	"system:sdn-readers":                            {"system:sdn-reader", groups("system:nodes")},
	"system:webhooks":                               {"system:webhook", groups(signedIn, anonymous)},
	"system:oauth-token-deleters":                   {"system:oauth-token-deleter", groups(signedIn, anonymous)},
	"system:scope-impersonation":                    {"system:scope-impersonation", groups(signedIn, anonymous)},
	"system:openshift:discovery":                    {"system:openshift:discovery", groups(signedIn)},
	"system:openshift:public-info-viewer":           {"system:openshift:public-info-viewer", groups(signedIn, anonymous)},
	"system:build-strategy-docker-binding":          {"system:build-strategy-docker", groups(signedIn)},
	"system:build-strategy-source-binding":          {"system:build-strategy-source", groups(signedIn)},
	"system:build-strategy-jenkinspipeline-binding": {"system:build-strategy-jenkinspipeline", groups(signedIn)},
	"system:node-bootstrapper":                      {"system:node-bootstrapper", []kinds.Grantee{account("openshift-infra", "node-bootstrapper"), account("openshift-machine-config-operator", "node-bootstrapper")}},
}

// standardOf gives what the platform binds under a name; ok is false for a name that is not one of its defaults. Every
// controller of Kubernetes has an account of its own.
func standardOf(name string) (st standard, ok bool) {
	if st, ok = baseline[name]; ok {
		return st, true
	}
	if controller, is := strings.CutPrefix(name, "system:controller:"); is {
		return standard{name, []kinds.Grantee{account("kube-system", controller)}}, true
	}
	return standard{}, false
}
