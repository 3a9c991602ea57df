package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// crdFiles are the definitions that modules of the proxy publish. The other kinds that Vigie reads are ownKinds: their
// projects' modules are not served there, hold no definitions, or do not exist.
var crdFiles = []moduleFiles{
	{crd: true, module: "github.com/openshift/api", globs: slices.Concat(
		openshift("apiserver/v1", "_apirequestcounts"),
		openshift("config/v1", "_clusteroperators", "_clusterversions-Default", "_apiservers-Default", "_authentications-Default", "_dnses",
			"_featuregates", "_imagedigestmirrorsets", "_images", "_infrastructures-Default", "_ingresses", "_networks", "_oauths", "_projects",
			"_proxies", "_schedulers-SelfManagedHA-Default"),
		openshift("imageregistry/v1", "_configs", "_imagepruners"),
		openshift("machine/v1", "_controlplanemachinesets-Default"),
		openshift("machine/v1beta1", "_machinehealthchecks", "_machines-Default", "_machinesets-Default"),
		openshift("machineconfiguration/v1", "_containerruntimeconfigs-Default", "_kubeletconfigs", "_machineconfigpools-Default", "_machineconfigs"),
		openshift("network/v1", "_clusternetworks", "_egressnetworkpolicies", "_hostsubnets", "_netnamespaces"),
		openshift("quota/v1", "_clusterresourcequotas"),
		openshift("route/v1", "routes"),
		openshift("samples/v1", "_configs"),
		openshift("security/v1", "_securitycontextconstraints"),
	)},
	{crd: true, module: "github.com/vmware-tanzu/velero", globs: []string{"config/crd/v1/bases/*.yaml", "config/crd/v2alpha1/bases/*.yaml"}},
	{crd: true, module: "github.com/cert-manager/cert-manager", globs: []string{"deploy/crds/cert-manager.io_*.yaml"}},
	{crd: true, module: "github.com/external-secrets/external-secrets", globs: []string{"config/crds/bases/external-secrets.io_*.yaml"}},
	{crd: true, module: "github.com/operator-framework/api", globs: each("crds/operators.coreos.com_%s.yaml",
		"catalogsources", "clusterserviceversions", "installplans", "operatorgroups", "subscriptions")},
	{crd: true, module: "github.com/prometheus-operator/prometheus-operator", globs: each("example/prometheus-operator-crd-full/monitoring.coreos.com_%s.yaml",
		"alertmanagerconfigs", "podmonitors", "probes", "prometheusrules", "servicemonitors")},
}

// openshift names files of a package of OpenShift's own API.
func openshift(pkg string, names ...string) []string {
	return each(pkg+"/zz_generated.crd-manifests/*%s.crd.yaml", names...)
}

func each(format string, names ...string) (out []string) {
	for _, name := range names {
		out = append(out, fmt.Sprintf(format, name))
	}
	return out
}

// A ownKind is a custom resource whose definition is written here: its names and scope are the real ones, every field is
// kept as it was sent, and those of schema are checked. None has a subresource status: what is read of one is then
// written in one request.
type ownKind struct {
	group, version, kind, plural string
	cluster                      bool
	schema                       string // properties of the object, in YAML; empty: spec and status with any field
}

