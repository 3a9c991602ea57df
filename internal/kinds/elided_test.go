package kinds

import (
	"encoding/base64"
	"fmt"
	"testing"
)

// TestElided: what oc adm inspect puts in place of a value says its size and is equal to nothing.
func TestElided(t *testing.T) {
	left := base64.StdEncoding.EncodeToString([]byte("16 bytes long"))
	var s Secret
	if err := Decode([]byte(fmt.Sprintf(`{"data":{"a":%q,"b":%q,"c":%q,"d":%q}}`, left, left, base64.StdEncoding.EncodeToString([]byte("16 bytes long!")), left[:8])), &s); err != nil {
		t.Fatal(err)
	}
	a, b, c := s.Data["a"], s.Data["b"], s.Data["c"]
	if !a.Elided || a.Size != 16 || a.Digest == b.Digest || a.Digest == "" {
		t.Errorf("left out: %+v %+v", a, b)
	}
	if c.Elided || c.Size != 14 {
		t.Errorf("a value: %+v", c)
	}
}
