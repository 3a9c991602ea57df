package kinds

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIServers is the configuration of the API servers: one object named cluster (openshift/api, config/v1,
// types_apiserver.go).
var APIServers = register("config.openshift.io", "apiservers", "APIServer", byCluster, func(o *APIServer) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)

// An APIServer is the configuration of the API servers; only what is audited is read.
type APIServer struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Audit struct {
			Profile string      `json:"profile,omitempty"` // empty: Default
			Rules   []AuditRule `json:"customRules,omitempty"`
		} `json:"audit"`
	} `json:"spec"`
}

// An AuditRule is another profile for the requests of one group of users; the first that fits counts.
type AuditRule struct {
	Group   string `json:"group"`
	Profile string `json:"profile"`
}