// ownKinds stand for software that is not here. Their sources:
//   - OpenShift's builds, images, deployments, templates, users and applied quotas are no custom resources there but are
//     served by aggregated API servers: openshift/api, {apps,build,image,quota,template,user}/v1/types.go.
//     (rolebindingrestrictions is one there, in the group and version that the sandbox's stand-in for those servers takes
//     whole; a stock API server serves a group's version from one place, so it is missing here.)
//   - logging: openshift/cluster-logging-operator, api/observability/v1 and api/logging/v1.
//   - egress: ovn-org/ovn-kubernetes, go-controller/pkg/crd/egressfirewall/v1/types.go.
//   - Kasten, which is not open source: docs.kasten.io, API, and the rights in the public chart, kastenhq/helm-charts.
//   - others: kube-object-storage/lib-bucket-provisioner, quay/container-security-operator, aquasecurity/trivy-operator,
//     argoproj/argo-cd, tektoncd/pipeline, backube/volsync, backube/snapscheduler, cloudnative-pg/cloudnative-pg,
//     CrunchyData/postgres-operator, bitnami-labs/sealed-secrets, kubernetes-sigs/secrets-store-csi-driver,
//     hashicorp/vault-secrets-operator.
var ownKinds = []ownKind{
	{group: "apps.openshift.io", version: "v1", kind: "DeploymentConfig", plural: "deploymentconfigs"},
	{group: "build.openshift.io", version: "v1", kind: "BuildConfig", plural: "buildconfigs"},
	{group: "build.openshift.io", version: "v1", kind: "Build", plural: "builds"},
	{group: "image.openshift.io", version: "v1", kind: "ImageStream", plural: "imagestreams"},
	{group: "image.openshift.io", version: "v1", kind: "ImageStreamTag", plural: "imagestreamtags"},
	{group: "template.openshift.io", version: "v1", kind: "Template", plural: "templates"},
	{group: "template.openshift.io", version: "v1", kind: "TemplateInstance", plural: "templateinstances"},
	{group: "quota.openshift.io", version: "v1", kind: "AppliedClusterResourceQuota", plural: "appliedclusterresourcequotas"},
	{group: "user.openshift.io", version: "v1", kind: "User", plural: "users", cluster: true},
	{group: "user.openshift.io", version: "v1", kind: "Group", plural: "groups", cluster: true},
	{group: "user.openshift.io", version: "v1", kind: "Identity", plural: "identities", cluster: true},

	{group: "observability.openshift.io", version: "v1", kind: "ClusterLogForwarder", plural: "clusterlogforwarders", schema: logForwarder},
	{group: "logging.openshift.io", version: "v1", kind: "ClusterLogForwarder", plural: "clusterlogforwarders"},
	{group: "logging.openshift.io", version: "v1", kind: "ClusterLogging", plural: "clusterloggings"},
	{group: "k8s.ovn.org", version: "v1", kind: "EgressFirewall", plural: "egressfirewalls"},

	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "BackupAction", plural: "backupactions", schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "BackupClusterAction", plural: "backupclusteractions", cluster: true, schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "BatchRestoreAction", plural: "batchrestoreactions", schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "CancelAction", plural: "cancelactions"},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "ExportAction", plural: "exportactions", schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "ImportAction", plural: "importactions", schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "ReportAction", plural: "reportactions", schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "RestoreAction", plural: "restoreactions", schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "RestoreClusterAction", plural: "restoreclusteractions", cluster: true, schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "RetireAction", plural: "retireactions", cluster: true, schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "RunAction", plural: "runactions", schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "UpgradeAction", plural: "upgradeactions", schema: kastenAction},
	{group: "actions.kio.kasten.io", version: "v1alpha1", kind: "ValidateAction", plural: "validateactions", schema: kastenAction},
	{group: "apps.kio.kasten.io", version: "v1alpha1", kind: "Application", plural: "applications"},
	{group: "apps.kio.kasten.io", version: "v1alpha1", kind: "ClusterRestorePoint", plural: "clusterrestorepoints", cluster: true, schema: kastenPoint},
	{group: "apps.kio.kasten.io", version: "v1alpha1", kind: "RestorePoint", plural: "restorepoints", schema: kastenPoint},
	{group: "apps.kio.kasten.io", version: "v1alpha1", kind: "RestorePointContent", plural: "restorepointcontents", cluster: true, schema: kastenContent},
	{group: "config.kio.kasten.io", version: "v1alpha1", kind: "BlueprintBinding", plural: "blueprintbindings"},
	{group: "config.kio.kasten.io", version: "v1alpha1", kind: "Policy", plural: "policies", schema: kastenPolicy},
	{group: "config.kio.kasten.io", version: "v1alpha1", kind: "PolicyPreset", plural: "policypresets"},
	{group: "config.kio.kasten.io", version: "v1alpha1", kind: "Profile", plural: "profiles", schema: kastenProfile},
	{group: "config.kio.kasten.io", version: "v1alpha1", kind: "StorageSecurityContext", plural: "storagesecuritycontexts"},
	{group: "config.kio.kasten.io", version: "v1alpha1", kind: "StorageSecurityContextBinding", plural: "storagesecuritycontextbindings"},
	{group: "config.kio.kasten.io", version: "v1alpha1", kind: "TransformSet", plural: "transformsets"},

	{group: "objectbucket.io", version: "v1alpha1", kind: "ObjectBucketClaim", plural: "objectbucketclaims"},
	{group: "objectbucket.io", version: "v1alpha1", kind: "ObjectBucket", plural: "objectbuckets", cluster: true},
	{group: "secscan.quay.redhat.com", version: "v1alpha1", kind: "ImageManifestVuln", plural: "imagemanifestvulns"},
	{group: "aquasecurity.github.io", version: "v1alpha1", kind: "VulnerabilityReport", plural: "vulnerabilityreports"},
	{group: "argoproj.io", version: "v1alpha1", kind: "Application", plural: "applications"},
	{group: "tekton.dev", version: "v1", kind: "PipelineRun", plural: "pipelineruns"},
	{group: "volsync.backube", version: "v1alpha1", kind: "ReplicationSource", plural: "replicationsources"},
	{group: "volsync.backube", version: "v1alpha1", kind: "ReplicationDestination", plural: "replicationdestinations"},
	{group: "snapscheduler.backube", version: "v1", kind: "SnapshotSchedule", plural: "snapshotschedules"},
	{group: "postgresql.cnpg.io", version: "v1", kind: "Backup", plural: "backups"},
	{group: "postgresql.cnpg.io", version: "v1", kind: "Cluster", plural: "clusters"},
	{group: "postgresql.cnpg.io", version: "v1", kind: "ScheduledBackup", plural: "scheduledbackups"},
	{group: "postgres-operator.crunchydata.com", version: "v1beta1", kind: "PostgresCluster", plural: "postgresclusters"},
	{group: "bitnami.com", version: "v1alpha1", kind: "SealedSecret", plural: "sealedsecrets"},
	{group: "secrets-store.csi.x-k8s.io", version: "v1", kind: "SecretProviderClass", plural: "secretproviderclasses"},
	{group: "secrets.hashicorp.com", version: "v1beta1", kind: "VaultDynamicSecret", plural: "vaultdynamicsecrets"},
	{group: "secrets.hashicorp.com", version: "v1beta1", kind: "VaultPKISecret", plural: "vaultpkisecrets"},
	{group: "secrets.hashicorp.com", version: "v1beta1", kind: "VaultStaticSecret", plural: "vaultstaticsecrets"},
}

