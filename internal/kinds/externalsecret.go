package kinds

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// What brings Secrets from a secret manager, or opens sealed ones. Sources: external-secrets/external-secrets
// (apis/externalsecrets; the older kubernetes-client.io is of the project that it replaced),
// bitnami-labs/sealed-secrets (pkg/apis/sealedsecrets), hashicorp/vault-secrets-operator (api/v1beta1),
// kubernetes-sigs/secrets-store-csi-driver (apis/v1). Their annotations are let go of: none is read, and copies of what
// was sealed have stood there.
var (
	ExternalSecrets     = register("external-secrets.io", "externalsecrets", "ExternalSecret", namespaced, func(o *ExternalSecret) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *ExternalSecret) { o.Annotations = nil }, "kubernetes-client.io")
	SealedSecrets       = register("bitnami.com", "sealedsecrets", "SealedSecret", namespaced, func(o *SealedSecret) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *SealedSecret) { o.Annotations = nil })
	VaultStaticSecrets  = register("secrets.hashicorp.com", "vaultstaticsecrets", "VaultStaticSecret", namespaced, func(o *VaultSecret) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *VaultSecret) { o.Annotations = nil })
	VaultDynamicSecrets = register("secrets.hashicorp.com", "vaultdynamicsecrets", "VaultDynamicSecret", namespaced, func(o *VaultSecret) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *VaultSecret) { o.Annotations = nil })
	VaultPKISecrets     = register("secrets.hashicorp.com", "vaultpkisecrets", "VaultPKISecret", namespaced, func(o *VaultSecret) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *VaultSecret) { o.Annotations = nil })
	SecretProviders     = register("secrets-store.csi.x-k8s.io", "secretproviderclasses", "SecretProviderClass", namespaced, func(o *SecretProvider) *metav1.ObjectMeta { return &o.ObjectMeta }, func(o *SecretProvider) { o.Annotations = nil })
)

// A KeyOnly takes the place of a value of which only the key is read.
type KeyOnly struct{}

// UnmarshalJSON implements json.Unmarshaler: it lets go of the value.
func (KeyOnly) UnmarshalJSON([]byte) error { return nil }

// An ExternalSecret asks for a Secret made of what a secret manager holds.
type ExternalSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		RefreshPolicy   string           `json:"refreshPolicy,omitempty"` // Periodic where it is not written
		RefreshInterval *metav1.Duration `json:"refreshInterval,omitempty"`
		Target          struct {
			Name           string            `json:"name,omitempty"`
			CreationPolicy string            `json:"creationPolicy,omitempty"`
			Template       *ExternalTemplate `json:"template,omitempty"`
			Manifest       *struct {
				Kind string `json:"kind,omitempty"`
			} `json:"manifest,omitempty"` // of another kind of object than a Secret
		} `json:"target,omitempty"`
		Data []struct {
			SecretKey string `json:"secretKey,omitempty"`
		} `json:"data,omitempty"`
	} `json:"spec"`
	Status struct {
		RefreshTime           *metav1.Time     `json:"refreshTime,omitempty"`
		SyncedResourceVersion string           `json:"syncedResourceVersion,omitempty"` // generation-hash
		Conditions            []ReadyCondition `json:"conditions,omitempty"`
	} `json:"status"`
}

// An ExternalTemplate says which keys the Secret gets, by templates over what the secret manager gave.
type ExternalTemplate struct {
	MergePolicy  string             `json:"mergePolicy,omitempty"` // Replace where it is not written
	Data         map[string]KeyOnly `json:"data,omitempty"`
	TemplateFrom []struct {
		Target string `json:"target,omitempty"` // Data where it is not written
	} `json:"templateFrom,omitempty"`
}

// TargetName is the name of the Secret that the object makes or fills; empty where it makes none.
func (o *ExternalSecret) TargetName() string {
	if o.Spec.Target.CreationPolicy == "None" || o.Spec.Target.Manifest != nil {
		return ""
	}
	if o.Spec.Target.Name != "" {
		return o.Spec.Target.Name
	}
	return o.Name
}

