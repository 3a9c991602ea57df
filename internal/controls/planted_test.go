package controls_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"vigie/internal/control"
	"vigie/internal/control/controltest"
	"vigie/internal/controls"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/source"
)

// planted are objects with a private key, KEY, in every place where one is found in practice. KEY64 is the same in
// base64, KEYLINE on one line.
const planted = `
{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: data, namespace: shop}, data: {tls.crt: KEY64, tls.key: KEY64, ca.crt: KEY64}}
---
{apiVersion: v1, kind: Secret, metadata: {name: text, namespace: shop}, stringData: {tls.key: KEYLINE, config: KEYLINE}}
---
{apiVersion: v1, kind: Secret, metadata: {name: not-encoded, namespace: shop}, data: {tls.key: KEYLINE}}
---
{apiVersion: v1, kind: Secret, metadata: {name: wrong, namespace: shop}, data: {tls.key: {nested: KEYLINE}}, stringData: {tls.key: [KEYLINE]}}
---
{apiVersion: v1, kind: Secret, metadata: {name: broken, namespace: shop}, data: [KEYLINE]}
---
{apiVersion: v1, kind: Secret, metadata: {name: copied, namespace: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: "{\"stringData\":{\"k\":\"KEY64\"}}", kapp.k14s.io/original: KEY64, notes: KEYLINE}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: sops, namespace: shop}, stringData: {tls.key: KEYLINE}, sops: {age: [{enc: KEYLINE}], mac: KEYLINE, encrypted_regex: ^none$}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: config, namespace: shop}, data: {tls.key: KEYLINE}, binaryData: {k: KEY64}}
---
{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: route, namespace: shop}, spec: {host: a.example.test, to: {name: web}, tls: {termination: reencrypt, key: KEYLINE, certificate: KEYLINE, caCertificate: KEYLINE, destinationCACertificate: KEYLINE}}}
---
{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: sealed, namespace: shop, annotations: {old: KEYLINE}}, spec: {encryptedData: {k: KEYLINE}, template: {data: {k: KEYLINE}, metadata: {annotations: {old: KEYLINE}}}}, status: {conditions: [{type: Synced, status: "False", message: KEYLINE}]}}
---
{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: external, namespace: shop}, spec: {target: {template: {data: {k: KEYLINE}}}}, status: {conditions: [{type: Ready, status: "False", message: KEYLINE}]}}
---
{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultStaticSecret, metadata: {name: vault, namespace: shop}, spec: {destination: {name: v, transformation: {templates: {k: {text: KEYLINE}}}}}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: cert, namespace: shop, annotations: {old: KEYLINE}}, spec: {secretName: t}, status: {conditions: [{type: Ready, status: "False", message: KEYLINE}]}}
`

// keeper keeps the inventory and what was said.
type keeper struct {
	inv *inventory.Inventory
	out bytes.Buffer
}

// Begin implements scan.Handler.
func (k *keeper) Begin(inv *inventory.Inventory, _ source.Stats) error {
	k.inv = inv
	return nil
}

// Finding implements scan.Handler.
func (k *keeper) Finding(f *control.Finding) error {
	fmt.Fprintln(&k.out, f.Control.ID, f.Verdict, f.Subject, f.Part, f.Reason, f.Values, f.Gaps, f.Labels, f.Path)
	return nil
}

// TestPlantedKeys holds that a private key in a manifest reaches no finding, no list of what was not read, and no
// object of the inventory. The bytes of the manifest itself, kept to find lines, are left out.
func TestPlantedKeys(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	path := filepath.Join(t.TempDir(), "objects.yaml")
	objects := strings.NewReplacer("KEY64", base64.StdEncoding.EncodeToString([]byte(text)), "KEYLINE", fmt.Sprintf("%q", text)).Replace(planted)
	if err := os.WriteFile(path, []byte(objects), 0o600); err != nil {
		t.Fatal(err)
	}
	needles := []string{string(der[40:60]), strings.Split(text, "\n")[1], base64.StdEncoding.EncodeToString([]byte(text))[60:100]}
	for _, from := range []string{"files", "git", "live"} {
		k := &keeper{}
		s := controltest.Scan(&given.Facts{Source: from}, []string{path}, controls.All(), controltest.Parameters(t, ""))
		if _, err := s.Run(context.Background(), func() time.Duration { return 0 }, k); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(k.out.String(), "\n"); n < 13 || k.inv.Namespaces() != 1 || len(k.inv.Unread) != 1 {
			t.Fatalf("%s: %d findings, %d namespaces, %d documents not read: the plants were not looked at", from, n, k.inv.Namespaces(), len(k.inv.Unread))
		}
		w := walker{seen: map[uintptr]bool{}, say: func(text, at string) {
			for _, n := range needles {
				if strings.Contains(text, n) {
					t.Errorf("%s: the key is kept at %s", from, at)
				}
			}
		}}
		w.walk(reflect.ValueOf(k.inv), "inventory")
		if w.strings < 100 {
			t.Errorf("%s: only %d texts of the inventory were looked at", from, w.strings)
		}
		for _, u := range k.inv.Unread {
			w.say(fmt.Sprint(u.Reason, u.Values, u.Ref), "unread")
		}
		for _, n := range needles {
			if strings.Contains(k.out.String(), n) {
				t.Errorf("%s: the key is said in a finding", from)
			}
		}
	}
}

// A walker looks at every text that is reachable from a value, of unexported fields too.
type walker struct {
	seen    map[uintptr]bool
	strings int
	say     func(text, at string)
}

var locator = reflect.TypeFor[inventory.Place]()

func (w *walker) walk(v reflect.Value, at string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !w.seen[v.Pointer()] {
			w.seen[v.Pointer()] = true
			w.walk(v.Elem(), at)
		}
	case reflect.Interface:
		w.walk(v.Elem(), at)
	case reflect.Struct:
		if v.Type() == locator {
			return
		}
		for i := range v.NumField() {
			w.walk(v.Field(i), at+"."+v.Type().Field(i).Name)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			w.walk(k, at)
			w.walk(v.MapIndex(k), fmt.Sprintf("%s[%v]", at, k))
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
			w.strings++
			w.say(string(v.Bytes()), at)
			return
		}
		for i := range v.Len() {
			w.walk(v.Index(i), at)
		}
	case reflect.String:
		w.strings++
		w.say(v.String(), at)
	}
}