// Fields of the kinds above whose values have meaning, so that a fixture that misspells one is refused.
const (
	kastenAction = `
status:
  type: object
  x-kubernetes-preserve-unknown-fields: true
  properties:
    state: {type: string, enum: [Pending, Running, AttemptFailed, Failed, Complete, Skipped, Deleting, Cancelled]}
    startTime: {type: string, format: date-time, nullable: true}
    endTime: {type: string, format: date-time, nullable: true}
    exceptions: {type: array, nullable: true, items: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    actionDetails: {type: object, x-kubernetes-preserve-unknown-fields: true}
    volumeDataCheckResult: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {errCount: {type: integer}}}}
`
	kastenPoint = `
status:
  type: object
  x-kubernetes-preserve-unknown-fields: true
  properties:
    actionTime: {type: string, format: date-time}
    scheduledTime: {type: string, format: date-time}
`
	kastenContent = `
status:
  type: object
  x-kubernetes-preserve-unknown-fields: true
  properties:
    state: {type: string, enum: [Bound, Unbound]}
    actionTime: {type: string, format: date-time}
    scheduledTime: {type: string, format: date-time}
`
	kastenPolicy = `
spec:
  type: object
  x-kubernetes-preserve-unknown-fields: true
  properties:
    frequency: {type: string, enum: ["@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@onDemand"]}
    paused: {type: boolean}
status:
  type: object
  x-kubernetes-preserve-unknown-fields: true
  properties:
    validation: {type: string, enum: [Pending, Success, Failed]}
`
	kastenProfile = `
status:
  type: object
  x-kubernetes-preserve-unknown-fields: true
  properties:
    validation: {type: string, enum: [Pending, Success, Failed]}
`
	logForwarder = `
spec:
  type: object
  x-kubernetes-preserve-unknown-fields: true
  properties:
    managementState: {type: string, enum: [Managed, Unmanaged]}
    outputs: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true, required: [name, type], properties: {name: {type: string}, type: {type: string}}}}
    pipelines: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true, required: [inputRefs, outputRefs]}}
    serviceAccount: {type: object, x-kubernetes-preserve-unknown-fields: true, required: [name]}
status:
  type: object
  x-kubernetes-preserve-unknown-fields: true
  properties:
    conditions: &conditions {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true, required: [type, status]}}
    inputConditions: *conditions
    outputConditions: *conditions
    filterConditions: *conditions
    pipelineConditions: *conditions
`
)