// TargetKeys are keys that the Secret must hold, in order: those of data, or of the template in their place. What
// dataFrom and templateFrom add is only known to the controller.
func (o *ExternalSecret) TargetKeys() (out []string) {
	t := o.Spec.Target.Template
	replaced := t != nil && t.MergePolicy != "Merge" && len(t.Data)+len(t.TemplateFrom) > 0
	if !replaced {
		for _, d := range o.Spec.Data {
			if d.SecretKey != "" {
				out = append(out, d.SecretKey)
			}
		}
	}
	if t != nil {
		out = append(out, slices.Collect(maps.Keys(t.Data))...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// defaultRefresh is the interval of an ExternalSecret that names none (the default of its schema).
const defaultRefresh = time.Hour

// Interval is the time after which the values are read again; 0: never again.
func (o *ExternalSecret) Interval() time.Duration {
	switch {
	case o.Spec.RefreshPolicy != "" && o.Spec.RefreshPolicy != "Periodic":
		return 0
	case o.Spec.RefreshInterval == nil:
		return defaultRefresh
	}
	return max(o.Spec.RefreshInterval.Duration, 0)
}

// SyncedGeneration is the generation of the object that was last brought over; 0: not said.
func (o *ExternalSecret) SyncedGeneration() int64 {
	head, _, _ := strings.Cut(o.Status.SyncedResourceVersion, "-")
	n, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// A SealedSecret is a Secret that only the controller of its cluster can open.
type SealedSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		EncryptedData map[string]KeyOnly `json:"encryptedData,omitempty"`
		Template      struct {
			Metadata struct {
				Name string `json:"name,omitempty"`
			} `json:"metadata,omitempty"`
			Data map[string]KeyOnly `json:"data,omitempty"`
		} `json:"template,omitempty"`
	} `json:"spec"`
	Status struct {
		ObservedGeneration int64            `json:"observedGeneration,omitempty"`
		Conditions         []ReadyCondition `json:"conditions,omitempty"`
	} `json:"status"`
}

// TargetName is the name of the Secret that the object opens to: its own, which the seal is bound to.
func (o *SealedSecret) TargetName() string { return o.Name }

// TargetKeys are the keys that the Secret must hold, in order.
func (o *SealedSecret) TargetKeys() []string {
	keys := append(slices.Collect(maps.Keys(o.Spec.EncryptedData)), slices.Collect(maps.Keys(o.Spec.Template.Data))...)
	slices.Sort(keys)
	return slices.Compact(keys)
}

// A VaultSecret is a static, dynamic or PKI secret of HashiCorp's operator for Vault.
type VaultSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		RenewalPercent int `json:"renewalPercent,omitempty"` // of a dynamic secret's lease; 67 where it is not written
		Destination    struct {
			Name   string `json:"name"`
			Create bool   `json:"create,omitempty"`
		} `json:"destination"`
	} `json:"spec"`
	Status struct {
		LastGeneration  int64 `json:"lastGeneration,omitempty"`
		LastRenewalTime int64 `json:"lastRenewalTime,omitempty"` // Unix seconds
		SecretLease     struct {
			Duration int64 `json:"duration,omitempty"` // seconds
		} `json:"secretLease,omitempty"`
		Conditions []ReadyCondition `json:"conditions,omitempty"`
	} `json:"status"`
}

// TargetName is the name of the Secret that the object fills.
func (o *VaultSecret) TargetName() string { return o.Spec.Destination.Name }

// A SecretProvider says what the Secrets Store CSI driver mounts, and which Secrets it makes beside.
type SecretProvider struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		SecretObjects []struct {
			SecretName string `json:"secretName"`
		} `json:"secretObjects,omitempty"`
	} `json:"spec"`
}

// SecretMakerInputs are the lists of what makes Secrets: that a Secret has no manager rests on all of them.
var SecretMakerInputs = []inventory.Input{
	ExternalSecrets, SealedSecrets, VaultStaticSecrets, VaultDynamicSecrets, VaultPKISecrets, SecretProviders, Certificates,
	Services, CNPGClusters, PostgresClusters,
}

