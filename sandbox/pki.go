package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority is the cluster's own certificate authority.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

// identities are the certificates by which the daemons and the people are known, their groups, and the names that those
// who serve are called by.
var identities = []struct{ file, name, group string }{
	{"admin", "admin", "system:masters"},
	{"tenant", "tenant", "boutique"},
	{"provider", "provider", "platform"},
	{"controller-manager", "system:kube-controller-manager", ""},
	{"scheduler", "system:kube-scheduler", ""},
	{"proxy", "system:kube-proxy", ""},
	{"kubelet", "system:node:" + node, "system:nodes"},
	{"front-proxy", "front-proxy", ""}, // by which an aggregated API server knows the one in front
	{"openshift", "system:openshift-apiserver", "system:masters"},
}

// makePKI makes the keys and certificates of the cluster. What is there is kept: a cluster that starts again is the same,
// and one that was made by an older launcher gets what has come since.
func (c Cluster) makePKI() error {
	dir := c.in("pki")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	a, err := openAuthority(dir)
	if err != nil {
		return err
	}
	if err := a.signing(); err != nil {
		return err
	}
	names := []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
	if err := a.issue("apiserver", "kube-apiserver", "", names, "127.0.0.1", c.nodeIP(), c.apiIP()); err != nil {
		return err
	}
	hosts := map[string][]string{"kubelet": {node}, "openshift": {"api.openshift-apiserver.svc"}}
	for _, id := range identities {
		var ips []string
		if hosts[id.file] != nil {
			ips = []string{"127.0.0.1", c.nodeIP()}
		}
		if err := a.issue(id.file, id.name, id.group, hosts[id.file], ips...); err != nil {
			return err
		}
	}
	return nil
}

// writeKubeconfigs writes one for each identity, with the server as the daemons see it, and those of people for this
// machine.
func (c Cluster) writeKubeconfigs(o options) error {
	ca, err := os.ReadFile(c.in("pki", "ca.crt"))
	if err != nil {
		return err
	}
	a := &authority{dir: c.in("pki"), pem: ca}
	for _, id := range identities {
		if err := a.kubeconfig(id.file, id.file+".kubeconfig", o.server(c)); err != nil {
			return err
		}
	}
	for _, who := range people {
		file, err := c.KubeconfigAs(who)
		if err != nil {
			return err
		}
		if err := a.kubeconfig(who, filepath.Base(file), fmt.Sprintf("https://127.0.0.1:%d", c.port())); err != nil {
			return err
		}
	}
	return nil
}

// has tells whether a file is there, which is written last of those that belong together.
func (a *authority) has(file string) bool {
	_, err := os.Stat(filepath.Join(a.dir, file))
	return err == nil
}

// signing makes the key of service accounts' tokens.
func (a *authority) signing() error {
	if a.has("sa.pub") {
		return nil
	}
	signing, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&signing.PublicKey)
	if err != nil {
		return err
	}
	if err := a.write("sa.key", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(signing)); err != nil {
		return err
	}
	return a.write("sa.pub", "PUBLIC KEY", public)
}

// openAuthority reads the authority of a folder, or makes it.
func openAuthority(dir string) (*authority, error) {
	a := &authority{dir: dir}
	if !a.has("ca.crt") {
		return newAuthority(dir)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key"))
	if err != nil {
		return nil, fmt.Errorf("read the cluster's authority (sandbox down -wipe forgets it): %w", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the key of the cluster's authority is a %T: sandbox down -wipe forgets it", pair.PrivateKey)
	}
	a.cert, a.key, a.pem = pair.Leaf, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	return a, nil
}

func newAuthority(dir string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := template("vigie-sandbox-ca", "")
	t.IsCA, t.BasicConstraintsValid, t.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	a := &authority{dir: dir, key: key}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := a.writeKey("ca", key); err != nil {
		return nil, err
	}
	return a, a.write("ca.crt", "CERTIFICATE", der)
}

func template(name, group string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(10, 0, 0),
	}
	if group != "" {
		t.Subject.Organization = []string{group}
	}
	return t
}

// issue makes FILE.crt and FILE.key, good for both ends of a connection, unless they are there.
func (a *authority) issue(file, name, group string, hosts []string, ips ...string) error {
	if a.has(file + ".crt") {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := template(name, group)
	t.KeyUsage, t.DNSNames = x509.KeyUsageDigitalSignature, hosts
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, ip := range ips {
		t.IPAddresses = append(t.IPAddresses, net.ParseIP(ip))
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return err
	}
	if err := a.writeKey(file, key); err != nil {
		return err
	}
	return a.write(file+".crt", "CERTIFICATE", der)
}

func (a *authority) writeKey(file string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return a.write(file+".key", "EC PRIVATE KEY", der)
}

func (a *authority) write(file, what string, der []byte) error {
	return os.WriteFile(filepath.Join(a.dir, file), pem.EncodeToMemory(&pem.Block{Type: what, Bytes: der}), 0o600)
}

// kubeconfig writes one that holds the identity whole.
func (a *authority) kubeconfig(identity, file, server string) error {
	cert, err := os.ReadFile(filepath.Join(a.dir, identity+".crt"))
	if err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(a.dir, identity+".key"))
	if err != nil {
		return err
	}
	b64 := base64.StdEncoding.EncodeToString
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: sandbox
contexts: [{name: sandbox, context: {cluster: sandbox, user: %[1]s}}]
clusters: [{name: sandbox, cluster: {server: %[2]q, certificate-authority-data: %[3]s}}]
users: [{name: %[1]s, user: {client-certificate-data: %[4]s, client-key-data: %[5]s}}]
`, identity, server, b64(a.pem), b64(cert), b64(key))
	return os.WriteFile(filepath.Join(a.dir, file), []byte(text), 0o600)
}