// definition is the CustomResourceDefinition of a kind.
func (k ownKind) definition() ([]byte, error) {
	properties := map[string]any{}
	if err := yaml.Unmarshal([]byte(k.schema), &properties); err != nil {
		return nil, fmt.Errorf("schema of %s: %w", k.kind, err)
	}
	scope := "Namespaced"
	if k.cluster {
		scope = "Cluster"
	}
	schema := map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	if len(properties) > 0 {
		schema["properties"] = properties
	}
	return encode(map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": k.plural + "." + k.group},
		"spec": map[string]any{
			"group": k.group, "scope": scope,
			"names": map[string]any{"kind": k.kind, "listKind": k.kind + "List", "plural": k.plural, "singular": strings.ToLower(k.kind)},
			"versions": []any{map[string]any{
				"name": k.version, "served": true, "storage": true, "schema": map[string]any{"openAPIV3Schema": schema},
			}},
		},
	})
}

// lean is a definition as JSON with its name, without the texts that explain its fields: they are two thirds of it, and the API server
// reads, keeps and serves them again and again.
func lean(text []byte) (name string, lean []byte, err error) {
	var crd map[string]any
	if err := yaml.Unmarshal(text, &crd); err != nil {
		return "", nil, err
	}
	meta, _ := crd["metadata"].(map[string]any)
	name, _ = meta["name"].(string)
	if crd["kind"] != "CustomResourceDefinition" || name == "" {
		return "", nil, fmt.Errorf("it is a %v named %q, not a definition of a custom resource", crd["kind"], name)
	}
	delete(crd, "status") // older generators leave an empty one
	dropTexts(crd["spec"])
	lean, err = encode(crd)
	if err != nil || len(lean) <= long {
		return name, lean, err
	}
	spec, _ := crd["spec"].(map[string]any)
	versions, _ := spec["versions"].([]any)
	for _, v := range versions {
		version, _ := v.(map[string]any)
		schema, _ := version["schema"].(map[string]any)
		cut(schema["openAPIV3Schema"], 0)
	}
	lean, err = encode(crd)
	return name, lean, err
}

// A definition of more bytes than long is cut below the level deep: what is above is checked, what is below is kept as it
// was sent. Four such definitions, left whole, cost the API server as much time as the hundred others and the start of the
// cluster together.
const (
	long = 16 << 10
	deep = 3
)

// cut cuts a schema. Rules go, since they may be about what is below.
func cut(v any, level int) {
	schema, ok := v.(map[string]any)
	if !ok {
		return
	}
	delete(schema, "x-kubernetes-validations")
	properties, _ := schema["properties"].(map[string]any)
	for _, in := range []string{"items", "additionalProperties"} {
		cut(schema[in], level)
	}
	if level < deep {
		for _, p := range properties {
			cut(p, level+1)
		}
		return
	}
	switch {
	case properties != nil:
		for _, about := range []string{"properties", "required", "oneOf", "anyOf", "allOf", "not"} {
			delete(schema, about)
		}
		schema["x-kubernetes-preserve-unknown-fields"] = true
	case schema["items"] != nil:
		delete(schema, "x-kubernetes-list-map-keys") // they are below
		if schema["x-kubernetes-list-type"] == "map" {
			delete(schema, "x-kubernetes-list-type")
		}
	}
}