// servingCert are the annotations by which a Service asks OpenShift's service CA for a Secret (openshift/service-ca-operator,
// pkg/controller/api).
var servingCert = []string{
	"service.beta.openshift.io/serving-cert-secret-name", "service.alpha.openshift.io/serving-cert-secret-name",
}

// A SecretMaker is an object that makes a Secret.
type SecretMaker struct {
	Ref   inventory.Ref
	Place inventory.Place
}

// SecretMakers is the join of what makes the Secrets of a space, by the Secret's name; the first of several.
var SecretMakers = inventory.NewJoin(SecretMakerInputs, func(v inventory.View) map[string]SecretMaker {
	out := map[string]SecretMaker{}
	add := func(name string, ref inventory.Ref, place inventory.Place) {
		if _, known := out[name]; name != "" && !known {
			out[name] = SecretMaker{ref, place}
		}
	}
	for _, it := range ExternalSecrets.In(v) {
		add(it.Object.TargetName(), it.Ref, it.Place)
	}
	for _, it := range SealedSecrets.In(v) {
		add(it.Object.TargetName(), it.Ref, it.Place)
	}
	for _, k := range []*inventory.Kind[VaultSecret]{VaultStaticSecrets, VaultDynamicSecrets, VaultPKISecrets} {
		for _, it := range k.In(v) {
			add(it.Object.TargetName(), it.Ref, it.Place)
		}
	}
	for _, it := range SecretProviders.In(v) {
		for _, s := range it.Object.Spec.SecretObjects {
			add(s.SecretName, it.Ref, it.Place)
		}
	}
	for _, it := range Certificates.In(v) {
		add(it.Object.Spec.SecretName, it.Ref, it.Place)
	}
	for _, it := range CNPGClusters.In(v) {
		for _, name := range it.Object.MadeSecrets() {
			add(name, it.Ref, it.Place)
		}
	}
	for _, it := range PostgresClusters.In(v) {
		for _, name := range it.Object.MadeSecrets() {
			add(name, it.Ref, it.Place)
		}
	}
	for _, it := range Services.In(v) {
		for _, key := range servingCert {
			add(it.Object.Annotations[key], it.Ref, it.Place)
		}
	}
	return out
})

// makerMarks are the labels and annotations that a secret manager, or the platform's certificate authority, leaves on
// the Secrets that it makes, by the kind that it stands for.
var makerMarks = map[string]string{
	"reconcile.external-secrets.io/created-by":            "ExternalSecret",
	"reconcile.external-secrets.io/data-hash":             "ExternalSecret",
	"reconcile.external-secrets.io/managed":               "ExternalSecret",
	"secrets-store.csi.k8s.io/managed":                    "SecretProviderClass",
	"cert-manager.io/certificate-name":                    "Certificate",
	"service.beta.openshift.io/originating-service-name":  "Service",
	"service.alpha.openshift.io/originating-service-name": "Service",
	"openshift.io/owning-component":                       "Operator",
	"operator.1password.io/item-path":                     "OnePasswordItem",
	"olm.owner":                                           "ClusterServiceVersion",
	"olm.managed":                                         "ClusterServiceVersion",
}

// Maker is the kind of what made the Secret, as its owner, its labels and its annotations say; empty: nobody is named.
// What an object owns was made by that object's controller, whichever it is.
func (s *Secret) Maker() string {
	if len(s.OwnerReferences) > 0 {
		return s.OwnerReferences[0].Kind
	}
	for _, marks := range []map[string]string{s.Labels, s.Annotations} {
		for k := range marks {
			if kind := makerMarks[k]; kind != "" {
				return kind
			}
		}
	}
	if s.Labels["app.kubernetes.io/managed-by"] == "hashicorp-vso" {
		return "VaultStaticSecret"
	}
	return ""
}

// FromServiceAccount reports a Secret that the platform makes for a service account: a token, or its form for a
// registry.
func (s *Secret) FromServiceAccount() bool {
	return s.Type == "kubernetes.io/service-account-token" ||
		s.Annotations["kubernetes.io/service-account.name"] != "" || s.Annotations["openshift.io/internal-registry-auth-token.service-account"] != ""
}
