package kinds

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// How people sign in to OpenShift. Both stand once in a cluster, under the name of ClusterConfig.
var (
	OAuths          = register("config.openshift.io", "oauths", "OAuth", byCluster, func(o *OAuth) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	Authentications = register("config.openshift.io", "authentications", "Authentication", byCluster, func(o *Authentication) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// ClusterConfig is the only name under which OpenShift reads an object of config.openshift.io.
const ClusterConfig = "cluster"

// The bootstrap administrator of OpenShift is a Secret: with it goes the user kube:admin, who is a cluster
// administrator (openshift/library-go pkg/oauth/usercache and the documentation, "Removing the kubeadmin user").
const (
	BootstrapNamespace = "kube-system"
	BootstrapSecret    = "kubeadmin"
)

// An OAuth is the configuration of OpenShift's own sign-in server; only which providers it asks is read.
type OAuth struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		IdentityProviders []IdentityProvider `json:"identityProviders,omitempty"`
	} `json:"spec"`
}

// An IdentityProvider is one source of identities: HTPasswd is a file of users and passwords, the other types (LDAP,
// OpenID, GitHub, GitLab, Google, Keystone, BasicAuth, RequestHeader) ask a system of identities.
type IdentityProvider struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// An Authentication says who checks the tokens of people: OpenShift's own server (type IntegratedOAuth, or none
// written), or identity providers directly (type OIDC).
type Authentication struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Type          string `json:"type,omitempty"`
		OIDCProviders []struct {
			Name string `json:"name"`
		} `json:"oidcProviders,omitempty"`
	} `json:"spec"`
}