// dropTexts removes descriptions from a schema. A field of that name is an object there, and stays.
func dropTexts(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, text := v["description"].(string); text {
			delete(v, "description")
		}
		for key, in := range v {
			if key != "default" && key != "enum" && key != "example" {
				dropTexts(in)
			}
		}
	case []any:
		for _, in := range v {
			dropTexts(in)
		}
	}
}

// crdSenders is how many definitions are sent at once.
const crdSenders = 4

// sumOf is the annotation by which a definition of an earlier start is known to be the same.
const sumOf = "sandbox.local/sum"

// crdPath is where definitions are.
const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

// A crd is a definition to be sent.
type crd struct {
	name string
	text []byte
	sum  string
}

// applyCRDs gives the cluster the definitions of a folder and those of kinds, and waits until each is served. What an
// earlier start has given is not sent again: with a hundred definitions that would be most of a start.
func (a *apiClient) applyCRDs(ctx context.Context, dir string, kinds []ownKind) error {
	all, err := readCRDs(dir, kinds)
	if err != nil {
		return err
	}
	there, err := a.sumsOfCRDs()
	if err != nil {
		return err
	}
	work, done := make(chan crd), make(chan error)
	for range crdSenders {
		go func() {
			var failed []error
			for d := range work {
				failed = append(failed, a.sendCRD(d, there))
			}
			done <- errors.Join(failed...)
		}()
	}
	for _, d := range all {
		if there[d.name] != d.sum {
			work <- d
		}
	}
	close(work)
	for range crdSenders {
		err = errors.Join(err, <-done)
	}
	if err != nil {
		return err
	}
	return await(ctx, "the custom resources", func() error { return a.serves(all) })
}

func readCRDs(dir string, kinds []ownKind) ([]crd, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no definitions in %s: remove it, and sandbox build makes it again", dir)
	}
	var texts [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	for _, k := range kinds {
		text, err := k.definition()
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	var all []crd
	for _, text := range texts {
		d := crd{sum: fmt.Sprintf("%x", sha256.Sum256(text))}
		var object map[string]any
		if err := decode(text, &object); err != nil {
			return nil, err
		}
		meta, ok := object["metadata"].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("a definition in %s has no metadata", dir)
		}
		d.name, _ = meta["name"].(string)
		notes, _ := meta["annotations"].(map[string]any)
		if notes == nil {
			notes = map[string]any{}
		}
		notes[sumOf], meta["annotations"] = d.sum, notes
		if d.text, err = encode(object); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// sumsOfCRDs are the sums of the definitions that the cluster has, by name.
func (a *apiClient) sumsOfCRDs() (map[string]string, error) {
	var list struct {
		Items []struct {
			Metadata struct {
				Name        string
				Annotations map[string]string
			}
		}
	}
	if err := a.getAs("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", crdPath, &list); err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, d := range list.Items {
		sums[d.Metadata.Name] = d.Metadata.Annotations[sumOf]
	}
	return sums, nil
}

// sendCRD creates a definition, which costs the API server less than to apply it, or replaces one that has changed.
func (a *apiClient) sendCRD(d crd, there map[string]string) error {
	if _, old := there[d.name]; !old {
		return a.post(crdPath, d.text)
	}
	return a.apply(crdPath+"/"+d.name, d.text, nil)
}

// serves is nil once discovery has every one of the resources: one question about all, since one answer about one
// definition is as long as the definition is.
func (a *apiClient) serves(all []crd) error {
	var found struct {
		Items []struct {
			Metadata struct{ Name string }
			Versions []struct {
				Resources []struct{ Resource string }
			}
		}
	}
	if err := a.getAs("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "/apis", &found); err != nil {
		return err
	}
	served := map[string]bool{}
	for _, group := range found.Items {
		for _, v := range group.Versions {
			for _, r := range v.Resources {
				served[r.Resource+"."+group.Metadata.Name] = true
			}
		}
	}
	for _, d := range all {
		if !served[d.name] {
			return fmt.Errorf("%s is not served yet", d.name)
		}
	}
	return nil
}
