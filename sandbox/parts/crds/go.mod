module sandbox/crds

go 1.26.0

// Only files are taken of these: no program is built, so nothing that they require is downloaded or listed in go.sum.
// To change one: go get MODULE@VERSION does too much; write the version here and run go mod download MODULE.
require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/external-secrets/external-secrets v1.3.2
	github.com/openshift/api v0.0.0-20260318185450-1f2fa3f09f4e
	github.com/operator-framework/api v0.9.1
	github.com/prometheus-operator/prometheus-operator v0.85.0
	github.com/vmware-tanzu/velero v1.18.3
)
