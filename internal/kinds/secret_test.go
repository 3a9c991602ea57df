package kinds

import (
	"fmt"
	"strings"
	"testing"
)

// TestSecretKeepsNoValue holds that a Secret can be printed, in any way, without its values; that a value that is no
// base64 does not hide the object; and that equal values have equal digests.
func TestSecretKeepsNoValue(t *testing.T) {
	const value = "Zk8vQp2LwX5tRn7c"
	var s Secret
	err := Decode([]byte(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"p":"`+value+`","q":"`+value+`"},"data":{"b":"WmLCrA==","odd":"{`+value+`}","n":7}}`), &s)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(form, s); strings.Contains(out, value) || strings.Contains(out, "WmLCrA") {
			t.Errorf("%s shows a value", form)
		}
	}
	if s.StringData["p"].Digest != s.StringData["q"].Digest || s.StringData["p"].Size != len(value) {
		t.Error("equal values, different digests, or a wrong size")
	}
	if !s.Data["odd"].NotBase64 || s.Data["b"].NotBase64 || s.Data["b"].Size != 4 {
		t.Errorf("base64: %+v", s.Data)
	}
}

func TestDecodeErrors(t *testing.T) {
	type pod struct {
		Spec struct {
			Replicas *int32           `json:"replicas"`
			Ready    bool             `json:"ready"`
			List     []map[string]any `json:"list"`
		} `json:"spec"`
	}
	for doc, want := range map[string]string{
		`{"spec":{"replicas":"hunter2"}}`:   "spec.replicas: want an integer",
		`{"spec":{"ready":"hunter2"}}`:      "spec.ready: want a boolean",
		`{"spec":{"list":{"a":"hunter2"}}}`: "spec.list: want a list",
		`{"spec":{"list":["hunter2"]}}`:     "spec.list.0: want a map",
	} {
		err := Decode([]byte(doc), &pod{})
		if err == nil || err.Error() != want || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s", doc, err, want)
		}
	}
	if err := Decode([]byte(`{"Spec":{"replicas":"x"}}`), &pod{}); err != nil {
		t.Errorf("names are case-sensitive as in the API: %v", err)
	}
}

// TestValueForms holds what is a value in clear and what is none. The values are made up.
func TestValueForms(t *testing.T) {
	for value, want := range map[string]ValueForm{
		"": ValueEmpty, " \n": ValueEmpty, "hunter2": ValueClear, "{}": ValueClear,
		"ENC[AES256_GCM,data:QUI=,iv:QUI=,tag:QUI=,type:str]":   ValueClosed,
		"x ENC[AES256_GCM,data:QUI=,iv:QUI=,tag:QUI=,type:str]": ValueClear,
		"ENC[hunter2]":                     ValueClear,
		"$ANSIBLE_VAULT;1.1;AES256\n3132":  ValueClosed,
		"${PASSWORD}":                      ValuePlaceholder,
		"${PASSWORD:-hunter2}":             ValueClear,
		"${PASSWORD:?not set}":             ValuePlaceholder,
		"{{ .Values.password }}":           ValuePlaceholder,
		"<path:secret/data/db#password>":   ValuePlaceholder,
		`<user name="a" password="b"/>`:    ValueClear,
		"ref+vault://secret/db#/password":  ValuePlaceholder,
		"vault:secret/data/db#password":    ValuePlaceholder,
		"vault: hunter2":                   ValueClear,
		"user=a\npassword=${PASSWORD}\n":   ValuePlaceholder,
		"user=${USER}\npassword=hunter2\n": ValueClear,
		"xxxxxxxx":                         ValuePlaceholder, "***": ValuePlaceholder, "REDACTED": ValuePlaceholder,
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n":                                 ValuePublic,
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\npassword=hunter2\n":               ValueClear,
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n":                               ValueClear, // none: the label proves nothing
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n":                               ValueClear,
		"-----BEGIN PRIVATE KEY-----\n?\n-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n": ValueClear,
	} {
		if got := digest([]byte(value)).Form; got != want {
			t.Errorf("%q: form %d, want %d", value, got, want)
		}
	}
}
